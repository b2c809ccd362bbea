"""Who would sit in a seat's session, and by how much group and queue would have to give way for it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from devsys.core.planning.grid import Meeting
from devsys.core.planning.relax import Relax
from devsys.core.planning.why_starts import BIT, Starts

Slot = tuple[int, int]  # a queue and a slot


@dataclass(slots=True)
class Taken:
    """What people chosen one after another take of their queues, slot by slot; `left` as it stands before them."""

    left: dict[Slot, int]
    used: Counter[Slot] = field(default_factory=Counter)

    def fits(self, slots: Iterable[Slot]) -> bool:
        """Say whether the queue can spare one more in all these slots."""
        return all(self.used[s] < self.left[s] for s in slots)

    def take(self, slots: Iterable[Slot]) -> None:
        """Take one more."""
        self.used.update(slots)


class People:
    """The people around one owed need: who waits as well, and what their queues can spare at a start."""

    def __init__(self, starts: Starts) -> None:
        self.starts, self.standing, self.lay = starts, starts.standing, starts.lay
        self.problem = self.standing.problem
        self.activity = self.problem.activities[starts.act].id

    def seated(
        self, start: int, bits: int, gone: Sequence[Meeting], join: Meeting | None = None, *, small: bool = False
    ) -> tuple[tuple[int, ...], list[Relax]] | None:
        """Give who would sit there, and what of group and queue has to be let go; None when too few can.

        `bits` are the rules let go, `gone` sessions that are not there, `join` one that stands, `small` a group below
        its minimum.
        """
        starts, lower = self.starts, bool(bits & BIT["coverage"])
        others = [] if join is not None else self._others(start)
        taken = Taken(self._left(start, [starts.need, *others], bits, gone))
        mine = self._slots(starts.need, start)
        if not lower and not taken.fits(mine):
            return None
        taken.take(mine)
        if join is not None:
            seated = self.standing.session(join).att
            full = [Relax("full", who=self.activity, amount=len(seated) + 1)] if bits & BIT["full"] else []
            return (*seated, starts.need), [*full, *self._fewer(start, taken, bits, gone)]
        few = bool(bits & BIT["companions"])
        goal = min(starts.least, max(1, self._roomy(start, gone))) if small else starts.least
        att = [starts.need]
        left_over = []
        for n in others:
            slots = self._slots(n, start)
            if len(att) < goal and taken.fits(slots):
                taken.take(slots)
                att.append(n)
            else:
                left_over.append(n)
        for n in left_over if lower and not few else ():
            if len(att) < goal:
                taken.take(self._slots(n, start))
                att.append(n)
        if len(att) < starts.least and not few:
            return None
        fewer = self._fewer(start, taken, bits, gone) if lower else []
        lowered = [Relax("companions", who=self.activity, amount=len(att))] if len(att) < starts.least else []
        return tuple(sorted(att)), [*lowered, *fewer]

    def _roomy(self, start: int, gone: Sequence[Meeting]) -> int:
        """Give how many the largest room seats that is free at a start."""
        if self.standing.roomless(self.starts.act):
            return self.starts.least
        free = [
            self.lay.room_cap[r]
            for r in self.lay.rooms_of[self.starts.site]
            if self.standing.room_open(r, self.starts.act, start)
            and all(m in gone for m in self.standing.beside_room(r, self.starts.act, start))
        ]
        return max(free, default=0)

    def _others(self, start: int) -> list[int]:
        """Give the needs of others who wait and could come, one a person: of the own queue and without rest first."""
        starts, lay = self.starts, self.lay
        if lay.gmax[starts.act] == 1:
            return []
        found: dict[int, tuple[bool, int, int, int]] = {}
        for n in self.standing.waiting.get(starts.group, ()):
            agent = lay.need_agent[n]
            inside = agent != starts.agent and lay.first[n] <= start < lay.last[n]
            if inside and self.standing.row(n)[start - lay.first[n]]:
                rank = lay.agent_pool[agent] != starts.pool, len(self._slots(n, start)), lay.due[n], n
                found[agent] = min(rank, found.get(agent, rank))
        return [rank[-1] for rank in sorted(found.values())]

    def _slots(self, need: int, start: int) -> list[Slot]:
        """Give the slots in which somebody is off the queue: those of the session, and of the rest those at work."""
        lay, starts = self.lay, self.starts
        agent, end = lay.need_agent[need], start + starts.length
        rest = range(end, min(lay.slots, end + starts.rest))
        slots = [*range(start, end), *(s for s in rest if lay.work_rows[agent, s])]
        return [(lay.agent_pool[agent], s) for s in slots]

    def _left(self, start: int, needs: Iterable[int], bits: int, gone: Sequence[Meeting]) -> dict[Slot, int]:
        slots = {slot for n in needs for slot in self._slots(n, start)}
        return {(p, s): max(0, self._margin(p, s, bits)) - self._used(p, s, gone) for p, s in slots}

    def _margin(self, pool: int, slot: int, bits: int) -> int:
        """Give rostered less required; letting the person be at work adds one to the roster of the own queue."""
        lifted = bits & BIT["at_work"] and pool == self.starts.pool
        return int(self.standing.margin[pool, slot]) + (
            1 if lifted and not self.lay.work_rows[self.starts.agent, slot] else 0
        )

    def _used(self, pool: int, slot: int, gone: Sequence[Meeting]) -> int:
        """Give how many of a queue are in sessions in a slot, those aside that are not there."""
        lay = self.lay
        used = int(lay.spare[pool, slot]) - int(self.standing.grid.spare_rows[pool, slot])
        for m in gone:
            if m.start <= slot < m.end + lay.recovery[m.act]:
                used -= sum(
                    lay.agent_pool[lay.need_agent[n]] == pool
                    and (slot < m.end or bool(lay.work_rows[lay.need_agent[n], slot]))
                    for n in m.att
                )
        return used

    def _fewer(self, start: int, taken: Taken, bits: int, gone: Sequence[Meeting]) -> list[Relax]:
        """Give by how much each queue would have to require less for those chosen."""
        most: dict[int, int] = {}
        for (pool, slot), people in taken.used.items():
            lacking = people + self._used(pool, slot, gone) - self._margin(pool, slot, bits)
            most[pool] = max(most.get(pool, 0), lacking)
        end = start + self.starts.length + self.starts.rest
        pools = self.problem.pools
        return [
            Relax("coverage", who=pools[p].id, first=start, end=end, amount=n) for p, n in sorted(most.items()) if n > 0
        ]
