"""Files that somebody else made: header, separator, quotes, numbers; refused with the place."""

import pytest

from devsys.base.errors import InvalidError
from devsys.base.sheet import a_number, read_sheet


def _read(data: bytes, lines: int = 100, size: int = 10_000):
    return read_sheet(data, "The file", most_bytes=size, most_lines=lines)


def test_sheet_gives_rows_with_the_line_they_begin_in() -> None:
    sheet = _read(b'\xef\xbb\xbf"a"; b\r\n1;"two\nlines"\r\n\r\n;\r\n 3 ;x\r\n')
    assert (sheet.header, sheet.separator) == (("a", "b"), ";")
    assert [(line.number, line.cells) for line in sheet.lines] == [(2, ("1", "two\nlines")), (6, ("3", "x"))]
    assert (sheet.column("b"), sheet.column("c")) == (1, None)


@pytest.mark.parametrize(
    ("data", "where"),
    [
        (b"", "The file"),
        (b" \r\n\r\n", "The file"),
        (b"a,b\r\n", "line 2"),
        (b"a,\r\n1,2\r\n", "line 1, column 2"),
        (b"a,b,a\r\n1,2,3\r\n", "line 1, column 'a'"),
        (b"a,b\r\n1,2\r\n1,2,3\r\n", "line 3"),
        (b'a,b\r\n1,2\r\n1,"2\r\n', "line 3"),
        (b'a,b\r\n1,"2"3\r\n', "line 2"),
        (b"PK\x03\x04", "The file"),
        (b"\xff\xfea", "The file"),
        (b"a,b\r\n1,\xe9\r\n", "line 2"),
        (b",".join(b"c%d" % i for i in range(70)) + b"\r\n" + b",".join([b"1"] * 70), "line 1"),
        (b"a\r\n" * 102, "The file"),
        (b"a\r\n" + b"x" * 10_000, "The file"),
    ],
)
def test_sheet_of_another_shape_is_refused_with_the_place(data: bytes, where: str) -> None:
    with pytest.raises(InvalidError) as refused:
        _read(data)
    assert str(refused.value.faults[0]).startswith(where + ": ")


@pytest.mark.parametrize(
    ("cell", "separator", "number"),
    [
        ("12", ",", 12.0),
        ("-1.5", ",", -1.5),
        (".5", ",", 0.5),
        ("1e3", ",", 1000.0),
        ("4,5", ",", 4.5),
        ("1,234", ",", None),
        ("1,234", ";", 1.234),
        ("1.234,5", ";", None),
        ("1 234", ";", None),
        ("12 %", ",", None),
        ("nan", ",", None),
        ("inf", ",", None),
        ("1e999", ",", None),
        ("٣", ",", None),
        ("", ",", None),
    ],
)
def test_numbers_are_read_or_are_none(cell: str, separator: str, number: float | None) -> None:
    assert a_number(cell, separator) == number
