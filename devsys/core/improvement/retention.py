"""How long people stay: the curve of Kaplan and Meier for lists that begin with old hands, and the log-rank test.

Times are counted from each person's start, in any unit. Somebody is watched from `entry` (the tenure when the record
begins, 0 for who joined since) to `exit`; `left` says whether that was a leaving by own will. Every other end, and
everybody still here, only stops being watched, after the leavings of the same time.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Times = NDArray[np.float64]
Marks = NDArray[np.bool_]
Counts = NDArray[np.int64]

_Z: Final = 1.96
_HALF: Final = 0.5 + 1e-12  # a product of fractions that is one half, whatever its last digit


@dataclass(frozen=True, slots=True)
class Watched:
    """n people: from when and until when each was watched, and whether watching ended by leaving."""

    entry: Times
    exit: Times
    left: Marks

    def __post_init__(self) -> None:
        if not len(self.entry) == len(self.exit) == len(self.left):
            raise ValueError("watched: one entry, exit and mark a person")
        if not (np.isfinite(self.entry).all() and np.isfinite(self.exit).all() and (self.entry < self.exit).all()):
            raise ValueError("watched: everybody enters before leaving")


@dataclass(frozen=True, slots=True)
class Curve:
    """The share still here after each leaving time, with its 95 % interval, and how many were at risk and left there.

    Where nobody is left the interval is not known: NaN.
    """

    times: Times
    share: Times
    lower: Times
    upper: Times
    at_risk: Counts
    leavings: Counts

    @property
    def median(self) -> float | None:
        """Give the first time at which half or fewer are still here, None when there is none."""
        half = np.flatnonzero(self.share <= _HALF)
        return float(self.times[half[0]]) if len(half) else None

    def at(self, time: float) -> tuple[float, float, float]:
        """Give the share still here at a time, and the ends of its interval."""
        place = int(np.searchsorted(self.times, time, side="right")) - 1
        if place < 0:
            return 1.0, 1.0, 1.0
        return float(self.share[place]), float(self.lower[place]), float(self.upper[place])


@dataclass(frozen=True, slots=True)
class LogRank:
    """Whether two groups leave alike: chi-square on one degree, its p, leavings seen and expected in the first.

    Without any leaving that both groups could have had, chi-square is 0 and p is 1.
    """

    chi_square: float
    p: float
    seen: float
    expected: float


def at_risk(people: Watched, times: Times) -> Counts:
    """Give how many are watched at each time: entered before it, not gone before it."""
    entered = np.searchsorted(np.sort(people.entry), times, side="left")
    gone = np.searchsorted(np.sort(people.exit), times, side="left")
    return np.asarray(entered - gone, dtype=np.int64)


def curve(people: Watched) -> Curve:
    """Give the Kaplan-Meier curve, with Greenwood's variance on the log-log scale."""
    times, leavings = _leavings(people)
    risk = at_risk(people, times)
    share = np.asarray(np.cumprod(1 - leavings / risk), dtype=np.float64)
    staying = np.where(risk > leavings, risk - leavings, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = _Z * np.sqrt(np.cumsum(leavings / (risk * staying))) / np.log(share)
    return Curve(times, share, share ** np.exp(-spread), share ** np.exp(spread), risk, leavings)


def log_rank(first: Watched, second: Watched) -> LogRank:
    """Compare two groups. What it says is an effect only where a lot put people into them."""
    times = np.union1d(_leavings(first)[0], _leavings(second)[0])
    left = _left_at(first, times)
    all_left = left + _left_at(second, times)
    risk = at_risk(first, times).astype(np.float64)
    all_risk = risk + at_risk(second, times)
    share = risk / all_risk
    expected = all_left * share
    alone = all_risk > 1
    spread = all_left * share * (1 - share) * (all_risk - all_left) / np.where(alone, all_risk - 1, 1)
    variance = float(spread[alone].sum())
    seen, wanted = float(left.sum()), float(expected.sum())
    chi_square = (seen - wanted) ** 2 / variance if variance > 0 else 0.0
    return LogRank(chi_square, math.erfc(math.sqrt(chi_square / 2)), seen, wanted)


def _leavings(people: Watched) -> tuple[Times, Counts]:
    times, counts = np.unique(people.exit[people.left], return_counts=True)
    return times, np.asarray(counts, dtype=np.int64)


def _left_at(people: Watched, times: Times) -> Times:
    found, counts = _leavings(people)
    answer = np.zeros(len(times))
    answer[np.searchsorted(times, found)] = counts
    return answer
