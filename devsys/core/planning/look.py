"""What cannot stand in a calendar after a change: each fault with its session, its rule, and a sentence with names.

With the organisation before the change at hand only what differs is looked at; without it, everything that is still
to come. Faults of the queue as a whole are not here: see `short_slots`.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from itertools import pairwise
from typing import Final

from devsys.base.words import phrase, to_keep
from devsys.core.planning.board import Board, Entry, Meet, reach
from devsys.core.planning.desk import say_hours
from devsys.core.planning.problem import DAY, WEEK, Agent, Facilitator, Problem, Site, Span, say_day, say_slot

_OTHER_TEAM: Final = to_keep("%(who)s is of another team than the others of %(session)s.")
_OTHER_SITE: Final = to_keep("%(who)s is of another site than the others of %(session)s.")
_DAY_TOO_FULL: Final = to_keep("%(who)s would learn too much in a day.")
_WEEK_TOO_FULL: Final = to_keep("%(who)s would learn too much in a week.")


class Kind(Enum):
    """What of a session cannot stand."""

    SEAT = "seat"  # one need cannot be served there
    CLASH = "clash"  # one need cannot be served beside another of the same person
    TIME = "time"  # nothing can be held then
    LEAD = "lead"  # another facilitator is needed
    ROOM = "room"  # another room is needed
    GROUP = "group"  # too many, or too few
    SERIES = "series"  # a coaching series is out of order
    QUEUE = "queue"  # the queue needs its people


@dataclass(frozen=True, slots=True)
class Broken:
    """One fault: `rule` is a code of `RULES`, `who` an id, `what` a sentence; `need` the seat's, -1 for all."""

    kind: Kind
    meet: Meet
    rule: str
    who: str
    what: str
    need: int = -1


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


def look(board: Board, scope: Scope, now: int) -> list[Broken]:
    """Give every fault of the sessions that are still to come; those that may not change are among them."""
    return list(_Look(board, now).everything() if scope.everything else _Look(board, now).only(scope))


def look_at(board: Board, names: Iterable[str], people: Iterable[str], now: int) -> list[Broken]:
    """Give every fault of some sessions (ids), and of all sessions of their leaders, their rooms and some people."""
    board.load_all()
    return list(_Look(board, now).some([board.meets[i] for i in sorted(names) if i in board.meets], people))


class _Look:
    def __init__(self, board: Board, now: int) -> None:
        self.board = board
        self.now = now
        self.problem = board.problem

    def _ahead(self, rows: Iterable[Meet]) -> list[Meet]:
        return [m for m in rows if m.start >= self.now]

    def only(self, scope: Scope) -> Iterator[Broken]:
        """Look at what may have been touched."""
        board, end = self.board, self.board.slots
        for name, spans in scope.agents.items():
            for first, last in self._to_come(spans):
                for _, _, n, m in board.rows(name, first, last):
                    yield from self._seat(m, n)
        for name in scope.people:
            yield from self._person(name)
        for name, spans in scope.facs.items():
            for first, last in self._to_come(spans):
                yield from self._leader(name, first, last)
        for name, spans in scope.rooms.items():
            for first, last in self._to_come(spans):
                board.load(first, last)
                for m in self._ahead(m for _, _, m in around(board.housed.get(name, []), first, last - first)):
                    yield from self._room(m)
        if scope.sites:
            board.load(self.now, end)
        for name in scope.sites:
            for m in self._ahead(list(board.meets.values())):
                if m.group[1] == name:
                    yield from self._time(m)
                    for n in m.att:
                        yield from self._seat(m, n)

    def _to_come(self, spans: Sequence[Span]) -> Iterator[Span]:
        """Give the one stretch in which sessions that touch any of the spans may start."""
        if spans:
            first, last = max(self.now, min(a for a, _ in spans) - DAY), max(b for _, b in spans)
            if first < last:
                yield first, last

    def everything(self) -> Iterator[Broken]:
        """Look at all that is still to come."""
        board = self.board
        board.load_all()
        for m in self._ahead(sorted(board.meets.values(), key=lambda m: (m.start, m.id))):
            yield from self._time(m)
            yield from self._room(m)
            yield from self._group(m)
            for n in m.att:
                yield from self._seat(m, n)
        for name in list(board.led):
            yield from self._leader(name, self.now, board.slots)
        for name in list(board.housed):
            yield from self._rooms(name)
        for name in list(board.of):
            yield from self._person(name)
        yield from self._series()

    def some(self, meets: Sequence[Meet], people: Iterable[str]) -> Iterator[Broken]:
        """Look at some sessions, and at all sessions of their leaders and rooms and of some people."""
        board = self.board
        for m in self._ahead(meets):
            yield from self._time(m)
            yield from self._room(m)
            yield from self._group(m)
            for n in m.att:
                yield from self._seat(m, n)
        for name in sorted({m.fac for m in meets}):
            yield from self._leader(name, self.now, board.slots)
        for name in sorted({m.room for m in meets if m.room is not None}):
            yield from self._rooms(name)
        for name in sorted(people):
            yield from self._person(name)
        yield from self._series()

    # ---- one session

    def _time(self, m: Meet) -> Iterator[Broken]:
        site = self.board.sites.get(m.group[1])
        if m.start < 0 or m.end > self.board.slots:
            yield Broken(
                Kind.TIME,
                m,
                "horizon",
                m.id,
                phrase("%(session)s lies outside of the planned weeks.", session=self.say(m)),
            )
        elif site is not None and site.day_of(m.start) in site.holidays:
            yield Broken(
                Kind.TIME,
                m,
                "open_day",
                site.id,
                phrase("%(session)s falls on a holiday of %(site)s.", session=self.say(m), site=site.label),
            )

    def _room(self, m: Meet) -> Iterator[Broken]:
        board, act = self.board, m.act
        if not board.needs_room(act):
            return
        room, site = board.rooms.get(m.room or "", (None, None))
        if room is None or site is None or site.id != m.group[1]:
            yield Broken(Kind.ROOM, m, "room", m.room or m.id, phrase("%(session)s has no room.", session=self.say(m)))
        elif any(a < m.end and m.start < b for a, b in room.closed):
            yield Broken(
                Kind.ROOM,
                m,
                "room",
                room.id,
                phrase("%(room)s is closed during %(session)s.", room=room.label, session=self.say(m)),
            )
        elif room.cap < len(m.att):
            what = phrase(
                "%(room)s seats %(most)s; %(session)s has %(count)s.",
                room=room.label,
                most=room.cap,
                session=self.say(m),
                count=len(m.att),
            )
            yield Broken(Kind.ROOM, m, "room", room.id, what)

    def _group(self, m: Meet) -> Iterator[Broken]:
        count, act = len(m.att), m.act
        if count > act.gmax:
            yield Broken(
                Kind.GROUP,
                m,
                "group",
                m.id,
                phrase(
                    "%(session)s seats %(count)s; at most %(most)s fit the group.",
                    session=self.say(m),
                    count=count,
                    most=act.gmax,
                ),
            )
        elif count < act.gmin:
            yield Broken(
                Kind.GROUP,
                m,
                "group",
                m.id,
                phrase(
                    "%(session)s has %(count)s; the group needs %(least)s.",
                    session=self.say(m),
                    count=count,
                    least=act.gmin,
                ),
            )

    def _seat(self, m: Meet, n: int) -> Iterator[Broken]:
        board, need = self.board, self.board.needs[n]
        agent = board.agents[need.agent]
        if not reach(agent.work, m.start, m.end):
            what = phrase("%(who)s is not at work for the whole of %(session)s.", who=agent.label, session=self.say(m))
            yield Broken(Kind.SEAT, m, "at_work", agent.id, what, n)
        elif not need.earliest <= m.start < need.latest:
            yield Broken(Kind.SEAT, m, "window", agent.id, self._outside(m, agent, n), n)
        elif need.act != m.act.id or board.at.get(n) is not m:
            what = phrase(
                "%(who)s sits in %(session)s without a need of their own.", who=agent.label, session=self.say(m)
            )
            yield Broken(Kind.SEAT, m, "need", agent.id, what, n)
        elif board.group_of(n) != m.group:
            text = _OTHER_TEAM if m.group[2] else _OTHER_SITE
            what = phrase(text, who=agent.label, session=self.say(m))
            yield Broken(Kind.SEAT, m, "group", agent.id, what, n)

    def _outside(self, m: Meet, agent: Agent, n: int) -> str:
        need, site = self.board.needs[n], self.board.sites[agent.site]
        if m.start < need.earliest:
            return phrase(
                "%(session)s is too early for %(who)s: from %(day)s.",
                session=self.say(m),
                who=agent.label,
                day=say_day(self.problem, site, need.earliest),
            )
        return phrase(
            "%(session)s is too late for %(who)s: before %(day)s.",
            session=self.say(m),
            who=agent.label,
            day=say_day(self.problem, site, need.latest),
        )

    # ---- facilitators and rooms

    def _leader(self, name: str, first: int, last: int) -> Iterator[Broken]:
        board = self.board
        fac = board.facs.get(name)
        rows = board.leading(name, first - WEEK, last)
        taken = [e for e in rows if e[2].fixed or e[0] < max(first, self.now)]
        for entry in rows:
            m = entry[2]
            if m.start < max(first, self.now):
                continue
            if fac is None:
                yield Broken(
                    Kind.LEAD,
                    m,
                    "facilitator",
                    name,
                    phrase("%(session)s has no facilitator we know.", session=self.say(m)),
                )
                continue
            rule, why = "facilitator", self._cannot_lead(fac, m)
            if not why and not m.fixed:
                rule, why = self._led_too_much(fac, m, around(taken, m.start, WEEK))
            if why:
                yield Broken(Kind.LEAD, m, rule, name, why)
            elif not m.fixed:
                insort(taken, entry)

    def _cannot_lead(self, fac: Facilitator, m: Meet) -> str:
        if not reach(fac.work, m.start, m.end):
            return phrase("%(who)s is not at work for %(session)s.", who=fac.label, session=self.say(m))
        if m.act.id not in fac.quals:
            return phrase("%(who)s is not qualified for %(activity)s.", who=fac.label, activity=m.act.label)
        if m.group[1] not in fac.sites:
            return phrase("%(who)s does not serve %(site)s.", who=fac.label, site=self.board.sites[m.group[1]].label)
        return ""

    def _led_too_much(self, fac: Facilitator, m: Meet, taken: Iterable[Entry]) -> tuple[str, str]:
        gap, hours = self.board.rules.changeover_slots, m.act.length
        for t, _, x in taken:
            if t < m.end and m.start < x.end:
                return "one_place", phrase(
                    "%(who)s would be in two places: %(first)s and %(second)s.",
                    who=fac.label,
                    first=self.say(x),
                    second=self.say(m),
                )
            if x.room != m.room and t < m.end + gap and m.start < x.end + gap:
                return "changeover", phrase(
                    "%(who)s has no time to change rooms: %(first)s and %(second)s.",
                    who=fac.label,
                    first=self.say(x),
                    second=self.say(m),
                )
            if t // WEEK == m.start // WEEK:
                hours += x.act.length
        if hours > fac.weekly_slots:
            return "facilitator", phrase(
                "%(who)s may lead %(hours)s a week; %(session)s is above it.",
                who=fac.label,
                hours=say_hours(fac.weekly_slots),
                session=self.say(m),
            )
        return "", ""

    def _rooms(self, name: str) -> Iterator[Broken]:
        board, gap = self.board, self.board.rules.changeover_slots
        if name not in board.rooms:
            return
        room, _ = board.rooms[name]
        taken = [m for _, _, m in board.housed[name] if m.fixed or m.start < self.now]
        for m in self._ahead(m for _, _, m in board.housed[name] if not m.fixed):
            clash = next((x for x in taken if x.start < m.end + gap and m.start < x.end + gap), None)
            if clash is not None:
                what = phrase(
                    "%(room)s is not free for %(session)s: %(other)s.",
                    room=room.label,
                    session=self.say(m),
                    other=self.say(clash),
                )
                yield Broken(Kind.ROOM, m, "one_place", name, what)
            else:
                taken.append(m)

    # ---- one person

    def _person(self, name: str) -> Iterator[Broken]:
        """Give the seats that cannot be beside those before them: what may not change comes first."""
        agent = self.board.agents.get(name)
        if agent is None:
            return
        rows = self.board.rows(name, -100 * WEEK, self.board.slots + WEEK)
        kept = [(t, i, m) for t, i, _, m in rows if m.fixed or t < self.now]
        for t, i, n, m in rows:
            if m.fixed or t < self.now:
                continue
            near = around(kept, t, max(WEEK, self.board.gap.get(m.act.kind, 0)))
            rule, what = self._beside(agent, m, near) or self._first_things(agent, n, m, rows)
            if rule:
                yield Broken(Kind.CLASH, m, rule, name, what, n)
            else:
                insort(kept, (t, i, m))

    def _beside(self, agent: Agent, m: Meet, kept: Iterable[Entry]) -> tuple[str, str] | None:
        board, rules = self.board, self.board.rules
        site, gap = board.sites[agent.site], board.gap.get(m.act.kind, 0)
        day, in_day, in_week = site.day_of(m.start), m.act.length, m.act.length
        if gap and any(k == m.act.kind and m.start - slot < gap for k, slot in agent.last):
            return "spacing", phrase(
                "%(who)s had a session of this kind too short a time before %(session)s.",
                who=agent.label,
                session=self.say(m),
            )
        for _, _, x in kept:
            if x.start < m.end and m.start < x.end:
                return "one_place_person", phrase(
                    "%(who)s would be in two places: %(first)s and %(second)s.",
                    who=agent.label,
                    first=self.say(x),
                    second=self.say(m),
                )
            if x.start < m.end + m.act.recovery and m.start < x.end + x.act.recovery:
                return "recovery", phrase(
                    "%(who)s has no time to recover between %(first)s and %(second)s.",
                    who=agent.label,
                    first=self.say(x),
                    second=self.say(m),
                )
            if gap and x.act.kind == m.act.kind and abs(x.start - m.start) < gap:
                return "spacing", phrase(
                    "%(who)s needs %(days)s days between %(first)s and %(second)s.",
                    who=agent.label,
                    days=gap // DAY,
                    first=self.say(x),
                    second=self.say(m),
                )
            same_day = site.day_of(x.start) == day
            if same_day and x.act.recovery and m.act.recovery:
                return (
                    "recovery",
                    phrase(
                        "%(who)s has two intense sessions on one day: %(first)s and %(second)s.",
                        who=agent.label,
                        first=self.say(x),
                        second=self.say(m),
                    ),
                )
            in_day += x.act.length * same_day
            in_week += x.act.length * (x.start // WEEK == m.start // WEEK)
        if in_day > rules.day_slots or in_week > rules.week_slots:
            return "dose", phrase(_DAY_TOO_FULL if in_day > rules.day_slots else _WEEK_TOO_FULL, who=agent.label)
        return None

    def _first_things(
        self, agent: Agent, n: int, m: Meet, rows: Iterable[tuple[int, str, int, Meet]]
    ) -> tuple[str, str]:
        for gate in self.board.unheld(n):
            if not any(self.board.needs[k].act == gate and x.end <= m.start for _, _, k, x in rows):
                return "prerequisite", phrase(
                    "%(who)s needs %(gate)s before %(session)s.",
                    who=agent.label,
                    gate=self.board.acts[gate].label,
                    session=self.say(m),
                )
        return "", ""

    def _series(self) -> Iterator[Broken]:
        """Give series that are out of order, each at its first step that may change."""
        board = self.board
        chains: dict[str, list[tuple[int, Meet]]] = {}
        for n, m in board.at.items():
            name = board.needs[n].series
            if name is not None:
                chains.setdefault(name, []).append((board.needs[n].k, m))
        for _, chain in sorted(chains.items()):
            chain.sort(key=lambda row: row[0])
            if not in_series(board, chain):
                free = [m for m in self._ahead(m for _, m in chain) if not m.fixed]
                if free:
                    who = board.agent_of(free[0].att[0]).label
                    what = phrase("The coaching series of %(who)s is out of order.", who=who)
                    yield Broken(Kind.SERIES, free[0], "series", free[0].id, what)

    def say(self, m: Meet) -> str:
        """Give a session in words."""
        return say(self.board, m)


def around(entries: Sequence[Entry], start: int, far: int) -> Sequence[Entry]:
    """Give the entries whose start is less than `far` slots, or as many, from a start."""
    return entries[bisect_left(entries, (start - far,)) : bisect_left(entries, (start + far + 1,))]


def say(board: Board, m: Meet) -> str:
    """Give a session in words: activity and local time."""
    site: Site | None = board.sites.get(m.group[1])
    when = say_slot(board.problem, site, m.start) if site else phrase("slot %(number)s", number=m.start)
    return phrase("%(activity)s, %(when)s", activity=m.act.label, when=when)


def in_series(board: Board, chain: Sequence[tuple[int, Meet]]) -> bool:
    """Say whether the steps of a series, in order of step, are whole, spaced and with one coach."""
    low, high = (d * DAY for d in board.rules.coach_gap_days)
    return (
        [k for k, _ in chain] == list(range(len(chain)))
        and len({m.fac for _, m in chain}) <= 1
        and all(low <= y.start - x.start <= high for (_, x), (_, y) in pairwise(chain))
    )


def short_slots(board: Board, scope: Scope, now: int) -> dict[tuple[str, int], int]:
    """Give the slots to come in which more people of a queue are in sessions than it can spare, and by how many."""
    out: dict[tuple[str, int], int] = {}
    if scope.everything:
        taken = _taken(board, now)
    else:
        taken = {pool: _used_slots(board, pool, spans, now) for pool, spans in sorted(scope.queues.items())}
    for pool, slots in taken.items():
        for slot in sorted(slots):
            left = board.spare(pool, slot)
            if left < 0:
                out[pool, slot] = -left
    return out


def say_short(board: Board, pool: str, slots: Iterable[int], worst: int) -> str:
    """Give in words by how many a queue would be short, from the first of some slots on."""
    rows = list(slots)
    queue = board.pools[pool]
    when = say_slot(board.problem, board.sites[queue.site], min(rows))
    return phrase(
        "%(queue)s would be %(worst)s short for %(hours)s from %(when)s.",
        queue=queue.label,
        worst=worst,
        hours=say_hours(len(rows)),
        when=when,
    )


def _taken(board: Board, now: int) -> dict[str, set[int]]:
    """Give, by queue, the slots to come in which somebody of it sits in a session or rests after it."""
    found: dict[str, set[int]] = {}
    for m in board.meets.values():
        slots = range(max(now, m.start), min(m.end + m.act.recovery, board.slots))
        if slots:
            for pool in {board.agent_of(n).pool for n in m.att}:
                found.setdefault(pool, set()).update(slots)
    return found


def _joined(spans: Iterable[Span]) -> list[Span]:
    """Give spans sorted, joined where they touch."""
    out: list[Span] = []
    for a, b in sorted(spans):
        if out and a <= out[-1][1]:
            out[-1] = out[-1][0], max(b, out[-1][1])
        else:
            out.append((a, b))
    return out


def _used_slots(board: Board, pool: str, spans: Iterable[Span], now: int) -> set[int]:
    """Give the slots of spans in which somebody of a queue sits in a session."""
    out: set[int] = set()
    for first, end in _joined(spans):
        if end <= now:
            continue
        a, b = max(first, now), min(end, board.slots)
        board.load(a - DAY, b)
        for week in range((a - DAY) // WEEK, (b - 1) // WEEK + 1):
            for m in board.weekly.get(week, {}).values():
                x, y = max(a, m.start), min(b, m.end + m.act.recovery)
                if x < y and any(board.agent_of(n).pool == pool for n in m.att):
                    out.update(range(x, y))
    return out
