"""Another facilitator or room for sessions that lost theirs, if need be along a chain of others at the same time."""

from devsys.core.planning.board import NOBODY, Meet
from devsys.core.planning.problem import DAY, WEEK
from devsys.core.planning.standing import Standing

_DEPTH = 2


class Leading:
    """Facilitators and rooms on a board, while it is decided what stands."""

    def __init__(self, standing: Standing) -> None:
        self.standing = standing
        self.board = standing.board
        self._given: dict[tuple[str, int], str] = {}

    def settle(self) -> None:
        """Give every session that lost its facilitator or room another; those with the least choice come first."""
        board = self.board
        rows = [m for m in self.standing.touched.values() if self.standing.open(m) and self.standing.wants(m)]
        rows.sort(key=lambda m: (self._count(m), -len(m.att), m.start, m.id))
        lost = [m for m in rows if not self._give(m, _DEPTH, {m.id}, rows)]
        lost = [m for m in lost if not self._give(m, _DEPTH, {m.id}, None)]
        for m in sorted(lost, key=lambda m: (-len(m.att), m.start, m.id)):
            self.standing.stay_together(m)
            if not m.att:
                board.remove(m)
            elif not self._smaller(m) and not self._outweigh(m):
                self.standing.drop(m)

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
        banned = self.standing.banned.get(m.id)
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
        free = self.standing.open(m) and m.id not in seen and not any(self.board.needs[n].series for n in m.att)
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
                self.standing.touched[x.id] = x
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
                self.standing.touched[x.id] = x
                return True
            board.undo(mark)
        return False

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
                    self.standing.let_go(m, len(m.att) - seats)
                    return True
        return False

    def _outweigh(self, m: Meet) -> bool:
        """Take leader and room from a session of fewer people at the same time, which is given up for it."""
        board = self.board
        near = [
            x
            for week in ((m.start - DAY) // WEEK, m.start // WEEK)
            for x in board.weekly.get(week, {}).values()
            if x.start < m.end and m.start < x.end and len(x.att) < len(m.att) and self.standing.open(x) and x is not m
        ]
        for x in sorted(near, key=lambda x: (len(x.att), x.start, x.id)):
            if any(board.needs[n].series for n in x.att):
                continue
            mark = len(board.journal)
            board.remove(x)
            if self._give(m, 0, {m.id}, None):
                board.undo(mark)
                self.standing.drop(x)
                return self._give(m, 0, {m.id}, None)
            board.undo(mark)
        return False
