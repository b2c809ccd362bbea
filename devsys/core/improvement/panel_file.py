"""A panel as CSV, one row per unit and period, read strictly: right, or refused by line and column."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from devsys.base import limits
from devsys.base.errors import Fault, InvalidError
from devsys.base.sheet import Line, a_number, read_sheet

MOST_FAULTS: Final = 20
_MOST_CELL: Final = 100
_NAMED: Final = 5


@dataclass(frozen=True, slots=True)
class Columns:
    """The names of the columns that hold what a panel needs."""

    unit: str
    time: str
    start: str
    outcome: str
    cluster: str | None = None

    def named(self) -> tuple[str, ...]:
        """Give all of them, the cluster only if there is one."""
        four = (self.unit, self.time, self.start, self.outcome)
        return four if self.cluster is None else (*four, self.cluster)


@dataclass(frozen=True, slots=True)
class PanelFile:
    """A balanced panel: outcomes (units x times), times ascending, starts (never is infinite), clusters by number."""

    units: tuple[str, ...]
    times: NDArray[np.float64]
    starts: NDArray[np.float64]
    y: NDArray[np.float64]
    clusters: NDArray[np.intp] | None


def read_panel(data: bytes, what: str, columns: Columns) -> PanelFile:
    """Give the panel in a CSV file with a header; `what` names the file in messages.

    Raises InvalidError with the line and column of what cannot be taken: no number where one is wanted, a column that
    lacks, a unit with two starts or clusters, a second row of one unit and period, a period without a row.
    """
    sheet = read_sheet(data, what, most_bytes=limits.SERIES_BYTES, most_lines=limits.SERIES_LINES)
    faults = _Faults(what)
    for name in columns.named():
        if sheet.column(name) is None:
            faults.add(1, name, f"there is no such column; the file has {_shown(', '.join(sheet.header))}")
    faults.refuse()
    places = {name: sheet.header.index(name) for name in columns.named()}
    rows = _Rows(columns, places, sheet.separator, faults)
    for line in sheet.lines:
        rows.take(line)
    faults.refuse()
    return rows.panel()


def _shown(text: str) -> str:
    """Give a cell as a message may show it: printable, not endless."""
    clean = "".join(sign if sign.isprintable() else "?" for sign in text[:_MOST_CELL])
    return clean if len(text) <= _MOST_CELL else f"{clean}..."


class _Faults:
    """What is wrong; the first of it in words, the rest by number."""

    def __init__(self, what: str) -> None:
        self.what = what
        self.count = 0
        self._first: list[Fault] = []

    def add(self, line: int, column: str, what: str) -> None:
        self.count += 1
        if self.count <= MOST_FAULTS:
            self._first.append(Fault(f"line {line}, column {column}", what))

    def refuse(self) -> None:
        """Raise InvalidError if anything was wrong."""
        more = (Fault("", f"and {self.count - MOST_FAULTS:,} more"),) if self.count > MOST_FAULTS else ()
        if self.count:
            raise InvalidError(f"{self.what} cannot be taken as a panel.", (*self._first, *more))


class _Rows:
    """The rows of a panel as they come."""

    def __init__(self, columns: Columns, places: Mapping[str, int], separator: str, faults: _Faults) -> None:
        self.columns, self.places, self.separator, self.faults = columns, places, separator, faults
        self.units: dict[str, int] = {}
        self.starts: list[float] = []
        self.clusters: list[str] = []
        self.first: list[int] = []  # the line each unit comes in first
        self.read: list[tuple[int, int, float, float]] = []  # line, unit, time, outcome

    def take(self, line: Line) -> None:
        """Take one row in, or note what is wrong with it."""
        before = self.faults.count
        name = self._text(line, self.columns.unit)
        time = self._number(line, self.columns.time)
        outcome = self._number(line, self.columns.outcome)
        start = self._start(line)
        cluster = self._text(line, self.columns.cluster) if self.columns.cluster else ""
        if self.faults.count > before:
            return
        unit = self.units.setdefault(name, len(self.units))
        if unit == len(self.first):
            self.starts.append(start)
            self.clusters.append(cluster)
            self.first.append(line.number)
        elif self.starts[unit] != start:
            here, there = (f"{s:g}" if math.isfinite(s) else "never" for s in (start, self.starts[unit]))
            what = f"{_shown(name)!r} starts at {here} here and at {there} in line {self.first[unit]}"
            self.faults.add(line.number, self.columns.start, f"{what}; one start a unit")
        elif self.columns.cluster and self.clusters[unit] != cluster:
            here, there = _shown(cluster), _shown(self.clusters[unit])
            what = f"{_shown(name)!r} is in {here!r} here and in {there!r} in line {self.first[unit]}"
            self.faults.add(line.number, self.columns.cluster, f"{what}; one cluster a unit")
        self.read.append((line.number, unit, time, outcome))

    def panel(self) -> PanelFile:
        """Give the panel once it is whole. Raises InvalidError."""
        lines, units = (np.array([row[k] for row in self.read], dtype=np.int64) for k in (0, 1))
        times, at = np.unique(np.array([row[2] for row in self.read]), return_inverse=True)
        shape = (len(self.units), len(times))
        place = units * len(times) + at
        first = np.zeros(shape, dtype=np.int64)  # the first line of each unit and time; 0 where there is none
        first.flat[place[::-1]] = lines[::-1]
        self._judge(times, lines, place, first)
        y = np.empty(shape)
        y.flat[place] = np.array([row[3] for row in self.read])
        numbers = {name: k for k, name in enumerate(dict.fromkeys(self.clusters))}
        clusters = np.array([numbers[name] for name in self.clusters], dtype=np.intp)
        starts = np.array(self.starts)
        return PanelFile(tuple(self.units), times, starts, y, clusters if self.columns.cluster else None)

    def _judge(
        self, times: NDArray[np.float64], lines: NDArray[np.int64], place: NDArray[np.int64], first: NDArray[np.int64]
    ) -> None:
        """Raise InvalidError for a second row of one unit and time, and for units without a row in each period."""
        names = tuple(self.units)
        for k in np.flatnonzero(first.flat[place] != lines):
            unit, at = divmod(int(place[k]), len(times))
            what = f"{_shown(names[unit])!r} has a second row for {times[at]:g} (the first is line {first[unit, at]})"
            self.faults.add(int(lines[k]), self.columns.time, what)
        for unit in np.flatnonzero((first == 0).any(axis=1)).tolist():
            lacks = times[first[unit] == 0]
            what = f"{_shown(names[unit])!r} has no row for {', '.join(f'{t:g}' for t in lacks[:_NAMED])}"
            what += f" and {len(lacks) - _NAMED} more" if len(lacks) > _NAMED else ""
            what += f"; every unit needs one row in each of the {len(times)} periods"
            self.faults.add(self.first[unit], self.columns.time, what)
        self.faults.refuse()

    def _text(self, line: Line, column: str) -> str:
        cell = line.cells[self.places[column]]
        if not cell:
            self.faults.add(line.number, column, "the cell is empty")
        return cell

    def _number(self, line: Line, column: str) -> float:
        """Give the number in a cell, or NaN with a fault noted."""
        cell = line.cells[self.places[column]]
        value = a_number(cell, self.separator)
        if value is None:
            words = f"a number such as 12.5 is wanted, not {_shown(cell)!r}" if cell else "the cell is empty"
            self.faults.add(line.number, column, words)
        return math.nan if value is None else value

    def _start(self, line: Line) -> float:
        """Give when a unit starts; 0, an empty cell and Inf mean never."""
        column = self.columns.start
        cell = line.cells[self.places[column]]
        if not cell or cell.lower() in {"inf", "infinity"}:
            return math.inf
        value = self._number(line, column)
        if value < 0:
            self.faults.add(line.number, column, f"a start is 0 (never) or above 0, not {value:g}; move the periods up")
        return value or math.inf
