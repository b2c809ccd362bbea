"""The calendar while it is decided what of it stands: what was taken out of it, what was touched, what may change."""

from collections.abc import Callable
from dataclasses import dataclass

from devsys.core.planning.again import Off, Places
from devsys.core.planning.board import NOBODY, Board, Meet


@dataclass(frozen=True, slots=True)
class Freed:
    """One seat taken out: the session it was in, and whether the person could not have kept it in any plan."""

    need: int
    meet: Meet
    forced: bool


class Standing:
    """A board on which seats and sessions are let go."""

    def __init__(self, board: Board, now: int, going_on: Callable[[], bool]) -> None:
        """Begin with a board as it was."""
        self.board = board
        self.now = now
        self.locked: set[str] = set()
        self.places = Places(board, going_on)
        self.freed: dict[int, Freed] = {}
        self.offs: dict[str, Off] = {}
        self.touched: dict[str, Meet] = {}
        self.banned: dict[str, str] = {}
        self.series: dict[str, None] = {}

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
        self.may_move(m)

    def may_move(self, m: Meet) -> None:
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

    def wants(self, m: Meet) -> bool:
        """Say whether a session lacks a facilitator or a room."""
        return m.fac == NOBODY or (self.board.needs_room(m.act) and m.room is None)

    def stay_together(self, m: Meet) -> None:
        """Let people of a session without leader or room join others of the same kind at the same time."""
        board = self.board
        for x in board.near(m.group, m.start, m.start + 1):
            if x is not m and self.open(x) and x.fac != NOBODY:
                for n in list(m.att):
                    if board.seats_left(x) > 0:
                        board.leave(m, n)
                        board.sit(x, n)
                        self.touched[x.id] = x

    def let_go(self, m: Meet, count: int) -> None:
        """Take some people out of a session, those first who cost least."""
        for n in sorted(m.att, key=self.worth)[: max(0, count)]:
            self.free(m, n)

    def worth(self, need: int) -> tuple[int, bool, int, int]:
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
