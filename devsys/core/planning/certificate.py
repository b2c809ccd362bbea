"""What stands beside a repair: how many people it moves, and how many any plan would have to move."""

from dataclasses import dataclass

from devsys.base.words import phrase, phrases


@dataclass(frozen=True, slots=True)
class Certificate:
    """`moved` people lose their published time; no plan has fewer than `bound`.

    `proved` says that the two are equal, so that no plan disturbs fewer people; `sentence` says so, or names the gap.
    """

    moved: int
    bound: int
    proved: bool
    sentence: str


def certify(moved: int, bound: int, owed: int) -> Certificate:
    """Give the certificate for so many people moved, of whom `owed` have no place any more; `bound` is at most that."""
    bound = min(bound, moved)
    if not moved:
        return Certificate(0, 0, proved=True, sentence=phrase("Nobody moves."))
    if bound == moved:
        return Certificate(moved, bound, proved=True, sentence=_proved(moved, owed))
    return Certificate(moved, bound, proved=False, sentence=_unproved(moved, bound, owed))


def _proved(moved: int, owed: int) -> str:
    if not owed:
        return phrases("%(num)s person moves; no plan moves fewer.", "%(num)s people move; no plan moves fewer.", moved)
    if owed == moved:
        return phrases(
            "%(num)s person moves, without a place for now; no plan moves fewer.",
            "%(num)s people move, all of them without a place for now; no plan moves fewer.",
            moved,
        )
    return phrases(
        "%(num)s person moves, %(owed)s of them without a place for now; no plan moves fewer.",
        "%(num)s people move, %(owed)s of them without a place for now; no plan moves fewer.",
        moved,
        owed=owed,
    )


def _unproved(moved: int, bound: int, owed: int) -> str:
    """Say how many move, and how far that is from what is proved: with a bound at least two move, one more than it."""
    if not bound:
        return _open(moved, owed)
    if not owed:
        return phrases(
            "%(num)s person moves; it is not proved that no plan moves fewer, but none moves fewer than %(bound)s.",
            "%(num)s people move; it is not proved that no plan moves fewer, but none moves fewer than %(bound)s.",
            moved,
            bound=bound,
        )
    if owed == moved:
        return phrases(
            "%(num)s person moves, without a place for now; "
            "it is not proved that no plan moves fewer, but none moves fewer than %(bound)s.",
            "%(num)s people move, all of them without a place for now; "
            "it is not proved that no plan moves fewer, but none moves fewer than %(bound)s.",
            moved,
            bound=bound,
        )
    return phrases(
        "%(num)s person moves, %(owed)s of them without a place for now; "
        "it is not proved that no plan moves fewer, but none moves fewer than %(bound)s.",
        "%(num)s people move, %(owed)s of them without a place for now; "
        "it is not proved that no plan moves fewer, but none moves fewer than %(bound)s.",
        moved,
        owed=owed,
        bound=bound,
    )


def _open(moved: int, owed: int) -> str:
    if not owed:
        return phrases(
            "%(num)s person moves; it is not proved that no plan moves fewer.",
            "%(num)s people move; it is not proved that no plan moves fewer.",
            moved,
        )
    if owed == moved:
        return phrases(
            "%(num)s person moves, without a place for now; it is not proved that no plan moves fewer.",
            "%(num)s people move, all of them without a place for now; it is not proved that no plan moves fewer.",
            moved,
        )
    return phrases(
        "%(num)s person moves, %(owed)s of them without a place for now; it is not proved that no plan moves fewer.",
        "%(num)s people move, %(owed)s of them without a place for now; it is not proved that no plan moves fewer.",
        moved,
        owed=owed,
    )
