"""A repair taken apart into what hangs together: sessions that give each other people, leaders or rooms."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from devsys.core.planning.board import Board
from devsys.core.planning.effect import Effect, Pair, effect_of
from devsys.core.planning.problem import WEEK, Session


class _Union:
    def __init__(self, names: Iterable[str]) -> None:
        self._up = {name: name for name in names}

    def find(self, name: str) -> str:
        while self._up[name] != name:
            name = self._up[name]
        return name

    def join(self, names: Iterable[str]) -> None:
        rows = sorted({self.find(n) for n in names})
        for name in rows[1:]:
            self._up[name] = rows[0]

    def groups(self) -> list[list[str]]:
        out: dict[str, list[str]] = defaultdict(list)
        for name in self._up:
            out[self.find(name)].append(name)
        return [sorted(rows) for _, rows in sorted(out.items())]


def parts_of(board: Board, effect: Effect, affected: Mapping[str, object]) -> list[tuple[tuple[str, ...], Effect]]:
    """Give the parts of an effect, each with the ids of the affected sessions in it; every part has at least one.

    The board stands as the effect has it. What touches no affected session by itself belongs to one that shares a
    person with it, else to the first.
    """
    pairs = {p.id: p for p in effect.pairs}
    union = _Union(pairs)
    _by_seats(union, pairs.values(), board)
    _by_use(union, pairs.values())
    _by_person(union, pairs.values(), board)
    _by_queue(union, pairs.values(), board)
    strays = [rows for rows in union.groups() if not any(name in affected for name in rows)]
    homes = sorted(name for name in pairs if name in affected)
    for rows in strays:
        people = {a for name in rows for a in _people(board, pairs[name])}
        near = [name for name in homes if not people.isdisjoint(_people(board, pairs[name]))]
        if homes:
            union.join([*rows, (near or homes)[0]])
    return [
        (tuple(name for name in rows if name in affected), effect_of(board, [pairs[name] for name in rows]))
        for rows in union.groups()
    ]


def _people(board: Board, pair: Pair) -> set[str]:
    """Give the people whose seat in a session came or went."""
    before = set(pair.before.att) if pair.before else set()
    after = set(pair.after.att) if pair.after else set()
    return {board.needs[n].agent for n in before ^ after}


def _by_seats(union: _Union, pairs: Iterable[Pair], board: Board) -> None:
    """Join sessions between which a person moved, and those of one series."""
    of_need: dict[int, list[str]] = defaultdict(list)
    of_series: dict[str, list[str]] = defaultdict(list)
    for p in pairs:
        before = set(p.before.att) if p.before else set()
        after = set(p.after.att) if p.after else set()
        for n in before ^ after:
            of_need[n].append(p.id)
        for n in before | after:
            name = board.needs[n].series
            if name is not None:
                of_series[name].append(p.id)
    for rows in (*of_need.values(), *of_series.values()):
        union.join(rows)


@dataclass(frozen=True, slots=True)
class _Seat:
    """A seat that came or went: need, session, start and end."""

    need: int
    session: str
    start: int
    end: int


def _seats(pairs: Iterable[Pair], board: Board) -> tuple[list[_Seat], list[_Seat]]:
    """Give the seats that went and those that came; a session that moved gives up all and takes all anew."""
    went: list[_Seat] = []
    came: list[_Seat] = []
    for p in pairs:
        before = {(n, p.before.start) for n in p.before.att} if p.before else set()
        after = {(n, p.after.start) for n in p.after.att} if p.after else set()
        for rows, out in ((before - after, went), (after - before, came)):
            for n, t in sorted(rows):
                act = board.acts.get(board.needs[n].act)
                out.append(_Seat(n, p.id, t, t + (act.length + act.recovery if act else 1)))
    return went, came


def _by_person(union: _Union, pairs: Iterable[Pair], board: Board) -> None:
    """Join the sessions of a person who got a seat, or lost one that others wait for: they may depend on each other."""
    went, came = _seats(pairs, board)
    mine: dict[str, list[str]] = defaultdict(list)
    for seat in (*went, *came):
        mine[board.needs[seat.need].agent].append(seat.session)
    tied = {board.needs[s.need].agent for s in came}
    tied |= {n.agent for n in (board.needs[s.need] for s in went) if (n.agent, n.act) in board.gates()}
    for name in sorted(tied):
        union.join(mine[name])


def _by_queue(union: _Union, pairs: Iterable[Pair], board: Board) -> None:
    """Join a session that took people off a queue with those whose people came back to make that possible."""
    went, came = _seats(pairs, board)
    back: dict[tuple[str, int], list[str]] = defaultdict(list)
    for seat in went:
        for slot in range(max(0, seat.start), min(seat.end, board.slots)):
            back[board.agent_of(seat.need).pool, slot].append(seat.session)
    for seat in came:
        pool = board.agent_of(seat.need).pool
        for slot in range(max(0, seat.start), min(seat.end, board.slots)):
            others = back.get((pool, slot), ())
            if others and board.spare(pool, slot) < len(others):
                union.join([seat.session, *others])


def _by_use(union: _Union, pairs: Iterable[Pair]) -> None:
    """Join sessions of which one uses a leader or a room that another gave up in the same week."""
    gave: dict[tuple[str, str, int], list[str]] = defaultdict(list)
    took: list[tuple[tuple[str, str, int], str]] = []
    for p in pairs:
        before, after = _uses(p.before), _uses(p.after)
        for use in before - after:
            gave[use].append(p.id)
        took += [(use, p.id) for use in after - before]
    for use, name in took:
        union.join([name, *gave.get(use, ())])


def _uses(session: Session | None) -> set[tuple[str, str, int]]:
    if session is None:
        return set()
    week = session.start // WEEK
    out = {("fac", session.fac, week)}
    if session.room is not None:
        out.add(("room", session.room, week))
    return out
