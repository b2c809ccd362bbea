"""What a change of the organisation may have touched: people, facilitators, rooms, queues, each with the spans."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from devsys.core.planning.problem import Problem, Span


@dataclass(slots=True)
class Scope:
    """What a change may have touched, by id, with the spans in which it did; `everything`: nothing can be left out."""

    everything: bool = False
    agents: dict[str, list[Span]] = field(default_factory=dict)
    people: list[str] = field(default_factory=list)  # agents whose seats may also clash
    facs: dict[str, list[Span]] = field(default_factory=dict)
    rooms: dict[str, list[Span]] = field(default_factory=dict)
    sites: list[str] = field(default_factory=list)
    queues: dict[str, list[Span]] = field(default_factory=dict)


def scope_of(problem: Problem, before: Problem | None) -> Scope:
    """Give what differs between the organisation before and after."""
    if before is None or not _same_programme(problem, before):
        return Scope(everything=True)
    scope = Scope()
    always = [(0, problem.slots)]
    _agents(scope, problem, before, always)
    for new_pool, old_pool in zip(problem.pools, before.pools, strict=True):
        if new_pool.required is not old_pool.required:
            pairs = zip(new_pool.required, old_pool.required, strict=False)
            raised = [(s, s + 1) for s, (a, b) in enumerate(pairs) if a > b]
            scope.queues.setdefault(new_pool.id, []).extend(raised)
    facs = {f.id: f for f in problem.facilitators}
    for old in before.facilitators:
        new = facs.get(old.id)
        if new is not old and new != old:
            only_work = new is not None and replace(new, work=old.work) == old
            scope.facs[old.id] = minus(old.work, new.work) if only_work and new is not None else always
    for new_site, old_site in zip(problem.sites, before.sites, strict=True):
        if new_site is not old_site:
            rooms = {r.id: r for r in new_site.rooms}
            for room in old_site.rooms:
                there = rooms.get(room.id)
                if there != room:
                    only_closed = there is not None and replace(there, closed=room.closed) == room
                    scope.rooms[room.id] = list(there.closed) if only_closed and there is not None else always
            if replace(new_site, rooms=()) != replace(old_site, rooms=()):
                scope.sites.append(new_site.id)
    return scope


def _agents(scope: Scope, problem: Problem, before: Problem, always: list[Span]) -> None:
    now_there = {a.id: a for a in problem.agents}
    for old in before.agents:
        new = now_there.get(old.id)
        if new is old or new == old:
            continue
        only_work = new is not None and replace(new, work=old.work) == old
        lost = minus(old.work, new.work if new is not None and new.pool == old.pool else ())
        scope.agents[old.id] = lost if only_work else always
        if not only_work:
            scope.people.append(old.id)
        scope.queues.setdefault(old.pool, []).extend(lost)


def _same_programme(problem: Problem, before: Problem) -> bool:
    """Say whether two problems ask the same under the same rules, but for needs that came behind."""
    same = (
        problem.weeks == before.weeks
        and problem.activities == before.activities
        and problem.rules == before.rules
        and problem.teams == before.teams
        and [p.id for p in problem.pools] == [p.id for p in before.pools]
        and [s.id for s in problem.sites] == [s.id for s in before.sites]
    )
    if not same or problem.needs is before.needs:
        return same
    return len(problem.needs) >= len(before.needs) and problem.needs[: len(before.needs)] == before.needs


def minus(spans: Sequence[Span], others: Sequence[Span]) -> list[Span]:
    """Give sorted spans less other sorted spans."""
    out: list[Span] = []
    i = 0
    for first, end in spans:
        while i < len(others) and others[i][1] <= first:
            i += 1
        at, k = first, i
        while k < len(others) and others[k][0] < end:
            if others[k][0] > at:
                out.append((at, others[k][0]))
            at = max(at, others[k][1])
            k += 1
        if at < end:
            out.append((at, end))
    return out
