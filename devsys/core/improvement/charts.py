"""XmR charts: limits of a series, what in it is more than chance, and the words and icons for that.

The algorithm is that of NHSRplotthedots 0.2.2 (the NHS "Making Data Count" charts), label for label. A series is the
values that exist, in order of time: a period without a value is no point. Limits and rules are worked out inside a
group, which begins at the first point and at every point marked for a rebase, and never cross its border.
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Values = NDArray[np.float64]
Marks = NDArray[np.bool_]

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
    for first, end in itertools.pairwise(edges):
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
    """Give the label of each point of one group: the first rule that applies, in the order of the published one."""
    side = np.sign(values - found.centre)
    outside = (values > found.upper) | (values < found.lower)
    far = ~outside & ((values < found.near_lower) | (values > found.near_upper))
    rising, trend = _trend(values)
    two = _two_of_three(far, side)
    run = _in_run(side, RUN)
    above = side > 0
    answer: list[str] = []
    for i in range(len(values)):
        if outside[i]:
            answer.append(ABOVE_LIMIT if above[i] else BELOW_LIMIT)
        elif trend[i]:
            answer.append(RISING if rising[i] else FALLING)
        elif two[i]:
            answer.append(TWO_ABOVE if above[i] else TWO_BELOW)
        elif run[i]:
            answer.append(SIDE_ABOVE if above[i] else SIDE_BELOW)
        else:
            answer.append(COMMON)
    return tuple(answer)


def _trend(values: Values) -> tuple[Marks, Marks]:
    """Give which points rise and which belong to a trend.

    A point is judged by the step to its right neighbour where that one belongs to a trend too, else by the step to it.
    """
    steps = np.sign(np.diff(values))
    flagged = _spread(_runs(steps, RUN - 1), RUN, len(values))
    before = np.concatenate(([0.0], steps))
    after = np.concatenate((steps, [0.0]))
    goes_on = flagged & np.concatenate((flagged[1:], [False]))
    return np.where(goes_on, after, before) == 1, flagged


def _two_of_three(far: Marks, side: Values) -> Marks:
    """Give the far points of every three in a row on one side of which at least two are far."""
    if len(far) < 3:  # noqa: PLR2004 -- the three of the rule
        return np.zeros(len(far), dtype=np.bool_)
    hits = _runs(side, 3) & (sliding_window_view(far, 3).sum(axis=1) >= 2)  # noqa: PLR2004 -- the two of the rule
    return _spread(hits, 3, len(far)) & far


def _in_run(signs: Values, length: int) -> Marks:
    return _spread(_runs(signs, length), length, len(signs))


def _runs(signs: Values, length: int) -> Marks:
    """Give for each window of `length` whether all its signs are +1, or all -1."""
    if len(signs) < length:
        return np.zeros(0, dtype=np.bool_)
    return np.asarray(np.abs(sliding_window_view(signs, length).sum(axis=1)) == length)


def _spread(hits: Marks, length: int, count: int) -> Marks:
    """Mark all points of each window that hit."""
    marks = np.zeros(count, dtype=np.bool_)
    for place in range(length):
        marks[place : place + len(hits)] |= hits
    return marks


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
