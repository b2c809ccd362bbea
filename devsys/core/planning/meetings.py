"""When a coach and a person could meet for a whole series: on the board, with everything else as it stands.

The starts found hold by every rule the board knows: hours of both, the queue, spacing, what must come before.
The verifier has the last word.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from devsys.core.planning.again import Places
from devsys.core.planning.board import Board, Meet
from devsys.core.planning.problem import DAY, Facilitator, Problem, Session, Site

TRIED: Final = 24  # first starts tried for one coach
ENOUGH: Final = 2  # slots of the queue beyond which it is no longer tight


@dataclass(frozen=True, slots=True)
class Chance:
    """A series as it could be held: `sessions` in order, with one coach.

    `steps` is how many it ought to have; `wished` how many of those found lie in wished times; `spare` how many more
    of the queue could leave it in its tightest slot, once the person has.
    """

    coach: str
    sessions: tuple[Session, ...]
    steps: int
    wished: int
    spare: int

    @property
    def first(self) -> int:
        """The slot in which it begins."""
        return self.sessions[0].start


def chances(
    problem: Problem, sessions: Iterable[Session], series: str, coaches: Collection[str], *, most: int = 3
) -> tuple[Chance, ...]:
    """Give up to `most` ways, by coach, to hold a series that has no session yet; whole ones before others.

    `sessions` are the calendar as it stands. Gives nothing where the first step finds no start in its window.
    """
    board = Board(problem, sessions, frozenset())
    steps = board.steps(series)
    if not steps or problem.needs[steps[0]].agent not in board.agents:
        return ()
    seek = _Seek(board, series, steps)
    found: list[Chance] = []
    for fac in board.leaders(problem.needs[steps[0]].act, board.agent_of(steps[0]).site):
        if fac.id in coaches:
            found += seek.with_coach(fac, most)
    return tuple(found)


class _Seek:
    """The search for one series on one board; `starts` of its first step are looked for unless given."""

    def __init__(self, board: Board, series: str, steps: list[int], starts: Sequence[int] | None = None) -> None:
        self.board = board
        self.steps = steps
        self.places = Places(board)
        self.site: Site = board.sites[board.agent_of(steps[0]).site]
        self.pref = next((s.pref for s in board.problem.series if s.id == series), ())
        need = board.needs[steps[0]]
        first, end = max(board.frozen, need.earliest), min(need.latest, board.slots)
        board.load(first, min(board.slots, board.needs[steps[-1]].latest))
        fitting = (s for s in range(first, end) if board.fits(steps[0], s))
        self.starts = list(fitting if starts is None else starts)

    def wished(self, start: int) -> bool:
        """Say whether a start lies in wished times; without wishes every one does."""
        if not self.pref:
            return True
        weekday, minute = self.site.day_of(start) % 7, self.site.minute_of(start)
        length = self.board.acts[self.board.needs[self.steps[0]].act].length * 30
        return any(d == weekday and a * 30 <= minute and minute + length <= b * 30 for d, a, b in self.pref)

    def with_coach(self, fac: Facilitator, most: int) -> Iterator[Chance]:
        """Give the best ways with one coach, each beginning on another day."""
        board = self.board
        act = board.acts[board.needs[self.steps[0]].act]
        order = sorted(self.starts, key=lambda s: (not self.wished(s), s))
        days: set[int] = set()
        found: list[Chance] = []
        tried = 0
        for start in order:
            day = self.site.day_of(start)
            if day in days or not board.can_lead(fac, act, start, None):
                continue
            tried += 1
            chance = self._from(fac, start)
            if chance is not None:
                days.add(day)
                found.append(chance)
            if tried >= TRIED or sum(len(c.sessions) == c.steps for c in found) >= most:
                break
        found.sort(key=lambda c: (-len(c.sessions), -c.wished, c.first))
        yield from found[:most]

    def _from(self, fac: Facilitator, start: int) -> Chance | None:
        """Give the series that begins at a start, each step as near to a week's rhythm as can be."""
        board = self.board
        mark = len(board.journal)
        held: list[Meet] = []
        for k, need in enumerate(self.steps):
            options = (start,) if k == 0 else self._next(need, held[-1].start)
            meet = next((m for s in options if (m := self.hold(fac, need, s)) is not None), None)
            if meet is None:
                break
            held.append(meet)
        if not held:
            return None
        spare = min(board.spare(board.agent_of(self.steps[0]).pool, s) for m in held for s in range(m.start, m.end))
        sessions = tuple(m.session() for m in held)
        board.undo(mark)
        return Chance(fac.id, sessions, len(self.steps), sum(self.wished(m.start) for m in held), spare)

    def _next(self, need: int, before: int) -> list[int]:
        """Give starts for a step after another, the best first: wished, on time, nearest to the same time of week."""
        board = self.board
        low, high = (days * DAY for days in board.rules.coach_gap_days)
        n = board.needs[need]
        rhythm = max(low, board.needs[self.steps[1]].earliest - board.needs[self.steps[0]].earliest)
        minute = self.site.minute_of(before)
        first, end = max(n.earliest, before + low, board.frozen), min(n.latest, before + high + 1, board.slots)
        return sorted(
            range(first, end),
            key=lambda s: (
                not self.wished(s),
                s >= n.due,
                abs(self.site.day_of(s) - self.site.day_of(before) - rhythm // DAY),
                abs(self.site.minute_of(s) - minute),
                s,
            ),
        )

    def hold(self, fac: Facilitator, need: int, start: int) -> Meet | None:
        """Put one step on the board, if it holds there."""
        board = self.board
        act = board.acts[board.needs[need].act]
        if not board.fits(need, start) or not board.can_lead(fac, act, start, None):
            return None
        meet = Meet(self.places.new_id(), act, start, board.group_of(need))
        board.enter(meet)
        board.sit(meet, need)
        rooms = board.rooms_for(act, meet.group[1], start, 1, meet) if board.needs_room(act) else []
        if board.needs_room(act) and not rooms:
            board.undo(len(board.journal) - 2)
            return None
        board.lead(meet, fac.id, rooms[0] if rooms else None)
        return meet


def held_again(
    problem: Problem, sessions: Iterable[Session], series: str, coach: str, starts: Sequence[int]
) -> tuple[Session, ...] | None:
    """Give a series at starts that were found before, as it could be held now; None where one does not hold."""
    board = Board(problem, sessions, frozenset())
    steps = board.steps(series)
    fac = board.facs.get(coach)
    if fac is None or not starts or len(starts) > len(steps) or problem.needs[steps[0]].agent not in board.agents:
        return None
    seek = _Seek(board, series, steps, starts=())
    act, site = problem.needs[steps[0]].act, board.agent_of(steps[0]).site
    if fac not in board.leaders(act, site):
        return None
    held = []
    for need, start in zip(steps, starts, strict=False):
        meet = seek.hold(fac, need, start)
        if meet is None:
            return None
        held.append(meet)
    low, high = (days * DAY for days in board.rules.coach_gap_days)
    if any(not low <= b.start - a.start <= high for a, b in pairwise(held)):
        return None
    return tuple(m.session() for m in held)
