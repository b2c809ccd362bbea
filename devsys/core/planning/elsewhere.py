"""Other dates for one seat somebody cannot keep: open seats in other sessions, or the session's own new start.

Nobody else is moved or seated for it: a group of several is joined where it meets anyway, and only a session of one
person alone gets another start. What is found here holds by the board; the verifier has the last word.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

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
    problem: Problem, sessions: Iterable[Session], need: int, *, not_in: Iterable[Span] = ()
) -> Iterator[Seat]:
    """Give other dates for a seated need, open seats first, the soonest on time before the late ones.

    `sessions` are the calendar as it stands; nothing that touches a span of `not_in`, or the session itself, is given.
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
