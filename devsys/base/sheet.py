"""A file of separated values that somebody else made: its own header, its own separator, cells as they are.

The files of devsys's own kinds are read by core/intake/csv.py, which knows their header. Here the header is whatever
the file says; who reads asks for columns by name.
"""

import contextlib
import csv
import io
import re
from dataclasses import dataclass
from typing import Final

from devsys.base import limits
from devsys.base.errors import Fault, InvalidError
from devsys.base.words import phrase
from devsys.base.written import number

_SEPARATORS: Final = ",;\t|"
_POINT: Final = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?\Z", re.ASCII)
_COMMA: Final = re.compile(r"[+-]?\d+,\d+\Z", re.ASCII)
_THOUSANDS: Final = re.compile(r"[+-]?\d{1,3},\d{3}\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Line:
    """One row: the line of the file it begins in (the header is line 1), and its cells, trimmed."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A header, the rows under it and the sign that parts their cells."""

    header: tuple[str, ...]
    lines: tuple[Line, ...]
    separator: str

    def column(self, name: str) -> int | None:
        """Give the place of a column, or None."""
        return self.header.index(name) if name in self.header else None


def read_sheet(data: bytes, what: str, *, most_bytes: int, most_lines: int) -> Sheet:
    """Give the file as a sheet. `what` names it in messages.

    Raises InvalidError: the file is too large, not text, empty, without a usable header, or has rows of another
    width (the first hundred of them as faults).
    """
    text = limits.decoded(limits.within(data, most_bytes, what), what).rstrip("\r\n")
    if not text.strip():
        raise InvalidError(
            phrase("%(what)s is empty.", what=what), (Fault(what, phrase("a header and at least one row")),)
        )
    breaks = text.count("\n") + text.count("\r") - text.count("\r\n")
    if breaks > most_lines:
        raise InvalidError(
            phrase(
                "%(what)s has %(breaks)s lines below its header; at most %(most)s are taken. Bring it in parts.",
                what=what,
                breaks=number(breaks),
                most=number(most_lines),
            ),
            (Fault(what, phrase("at most %(most)s lines", most=number(most_lines))),),
        )
    first = re.split(r"[\r\n]", text, maxsplit=1)[0]
    separator = max(_SEPARATORS, key=first.count)
    header, lines, ragged = _read(text, separator, what)
    _usable(header, what)
    if ragged:
        raise InvalidError(phrase("%(what)s has rows of another width than its header.", what=what), tuple(ragged))
    if not lines:
        raise InvalidError(
            phrase("%(what)s holds its header and no rows.", what=what), (Fault("line 2", phrase("at least one row")),)
        )
    return Sheet(header, tuple(lines), separator)


_MOST_FAULTS: Final = 100


def tried(data: bytes) -> bytes:
    """Read a file of readings and give nothing: for a process of its own, before it is read here."""
    with contextlib.suppress(InvalidError):  # said where it is read for good
        read_sheet(data, "The file", most_bytes=limits.READINGS_BYTES, most_lines=limits.READINGS_LINES)
    return b""


def _read(text: str, separator: str, what: str) -> tuple[tuple[str, ...], list[Line], list[Fault]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    header: tuple[str, ...] = ()
    lines: list[Line] = []
    ragged: list[Fault] = []
    begun = 1
    try:
        for cells in reader:
            if begun == 1 and not header:
                header = tuple(cell.strip() for cell in cells)
            elif any(cell.strip() for cell in cells):
                if len(cells) == len(header):
                    lines.append(Line(begun, tuple(cell.strip() for cell in cells)))
                elif len(ragged) < _MOST_FAULTS:
                    wanted = phrase(
                        "%(header)s cells, as in the header; this row has %(cells)s",
                        header=len(header),
                        cells=len(cells),
                    )
                    ragged.append(Fault(phrase("line %(number)s", number=begun), wanted))
            begun = reader.line_num + 1
    except csv.Error as error:
        wanted = "quotes in pairs around a cell, doubled inside it"
        raise InvalidError(
            phrase("%(what)s cannot be read from line %(begun)s on: %(error)s.", what=what, begun=begun, error=error),
            (Fault(phrase("line %(number)s", number=begun), wanted),),
        ) from None
    return header, lines, ragged


def _usable(header: tuple[str, ...], what: str) -> None:
    """Raise InvalidError when columns cannot be told apart by the header."""
    if len(header) > limits.CSV_COLUMNS:
        raise InvalidError(
            phrase("%(what)s has more than %(most)s columns.", what=what, most=limits.CSV_COLUMNS),
            (Fault("line 1", phrase("fewer columns")),),
        )
    nameless = [str(place) for place, name in enumerate(header, 1) if not name]
    twice = sorted({name for place, name in enumerate(header) if name and name in header[:place]})
    faults = [Fault(f"line 1, column {place}", "a name") for place in nameless]
    faults += [Fault(f"line 1, column {name[:40]!r}", phrase("each name once")) for name in twice]
    if faults:
        raise InvalidError(phrase("The first line of %(what)s must name each column, once.", what=what), tuple(faults))


def a_number(cell: str, separator: str) -> float | None:
    """Give a cell's number, or None when it is none.

    A comma is taken as the decimal sign; not where it could part thousands in a file whose cells commas part.
    """
    if _POINT.match(cell):
        found = float(cell)
        return found if abs(found) < float("inf") else None
    if _COMMA.match(cell) and not (separator == "," and _THOUSANDS.match(cell)):
        return float(cell.replace(",", "."))
    return None
