"""How long people of a site stay, from when they joined and left; shown only where enough are watched."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np

from devsys.core.improvement.retention import Watched, at_risk, curve

LEAST: Final = 20  # at risk, for a share to be shown
MONTHS: Final = (3, 6, 12, 24, 36, 48, 60)
MONTH_DAYS: Final = 365.25 / 12


@dataclass(frozen=True, slots=True)
class Stay:
    """One person's stay: the first day, and the first day no longer here (None: still here)."""

    joined: date
    left: date | None


@dataclass(frozen=True, slots=True)
class Share:
    """The share still here after so many months, with its 95 % interval, and how many were watched at that time."""

    months: int
    share: float
    lower: float
    upper: float
    at_risk: int


@dataclass(frozen=True, slots=True)
class Staying:
    """A site: shares and curve (in months) for as long as at least twenty were watched in every month, and the median.

    `people` were watched at all, `record` is the day from which leavings are known. Too few people leave no shares.
    With a young record few are watched between the joiners and the old hands: what lies behind that is not shown.
    """

    people: int
    record: date
    shares: tuple[Share, ...]
    steps: tuple[tuple[float, float], ...]
    median: float | None


def record_of(stays: Sequence[Stay], begun: date) -> date:
    """Give the day from which leavings are known: the day before the first of them, or the day the house `begun`.

    Who left earlier is in no list, so whoever was here before counts only from that day on.
    """
    return min([begun, *(stay.left - timedelta(days=1) for stay in stays if stay.left is not None)])


def staying(stays: Sequence[Stay], record: date, today: date) -> Staying:
    """Give how long people stay, as known today.

    Who left before the record begins, or has not joined yet, is left out.
    """
    rows = [
        (max(0, (record - stay.joined).days), (_end(stay, today) - stay.joined).days, _end(stay, today) == stay.left)
        for stay in stays
        if stay.joined < today
    ]
    seen = [row for row in rows if row[0] < row[1]]
    if len(seen) < LEAST:
        return Staying(len(seen), record, (), (), None)
    entry, ends, gone = (np.array(column) for column in zip(*seen, strict=True))
    people = Watched(entry / MONTH_DAYS, ends / MONTH_DAYS, gone.astype(np.bool_))
    found = curve(people)
    watched = at_risk(people, np.arange(1, MONTHS[-1] + 1, dtype=np.float64)).tolist()
    until = next((month for month, count in enumerate(watched) if count < LEAST), MONTHS[-1])
    shares = tuple(Share(m, *found.at(m), watched[m - 1]) for m in MONTHS if m <= until)
    steps = tuple((float(t), float(s)) for t, s in zip(found.times, found.share, strict=True) if t <= until)
    median = found.median if found.median is not None and found.median <= until else None
    return Staying(len(seen), record, shares, steps, median)


def _end(stay: Stay, today: date) -> date:
    """Give the day until which somebody was seen here."""
    return stay.left if stay.left is not None and stay.left <= today else today
