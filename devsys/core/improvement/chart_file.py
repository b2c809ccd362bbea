"""A file of series with options for each point, labelled: what `devsys spc` reads and writes."""

import math
import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

import numpy as np

from devsys.base import limits
from devsys.base.errors import Fault, InvalidError
from devsys.base.sheet import Line, Sheet, a_number, read_sheet
from devsys.core.improvement.charts import Good, chart

_T = TypeVar("_T")

WANTED: Final = ("case", "date", "y")
OPTIONS: Final = ("improvement_direction", "rebase_here", "fix_after_n_points", "screen_outliers", "target")
GIVEN: Final = ("rebase_group", "mean", "lpl", "upl", "special_cause_type", "point_type")
MOST_FAULTS: Final = 100

_NEVER: Final = datetime(2000, 1, 1)  # noqa: DTZ001 -- stands where a date could not be read; the row is refused
_MISSING: Final = ("", "NA")
_GOOD: Final = {"increase": Good.UP, "decrease": Good.DOWN, "neutral": Good.NEITHER, "": Good.UP}
_TRUTH: Final = {"true": True, "t": True, "1": True, "yes": True, "false": False, "f": False, "0": False, "no": False}


@dataclass(frozen=True, slots=True)
class Point:
    """One row of the file: its case, time and value (None: a period without one) and the options that stand beside."""

    line: int
    case: str
    date: str
    at: datetime
    value: float | None
    good: Good
    rebase: bool
    freeze: int | None
    screen: bool


def labelled_file(data: bytes, what: str) -> tuple[tuple[tuple[str, ...], ...], int]:
    """Give the rows of the labelled file, its header first, in the order of the given rows; and how many series.

    Raises InvalidError with the line and column of every fault (the first hundred).
    """
    sheet = read_sheet(data, what, most_bytes=limits.SERIES_BYTES, most_lines=limits.SERIES_LINES)
    points, faults = _points(sheet)
    cases: dict[str, list[int]] = defaultdict(list)
    for place, point in enumerate(points):
        cases[point.case].append(place)
    if not faults:
        faults = [fault for places in cases.values() for fault in _at_odds([points[i] for i in places])]
    if faults:
        raise InvalidError(f"{what} cannot be labelled; nothing was written.", tuple(faults[:MOST_FAULTS]))
    rows: list[tuple[str, ...]] = [()] * len(points)
    for places in cases.values():
        ordered = sorted(places, key=lambda i: points[i].at)
        for place, answer in zip(ordered, _answers([points[i] for i in ordered]), strict=True):
            rows[place] = (points[place].case, points[place].date, *answer)
    return (("case", "date", *GIVEN), *rows), len(cases)


def _points(sheet: Sheet) -> tuple[list[Point], list[Fault]]:
    lacking = [name for name in WANTED if name not in sheet.header]
    if lacking:
        raise InvalidError(
            f"The file has no column {', '.join(lacking)}.",
            (Fault("line 1", f"the columns {', '.join(WANTED)} and, if you like, {', '.join(OPTIONS)}"),),
        )
    places: Mapping[str, int] = {name: sheet.header.index(name) for name in (*WANTED, *OPTIONS) if name in sheet.header}
    points: list[Point] = []
    faults: list[Fault] = []
    for line in sheet.lines:
        read = _Row(line, places, sheet.separator, faults)
        point = read.point()
        if point is not None:
            points.append(point)
    return points, faults


class _Row:
    """Reads one row; what is wrong goes to `faults`, and the row gives no point."""

    def __init__(self, line: Line, places: Mapping[str, int], separator: str, faults: list[Fault]) -> None:
        self._line, self._places, self._separator, self._faults = line, places, separator, faults

    def point(self) -> Point | None:
        before = len(self._faults)
        point = Point(
            self._line.number,
            self._cell("case"),
            self._cell("date"),
            self._read("date", _moment, "a date as 2026-01-05, or a time as 2026-01-05T09:00", _NEVER),
            self._read("y", self._number, "a number, or nothing where a period has none", None),
            self._read("improvement_direction", _good, "increase, decrease or neutral", Good.UP),
            self._read("rebase_here", _truth, "1 where a new group begins, else 0", otherwise=False),
            self._read("fix_after_n_points", _count, "a whole number of points from 1 on, or nothing", None),
            self._read("screen_outliers", _screens, "TRUE or FALSE", otherwise=True),
        )
        self._read("target", self._number, "a number, or nothing", None)
        return point if len(self._faults) == before else None

    def _cell(self, name: str) -> str:
        return self._line.cells[self._places[name]] if name in self._places else ""

    def _read(self, name: str, read: Callable[[str], _T], wanted: str, otherwise: _T) -> _T:
        try:
            return read(self._cell(name))
        except ValueError:
            where = f"line {self._line.number}, column {name}"
            self._faults.append(Fault(where, f"{wanted}; not {self._cell(name)[:40]!r}"))
            return otherwise

    def _number(self, cell: str) -> float | None:
        if cell in _MISSING:
            return None
        found = a_number(cell, self._separator)
        if found is None:
            raise ValueError
        return found


def _moment(cell: str) -> datetime:
    return datetime.fromisoformat(cell).replace(tzinfo=None)


def _good(cell: str) -> Good:
    found = _GOOD.get(cell.lower())
    if found is None:
        raise ValueError
    return found


def _truth(cell: str) -> bool:
    found = _TRUTH.get(cell.lower().removesuffix(".0") or "0")
    if found is None:
        raise ValueError
    return found


def _screens(cell: str) -> bool:
    return _truth(cell or "TRUE")


def _count(cell: str) -> int | None:
    if cell in _MISSING:
        return None
    whole = cell.removesuffix(".0")  # as sheets write a column of counts that has gaps
    found = int(whole) if re.fullmatch(r"\d{1,9}", whole, re.ASCII) else 0
    if not found:
        raise ValueError
    return found


def _at_odds(points: Sequence[Point]) -> list[Fault]:
    """Give what in the rows of one case cannot be: a date twice, options that change from row to row."""
    first = points[0]
    seen: dict[datetime, int] = {}
    faults: list[Fault] = []
    for point in points:
        if point.at in seen:
            faults.append(
                Fault(
                    f"line {point.line}, column date", f"each date once; {point.date} is in line {seen[point.at]} too"
                )
            )
        seen.setdefault(point.at, point.line)
        for name, mine, other in (
            ("improvement_direction", point.good, first.good),
            ("fix_after_n_points", point.freeze, first.freeze),
            ("screen_outliers", point.screen, first.screen),
        ):
            if mine != other:
                wanted = f"one for all rows of a case; line {first.line} says otherwise"
                faults.append(Fault(f"line {point.line}, column {name}", wanted))
    return faults


def _answers(points: Sequence[Point]) -> list[tuple[str, ...]]:
    """Give group, limits, label and type for the rows of one case in order of time."""
    numbers: list[int] = []
    for point in points:
        numbers.append((numbers[-1] if numbers else 0) + point.rebase)
    kept = [i for i, point in enumerate(points) if point.value is not None]
    values = np.array([points[i].value for i in kept], dtype=np.float64)
    marks = [place > 0 and numbers[kept[place]] != numbers[kept[place - 1]] for place in range(len(kept))]
    found = chart(values, rebase=marks, freeze=points[0].freeze, screen=points[0].screen, good=points[0].good)
    answers: list[tuple[str, ...]] = [(str(number), "", "", "", "", "") for number in numbers]
    for group in found.groups:
        shown = tuple(_plain(x) for x in (group.limits.centre, group.limits.lower, group.limits.upper))
        for place in range(group.first, group.end):
            row = kept[place]
            answers[row] = (str(numbers[row]), *shown, found.labels[place], found.types[place])
    return answers


def _plain(number: float) -> str:
    """Give a number in as few digits as bring it back exactly; nothing where there is none."""
    if math.isnan(number):
        return ""
    return np.format_float_positional(number, trim="-")
