"""Hostile calendars (trust.md section 6): an answer or a refusal with a reason, at a counted cost, in a child or not.

The generator has a fixed seed and keeps no files; costs are counted in bytes held and in what the budget has left.
"""

import gzip
import io
import random
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from devsys.base import limits
from devsys.base.apart import apart
from devsys.base.errors import InvalidError
from devsys.core.busy.read import Busy, answered_apart, asked_apart, read_apart, read_busy
from tests.busy.calendars import BERLIN, END, START, a_calendar, an_event

MIB = 1024 * 1024
SEED = 20260105
HOUR = ("DTSTART:20260105T080000Z", "DURATION:PT1H")


def wrong_files() -> Iterator[tuple[str, bytes]]:
    """Files that are no calendar, or a broken one: each is refused."""
    good = a_calendar(an_event(*HOUR))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.ics", good)
    yield "empty", b""
    yield "blank lines", b"\r\n" * 5000
    yield "NUL", good.replace(b"SUMMARY", b"SUM\x00MARY")
    yield "HTML", b"<!doctype html><title>Sign in</title>"
    yield "gzip", gzip.compress(good, mtime=0)
    yield "ZIP", packed.getvalue()
    yield "UTF-16", good.decode().encode("utf-16")
    yield "cut off", good[:-40]
    yield "crossed END", good.replace(b"END:VEVENT\r\nEND:VCALENDAR", b"END:VCALENDAR\r\nEND:VEVENT")
    yield "lone END", good + b"END:VEVENT\r\n"
    yield "an event alone", good.split(b"//EN\r\n")[1]
    yield "200,000 BEGIN", b"BEGIN:VCALENDAR\r\n" + b"BEGIN:VEVENT\r\n" * 200_000
    yield "depth 900", b"BEGIN:VCALENDAR\r\n" * 900 + b"END:VCALENDAR\r\n" * 900
    yield "too many bytes", b"BEGIN:VCALENDAR\r\n" + b"X" * limits.ICS_BYTES
    yield "too many lines", b"BEGIN:VCALENDAR" + b"\n" * (limits.ICS_LINES + 1)
    yield "100,000 parameters", a_calendar(an_event("DTSTART" + ";X=1" * 100_000 + ":20260105T080000Z"))
    yield "open quote", a_calendar(an_event('DTSTART;TZID="Europe/Berlin:20260105T080000'))
    yield "an hour 25", a_calendar(an_event("DTSTART:20260105T250000Z", "DURATION:PT1H"))
    yield "30 February", a_calendar(an_event("DTSTART:20260230T080000Z", "DURATION:PT1H"))


def wrong_rules() -> Iterator[tuple[str, str]]:
    """Rules that cannot be, or come to more than anybody reads: each is refused by its line."""
    yield "no such rule", "FREQ=SOMETIMES"
    yield "nothing", ""
    yield "seconds for ever", "FREQ=SECONDLY"
    yield "minutes for ever", "FREQ=MINUTELY"
    yield "interval 0", "FREQ=DAILY;INTERVAL=0"
    yield "interval -1", "FREQ=DAILY;INTERVAL=-1"
    yield "count 0", "FREQ=DAILY;COUNT=0"
    yield "a huge figure", "FREQ=DAILY;COUNT=1000000000000"
    yield (
        "every second of the day",
        "FREQ=DAILY;"
        + ";".join(
            f"BY{unit}=" + ",".join(map(str, range(most)))
            for unit, most in (("HOUR", 24), ("MINUTE", 60), ("SECOND", 60))
        ),
    )
    yield (
        "every minute of the year",
        "FREQ=YEARLY;BYYEARDAY="
        + ",".join(map(str, range(1, 367)))
        + ";"
        + ";".join(f"BY{unit}=" + ",".join(map(str, range(most))) for unit, most in (("HOUR", 24), ("MINUTE", 60))),
    )
    yield "positions in seconds", "FREQ=SECONDLY;BYSETPOS=2"
    yield "another calendar", "FREQ=YEARLY;RSCALE=HEBREW"
    yield "a part twice", "FREQ=DAILY;FREQ=DAILY"


def odd_files() -> Iterator[tuple[str, bytes]]:
    """Files that are odd and can be read: they are answered, or refused, and cost little."""
    yield "a 10 MB line", a_calendar(an_event(*HOUR, "DESCRIPTION:" + "x" * (10 * MIB)))
    yield "a 10 MB list", a_calendar(an_event(*HOUR, "RDATE:" + "20260105T080000Z," * (600_000)))
    yield "10^5 dates less", a_calendar(an_event(*HOUR, "EXDATE:" + ",".join(["20260105T080000Z"] * 99_000)))
    yield "folds of a letter", a_calendar(an_event(*HOUR, "DESCRIPTION:a" + "\n b" * 400_000))
    yield "10^6 backslashes", a_calendar(an_event(*HOUR, "DESCRIPTION:" + "\\" * MIB))
    yield "no start", a_calendar(an_event("DURATION:PT1H", "RRULE:FREQ=DAILY"))
    yield "year 1", a_calendar(an_event("DTSTART:00010101T000000Z", "DTEND:00010101T010000Z", "RRULE:FREQ=DAILY"))
    yield (
        "year 1, counted",
        a_calendar(an_event("DTSTART:00010101T000000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=9")),
    )
    yield "year 1 in Berlin", a_calendar(an_event("DTSTART;TZID=Europe/Berlin:00010101T000000", "DURATION:PT1H"))
    yield "year 9999", a_calendar(an_event("DTSTART:20260105T080000Z", "DTEND:99991231T235959Z", "RRULE:FREQ=YEARLY"))
    yield (
        "year 9999 at its end",
        a_calendar(an_event("DTSTART:99991231T235959Z", "DURATION:P9999W", "RRULE:FREQ=DAILY")),
    )
    yield "a huge length", a_calendar(an_event("DTSTART:20260105T080000Z", "DURATION:P999999W", "RRULE:FREQ=DAILY"))
    yield "a negative length", a_calendar(an_event("DTSTART:20260105T080000Z", "DURATION:-PT1H"))
    yield "30 February for ever", a_calendar(an_event(*HOUR, "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"))
    yield (
        "30 February, counted",
        a_calendar(
            *(
                an_event(
                    "DTSTART:19700101T080000Z",
                    "DURATION:PT1H",
                    f"RRULE:FREQ={f};BYMONTH=2;BYMONTHDAY=30;COUNT=1",
                    uid=f"{f}{n}",
                )
                for f in ("SECONDLY", "MINUTELY", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY")
                for n in range(60)
            )
        ),
    )
    yield "all taken out again", a_calendar(an_event(*HOUR, "RRULE:FREQ=DAILY", "EXRULE:FREQ=DAILY"))
    yield (
        "20,000 zones",
        a_calendar(
            *(f"BEGIN:VTIMEZONE\nTZID:z{n}\nEND:VTIMEZONE" for n in range(20_000)),
            an_event("DTSTART;TZID=z7:20260105T080000", "DURATION:PT1H"),
        ),
    )
    yield (
        "a zone by the second",
        a_calendar(
            "BEGIN:VTIMEZONE\nTZID:z\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0200\n"
            "RRULE:FREQ=SECONDLY\nEND:STANDARD\nEND:VTIMEZONE",
            an_event("DTSTART;TZID=z:20260105T080000", "DURATION:PT1H"),
        ),
    )
    for name in ("../../etc/passwd", "/dev/zero", "A" * 5_000, "", "localtime", "\x7f"):
        yield f"zone {name[:12]!r}", a_calendar(an_event(f"DTSTART;TZID={name}:20260105T080000", "DURATION:PT1H"))
    yield "20,000 events", a_calendar(*(an_event(*HOUR, uid=str(n)) for n in range(20_000)))
    yield "one UID 20,000 times", a_calendar(*[an_event(*HOUR)] * 20_000)
    yield (
        "10,000 exceptions onward",
        a_calendar(
            an_event(*HOUR, "RRULE:FREQ=DAILY"),
            *[an_event("RECURRENCE-ID;RANGE=THISANDFUTURE:20260106T080000Z", *HOUR)] * 10_000,
        ),
    )
    dates = (f"202601{1 + n // 144:02}T{n % 144 // 6:02}{n % 6}000Z" for n in range(144 * 30))
    yield (
        "another exception onward for each of many dates",
        a_calendar(
            an_event(*HOUR, "RRULE:FREQ=MINUTELY;INTERVAL=10"),
            *(an_event(f"RECURRENCE-ID;RANGE=THISANDFUTURE:{at}", *HOUR) for at in dates),
        ),
    )


def outcome(read: Callable[[], Busy]) -> Busy | InvalidError:
    """Give the answer, or the refusal."""
    try:
        return read()
    except InvalidError as refused:
        return refused


@pytest.mark.parametrize(("name", "data"), [pytest.param(n, d, id=n) for n, d in wrong_files()])
def test_what_is_no_calendar_is_refused(name, data):
    with pytest.raises(InvalidError) as refused:
        read_busy(data, START, END, BERLIN)
    assert refused.value.message, name


@pytest.mark.parametrize(("name", "rule"), [pytest.param(n, r, id=n) for n, r in wrong_rules()])
def test_a_rule_that_cannot_be_is_refused_by_its_line(name, rule):
    with pytest.raises(InvalidError) as refused:
        read_busy(a_calendar(an_event(*HOUR, f"RRULE:{rule}")), START, END, BERLIN)
    assert [f.where for f in refused.value.faults] == ["line 10"], name


@pytest.mark.parametrize(("name", "data"), [pytest.param(n, d, id=n) for n, d in odd_files()])
def test_what_is_odd_is_answered_or_refused_in_the_child(name, data):
    found = outcome(
        lambda: answered_apart(apart(read_apart, asked_apart(data, START, END, BERLIN), what="The calendar"))
    )
    if isinstance(found, InvalidError):
        assert found.faults, name
        assert found.faults[0].where != "The calendar", f"{name} reached the limits of the child"
    else:
        assert all(START <= a < b <= END for a, b in found.periods), name


def test_the_largest_files_are_held_in_little_more_than_their_size():
    data = a_calendar(an_event(*HOUR, "DESCRIPTION:" + "x" * (10 * MIB)))
    tracemalloc.start()
    read_busy(data, START, END, BERLIN)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 6 * len(data)


def test_mutants_are_answered_or_refused():
    chance = random.Random(SEED)  # noqa: S311 -- the same mutants in every run
    good = a_calendar(
        an_event("DTSTART;TZID=Europe/Berlin:20260105T090000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;BYDAY=MO,WE"),
        an_event("RECURRENCE-ID;TZID=Europe/Berlin;RANGE=THISANDFUTURE:20260112T090000", "DTSTART:20260112T100000Z"),
        "BEGIN:VFREEBUSY\nUID:f\nFREEBUSY:20260105T080000Z/PT1H\nEND:VFREEBUSY",
    )
    outcomes = {"answered": 0, "refused": 0}
    for _ in range(1_500):
        data = bytearray(good)
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(data))
            choice = chance.randrange(3)
            if choice == 0:
                data[at] = chance.choice(b"0123456789:;=,TZ\r\n \xc3")
            elif choice == 1:
                del data[at : at + chance.randint(1, 12)]
            else:
                data[at:at] = bytes(data[at : at + chance.randint(1, 40)])
        found = outcome(lambda data=bytes(data): read_busy(data, START, END, BERLIN))
        if isinstance(found, InvalidError):
            assert found.message
            outcomes["refused"] += 1
        else:
            assert all(START <= a < b <= END for a, b in found.periods)
            outcomes["answered"] += 1
    assert min(outcomes.values()) > 100


def test_windows_that_cannot_be_are_refused():
    data = a_calendar(an_event(*HOUR))
    for start, end in ((END, START), (START, START), (START, datetime(2046, 1, 1, tzinfo=UTC))):
        with pytest.raises(InvalidError):
            read_busy(data, start, end, BERLIN)
    assert read_busy(data, datetime(1, 1, 1, tzinfo=UTC), datetime(2, 1, 1, tzinfo=UTC), BERLIN).periods == ()
    assert read_busy(data, datetime(9999, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC), BERLIN).periods == ()
