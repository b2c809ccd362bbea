"""How many people lose their published time in any plan after a change: a bound below, from what no plan can escape.

Seats that cannot stand at all count as they are. Beside them, on sets of seats that do not overlap: queues that would
fall short, sessions at one moment for which no leader or room is left, groups below their least whom too few could
join, steps of series, and what waits for something that was lost. Each is judged without the other rules, so that the
sum is never above the truth.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from devsys.core.planning.board import Board, Group, Meet, reach
from devsys.core.planning.chain import Table, best_chain
from devsys.core.planning.giving import Givers, Giving
from devsys.core.planning.problem import DAY, WEEK, Facilitator
from devsys.core.planning.shortage import Way, fewest
from devsys.core.planning.starts import Starts, bits, runs, span_mask

_STAY = 1_000_000
# Who, or which rooms, could serve a group at a start.
Able = Callable[[Group, int], Sequence[str]]


class Least:
    """The bound of a board from which all that cannot stand has been taken out, and nothing else yet."""

    def __init__(
        self, board: Board, now: int, waiting: Callable[[Group], Sequence[int]], locked: Collection[str] = ()
    ) -> None:
        self.board = board
        self.now = now
        self.locked = locked
        self.starts = Starts(board)
        self.waiting = waiting
        self.giving: list[tuple[Giving, Way]] = []  # which groups give how many back where queues are short
        self.counted: set[int] = set()  # seats that are counted, or that may be lost without being counted again

    def open(self, m: Meet) -> bool:
        """Say whether a session may change."""
        return not m.fixed and m.start >= self.now and m.id not in self.locked

    # ---- queues

    def queues(self, short: Mapping[tuple[str, int], int], small: Sequence[Meet] = (), *, exactly: bool = False) -> int:
        """Give how many seats must be given up for the queues; `short` is by how many each slot is short.

        With `exactly` it is chosen for all groups together who gives people back (`giving`) and who is filled, those of
        `small` among them, which are below their least.
        """
        if not short:
            return 0
        found = self._together(short, small) if exactly else None
        pools = sorted({pool for pool, _ in short})
        before = set(self.counted)
        taken = sum(self._queue(p, {slot: n for (pool, slot), n in short.items() if pool == p}) for p in pools)
        if found is None:
            return taken
        taken += self.groups(m for m in small if before.isdisjoint(m.att))
        self.counted.update(before, *(m.att for g in found[1] for m in g.meets))
        return max(taken, found[0])

    def _together(
        self, short: Mapping[tuple[str, int], int], small: Sequence[Meet]
    ) -> tuple[int, Sequence[Giving]] | None:
        """Give how many lose their time at least in all groups that matter, and these; None where that is not found."""
        slots = [slot for _, slot in short]
        self.board.load(min(slots) - WEEK, max(slots) + WEEK)
        alone = [m for m in small if self.counted.isdisjoint(m.att)]
        givers, lacking = Givers(self.board, self.open, self.waiting, self.counted).at(short, alone)
        found = fewest([g.unit for g in givers], lacking)
        if found is None:
            return None
        self.giving = [(g, way) for g, way in zip(givers, found[1], strict=True) if way is not None]
        return found[0], givers

    def _queue(self, pool: str, missing: dict[int, int]) -> int:
        """Take from each slot, the first one first, the seat that lasts longest: no other choice needs fewer."""
        board = self.board
        meets: dict[str, Meet] = {}
        for week in sorted({s // WEEK + d for s in missing for d in (-1, 0)}):
            for m in board.weekly.get(week, {}).values():
                if self.open(m) and any(s in missing for s in range(m.start, m.end + m.act.recovery)):
                    meets[m.id] = m
        inside = {i: [n for n in m.att if board.agent_of(n).pool == pool] for i, m in meets.items()}
        inside = {i: rows for i, rows in inside.items() if rows}
        left = dict(missing)
        seats = [(m.end + m.act.recovery, m.start, n) for i, rows in inside.items() for m in (meets[i],) for n in rows]
        for end, start, n in seats:
            if n in self.counted:
                _less(left, start, end)
        mine = [row for row in seats if row[2] not in self.counted]
        taken = 0
        for slot in sorted(left):
            here = sorted(row for row in mine if row[1] <= slot < row[0])
            while left[slot] > 0 and here:
                row = here.pop()
                mine.remove(row)
                _less(left, row[1], row[0])
                taken += 1
        whole = [meets[i] for i in inside]
        if all(self.counted.isdisjoint(m.att) for m in whole):
            taken = max(taken, *(self._breaking(pool, slot, count, taken, whole) for slot, count in missing.items()))
            self.counted.update(n for m in whole for n in m.att)
        self.counted.update(n for rows in inside.values() for n in rows)
        return taken

    def _breaking(self, pool: str, slot: int, count: int, taken: int, meets: Sequence[Meet]) -> int:
        """Give how many are lost where some group must fall below its least to free a slot; 0 where none must."""
        board = self.board
        here = [m for m in meets if m.start <= slot < m.end + m.act.recovery]
        seats = {m.id: sum(board.agent_of(n).pool == pool for n in m.att) for m in here}
        if count <= sum(min(seats[m.id], max(0, len(m.att) - m.act.gmin)) for m in here) or not here:
            return 0
        found = []
        for m in here:
            if self._alone(m):
                fill = self._fill(m, 1)
                off = len(m.att) + max(0, taken - seats[m.id])
                found.append(off if fill is None else min(off, taken + fill))
            else:
                found.append(taken)
        return min(found)

    def _alone(self, m: Meet) -> bool:
        """Say whether no other session of the group is at the same time: its people have nowhere to go."""
        return all(x is m for x in self.board.near(m.group, m.start, m.start + 1))

    # ---- leaders and rooms

    def leaders(self, lost: Iterable[Meet]) -> int:
        """Give how many people of sessions without leader or room, and of those at the same time, lose theirs."""
        out = 0
        for m in sorted(lost, key=lambda m: (m.start, m.id)):
            if self.counted.isdisjoint(m.att):
                count, people = max((self._moment(slot) for slot in range(m.start, m.end)), key=lambda row: row[0])
                if count:
                    self.counted |= people
                    out += count
        return out

    def _moment(self, slot: int) -> tuple[int, set[int]]:
        """Give how many people in sessions of a slot lose their time, and whose seats were looked at."""
        board = self.board
        board.load(slot - DAY, slot + 1)
        here = [
            m
            for week in (slot // WEEK - 1, slot // WEEK)
            for m in board.weekly.get(week, {}).values()
            if m.start <= slot < m.end and m.att
        ]
        mine = [m for m in here if self.open(m) and self.counted.isdisjoint(m.att)]
        led_by = {m.fac for m in here if not self.open(m)}
        rooms_taken = {m.room for m in here if not self.open(m)}
        seats: dict[tuple[Group, int], int] = {}
        for m in mine:
            seats[m.group, m.start] = seats.get((m.group, m.start), 0) + len(m.att)
        total = sum(seats.values())
        led = self._served(seats, lambda group, start: self._able(group, start, led_by))
        housed = self._served(
            {k: n for k, n in seats.items() if board.needs_room(board.acts[k[0][0]])},
            lambda group, start: self._housing(group, start, rooms_taken),
        )
        roomless = sum(n for k, n in seats.items() if not board.needs_room(board.acts[k[0][0]]))
        return total - min(led, housed + roomless), {n for m in mine for n in m.att}

    def _able(self, group: Group, start: int, taken: set[str]) -> list[str]:
        board, act = self.board, self.board.acts[group[0]]
        return [
            f.id
            for f in board.leaders(act.id, group[1])
            if f.id not in taken and reach(f.work, start, start + act.length)
        ]

    def _housing(self, group: Group, start: int, taken: set[str | None]) -> list[str]:
        board, act = self.board, self.board.acts[group[0]]
        return [
            r.id
            for r in board.sites[group[1]].rooms
            if r.id not in taken and not any(a < start + act.length and start < b for a, b in r.closed)
        ]

    def _served(self, seats: Mapping[tuple[Group, int], int], able: Able) -> int:
        """Give the most seats that can be served when each leader (or room) serves one group, so many at a time."""
        board = self.board
        units: list[tuple[int, Sequence[str]]] = []
        for (group, start), count in seats.items():
            act = board.acts[group[0]]
            cap = act.gmax
            if board.needs_room(act):
                cap = min(cap, max((r.cap for r in board.sites[group[1]].rooms), default=0))
            names, left = able(group, start), count
            while left > 0 and cap > 0:
                units.append((min(left, cap), names))
                left -= cap
        # Greedy by value along augmenting paths is exact: what can be served together is a matroid.
        units.sort(key=lambda u: -u[0])
        held: dict[str, int] = {}
        return sum(value for i, (value, _) in enumerate(units) if _augment(units, held, i, set()))

    # ---- groups

    def groups(self, small: Iterable[Meet]) -> int:
        """Give how many people groups below their least lose, or must take from others."""
        out = 0
        for m in sorted(small, key=lambda m: (m.start, m.id)):
            if self._alone(m) and self.counted.isdisjoint(m.att):
                kept = len(m.att)
                fill = self._fill(m, m.act.gmin - kept)
                out += kept if fill is None else min(kept, fill)
                self.counted.update(m.att)
        return out

    def _fill(self, m: Meet, lacks: int) -> int | None:
        """Give how many seats are lost at least when so many others come to a session; None if too few could."""
        board = self.board
        by_pool: dict[str, list[int]] = defaultdict(list)
        far = board.longest(m.act.id)
        elsewhere = [
            n
            for x in board.near(m.group, m.start - far, m.start + far + 1)
            if x is not m and self.open(x)
            for n in x.att
        ]
        for n in (*self.waiting(m.group), *elsewhere):
            price = self._price(n, m)
            if price is not None:
                by_pool[board.agent_of(n).pool].append(price)
        prices: list[int] = []
        for pool, row in by_pool.items():
            row.sort()
            spared = self._spared(pool, m)
            prices += [price + (i >= spared) for i, price in enumerate(row)]
        prices.sort()
        return sum(prices[:lacks]) if len(prices) >= lacks else None

    def _spared(self, pool: str, m: Meet) -> int:
        """Give how many more of a queue could come to a session without anybody else giving up a seat for it."""
        board = self.board
        for week in (m.start // WEEK - 1, m.start // WEEK):
            for x in board.weekly.get(week, {}).values():
                if x.start < m.end and m.start < x.end + x.act.recovery:
                    counted = [n for n in x.att if n in self.counted and board.agent_of(n).pool == pool]
                    if counted:
                        return 1 << 30
        return max(0, min(board.spare(pool, slot) for slot in range(m.start, m.end)))

    def _price(self, need: int, m: Meet) -> int | None:
        """Give how many seats a person gives up at least to come to a session; None who cannot come at all."""
        board, n = self.board, self.board.needs[need]
        agent, gap = board.agents[n.agent], board.gap.get(m.act.kind, 0)
        if not max(n.earliest, board.frozen) <= m.start < n.latest or need in m.att:
            return None
        if not reach(agent.work, m.start, m.end) or any(k == m.act.kind and m.start - t < gap for k, t in agent.last):
            return None
        price = int(need in board.seated and need not in self.counted)
        for t, _, k, x in board.rows(n.agent, m.start - max(gap, DAY), m.end + gap):
            apart = x.end <= m.start or m.end <= t
            near = gap > 0 and x.act.kind == m.act.kind and abs(t - m.start) < gap
            if apart and not near:
                continue
            if not self.open(x):
                return None
            price += apart and k != need and k not in self.counted
        return price

    # ---- what hangs together over time

    def series(self, name: str, banned: Mapping[str, str]) -> int:
        """Give how many steps that could stand by themselves lose their time with those that are lost."""
        board = self.board
        steps = board.steps(name)
        standing = [n for n in steps if (m := board.where(n)) is not None and self.open(m) and n not in self.counted]
        if not standing or any(len(m.att) > 1 for n in steps if (m := board.where(n)) is not None):
            return 0
        low, high = (d * DAY for d in board.rules.coach_gap_days)
        fixed = [n for n in steps if (m := board.where(n)) is not None and not self.open(m)]
        best = 0
        for coach in self._coaches(steps, fixed):
            tables = [self._table(n, coach, banned) for n in steps]
            found = best_chain(tables, low, high, max((board.needs[n].k + 1 for n in fixed), default=0))
            best = max(best, found[0] // _STAY if found else 0)
        if fixed and not best:
            return 0  # what may not change stands in the way of any plan
        self.counted.update(standing)
        return max(0, len(standing) + len(fixed) - best)

    def _coaches(self, steps: Sequence[int], fixed: Sequence[int]) -> Sequence[Facilitator]:
        board = self.board
        if fixed:
            coach = board.facs.get(board.at[fixed[0]].fac)
            return [coach] if coach else []
        return board.leaders(board.needs[steps[0]].act, board.agent_of(steps[0]).site)

    def _table(self, need: int, coach: Facilitator, banned: Mapping[str, str]) -> Table:
        board, n = self.board, self.board.needs[need]
        m = board.where(need)
        if m is not None and not self.open(m):
            return {m.start: _STAY}
        act, agent = board.acts[n.act], board.agents[n.agent]
        first, end = self.starts.window(need)
        out: Table = {}
        if first < end and coach.id in {f.id for f in board.leaders(act.id, agent.site)}:
            mask = runs(span_mask(agent.work, first, end + act.length - 1), act.length)
            mask &= runs(span_mask(coach.work, first, end + act.length - 1), act.length)
            out = dict.fromkeys((first + at for at in bits(mask & ((1 << (end - first)) - 1))), 1)
        if (
            m is not None
            and banned.get(m.id) != coach.id
            and act.id in coach.quals
            and reach(coach.work, m.start, m.end)
        ):
            out[m.start] = _STAY
        return out

    def waiting_for(self, lost: Iterable[int]) -> int:
        """Give how many seats begin before what they wait for could end; `lost` are needs without a place."""
        board, out = self.board, 0
        for agent, gate in sorted({(board.needs[n].agent, board.needs[n].act) for n in lost} & board.gates().keys()):
            rows = board.rows(agent, 0, board.slots)
            ends = [m.end for _, _, k, m in rows if board.needs[k].act == gate]
            ends += [self._earliest(k) for k in board.gates()[agent, gate] if k not in board.seated]
            for t, _, k, m in rows:
                early = gate in board.unheld(k) and t < min(ends, default=board.slots)
                if early and self.open(m) and k not in self.counted:
                    self.counted.add(k)
                    out += 1
        return out

    def _earliest(self, need: int) -> int:
        """Give the first slot by which a need could have been served."""
        board, agent = self.board, self.board.agent_of(need)
        act = board.acts[board.needs[need].act]
        first, end = self.starts.window(need)
        if first >= end:
            return board.slots + 1
        wide = end + act.length - 1
        led = 0
        for f in board.leaders(act.id, agent.site):
            led |= runs(span_mask(f.work, first, wide), act.length)
        mask = runs(span_mask(agent.work, first, wide), act.length) & led & ((1 << (end - first)) - 1)
        return first + next(bits(mask)) + act.length if mask else board.slots + 1


def _less(missing: dict[int, int], start: int, end: int) -> None:
    for slot in range(start, end):
        if slot in missing:
            missing[slot] -= 1


def _augment(units: Sequence[tuple[int, Sequence[str]]], held: dict[str, int], i: int, seen: set[str]) -> bool:
    for name in units[i][1]:
        if name not in seen:
            seen.add(name)
            if name not in held or _augment(units, held, held[name], seen):
                held[name] = i
                return True
    return False
