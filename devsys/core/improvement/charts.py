"""XmR charts: limits of a series, what in it is more than chance, and the words and icons for that.

The algorithm is that of NHSRplotthedots 0.2.2 (the NHS "Making Data Count" charts), label for label. A series is the
values that exist, in order of time: a period without a value is no point. Limits and rules are worked out inside a
group, which begins at the first point and at every point marked for a rebase, and never cross its border.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

RUN: Final = 7  # points in a row of a trend, or on one side
_LIMIT: Final = 2.66  # of the mean range: three sigma for ranges of two
_NEAR: Final = 2 * (_LIMIT / 3)  # two sigma
_SCREEN: Final = 3.267  # the upper limit of the ranges themselves

COMMON: Final = "Common Cause"
ABOVE_LIMIT, BELOW_LIMIT = "Above UCL", "Below LCL"
RISING, FALLING = "7 Point Trend (Increasing)", "7 Point Trend (Decreasing)"
TWO_ABOVE, TWO_BELOW = "2 in 3 Above CL", "2 in 3 Below CL"
SIDE_ABOVE, SIDE_BELOW = "7 Points Above CL", "7 Points Below CL"

COMMON_TYPE: Final = "common_cause"
IMPROVEMENT, CONCERN = "special_cause_improvement", "special_cause_concern"
NEUTRAL_HIGH, NEUTRAL_LOW = "special_cause_neutral_high", "special_cause_neutral_low"
PASS, FAIL, INCONSISTENT = "consistent_pass", "consistent_fail", "inconsistent"

_WAY: Final = {
    COMMON: 0,
    ABOVE_LIMIT: 1,
    RISING: 1,
    TWO_ABOVE: 1,
    SIDE_ABOVE: 1,
    BELOW_LIMIT: -1,
    FALLING: -1,
    TWO_BELOW: -1,
    SIDE_BELOW: -1,
}


class Good(IntEnum):
    """Which way is better."""

    UP = 1
    NEITHER = 0
    DOWN = -1


@dataclass(frozen=True, slots=True)
class Limits:
    """Centre, limits and two-sigma lines of a group, in the units of the values.

    Where no range is left to work with, all but the centre are NaN: comparisons with them are false.
    """

    centre: float
    lower: float
    upper: float
    near_lower: float
    near_upper: float

    @property
    def known(self) -> bool:
        """Say whether there are limits."""
        return not math.isnan(self.upper)


@dataclass(frozen=True, slots=True)
class Group:
    """Points [first, end) of a series that share limits."""

    first: int
    end: int
    limits: Limits


@dataclass(frozen=True, slots=True)
class Chart:
    """A series as a chart: its groups, and label and type of each point."""

    groups: tuple[Group, ...]
    labels: tuple[str, ...]
    types: tuple[str, ...]


def chart(
    values: Values,
    *,
    rebase: Sequence[bool] | None = None,
    freeze: int | None = None,
    screen: bool = True,
    good: Good = Good.UP,
) -> Chart:
    """Give the chart of `values`, the n readings that exist in order of time.

    `rebase` says for each point whether it opens a new group. `freeze` takes limits from the first so many points of
    each group, `screen` leaves out ranges that are themselves beyond chance. Raises ValueError on a NaN, an infinity,
    marks of another length or a freeze below one.
    """
    values = np.asarray(values, dtype=np.float64)
    if values.ndim != 1 or not np.isfinite(values).all():
        raise ValueError("values: one number a point; a missing period is no point")
    if freeze is not None and freeze < 1:
        raise ValueError("freeze: at least one point")
    if rebase is not None and len(rebase) != len(values):
        raise ValueError("rebase: one mark a point")
    opened = [i for i in range(1, len(values)) if rebase is not None and rebase[i]]
    edges = [0, *opened, len(values)] if len(values) else [0]
    groups: list[Group] = []
    labels: list[str] = []
    for first, end in pairwise(edges):
        inside = values[first:end]
        found = limits(inside[:freeze], screen=screen)
        groups.append(Group(first, end, found))
        labels.extend(labelled(inside, found))
    return Chart(tuple(groups), tuple(labels), tuple(point_type(label, good) for label in labels))


def limits(base: Values, *, screen: bool = True) -> Limits:
    """Give the limits from the points of a base, at least one.

    Screening leaves out once, for the mean range only, every range that is not below 3.267 times the mean of all.
    """
    centre = exact_mean(base)
    ranges = np.abs(np.diff(base))
    if screen and len(ranges):
        ranges = ranges[ranges < _SCREEN * exact_mean(ranges)]
    if not len(ranges):
        return Limits(centre, math.nan, math.nan, math.nan, math.nan)
    mean = exact_mean(ranges)
    wide, near = _LIMIT * mean, _NEAR * mean
    return Limits(centre, centre - wide, centre + wide, centre - near, centre + near)


def exact_mean(values: Values) -> float:
    """Give the double nearest to the true mean of at least one value.

    Whether a point lies exactly on the centre decides labels; the sum is therefore taken in whole numbers.
    """
    parts: list[tuple[int, int]] = [float(value).as_integer_ratio() for value in values.tolist()]
    under = max(below for _, below in parts)  # each is a power of two
    total = sum(above * (under // below) for above, below in parts)
    return total / (under * len(parts))


def labelled(values: Values, found: Limits) -> tuple[str, ...]:
    """Give the label of each point of one group: the first rule that applies, in the order of the published one.

    Plain loops: series are short, and a chart of 26 points costs a fifth of what arrays cost.
    """
    points: list[float] = values.tolist()
    side = [(y > found.centre) - (y < found.centre) for y in points]
    outside = [y > found.upper or y < found.lower for y in points]
    far = [not out and (y < found.near_lower or y > found.near_upper) for y, out in zip(points, outside, strict=True)]
    trends = _trends(points)
    labels = [COMMON] * len(points)
    for first, end in _runs(side, RUN):
        for i in range(first, end):
            labels[i] = SIDE_ABOVE if side[i] > 0 else SIDE_BELOW
    for i in _two_of_three(far, side):
        labels[i] = TWO_ABOVE if side[i] > 0 else TWO_BELOW
    for i, rising in trends.items():
        labels[i] = RISING if rising else FALLING
    for i, out in enumerate(outside):
        if out:
            labels[i] = ABOVE_LIMIT if side[i] > 0 else BELOW_LIMIT
    return tuple(labels)


def _trends(points: Sequence[float]) -> dict[int, bool]:
    """Give the points that belong to a trend, and whether they rise.

    A point is judged by the step to its right neighbour where that one belongs to a trend too, else by the step to it.
    """
    steps = [(b > a) - (b < a) for a, b in pairwise(points)]
    inside = {i for first, end in _runs(steps, RUN - 1) for i in range(first, end + 1)}
    return {i: steps[i if i + 1 in inside else i - 1] > 0 for i in inside}


def _two_of_three(far: Sequence[bool], side: Sequence[int]) -> set[int]:
    """Give the far points of every three in a row on one side of which at least two are far."""
    found: set[int] = set()
    for i in range(len(far) - 2):
        three = (i, i + 1, i + 2)
        if side[i] and side[i] == side[i + 1] == side[i + 2] and sum(far[k] for k in three) >= 2:  # noqa: PLR2004
            found.update(k for k in three if far[k])
    return found


def _runs(signs: Sequence[int], least: int) -> list[tuple[int, int]]:
    """Give the stretches [first, end) of at least so many equal signs that are not 0."""
    found: list[tuple[int, int]] = []
    first = 0
    for i in range(1, len(signs) + 1):
        if i == len(signs) or signs[i] != signs[first]:
            if i - first >= least and signs[first]:
                found.append((first, i))
            first = i
    return found


def point_type(label: str, good: Good) -> str:
    """Give what a label means where `good` is better."""
    way = _WAY[label]
    if not way:
        return COMMON_TYPE
    if good is Good.NEITHER:
        return NEUTRAL_HIGH if way > 0 else NEUTRAL_LOW
    return IMPROVEMENT if way * good > 0 else CONCERN


def variation(found: Chart) -> str:
    """Give the type of the last point, which the variation icon shows. Raises ValueError on an empty chart."""
    if not found.types:
        raise ValueError("an empty chart has no last point")
    return found.types[-1]


def assurance(found: Chart, target: float | None, good: Good) -> str | None:
    """Give whether the process as it is meets the target for certain, never, or by chance.

    None without a target or a better way. Without limits it is by chance; a page then shows no icon.
    """
    if target is None or good is Good.NEITHER or not found.groups:
        return None
    last = found.groups[-1].limits
    if not last.known:
        return INCONSISTENT
    if target > last.upper:
        return FAIL if good is Good.UP else PASS
    if target < last.lower:
        return PASS if good is Good.UP else FAIL
    return INCONSISTENT
