"""One measure of one team as the board shows it: points, gaps, limits, the rule that fired and the word, in values.

Everything here comes from figures that were let out (cells.py); a hidden block is a gap with its reason.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np

from devsys.base.words import phrase, to_phrase
from devsys.core.improvement import charts
from devsys.core.improvement.blocks import DAYS, first_day
from devsys.core.improvement.cells import Cell, Figure, let_out
from devsys.core.improvement.charts import RUN, Chart, Good, Limits, chart
from devsys.core.improvement.marks import Mark
from devsys.core.improvement.metrics import Measure
from devsys.core.improvement.signals import BASELINE, LEAST_AFTER, LEAST_BASELINE, Signal, signal

NOTHING: Final = to_phrase("no readings")


@dataclass(frozen=True, slots=True)
class BoardPoint:
    """One block: its days, its sums, the value in the measure's unit; label and type as the rules give them.

    `baseline` says whether it is one of the points that make the limits. A measure that is context has neither label
    nor type.
    """

    block: int
    first: date
    last: date
    numerator: float
    denominator: float
    people: int
    value: float
    label: str
    type: str
    baseline: bool


@dataclass(frozen=True, slots=True)
class BoardGap:
    """A block without a point, and why."""

    block: int
    first: date
    last: date
    why: str


@dataclass(frozen=True, slots=True)
class BoardGroup:
    """Blocks `first` to `last` share limits, in the measure's unit; `frozen` once the baseline is whole."""

    first: int
    last: int
    limits: Limits
    frozen: bool


@dataclass(frozen=True, slots=True)
class Fired:
    """Points in a row that rules found on one side of the centre, or in one trend.

    `label` is the weightiest of theirs: that of a trend or a side where there is one, then two of three, then outside.
    `outside` of the `count` points lie beyond a limit.
    """

    label: str
    count: int
    outside: int
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Board:
    """One measure of one unit.

    Points and gaps are together all blocks from the first with anything to the last that is past. `hidden` is not empty
    when nothing at all may be shown, and says why. `signal` is None for context. `before` and `recent` are the value of
    the baseline and of the last seven points, sums over sums.
    """

    measure: Measure
    unit: str
    points: tuple[BoardPoint, ...]
    gaps: tuple[BoardGap, ...]
    groups: tuple[BoardGroup, ...]
    fired: tuple[Fired, ...]
    marks: tuple[Mark, ...]
    signal: Signal | None
    before: float | None
    recent: float | None
    hidden: str

    @property
    def since(self) -> date | None:
        """Give the first day of the run that gave the word."""
        if self.signal is None or self.signal.since is None:
            return None
        return self.points[self.signal.since].first


def figures_of(cells: Mapping[int, tuple[Cell, ...]], measure: Measure) -> Mapping[int, Mapping[str, Figure]]:
    """Let the cells of each block out: block -> unit -> figure. The one call through which figures reach a board."""
    least = measure.least
    return {block: {figure.key: figure for figure in let_out(some, least)} for block, some in cells.items()}


def board(
    measure: Measure,
    unit: str,
    figures: Mapping[int, Mapping[str, Figure]],
    marks: Iterable[Mark] = (),
    *,
    last: int,
) -> Board:
    """Give the board of one unit from all figures of a measure; `last` is the last block that is past."""
    mine = {block: some[unit] for block, some in figures.items() if unit in some and block <= last}
    shown = tuple(sorted(block for block, figure in mine.items() if not figure.hidden))
    seen = tuple(mark for mark in marks if mark.measure in ("", measure.key))
    if not shown:
        why = next((figure.hidden for _, figure in sorted(mine.items(), reverse=True)), "")
        return Board(measure, unit, (), (), (), (), seen, None, None, None, why)
    gaps = tuple(_gap(block, mine) for block in range(min(mine), last + 1) if block not in shown)
    values = np.array([measure.shown(mine[block].value or 0.0) for block in shown])
    if measure.context:
        points = tuple(_point(b, mine[b], float(v)) for b, v in zip(shown, values, strict=True))
        return Board(measure, unit, points, gaps, (), (), seen, None, None, _over(points[-RUN:], measure), "")
    found = chart(values, rebase=_rebased(shown, seen), freeze=BASELINE, good=measure.good)
    points = _points(shown, mine, values, found)
    word = None
    if measure.good is not Good.NEITHER:
        places = np.array(shown, dtype=np.int64)
        word = signal(values, places, found, baseline=BASELINE, good=measure.good, last_place=last)
    group = found.groups[-1]
    inside = points[group.first : group.end]
    return Board(
        measure,
        unit,
        points,
        gaps,
        tuple(
            BoardGroup(shown[g.first], shown[g.end - 1], g.limits, g.end - g.first >= BASELINE) for g in found.groups
        ),
        _fired(points, frozenset(shown[g.first] for g in found.groups)),
        seen,
        word,
        _over(inside[:BASELINE], measure),
        _over(inside[-RUN:], measure),
        "",
    )


def _gap(block: int, mine: Mapping[int, Figure]) -> BoardGap:
    figure = mine.get(block)
    first = first_day(block)
    return BoardGap(block, first, first + timedelta(days=DAYS - 1), figure.hidden if figure else NOTHING)


def _point(
    block: int, figure: Figure, value: float, label: str = "", kind: str = "", *, baseline: bool = False
) -> BoardPoint:
    first = first_day(block)
    sums = (figure.numerator or 0.0, figure.denominator or 0.0, figure.people or 0)
    return BoardPoint(block, first, first + timedelta(days=DAYS - 1), *sums, value, label, kind, baseline)


def _points(
    shown: tuple[int, ...], mine: Mapping[int, Figure], values: charts.Values, found: Chart
) -> tuple[BoardPoint, ...]:
    points: list[BoardPoint] = []
    for group in found.groups:
        for place in range(group.first, group.end):
            block = shown[place]
            label, kind = found.labels[place], found.types[place]
            counted = place - group.first < BASELINE
            points.append(_point(block, mine[block], float(values[place]), label, kind, baseline=counted))
    return tuple(points)


def _rebased(shown: tuple[int, ...], marks: Iterable[Mark]) -> list[bool]:
    """Say of each point whether it is the first whose block begins on the day of a rebasing mark, or later."""
    answer = [False] * len(shown)
    for mark in marks:
        place = next((i for i, block in enumerate(shown) if first_day(block) >= mark.day), None)
        if mark.rebase and place is not None:
            answer[place] = True
    return answer


def _over(points: Iterable[BoardPoint], measure: Measure) -> float | None:
    """Give the sums of points over one another."""
    some = tuple(points)
    below = sum(point.denominator for point in some)
    return measure.shown(sum(point.numerator for point in some) / below) if below else None


_WAYS: Final = {
    charts.RISING: "rising",
    charts.FALLING: "falling",
    charts.SIDE_ABOVE: "above",
    charts.TWO_ABOVE: "above",
    charts.ABOVE_LIMIT: "above",
    charts.SIDE_BELOW: "below",
    charts.TWO_BELOW: "below",
    charts.BELOW_LIMIT: "below",
}
_OUTSIDE: Final = (charts.ABOVE_LIMIT, charts.BELOW_LIMIT)
_WEIGHTS: Final = tuple(_WAYS)  # a run is named by the first of these among its labels


def _fired(points: tuple[BoardPoint, ...], opened: frozenset[int]) -> tuple[Fired, ...]:
    """Give the runs of points that rules found, in order of time; none goes on past a block in `opened`."""
    runs: list[list[BoardPoint]] = []
    before = ""
    for point in points:
        way = _WAYS.get(point.label, "")
        if way and way == before and point.block not in opened:
            runs[-1].append(point)
        elif way:
            runs.append([point])
        before = way
    return tuple(
        Fired(
            min((point.label for point in run), key=_WEIGHTS.index),
            len(run),
            sum(point.label in _OUTSIDE for point in run),
            run[0].first,
            run[-1].last,
        )
        for run in runs
    )


def progress(found: Board) -> str:
    """Say how far a chart is from a status."""
    if found.signal is None:
        return ""
    have, after = found.signal.baseline, found.signal.after
    if have < BASELINE:
        return phrase(
            "%(have)s of %(baseline)s blocks; a status is possible from %(least)s + %(after)s",
            have=have,
            baseline=BASELINE,
            least=LEAST_BASELINE,
            after=LEAST_AFTER,
        )
    return phrase("%(after)s of %(least)s blocks since the baseline", after=after, least=LEAST_AFTER)
