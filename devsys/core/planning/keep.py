"""What of a calendar can keep its time after a change, and with which facilitator and room.

First what cannot stand at all is taken out; then each session that lost its leader or room gets another, if need be
along a chain of others at the same time; then queues that would fall short get back the fewest people; then groups
that became too small are filled by people who wait, or by a few from large groups, or given up. Series and what waits
for something else follow.
"""

from collections.abc import Callable, Collection, Iterable

from devsys.core.planning.board import NOBODY, Board, Meet
from devsys.core.planning.chain import Chains
from devsys.core.planning.change_scope import Scope
from devsys.core.planning.giving import ONE_BY_ONE, Giving
from devsys.core.planning.leading import Leading
from devsys.core.planning.least import Least
from devsys.core.planning.look import Broken, Kind, in_series
from devsys.core.planning.problem import WEEK
from devsys.core.planning.short_queues import say_short, short_slots
from devsys.core.planning.shortage import Way
from devsys.core.planning.standing import Freed, Standing

_ROUNDS = 12


class Keeper(Standing):
    """The calendar while it is decided what stands."""

    def __init__(
        self, board: Board, scope: Scope, now: int, going_on: Callable[[], bool], only: Collection[str] | None = None
    ) -> None:
        """Begin with a board as it was; with `only` other sessions that cannot stand are left as they are."""
        super().__init__(board, now, going_on)
        self.scope = scope
        self.only = only
        self.left: list[Broken] = []
        self.reasons: dict[str, list[Broken]] = {}
        self.chains = Chains(self.places, now)
        self.never: dict[int, int] = {}
        self.still: set[str] = set()
        self.short: dict[tuple[str, int], int] = {}
        self.unmet: dict[tuple[str, int], int] = {}  # what queues are still short of: only what may not change is left
        self.bound = 0
        self.giving: list[tuple[Giving, Way]] = []

    # ---- the whole

    def settle(self, faults: Iterable[Broken], *, below: int | None = None) -> bool:
        """Bring the board to a calendar that holds, needs without a place aside.

        With `below` it is chosen exactly which groups give people back to queues, and False is given, with the board
        left half done, where the bound says that no fewer than so many lose their time, or there was nothing to choose.
        """
        self._take_out(faults)
        self.bound = self._least(exactly=below is not None)
        if below is not None and (self.bound >= below or not self.giving):
            return False
        Leading(self).settle()
        self._give_back()
        self._groups()
        self._queues()
        self._groups()
        self._restore()
        self.follow()
        return True

    def follow(self, *, place: bool = True) -> None:
        """Bring series in order, let go of what waited for something lost, and bring groups within their limits.

        With `place` what others wait for is placed again first.
        """
        for _ in range(_ROUNDS):
            before = len(self.freed)
            self._series(place=place)
            self._gates(place=place)
            self._groups()
            if len(self.freed) == before and not self.series:
                break

    def _take_out(self, faults: Iterable[Broken]) -> None:
        rows = list(faults)
        self._set_apart(rows)
        for b in rows:
            m = b.meet
            if not self.open(m):
                continue
            self.reasons.setdefault(m.id, []).append(b)
            if b.kind is Kind.TIME:
                self.drop(m, forced=True)
            elif b.kind in (Kind.SEAT, Kind.CLASH):
                if b.need in m.att:
                    self.free(m, b.need, forced=b.kind is Kind.SEAT)
            else:
                self.touched[m.id] = m
        for b in rows:
            m = b.meet
            if not self.open(m) or b.kind not in (Kind.LEAD, Kind.ROOM, Kind.SERIES):
                continue
            names = [s for n in m.att if (s := self.board.needs[n].series) is not None]
            if b.kind is Kind.LEAD:
                self.banned[m.id] = m.fac
            self.series.update(dict.fromkeys(names))
            if names and len(m.att) == m.act.gmin == 1:
                continue
            if b.kind is Kind.LEAD:
                self.board.lead(m, NOBODY, m.room)
            elif b.kind is Kind.ROOM and self._lacks_room(m):
                self.board.lead(m, m.fac, None)

    def _set_apart(self, rows: Iterable[Broken]) -> None:
        """Lock the sessions that are left as they are, and say what those break that may not change."""
        for b in rows:
            if b.meet.fixed:
                self.left.append(b)
                self.places.closed.add(b.meet.id)
            elif self.only is not None and b.meet.id not in self.only:
                self.locked.add(b.meet.id)
        if self.only is not None:
            for pool, slot in short_slots(self.board, self.scope, self.now):
                self.locked.update(m.id for m in self._off_at(pool, slot) if m.id not in self.only)
        self.places.closed |= self.locked

    def _least(self, *, exactly: bool) -> int:
        """Give how many people lose their published time in any plan, now that only what cannot stand is out."""
        board, least = self.board, Least(self.board, self.now, self.places.waiting, self.locked)
        forced = sum(f.forced and not self.gone(f.need, f.meet.start) for f in self.freed.values())
        touched = [m for m in self.touched.values() if self.open(m)]
        small = [m for m in touched if 0 < len(m.att) < m.act.gmin]
        found = (
            forced
            + least.leaders(m for m in touched if self.wants(m) or m.id in self.banned)
            + sum(least.series(name, self.banned) for name in self.series)
            + least.waiting_for(self.freed)
            + least.queues(short_slots(board, self.scope, self.now), small, exactly=exactly)
            + least.groups(small)
        )
        self.giving = least.giving
        return found

    def gone(self, need: int, start: int) -> bool:
        """Say whether a need's person is not at work any more from a start to the end of the horizon."""
        work = self.board.agent_of(need).work
        return not work or work[-1][1] <= start

    def _lacks_room(self, m: Meet) -> bool:
        """Say whether a session's room still will not do, now that people may have left."""
        board = self.board
        if m.room is None or m.room not in board.rooms or board.rooms[m.room][1].id != m.group[1]:
            return True
        return not board.room_free(m.room, m.act, m.start, len(m.att), m)

    # ---- queues

    def _give_back(self) -> None:
        """Take people out of groups as the fewest were counted; what that leaves open follows as always."""
        board = self.board
        if self.giving:
            self._note_queues(short_slots(board, self.scope, self.now))
        for giving, way in self.giving:
            meets = [m for m in giving.meets if self.open(m)]
            if sum(way.back.values()) == sum(len(m.att) for m in meets):
                for m in meets:
                    self.drop(m)
                continue
            for pool, back in sorted(way.back.items()):
                for _ in range(min(back, ONE_BY_ONE)):
                    mine = [n for m in meets for n in m.att if board.agent_of(n).pool == pool]
                    if mine:
                        n = min(mine, key=self.worth)
                        self.free(board.at[n], n)
            self.touched.update((m.id, m) for m in meets)

    def _queues(self) -> None:
        """Give queues that would fall short their people back: the fewest, from groups that can spare them."""
        board = self.board
        waiting = short_slots(board, self.scope, self.now)
        if not self.short:
            self._note_queues(waiting)
        while waiting:
            pool, slot = min(waiting, key=lambda key: (key[1], key[0]))
            rows = [m for m in self._off_at(pool, slot) if self.open(m)]
            if rows:
                self._release_one(pool, slot, rows)
            else:
                self.unmet[pool, slot] = -board.spare(pool, slot)
                del waiting[pool, slot]
            for key in [k for k in waiting if board.spare(*k) >= 0]:
                del waiting[key]

    def _note_queues(self, short: dict[tuple[str, int], int]) -> None:
        """Keep which queues would be short when, and for the sessions then why they cannot stand."""
        self.short = dict(short)
        for pool in sorted({pool for pool, _ in short}):
            self._note_short(pool, {slot: n for (p, slot), n in short.items() if p == pool})

    def _note_short(self, pool: str, short: dict[int, int]) -> None:
        """Keep for each session in slots in which a queue would be short by how much, in words."""
        rows: dict[str, tuple[Meet, list[int]]] = {}
        for slot in short:
            for m in self._off_at(pool, slot):
                rows.setdefault(m.id, (m, []))[1].append(slot)
        for m, slots in rows.values():
            what = say_short(self.board, pool, slots, max(short[s] for s in slots))
            b = Broken(Kind.QUEUE, m, "coverage", pool, what)
            if self.open(m):
                self.reasons.setdefault(m.id, []).append(b)
            elif m.fixed and not any(self.open(x) for s in slots for x in self._off_at(pool, s)):
                self.left.append(b)

    def _off_at(self, pool: str, slot: int) -> list[Meet]:
        """Give the sessions that keep somebody of a queue off it in a slot."""
        board = self.board
        week = slot // WEEK
        return [
            m
            for w in (week - 1, week)
            for m in board.weekly.get(w, {}).values()
            if m.start <= slot < m.end + m.act.recovery and self._seats_at(m, pool, slot)
        ]

    def _seats_at(self, m: Meet, pool: str, slot: int) -> list[int]:
        board = self.board
        mine = [n for n in m.att if board.agent_of(n).pool == pool]
        if slot < m.end:
            return mine
        return [n for n in mine if slot in board.off_queue(board.agent_of(n), m)]

    def give_back(self, pool: str, m: Meet) -> None:
        """Take as many people of a queue out of a session as the queue is short of while it is held."""
        board = self.board
        for slot in range(m.start, min(m.end + m.act.recovery, board.slots)):
            while board.spare(pool, slot) < 0 and (rows := self._seats_at(m, pool, slot)):
                self.free(m, min(rows, key=self.worth))

    def _release_one(self, pool: str, slot: int, rows: list[Meet]) -> None:
        """Let one person go from the session that helps for longest and can spare somebody."""

        def key(m: Meet) -> tuple[bool, int, int, str]:
            spares = len(m.att) > m.act.gmin
            return (not spares, -m.end if spares else len(m.att), -len(m.att), m.id)

        m = min(rows, key=key)
        self.free(m, min(self._seats_at(m, pool, slot), key=self.worth))

    def _restore(self) -> None:
        """Take back what turned out not to be needed: seats given up that would fit after all."""
        board = self.board
        for row in reversed(list(self.freed.values())):
            m, n = row.meet, row.need
            if row.forced or n in board.seated or board.needs[n].series is not None or not self.open(m):
                continue
            if board.seats_left(m) > 0 and self.could_stay(n, m):
                board.sit(m, n)
                del self.freed[n]

    def could_stay(self, need: int, m: Meet) -> bool:
        """Say whether a need could sit again where it sat, inside the freeze window too."""
        board, n = self.board, self.board.needs[need]
        agent = board.agents[n.agent]
        return (
            n.earliest <= m.start < n.latest
            and board.group_of(need) == m.group
            and board.suits(agent, m.act, m.start)
            and board.spared(agent, m.act, m.start)
            and board.ready(need, m.start)
        )

    # ---- groups

    def _groups(self) -> None:
        """Bring every touched group within its limits."""
        board = self.board
        for m in list(self.touched.values()):
            if self.open(m) and board.seats_left(m) < 0:
                self.let_go(m, -board.seats_left(m))
        while True:
            small = [m for m in self.touched.values() if self.open(m) and len(m.att) < m.act.gmin]
            if not small:
                break
            small = [m for m in small if not self._fill(m)]
            if small:
                self._give_up(min(small, key=lambda m: (len(m.att), m.start, m.id)))
        for m in list(self.touched.values()):
            if self.open(m) and not m.att:
                board.remove(m)
                self.may_move(m)

    def large_enough(self, m: Meet) -> bool:
        """Say whether a session has enough people, once seats were filled where that costs fewer than it would lose."""
        return self.open(m) and (len(m.att) >= m.act.gmin or self._fill(m))

    def _fill(self, m: Meet) -> bool:
        """Bring a group to its least with people who wait, or with fewer from large groups than it would lose."""
        board, mark = self.board, len(self.board.journal)
        for n in sorted(self.places.waiting(m.group), key=lambda n: (n not in self.freed, -self.places.weight(n), n)):
            if len(m.att) >= m.act.gmin:
                break
            if board.seats_left(m) > 0 and board.fits(n, m.start):
                board.sit(m, n)
                self.places.mine.add(n)
        lacks = m.act.gmin - len(m.att)
        kept = sum(n not in self.freed for n in m.att if n in (m.was.att if m.was else ()))
        if lacks <= 0 or (lacks < kept and self._borrow(m, lacks)):
            return True
        board.undo(mark)
        return False

    def _borrow(self, m: Meet, lacks: int) -> bool:
        """Bring a few people from sessions that stay large enough."""
        board = self.board
        far = max((b.latest - b.earliest for b in (board.needs[n] for n in m.att)), default=0)
        came: list[tuple[int, Meet]] = []
        for x in board.near(m.group, m.start - far, m.start + far):
            if x is m or not self.open(x) or x.start == m.start:
                continue
            for n in sorted(x.att):
                if lacks and len(x.att) > x.act.gmin and board.seats_left(m) > 0:
                    board.leave(x, n)
                    if board.fits(n, m.start):
                        board.sit(m, n)
                        came.append((n, x))
                        lacks -= 1
                    else:
                        board.sit(x, n)
        if lacks:
            return False
        for n, x in came:
            self.freed.setdefault(n, Freed(n, x, forced=False))
            self.touched[x.id] = x
            self.places.mine.add(n)
        return True

    def _give_up(self, m: Meet) -> None:
        self.stay_together(m)
        if m.att:
            self.drop(m)
        else:
            self.board.remove(m)

    # ---- what hangs together over time

    def _series(self, *, place: bool) -> None:
        """Place the steps of series that were hurt around those that stand; without `place` only let go."""
        board = self.board
        for name in list(self.series):
            whole = True
            if place:
                lost = {n: self.freed[n].meet for n in board.steps(name) if n in self.freed}
                whole = self.chains.mend(name, lost, self.banned, never=self.never, still=self.still)
            if whole:
                self._only_whole(name)
            else:
                self._without_coach(name)
            for n in board.steps(name):
                m = board.at.get(n)
                old = self.freed[n].meet.start if n in self.freed else None
                if m is not None and old == m.start:
                    del self.freed[n]
        self.series.clear()

    def _without_coach(self, series: str) -> None:
        """Let go of the steps nobody can lead, where steps that may not change leave no other way."""
        for n in self.board.steps(series):
            m = self.board.at.get(n)
            if m is not None and self.open(m) and self.banned.get(m.id) == m.fac:
                self.free(m, n)

    def _only_whole(self, series: str) -> None:
        """Let go of steps that would stand out of order."""
        board = self.board
        chain = [(board.needs[n].k, m) for n in self._all_steps(series) if (m := board.where(n)) is not None]
        while chain and not in_series(board, chain):
            free = [(k, m) for k, m in chain if self.to_come(m)]
            if not free:
                return
            _, m = max(free, key=lambda row: row[0])
            n = next(n for n in m.att if board.needs[n].series == series)
            self.free(m, n)
            chain = [row for row in chain if row[1] is not m]

    def _all_steps(self, series: str) -> list[int]:
        rows = [(n.k, i) for i, n in enumerate(self.board.needs) if n.series == series]
        return [i for _, i in sorted(rows)]

    def _gates(self, *, place: bool) -> None:
        """Place what others wait for as soon as can be, and let go of what then begins too early."""
        board = self.board
        lost = [
            n
            for n in self.freed
            if n not in board.seated and (board.needs[n].agent, board.needs[n].act) in board.gates()
        ]
        if lost and place:
            acts = {board.needs[n].act for n in lost}
            offs = [o for o in self.offs.values() if o.meet.act.id in acts and o.meet.id not in board.meets]
            self.places.place(lost, offs)
        for n in list(self.freed):
            if (board.needs[n].agent, board.needs[n].act) in board.gates():
                for k, m in self.places.left_behind(n, board.slots):
                    if self.to_come(m):
                        self.free(m, k)
