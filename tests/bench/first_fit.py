"""A peer: first fit. Earliest due first; each need joins or opens the first session that fits, and is never moved.

Written in plain Python over bit sets (bit `t` of a set is slot `t`), with nothing of the planner but its values. It
knows the documented rules; instances with pins, recovery, change-over or a freeze window are refused.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from devsys.core.planning.problem import DAY, WEEK, Activity, Problem, Session, Site, Span

Group = tuple[str, str, str]


@dataclass
class _Open:
    """A session that is open, and who sits in it."""

    act: Activity
    start: int
    fac: int
    room: int
    group: Group
    seats: int
    att: list[int] = field(default_factory=list)

    @property
    def span(self) -> range:
        return range(self.start, self.start + self.act.length)


def first_fit(problem: Problem) -> tuple[Session, ...]:
    """Give the sessions of a plan by first fit."""
    wanted = {n.act for n in problem.needs}
    rests = any(a.recovery for a in problem.activities if a.id in wanted)
    if problem.pinned or problem.frozen_until or problem.rules.changeover_slots or rests:
        raise ValueError("first fit knows no pins, freeze window, change-over or recovery")
    book = Book(problem)
    order = sorted(range(len(problem.needs)), key=lambda n: (problem.needs[n].due, problem.needs[n].earliest, n))
    for n in order:
        if n not in book.seat:
            book.place(n)
    return book.sessions()


def _bits(spans: tuple[Span, ...]) -> int:
    total = 0
    for a, b in spans:
        total |= ((1 << (b - a)) - 1) << a
    return total


def runs(bits: int, length: int) -> int:
    """Give the starts from which `length` bits in a row are set."""
    for _ in range(1, length):
        bits &= bits >> 1
    return bits


def _between(first: int, end: int) -> int:
    return ((1 << max(0, end - first)) - 1) << first if end > first else 0


class Book:
    """Who is free when, what queues can spare, and the sessions opened so far."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.needs = problem.needs
        self.acts = {a.id: a for a in problem.activities}
        self.agents = {a.id: a for a in problem.agents}
        self.sites = {s.id: s for s in problem.sites}
        self.free = {a.id: _bits(a.work) for a in problem.agents}
        self.spare = _spare(problem)
        self.some = {pool: _positive(row) for pool, row in self.spare.items()}
        self.leads = [_bits(f.work) for f in problem.facilitators]
        self.led: list[dict[int, int]] = [defaultdict(int) for _ in problem.facilitators]
        self.leaders: dict[tuple[str, str], list[int]] = defaultdict(list)
        for i, f in enumerate(problem.facilitators):
            for key in ((act, site) for act in f.quals for site in f.sites):
                self.leaders[key].append(i)
        self.rooms = [(r, s.id) for s in problem.sites for r in s.rooms]
        self.room_free = [(1 << problem.slots) - 1 for _ in self.rooms]
        self.day_spans = {s.id: _day_spans(s, problem.slots) for s in problem.sites}
        self.shut = {s.id: self._holidays(s) for s in problem.sites}
        self.wanted: dict[str, set[str]] = defaultdict(set)
        self.groups: dict[Group, list[int]] = defaultdict(list)
        self.steps = {(n.series, n.k): i for i, n in enumerate(self.needs) if n.series is not None}
        for i, need in enumerate(self.needs):
            self.wanted[need.agent].add(need.act)
            self.groups[self.group_of(i)].append(i)
        self.open: dict[Group, list[_Open]] = defaultdict(list)
        self.seat: dict[int, _Open] = {}
        self.of: dict[str, list[tuple[int, _Open]]] = defaultdict(list)

    def _holidays(self, site: Site) -> int:
        return _bits(tuple(self.day_spans[site.id].get(day, (0, 0)) for day in site.holidays))

    def group_of(self, n: int) -> Group:
        agent, act = self.agents[self.needs[n].agent], self.acts[self.needs[n].act]
        return act.id, agent.site, agent.team if act.same_team else ""

    # ---- when a person could come

    def starts(self, n: int) -> int:
        """Give the starts a need could take as far as its person and queue are concerned."""
        need = self.needs[n]
        act, agent = self.acts[need.act], self.agents[need.agent]
        first, end = need.earliest, min(need.latest, self.problem.slots - act.length + 1)
        for before in act.prereq:
            if agent.holds is not None and before in agent.holds:
                continue
            if agent.holds is None and before not in self.wanted[agent.id]:
                continue
            ends = [o.span.stop for m, o in self.of[agent.id] if self.needs[m].act == before]
            first = max(first, min(ends, default=end))
        if need.k and need.series is not None:
            before_step = self.seat.get(self.steps[need.series, need.k - 1])
            if before_step is None:
                return 0
            low, high = self.problem.rules.coach_gap_days
            first, end = max(first, before_step.start + low * DAY), min(end, before_step.start + high * DAY + 1)
        first = max(first, 0)
        if first >= end:
            return 0
        width = end - first
        near = self.free[agent.id] >> first & self.some[agent.pool] >> first & ((1 << width + act.length - 1) - 1)
        found = (runs(near, act.length) & ((1 << width) - 1)) << first & ~self.shut[agent.site]
        return found & ~self._blocked(n, act, first, end) if found else 0

    def _blocked(self, n: int, act: Activity, first: int, end: int) -> int:
        """Give the starts in a window that spacing and dose forbid."""
        need = self.needs[n]
        rules, site = self.problem.rules, self.sites[self.agents[need.agent].site]
        gap = rules.min_gap_days.get(act.kind, 0) * DAY
        kind_last = [slot for kind, slot in self.agents[need.agent].last if kind == act.kind]
        blocked = 0
        for slot in kind_last if gap else ():
            blocked |= _between(0, slot + gap)
        days: dict[int, int] = defaultdict(int)
        weeks: dict[int, int] = defaultdict(int)
        reach = max(gap, WEEK)
        for _, o in self.of[need.agent]:
            if not first - reach < o.start < end + reach:
                continue
            if gap and o.act.kind == act.kind:
                blocked |= _between(max(0, o.start - gap + 1), o.start + gap)
            days[site.day_of(o.start)] += o.act.length
            weeks[o.start // WEEK] += o.act.length
        for week, used in weeks.items():
            if used + act.length > rules.week_slots:
                blocked |= _between(week * WEEK, (week + 1) * WEEK)
        for day, used in days.items():
            if used + act.length > rules.day_slots:
                blocked |= _between(*self.day_spans[site.id].get(day, (0, 0)))
        return blocked

    # ---- placing

    def place(self, n: int) -> None:
        """Seat a need in the first session of its group that it can join, or in the first that can be opened."""
        group = self.group_of(n)
        mine = self.starts(n)
        if not mine:
            return
        act = self.acts[group[0]]
        joined = min(
            (o for o in self.open[group] if len(o.att) < o.seats and mine >> o.start & 1),
            key=lambda o: o.start,
            default=None,
        )
        if joined is not None:
            self.sit(joined, n)
            return
        others = {n: mine}
        if act.gmax > 1:
            need = self.needs[n]
            for m in self.groups[group]:
                other = self.needs[m]
                if m not in self.seat and m != n and other.earliest < need.latest and other.latest > need.earliest:
                    others[m] = self.starts(m)
        for start in _each(mine):
            if self._open_at(n, start, group, others):
                return

    def _open_at(self, n: int, start: int, group: Group, others: dict[int, int]) -> bool:
        act = self.acts[group[0]]
        here = [m for m, bits in others.items() if bits >> start & 1]
        taken = self._within_spare(here, start, act)
        if len(taken) < act.gmin:
            return False
        room, seats = self._room(act, group[1], start, len(taken))
        fac = self._leader(n, act, group[1], start)
        if fac < 0 or seats < act.gmin:
            return False
        session = _Open(act, start, fac, room, group, min(seats, act.gmax))
        mask = _between(start, start + act.length)
        self.leads[fac] &= ~mask
        self.led[fac][start // WEEK] += act.length
        if room >= 0:
            self.room_free[room] &= ~mask
        self.open[group].append(session)
        for m in taken[: session.seats]:
            self.sit(session, m)
        return True

    def _within_spare(self, here: list[int], start: int, act: Activity) -> list[int]:
        left: dict[str, int] = {}
        people: set[str] = set()
        out = []
        for m in here:
            agent = self.agents[self.needs[m].agent]
            if agent.pool not in left:
                left[agent.pool] = min(self.spare[agent.pool][start : start + act.length])
            if left[agent.pool] > 0 and agent.id not in people:
                left[agent.pool] -= 1
                people.add(agent.id)
                out.append(m)
        return out

    def _room(self, act: Activity, site: str, start: int, count: int) -> tuple[int, int]:
        if not act.room or act.online:
            return -1, act.gmax
        mask = _between(start, start + act.length)
        free = [i for i, (_, s) in enumerate(self.rooms) if s == site and self.room_free[i] & mask == mask]
        if not free:
            return -1, 0
        best = max(free, key=lambda i: (min(self.rooms[i][0].cap, count), -i))
        return best, self.rooms[best][0].cap

    def _leader(self, n: int, act: Activity, site: str, start: int) -> int:
        need = self.needs[n]
        kept = self.seat[self.steps[need.series, need.k - 1]].fac if need.series is not None and need.k else -1
        mask = _between(start, start + act.length)
        for i in self.leaders[act.id, site]:
            hours = self.led[i][start // WEEK] + act.length
            if kept in {-1, i} and self.leads[i] & mask == mask and hours <= self.problem.facilitators[i].weekly_slots:
                return i
        return -1

    def sit(self, session: _Open, n: int) -> None:
        """Seat a need; all that it takes up is booked."""
        agent = self.agents[self.needs[n].agent]
        session.att.append(n)
        self.seat[n] = session
        self.of[agent.id].append((n, session))
        self.free[agent.id] &= ~_between(session.start, session.span.stop)
        row = self.spare[agent.pool]
        for slot in session.span:
            row[slot] -= 1
            if row[slot] <= 0:
                self.some[agent.pool] &= ~(1 << slot)

    def sessions(self) -> tuple[Session, ...]:
        """Give the sessions as values."""
        out = []
        for i, o in enumerate(o for rows in self.open.values() for o in rows):
            room = self.rooms[o.room][0].id if o.room >= 0 else None
            lead = self.problem.facilitators[o.fac].id
            out.append(Session(f"f{i:05d}", o.act.id, o.start, lead, room, o.group[1], tuple(sorted(o.att))))
        return tuple(out)


def _day_spans(site: Site, slots: int) -> dict[int, Span]:
    """Give the slots of each local day."""
    found: dict[int, Span] = {}
    for slot in range(slots):
        day = site.day_of(slot)
        found[day] = (found.get(day, (slot, slot))[0], slot + 1)
    return found


def _spare(problem: Problem) -> dict[str, list[int]]:
    steps = {p.id: [0] * (problem.slots + 1) for p in problem.pools}
    for agent in problem.agents:
        for a, b in agent.work:
            steps[agent.pool][a] += 1
            steps[agent.pool][b] -= 1
    out = {}
    for pool in problem.pools:
        row, here = [], 0
        for slot in range(problem.slots):
            here += steps[pool.id][slot]
            row.append(max(0, here - pool.required[slot]))
        out[pool.id] = row
    return out


def _positive(row: list[int]) -> int:
    return int("".join("1" if x > 0 else "0" for x in reversed(row)) or "0", 2)


def _each(bits: int) -> Iterator[int]:
    """Give the set bits, lowest first."""
    base = 0
    while bits:
        skip = (bits & -bits).bit_length() - 1
        base += skip
        yield base
        bits >>= skip + 1
        base += 1
