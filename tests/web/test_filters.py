"""How dates, times, zones and numbers are written."""

from datetime import UTC, date, datetime, timedelta

import pytest

from devsys.base import written
from devsys.faces.web import filters

TODAY = date(2026, 1, 5)


def test_days_and_times():
    moment = datetime(2027, 3, 23, 14, 30)
    assert written.day(moment) == "Tue 23 March"
    assert written.full_day(date(2026, 1, 5)) == "Mon 5 January 2026"
    assert written.clock(moment) == "14:30"
    assert written.period(moment, moment + timedelta(hours=1)) == "14:30\u201315:30"
    assert filters.local(datetime(2026, 7, 1, 12, tzinfo=UTC), "Asia/Kathmandu").strftime("%H:%M") == "17:45"


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 1, 5), "today"),
        (date(2026, 1, 6), "tomorrow"),
        (date(2026, 1, 7), "Wed 7 January"),
        (date(2025, 12, 31), "Wed 31 December 2025"),
    ],
)
def test_near_days(day, words):
    assert written.near_day(day, TODAY) == words


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("Europe/Lisbon", "Lisbon time"),
        ("America/Argentina/Buenos_Aires", "Buenos Aires time"),
        ("UTC", "UTC"),
        ("Etc/UTC", "UTC"),
    ],
)
def test_zones(zone, words):
    assert written.zone_name(zone) == words


@pytest.mark.parametrize(
    ("value", "words"), [(0, "0"), (1234567, "1,234,567"), (7.75, "7.8"), (7.0, "7"), (1234.5, "1,234"), (-3, "-3")]
)
def test_numbers(value, words):
    assert written.number(value) == words


def test_percent_has_a_thin_space_and_no_empty_place():
    assert written.percent(97.84) == "97.8\u2009%"
    assert written.percent(100.0) == "100\u2009%"
    assert written.percent(99.97) == "99.97\u2009%"
    assert written.percent(99.9999) == "99.99\u2009%"


@pytest.mark.parametrize(("minutes", "words"), [(45, "45 min"), (60, "1 h"), (90, "1 h 30 min"), (0, "0 min")])
def test_durations(minutes, words):
    assert written.duration(minutes) == words


@pytest.mark.parametrize(
    ("name", "letters"), [("Ana Correia", "AC"), ("Élif de Kaya", "ÉK"), ("Cher", "C"), (" ", "?")]
)
def test_initials(name, letters):
    assert filters.initials(name) == letters


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (5, "just now"),
        (60, "1 minute ago"),
        (3599, "59 minutes ago"),
        (7200, "2 hours ago"),
        (86_400, "1 day ago"),
        (400_000, "4 days ago"),
    ],
)
def test_since(seconds, words):
    then = datetime(2026, 1, 5, 9, tzinfo=UTC)
    assert written.since(then, then + timedelta(seconds=seconds)) == words
