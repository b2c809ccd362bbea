"""Sessions held whatever stands in their way, and what that would cost those who lose their seats for them."""

from collections.abc import Iterable, Mapping, Sequence

from devsys.core.planning.construct import Group
from devsys.core.planning.grid import Grid, Meeting
from devsys.core.planning.improve import group_of, join, open_new
from devsys.core.planning.problem import WEEK
from devsys.core.planning.series import improve_series, lift_series
from devsys.core.planning.solver import Opened

# What it costs to take away a session's facilitator, or people of a queue that has none to spare, in lost seats.
_LED, _SHORT = 4, 2


class Prices:
    """What seats and sessions would cost those who have others, in people who lose theirs."""

    def __init__(
        self, plan: Grid, groups: Mapping[Group, Sequence[int]], needs: frozenset[int], sat: Mapping[int, Meeting]
    ) -> None:
        self.plan = plan
        self.lay = plan.lay
        self.groups = groups
        self.needs = needs
        self.sat = sat
        self.missing: dict[tuple[Group, int], int] = {}

    def seat(self, need: int, start: int) -> int:
        """Price a seat."""
        plan, lay = self.plan, self.lay
        own = self.sat.get(need) or plan.at[need]
        if own is not None and own.start == start:
            return 0
        price = 0 if plan.at[need] is None else self._leaving(plan.at[need])
        if plan.fits(need, start):
            return price
        agent, act = lay.need_agent[need], lay.need_act[need]
        end, kind = start + lay.length[act], lay.kind[act]
        gap = max(lay.gap[kind], 1)
        for t, _, m in plan.of[agent]:
            if (t < end and m.end > start) or (m.kind == kind and abs(t - start) < gap):
                price += self._leaving(m)
        short = plan.spare_rows[lay.agent_pool[agent], start:end].min() < 1
        return max(price + _SHORT * bool(short), 1)

    def _leaving(self, m: Meeting | None) -> int:
        """Price it that somebody leaves a session: all its people, where it would be too small."""
        if m is None or m.act < 0 or m.pinned:
            return _LED
        return 0 if len(m.att) > self.lay.gmin[m.act] else len(m.att)

    def lead(self, group: Group, start: int, fac: int) -> int:
        """Price a session that somebody leads."""
        plan, lay = self.plan, self.lay
        if (group, start) not in self.missing:
            self.missing[group, start] = self._missing(group, start)
        price = self.missing[group, start]
        if any(m.fac == fac for m in plan.meetings_near(*group, start, start + 1)):
            return price
        end = start + lay.length[group[0]]
        if plan.fac_fits(fac, end - start, start):
            return price
        there = sum(len(m.att) for t, _, m in plan.led[fac] if t < end and m.end > start)
        return price + (there or _LED)

    def _missing(self, group: Group, start: int) -> int:
        """Say how many of a session's least number could not come without loss."""
        plan, least, count = self.plan, self.lay.gmin[group[0]], 0
        for n in self.groups.get(group, ()):
            if n in self.needs:
                count += 1
            else:
                m = plan.at[n]
                here = m is not None and m.start == start
                count += here or ((m is None or len(m.att) > least) and plan.fits(n, start))
        return max(0, least - count)


class Aside:
    """Sessions held whatever stands in their way.

    `lost` are the needs that lose their seat for them, `company` those that sit with them, `asked` those of it that had
    to although something else stood in their way. `answer` are the needs that are given seats.
    """

    def __init__(self, plan: Grid, empty: Grid, groups: Mapping[Group, Sequence[int]], answer: frozenset[int]) -> None:
        self.plan = plan
        self.empty = empty
        self.groups = groups
        self.answer = answer
        self.lost: set[int] = set()
        self.company: set[int] = set()
        self.asked: set[int] = set()

    def hold(self, new: Opened) -> bool:
        """Hold a session with all its people; False if something stands in the way that cannot be put aside."""
        plan, lay = self.plan, self.plan.lay
        act, site, team = new.group
        there = [m for m in plan.meetings_near(*new.group, new.start, new.start + 1) if not m.pinned]
        m = next((m for m in there if m.fac == new.fac), None)
        if m is None:
            m = self._open(new, act, site, team)
        if m is None:
            return False
        seated = [self._seat(m, n, new.needs) for n in new.needs]
        if len(m.att) < lay.gmin[act]:
            self._fill(m)
        self.company.update(m.att)
        enough = len(m.att) >= lay.gmin[act]
        if not enough:
            self._close(m)
        return enough and all(seated)

    def _seat(self, m: Meeting, need: int, wanted: Sequence[int]) -> bool:
        """Seat a need in a session, whatever stands in its way but those wanted there."""
        plan = self.plan
        old = plan.at[need]
        if old is m:
            return True
        if old is not None:
            self._leave(old, need)
        if not plan.seats_left(m):
            spare = next((k for k in m.att if k not in wanted), None)
            if spare is not None:
                self._out(m, spare)
        if plan.seats_left(m) and self._make_room(need, m, wanted):
            plan.sit(m, need)
            self.lost.discard(need)
            return True
        if old is not None:
            self.lost.add(need)
        return False

    def _fill(self, m: Meeting) -> None:
        """Find company for a session: who comes without loss, then who could come at all."""
        plan, lay = self.plan, self.plan.lay
        group, least = (m.act, m.site, m.team), lay.gmin[m.act]
        others = [n for n in self.groups.get(group, ()) if n not in self.answer and self.empty.fits(n, m.start)]
        for n in others:
            old = plan.at[n]
            if old is not m and (old is None or len(old.att) > least) and len(m.att) < least:
                mark = len(plan.journal)
                if old is not None:
                    plan.leave(old, n)
                if plan.fits(n, m.start):
                    plan.sit(m, n)
                    self.lost.discard(n)
                else:
                    plan.undo(mark)
        for n in others:
            if len(m.att) < least and plan.at[n] is not m and self._seat(m, n, others):
                self.asked.add(n)

    def _open(self, new: Opened, act: int, site: int, team: int) -> Meeting | None:
        """Book facilitator and room for a session, whoever has them; None where that cannot be."""
        plan, lay = self.plan, self.plan.lay
        length, start = lay.length[act], new.start
        room = new.room
        if room >= 0 and not plan.room_fits(room, length, start):
            other = plan.find_room(act, site, start, len(new.needs))
            if other >= 0:
                room = other
            else:
                self._clear(m for m in self._near(site, start, length) if m.room == room)
                if not plan.room_fits(room, length, start):
                    return None
        if not plan.fac_fits(new.fac, length, start, room):
            gap = plan.changeover
            self._clear(m for t, _, m in plan.led[new.fac] if t < start + length + gap and m.end + gap > start)
        week = start // WEEK
        while not plan.fac_fits(new.fac, length, start, room):
            others = [m for t, _, m in plan.led[new.fac] if t // WEEK == week and self._may(m)]
            if not others:
                return None
            self._close(min(others, key=lambda m: (len(m.att), m.start)))
        return plan.open_meeting(act, start, site=site, team=team, fac=new.fac, room=room)

    def _near(self, site: int, start: int, length: int) -> list[Meeting]:
        """Give the sessions of a site that meet a stay, time to change counted."""
        plan, gap = self.plan, self.plan.changeover
        weeks = range((start - gap - max(plan.lay.length)) // WEEK, (start + length + gap) // WEEK + 1)
        every = [m for w in weeks for m in plan.site_week.get((site, w), {}).values()]
        return [m for m in every if m.start < start + length + gap and m.end + gap > start]

    def _make_room(self, need: int, m: Meeting, wanted: Sequence[int]) -> bool:
        """Put aside what keeps a person from coming: own sessions first, then people of the queue."""
        plan, lay = self.plan, self.plan.lay
        agent, start = lay.need_agent[need], m.start
        if plan.fits(need, start):
            return True
        gap = max(lay.gap[m.kind], m.end - m.start)
        rows = [o for _, _, o in plan.of[agent] if self._may(o) and o is not m]
        near = [o for o in rows if o.start < m.end and o.end > start]
        near += [o for o in rows if o.kind == m.kind and abs(o.start - start) < gap and o not in near]
        for o in near:
            self._take(o, agent)
        if plan.fits(need, start):
            return True
        pool = lay.agent_pool[agent]
        for slot in range(start, m.end):
            while plan.spare_rows[pool, slot] < 1:
                idle = [n for n in self._of(m, pool) if n not in wanted]
                if idle:
                    self._out(m, idle[0])
                    continue
                here = [
                    o
                    for o in self._near(m.site, slot, 1)
                    if o is not m and o.start <= slot < o.end and self._may(o) and self._of(o, pool)
                ]
                if not here:
                    return False
                o = min(here, key=lambda o: (len(o.att) <= lay.gmin[o.act], len(o.att), o.start))
                self._take(o, lay.need_agent[self._of(o, pool)[0]])
        if plan.fits(need, start):
            return True
        same = [o for o in rows if o.start // WEEK == start // WEEK and o.serial in plan.meetings]
        for o in sorted(same, key=lambda o: abs(o.start - start)):
            if any(lay.need_agent[n] == agent for n in o.att):
                self._take(o, agent)
                if plan.fits(need, start):
                    return True
        return False

    def _of(self, m: Meeting, pool: int) -> list[int]:
        """Give the needs of a queue's people in a session."""
        lay = self.plan.lay
        return [n for n in m.att if lay.agent_pool[lay.need_agent[n]] == pool]

    @staticmethod
    def _may(m: Meeting) -> bool:
        return m.act >= 0 and not m.pinned

    def _take(self, m: Meeting, agent: int) -> None:
        """Take somebody out of a session."""
        lay = self.plan.lay
        for n in [n for n in m.att if lay.need_agent[n] == agent]:
            self._leave(m, n)

    def _leave(self, m: Meeting, need: int) -> None:
        """Take a need out of a session, which is put aside as a whole where it would be too small."""
        lay = self.plan.lay
        if len(m.att) <= lay.gmin[m.act] or lay.need_series[need] >= 0:
            self._close(m)
        else:
            self._out(m, need)

    def _out(self, m: Meeting, need: int) -> None:
        self.plan.leave(m, need)
        self.lost.add(need)

    def _clear(self, meetings: Iterable[Meeting]) -> None:
        for m in list(meetings):
            if self._may(m) and m.serial in self.plan.meetings:
                self._close(m)

    def _close(self, m: Meeting) -> None:
        """Put a session aside; of a series all steps, since none stands without those before it."""
        plan, lay = self.plan, self.plan.lay
        series = {lay.need_series[n] for n in m.att} - {-1}
        self.lost.update(m.att)
        plan.close_meeting(m)
        for s in sorted(series):
            self.lost.update(n for n in lay.steps[s] if (o := plan.at[n]) is not None and not o.pinned)
            lift_series(plan, s)

    def seat_again(self) -> None:
        """Seek other seats for those who lost theirs."""
        plan, lay = self.plan, self.plan.lay
        for prompt in (True, False):
            waiting = [n for n in sorted(self.lost) if plan.at[n] is None]
            for n in waiting:
                if plan.at[n] is not None:
                    continue
                if lay.need_series[n] >= 0:
                    improve_series(plan, lay.need_series[n])
                elif not join(plan, n, prompt=prompt):
                    mates = [k for k in waiting if group_of(plan, k) == group_of(plan, n)]
                    open_new(plan, n, mates, prompt=prompt)
