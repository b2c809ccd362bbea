"""A calendar laid out for repair: who is where, who may leave the queue, looked up only where a change touches it.

A year of a large organisation is laid out in milliseconds, since the hours of people and queues are taken apart only
for those that are asked about. Every change is exact and can be undone. What is put in is not judged: see `look`.
"""

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from devsys.core.planning.problem import DAY, WEEK, Activity, Agent, Facilitator, Problem, Room, Session, Site, Span

NOBODY = ""
# Group of sessions that may take each other's people: activity, site, team (empty where teams may mix).
Group = tuple[str, str, str]


class Meet:
    """A session being repaired: `fac` is empty and `room` None while it has none; `was` is the session before."""

    __slots__ = ("act", "att", "end", "fac", "fixed", "group", "id", "room", "start", "was")

    def __init__(self, id_: str, act: Activity, start: int, group: Group, was: Session | None = None) -> None:
        self.id = id_
        self.act = act
        self.start = start
        self.end = start + act.length
        self.group = group
        self.was = was
        self.att: list[int] = []
        self.fac = NOBODY
        self.room: str | None = None
        self.fixed = False

    def session(self) -> Session:
        """Give the session as it stands; the very one before where nothing changed."""
        was = self.was
        att = tuple(self.att)
        if was is not None and set(att) == set(was.att) and len(att) == len(was.att):
            if (self.start, self.fac, self.room) == (was.start, was.fac, was.room):
                return was
            att = was.att
        elif was is not None:
            # Who stays keeps the order; who came stands behind.
            stay = set(att)
            att = (*(n for n in was.att if n in stay), *sorted(stay.difference(was.att)))
        else:
            att = tuple(sorted(att))
        return Session(self.id, self.act.id, self.start, self.fac, self.room, self.group[1], att)


Entry = tuple[int, str, Meet]
_SIT, _LEAVE, _LEAD, _ENTER, _REMOVE = range(5)


def reach(spans: Sequence[Span], first: int, end: int) -> bool:
    """Say whether sorted spans cover `[first, end)`."""
    i = bisect_right(spans, (first, 1 << 60)) - 1
    while i >= 0 and i < len(spans) and spans[i][0] <= first:
        first = max(first, spans[i][1])
        if first >= end:
            return True
        i += 1
    return first >= end


class Board:
    """The calendar of a problem, to be looked at and changed.

    Sessions are taken up by weeks, as they are asked about: `load` does so, and all that looks up a time calls it.
    Sessions that others wait for (gates) are there from the beginning.
    """

    def __init__(self, problem: Problem, sessions: Iterable[Session], fixed: Collection[str], now: int = 0) -> None:
        """Lay out sessions; those whose id is in `fixed` may not change, and nothing new starts before `now`.

        Sessions of unknown activities are left out.
        """
        self.problem = problem
        self.needs = problem.needs
        self.slots = problem.slots
        self.rules = problem.rules
        self.frozen = max(0, now, problem.frozen_until)
        self.fixed = fixed
        self.acts = {a.id: a for a in problem.activities}
        self.agents = {a.id: a for a in problem.agents}
        self.facs = {f.id: f for f in problem.facilitators}
        self.sites = {s.id: s for s in problem.sites}
        self.pools = {p.id: p for p in problem.pools}
        self.rooms: dict[str, tuple[Room, Site]] = {r.id: (r, s) for s in problem.sites for r in s.rooms}
        self.gap = {k: d * DAY for k, d in self.rules.min_gap_days.items() if d}
        self.meets: dict[str, Meet] = {}
        self.at: dict[int, Meet] = {}
        self.of: dict[str, list[tuple[int, str, int, Meet]]] = defaultdict(list)
        self.led: dict[str, list[Entry]] = defaultdict(list)
        self.housed: dict[str, list[Entry]] = defaultdict(list)
        self.grouped: dict[Group, list[Entry]] = defaultdict(list)
        self.weekly: dict[int, dict[str, Meet]] = defaultdict(dict)
        self.journal: list[tuple[int, Meet, int, str, str | None]] = []
        self.tries = 0
        self._pages: dict[tuple[str, int], list[int]] = {}
        self._members: dict[str, list[Agent]] | None = None
        self._leaders: dict[tuple[str, str], tuple[Facilitator, ...]] = {}
        self._gates: dict[tuple[str, str], list[int]] | None = None
        self._steps: dict[str, list[int]] | None = None
        self._longest: dict[str, int] = {}
        self._take_in(sessions)

    # ---- laying out

    def _take_in(self, sessions: Iterable[Session]) -> None:
        waited_for = {p for a in self.problem.activities for p in a.prereq}
        self._waiting: dict[int, list[Session]] = defaultdict(list)
        self.seated: set[int] = set()
        self.names: set[str] = set()
        self.taken_up: set[str] = set()
        for session in sessions:
            self.names.add(session.id)
            self.seated.update(session.att)
            if session.act in waited_for:
                self._lay(session)
            else:
                self._waiting[session.start // WEEK].append(session)
        self.first_week = self.end_week = 0  # the weeks taken up, in one piece

    def load(self, first: int, end: int) -> None:
        """Take up the sessions of the weeks of `[first, end)`, and of those between them and what is taken up."""
        a, b = first // WEEK, -(-end // WEEK)
        if self.first_week <= a and b <= self.end_week:
            return
        if self.first_week == self.end_week:
            self.first_week = self.end_week = a
        weeks = (*range(a, self.first_week), *range(self.end_week, b))
        self.first_week, self.end_week = min(a, self.first_week), max(b, self.end_week)
        for week in weeks:
            for session in self._waiting.pop(week, ()):
                self._lay(session)

    def load_all(self) -> None:
        """Take up every session."""
        weeks = self._waiting.keys()
        if weeks:
            self.load(min(weeks) * WEEK, (max(weeks) + 1) * WEEK)

    def where(self, need: int) -> Meet | None:
        """Give the session that seats a need."""
        if need in self.seated and need not in self.at:
            week = next((w for w, row in self._waiting.items() for s in row if need in s.att), None)
            if week is not None:
                self.load(week * WEEK, (week + 1) * WEEK)
        return self.at.get(need)

    def rows(self, agent: str, first: int, end: int) -> list[tuple[int, str, int, Meet]]:
        """Give somebody's seats that start in `[first, end)`: start, session id, need, session."""
        self.load(first, end)
        rows = self.of.get(agent)
        return rows[bisect_left(rows, (first,)) : bisect_left(rows, (end,))] if rows else []

    def leading(self, fac: str, first: int, end: int) -> list[Entry]:
        """Give the sessions somebody leads that start in `[first, end)`."""
        self.load(first, end)
        rows = self.led.get(fac)
        return rows[bisect_left(rows, (first,)) : bisect_left(rows, (end,))] if rows else []

    def _lay(self, session: Session) -> None:
        act = self.acts.get(session.act)
        if act is None:
            return
        needs, agents = self.needs, self.agents
        m = Meet(session.id, act, session.start, self._group(session, act), session)
        m.fac = session.fac
        m.room = session.room
        m.fixed = session.id in self.fixed
        self.taken_up.add(m.id)
        self._enter(m)
        start, name, of, at = m.start, m.id, self.of, self.at
        for n in session.att:
            if 0 <= n < len(needs) and needs[n].agent in agents and n not in m.att:
                m.att.append(n)
                at.setdefault(n, m)
                insort(of[needs[n].agent], (start, name, n, m))

    def _group(self, session: Session, act: Activity) -> Group:
        first = next((n for n in session.att if 0 <= n < len(self.needs)), None)
        agent = self.agents.get(self.needs[first].agent) if first is not None else None
        if agent is None:
            return act.id, session.site, ""
        return act.id, agent.site, agent.team if act.same_team else ""

    def group_of(self, need: int) -> Group:
        """Give the group of sessions a need may be served in."""
        n = self.needs[need]
        agent = self.agents[n.agent]
        return n.act, agent.site, agent.team if self.acts[n.act].same_team else ""

    def weight(self, need: int) -> int:
        """Give how urgent a need is; more is more urgent."""
        n = self.needs[need]
        return n.priority or self.rules.weight_of(self.acts[n.act].kind)

    def agent_of(self, need: int) -> Agent:
        """Give the person a need belongs to."""
        return self.agents[self.needs[need].agent]

    # ---- queues

    def members(self, pool: str) -> list[Agent]:
        """Give the people of a queue."""
        if self._members is None:
            self._members = defaultdict(list)
            for agent in self.problem.agents:
                self._members[agent.pool].append(agent)
        return self._members[pool]

    def page(self, pool: str, week: int) -> list[int]:
        """Give, for each slot of a week, how many more of a queue may leave it; below 0 where too many do."""
        found = self._pages.get((pool, week))
        if found is None:
            found = self._pages[pool, week] = self._count(pool, week)
        return found

    def _count(self, pool: str, week: int) -> list[int]:
        base = week * WEEK
        steps = [0] * (WEEK + 1)
        for agent in self.members(pool):
            work = agent.work
            i = max(0, bisect_right(work, (base, 1 << 60)) - 1)
            for a, b in work[i : bisect_left(work, (base + WEEK, 0))]:
                if b > base:
                    steps[a - base if a > base else 0] += 1
                    steps[b - base if b < base + WEEK else WEEK] -= 1
        required = self.pools[pool].required
        out, at_work = [], 0
        for i in range(WEEK):
            at_work += steps[i]
            spare = at_work - required[base + i]
            out.append(max(0, spare))
        self.load(base - WEEK, base + WEEK)
        for w in (week - 1, week):
            for m in self.weekly.get(w, {}).values():
                for n in m.att:
                    agent = self.agents[self.needs[n].agent]
                    if agent.pool == pool:
                        for slot in self.off_queue(agent, m):
                            if base <= slot < base + WEEK:
                                out[slot - base] -= 1
        return out

    def off_queue(self, agent: Agent, m: Meet) -> Iterable[int]:
        """Give the slots in which a session keeps somebody off the queue: its own, and those of rest at work."""
        a, b = max(0, m.start), min(m.end, self.slots)
        if not m.act.recovery:
            return range(a, b)
        rest = (s for s in range(m.end, min(m.end + m.act.recovery, self.slots)) if reach(agent.work, s, s + 1))
        return (*range(a, b), *rest)

    def spare(self, pool: str, slot: int) -> int:
        """Give how many more of a queue may leave it in a slot."""
        return self.page(pool, slot // WEEK)[slot % WEEK]

    # ---- changing

    def _take(self, need: int, m: Meet, sign: int) -> None:
        agent = self.agents[self.needs[need].agent]
        pages = self._pages
        for slot in self.off_queue(agent, m):
            page = pages.get((agent.pool, slot // WEEK))
            if page is not None:
                page[slot % WEEK] += sign

    def _seat(self, m: Meet, need: int) -> None:
        m.att.append(need)
        self.at[need] = m
        self.seated.add(need)
        insort(self.of[self.needs[need].agent], (m.start, m.id, need, m))
        self._take(need, m, -1)

    def _unseat(self, m: Meet, need: int) -> None:
        m.att.remove(need)
        if self.at.get(need) is m:
            del self.at[need]
            self.seated.discard(need)
        rows = self.of[self.needs[need].agent]
        del rows[bisect_left(rows, (m.start, m.id, need))]
        self._take(need, m, 1)

    def sit(self, m: Meet, need: int) -> None:
        """Seat a need."""
        self._seat(m, need)
        self.journal.append((_SIT, m, need, "", None))

    def leave(self, m: Meet, need: int) -> None:
        """Take a need out."""
        self._unseat(m, need)
        self.journal.append((_LEAVE, m, need, "", None))

    def lead(self, m: Meet, fac: str, room: str | None) -> None:
        """Give a session another facilitator and room."""
        self.journal.append((_LEAD, m, 0, m.fac, m.room))
        self._lead(m, fac, room)

    def _lead(self, m: Meet, fac: str, room: str | None) -> None:
        entry = (m.start, m.id, m)
        if fac != m.fac:
            self.led[m.fac].remove(entry)
            insort(self.led[fac], entry)
            m.fac = fac
        if room != m.room:
            if m.room is not None:
                self.housed[m.room].remove(entry)
            if room is not None:
                insort(self.housed[room], entry)
            m.room = room

    def enter(self, m: Meet) -> None:
        """Put in a session without people."""
        self._enter(m)
        self.journal.append((_ENTER, m, 0, "", None))

    def _enter(self, m: Meet) -> None:
        entry = (m.start, m.id, m)
        self.meets[m.id] = m
        insort(self.led[m.fac], entry)
        if m.room is not None:
            insort(self.housed[m.room], entry)
        insort(self.grouped[m.group], entry)
        self.weekly[m.start // WEEK][m.id] = m

    def remove(self, m: Meet) -> None:
        """Take a session out, its people first."""
        for n in list(m.att):
            self.leave(m, n)
        self._remove(m)
        self.journal.append((_REMOVE, m, 0, "", None))

    def _remove(self, m: Meet) -> None:
        entry = (m.start, m.id, m)
        del self.meets[m.id]
        self.led[m.fac].remove(entry)
        if m.room is not None:
            self.housed[m.room].remove(entry)
        self.grouped[m.group].remove(entry)
        del self.weekly[m.start // WEEK][m.id]

    def undo(self, mark: int) -> None:
        """Take back every change since the journal had this length, the last one first."""
        journal = self.journal
        while len(journal) > mark:
            what, m, need, fac, room = journal.pop()
            if what == _SIT:
                self._unseat(m, need)
            elif what == _LEAVE:
                self._seat(m, need)
            elif what == _LEAD:
                self._lead(m, fac, room)
            elif what == _ENTER:
                self._remove(m)
            else:
                self._enter(m)

    # ---- judging one seat

    def fits(self, need: int, start: int) -> bool:
        """Say whether a need may be served at `start` as all stands: every rule of the person and the queue."""
        self.tries += 1
        n = self.needs[need]
        act, agent = self.acts[n.act], self.agents[n.agent]
        if not max(n.earliest, self.frozen) <= start < n.latest or start + act.length > self.slots:
            return False
        return self.suits(agent, act, start) and self.spared(agent, act, start) and self.ready(need, start)

    def suits(self, agent: Agent, act: Activity, start: int) -> bool:
        """Say whether a person is at work and free for an activity, rested, and within spacing and dose."""
        end = start + act.length
        site = self.sites[agent.site]
        day = site.day_of(start)
        if day in site.holidays or not reach(agent.work, start, end):
            return False
        gap, rules = self.gap.get(act.kind, 0), self.rules
        if gap and any(k == act.kind and start - slot < gap for k, slot in agent.last):
            return False
        far = max(gap, WEEK)
        in_day = in_week = act.length
        for t, _, _, m in self.rows(agent.id, start - far, start + far):
            other = m.act
            if t < end + act.recovery and start < m.end + other.recovery:
                return False
            if gap and other.kind == act.kind and -gap < t - start < gap:
                return False
            if t // WEEK == start // WEEK:
                in_week += other.length
                if site.day_of(t) == day:
                    in_day += other.length
                    if act.recovery and other.recovery:
                        return False
        return in_day <= rules.day_slots and in_week <= rules.week_slots

    def spared(self, agent: Agent, act: Activity, start: int) -> bool:
        """Say whether the queue can do without one more for an activity at `start`, rest included."""
        pool, end = agent.pool, start + act.length
        if not all(self.spare(pool, slot) >= 1 for slot in range(start, end)):
            return False
        return not act.recovery or all(
            self.spare(pool, slot) >= 1
            for slot in range(end, min(end + act.recovery, self.slots))
            if reach(agent.work, slot, slot + 1)
        )

    def ready(self, need: int, start: int) -> bool:
        """Say whether all that must have ended before a need's activity has."""
        before = self.unheld(need)
        if not before:
            return True
        ended = {m.act.id for _, _, _, m in self.of.get(self.needs[need].agent, ()) if m.end <= start}
        return all(p in ended for p in before)

    def unheld(self, need: int) -> tuple[str, ...]:
        """Give the prerequisites of a need that its person does not hold yet."""
        n = self.needs[need]
        prereq = self.acts[n.act].prereq
        if not prereq:
            return ()
        holds = self.agents[n.agent].holds
        if holds is not None:
            return tuple(p for p in prereq if p not in holds)
        return tuple(p for p in prereq if (n.agent, p) in self.gates())

    def gates(self) -> dict[tuple[str, str], list[int]]:
        """Give the needs of activities that others wait for, by person and activity."""
        if self._gates is None:
            self._gates = defaultdict(list)
            first = {p for a in self.problem.activities for p in a.prereq}
            for i, n in enumerate(self.needs):
                if n.act in first:
                    self._gates[n.agent, n.act].append(i)
        return self._gates

    def steps(self, series: str) -> list[int]:
        """Give the needs of a series in order, from step 0 as far as no number is missing."""
        if self._steps is None:
            rows: dict[str, list[tuple[int, int]]] = defaultdict(list)
            for i, n in enumerate(self.needs):
                if n.series is not None:
                    rows[n.series].append((n.k, i))
            self._steps = {}
            for name, row in rows.items():
                row.sort()
                self._steps[name] = [i for at, (k, i) in enumerate(row) if k == at]
        return self._steps.get(series, [])

    def longest(self, act: str) -> int:
        """Give the longest window of the needs of an activity, in slots."""
        found = self._longest.get(act)
        if found is None:
            found = self._longest[act] = max((n.latest - n.earliest for n in self.needs if n.act == act), default=0)
        return found

    # ---- judging facilitators and rooms

    def leaders(self, act: str, site: str) -> tuple[Facilitator, ...]:
        """Give who is qualified for an activity at a site, the least versatile first."""
        found = self._leaders.get((act, site))
        if found is None:
            able = [f for f in self.problem.facilitators if act in f.quals and site in f.sites]
            found = self._leaders[act, site] = tuple(sorted(able, key=lambda f: (len(f.quals), len(f.sites), f.id)))
        return found

    def can_lead(self, fac: Facilitator, act: Activity, start: int, room: str | None, but: Meet | None = None) -> bool:
        """Say whether a facilitator is at work, free, within weekly hours and in time for the room."""
        self.tries += 1
        end, gap = start + act.length, self.rules.changeover_slots
        if not reach(fac.work, start, end):
            return False
        week, hours = start // WEEK, act.length
        for t, _, m in self.leading(fac.id, start - WEEK, start + WEEK):
            if m is but:
                continue
            if t < end and start < m.end:
                return False
            if gap and m.room != room and t < end + gap and start < m.end + gap:
                return False
            if t // WEEK == week:
                hours += m.act.length
        return hours <= fac.weekly_slots

    def room_free(self, name: str, act: Activity, start: int, people: int, but: Meet | None = None) -> bool:
        """Say whether a room is open, free and large enough."""
        room, _ = self.rooms[name]
        end, gap = start + act.length, self.rules.changeover_slots
        if room.cap < people or any(a < end and start < b for a, b in room.closed):
            return False
        self.load(start - DAY - gap, end + gap)
        rows = self.housed.get(name, ())
        for t, _, m in rows[bisect_left(rows, (start - DAY - gap,)) : bisect_left(rows, (end + gap,))] if rows else ():
            if m is not but and t < end + gap and start < m.end + gap:
                return False
        return True

    def needs_room(self, act: Activity) -> bool:
        """Say whether an activity is held in a room."""
        return act.room and not act.online

    def rooms_for(self, act: Activity, site: str, start: int, people: int, but: Meet | None = None) -> list[str]:
        """Give the free rooms of a site that seat so many, the smallest first."""
        rooms = sorted(self.sites[site].rooms, key=lambda r: (r.cap, r.id))
        return [r.id for r in rooms if self.room_free(r.id, act, start, people, but)]

    def seats_left(self, m: Meet) -> int:
        """Give how many more a session can take."""
        cap = m.act.gmax
        if self.needs_room(m.act) and m.room is not None and m.room in self.rooms:
            cap = min(cap, self.rooms[m.room][0].cap)
        return cap - len(m.att)

    def near(self, group: Group, first: int, end: int) -> list[Meet]:
        """Give the sessions of a group that start in `[first, end)`."""
        self.load(first, end)
        rows = self.grouped.get(group, [])
        return [m for _, _, m in rows[bisect_left(rows, (first,)) : bisect_left(rows, (end,))]]
