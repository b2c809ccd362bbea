"""What the Timefold model is asked, and what an answer in candidate sessions means as a plan."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from devsys.core.planning.check import check
from devsys.core.planning.problem import DAY, Problem, Session
from tests.bench.candidates import Choice
from tests.bench.first_fit import Book


def timefold_task(
    problem: Problem, choice: Choice, *, seconds: float, seed: int = 0, memory_mb: int = 6000
) -> dict[str, Any]:
    """Give the input of the model as plain rows."""
    book = Book(problem)
    pools = [p.id for p in problem.pools]
    # A site's queues are counted from 0; a place names those of its site.
    of_site: dict[str, list[int]] = defaultdict(list)
    for i, pool in enumerate(problem.pools):
        of_site[pool.site].append(i)
    local = {pools[i]: rows.index(i) for rows in of_site.values() for i in rows}
    sites = {s.id: s for s in problem.sites}
    kinds = sorted({a.kind for a in problem.activities})
    agents = {a.id: i for i, a in enumerate(problem.agents)}
    first = gates(problem)
    steps = {(n.series, n.k): i for i, n in enumerate(problem.needs) if n.series is not None}
    low, high = (days * DAY for days in problem.rules.coach_gap_days)
    order = sorted(range(len(problem.needs)), key=lambda n: (problem.needs[n].due, problem.needs[n].earliest, n))
    rows = []
    for n in order:
        need = problem.needs[n]
        act, agent = book.acts[need.act], book.agents[need.agent]
        gap = problem.rules.min_gap_days.get(act.kind, 0) * DAY
        after = steps.get((need.series, need.k - 1), -1) if need.series is not None else -1
        gate = first[need.agent].get(act.prereq[0], -1) if act.prereq else -1
        queue, kind = local[agent.pool], kinds.index(act.kind)
        fixed = [n, agents[need.agent], queue, kind, gap, need.due, gate, after, low, high]
        rows.append([*fixed, list(choice.options[n])])
    places = [
        [p.start, p.length, p.fac, p.room, p.least, p.most, sites[p.site].day_of(p.start), of_site[p.site]]
        for p in choice.places
    ]
    return {
        "needs": rows,
        "order": order,
        "places": places,
        "spare": [book.spare[p] for p in pools],
        "weekly": [f.weekly_slots for f in problem.facilitators],
        "day_slots": problem.rules.day_slots,
        "week_slots": problem.rules.week_slots,
        "seconds": seconds,
        "seed": seed,
        "memory_mb": memory_mb,
    }


def gates(problem: Problem) -> dict[str, dict[str, int]]:
    """Give, by person and activity, the first need of an activity that others wait for."""
    wanted = {name for a in problem.activities for name in a.prereq}
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for i, need in enumerate(problem.needs):
        if need.act in wanted:
            found[need.agent].setdefault(need.act, i)
    return found


def sessions_of(problem: Problem, choice: Choice, seats: Iterable[tuple[int, int]]) -> tuple[Session, ...]:
    """Give the plan of an answer, `(need, place)` each, without what breaks a rule: groups that stayed too small go."""
    groups: dict[int, list[int]] = defaultdict(list)
    for need, place in seats:
        if place >= 0:
            groups[place].append(need)
    rooms = [r.id for s in problem.sites for r in s.rooms]
    out = []
    for i, needs in sorted(groups.items()):
        p = choice.places[i]
        if len(needs) >= p.least:
            room = rooms[p.room] if p.room >= 0 else None
            lead = problem.facilitators[p.fac].id
            out.append(Session(f"p{i:06d}", p.act, p.start, lead, room, p.site, tuple(sorted(needs))))
    return sound_part(problem, out)


def sound_part(problem: Problem, sessions: Sequence[Session]) -> tuple[Session, ...]:
    """Give the sessions that stand when those named in violations are taken out, the last of each first."""
    kept = {s.id: s for s in sessions}
    while found := check(problem, kept.values()):
        for violation in found:
            named = [i for i in violation.sessions if i in kept]
            if named and len(named) == len(violation.sessions):
                del kept[max(named, key=lambda i: (kept[i].start, i))]
    return tuple(kept.values())
