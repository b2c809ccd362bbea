"""What changes after a plan was made: people away, rooms closed, queues that need more, people who leave.

A change is stated in UTC slots of the problem's horizon. `changed` gives the problem after it, `read_change` reads
the JSON document of `devsys replan-file`.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from devsys.core.planning.problem import Agent, Facilitator, Pool, Problem, Site, Span
from devsys.core.planning.reading import Faults, Reader
from devsys.core.planning.shifts import without

MOST_MORE = 100_000
_Who = TypeVar("_Who", Agent, Facilitator)


@dataclass(frozen=True, slots=True)
class Away:
    """Somebody, agent or facilitator, is not at work in `[first, end)`; `end` None when nobody knows until when."""

    who: str
    first: int
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Closed:
    """A room cannot be used in `[first, end)`; `end` None when nobody knows until when."""

    room: str
    first: int
    end: int | None = None


@dataclass(frozen=True, slots=True)
class More:
    """A queue requires `add` agents more (below 0: fewer) in `[first, end)`; `end` None to the end of the horizon."""

    pool: str
    first: int
    end: int | None
    add: int


@dataclass(frozen=True, slots=True)
class Leaver:
    """Somebody, agent or facilitator, is no longer there from `first` on."""

    who: str
    first: int


@dataclass(frozen=True, slots=True)
class Change:
    """All that changed by `now`, the slot before which everything has happened already."""

    now: int
    absent: tuple[Away, ...] = ()
    rooms_closed: tuple[Closed, ...] = ()
    required: tuple[More, ...] = ()
    leavers: tuple[Leaver, ...] = ()


def changed(problem: Problem, change: Change) -> Problem:
    """Give the problem after a change; agents, sites and the like that it does not touch are the same objects.

    What lies before `change.now` stays as it was. Ids that nobody has change nothing (`read_change` refuses them).
    """
    away = _away(problem, change)
    closed: dict[str, list[Span]] = {}
    for c in change.rooms_closed:
        closed.setdefault(c.room, []).append(_span(c.first, c.end, change.now, problem.slots))
    more: dict[str, list[More]] = {}
    for m in change.required:
        more.setdefault(m.pool, []).append(m)
    return replace(
        problem,
        agents=tuple(_absent(a, away.get(a.id, ())) for a in problem.agents),
        facilitators=tuple(_absent(f, away.get(f.id, ())) for f in problem.facilitators),
        sites=tuple(_closing(s, closed) for s in problem.sites),
        pools=tuple(_requiring(p, more.get(p.id, ()), change.now, problem.slots) for p in problem.pools),
    )


def _span(first: int, end: int | None, now: int, slots: int) -> Span:
    return max(0, first, now), slots if end is None else min(end, slots)


def _away(problem: Problem, change: Change) -> dict[str, tuple[Span, ...]]:
    out: dict[str, tuple[Span, ...]] = {}
    for a in change.absent:
        out[a.who] = (*out.get(a.who, ()), _span(a.first, a.end, change.now, problem.slots))
    for x in change.leavers:
        out[x.who] = (*out.get(x.who, ()), _span(x.first, None, change.now, problem.slots))
    return out


def _absent(who: _Who, away: tuple[Span, ...]) -> _Who:
    """Take spans out of somebody's work; who loses nothing stays the same object."""
    if not away:
        return who
    work = without(who.work, away)
    return who if work == who.work else replace(who, work=work)


def _closing(site: Site, closed: Mapping[str, list[Span]]) -> Site:
    if not any(r.id in closed for r in site.rooms):
        return site
    rooms = (replace(r, closed=(*r.closed, *closed[r.id])) if r.id in closed else r for r in site.rooms)
    return replace(site, rooms=tuple(rooms))


def _requiring(pool: Pool, more: Collection[More], now: int, slots: int) -> Pool:
    if not more:
        return pool
    required = list(pool.required)
    for m in more:
        first, end = _span(m.first, m.end, now, slots)
        required[first:end] = (max(0, r + m.add) for r in required[first:end])
    return replace(pool, required=tuple(required))


# ---- the document


def read_change(document: object, problem: Problem) -> Change:
    """Give the change that a document of `devsys replan-file` states, about a problem.

    Raises InvalidError with up to 50 faults, each with its place such as `absent[3].who` and what is wanted.
    """
    faults = Faults("change")
    top = Reader(document, "", faults)
    for key in sorted(set(map(str, top.map)) - {"now", "absent", "rooms_closed", "required", "leavers"}):
        faults.add(key, "unknown; now, absent, rooms_closed, required and leavers are read")
    now = top.number("now", low=0, high=problem.slots)
    people = {a.id for a in problem.agents} | {f.id for f in problem.facilitators}
    rooms = {r.id for s in problem.sites for r in s.rooms}
    pools = {p.id for p in problem.pools}
    absent = tuple(
        Away(_known(r, "who", people, "agent or facilitator"), *_times(r)) for r in top.readers("absent", needed=False)
    )
    closed = tuple(
        _closed(value, i, rooms, now, faults) for i, value in enumerate(top.items("rooms_closed", needed=False))
    )
    required = tuple(
        More(_known(r, "pool", pools, "pool"), *_times(r), r.number("add", low=-MOST_MORE, high=MOST_MORE))
        for r in top.readers("required", needed=False)
    )
    leavers = tuple(
        _leaver(value, i, people, now, faults) for i, value in enumerate(top.items("leavers", needed=False))
    )
    faults.settle()
    return Change(now, absent, closed, required, leavers)


def _known(r: Reader, key: str, ids: Collection[str], what: str) -> str:
    name = r.text(key)
    if name and name not in ids:
        r.faults.add(f"{r.where}.{key}", f"there is no {what} {name[:40]!r}")
    return name


def _times(r: Reader) -> tuple[int, int | None]:
    """Give `from` and `to`; no `to` says that nobody knows until when."""
    first = r.number("from", low=0)
    if not r.has("to"):
        return first, None
    end = r.number("to", low=0)
    if end <= first:
        r.faults.add(f"{r.where}.to", f"a slot after `from` ({first}) is wanted, not {end}")
    return first, end


def _closed(value: object, i: int, rooms: Collection[str], now: int, faults: Faults) -> Closed:
    where = f"rooms_closed[{i}]"
    if isinstance(value, str):
        if value not in rooms:
            faults.add(where, f"there is no room {value[:40]!r}")
        return Closed(value, now)
    r = Reader(value, where, faults)
    return Closed(_known(r, "room", rooms, "room"), *_times(r))


def _leaver(value: object, i: int, people: Collection[str], now: int, faults: Faults) -> Leaver:
    where = f"leavers[{i}]"
    if isinstance(value, str):
        if value not in people:
            faults.add(where, f"there is no agent or facilitator {value[:40]!r}")
        return Leaver(value, now)
    r = Reader(value, where, faults)
    return Leaver(_known(r, "who", people, "agent or facilitator"), r.number("from", now, low=0))
