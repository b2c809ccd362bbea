"""A file of comma-separated values as rows of cells: limits first, then the header, then row by row.

Strictly one line is one row, so that an open quote is named where it stands instead of swallowing what follows;
no column of ours holds a line break.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from devsys.base import limits, written
from devsys.base.errors import InvalidError
from devsys.base.text import cell_safe, clean
from devsys.base.words import phrase, to_phrase
from devsys.core.intake.values import Refused, shown

_SEPARATORS = ((";", to_phrase("semicolons")), ("\t", to_phrase("tabs")), ("|", to_phrase("bars")))
_GUARDED = "=+-@\t\r＝＋－＠"  # noqa: RUF001 -- the signs cell_safe() guards, full-width ones too


@dataclass(frozen=True, slots=True)
class Cells:
    """One row: its number in the file (the header is row 1) and its cells, cleaned."""

    row: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """The rows under the header (`header` as found), and what is wrong; a fault of the file leaves no rows."""

    header: tuple[str, ...]
    rows: tuple[Cells, ...]
    faults: tuple[Refused, ...]


def read_table(data: bytes | str, header: Sequence[str], least: int) -> Table:
    """Give the rows of a file whose first line is `header`, of which columns from number `least` on may lack.

    Wrong size, encoding, separator or header is one fault and no rows; a row that cannot be taken is a fault of
    its own. Never raises, whatever the bytes are.
    """
    try:
        lines = _lines(data)
        found = _header(lines[0], tuple(header), least)
    except InvalidError as error:
        return Table((), (), (Refused(0, "", "", error.message),))
    rows: list[Cells] = []
    faults: list[Refused] = []
    for number, line in enumerate(lines[1:], start=2):
        read = _row(number, line, found)
        if isinstance(read, Refused):
            faults.append(read)
        elif read is not None:
            rows.append(read)
    if not rows and not faults:
        nothing = Refused(0, "", "", phrase("The file holds its header and no rows. Add at least one row below it."))
        return Table(found, (), (nothing,))
    return Table(found, tuple(rows), tuple(faults))


def _lines(data: bytes | str) -> list[str]:
    """Give the lines of a text within the limits. Raises InvalidError."""
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    what = phrase("The file")
    text = limits.decoded(limits.within(raw, limits.CSV_BYTES, what), what)
    text = text.rstrip("\r\n")
    if not text.strip():
        raise InvalidError(phrase("The file is empty. Start from the template."))
    breaks = text.count("\n") + text.count("\r") - text.count("\r\n")
    if breaks > limits.CSV_ROWS:
        raise InvalidError(
            phrase(
                "The file has %(breaks)s rows; at most %(most)s are taken. Bring it in parts.",
                breaks=written.number(breaks),
                most=written.number(limits.CSV_ROWS),
            )
        )
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _header(line: str, wanted: tuple[str, ...], least: int) -> tuple[str, ...]:
    """Give the columns the file has. Raises InvalidError saying what is wrong with its first line."""
    first = phrase("The first line must be: %(columns)s", columns=",".join(wanted[:least]))
    if least < len(wanted):
        more = ",".join(wanted[least:])
        first = phrase("%(first)s (and, if you like, %(columns)s)", first=first, columns=more)
    for sign, name in _SEPARATORS:
        parts = [part.strip().strip('"') for part in line.split(sign, limits.CSV_COLUMNS)]
        if len(parts) > 1 and parts[0] in wanted and parts[1] in wanted:
            raise InvalidError(
                phrase("The columns are parted by %(name)s. Save the file with commas and bring it again.", name=name)
            )
    if line.count(",") >= limits.CSV_COLUMNS:
        raise InvalidError(
            phrase(
                "The file has more than %(most)s columns. %(first)s.",
                most=limits.CSV_COLUMNS,
                first=first,
            )
        )
    try:
        cells = tuple(cell.strip() for cell in _split(line))
    except csv.Error:
        cells = (line,)
    if least <= len(cells) and cells == wanted[: len(cells)]:
        return cells
    missing = [name for name in wanted[:least] if name not in cells]
    unknown = [name for name in cells if name not in wanted]
    twice = [name for i, name in enumerate(cells) if name in cells[:i] and name in wanted]
    said = [phrase("missing: %(columns)s", columns=", ".join(missing))] if missing else []
    said += (
        [phrase("not known: %(columns)s", columns=", ".join(shown(name) for name in unknown[:8]))] if unknown else []
    )
    said += [phrase("twice: %(columns)s", columns=", ".join(twice))] if twice else []
    raise InvalidError(
        phrase(
            "%(first)s. The file has %(what)s.", first=first, what="; ".join(said) or phrase("them in another order")
        )
    )


def _split(line: str) -> list[str]:
    return next(csv.reader([line], strict=True, skipinitialspace=True), [])


def _row(number: int, line: str, header: tuple[str, ...]) -> Cells | Refused | None:
    """One row; None when it is blank."""
    if len(line) > len(header) * (limits.CSV_CELL + 3):
        return Refused(
            number,
            "",
            line[:80],
            phrase("cells of at most %(most)s characters", most=written.number(limits.CSV_CELL)),
        )
    try:
        cells = _split(line)
    except csv.Error:
        wanted = phrase("quotes in pairs around a cell, doubled inside it, and no line break in a cell")
        return Refused(number, "", line[:80], wanted)
    if not any(cell.strip() for cell in cells):
        return None
    if len(cells) != len(header):
        return Refused(
            number,
            "",
            line[:80],
            phrase("%(header)s cells, as in the header; the row has %(cells)s", header=len(header), cells=len(cells)),
        )
    if tuple(cell.strip() for cell in cells) == header:
        return Refused(number, "", line[:80], phrase("the header once only, in the first line"))
    cleaned: list[str] = []
    for name, cell in zip(header, cells, strict=True):
        try:
            cleaned.append(_unguarded(clean(cell, limit=limits.CSV_CELL)))
        except InvalidError:
            return Refused(
                number,
                name,
                cell[:80],
                phrase("at most %(most)s characters", most=written.number(limits.CSV_CELL)),
            )
    return Cells(number, tuple(cleaned))


def _unguarded(cell: str) -> str:
    """Give a cell without the mark an export puts before a formula sign, so that exports come back alike."""
    return cell[1:] if len(cell) > 1 and cell[0] == "'" and cell[1] in _GUARDED else cell


def write_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Give a file of comma-separated values (RFC 4180) in which no cell is a formula to a sheet (trust.md R17)."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(header)
    writer.writerows(_guarded(row) for row in rows)
    return out.getvalue()


def _guarded(row: Sequence[str]) -> Iterator[str]:
    return (cell_safe(cell) for cell in row)
