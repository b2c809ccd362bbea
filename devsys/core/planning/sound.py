"""References inside a problem: every id that is named exists, once, and fits where it is used."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise

from devsys.base.errors import Fault
from devsys.core.planning.problem import Problem, Session


def faults_of(problem: Problem) -> Iterator[Fault]:
    """Give what is wrong with a problem, in the words of the instance format; nothing when it is sound."""
    yield from _twice(problem)
    yield from _places(problem)
    yield from _activities(problem)
    yield from _needs(problem)
    yield from session_faults(problem, problem.pinned, "pinned")


def _twice(problem: Problem) -> Iterator[Fault]:
    rooms = [r.id for s in problem.sites for r in s.rooms]
    lists: tuple[tuple[str, list[str]], ...] = (
        ("sites", [s.id for s in problem.sites]),
        ("rooms", rooms),
        ("pools", [p.id for p in problem.pools]),
        ("teams", [t.id for t in problem.teams]),
        ("agents", [a.id for a in problem.agents]),
        ("facilitators", [f.id for f in problem.facilitators]),
        ("acts", [a.id for a in problem.activities]),
        ("series", [s.id for s in problem.series]),
    )
    for where, ids in lists:
        yield from _repeated(where, ids)


def _repeated(where: str, ids: Iterable[str]) -> Iterator[Fault]:
    for name, count in Counter(ids).items():
        if count > 1:
            yield Fault(where, f"the id {name!r} is there {count} times")


def _places(problem: Problem) -> Iterator[Fault]:
    sites = {s.id for s in problem.sites}
    for i, site in enumerate(problem.sites):
        mids = site.midnights
        if mids is not None and (not mids or any(a >= b for a, b in pairwise(mids))):
            yield Fault(f"sites[{i}].midnights", "slots that grow are wanted, at least one")
    for i, pool in enumerate(problem.pools):
        if pool.site not in sites:
            yield Fault(f"pools[{i}].site", f"there is no site {pool.site!r}")
        if len(pool.required) < problem.slots:
            yield Fault(f"pools[{i}].required", f"{problem.slots} slots are wanted, not {len(pool.required)}")
    for i, team in enumerate(problem.teams):
        if team.site not in sites:
            yield Fault(f"teams[{i}].site", f"there is no site {team.site!r}")
    pools = {p.id: p.site for p in problem.pools}
    teams = {t.id for t in problem.teams}
    for i, agent in enumerate(problem.agents):
        if agent.site not in sites:
            yield Fault(f"agents[{i}].site", f"there is no site {agent.site!r}")
        if agent.team not in teams:
            yield Fault(f"agents[{i}].team", f"there is no team {agent.team!r}")
        if agent.pool not in pools:
            yield Fault(f"agents[{i}].pool", f"there is no pool {agent.pool!r}")
        elif pools[agent.pool] != agent.site:
            yield Fault(f"agents[{i}].pool", f"the pool {agent.pool!r} is at site {pools[agent.pool]!r}")
    for i, facilitator in enumerate(problem.facilitators):
        for name in facilitator.sites:
            if name not in sites:
                yield Fault(f"facilitators[{i}].sites", f"there is no site {name!r}")


def _activities(problem: Problem) -> Iterator[Fault]:
    prereq = {a.id: a.prereq for a in problem.activities}
    for act in problem.activities:
        if act.gmin > act.gmax:
            yield Fault(f"acts.{act.id}", f"gmin {act.gmin} is above gmax {act.gmax}")
        for name in act.prereq:
            if name not in prereq:
                yield Fault(f"acts.{act.id}.prereq", f"there is no activity {name!r}")
    for name in prereq:
        if _reaches(name, lambda x: prereq.get(x, ())):
            yield Fault(f"acts.{name}.prereq", "the prerequisites lead back to the activity itself")
    low, high = problem.rules.coach_gap_days
    if not 0 <= low <= high:
        yield Fault("rules.coach_gap_days", "the least days, then the most, are wanted")


def _reaches(start: str, after: Callable[[str], Iterable[str]]) -> bool:
    seen: set[str] = set()
    waiting = list(after(start))
    while waiting:
        name = waiting.pop()
        if name == start:
            return True
        if name not in seen:
            seen.add(name)
            waiting.extend(after(name))
    return False


def _needs(problem: Problem) -> Iterator[Fault]:
    agents = {a.id for a in problem.agents}
    acts = {a.id for a in problem.activities}
    owner = {s.id: s.agent for s in problem.series}
    for i, series in enumerate(problem.series):
        if series.agent not in agents:
            yield Fault(f"series[{i}].agent", f"there is no agent {series.agent!r}")
    steps: set[tuple[str, int]] = set()
    for i, need in enumerate(problem.needs):
        if need.agent not in agents:
            yield Fault(f"demands[{i}][0]", f"there is no agent {need.agent!r}")
        if need.act not in acts:
            yield Fault(f"demands[{i}][1]", f"there is no activity {need.act!r}")
        if need.series is None:
            continue
        if need.series not in owner:
            yield Fault(f"demands[{i}][5]", f"there is no series {need.series!r}")
        elif owner[need.series] != need.agent:
            yield Fault(f"demands[{i}][5]", f"the series {need.series!r} belongs to {owner[need.series]!r}")
        if (need.series, need.k) in steps:
            yield Fault(f"demands[{i}][6]", f"the series {need.series!r} has step {need.k} twice")
        steps.add((need.series, need.k))


def session_faults(problem: Problem, sessions: Sequence[Session], where: str) -> Iterator[Fault]:
    """Give what is wrong with sessions that name things of a problem: ids twice, unknown activities and needs."""
    yield from _repeated(where, [s.id for s in sessions])
    acts = {a.id for a in problem.activities}
    for i, session in enumerate(sessions):
        if session.act not in acts:
            yield Fault(f"{where}[{i}].act", f"there is no activity {session.act!r}")
        for n in session.att:
            if not 0 <= n < len(problem.needs):
                yield Fault(f"{where}[{i}].att", f"there is no demand {n}")
