"""Hostile files of measures, series and mappings: refused with a reason, or taken; never anything else."""

import random
from datetime import date

import pytest

from devsys.base.errors import InvalidError
from devsys.base.sheet import read_sheet
from devsys.core.improvement.chart_file import labelled_file
from devsys.core.improvement.mapping import read_mapping
from devsys.core.improvement.readings import sum_up
from tests.hostile.test_csv import whole_files
from tests.improvement.sources import CALLS, TOTALS, mapping, roster

GOOD = (
    "Call Id,Agent,Date,Answered (Y/N),Resolved,AvgTalkDuration,Satisfaction rating\r\n"
    + "".join(f"{i},Diane,2026-02-{1 + i % 27:02},Y,N,0:01:00,{1 + i % 5}\r\n" for i in range(40))
).encode()
SERIES = (
    "case,date,y,improvement_direction,rebase_here,fix_after_n_points,screen_outliers,target\r\n"
    + "".join(f"a,2026-02-{1 + i:02},{i % 7},increase,0,12,TRUE,\r\n" for i in range(27))
).encode()
ODD = (
    b'"',
    b",",
    b"\r",
    b"\n",
    b"\x00",
    b"\xff",
    b"=1+1",
    b"9" * 40,
    b"1e308",
    b"nan",
    b"\xe2\x80\xae",
    b"-",
    b";",
    b"'",
)


def _bring(data: bytes) -> None:
    sheet = read_sheet(data, "The file", most_bytes=6 * 2**20, most_lines=250_000)
    sum_up(sheet, mapping(), roster(), date(2026, 6, 1))


def _mutants(good: bytes, seed: int, count: int):
    rng = random.Random(seed)  # noqa: S311 -- the same mutants in every run
    for _ in range(count):
        data = bytearray(good)
        for _ in range(rng.randrange(1, 4)):
            at = rng.randrange(len(data))
            data[at : at + rng.randrange(0, 9)] = rng.choice(ODD)
        yield bytes(data)


@pytest.mark.parametrize("take", [_bring, lambda data: labelled_file(data, "series.csv")])
def test_files_that_are_wrong_as_files_are_refused_with_a_reason(take) -> None:
    for name, data in whole_files("people"):
        with pytest.raises(InvalidError) as refused:
            take(data)
        assert refused.value.faults, name


def _refusal(take, data: bytes) -> InvalidError | None:
    try:
        take(data)
    except InvalidError as error:
        return error
    return None


def test_mutants_of_good_files_are_taken_or_refused_with_a_place() -> None:
    takers = ((GOOD, _bring), (SERIES, lambda data: labelled_file(data, "series.csv")))
    found = [_refusal(take, data) for good, take in takers for data in _mutants(good, 11, 400)]
    refused = [error for error in found if error is not None]
    assert 5 < found.count(None) < 600
    assert all(error.faults for error in refused)
    assert [f for error in refused for f in error.faults if not (f.where and f.what)] == []


def test_mutants_of_mappings_never_raise() -> None:
    found = [
        read_mapping(data.decode("utf-8", "replace"))
        for text in (CALLS, TOTALS)
        for data in _mutants(text.encode(), 12, 200)
    ]
    assert sum(one is None for one, _ in found) > 100
    assert all((one is None) == bool(faults) for one, faults in found)
