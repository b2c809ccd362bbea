"""What a plan costs the queues and how evenly it serves: figures for pages, counted from the sessions alone."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from devsys.core.planning.desk import Desk
from devsys.core.planning.problem import WEEK, Plan, Problem
from devsys.core.planning.shared_verdicts import rostered

_EARLY, _LATE = 10 * 60, 16 * 60
_FRIDAY = 4


@dataclass(frozen=True, slots=True)
class Usage:
    """`hours`: person-hours off the queue by kind and week; `used` and `spare`: people by pool and slot.

    `spare` is what the queue could spare before any session (rostered less required, never below 0).
    """

    hours: Mapping[str, tuple[float, ...]]
    used: Mapping[str, tuple[int, ...]]
    spare: Mapping[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Fairness:
    """How evenly a plan serves: shares of needs on time of the worst-served person and team, by id.

    `early`, `late`, `friday`: share of seats before 10:00, from 16:00 on, on Fridays (local time). `load`: hours led by
    facilitator.
    """

    person: str
    person_share: float
    team: str
    team_share: float
    early: float
    late: float
    friday: float
    load: Mapping[str, float]


def usage(problem: Problem, plan: Plan) -> Usage:
    """Give what a plan takes from the queues, recovery counted."""
    desk = Desk(problem, plan.sessions)
    hours: dict[str, list[float]] = {a.kind: [0.0] * problem.weeks for a in problem.activities}
    used = {p.id: [0] * problem.slots for p in problem.pools}
    for held in desk.held:
        week = held.session.start // WEEK
        inside = range(max(0, held.session.start), min(held.end, problem.slots))
        for n in held.needs:
            agent = desk.agent_of(n)
            taken = [*inside, *(desk.recovers(agent, held) if held.act.recovery else ())]
            for slot in taken:
                used[agent.pool][slot] += 1
            if 0 <= week < problem.weeks:
                hours[held.act.kind][week] += len(taken) / 2
    spare = {}
    for pool in problem.pools:
        at_work = rostered(desk, pool.id)
        spare[pool.id] = tuple(max(0, at_work[s] - pool.required[s]) for s in range(problem.slots))
    return Usage({kind: tuple(row) for kind, row in hours.items()}, {p: tuple(row) for p, row in used.items()}, spare)


def fairness(problem: Problem, plan: Plan) -> Fairness:
    """Give how evenly a plan serves people, teams, times of day and facilitators."""
    desk = Desk(problem, plan.sessions)
    wanted: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    teams: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    seats = early = late = friday = 0
    for n, need in enumerate(problem.needs):
        rows = desk.by_need.get(n, ())
        prompt = any(h.session.start < need.due for h in rows)
        for table, key in ((wanted, need.agent), (teams, desk.agents[need.agent].team)):
            table[key][0] += 1
            table[key][1] += prompt
        for held in rows:
            site = desk.sites[desk.agents[need.agent].site]
            minute = site.minute_of(held.session.start)
            seats += 1
            early += minute < _EARLY
            late += minute >= _LATE
            friday += site.day_of(held.session.start) % 7 == _FRIDAY
    load: dict[str, float] = {f.id: 0.0 for f in problem.facilitators}
    for held in desk.held:
        if held.session.fac in load:
            load[held.session.fac] += held.act.length / 2
    person, person_share = _worst(wanted)
    team, team_share = _worst(teams)
    total = max(seats, 1)
    return Fairness(person, person_share, team, team_share, early / total, late / total, friday / total, load)


def _worst(table: Mapping[str, list[int]]) -> tuple[str, float]:
    shares = sorted((served / count, name) for name, (count, served) in table.items())
    return (shares[0][1], round(shares[0][0], 4)) if shares else ("", 1.0)
