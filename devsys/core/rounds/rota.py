"""Whose turn it is to present: fair over the year, whoever is away, skips or swaps.

Each round owes its presenters' places to all who are there, in equal shares: with six people and two presenters, each
is owed a third of a turn. Who is owed most comes first. Whoever is away is owed nothing for that round; whoever skips
keeps what they are owed and comes up again; whoever presents for another has had their turn. Nothing is paired, so odd
numbers make no difference, and a newcomer starts with nothing owed: neither first nor last.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Held:
    """A round that is over: who was there, and who of them presented."""

    present: frozenset[str]
    presented: tuple[str, ...]


def owed(held: Iterable[Held]) -> Mapping[str, Fraction]:
    """Give the turns each person is owed, exactly; negative for those who have had more than their share."""
    found: dict[str, Fraction] = defaultdict(Fraction)
    for one in held:
        there = one.present | frozenset(one.presented)
        for person in there:
            found[person] += Fraction(len(one.presented), len(there))
        for person in one.presented:
            found[person] -= 1
    return found


def order(
    present: Collection[str],
    held: Sequence[Held],
    *,
    skips: Collection[str] = (),
    swaps: Iterable[tuple[str, str]] = (),
) -> tuple[str, ...]:
    """Give everybody who comes in the order of their turn: the first present, the next stands by.

    `held` are the rounds before, the oldest first. People who skip come last, in their own order. Each swap (one who
    gives the turn, one who takes it) exchanges two places; one that names somebody who does not come changes nothing.
    """
    turns = owed(held)
    last = {person: n for n, one in enumerate(held) for person in one.presented}
    people = sorted(present, key=lambda p: (-turns.get(p, Fraction()), last.get(p, -1), p))
    people = [p for p in people if p not in skips] + [p for p in people if p in skips]
    for gives, takes in swaps:
        if gives in people and takes in people:
            i, j = people.index(gives), people.index(takes)
            people[i], people[j] = people[j], people[i]
    return tuple(people)
