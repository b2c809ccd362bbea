"""Places for needs that have none: an open seat, a session that moves, a new session. Nobody else is moved for it."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from devsys.core.planning.board import NOBODY, Board, Group, Meet
from devsys.core.planning.problem import Facilitator
from devsys.core.planning.starts import Starts, bits

# Starts tried for one new session before it is given up.
STARTS = 40


@dataclass(slots=True)
class Off:
    """A session that lost its time: its people may move together and keep its id, facilitator and room."""

    meet: Meet
    needs: tuple[int, ...]
    fac: str
    room: str | None


class Places:
    """Seats sought on a board for needs without one.

    `closed` are ids of sessions that take nobody in; `mine` are needs placed by this search, which may be placed
    otherwise. `going_on` is asked before each costly step and ends the search when it says no.
    """

    def __init__(self, board: Board, going_on: Callable[[], bool] = lambda: True) -> None:
        self.board = board
        self.starts = Starts(board)
        self.going_on = going_on
        self.closed: set[str] = set()
        self.mine: set[int] = set()
        self._number = 0
        self._unplaced: dict[Group, list[int]] | None = None

    # ---- who waits

    def waiting(self, group: Group) -> list[int]:
        """Give all needs of a group without a place, steps of series aside."""
        board = self.board
        if self._unplaced is None:
            self._unplaced = defaultdict(list)
            for n, need in enumerate(board.needs):
                if n not in board.seated and need.series is None and need.agent in board.agents:
                    self._unplaced[board.group_of(n)].append(n)
        return [n for n in self._unplaced[group] if n not in board.seated]

    def now_waits(self, need: int) -> None:
        """Take note of a need that has lost its place."""
        if self._unplaced is not None and self.board.needs[need].series is None:
            rows = self._unplaced[self.board.group_of(need)]
            if need not in rows:
                rows.append(need)

    def weight(self, need: int) -> int:
        """Give how urgent a need is; more is more urgent."""
        return self.board.weight(need)

    def left_behind(self, need: int, end: int) -> list[tuple[int, Meet]]:
        """Give the seats of a need's person that wait for it and begin before `end`: they could not stay."""
        board = self.board
        agent, gate = board.needs[need].agent, board.needs[need].act
        if (agent, gate) not in board.gates():
            return []
        rows = board.rows(agent, 0, board.slots)
        ended = min((m.end for _, _, n, m in rows if board.needs[n].act == gate), default=end)
        return [(n, m) for t, _, n, m in rows if t < min(end, ended) and gate in board.unheld(n)]

    # ---- open seats

    def open_seats(self, need: int) -> list[Meet]:
        """Give the sessions with a seat that a need fits in: on time ones first, then the soonest."""
        board = self.board
        first, end = self.starts.window(need)
        found = [
            m
            for m in board.near(board.group_of(need), first, end)
            if self.takes(m) and board.seats_left(m) > 0 and board.fits(need, m.start)
        ]
        due = board.needs[need].due
        return sorted(found, key=lambda m: (len(self.left_behind(need, m.end)), m.start >= due, m.start, m.id))

    def takes(self, m: Meet) -> bool:
        """Say whether a session may take somebody in."""
        return not m.fixed and m.fac != NOBODY and m.id not in self.closed

    def join(self, need: int, *, deep: bool = True) -> bool:
        """Seat a need in an open seat; `deep`: also in one that somebody just placed can give up for another."""
        seats = self.open_seats(need)
        if not seats:
            return deep and self._push(need)
        self.board.sit(seats[0], need)
        self.mine.add(need)
        return True

    def _push(self, need: int) -> bool:
        """Seat a need where one placed before by this search finds another seat."""
        board = self.board
        first, end = self.starts.window(need)
        for m in board.near(board.group_of(need), first, end):
            if not self.takes(m) or board.seats_left(m) > 0:
                continue
            for other in [n for n in m.att if n in self.mine]:
                mark = len(board.journal)
                board.leave(m, other)
                if board.fits(need, m.start):
                    board.sit(m, need)
                    if self.join(other, deep=False):
                        self.mine.add(need)
                        return True
                board.undo(mark)
        return False

    def join_all(self, needs: Iterable[int]) -> list[int]:
        """Seat needs in open seats, those with the fewest first; give those that found none."""
        left = []
        for count, _, n in sorted((len(self.open_seats(n)), -self.weight(n), n) for n in needs):
            if not (self.join(n) if count else self._push(n)):
                left.append(n)
        return left

    # ---- sessions of their own

    def new_id(self) -> str:
        """Give an id that no session has had."""
        names = self.board.names
        while True:
            self._number += 1
            name = f"r{self._number:05d}"
            if name not in names:
                names.add(name)
                return name

    def open_at(self, group: Group, start: int, needs: Sequence[int], keep: Off | None = None) -> Meet | None:
        """Hold a session at `start` for as many of `needs` as fit, in their order; None if the group stays too small.

        With `keep` it is that session moved: its id, and its facilitator and room where they are free.
        """
        board, act = self.board, self.board.acts[group[0]]
        mark, number = len(board.journal), self._number
        m = Meet(keep.meet.id if keep else self.new_id(), act, start, group, keep.meet.was if keep else None)
        board.enter(m)
        for n in needs:
            if len(m.att) < act.gmax and board.fits(n, start):
                board.sit(m, n)
        fac, room = (keep.fac, keep.room) if keep else (NOBODY, None)
        if len(m.att) >= act.gmin and self.lead(m, fac, room):
            self.mine.update(m.att)
            return m
        board.undo(mark)
        if not keep:
            board.names.discard(m.id)
            self._number = number
        return None

    def lead(self, m: Meet, fac: str, room: str | None) -> bool:
        """Give a session a room and a facilitator, those named if they can; people who find no seat leave."""
        board = self.board
        for name, seats in self._rooms(m, room):
            found = self.leader(m, name, fac)
            if found is not None:
                board.lead(m, found.id, name)
                for n in m.att[seats:]:
                    board.leave(m, n)
                return True
        return False

    def _rooms(self, m: Meet, room: str | None) -> list[tuple[str | None, int]]:
        """Give rooms that could be used, with the people they seat: the one named, then those for all, then others."""
        board, count = self.board, len(m.att)
        if not board.needs_room(m.act):
            return [(None, count)]
        free = board.rooms_for(m.act, m.group[1], m.start, m.act.gmin, m)
        caps = {r: board.rooms[r][0].cap for r in free}
        free.sort(key=lambda r: (caps[r] < count, r != room, caps[r] if caps[r] >= count else -caps[r], r))
        return [(r, min(caps[r], count)) for r in free]

    def leader(self, m: Meet, room: str | None, first: str = NOBODY) -> Facilitator | None:
        """Give who could lead a session: the one named if free, else the least versatile."""
        board = self.board
        known = board.facs.get(first)
        able = board.leaders(m.act.id, m.group[1])
        if known in able and board.can_lead(known, m.act, m.start, room, m):
            return known
        return next((f for f in able if board.can_lead(f, m.act, m.start, room, m)), None)

    def open_for(self, needs: Sequence[int], others: Sequence[int] = (), keep: Off | None = None) -> Meet | None:
        """Hold a session for as many of `needs` (of one group) as can come; `others` who wait may come too."""
        board = self.board
        wanted = set(needs)
        for start, come in self._chances(needs, others, keep)[:STARTS]:
            m = self.open_at(board.group_of(needs[0]), start, come, keep)
            if m is not None and not wanted.isdisjoint(m.att):
                return m
            if m is not None:
                board.remove(m)
        return None

    def starts_for(self, needs: Sequence[int], keep: Off) -> list[int]:
        """Give the starts to which a session could move with its people alone, the best first."""
        return [start for start, _ in self._chances(needs, (), keep)]

    def _chances(self, needs: Sequence[int], others: Sequence[int], keep: Off | None) -> list[tuple[int, list[int]]]:
        """Give the starts of a session for `needs`, the best first, each with who can come, those first."""
        board = self.board
        group = board.group_of(needs[0])
        act, site = board.acts[group[0]], group[1]
        windows = [self.starts.window(n) for n in needs]
        first, end = min(a for a, _ in windows), max(b for _, b in windows)
        if first >= end or not self.going_on():
            return []
        able = {n: self.starts.of_need(n, first, end) for n in needs}
        some = 0
        for mask in able.values():
            some |= mask
        if some:
            some &= self.starts.led(act, site, first, end)
        if some and board.needs_room(act):
            some &= self.starts.housed(act, site, first, end, act.gmin)
        if not some:
            return []
        able |= {n: self.starts.of_need(n, first, end) for n in others if n not in able}
        wanted = set(needs)
        out = []
        for at in self._ranked(able, wanted, some, first, keep.meet.start if keep else first):
            come = [n for n, mask in able.items() if mask >> at & 1]
            come.sort(key=lambda n: (n not in wanted, board.needs[n].due, n))
            out.append((first + at, come))
        return out

    def _ranked(self, able: Mapping[int, int], needs: set[int], some: int, first: int, old: int) -> list[int]:
        """Give starts, the best first: fewest left behind, most of those wanted, on time, most others, nearest."""
        board = self.board
        act = board.acts[board.needs[min(needs)].act]
        rows = []
        for at in bits(some):
            here = [n for n, mask in able.items() if mask >> at & 1]
            if len(here) < act.gmin:
                continue
            mine = [n for n in here if n in needs]
            start = first + at
            behind = sum(len(self.left_behind(n, start + act.length)) for n in mine)
            prompt = sum(start < board.needs[n].due for n in mine)
            weight = sum(sorted((self.weight(n) for n in mine), reverse=True)[: act.gmax])
            rows.append((behind, -weight, -prompt, -min(len(here), act.gmax), abs(start - old), at))
        return [row[-1] for row in sorted(rows)]

    # ---- all that is to be placed

    def place(self, needs: Iterable[int], offs: Iterable[Off] = ()) -> list[int]:
        """Place needs that stand in no series, group by group; give those that found no place.

        `offs` are sessions that lost their time: their people move together where that serves them as well.
        """
        groups: dict[Group, list[int]] = defaultdict(list)
        for n in needs:
            if n not in self.board.seated:
                groups[self.board.group_of(n)].append(n)
        lost: dict[Group, list[Off]] = defaultdict(list)
        for off in offs:
            lost[off.meet.group].append(off)
        left: list[int] = []
        for group in sorted(groups, key=lambda g: (not self._is_gate(g[0]), g)):
            left += self._place_group(group, groups[group], lost[group])
        return left

    def _is_gate(self, act: str) -> bool:
        return any(act in a.prereq for a in self.board.problem.activities)

    def _place_group(self, group: Group, needs: list[int], offs: list[Off]) -> list[int]:
        board = self.board
        for off in sorted(offs, key=lambda o: (o.meet.start, o.meet.id)):
            self._move(off, group)
        left = self.join_all(n for n in needs if n not in board.seated)
        while left and self.going_on():
            m = self.open_for(left, self.waiting(group))
            if m is None:
                break
            left = self.join_all(n for n in left if n not in board.seated)
        for n in list(left):
            if n not in board.seated and self.open_for([n], self.waiting(group)) is not None:
                left = [x for x in left if x not in board.seated]
        return left

    def _move(self, off: Off, group: Group) -> None:
        """Let the people of a session that lost its time move together, or join others, whichever serves more."""
        board = self.board
        needs = [n for n in off.needs if n not in board.seated]
        if not needs:
            return
        mark = len(board.journal)
        self.join_all(needs)
        joined = self._served(needs)
        board.undo(mark)
        m = self.open_for(needs, self.waiting(group), off)
        if m is not None:
            self.join_all([n for n in needs if n not in board.seated])
            if self._served(needs) >= joined:
                return
            board.undo(mark)
        self.join_all(needs)
        rest = [n for n in needs if n not in board.seated]
        if rest:
            self.open_for(rest, self.waiting(group), off)

    def _served(self, needs: Iterable[int]) -> tuple[int, int]:
        """Give the weight of the needs that have a place, and how many of them are on time."""
        board = self.board
        placed = [(n, m) for n in needs if (m := board.at.get(n)) is not None]
        return sum(self.weight(n) for n, _ in placed), sum(m.start < board.needs[n].due for n, m in placed)
