"""How far a plan fulfils the wishes, in their order: one value, counted from the sessions alone.

The hard rules are `check.py`'s; here are the wishes among plans that keep them. Nothing is shared with the planner:
`tally.py` counts the same figures a second time on the booked state, move by move.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Final

import numpy as np
from numpy.typing import NDArray

from devsys.core.planning.desk import Desk, Held
from devsys.core.planning.problem import DAY, WEEK, Need, Problem, Session, Site, Span
from devsys.core.planning.shared_verdicts import rostered

# Hours that most people would rather not have: starts before ten, from four on, on Fridays, by local time.
EARLY_BEFORE: Final = 10 * 60
LATE_FROM: Final = 16 * 60
FRIDAY: Final = 4
HOURS: Final = ("early", "late", "friday")
# Seats are counted in thousandths where shares of them are compared.
SEAT: Final = 1000
# A person-slot off a queue that can spare n people counts SPARE_ONE // n.
SPARE_ONE: Final = 2520
# Squares of slots led are divided by the slots a facilitator can lead, in millionths.
LOAD_ONE: Final = 10**6

# Shares missed and how many miss that share, the largest share first; who misses nothing is left out.
Ladder = tuple[tuple[float, int], ...]


@dataclass(frozen=True, slots=True, order=True)
class Standing:
    """Where a plan stands with each wish; of two plans the smaller one is better, the first difference decides.

    - `unplaced`: weights of the needs in no session, summed
    - `late`: needs that start at or after their due slot
    - `late_days`: days they are late, each begun day of 48 slots counted, summed
    - `people`: share of a person's needs that are not on time, the worst-served first
    - `teams`: the same by team
    - `hours`: seats in early, late and Friday hours beside a person's even share, squared, in millionths, summed;
      coaching in such hours that was wished for is not counted
    - `load`: slots led, squared, over the slots the facilitator can lead, in millionths, summed
    - `tight`: person-slots off a queue in the tightest quarter of its slots, each as 2520 over what it can spare then,
      summed
    - `unwished`: coaching steps outside the times their person wished for
    - `sessions`: how many
    """

    unplaced: int
    late: int
    late_days: int
    people: Ladder
    teams: Ladder
    hours: int
    load: int
    tight: int
    unwished: int
    sessions: int

    def differs_at(self, other: "Standing") -> str | None:
        """Give the name of the first wish in which two plans differ; None when they stand equal."""
        return next((f.name for f in fields(self) if getattr(self, f.name) != getattr(other, f.name)), None)


def standing(problem: Problem, sessions: Iterable[Session]) -> Standing:
    """Give where a plan of a problem stands. Hours, load and queues are counted for starts inside the horizon."""
    desk = Desk(problem, sessions)
    unplaced = late = late_days = unwished = 0
    for n, need in enumerate(problem.needs):
        rows = desk.by_need.get(n)
        if not rows:
            unplaced += need.priority or problem.rules.weight_of(desk.acts[need.act].kind)
            continue
        start = rows[0].session.start
        if start >= need.due:
            late += 1
            late_days += (start - need.due) // DAY + 1
        unwished += _suits(desk, n, start) is False
    return Standing(
        unplaced=unplaced,
        late=late,
        late_days=late_days,
        people=ladder(served_by_person(desk)),
        teams=ladder(served_by_team(desk)),
        hours=_uneven(desk),
        load=sum(led * led * LOAD_ONE // max(1, can) for led, can in loads(desk).values()),
        tight=_tight(desk),
        unwished=unwished,
        sessions=len(desk.held),
    )


# ---- who is served


def served_by_person(desk: Desk) -> dict[str, tuple[int, int]]:
    """Give by person the needs on time and all needs."""
    return _served(desk, {a.id: a.id for a in desk.problem.agents})


def served_by_team(desk: Desk) -> dict[str, tuple[int, int]]:
    """Give by team the needs on time and all needs."""
    return _served(desk, {a.id: a.team for a in desk.problem.agents})


def _served(desk: Desk, group_of: Mapping[str, str]) -> dict[str, tuple[int, int]]:
    asked: Counter[str] = Counter()
    prompt: Counter[str] = Counter()
    for n, need in enumerate(desk.problem.needs):
        group = group_of[need.agent]
        asked[group] += 1
        prompt[group] += _on_time(need, desk.by_need.get(n, ()))
    return {group: (prompt[group], count) for group, count in asked.items()}


def _on_time(need: Need, rows: Iterable[Held]) -> bool:
    return any(h.session.start < need.due for h in rows)


def ladder(served: Mapping[str, tuple[int, int]]) -> Ladder:
    """Give the shares missed, worst first, each with how many miss it.

    Equal fractions give equal floats, and unlike ones of up to 2**26 needs unlike floats in their order.
    """
    missed = Counter((count - prompt) / count for prompt, count in served.values() if prompt < count)
    return tuple(sorted(missed.items(), reverse=True))


# ---- early, late and Friday hours


def hours_of(problem: Problem, site: Site, slot: int) -> tuple[bool, bool, bool]:
    """Say whether a start in a slot is early, late, on a Friday, by the clock of its site."""
    minute = site.minute_of(slot)
    return minute < EARLY_BEFORE, minute >= LATE_FROM, weekday_of(problem, site, slot) == FRIDAY


def weekday_of(problem: Problem, site: Site, slot: int) -> int:
    """Give the local weekday of a slot, Monday 0."""
    return (site.day_of(slot) + (problem.first_day.weekday() if problem.first_day else 0)) % 7


def _suits(desk: Desk, n: int, slot: int) -> bool | None:
    """Say whether a coaching step lies in the times its person wished for; None where no times were wished for."""
    series = desk.problem.needs[n].series
    times = next((s.pref for s in desk.problem.series if s.id == series), ()) if series is not None else ()
    if not times:
        return None
    site = desk.sites[desk.agent_of(n).site]
    day, clock = weekday_of(desk.problem, site, slot), site.minute_of(slot) // 30
    return any(day == weekday and first <= clock < end for weekday, first, end in times)


def seats_in_hours(desk: Desk) -> dict[str, tuple[int, ...]]:
    """Give by person the seats in early, late and Friday hours that were not wished for, and all seats."""
    seats = {a.id: [0, 0, 0, 0] for a in desk.problem.agents}
    for held in desk.held:
        start = held.session.start
        if not 0 <= start < desk.problem.slots:
            continue
        for n in held.needs:
            agent = desk.agent_of(n)
            row = seats[agent.id]
            row[3] += 1
            if _suits(desk, n, start):
                continue
            for i, inside in enumerate(hours_of(desk.problem, desk.sites[agent.site], start)):
                row[i] += inside
    return {name: tuple(row) for name, row in seats.items()}


def chances(problem: Problem) -> dict[str, tuple[int, ...]]:
    """Give by person the seats in early, late and Friday hours that chance would give, in thousandths.

    That is: the person's needs, times the part of the person's slots at work that lie in such hours.
    """
    asked = Counter(need.agent for need in problem.needs)
    sums = {s.id: _sums(problem, s) for s in problem.sites}
    out = {}
    for agent in problem.agents:
        ends = np.array(agent.work, dtype=np.int64).reshape(-1, 2).clip(0, problem.slots)
        table = sums[agent.site]
        *inside, whole = (table[:, ends[:, 1]] - table[:, ends[:, 0]]).sum(axis=1).tolist()
        out[agent.id] = tuple(SEAT * asked[agent.id] * part // whole if whole else 0 for part in inside)
    return out


def _sums(problem: Problem, site: Site) -> NDArray[np.int64]:
    """Give how many slots before each one are early, late, on a Friday, and how many there are."""
    rows = [(*hours_of(problem, site, slot), True) for slot in range(problem.slots)]
    marks = np.array(rows, dtype=np.int64).reshape(-1, 4).T
    return np.concatenate([np.zeros((4, 1), np.int64), marks.cumsum(axis=1)], axis=1)


def above_even(desk: Desk) -> dict[str, tuple[float, ...]]:
    """Give by person how many seats in early, late and Friday hours are above the even share; below it is negative.

    The seats of one queue in such hours are shared evenly when each person has them in proportion to chance.
    """
    chance, seats = chances(desk.problem), seats_in_hours(desk)
    out = {}
    for people in _by_pool(desk.problem):
        rates = [_rate([seats[p][i] for p in people], [chance[p][i] for p in people]) for i in range(len(HOURS))]
        for p in people:
            out[p] = tuple(seats[p][i] - rates[i] * chance[p][i] for i in range(len(HOURS)))
    return out


def _rate(seats: Sequence[int], chance: Sequence[int]) -> float:
    return sum(seats) / whole if (whole := sum(chance)) else 0.0


def _by_pool(problem: Problem) -> list[list[str]]:
    people: dict[str, list[str]] = defaultdict(list)
    for agent in problem.agents:
        people[agent.pool].append(agent.id)
    return list(people.values())


def _uneven(desk: Desk) -> int:
    """Give the squares of the seats above or below even shares, in millionths, of all queues and the three hours."""
    chance, seats = chances(desk.problem), seats_in_hours(desk)
    return sum(
        unevenness([SEAT * seats[p][i] for p in people], [chance[p][i] for p in people])
        for people in _by_pool(desk.problem)
        for i in range(len(HOURS))
    )


def unevenness(seats: Sequence[int], chance: Sequence[int]) -> int:
    """Give the sum of (seats - r * chance) squared, rounded down, where r = all seats / all chances."""
    total, whole = sum(seats), sum(chance)
    squares = sum(s * s for s in seats)
    if not whole:
        return squares
    both = sum(s * c for s, c in zip(seats, chance, strict=True))
    chances_squared = sum(c * c for c in chance)
    return (squares * whole * whole - 2 * total * whole * both + total * total * chances_squared) // (whole * whole)


# ---- facilitators, queues


def loads(desk: Desk) -> dict[str, tuple[int, int]]:
    """Give by facilitator the slots led, and those they can lead: weekly slots times the weeks with work in them."""
    led: Counter[str] = Counter()
    for held in desk.held:
        if 0 <= held.session.start < desk.problem.slots:
            led[held.session.fac] += held.act.length
    return {f.id: (led[f.id], f.weekly_slots * _weeks_at_work(f.work)) for f in desk.problem.facilitators}


def _weeks_at_work(spans: Iterable[Span]) -> int:
    return len({week for a, b in spans for week in range(a // WEEK, (b - 1) // WEEK + 1)})


def spare_of(desk: Desk, pool: str) -> NDArray[np.int64]:
    """Give by slot how many people a queue can spare before any session: rostered less required, never below 0."""
    at_work = rostered(desk, pool)
    required = desk.pools[pool].required
    return np.array([max(0, at_work[s] - required[s]) for s in range(desk.problem.slots)], dtype=np.int64)


def _tight(desk: Desk) -> int:
    cost = {p.id: _costs(spare_of(desk, p.id)) for p in desk.problem.pools}
    used: dict[str, Counter[int]] = defaultdict(Counter)
    for held in desk.held:
        if not 0 <= held.session.start < desk.problem.slots:
            continue
        span = range(held.session.start, min(held.end, desk.problem.slots))
        for n in held.needs:
            agent = desk.agent_of(n)
            used[agent.pool].update(span)
            if held.act.recovery:
                used[agent.pool].update(desk.recovers(agent, held))
    return sum(int(cost[pool][slot]) * count for pool, slots in used.items() for slot, count in slots.items())


def _costs(spare: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give by slot what a person off the queue costs: 2520 over what it can spare, 0 beyond the tightest quarter.

    The quarter is one of the slots in which the queue can spare anybody; all that can spare as few belong to it.
    """
    some = sorted(spare[spare > 0].tolist())
    most = some[(len(some) - 1) // 4] if some else 0
    return np.where(spare <= most, SPARE_ONE // np.maximum(1, spare), 0)
