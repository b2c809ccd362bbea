"""Group-time effects: what starting at time g did to those who started then, seen at time t, with standard errors.

As R's `did` 2.5 gives them for a balanced panel without covariates, anticipation or weights (Callaway and Sant'Anna
2021, https://doi.org/10.1016/j.jeconom.2020.12.001): the change of a cohort since its base period minus that of its
controls, standard errors from influence functions, aggregates weighed by cohort share with the weights' own influence.
A standard error that rests on clusters sums the influence within each and, as there, is not widened for few clusters.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Control = Literal["notyet", "never"]
Base = Literal["varying", "universal"]

_LEAST_SE = 10 * float(np.sqrt(np.finfo(np.float64).eps))  # below it a standard error is rounding alone, and not given


@dataclass(frozen=True, slots=True)
class Estimate:
    """An effect and its standard error; either may be NaN where it cannot be had."""

    att: float
    se: float


@dataclass(frozen=True, slots=True)
class Cell:
    """The effect on those who started at `group`, at time `time`; before the start it is a check, not an effect."""

    group: float
    time: float
    att: float
    se: float


@dataclass(frozen=True, slots=True)
class Point:
    """An aggregate at one place: a group, a number of periods since the start (may be negative), or a time."""

    at: float
    att: float
    se: float


@dataclass(frozen=True, slots=True)
class GroupTime:
    """All cells, the four aggregates with their parts, and on whom they rest.

    `units` took part, `dropped` had started in the first period already, `times` are the periods used: without units
    that never start, those from the last cohort's start on have no controls and are left out.
    """

    cells: tuple[Cell, ...]
    simple: Estimate
    group: tuple[Point, ...]
    group_overall: Estimate
    dynamic: tuple[Point, ...]
    dynamic_overall: Estimate
    calendar: tuple[Point, ...]
    calendar_overall: Estimate
    units: int
    clusters: int | None
    dropped: int
    times: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class _Panel:
    """Units sorted by start; `groups` are the cohorts that get effects, ascending; `clusters` count from 0."""

    y: Floats
    times: Floats
    starts: Floats
    clusters: Ints | None
    groups: Floats
    dropped: int


@dataclass(frozen=True, slots=True)
class _Cohort:
    """One cohort's cells: the columns of `times` they stand at, their effects and influence (units x cells)."""

    start: float
    share: float
    members: NDArray[np.bool_]
    columns: Ints
    att: Floats
    psi: Floats


def group_time(
    y: Floats,
    times: Floats,
    starts: Floats,
    clusters: Ints | None = None,
    *,
    control: Control = "notyet",
    base: Base = "varying",
) -> GroupTime:
    """Give the effects of starting, from outcomes `y` (units x times, no gap), ascending `times` and `starts` (units).

    A start that is infinite or beyond the last time means never. `clusters` names each unit's cluster by a number from
    0. `control` says who is compared: those not started yet, or those who never do; `base` what a cohort's periods
    before the start are compared with: the period before ("varying") or the last before the start ("universal").

    Raises ValueError for shapes that do not fit, gaps, times out of order, or when no cohort is left to estimate.
    """
    panel = _settled(y, times, starts, clusters, control)
    sums = _Sums(panel)
    cells: list[Cell] = []
    for cohort in _cohorts(panel, control, base):
        errors = sums.add(cohort)
        for column, att, se in zip(cohort.columns, cohort.att, errors, strict=True):
            cells.append(Cell(cohort.start, float(panel.times[column]), float(att), float(se)))
    return sums.done(tuple(cells))


def influence(
    y: Floats, times: Floats, starts: Floats, control: Control = "notyet", base: Base = "varying"
) -> tuple[tuple[Cell, ...], Floats]:
    """Give the cells, without standard errors, and each unit's influence on them (units x cells).

    Units stand in the order of their starts (a stable sort, who started in the first period left out).
    """
    panel = _settled(y, times, starts, None, control)
    cells: list[Cell] = []
    columns: list[Floats] = []
    for cohort in _cohorts(panel, control, base):
        placed = zip(cohort.columns, cohort.att, strict=True)
        cells += [Cell(cohort.start, float(panel.times[k]), float(att), np.nan) for k, att in placed]
        columns.append(cohort.psi)
    return tuple(cells), np.hstack(columns)


def _settled(y: Floats, times: Floats, starts: Floats, clusters: Ints | None, control: Control) -> _Panel:
    """Put who starts beyond the end to never, leave out who started already and periods without controls."""
    y, times = np.asarray(y, dtype=float), np.asarray(times, dtype=float)
    starts = np.asarray(starts, dtype=float)
    if y.shape != (len(starts), len(times)) or (clusters is not None and len(clusters) != len(starts)):
        raise ValueError("outcomes must be units x times, with a start and perhaps a cluster per unit")
    if not np.isfinite(y).all() or np.isnan(starts).any() or not (np.diff(times) > 0).all():
        raise ValueError("outcomes need a number everywhere, starts no NaN, times an ascending order")
    if not len(starts) or not len(times):
        raise ValueError("there are no units or no times")
    starts = np.where(starts > times[-1], np.inf, starts)
    last, groups = np.inf, np.unique(starts)
    if np.isfinite(groups).all():
        # Nobody is left untreated to the end: the last cohort serves as controls up to its own start.
        last = float(groups[-1])
        y, times = y[:, times < last], times[times < last]
        if control == "never":
            starts = np.where(starts == last, np.inf, starts)
    if not len(times):
        raise ValueError("nobody starts after the first period, so there is nothing to compare")
    stays = starts > times[0]
    dropped = int((~stays).sum())
    order = np.flatnonzero(stays)[np.argsort(starts[stays], kind="stable")]
    groups = np.unique(starts[order])
    groups = groups[np.isfinite(groups) & (groups < last)]
    if not len(groups):
        raise ValueError("no cohort starts after the first period while others are still untreated")
    return _Panel(y[order], times, starts[order], None if clusters is None else clusters[order], groups, dropped)


def _cohorts(panel: _Panel, control: Control, base: Base) -> Iterator[_Cohort]:
    """Give each cohort's effects and influence, all its periods at once."""
    n = len(panel.starts)
    positions = np.arange(len(panel.times))
    for start in panel.groups:
        members = panel.starts == start
        before = int(np.searchsorted(panel.times, start)) - 1  # the last period before the start; there always is one
        if base == "varying":
            columns = positions[1:]
            bases = np.where(panel.times[columns] >= start, before, columns - 1)
        else:
            columns = positions
            bases = np.full(len(columns), before)
        changes = panel.y[:, columns] - panel.y[:, bases]
        if control == "never":
            first = np.full(len(columns), np.searchsorted(panel.starts, np.inf))
        else:
            until = np.maximum(panel.times[columns], panel.times[bases])
            first = np.searchsorted(panel.starts, until, side="right")
        att, psi = _compared(changes, members, first, n)
        yield _Cohort(float(start), float(members.mean()), members, columns, att, psi)


def _compared(changes: Floats, members: NDArray[np.bool_], first: Ints, n: int) -> tuple[Floats, Floats]:
    """Give effect and influence of each column; controls are the units from `first` on that are no members."""
    inside = changes[members]
    mean_inside = inside.mean(axis=0)
    controls = (np.arange(n)[:, None] >= first[None, :]) & ~members[:, None]
    count = controls.sum(axis=0).astype(float)
    count[count == 0] = np.nan
    psi = changes
    psi *= controls
    mean_outside = psi.sum(axis=0) / count
    psi -= mean_outside
    psi *= controls
    psi *= -n / count
    psi[members] = (inside - mean_inside) * (n / len(inside))
    return mean_inside - mean_outside, psi


class _Sums:
    """The influence functions of all aggregates, gathered cohort by cohort; no units x cells matrix is ever held."""

    def __init__(self, panel: _Panel) -> None:
        n = len(panel.starts)
        self.panel = panel
        self.events = np.unique(panel.times[:, None] - panel.groups[None, :])
        size = (len(panel.times), len(self.events))
        self.calendar, self.dynamic = _Weighed(n, size[0]), _Weighed(n, size[1])
        self.simple, self.group = _Weighed(n, 1), _Weighed(n, 1)
        self.groups: list[Point] = []
        self._by_cluster: tuple[Ints, Ints] | None = None
        if panel.clusters is not None:
            order = np.argsort(panel.clusters, kind="stable")
            self._by_cluster = order, np.unique(panel.clusters[order], return_index=True)[1]

    def add(self, cohort: _Cohort) -> Floats:
        """Take one cohort in; give the standard errors of its cells."""
        times = self.panel.times[cohort.columns]
        after = times >= cohort.start
        events = np.searchsorted(self.events, times - cohort.start)
        self.dynamic.add(cohort, events, cohort.att, cohort.psi)
        self.calendar.add(cohort, cohort.columns[after], cohort.att[after], cohort.psi[:, after])
        count = int(after.sum())
        mean = cohort.att[after].mean(keepdims=True) if count else np.array([np.nan])
        psi = cohort.psi[:, after].sum(axis=1, keepdims=True)
        one = np.zeros(1, dtype=np.intp)
        se = np.array([np.nan])
        if count:
            self.simple.add(cohort, one, mean, psi / count, times=count)
            self.group.add(cohort, one, mean, psi / count)
            se = self._error(psi / count)
        self.groups.append(Point(cohort.start, float(mean[0]), float(se[0])))
        return self._error(cohort.psi)

    def done(self, cells: tuple[Cell, ...]) -> GroupTime:
        dynamic, dynamic_psi = self.dynamic.done()
        calendar, calendar_psi = self.calendar.done()
        simple, simple_psi = self.simple.done()
        group, group_psi = self.group.done()
        filled, treated = self.dynamic.filled, self.calendar.filled
        return GroupTime(
            cells=cells,
            simple=self._one(simple, simple_psi),
            group=tuple(self.groups),
            group_overall=self._one(group, group_psi),
            dynamic=self._points(self.events, dynamic, dynamic_psi, filled),
            dynamic_overall=self._mean(dynamic, dynamic_psi, filled & (self.events >= 0)),
            calendar=self._points(self.panel.times, calendar, calendar_psi, treated),
            calendar_overall=self._mean(calendar, calendar_psi, treated),
            units=len(self.panel.starts),
            clusters=None if self._by_cluster is None else len(self._by_cluster[1]),
            dropped=self.panel.dropped,
            times=tuple(float(t) for t in self.panel.times),
        )

    def _points(self, at: Floats, att: Floats, psi: Floats, filled: NDArray[np.bool_]) -> tuple[Point, ...]:
        errors = self._error(psi)
        return tuple(Point(float(at[k]), float(att[k]), float(errors[k])) for k in np.flatnonzero(filled))

    def _mean(self, att: Floats, psi: Floats, which: NDArray[np.bool_]) -> Estimate:
        if not which.any():
            return Estimate(np.nan, np.nan)
        return self._one(att[which].mean(keepdims=True), psi[:, which].mean(axis=1, keepdims=True))

    def _one(self, att: Floats, psi: Floats) -> Estimate:
        return Estimate(float(att[0]), float(self._error(psi)[0]))

    def _error(self, psi: Floats) -> Floats:
        """Give the standard error of each column of an influence function."""
        n = len(psi)
        if self._by_cluster is not None:
            order, firsts = self._by_cluster
            psi = np.add.reduceat(psi[order], firsts, axis=0)
        errors = np.sqrt(np.einsum("ij,ij->j", psi, psi)) / n
        return np.where(errors > _LEAST_SE, errors, np.nan)


class _Weighed:
    """Means over cohorts by their shares, one a column, and the influence on them of units and of the shares.

    With parts a_c, shares p_c of the units and S the sum of the p_c taken in: estimate = sum p_c a_c / S, influence of
    unit i = sum p_c psi_c,i / S + sum (1[i in c] - p_c) (a_c - estimate) / S.
    """

    def __init__(self, units: int, columns: int) -> None:
        self.sum, self.shares = np.zeros(columns), np.zeros(columns)
        self.psi = np.zeros((units, columns))
        self.filled = np.zeros(columns, dtype=bool)
        self._parts: list[tuple[NDArray[np.bool_], Ints, Floats, float]] = []

    def add(self, cohort: _Cohort, at: Ints, att: Floats, psi: Floats, times: int = 1) -> None:
        """Take in a cohort's parts `att`, one a column of `at`, each counted `times` times."""
        share = cohort.share * times
        self.sum[at] += share * att
        self.shares[at] += share
        self.psi[:, at] += share * psi
        self.filled[at] = True
        self._parts.append((cohort.members, at, att, times))

    def done(self) -> tuple[Floats, Floats]:
        """Give the means and the influence on them; NaN where nothing was taken in."""
        total = np.where(self.filled, self.shares, np.nan)
        mean = self.sum / total
        # sum over c of p_c (a_c - mean) is 0, so only the members' own terms are left of the shares' influence
        for members, at, att, times in self._parts:
            rows = np.flatnonzero(members)
            self.psi[np.ix_(rows, at)] += times * (att - mean[at])
        return mean, self.psi / total
