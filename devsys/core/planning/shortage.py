"""The fewest who lose their time for queues that are short: chosen exactly among groups that may not become too small.

A group gives people up one by one as long as enough are left; below its least it is filled by others who come, each at
a price, or given up as a whole. What each way costs is worked out before (`giving`); here one way is chosen for each
group, so that every slot gets back as many as it lacks and as few as can be lose their time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

# Choices looked at before the question is given up.
_TRIES: Final = 3_000
_NEVER: Final = 1 << 30

# A queue and a slot.
Moment = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Way:
    """What a group may do: how many lose their time for it at least, and how many come back to each queue.

    Below 0 so many more leave the queue.
    """

    cost: int
    back: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Unit:
    """A group that keeps people off queues from `start` to `end`, with the ways it has, the cheapest first.

    Those who come to it are off the queue until `held` only: the rest after it may lie outside of their work. `stands`
    says that it may also stay as it is at no cost.
    """

    start: int
    end: int
    held: int
    ways: tuple[Way, ...]
    stands: bool = True


def fewest(units: Sequence[Unit], short: Mapping[Moment, int]) -> tuple[int, tuple[Way | None, ...]] | None:
    """Give how many lose their time at least, and the way of each unit then (None: it stays as it is).

    `short`: how many must come back, below 0: so many more may leave. A moment that is not in it asks for nothing. None
    when the groups together cannot give back what is short, and when there is too much to choose from.
    """
    search = _Search(units, short)
    search.fixed(0, 0)
    if search.tries <= 0 or search.best is None:
        return None
    return search.cost, tuple(search.best)


class _Search:
    """One search over all units: first those that cannot stay as they are, then moment by moment."""

    def __init__(self, units: Sequence[Unit], short: Mapping[Moment, int]) -> None:
        self.units = units
        self.left = dict(short)
        self.moments = sorted(short, key=lambda key: (key[1], key[0]))
        self.must = [i for i, u in enumerate(units) if not u.stands]
        self.over = {key: [i for i, u in enumerate(units) if u.start <= key[1] < u.end] for key in self.moments}
        self.cost = _NEVER
        self.best: list[Way | None] | None = None
        self.chosen: list[Way | None] = [None] * len(units)
        self.ways: list[tuple[Way, ...]] = [u.ways if u.stands else () for u in units]
        self.tries = _TRIES

    def fixed(self, at: int, cost: int) -> None:
        """Choose for the units that cannot stay as they are, from the place `at` on."""
        if at == len(self.must):
            self.moment(cost)
            return
        i = self.must[at]
        for way in self.units[i].ways:
            if cost + way.cost < self.cost and self.tries > 0:
                self._take(i, way, 1)
                self.fixed(at + 1, cost + way.cost)
                self._take(i, way, -1)
        self.chosen[i] = None

    def moment(self, cost: int) -> None:
        """Choose for the first moment that is short who gives people back."""
        self.tries -= 1
        first = next((key for key in self.moments if self.left[key] > 0), None)
        if first is None:
            if cost < self.cost:
                self.cost, self.best = cost, list(self.chosen)
            return
        if self.tries <= 0 or cost + self._at_least() >= self.cost:
            return
        pool = first[0]
        kept = {i: self.ways[i] for i in self.over[first]}
        ranked = [(way.cost, i, way) for i, ways in kept.items() for way in ways if way.back.get(pool, 0) > 0]
        for i in dict.fromkeys(i for _, i, _ in sorted(ranked, key=lambda row: row[:2])):
            ways = kept[i]
            self.ways[i] = ()
            for way in ways:
                if way.back.get(pool, 0) > 0 and cost + way.cost < self.cost:
                    self._take(i, way, 1)
                    self.moment(cost + way.cost)
                    self._take(i, way, -1)
            # Those who come after it here do without its help at this moment.
            self.ways[i] = tuple(way for way in ways if way.back.get(pool, 0) <= 0)
            self.chosen[i] = None
        for i, ways in kept.items():
            self.ways[i] = ways

    def _take(self, i: int, way: Way, sign: int) -> None:
        unit = self.units[i]
        self.chosen[i] = way
        for pool, back in way.back.items():
            for slot in range(unit.start, unit.end if back > 0 else unit.held):
                if (pool, slot) in self.left:
                    self.left[pool, slot] -= sign * back

    def _at_least(self) -> int:
        """Give what the dearest moment costs by itself, at the cheapest price for each who comes back."""
        most = 0
        for key in self.moments:
            if (count := self.left[key]) > 0:
                pool = key[0]
                rates = [
                    w.cost / back for i in self.over[key] for w in self.ways[i] if (back := w.back.get(pool, 0)) > 0
                ]
                if not rates:
                    return _NEVER
                most = max(most, int(count * min(rates) + 0.999))
        return most
