"""Hostile CSV (trust.md section 6): whatever is brought is refused with a reason, costs little, and changes nothing.

The generator has a fixed seed and keeps no files; costs are counted in bytes held, not in seconds.
"""

import io
import random
import tracemalloc
import zipfile
from collections.abc import Iterator
from dataclasses import fields

import pytest

from devsys.base import limits
from devsys.core.intake.kinds import KINDS, template
from devsys.core.intake.resolve import after
from devsys.core.intake.values import Outcome
from tests.intake import files

MIB = 1024 * 1024
MEMORY = 200 * MIB
SEED = 20260105


def a_zip_bomb() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("people.csv", b"0" * (20 * MIB))
    return packed.getvalue()


def whole_files(kind: str) -> Iterator[tuple[str, bytes]]:
    """Files that are wrong as files."""
    header = ",".join(KINDS[kind].header)
    good = template(kind).encode()
    yield "empty", b""
    yield "blank lines", b"\n" * 5000
    yield "no header", good.split(b"\r\n", 1)[1]
    yield "another header", b"alpha,beta\n1,2\n"
    yield "header in capitals", header.upper().encode() + b"\n1,2\n"
    yield "semicolons", good.replace(b",", b";")
    yield "tabs", good.replace(b",", b"\t")
    yield "UTF-16", good.decode().encode("utf-16")
    yield "UTF-16 without mark", good.decode().encode("utf-16-le")
    yield "Latin-1", header.encode() + b"\n" + "Zürich".encode("latin-1")
    yield "broken UTF-8", good + b"\xc3"
    yield "NUL", good + b"\x00"
    yield "ZIP bomb", a_zip_bomb()
    yield "HTML", b"<!doctype html><title>Sign in</title>"
    yield "10^6 columns", b"," * 1_000_000 + b"\n"
    yield "10^6 columns under a header", header.encode() + b"," * 1_000_000 + b"\n"
    yield "500,000 rows", header.encode() + b"\nA" * 500_000
    yield "too many bytes", b"A" * (limits.CSV_BYTES + 1)
    yield "one line of quotes", b'"' * 1_000_000
    yield "open quote in the header", b'"' + good


def rows_of(kind: str) -> Iterator[tuple[str, str]]:
    """Rows that are wrong as rows, each under a good header."""
    width = len(KINDS[kind].header)
    good = template(kind).splitlines()[1]
    yield "short", ",".join(["x"] * (width - 1))
    yield "long", ",".join(["x"] * (width + 1))
    yield "header twice", ",".join(KINDS[kind].header)
    yield "open quote", '"' + good
    yield "text after a quote", '"x"y,' + good
    yield "4 MB cell", "x" * (4 * MIB) + ","
    yield "commas", "," * 1_000_000 + "x"
    yield "bare quotes", '"' * 99_999
    for poison in POISONS:
        yield poison[:12], ",".join([poison] * width)


POISONS = (
    "=1+1",
    '"=HYPERLINK(""http://example.com"")"',
    "＝cmd",  # noqa: RUF001 -- a full-width sign
    "<script>alert(1)</script>",
    "../../etc/passwd",
    "x\u202eyz",
    "a@example.com\x0bBcc: b@example.com",
    "BEGIN:VEVENT",
    "9" * 400,
    "-1",
    "1e309",
    "NaN",
    "2026-02-30",
    "0000-00-00",
    "9999-12-31",
    "2026-13-01T25:61",
    "24:01",
    "٣",
    "A|" * 3000,
    "|",
    "\ufeff",
    "\U0010ffff" * 200,
)


def brought_safely(kind: str, data: bytes | str) -> Outcome:
    """Bring a file into a house that stands, and see that it cost little and would write nothing."""
    organisation = files.brought()
    tracemalloc.start()
    outcome = files.bring(kind, data, organisation)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < MEMORY
    assert all(refused.wanted for refused in outcome.refused)
    assert after(organisation, outcome) == organisation or outcome.refused == ()
    return outcome


@pytest.mark.parametrize("kind", ["people", "requirement"])
def test_files_that_are_wrong_as_files_are_refused_in_one_sentence(kind: str) -> None:
    for name, data in whole_files(kind):
        outcome = brought_safely(kind, data)
        assert (name, [r.row for r in outcome.refused]) == (name, [0])
        assert outcome.refused[0].wanted.endswith(".")
        assert not outcome.writes


@pytest.mark.parametrize("kind", KINDS)
def test_rows_that_are_wrong_are_refused_by_number(kind: str) -> None:
    head, good = template(kind).splitlines()[:2]
    for name, row in rows_of(kind):
        if row in POISONS:
            continue
        outcome = brought_safely(kind, f"{head}\n{good}\n{row}\n")
        assert (name, 3 in {r.row for r in outcome.refused}) == (name, True)
        assert not outcome.writes


def test_a_fault_in_the_last_row_of_many_refuses_all() -> None:
    rows = [f"R{i},Room {i},BER,8" for i in range(limits.CSV_ROWS - 1)]
    outcome = files.bring("rooms", files.with_rows("rooms", *rows, "LAST,Room,BER,none"), files.brought())
    assert [(r.row, r.column, r.value) for r in outcome.refused] == [(limits.CSV_ROWS + 1, "seats", "none")]
    assert (len(outcome.new), outcome.writes) == (limits.CSV_ROWS - 1, False)


def test_what_is_taken_is_clean() -> None:
    """Whatever stands after random files of poison holds no control or bidirectional character."""
    draw = random.Random(SEED)  # noqa: S311 -- a fixed sequence is wanted
    taken = 0
    for _ in range(400):
        kind = draw.choice(list(KINDS))
        head, *good = template(kind).splitlines()
        cells = draw.choice(good).split(",")
        for _ in range(draw.randint(1, 3)):
            cells[draw.randrange(len(cells))] = draw.choice(POISONS)
        outcome = brought_safely(kind, "\n".join((head, ",".join(cells), "")))
        for record in outcome.upserts:
            texts = [getattr(record, f.name) for f in fields(record)]
            assert not any(c in text for text in texts if isinstance(text, str) for c in "\u202e\x0b\r\n\x00")
            taken += 1
    assert taken > 0


def test_random_bytes_are_never_a_surprise() -> None:
    draw = random.Random(SEED)  # noqa: S311 -- a fixed sequence is wanted
    for _ in range(300):
        kind = draw.choice(list(KINDS))
        data = bytearray(template(kind).encode())
        for _ in range(draw.randint(1, 12)):
            data[draw.randrange(len(data))] = draw.choice(b'\x00\n\r",;|\xff\xc3(9=')
        outcome = brought_safely(kind, bytes(data))
        assert sum(outcome.counts.values()) > 0


def test_many_unknown_people_do_not_cost_more_than_their_rows() -> None:
    rows = [f"{i:05d},2026-03-01,2026-03-02," for i in range(limits.CSV_ROWS)]
    outcome = files.bring("absences", files.with_rows("absences", *rows), files.brought())
    assert len(outcome.refused) == limits.CSV_ROWS
    assert {r.column for r in outcome.refused} == {"person"}


def test_many_absences_of_one_person_are_judged_each() -> None:
    rows = [f"1043,2026-03-01T00:{i % 60:02d},2027-03-{1 + i % 28:02d}," for i in range(limits.CSV_ROWS)]
    outcome = files.bring("absences", files.with_rows("absences", *rows), files.brought())
    assert len(outcome.refused) == limits.CSV_ROWS - 1


def test_the_heaviest_volumes_stay_within_bounds() -> None:
    organisation = files.brought()
    slow = files.bring("queues", files.with_rows("queues", "BILL,Billing,BER,7200,99,0,100,0,0"), organisation)
    rows = [
        f"BILL,20{y:02d}-03-{d:02d}T{h:02d}:30,{20_000 - h * 31 - d}"
        for y in range(5)
        for d in range(1, 29)
        for h in range(24)
    ]
    outcome = files.bring("volumes", files.with_rows("volumes", *rows), after(organisation, slow))
    assert (outcome.refused, len(outcome.changed)) == ((), 1)
