"""What cannot stand in a calendar after a change: each fault with its session, its rule, and a sentence with names.

With the organisation before the change at hand only what differs is looked at; without it, everything that is still
to come. Faults of the queue as a whole are not here: see `short_queues`.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise
from typing import Final

from devsys.base.words import phrase, to_keep
from devsys.core.planning.board import Board, Entry, Meet, reach
from devsys.core.planning.change_scope import Scope
from devsys.core.planning.desk import say_hours
from devsys.core.planning.problem import DAY, WEEK, Agent, Facilitator, Site, Span, say_day, say_slot

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
