"""What could be done about one session by itself, tried out on the calendar as it is and taken back again."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from devsys.core.planning.again import Off
from devsys.core.planning.board import Board, Meet
from devsys.core.planning.change_scope import Scope
from devsys.core.planning.choice import Choice, Way
from devsys.core.planning.choice_words import words_of
from devsys.core.planning.effect import Effect, Pair, choice_of, effect_since, led_otherwise
from devsys.core.planning.keep import Keeper
from devsys.core.planning.look import Broken, Kind

_LEADERS, _ROOMS, _SHIFTS, _MERGES = 4, 2, 3, 2


@dataclass(frozen=True, slots=True)
class Ranked:
    """A choice with what it is ranked by, the best lowest."""

    rank: tuple[int, ...]
    choice: Choice


class Options:
    """The choices for one session that cannot stand; `locked` are ids of sessions that stay as they are."""

    def __init__(self, board: Board, m: Meet, reasons: Sequence[Broken], now: int, locked: Iterable[str]) -> None:
        self.board = board
        self.m = m
        self.now = now
        self.locked = set(locked) - {m.id}
        self.found: list[Ranked] = []
        self.kinds = {b.kind for b in reasons}
        self.away = tuple(b.need for b in reasons if b.kind in {Kind.SEAT, Kind.CLASH})
        self.short = tuple(b.who for b in reasons if b.kind is Kind.QUEUE)

    def all(self) -> list[Ranked]:
        """Give every choice, in no order."""
        series = [s for n in self.m.att if (s := self.board.needs[n].series) is not None]
        if series:
            for alone in (True, False):
                self._try(self._step(series[0], stays=True, alone=alone), place=True)
                self._try(self._step(series[0], stays=False, alone=alone), place=True)
                if self.found:
                    break
        else:
            if Kind.TIME not in self.kinds:
                self._same_time()
            self._other_times()
        self._try(self._cancel)
        return self.found

    def _try(self, act: Callable[[Keeper], bool], *, place: bool = False) -> None:
        """Carry something out, keep what it comes to, and take it back."""
        board, m = self.board, self.m
        mark = len(board.journal)
        keeper = self.keeper()
        if act(keeper):
            keeper.follow(place=place)
            effect = effect_since(board, mark)
            pair = next((p for p in effect.pairs if p.id == m.id), None)
            if pair is not None:
                way = way_of(pair, effect)
                choice = choice_of(board, effect, way, words_of(board, way, pair, effect), {m.id})
                if all((choice.after, choice.gone) != (r.choice.after, r.choice.gone) for r in self.found):
                    self.found.append(Ranked(rank_of(board, effect, pair), choice))
        board.undo(mark)

    def keeper(self) -> Keeper:
        """Give a keeper that leaves what else cannot stand as it is."""
        keeper = Keeper(self.board, Scope(), self.now, lambda: True)
        keeper.locked |= self.locked
        keeper.places.closed |= self.locked
        return keeper

    # ---- at the same time

    def _same_time(self) -> None:
        board, m = self.board, self.m
        rooms: list[str | None] = [m.room]
        if Kind.ROOM in self.kinds:
            count = max(m.act.gmin, len(m.att) - len(self.away))
            rooms = [*board.rooms_for(m.act, m.group[1], m.start, count, m)[:_ROOMS]]
        for room in rooms:
            for fac in self._leaders(room):
                self._try(self._stand(fac, room, placed=True), place=True)
                self._try(self._stand(fac, room, placed=False))

    def _leaders(self, room: str | None) -> list[str]:
        """Give who could lead at this time: who does, unless that is what is broken."""
        board, m = self.board, self.m
        if Kind.LEAD not in self.kinds:
            fac = board.facs.get(m.fac)
            if fac is not None and board.can_lead(fac, m.act, m.start, room, m):
                return [m.fac]
        able = [f for f in board.leaders(m.act.id, m.group[1]) if f.id != m.fac]
        return [f.id for f in able if board.can_lead(f, m.act, m.start, room, m)][:_LEADERS]

    def _stand(self, fac: str, room: str | None, *, placed: bool) -> Callable[[Keeper], bool]:
        """Let the session go on with a facilitator and a room; who cannot come is `placed` elsewhere or owed."""

        def act(keeper: Keeper) -> bool:
            board, m = self.board, self.m
            for n in self.away:
                keeper.free(m, n)
            if board.meets.get(m.id) is not m:
                return False
            board.lead(m, fac, room)
            for pool in self.short:
                keeper.give_back(pool, m)
            if not keeper.large_enough(m):
                return False
            if placed:
                keeper.places.place(n for n in keeper.freed if n not in board.seated)
            return True

        return act

    # ---- at another time, or with others

    def _other_times(self) -> None:
        board, m = self.board, self.m
        mark = len(board.journal)
        keeper = self.keeper()
        keeper.drop(m)
        off = keeper.offs[m.id]
        starts = keeper.places.starts_for(off.needs, off)
        board.undo(mark)
        for start in starts[:_SHIFTS]:
            self._try(self._shift(off, start))
        self._try(self._join)
        near = [x for x in board.near(m.group, self.now, board.slots) if x is not m and keeper.places.takes(x)]
        near.sort(key=lambda x: (abs(x.start - m.start), x.id))
        for x in [x for x in near if board.seats_left(x) >= len(off.needs)][:_MERGES]:
            self._try(self._merge(x))

    def _shift(self, off: Off, start: int) -> Callable[[Keeper], bool]:
        def act(keeper: Keeper) -> bool:
            keeper.drop(self.m)
            if keeper.places.open_at(self.m.group, start, off.needs, off) is None:
                return False
            keeper.places.join_all(n for n in off.needs if n not in self.board.seated)
            return True

        return act

    def _join(self, keeper: Keeper) -> bool:
        needs = list(self.m.att)
        keeper.drop(self.m)
        keeper.places.join_all(needs)
        return any(n in self.board.seated for n in needs)

    def _merge(self, x: Meet) -> Callable[[Keeper], bool]:
        def act(keeper: Keeper) -> bool:
            board, needs = self.board, list(self.m.att)
            keeper.drop(self.m)
            for n in needs:
                if not board.fits(n, x.start):
                    return False
                board.sit(x, n)
            return True

        return act

    def _cancel(self, keeper: Keeper) -> bool:
        keeper.drop(self.m)
        return True

    def _step(self, series: str, *, stays: bool, alone: bool) -> Callable[[Keeper], bool]:
        """Place one step of a series anew, `alone` or with all the others."""

        def act(keeper: Keeper) -> bool:
            board, m = self.board, self.m
            need = m.att[0]
            if Kind.LEAD in self.kinds:
                keeper.banned[m.id] = m.fac
            if self.away or self.short or not stays:
                keeper.never[need] = m.start
            if alone:
                keeper.still |= {x.id for n in board.steps(series) if (x := board.where(n)) is not None and x is not m}
            keeper.series[series] = None
            keeper.follow(place=True)
            return need in board.seated

        return act


def way_of(pair: Pair, effect: Effect) -> Way:
    """Name what an effect does to a session that was there before."""
    before, after = pair.before, pair.after
    here = set(before.att) if before is not None else set()
    placed = [p.id for p in effect.pairs if p.id != pair.id and p.after and not here.isdisjoint(p.after.att)]
    if before is None or after is None:
        owed = here & set(effect.owed)
        if not placed:
            return Way.CANCEL
        return Way.MERGE if len(placed) == 1 and not owed else Way.JOIN
    if after.start != before.start:
        return Way.SHIFT
    if (after.fac, after.room) != (before.fac, before.room) or set(after.att) - here:
        return Way.SUBSTITUTE
    return Way.JOIN if placed else Way.RELEASE


def rank_of(board: Board, effect: Effect, pair: Pair, settled: Collection[str] = ()) -> tuple[int, ...]:
    """Give what choices are ranked by: people, facilitators, what is owed, late, or changes besides, distance.

    What an effect does to other affected sessions, which it settles too, is not counted.
    """
    pairs = [p for p in effect.pairs if p.id == pair.id or p.id not in settled]
    mine = {n for p in pairs if p.before for n in p.before.att}
    far = abs(pair.after.start - pair.before.start) if pair.before is not None and pair.after is not None else 0
    return (
        len(mine.intersection(effect.disturbed)),
        sum(led_otherwise(p) for p in pairs),
        sum(board.weight(n) for n in mine.intersection(effect.owed)),
        len(mine.intersection(effect.late)),
        len(pairs),
        far,
    )
