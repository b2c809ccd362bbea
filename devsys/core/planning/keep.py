"""What of a calendar can keep its time after a change, and with which facilitator and room.

First what cannot stand at all is taken out; then each session that lost its leader or room gets another, if need be
along a chain of others at the same time; then queues that would fall short get back the fewest people; then groups
that became too small are filled by people who wait, or by a few from large groups, or given up. Series and what waits
for something else follow.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from devsys.core.planning.again import Off, Places
from devsys.core.planning.board import NOBODY, Board, Meet
from devsys.core.planning.chain import Chains
from devsys.core.planning.giving import ONE_BY_ONE, Giving
from devsys.core.planning.least import Least
from devsys.core.planning.look import Broken, Kind, Scope, in_series, say_short, short_slots
from devsys.core.planning.problem import DAY, WEEK
from devsys.core.planning.shortage import Way

_DEPTH = 2
_ROUNDS = 12


@dataclass(frozen=True, slots=True)
class Freed:
    """One seat taken out: the session it was in, and whether the person could not have kept it in any plan."""

    need: int
    meet: Meet
    forced: bool


class Keeper:
    """The calendar while it is decided what stands."""

    def __init__(
        self, board: Board, scope: Scope, now: int, going_on: Callable[[], bool], only: Collection[str] | None = None
    ) -> None:
        """Begin with a board as it was; with `only` other sessions that cannot stand are left as they are."""
        self.board = board
        self.scope = scope
        self.now = now
        self.only = only
        self.locked: set[str] = set()
        self.left: list[Broken] = []
        self.reasons: dict[str, list[Broken]] = {}
        self.places = Places(board, going_on)
        self.chains = Chains(self.places, now)
        self.freed: dict[int, Freed] = {}
        self.offs: dict[str, Off] = {}
        self.touched: dict[str, Meet] = {}
        self.banned: dict[str, str] = {}
        self.never: dict[int, int] = {}
        self.still: set[str] = set()
        self.series: dict[str, None] = {}
        self.short: dict[tuple[str, int], int] = {}
        self.unmet: dict[tuple[str, int], int] = {}  # what queues are still short of: only what may not change is left
        self.bound = 0
        self.giving: list[tuple[Giving, Way]] = []
        self._given: dict[tuple[str, int], str] = {}

    # ---- taking out

    def free(self, m: Meet, need: int, *, forced: bool = False) -> None:
        """Take one need out of its session."""
        self.board.leave(m, need)
        self.freed.setdefault(need, Freed(need, m, forced))
        self.touched[m.id] = m
        self.places.now_waits(need)
        series = self.board.needs[need].series
        if series is not None:
            self.series[series] = None
            if not m.att:
                self.board.remove(m)

    def drop(self, m: Meet, *, forced: bool = False) -> None:
        """Take a session off with all its people; what it was is kept, so that it may move with all it had."""
        for n in tuple(m.att):
            self.free(m, n, forced=forced)
        if m.id in self.board.meets:
            self.board.remove(m)
        self._may_move(m)

    def _may_move(self, m: Meet) -> None:
        """Keep what a session was that is held no more: those who left it before come along if they can."""
        fac, room = (m.was.fac, m.was.room) if m.was else (m.fac, m.room)
        needs = tuple(n for n, f in self.freed.items() if f.meet is m)
        if needs and not any(self.board.needs[n].series for n in needs):
            self.offs[m.id] = Off(m, needs, fac, room)

    def open(self, m: Meet) -> bool:
        """Say whether a session is still there and may change."""
        free = not m.fixed and m.id not in self.locked
        return free and m.start >= self.now and self.board.meets.get(m.id) is m

    def to_come(self, m: Meet) -> bool:
        """Say whether a session is still there, to come and not pinned, left as it is or not."""
        return not m.fixed and m.start >= self.now and self.board.meets.get(m.id) is m

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
        self._leaders()
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
            + least.leaders(m for m in touched if self._wants(m) or m.id in self.banned)
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

    # ---- facilitators and rooms

    def _leaders(self) -> None:
        """Give every session that lost its facilitator or room another; those with the least choice come first."""
        board = self.board
        rows = [m for m in self.touched.values() if self.open(m) and self._wants(m)]
        rows.sort(key=lambda m: (self._count(m), -len(m.att), m.start, m.id))
        lost = [m for m in rows if not self._give(m, _DEPTH, {m.id}, rows)]
        lost = [m for m in lost if not self._give(m, _DEPTH, {m.id}, None)]
        for m in sorted(lost, key=lambda m: (-len(m.att), m.start, m.id)):
            self._stay_together(m)
            if not m.att:
                board.remove(m)
            elif not self._smaller(m) and not self._outweigh(m):
                self.drop(m)

    def _wants(self, m: Meet) -> bool:
        return m.fac == NOBODY or (self.board.needs_room(m.act) and m.room is None)

    def _count(self, m: Meet) -> int:
        board = self.board
        return sum(board.can_lead(f, m.act, m.start, m.room, m) for f in board.leaders(m.act.id, m.group[1]))

    def _give(self, m: Meet, depth: int, seen: set[str], among: list[Meet] | None) -> bool:
        """Give a session who leads and where; others at the same time may change theirs, down to `depth` of them.

        With `among` only those sessions may change.
        """
        board = self.board
        rooms: list[str | None] = [m.room]
        if board.needs_room(m.act) and m.room is None:
            rooms = [*board.rooms_for(m.act, m.group[1], m.start, len(m.att), m)]
            if not rooms and depth:
                return self._swap_room(m, depth, seen, among)
        able = self._by_preference(m)
        for room in rooms:
            for fac in able:
                if board.can_lead(board.facs[fac], m.act, m.start, room, m):
                    board.lead(m, fac, room)
                    self._note(m, fac)
                    return True
        if not depth:
            return False
        return any(self._swap_leader(m, fac, room, depth, seen, among) for room in rooms for fac in able)

    def _by_preference(self, m: Meet) -> list[str]:
        """Give who may lead by id: who does now, who stands in on that day already, then the least versatile."""
        board = self.board
        banned = self.banned.get(m.id)
        able = [f.id for f in board.leaders(m.act.id, m.group[1]) if f.id != banned]
        first = self._given.get(self._day_of(m))
        return sorted(able, key=lambda f: (f != m.fac, f != first))

    def _day_of(self, m: Meet) -> tuple[str, int]:
        had = m.was.fac if m.was else NOBODY
        return had, self.board.sites[m.group[1]].day_of(m.start) if m.group[1] in self.board.sites else 0

    def _note(self, m: Meet, fac: str) -> None:
        if m.was is not None and fac != m.was.fac:
            self._given.setdefault(self._day_of(m), fac)

    def _blockers(self, rows: list[Meet], seen: set[str], among: list[Meet] | None) -> Meet | None:
        """Give the one session in the way if there is just one and it may change."""
        if len(rows) != 1:
            return None
        m = rows[0]
        free = self.open(m) and m.id not in seen and not any(self.board.needs[n].series for n in m.att)
        return m if free and (among is None or m in among) else None

    def _swap_leader(  # noqa: PLR0917 -- one step of a chain
        self, m: Meet, fac: str, room: str | None, depth: int, seen: set[str], among: list[Meet] | None
    ) -> bool:
        board, gap = self.board, self.board.rules.changeover_slots
        near = board.leading(fac, m.start - WEEK, m.end + gap)
        rows = [x for _, _, x in near if x is not m and x.start < m.end + gap and m.start < x.end + gap]
        if not rows:
            # Free, but for the hours of the week: any other session of that week may be handed on.
            week = [x for _, _, x in board.leading(fac, m.start // WEEK * WEEK, (m.start // WEEK + 1) * WEEK)]
            return any(self._swap(m, fac, room, [x], depth, seen, among) for x in week if x is not m)
        return self._swap(m, fac, room, rows, depth, seen, among)

    def _swap(  # noqa: PLR0917 -- one step of a chain
        self,
        m: Meet,
        fac: str,
        room: str | None,
        rows: list[Meet],
        depth: int,
        seen: set[str],
        among: list[Meet] | None,
    ) -> bool:
        board = self.board
        x = self._blockers(rows, seen, among)
        if x is None:
            return False
        mark = len(board.journal)
        board.lead(x, NOBODY, x.room)
        if board.can_lead(board.facs[fac], m.act, m.start, room, m):
            board.lead(m, fac, room)
            if self._give(x, depth - 1, seen | {x.id}, among):
                self.touched[x.id] = x
                return True
        board.undo(mark)
        return False

    def _swap_room(self, m: Meet, depth: int, seen: set[str], among: list[Meet] | None) -> bool:
        """Take a room that seats all from a session that finds another one."""
        board, gap = self.board, self.board.rules.changeover_slots
        for room in sorted(board.sites[m.group[1]].rooms, key=lambda r: (r.cap, r.id)):
            if room.cap < len(m.att) or any(a < m.end and m.start < b for a, b in room.closed):
                continue
            rows = [
                x
                for _, _, x in board.housed.get(room.id, ())
                if x is not m and x.start < m.end + gap and m.start < x.end + gap
            ]
            x = self._blockers(rows, seen, among)
            if x is None or not board.needs_room(x.act):
                continue
            mark = len(board.journal)
            board.lead(x, x.fac, None)
            board.lead(m, m.fac, room.id)
            further = seen | {x.id}
            if self._give(m, 0, further, among) and self._give(x, depth - 1, further, among):
                self.touched[x.id] = x
                return True
            board.undo(mark)
        return False

    def _stay_together(self, m: Meet) -> None:
        """Let people of a session without leader or room join others of the same kind at the same time."""
        board = self.board
        for x in board.near(m.group, m.start, m.start + 1):
            if x is not m and self.open(x) and x.fac != NOBODY:
                for n in list(m.att):
                    if board.seats_left(x) > 0:
                        board.leave(m, n)
                        board.sit(x, n)
                        self.touched[x.id] = x

    def _smaller(self, m: Meet) -> bool:
        """Keep as many people as a smaller room seats, where that is the only lack; the others are let go."""
        board = self.board
        if not board.needs_room(m.act):
            return False
        rooms = board.rooms_for(m.act, m.group[1], m.start, m.act.gmin, m)
        for name in reversed(rooms):
            seats = board.rooms[name][0].cap
            for fac in self._by_preference(m):
                if board.can_lead(board.facs[fac], m.act, m.start, name, m):
                    board.lead(m, fac, name)
                    self._let_go(m, len(m.att) - seats)
                    return True
        return False

    def _outweigh(self, m: Meet) -> bool:
        """Take leader and room from a session of fewer people at the same time, which is given up for it."""
        board = self.board
        near = [
            x
            for week in ((m.start - DAY) // WEEK, m.start // WEEK)
            for x in board.weekly.get(week, {}).values()
            if x.start < m.end and m.start < x.end and len(x.att) < len(m.att) and self.open(x) and x is not m
        ]
        for x in sorted(near, key=lambda x: (len(x.att), x.start, x.id)):
            if any(board.needs[n].series for n in x.att):
                continue
            mark = len(board.journal)
            board.remove(x)
            if self._give(m, 0, {m.id}, None):
                board.undo(mark)
                self.drop(x)
                return self._give(m, 0, {m.id}, None)
            board.undo(mark)
        return False

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
                        n = min(mine, key=self._worth)
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
                self.free(m, min(rows, key=self._worth))

    def _release_one(self, pool: str, slot: int, rows: list[Meet]) -> None:
        """Let one person go from the session that helps for longest and can spare somebody."""

        def key(m: Meet) -> tuple[bool, int, int, str]:
            spares = len(m.att) > m.act.gmin
            return (not spares, -m.end if spares else len(m.att), -len(m.att), m.id)

        m = min(rows, key=key)
        self.free(m, min(self._seats_at(m, pool, slot), key=self._worth))

    def _worth(self, need: int) -> tuple[int, bool, int, int]:
        """Give how much it costs to let a seat go: what waits for it, whether no other seat is open, its weight."""
        m = self.board.at[need]
        waits = len(self._waits_for(need, m))
        return (waits, not self.places.open_seats(need), self.places.weight(need), need)

    def _waits_for(self, need: int, m: Meet) -> list[int]:
        """Give the needs of the same person that could not stand without this one."""
        board, n = self.board, self.board.needs[need]
        if n.series is not None:
            return [s for s in board.steps(n.series) if board.needs[s].k > n.k and s in board.seated]
        if (n.agent, n.act) not in board.gates():
            return []
        rows = board.rows(n.agent, m.end, board.slots)
        return [k for _, _, k, _ in rows if n.act in board.unheld(k)]

    def _let_go(self, m: Meet, count: int) -> None:
        for n in sorted(m.att, key=self._worth)[: max(0, count)]:
            self.free(m, n)

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
                self._let_go(m, -board.seats_left(m))
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
                self._may_move(m)

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
        self._stay_together(m)
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
