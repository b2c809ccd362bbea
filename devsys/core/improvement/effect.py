"""Effects of a rollout drawn by lot: windowed differences in differences, with an interval for each.

What changed for those who started, from the 26 weeks before to a window after the start, minus what changed in the same
weeks for those of the same stratum still untreated to the window's end. Cells (cohort, stratum) are weighed by their
people; the standard error comes from influence functions, by team or by person.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from devsys.base.words import to_keep
from devsys.core.improvement.quantiles import t_quantile

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

BASE_WEEKS: Final = 26
LEAST_TREATED: Final = 2  # of a cell
LEAST_CONTROLS: Final = 10  # of a cell
CLUSTERS_FROM: Final = 16  # teams, from which on errors are taken by team in any case
_LEVEL: Final = 0.975


@dataclass(frozen=True, slots=True)
class Window:
    """Weeks `first` to before `end` after the start, and what people call them, to be said by `phrase`."""

    key: str
    words: str
    first: int
    end: int


FIRST_QUARTER: Final = Window("quarter", to_keep("the first 13 weeks"), 0, 13)
RETAINED: Final = (
    Window("3", to_keep("3 months on"), 7, 20),
    Window("6", to_keep("6 months on"), 20, 33),
    Window("12", to_keep("12 months on"), 46, 59),
)
WINDOWS: Final = (FIRST_QUARTER, *RETAINED)


@dataclass(frozen=True, slots=True)
class Panel:
    """What is measured: `y` is people x weeks, turned so that more is better, NaN where there is no value.

    `starts` is the first week of the wave drawn for each (infinite: never; by intention, whoever came late or never
    stays in it), `teams` and `strata` are numbers from 0. Weeks count from 0.
    """

    y: Floats
    starts: Floats
    teams: Ints
    strata: Ints

    def __post_init__(self) -> None:
        n = len(self.y)
        if self.y.ndim != 2 or any(x.shape != (n,) for x in (self.starts, self.teams, self.strata)):  # noqa: PLR2004
            raise ValueError("a panel is people x weeks with a start, a team and a stratum for each person")


@dataclass(frozen=True, slots=True)
class Effect:
    """A gain with its 95 % interval; `treated` and `controls` count people, `clusters` what the error rests on.

    `psi` is each person's influence on it, people as they stand in the panel (0 for who is left out).
    """

    window: Window
    gain: float
    se: float
    low: float
    high: float
    treated: int
    controls: int
    clusters: int
    by_team: bool
    psi: Floats

    def clear(self) -> bool:
        """Say whether the interval leaves 0 out."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, slots=True)
class _Cell:
    inside: NDArray[np.bool_]
    outside: NDArray[np.bool_]
    att: float
    change: Floats


def effect(panel: Panel, window: Window, *, by_team: bool) -> Effect | None:
    """Give the gain in one window, or None where no cell can be used.

    A cell is used with 26 weeks before its cohort's start, a window that is past, 2 people in it and 10 controls.
    """
    stays = panel.starts > 0  # who is treated in the first week has nothing before it
    n = int(stays.sum())
    cells = list(_cells(panel, window, stays))
    if not cells:
        return None
    shares = np.array([cell.inside.sum() / n for cell in cells])
    total = float(shares.sum())
    gain = float(shares @ np.array([cell.att for cell in cells])) / total
    psi = np.zeros(len(stays))
    for cell, share in zip(cells, shares, strict=True):
        psi += share / total * _influence(cell, n)
        # the shares are found in the same people: sum p_k (ATT_k - gain) is 0, so the members' own terms are left
        psi[cell.inside] += (cell.att - gain) / total
    se, clusters = _error(psi[stays], panel.teams[stays], by_team=by_team)
    wide = t_quantile(_LEVEL, clusters - 1) * se
    treated = np.logical_or.reduce([cell.inside for cell in cells]).sum()
    controls = np.logical_or.reduce([cell.outside for cell in cells]).sum()
    return Effect(window, gain, se, gain - wide, gain + wide, int(treated), int(controls), clusters, by_team, psi)


def against_half(later: Effect, first: Effect, panel: Panel) -> tuple[float, float]:
    """Give the 95 % interval of what is left of a gain, beyond half of what the first quarter showed."""
    stays = panel.starts > 0
    se, clusters = _error((later.psi - first.psi / 2)[stays], panel.teams[stays], by_team=later.by_team)
    middle = later.gain - first.gain / 2
    wide = t_quantile(_LEVEL, clusters - 1) * se
    return middle - wide, middle + wide


def errors_by_team(panel: Panel, *, drawn_by_team: bool) -> bool:
    """Say whether errors are taken by team: the lot fell on teams, or there are enough of them."""
    return drawn_by_team or len(np.unique(panel.teams[panel.starts > 0])) >= CLUSTERS_FROM


def _cells(panel: Panel, window: Window, stays: NDArray[np.bool_]) -> list[_Cell]:
    """Give the cells that can be used, by cohort and stratum."""
    sums, counts = _running(panel.y)
    weeks = panel.y.shape[1]
    found = []
    for start in np.unique(panel.starts[stays & np.isfinite(panel.starts)]):
        c = int(start)
        first, end = c + window.first, c + window.end
        if c < BASE_WEEKS or end > weeks:
            continue
        change, counted = _change(sums, counts, (c - BASE_WEEKS, c), (first, end))
        cohort = counted & (panel.starts == start)
        pool = counted & (panel.starts >= end)
        for stratum in np.unique(panel.strata[cohort]):
            inside, outside = cohort & (panel.strata == stratum), pool & (panel.strata == stratum)
            if inside.sum() >= LEAST_TREATED and outside.sum() >= LEAST_CONTROLS:
                att = float(change[inside].mean() - change[outside].mean())
                found.append(_Cell(inside, outside, att, change))
    return found


def _running(y: Floats) -> tuple[Floats, Floats]:
    """Give running sums of values and of how many there are, with a 0 before the first week."""
    there = ~np.isnan(y)
    padded = ((0, 0), (1, 0))
    return (
        np.pad(np.where(there, y, 0.0).cumsum(axis=1), padded),
        np.pad(there.cumsum(axis=1).astype(float), padded),
    )


def _change(
    sums: Floats, counts: Floats, base: tuple[int, int], later: tuple[int, int]
) -> tuple[Floats, NDArray[np.bool_]]:
    """Give each person's change of mean, and who counts: values in at least half the weeks of both spans."""
    means, enough = [], np.ones(len(sums), dtype=bool)
    for first, end in (base, later):
        count = counts[:, end] - counts[:, first]
        enough &= 2 * count >= end - first
        means.append((sums[:, end] - sums[:, first]) / np.maximum(count, 1))
    return means[1] - means[0], enough


def _influence(cell: _Cell, n: int) -> Floats:
    psi = np.zeros(len(cell.change))
    for who, sign in ((cell.inside, 1.0), (cell.outside, -1.0)):
        count = float(who.sum())
        apart = cell.change[who] - cell.change[who].mean()
        psi[who] = sign * n / count * math.sqrt(count / (count - 1)) * apart
    return psi


def _error(psi: Floats, teams: Ints, *, by_team: bool) -> tuple[float, int]:
    """Give the standard error and how many clusters it rests on."""
    n = len(psi)
    if not by_team:
        return math.sqrt(float(psi @ psi)) / n, n
    names, places = np.unique(teams, return_inverse=True)
    sums = np.bincount(places, weights=psi)
    m = len(names)
    if m < 2:  # noqa: PLR2004 -- one team tells nothing of how teams differ
        return math.inf, 2
    return math.sqrt(m / (m - 1) * float(sums @ sums)) / n, m
