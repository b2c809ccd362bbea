"""Each limit of a reader just below, at and just beyond it, scaled down where its own figure would be slow."""

import pytest

from devsys.base import limits
from devsys.base.errors import InvalidError
from devsys.base.sheet import read_sheet
from devsys.core.busy.read import read_busy
from devsys.core.busy.rules import Budget
from tests.busy.calendars import BERLIN, END, START, a_calendar, an_event

HOUR = ("DTSTART:20260105T080000Z", "DURATION:PT1H")


def lines_of(data):
    return data.count(b"\n")


def with_lines(number):
    """Give a calendar of so many lines."""
    bare = a_calendar(an_event(*HOUR))
    return a_calendar(an_event(*HOUR, *["X-A:1"] * (number - lines_of(bare))))


def with_components(number):
    return a_calendar(*(an_event(*HOUR, uid=str(n)) for n in range(number - 1)))


def with_depth(number):
    inner = "\n".join(["BEGIN:X-IN"] * (number - 1) + ["END:X-IN"] * (number - 1))
    return a_calendar(inner, an_event(*HOUR))


def with_parameters(number):
    return a_calendar(
        an_event("DTSTART" + "".join(f";X-{n}=1" for n in range(number)) + ":20260105T080000Z", "DURATION:PT1H")
    )


def with_line(size):
    """Give a calendar whose longest line that is read has so many bytes."""
    line = "RDATE:20260105T080000Z"
    line += ",20260105T080000Z" * ((size - len(line)) // 17)
    return a_calendar(an_event(*HOUR, line + " " * (size - len(line))))


def with_bytes(size):
    bare = len(a_calendar(an_event(*HOUR, "X-A:")))
    return a_calendar(an_event(*HOUR, "X-A:" + "x" * (size - bare)))


READERS = {
    "ICS_LINES": (40, with_lines),
    "ICS_COMPONENTS": (12, with_components),
    "ICS_DEPTH": (limits.ICS_DEPTH, with_depth),
    "ICS_PARAMETERS": (limits.ICS_PARAMETERS, with_parameters),
    "ICS_LINE": (400, with_line),
    "ICS_BYTES": (2_000, with_bytes),
}


@pytest.mark.parametrize("name", READERS)
def test_a_calendar_is_read_up_to_a_limit_and_refused_beyond_it(monkeypatch, name):
    limit, made = READERS[name]
    monkeypatch.setattr(limits, name, limit)
    for size in (limit - 1, limit):
        assert read_busy(made(size), START, END, BERLIN).periods
    with pytest.raises(InvalidError) as refused:
        read_busy(made(limit + 1), START, END, BERLIN)
    assert refused.value.message


@pytest.mark.parametrize(("spend", "left"), [("found", "occurrences"), ("date", "listed")])
def test_repetitions_and_dates_are_counted_to_the_last(spend, left):
    budget = Budget()
    setattr(budget, left, 3)
    for _ in range(3):
        getattr(budget, spend)(7)
    with pytest.raises(InvalidError) as refused:
        getattr(budget, spend)(7)
    assert [f.where for f in refused.value.faults] == ["line 7"]


def test_work_is_paid_to_the_last():
    budget = Budget()
    budget.spend(limits.ICS_WORK, 7)
    with pytest.raises(InvalidError):
        budget.spend(1, 7)


def test_one_file_pays_from_one_budget():
    """As many occurrences as there may be, over several rules, and one more."""
    assert (Budget().occurrences, Budget().listed) == (limits.ICS_OCCURRENCES, limits.ICS_DATES)
    rules = [an_event(*HOUR, f"RRULE:FREQ=DAILY;COUNT={n}", uid=str(n)) for n in (3, 4)]
    assert len(read_busy(a_calendar(*rules), START, END, BERLIN).periods) == 4


@pytest.mark.parametrize(("beyond", "taken"), [(-1, True), (0, True), (1, False)])
def test_readings_are_taken_up_to_their_lines_and_bytes(beyond, taken):
    rows = 30 + beyond
    data = b"a,b\n" + b"1,2\n" * rows
    for most in ({"most_bytes": 10_000, "most_lines": 30}, {"most_bytes": 4 * 31, "most_lines": 1_000}):
        if taken:
            assert len(read_sheet(data, "The file", **most).lines) == rows
        else:
            with pytest.raises(InvalidError) as refused:
                read_sheet(data, "The file", **most)
            assert refused.value.faults
