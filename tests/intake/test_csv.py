"""The file before its rows: size, encoding, separator, header, said first and alone; then each row by itself."""

import pytest

from devsys.base import limits
from devsys.core.intake.csv import read_table, write_table

HEADER = ("code", "name", "site")


def read(data: bytes | str, least: int = 3) -> tuple[list[tuple[int, tuple[str, ...]]], list[tuple[int, str]]]:
    table = read_table(data, HEADER, least)
    return [(row.row, row.cells) for row in table.rows], [(fault.row, fault.wanted) for fault in table.faults]


def only_fault(data: bytes | str) -> str:
    rows, faults = read(data)
    assert rows == []
    assert [row for row, _ in faults] == [0]
    return faults[0][1]


def test_rows_are_numbered_as_a_sheet_shows_them() -> None:
    rows, faults = read("code,name,site\nBILL-1,Billing 1,BER\n\n,,\nDEL-1,Delivery 1,LIS\n")
    assert faults == []
    assert rows == [(2, ("BILL-1", "Billing 1", "BER")), (5, ("DEL-1", "Delivery 1", "LIS"))]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_every_line_ending_and_a_byte_order_mark_are_taken(ending: str) -> None:
    data = b"\xef\xbb\xbf" + ending.join(("code,name,site", "GRAÇA,Returns Graça,LIS", "")).encode()
    assert read(data) == ([(2, ("GRAÇA", "Returns Graça", "LIS"))], [])


def test_quotes_commas_and_blanks_around_cells() -> None:
    rows, _ = read('code,name,site\n B-1 ,"Billing, ""early""", BER\n')
    assert rows == [(2, ("B-1", 'Billing, "early"', "BER"))]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b"\n \r\n", "empty"),
        (b"code,name,site\n", "no rows"),
        (b"code;name;site\nA;B;C\n", "semicolons"),
        ('"code";"name";"site"\n', "semicolons"),
        (b"code\tname\tsite\nA\tB\tC\n", "tabs"),
        (b"code|name|site\nA|B|C\n", "bars"),
        (b"A,B,C\n", "not known: “A”"),
        (b"code,name\nA,B\n", "missing: site"),
        (b"code,name,site,floor\nA,B,C,D\n", "not known: “floor”"),
        (b"name,code,site\nA,B,C\n", "another order"),
        (b"code,code,site\nA,B,C\n", "twice: code"),
        (b'code,"name,site\n', "The first line must be: code,name,site"),
        (b"code,name,site" + b",x" * 100 + b"\n", "more than 64 columns"),
        (b"<html><body>Sign in</body></html>\n", "The first line must be"),
        ("code,name,site\nA,B,C\n".encode("utf-16"), "UTF-16"),
        ("code,name,site\nA,Bérénice,C\n".encode("latin-1"), "not UTF-8: byte 0xE9 in line 2"),
        (b"code,name,site\nA,\x00,C\n", "NUL"),
        (b"PK\x03\x04\x14\x00\x08\x00", "a workbook or an archive"),
        (b"\x1f\x8b\x08\x00", "NUL"),
        (b"code,name,site\n" + b"A,B,C\n" * 20_001, "20,001 rows; at most 20,000"),
        (b"x" * (limits.CSV_BYTES + 1), "too large: at most 5 MiB are taken"),
        ("code,name,site\nA,\ud800,C\n", "not UTF-8"),
    ],
)
def test_what_is_wrong_with_the_file_is_said_alone(data: bytes | str, said: str) -> None:
    assert said in only_fault(data)


def test_limits_are_taken_to_the_last_row_and_byte() -> None:
    rows, faults = read(b"code,name,site\n" + b"A,B,C\n" * limits.CSV_ROWS)
    assert (len(rows), faults) == (limits.CSV_ROWS, [])
    body = b"code,name,site\nA,B,C\n"
    filled = body + b"\n" * (limits.CSV_BYTES - len(body))
    assert read(filled) == ([(2, ("A", "B", "C"))], [])


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("A,B", "3 cells, as in the header; the row has 2"),
        ("A,B,C,D", "3 cells, as in the header; the row has 4"),
        ('A,"B,C', "quotes in pairs"),
        ('A,"B"x,C', "quotes in pairs"),
        ("code,name,site", "the header once only"),
        ("A," + "B" * 10_001 + ",C", "at most 10,000 characters"),
        ("A," + "B" * 40_000 + ",C", "at most 10,000 characters"),
    ],
)
def test_a_row_that_cannot_be_taken_is_named_and_the_others_are_read(row: str, said: str) -> None:
    rows, faults = read(f"code,name,site\nX,Y,Z\n{row}\nP,Q,R\n")
    assert [n for n, _ in rows] == [2, 4]
    assert [n for n, _ in faults] == [3]
    assert said in faults[0][1]


def test_a_cell_may_be_as_long_as_the_limit() -> None:
    rows, faults = read(f"code,name,site\nA,{'B' * limits.CSV_CELL},C\n")
    assert (len(rows), faults) == (1, [])


def test_an_open_quote_does_not_swallow_what_follows() -> None:
    rows, faults = read('code,name,site\nA,"open,C\nP,Q,R\n')
    assert rows == [(3, ("P", "Q", "R"))]
    assert [row for row, _ in faults] == [2]


def test_cells_are_cleaned() -> None:
    rows, _ = read("code,name,site\nA\u202e,Ze\u0301\u0007 \u200eMota,C\x7f\n")
    assert rows == [(2, ("A", "Zé Mota", "C"))]


def test_columns_marked_optional_may_be_left_out_from_the_end() -> None:
    assert read("code,name\nA,B\n", least=2) == ([(2, ("A", "B"))], [])
    assert read("code,name,site\nA,B,C\n", least=2) == ([(2, ("A", "B", "C"))], [])
    table = read_table("code\nA\n", HEADER, 2)
    assert "code,name (and, if you like, site)" in table.faults[0].wanted


FORMULAS = ("=1+1", "+SUM(A1)", "-2+3", "@cmd", "＝1", "＋1", "－1", "＠x")  # noqa: RUF001 -- full-width signs


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_written_is_a_formula_and_all_come_back(text: str) -> None:
    written = write_table(HEADER, [("A", text, "-12.5")])
    assert f",'{text},-12.5\r\n" in written
    assert read(written) == ([(2, ("A", text, "-12.5"))], [])


def test_names_that_begin_with_an_apostrophe_come_back() -> None:
    assert read(write_table(HEADER, [("A", "'s-Hertogenbosch", "C")])) == ([(2, ("A", "'s-Hertogenbosch", "C"))], [])
