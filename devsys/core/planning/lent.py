"""Time of facilitators who lead in several parts of a plan, given out: each of their weeks belongs to one part.

So the parts of a large organisation can be planned apart although some people lead everywhere. A week goes to the part
that has most to ask of the person for what it has had, seen over the hours in which its people are at work; a week with
sessions that stay goes to the part they are in, and to nobody where they are in several. Whole numbers only: the same
weeks on every machine.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from devsys.core.model.hours import joined_up, without
from devsys.core.planning.problem import WEEK, Agent, Facilitator, Problem, Session, Span

_FINE = 1000  # a share is counted in thousandths
_FINER = 1_000_000


@dataclass(frozen=True, slots=True)
class Ground:
    """What a part asks for: its sites, its people, its needs by activity, and the sessions that stay in it."""

    sites: frozenset[str]
    agents: Sequence[Agent]
    asked: Mapping[str, int]
    pinned: Sequence[Session]


def lent(problem: Problem, grounds: Sequence[Ground], shared: Collection[str]) -> list[dict[str, Facilitator]]:
    """Give for each part its share of those who lead in several, by id: `shared` are their ids."""
    leads = [f for f in problem.facilitators if f.id in shared]
    owners = _Owners(problem, grounds, leads)
    length = {a.id: a.length for a in problem.activities}
    pins = [_led(ground.pinned, shared, length) for ground in grounds]
    out: list[dict[str, Facilitator]] = []
    for place in range(len(grounds)):
        mine: dict[str, Facilitator] = {}
        for lead in leads:
            own = pins[place][lead.id]
            others = [span for i, table in enumerate(pins) if i != place for span in table[lead.id]]
            closed = _closed(owners.of[lead.id], place, others, problem)
            kept = (part for span in own for part in _inside(lead.work, span))
            mine[lead.id] = replace(lead, work=joined_up((*without(lead.work, closed), *kept)))
        out.append(mine)
    return out


def _led(pinned: Iterable[Session], shared: Collection[str], length: Mapping[str, int]) -> dict[str, list[Span]]:
    """Give when each of some people leads a session that stays."""
    found: dict[str, list[Span]] = defaultdict(list)
    for s in pinned:
        if s.fac in shared:
            found[s.fac].append((s.start, s.start + length[s.act]))
    return found


def _closed(owner: Sequence[int], place: int, others: Iterable[Span], problem: Problem) -> tuple[Span, ...]:
    """Give when somebody leads nothing new in a part: weeks of others, their sessions, and the way from there."""
    gap = problem.rules.changeover_slots
    weeks = (
        (week * WEEK if week else -WEEK, (week + 1) * WEEK + gap) for week, mine in enumerate(owner) if mine != place
    )
    return joined_up((*weeks, *((a - gap, b + gap) for a, b in others)))


def _inside(spans: Iterable[Span], within: Span) -> Iterable[Span]:
    """Give the parts of spans that lie in another."""
    first, end = within
    return ((max(a, first), min(b, end)) for a, b in spans if a < end and first < b)


class _Owners:
    """Whose each week of each of some facilitators is: `of[id][week]` is the place of a part, -1 for nobody."""

    def __init__(self, problem: Problem, grounds: Sequence[Ground], leads: Sequence[Facilitator]) -> None:
        self.problem = problem
        self.grounds = grounds
        self.of: dict[str, list[int]] = {f.id: [] for f in leads}
        names = self.of.keys()
        self._own = [
            [f for f in problem.facilitators if f.id not in names and not g.sites.isdisjoint(f.sites)] for g in grounds
        ]
        self._pins: dict[tuple[str, int], set[int]] = defaultdict(set)
        for place, ground in enumerate(grounds):
            for s in ground.pinned:
                self._pins[s.fac, s.start // WEEK].add(place)
        self._had: Counter[tuple[int, frozenset[str]]] = Counter()
        self._by_itself: dict[tuple[int, frozenset[str]], int] = {}
        there = [_at_work(g.agents, problem.slots) for g in grounds]
        fits = {f.id: [self._fit(f, g, line) for g, line in zip(grounds, there, strict=True)] for f in leads}
        for week in range(problem.weeks):
            for lead in leads:
                self.of[lead.id].append(self._owner(lead, week, fits[lead.id]))

    def _fit(self, lead: Facilitator, ground: Ground, there: NDArray[np.int64]) -> list[int]:
        """Give for each week how many of a part's people are at work in a facilitator's hours, in thousandths."""
        if ground.sites.isdisjoint(lead.sites) or not ground.agents:
            return [0] * self.problem.weeks
        line = np.zeros(self.problem.slots, dtype=np.int64)
        for a, b in lead.work:
            line[max(0, a) : max(0, b)] = 1
        worked = line.reshape(-1, WEEK).sum(axis=1)
        met = (line * there).reshape(-1, WEEK).sum(axis=1)
        return [int(m) * _FINE // (int(w) * len(ground.agents)) if w else 0 for m, w in zip(met, worked, strict=True)]

    def _owner(self, lead: Facilitator, week: int, fits: Sequence[list[int]]) -> int:
        pinned = self._pins.get((lead.id, week), set())
        if len(pinned) > 1:
            return -1
        place = next(iter(pinned)) if pinned else self._hungriest(lead, week, fits)
        if place >= 0:
            self._had[place, lead.quals] += lead.weekly_slots * fits[place][week]
        return place

    def _hungriest(self, lead: Facilitator, week: int, fits: Sequence[list[int]]) -> int:
        """Give the part that has most to ask for what it has, the first among equals; -1 where nobody asks."""
        best, most = -1, 0
        for place, ground in enumerate(self.grounds):
            asked = sum(count for act, count in ground.asked.items() if act in lead.quals)
            if not asked or not fits[place][week]:
                continue
            key = place, lead.quals
            if key not in self._by_itself:
                able = (f.weekly_slots for f in self._own[place] if f.work and not f.quals.isdisjoint(lead.quals))
                self._by_itself[key] = sum(able)
            has = _FINE + _FINE * self._by_itself[key] * (week + 1) + self._had[key]
            hunger = asked * fits[place][week] * _FINER // has
            if hunger > most:
                best, most = place, hunger
        return best


def _at_work(agents: Iterable[Agent], slots: int) -> NDArray[np.int64]:
    """Give how many people are at work in each slot."""
    steps = np.zeros(slots + 1, dtype=np.int64)
    for (a, b), count in Counter(span for agent in agents for span in agent.work).items():
        if a < slots and b > 0:
            steps[max(a, 0)] += count
            steps[min(b, slots)] -= count
    return np.cumsum(steps[:slots])
