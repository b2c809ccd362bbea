"""What follows from figures that are shown, by adding and subtracting: linear algebra over fractions."""

from collections.abc import Collection, Sequence
from fractions import Fraction
from itertools import combinations


def small_sets(shown: Sequence[frozenset[str]], people: Collection[str], k: int) -> list[frozenset[str]]:
    """Give every set of fewer than `k` people whose sum follows from the sums over the sets shown.

    People who are in the same shown figures cannot be told apart, so a sum that follows takes such classes whole.
    """
    classes: dict[tuple[bool, ...], set[str]] = {}
    for person in people:
        classes.setdefault(tuple(person in one for one in shown), set()).add(person)
    kinds = sorted(classes)
    rows = [[Fraction(kind[i]) for kind in kinds] for i in range(len(shown))]
    told = []
    for size in range(1, len(kinds) + 1):
        for chosen in combinations(range(len(kinds)), size):
            some = frozenset().union(*(classes[kinds[i]] for i in chosen))
            wanted = [Fraction(i in chosen) for i in range(len(kinds))]
            if len(some) < k and rank([*rows, wanted]) == rank(rows):
                told.append(some)
    return told


def rank(rows: list[list[Fraction]]) -> int:
    """Give the rank of a matrix."""
    rows = [list(row) for row in rows]
    found = 0
    for column in range(len(rows[0]) if rows else 0):
        pivot = next((i for i in range(found, len(rows)) if rows[i][column]), None)
        if pivot is None:
            continue
        rows[found], rows[pivot] = rows[pivot], rows[found]
        for i in range(found + 1, len(rows)):
            factor = rows[i][column] / rows[found][column]
            rows[i] = [a - factor * b for a, b in zip(rows[i], rows[found], strict=True)]
        found += 1
    return found
