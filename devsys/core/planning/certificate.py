"""What stands beside a repair: how many people it moves, and how many any plan would have to move."""

from dataclasses import dataclass

from devsys.base.text import count_of


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
        return Certificate(0, 0, proved=True, sentence="Nobody moves.")
    moves = f"{count_of(moved, 'person moves', 'people move')}"
    if owed:
        moves += f", {'all' if owed == moved > 1 else owed} of them without a place for now" if moved > 1 else ""
        moves += ", without a place for now" if moved == 1 else ""
    if bound == moved:
        return Certificate(moved, bound, proved=True, sentence=f"{moves}; no plan moves fewer.")
    least = "nobody" if not bound else f"fewer than {bound}"
    said = f"{moves}; it is not proved that no plan moves fewer" + (f", but none moves {least}." if bound else ".")
    return Certificate(moved, bound, proved=False, sentence=said)
