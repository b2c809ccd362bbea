"""The one way out for figures of groups: page, table beside it, file, letter (trust.md R19, product.md R2).

A figure of fewer than five people is hidden, and so is whatever would give it away by subtraction.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from devsys.base.words import to_phrase

K: Final = 5

FEW_PEOPLE: Final = to_phrase("hidden: fewer than 5 people")
FEW_COUNTED: Final = to_phrase("hidden: too little was counted")
WITH_OTHERS: Final = to_phrase("hidden: a group of fewer than 5 people could be worked out from it")


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure before it leaves: whom it rests on, its sums, and the cell it is a part of ("" for none).

    Parts of one whole do not overlap in what they count. A part without anything counted is no cell.
    """

    key: str
    people: frozenset[str]
    numerator: float
    denominator: float
    whole: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure as it may be shown: sums and how many people, or only why it is hidden."""

    key: str
    numerator: float | None
    denominator: float | None
    people: int | None
    hidden: str

    @property
    def value(self) -> float | None:
        """Give numerator over denominator, None where it is hidden."""
        if self.numerator is None or self.denominator is None:
            return None
        return self.numerator / self.denominator


def let_out(cells: Iterable[Cell], least: float) -> tuple[Figure, ...]:
    """Give the figures of one measure and period, in the order given.

    A cell is shown with at least five people behind it and a denominator of at least `least`. Of a whole that is shown,
    the hidden parts are none, or at least two with at least five people together: the next smallest is hidden until
    they are. Whoever is counted in the whole and in no part makes one more hidden part. Parts of what is hidden are
    hidden.

    So what can be had by adding and subtracting is a sum over parts of at least five people. All figures of a measure
    and period must go through one call: what is shown may not depend on who looks. Raises ValueError when a key is
    twice, or a whole is unknown.
    """
    given = tuple(cells)
    by_key = {cell.key: cell for cell in given}
    if len(by_key) != len(given) or any(cell.whole and cell.whole not in by_key for cell in given):
        raise ValueError("cells: each key once, each whole among them")
    parts: dict[str, list[Cell]] = defaultdict(list)
    for cell in given:
        parts[cell.whole].append(cell)
    hidden: dict[str, str] = {}
    for cell in given:
        if len(cell.people) < K:
            hidden[cell.key] = FEW_PEOPLE
        elif cell.denominator < max(least, 1e-12):
            hidden[cell.key] = FEW_COUNTED
    _hide_with(parts, by_key, hidden)
    return tuple(_figure(cell, hidden.get(cell.key, "")) for cell in given)


def _hide_with(parts: Mapping[str, Sequence[Cell]], by_key: Mapping[str, Cell], hidden: dict[str, str]) -> None:
    """Hide what would give hidden parts away, from the wholes down to the parts."""
    waiting = [cell.key for cell in parts.get("", ())]
    while waiting:
        key = waiting.pop()
        below = parts.get(key, ())
        waiting += [cell.key for cell in below]
        if key in hidden:
            for cell in below:
                hidden.setdefault(cell.key, WITH_OTHERS)
        elif below:
            _complete(by_key[key], below, hidden)


def _complete(whole: Cell, below: Sequence[Cell], hidden: dict[str, str]) -> None:
    """Hide further parts of a shown whole until nothing small is left between the two."""
    rest = whole.people - frozenset().union(*(cell.people for cell in below))
    shown = sorted((cell for cell in below if cell.key not in hidden), key=lambda c: (len(c.people), c.key))
    covered = [cell.people for cell in below if cell.key in hidden] + ([rest] if rest else [])
    while shown and covered and (len(covered) == 1 or len(frozenset().union(*covered)) < K):
        more = shown.pop(0)
        hidden[more.key] = WITH_OTHERS
        covered.append(more.people)


def _figure(cell: Cell, hidden: str) -> Figure:
    if hidden:
        return Figure(cell.key, None, None, None, hidden)
    return Figure(cell.key, cell.numerator, cell.denominator, len(cell.people), "")
