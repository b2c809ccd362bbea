"""The booked state of a plan: who is where, how many may still leave; every change is exact and can be undone."""

from array import array
from bisect import bisect_left, bisect_right, insort

import numpy as np
from numpy.typing import NDArray

from devsys.core.planning.layout import Layout, marks_of
from devsys.core.planning.problem import WEEK, Session
from devsys.core.planning.shifts import open_spans

_ZEROS = tuple(bytes(n) for n in range(200))
# A need served late is worth less than one served on time, and so much more than one not served that no search leaves
# one out to bring some others in on time.
PROMPT, LATE = 100, 99
_OPEN, _CLOSE, _SIT, _LEAVE = range(4)
# What the journal says of a change, for those who count along.
OPENED, CLOSED, SEATED, LEFT = _OPEN, _CLOSE, _SIT, _LEAVE
_ONES = tuple(b"\1" * n for n in range(200))


class Meeting:
    """A session while it is being planned; `need`s sit in `att`."""

    __slots__ = ("act", "att", "end", "fac", "id", "kind", "pinned", "room", "serial", "site", "start", "team")

    def __init__(self, serial: int, act: int, kind: int, start: int, end: int) -> None:
        self.serial = serial
        self.act = act
        self.kind = kind
        self.start = start
        self.end = end
        self.fac = -1
        self.room = -1
        self.site = -1
        self.team = -1
        self.att: list[int] = []
        self.pinned = False
        self.id = ""


Entry = tuple[int, int, Meeting]


class Grid:
    """Free time of people, facilitators and rooms, spare agents per queue and slot, and the meetings booked."""

    def __init__(self, lay: Layout, *, booked: bool = True) -> None:
        """Begin with the pinned sessions booked, or with nothing at all."""
        slots, people = lay.slots, len(lay.agent_pool)
        self.lay = lay
        self.free = bytearray(lay.work)
        self.free_rows: NDArray[np.uint8] = np.frombuffer(self.free, np.uint8).reshape(people, slots)
        # Recovery also counts outside of working time, so it needs marks of its own; most programmes have none.
        self.busy = bytearray(people * slots if lay.any_recovery else 0)
        self.spare = array("h", lay.spare.tobytes())
        self.spare_rows: NDArray[np.int16] = np.frombuffer(self.spare, np.int16).reshape(lay.spare.shape)
        self.fac_free = bytearray(lay.fac_work)
        self.fac_rows: NDArray[np.uint8] = np.frombuffer(self.fac_free, np.uint8).reshape(-1, slots)
        self.room_open = bytes(marks_of((open_spans(r.closed, slots) for r in lay.rooms), slots))
        self.room_free = bytearray(self.room_open)
        self.room_rows: NDArray[np.uint8] = np.frombuffer(self.room_free, np.uint8).reshape(-1, slots)
        self.day_used = array("h", bytes(2 * people * lay.days))
        self.week_used = array("h", bytes(2 * people * lay.weeks))
        self.day_rows: NDArray[np.int16] = np.frombuffer(self.day_used, np.int16).reshape(people, lay.days)
        self.week_rows: NDArray[np.int16] = np.frombuffer(self.week_used, np.int16).reshape(people, lay.weeks)
        self.heavy = bytearray(people * lay.days if lay.any_recovery else 0)
        self.fac_week = array("h", bytes(2 * len(lay.weekly) * lay.weeks))
        self.fac_total = [0] * len(lay.weekly)
        self.of: list[list[Entry]] = [[] for _ in range(people)]
        # The starts of each person's sessions of each kind, sorted: spacing is asked for more often than all else.
        self.kinds = len(lay.gap)
        self.starts: list[list[int]] = [[] for _ in range(people * self.kinds)]
        self.led: list[list[Entry]] = [[] for _ in lay.weekly]
        self.at: list[Meeting | None] = [None] * len(lay.need_act)
        self.meetings: dict[int, Meeting] = {}
        self.around: dict[tuple[int, int, int, int], list[Meeting]] = {}
        self.changeover = lay.problem.rules.changeover_slots
        self.day_limit = lay.problem.rules.day_slots
        self.week_limit = lay.problem.rules.week_slots
        self.placed = 0
        self.on_time = 0
        self.worth = 0
        self.owed = set(range(len(lay.need_act)))
        self.late: set[int] = set()
        self.site_week: dict[tuple[int, int], dict[int, Meeting]] = {}
        self.journal: list[tuple[int, Meeting, int]] = []
        self._serial = 0
        self._remember()
        for session in lay.problem.pinned if booked else ():
            self._pin(session)

    # ---- what was before

    def _remember(self) -> None:
        """Book the last session of each kind before the horizon as a point that only spacing sees."""
        lay = self.lay
        for a, agent in enumerate(lay.problem.agents):
            for kind, slot in agent.last:
                past = Meeting(self._next(), -1, lay.kind_at[kind], slot, slot)
                past.pinned = True
                insort(self.of[a], (slot, past.serial, past))
                insort(self.starts[a * self.kinds + past.kind], slot)

    def _next(self) -> int:
        self._serial += 1
        return self._serial

    def _pin(self, session: Session) -> None:
        """Book a session as it is, whatever rule it breaks; slots outside the horizon use nothing."""
        lay = self.lay
        act = lay.act_at[session.act]
        m = Meeting(self._next(), act, lay.kind[act], session.start, session.start + lay.length[act])
        m.pinned, m.id = True, session.id
        m.fac = lay.fac_at.get(session.fac, -1)
        m.room = lay.room_at.get(session.room, -1) if session.room is not None else -1
        first = session.att[0] if session.att else None
        m.site = lay.site_at.get(session.site, -1 if first is None else lay.agent_site[lay.need_agent[first]])
        m.team = lay.agent_team[lay.need_agent[first]] if lay.same_team[act] and first is not None else -1
        self.meetings[m.serial] = m
        a, b = max(0, m.start), min(lay.slots, m.end)
        if a < b:
            self._lead(m, a, b)
            self.around.setdefault((act, m.site, m.team, m.start // WEEK), []).append(m)
            self.site_week.setdefault((m.site, m.start // WEEK), {})[m.serial] = m
        for need in session.att:
            if self.at[need] is not None:
                continue
            m.att.append(need)
            self.at[need] = m
            self.placed += 1
            self.on_time += m.start < lay.due[need]
            self.owed.discard(need)
            self._sit_pinned(m, lay.need_agent[need])

    def _lead(self, m: Meeting, a: int, b: int) -> None:
        slots = self.lay.slots
        if m.fac >= 0:
            self.fac_free[m.fac * slots + a : m.fac * slots + b] = bytes(b - a)
            if 0 <= m.start < slots:
                self.fac_week[m.fac * self.lay.weeks + m.start // WEEK] += m.end - m.start
            self.fac_total[m.fac] += m.end - m.start
            insort(self.led[m.fac], (m.start, m.serial, m))
        if m.room >= 0:
            self.room_free[m.room * slots + a : m.room * slots + b] = bytes(b - a)

    def _sit_pinned(self, m: Meeting, agent: int) -> None:
        lay, slots = self.lay, self.lay.slots
        rest = lay.recovery[m.act]
        insort(self.of[agent], (m.start, m.serial, m))
        insort(self.starts[agent * self.kinds + m.kind], m.start)
        pool = lay.agent_pool[agent] * slots
        for slot in range(max(0, m.start), min(slots, m.end + rest)):
            # In the session itself everybody counts as off the queue, at work or not; at rest only who is at work.
            if slot < m.end or lay.work[agent * slots + slot]:
                self.spare[pool + slot] -= 1
            self.free[agent * slots + slot] = 0
            if rest:
                self.busy[agent * slots + slot] = 1
        if lay.any_recovery and not rest:
            for slot in range(max(0, m.start), min(slots, m.end)):
                self.busy[agent * slots + slot] = 1
        if 0 <= m.start < slots:
            self.week_used[agent * lay.weeks + m.start // WEEK] += m.end - m.start
            day = lay.day_of[lay.agent_site[agent]][m.start]
            self.day_used[agent * lay.days + day] += m.end - m.start
            if rest:
                self.heavy[agent * lay.days + day] += 1

    # ---- judging one seat, one facilitator, one room

    def fits(self, need: int, start: int) -> bool:
        """Say whether this person may start the need's activity at `start` as all stands now (H1 to H3, H6 to H9)."""
        lay = self.lay
        if not lay.first[need] <= start < lay.last[need]:
            return False
        agent, act = lay.need_agent[need], lay.need_act[need]
        length, slots = lay.length[act], lay.slots
        base = agent * slots + start
        if self.free.find(0, base, base + length) >= 0:
            return False
        pool = lay.agent_pool[agent] * slots + start
        spare = self.spare
        for i in range(pool, pool + length):
            if spare[i] < 1:
                return False
        site = lay.agent_site[agent]
        day = agent * lay.days + lay.day_of[site][start]
        if self.day_used[day] + length > self.day_limit:
            return False
        if self.week_used[agent * lay.weeks + start // WEEK] + length > self.week_limit:
            return False
        if lay.any_recovery and not self._rests(agent, act, start, pool, day):
            return False
        if not lay.open[site][start]:
            return False
        return self._spaced(agent, lay.kind[act], start) and self.is_ready(need, start)

    def _rests(self, agent: int, act: int, start: int, pool: int, day: int) -> bool:
        """Say whether the gap after an intense session is free, its queue can spare it, and it is the day's first."""
        lay = self.lay
        length, rest = lay.length[act], lay.recovery[act]
        base = agent * lay.slots + start
        end = min(length + rest, lay.slots - start)
        if self.busy.find(1, base, base + end) >= 0:
            return False
        if not rest:
            return True
        if self.heavy[day]:
            return False
        return all(not lay.work[base + i] or self.spare[pool + i] >= 1 for i in range(length, end))

    def _spaced(self, agent: int, kind: int, start: int) -> bool:
        gap = self.lay.gap[kind]
        if not gap:
            return True
        starts = self.starts[agent * self.kinds + kind]
        i = bisect_right(starts, start - gap)
        return i == len(starts) or starts[i] >= start + gap

    def is_ready(self, need: int, start: int) -> bool:
        """Say whether all that a need rests on has ended before `start`."""
        before = self.lay.before[need]
        if not before:
            return True
        ended = {m.act for _, _, m in self.of[self.lay.need_agent[need]] if m.end <= start}
        return all(p in ended for p in before)

    def find_fac(self, act: int, site: int, start: int, room: int = -1) -> int:
        """Give a qualified facilitator free at `start`: the least versatile, then the least loaded; -1 for none."""
        lay = self.lay
        best, key = -1, (0, 0)
        facs = lay.problem.facilitators
        for fac in lay.facs_for[act, site]:
            if self.fac_fits(fac, lay.length[act], start, room):
                mine = (len(facs[fac].quals), self.fac_total[fac])
                if best < 0 or mine < key:
                    best, key = fac, mine
        return best

    def fac_fits(self, fac: int, length: int, start: int, room: int = -1) -> bool:
        """Say whether a facilitator is at work, free, within weekly hours and in time for the room."""
        lay = self.lay
        base = fac * lay.slots + start
        if self.fac_free.find(0, base, base + length) >= 0:
            return False
        if self.fac_week[fac * lay.weeks + start // WEEK] + length > lay.weekly[fac]:
            return False
        gap = self.changeover
        if not gap:
            return True
        entries = self.led[fac]
        i = bisect_left(entries, (start - gap - 50,))
        while i < len(entries) and entries[i][0] < start + length + gap:
            other = entries[i][2]
            if other.room != room and other.end + gap > start:
                return False
            i += 1
        return True

    def find_room(self, act: int, site: int, start: int, people: int) -> int:
        """Give the smallest free room of a site that seats so many; -1 for none."""
        lay = self.lay
        for room in lay.rooms_of[site]:
            if lay.room_cap[room] >= people and self.room_fits(room, lay.length[act], start):
                return room
        return -1

    def room_fits(self, room: int, length: int, start: int) -> bool:
        """Say whether a room is open and free, with time to change before and after what else is held there."""
        slots, gap = self.lay.slots, self.changeover
        base, end = room * slots, start + length
        if self.room_free.find(0, base + start, base + end) >= 0:
            return False
        beside = (*range(max(0, start - gap), start), *range(end, min(slots, end + gap)))
        return all(self.room_free[base + slot] or not self.room_open[base + slot] for slot in beside)

    # ---- changing the state

    def open_meeting(self, act: int, start: int, *, site: int, team: int, fac: int, room: int) -> Meeting:
        """Book facilitator and room for a meeting without people yet."""
        lay = self.lay
        m = Meeting(self._next(), act, lay.kind[act], start, start + lay.length[act])
        m.site, m.team, m.fac, m.room = site, team, fac, room
        self._enter(m)
        self.journal.append((_OPEN, m, 0))
        return m

    def close_meeting(self, m: Meeting) -> None:
        """Give back all that a meeting holds."""
        for need in list(m.att):
            self.leave(m, need)
        self._withdraw(m)
        self.journal.append((_CLOSE, m, 0))

    def _enter(self, m: Meeting) -> None:
        self.meetings[m.serial] = m
        self._lead(m, m.start, m.end)
        self.around.setdefault((m.act, m.site, m.team, m.start // WEEK), []).append(m)
        self.site_week.setdefault((m.site, m.start // WEEK), {})[m.serial] = m

    def _withdraw(self, m: Meeting) -> None:
        lay, slots, length = self.lay, self.lay.slots, m.end - m.start
        base = m.fac * slots + m.start
        self.fac_free[base : base + length] = lay.fac_work[base : base + length]
        self.fac_week[m.fac * lay.weeks + m.start // WEEK] -= length
        self.fac_total[m.fac] -= length
        self.led[m.fac].remove((m.start, m.serial, m))
        if m.room >= 0:
            base = m.room * slots + m.start
            self.room_free[base : base + length] = _ONES[length]
        self.around[m.act, m.site, m.team, m.start // WEEK].remove(m)
        del self.site_week[m.site, m.start // WEEK][m.serial]
        del self.meetings[m.serial]

    def settle(self) -> None:
        """Forget how the present state came about; `undo` returns no further than here."""
        self.journal.clear()

    def undo(self, mark: int = 0) -> None:
        """Take back every change since `mark`, the last one first."""
        journal = self.journal
        while len(journal) > mark:
            what, m, need = journal.pop()
            if what == _SIT:
                self._unseat(m, need)
            elif what == _LEAVE:
                self._seat(m, need)
            elif what == _OPEN:
                self._withdraw(m)
            else:
                self._enter(m)

    def sit(self, m: Meeting, need: int) -> None:
        """Seat a need that fits."""
        self._seat(m, need)
        self.journal.append((_SIT, m, need))

    def leave(self, m: Meeting, need: int) -> None:
        """Take a need out of a meeting that is not pinned."""
        self._unseat(m, need)
        self.journal.append((_LEAVE, m, need))

    def _seat(self, m: Meeting, need: int) -> None:
        lay, start = self.lay, m.start
        agent, slots, length = lay.need_agent[need], lay.slots, m.end - m.start
        base = agent * slots + start
        self.free[base : base + length] = _ZEROS[length]
        pool = lay.agent_pool[agent] * slots + start
        spare = self.spare
        for i in range(pool, pool + length):
            spare[i] -= 1
        if lay.any_recovery:
            self._rest(m, agent, 1)
        insort(self.of[agent], (start, m.serial, m))
        insort(self.starts[agent * self.kinds + m.kind], start)
        self.day_used[agent * lay.days + lay.day_of[lay.agent_site[agent]][start]] += length
        self.week_used[agent * lay.weeks + start // WEEK] += length
        m.att.append(need)
        self.at[need] = m
        self.placed += 1
        prompt = start < lay.due[need]
        self.on_time += prompt
        self.owed.discard(need)
        if not prompt:
            self.late.add(need)
        self.worth += lay.weight[need] * (PROMPT if prompt else LATE)

    def _unseat(self, m: Meeting, need: int) -> None:
        lay, start = self.lay, m.start
        agent, slots, length = lay.need_agent[need], lay.slots, m.end - m.start
        base = agent * slots + start
        self.free[base : base + length] = _ONES[length]
        pool = lay.agent_pool[agent] * slots + start
        spare = self.spare
        for i in range(pool, pool + length):
            spare[i] += 1
        if lay.any_recovery:
            self._rest(m, agent, -1)
        entries = self.of[agent]
        del entries[bisect_left(entries, (start, m.serial))]
        self.starts[agent * self.kinds + m.kind].remove(start)
        self.day_used[agent * lay.days + lay.day_of[lay.agent_site[agent]][start]] -= length
        self.week_used[agent * lay.weeks + start // WEEK] -= length
        m.att.remove(need)
        self.at[need] = None
        self.placed -= 1
        prompt = start < lay.due[need]
        self.on_time -= prompt
        self.owed.add(need)
        if not prompt:
            self.late.discard(need)
        self.worth -= lay.weight[need] * (PROMPT if prompt else LATE)

    def _rest(self, m: Meeting, agent: int, sign: int) -> None:
        lay, slots = self.lay, self.lay.slots
        rest, on = lay.recovery[m.act], int(sign > 0)
        base, pool = agent * slots, lay.agent_pool[agent] * slots
        for slot in range(m.start, m.end):
            self.busy[base + slot] = on
        for slot in range(m.end, min(slots, m.end + rest)):
            self.busy[base + slot] = on
            if lay.work[base + slot]:
                self.free[base + slot] = 1 - on
                self.spare[pool + slot] -= sign
        if rest:
            self.heavy[agent * lay.days + lay.day_of[lay.agent_site[agent]][m.start]] += sign

    def seats_left(self, m: Meeting) -> int:
        """Give how many more the group and its room can take."""
        lay = self.lay
        cap = lay.gmax[m.act]
        if m.room >= 0:
            cap = min(cap, lay.room_cap[m.room])
        return cap - len(m.att)

    def meetings_near(self, act: int, site: int, team: int, first: int, end: int) -> list[Meeting]:
        """Give the meetings of an activity, site and team (-1 for any) that start in `[first, end)`."""
        out = []
        for week in range(first // WEEK, (max(end, 1) - 1) // WEEK + 1):
            out += [m for m in self.around.get((act, site, team, week), ()) if first <= m.start < end]
        return out
