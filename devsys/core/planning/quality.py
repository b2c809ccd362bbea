"""What a plan costs the queues and how evenly it serves: figures for pages, counted from the sessions alone."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from devsys.core.model.calendar import Evenness
from devsys.core.planning.desk import Desk
from devsys.core.planning.problem import WEEK, Plan, Problem, Session
from devsys.core.planning.shared_verdicts import rostered
from devsys.core.planning.wishes import above_even, loads, seats_in_hours, served_by_person, served_by_team

# A team of fewer people is never shown as the one with the smallest share.
_FIVE = 5


@dataclass(frozen=True, slots=True)
class Usage:
    """`hours`: person-hours off the queue by kind and week; `used` and `spare`: people by pool and slot.

    `spare` is what the queue could spare before any session (rostered less required, never below 0).
    """

    hours: Mapping[str, tuple[float, ...]]
    used: Mapping[str, tuple[int, ...]]
    spare: Mapping[str, tuple[int, ...]]


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


def fairness(problem: Problem, sessions: Iterable[Session]) -> Evenness:
    """Give how evenly a plan serves people, teams, times of day and facilitators; nobody is named."""
    desk = Desk(problem, sessions)
    seats = seats_in_hours(desk)
    early, late, friday, every = (sum(row[i] for row in seats.values()) for i in range(4))
    crowd = Counter(a.team for a in problem.agents)
    teams = {team: served for team, served in served_by_team(desk).items() if crowd[team] >= _FIVE}
    team = min(sorted(teams), key=lambda t: _share(teams[t]), default="")
    return Evenness(
        person=min(served_by_person(desk).values(), key=_worst, default=(0, 0)),
        team=teams.get(team, (0, 0)),
        team_id=team,
        seats=every,
        early=early,
        late=late,
        friday=friday,
        above=round(max((over for row in above_even(desk).values() for over in row), default=0.0), 1),
        apart=_apart(desk),
    )


def together(parts: Iterable[Evenness]) -> Evenness:
    """Give the evenness of a plan from those of its parts, which share no person, team or facilitator."""
    every = tuple(parts)
    asked = [p for p in every if p.person[1]]
    led = min((p for p in every if p.team_id), key=lambda p: (_share(p.team), p.team_id), default=Evenness())
    return Evenness(
        person=min((p.person for p in asked), key=_worst, default=(0, 0)),
        team=led.team,
        team_id=led.team_id,
        seats=sum(p.seats for p in every),
        early=sum(p.early for p in every),
        late=sum(p.late for p in every),
        friday=sum(p.friday for p in every),
        above=max((p.above for p in every), default=0.0),
        apart=max((p.apart for p in every), default=0.0),
    )


def _share(served: tuple[int, int]) -> float:
    prompt, count = served
    return prompt / count if count else 1.0


def _worst(served: tuple[int, int]) -> tuple[float, int]:
    """Order by the share, then by how many needs it is a share of, most first."""
    return _share(served), -served[1]


def _apart(desk: Desk) -> float:
    """Give the most that the loads of two facilitators who can stand in for each other differ."""
    shares: dict[tuple[frozenset[str], frozenset[str]], list[float]] = defaultdict(list)
    load = loads(desk)
    for f in desk.problem.facilitators:
        led, can = load[f.id]
        if can:
            shares[frozenset(f.sites), f.quals].append(led / can)
    return round(max((max(row) - min(row) for row in shares.values()), default=0.0), 4)
