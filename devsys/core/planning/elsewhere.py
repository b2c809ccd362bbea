"""Other dates for one seat somebody cannot keep: open seats in other sessions, or the session's own new start.

Nobody else is moved or seated for it: a group of several is joined where it meets anyway, and only a session of one
person alone gets another start. What is found here holds by the board; the verifier has the last word.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from devsys.core.planning.again import Off, Places
from devsys.core.planning.board import Board, Meet
from devsys.core.planning.problem import DAY, Problem, Session, Span


@dataclass(frozen=True, slots=True)
class Seat:
    """A date for a need: `session` as it would be with it, `own` where that is the very session at another start."""

    session: Session
    own: bool

    @property
    def start(self) -> int:
        """The slot in which it starts."""
        return self.session.start


def seats_elsewhere(
    problem: Problem,
    sessions: Iterable[Session],
    need: int,
    *,
    not_in: Iterable[Span] = (),
    kept: Mapping[str, int] = MappingProxyType({}),
) -> Iterator[Seat]:
    """Give other dates for a seated need, open seats first, the soonest on time before the late ones.

    `sessions` are the calendar as it stands; nothing that touches a span of `not_in`, or the session itself, is given.
    `kept` are seats by session that are kept for others.
    Gives nothing for a need without a seat.
    """
    board = Board(problem, sessions, frozenset())
    m = board.where(need)
    if m is None:
        return
    taken = ((m.start, m.end), *not_in)
    first, end = max(0, problem.needs[need].earliest), min(problem.slots, problem.needs[need].latest)
    board.load(min(first, m.start), max(end, m.end))
    board.leave(m, need)
    alone = not m.att
    if alone:
        board.remove(m)
    places = Places(board)
    for other in places.open_seats(need):
        if board.seats_left(other) <= kept.get(other.id, 0):
            continue
        if other is not m and not _touches(other.start, other.end, taken):
            yield Seat(_with(board, other, need), own=False)
    if m.act.gmin == 1:
        yield from _new_starts(board, places, m, need, taken, alone=alone)


def _touches(start: int, end: int, spans: Iterable[Span]) -> bool:
    return any(a < end and start < b for a, b in spans)


def _with(board: Board, m: Meet, need: int) -> Session:
    mark = len(board.journal)
    board.sit(m, need)
    found = m.session()
    board.undo(mark)
    return found


def _new_starts(
    board: Board, places: Places, m: Meet, need: int, taken: Iterable[Span], *, alone: bool
) -> Iterator[Seat]:
    """Give the starts that suit somebody who is alone in the session; a series keeps its coach and its distances."""
    fac, room = (m.was.fac, m.was.room) if m.was is not None else (m.fac, m.room)
    off = Off(m, (need,), fac, room)
    series = board.needs[need].series
    due = board.needs[need].due
    starts = [
        s
        for s in places.starts_for((need,), off)
        if not _touches(s, s + m.act.length, taken) and (series is None or _spaced(board, need, s))
    ]
    for start in sorted(starts, key=lambda s: (s >= due, abs(s - m.start), s)):
        mark = len(board.journal)
        held = places.open_at(m.group, start, (need,), off if alone else None)
        found = held.session() if held is not None else None
        board.undo(mark)
        if found is not None and (series is None or found.fac == fac):
            yield Seat(found, own=alone)


def _spaced(board: Board, need: int, start: int) -> bool:
    """Say whether a step of a series keeps its distance to the steps beside it."""
    low, high = (days * DAY for days in board.rules.coach_gap_days)
    k = board.needs[need].k
    for other in board.steps(board.needs[need].series or ""):
        m = board.where(other) if other != need else None
        away = board.needs[other].k - k
        if m is not None and abs(away) == 1 and not low <= (m.start - start) * away <= high:
            return False
    return True


def who_could_lead(board: Board, session: Session | None) -> tuple[str, ...]:
    """Give ids of those who could lead a session at its time instead of who does, the least versatile first."""
    if session is None or session.act not in board.acts:
        return ()
    board.load(session.start, session.start + 1)
    m = board.meets.get(session.id)
    if m is None:
        return ()
    able = (f for f in board.leaders(m.act.id, m.group[1]) if f.id != m.fac)
    return tuple(f.id for f in able if board.can_lead(f, m.act, m.start, m.room, m))


@dataclass(frozen=True, slots=True)
class Room:
    """A session that a need without a seat fits into; `free` seats, none or fewer where it is full."""

    session: Session
    free: int


def rooms_for(problem: Problem, sessions: Iterable[Session], need: int) -> Iterator[Room]:
    """Give the sessions a need fits into by every rule of person and queue, the soonest first, full ones among them.

    Gives nothing for a need that has a seat, or one step of a series.
    """
    board = Board(problem, sessions, frozenset())
    if need in board.seated or problem.needs[need].series is not None:
        return
    places = Places(board)
    first, end = places.starts.window(need)
    for m in sorted(board.near(board.group_of(need), first, end), key=lambda m: (m.start, m.id)):
        if places.takes(m) and board.fits(need, m.start):
            yield Room(m.was if m.was is not None else m.session(), board.seats_left(m))


@dataclass(frozen=True, slots=True)
class Swap:
    """Two people of two sessions of one group could change over: `other` is the session, `need` the seat's there."""

    other: Session
    need: int


def swaps_for(problem: Problem, sessions: Iterable[Session], need: int) -> Iterator[Swap]:
    """Give who could change over with a seated need, session by session, the soonest first.

    Both fit where the other was: at work, rested, spaced, and the queue keeps its people.
    """
    board = Board(problem, sessions, frozenset())
    m = board.where(need)
    if m is None or m.act.gmax == 1 or problem.needs[need].series is not None:
        return
    mine = problem.needs[need]
    first, end = max(board.frozen, mine.earliest), min(problem.slots, mine.latest)
    board.load(min(first, m.start), max(end, m.end))
    for other in sorted(board.near(m.group, first, end), key=lambda x: (x.start, x.id)):
        if other is m or other.start == m.start or any(problem.needs[n].agent == mine.agent for n in other.att):
            continue
        for their in tuple(other.att):
            if _change_over(board, m, need, other, their):
                yield Swap(other.was if other.was is not None else other.session(), their)


def _change_over(board: Board, m: Meet, need: int, other: Meet, their: int) -> bool:
    """Say whether two could change over, trying it out and taking it back."""
    if any(board.needs[n].agent == board.needs[their].agent for n in m.att):
        return False
    mark = len(board.journal)
    board.leave(m, need)
    board.leave(other, their)
    holds = board.fits(need, other.start)
    if holds:
        board.sit(other, need)
        holds = board.fits(their, m.start)
    board.undo(mark)
    return holds
