"""Three foreign readers take what we write, without a fault, and understand the same."""

import dataclasses
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from devsys.core.feeds.vevent import FeedEvent, Options
from devsys.core.model.calendar import Status, View
from tests.feeds.readers import RefusedError, Seen, by_ical_js, by_icalendar, by_libical
from tests.feeds.samples import CALM, ROUND, TALK, a_file, bytes_of

ZONES = (
    "Europe/Berlin",
    "Europe/Dublin",
    "America/New_York",
    "America/Santiago",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Asia/Kathmandu",
    "Pacific/Apia",
    "Pacific/Kiritimati",
    "Pacific/Chatham",
    "Antarctica/Troll",
)


def around_the_world() -> tuple[FeedEvent, ...]:
    """Sessions in every zone at each quarter of two years, and in the nights in which clocks change."""
    base = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)
    moments = [base + timedelta(days=91 * i) for i in range(8)]
    moments += [datetime(2026, 3, 29, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 0, 45, tzinfo=UTC)]
    return tuple(
        dataclasses.replace(CALM, uid=f"{i:03x}{j:017x}@devsys", zone=name, starts_utc=moment)
        for i, name in enumerate(ZONES)
        for j, moment in enumerate(moments)
    )


def expected(events: tuple[FeedEvent, ...], view: View = View.OWN) -> list[Seen]:
    return sorted(
        Seen(
            e.uid,
            int(e.starts_utc.timestamp()),
            int(e.ends_utc.timestamp()),
            "Busy" if view is View.MASKED else e.title,
            0,
            "CANCELLED" if e.status is Status.CANCELLED else "CONFIRMED",
        )
        for e in events
    )


CASES: dict[str, tuple[tuple[FeedEvent, ...], View]] = {
    "own": ((CALM, ROUND, TALK), View.OWN),
    "team": ((CALM, ROUND, TALK), View.TEAM),
    "masked": ((CALM, ROUND, TALK), View.MASKED),
    "cancelled": ((CALM, dataclasses.replace(ROUND, status=Status.CANCELLED)), View.OWN),
    "zones": (around_the_world(), View.OWN),
}


@pytest.mark.parametrize("name", CASES)
def test_icalendar_reads_what_we_meant(name: str) -> None:
    events, view = CASES[name]
    assert by_icalendar(a_file(*events, view=view)) == expected(events, view)


@pytest.mark.parametrize("name", CASES)
def test_libical_reads_what_we_meant(name: str) -> None:
    events, view = CASES[name]
    assert by_libical(a_file(*events, view=view)) == expected(events, view)


def test_ical_js_reads_what_we_meant(ical_js: Path, tmp_path: Path) -> None:
    files = []
    for name, (events, view) in CASES.items():
        files.append(tmp_path / f"{name}.ics")
        files[-1].write_bytes(a_file(*events, view=view))
    assert by_ical_js(ical_js, files) == [expected(*case) for case in CASES.values()]


def test_readers_take_alarms_and_an_empty_calendar(ical_js: Path, tmp_path: Path) -> None:
    alarm = a_file(CALM).replace(bytes_of(CALM), bytes_of(CALM, options=Options(15)))
    empty = a_file(CALM).split(b"BEGIN:VTIMEZONE")[0] + b"END:VCALENDAR\r\n"
    for data, events in ((alarm, (CALM,)), (empty, ())):
        file = tmp_path / "feed.ics"
        file.write_bytes(data)
        assert by_icalendar(data) == by_libical(data) == by_ical_js(ical_js, [file])[0] == expected(events)


def broken(old: bytes, new: bytes) -> bytes:
    data = a_file(CALM)
    assert old in data
    return data.replace(old, new, 1)


@pytest.mark.parametrize(
    "data",
    [
        broken(b"CALSCALE:", b"METHOD:REQUEST\r\nCALSCALE:"),
        broken(b"VERSION:2.0\r\n", b""),
        broken(b"STATUS:CONFIRMED\r\n", b"STATUS:CONFIRMED\r\nSTATUS:CONFIRMED\r\n"),
    ],
)
def test_libical_would_tell_us(data: bytes) -> None:
    with pytest.raises(RefusedError):
        by_libical(data)


def test_ical_js_would_tell_us(ical_js: Path, tmp_path: Path) -> None:
    zone = a_file(CALM)
    zone = zone[: zone.index(b"BEGIN:VTIMEZONE")] + zone[zone.index(b"END:VTIMEZONE\r\n") + 15 :]
    for data in (zone, broken(b"END:VEVENT\r\n", b""), broken(b"20260317T140000", b"20260317T14")):
        file = tmp_path / "broken.ics"
        file.write_bytes(data)
        with pytest.raises(RefusedError):
            by_ical_js(ical_js, [file])


def test_icalendar_would_tell_us() -> None:
    with pytest.raises(RefusedError):
        by_icalendar(broken(b":20260317T140000", b":20260317T14000"))
