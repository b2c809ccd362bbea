import gzip
from datetime import timedelta

import pytest
from icalendar import Calendar, Event, Timezone
from icalendar.prop import vDuration, vText

from devsys.base.errors import UnavailableError
from devsys.core.feeds.assemble import DESCRIPTION, PRODUCT, assemble, gzipped
from devsys.core.feeds.zones import rule_of
from tests.feeds.samples import CALM, ROUND, TALK, a_file, bytes_of

NAME = "Ana's sessions; Billing, Alfama \\ 2026"


def by_the_library(name: str) -> bytes:
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", PRODUCT)
    calendar.add("calscale", "GREGORIAN")
    for key in ("name", "x-wr-calname"):
        calendar.add(key, vText(name))
    for key in ("description", "x-wr-caldesc"):
        calendar.add(key, vText(DESCRIPTION))
    calendar.add("refresh-interval", vDuration(timedelta(hours=1)), parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", vDuration(timedelta(hours=1)))
    for zone in ("Asia/Kathmandu", "Europe/Lisbon"):
        rule = rule_of(zone)
        assert rule is not None
        calendar.add_component(Timezone.from_ical(rule.body))
    for event in (CALM, ROUND, TALK):
        calendar.add_component(Event.from_ical(bytes_of(event)))
    return bytes(calendar.to_ical())


def test_assemble_equals_what_the_library_writes_for_the_same_calendar() -> None:
    assert a_file(name=NAME) == by_the_library(NAME)


def test_assemble_gives_an_empty_calendar_a_head_and_a_tail() -> None:
    data = assemble("Ana Correia", (), ())
    assert data.startswith(b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n")
    assert data.endswith(b"X-PUBLISHED-TTL:PT1H\r\nEND:VCALENDAR\r\n")


def test_assemble_refuses_a_zone_that_has_no_rule() -> None:
    with pytest.raises(UnavailableError):
        assemble("Ana Correia", ["Asia/Jerusalem"], ())


def test_gzipped_gives_the_same_bytes_each_time_and_the_body_back() -> None:
    body = a_file()
    assert gzipped(body) == gzipped(body)
    assert gzip.decompress(gzipped(body)) == body
    assert gzipped(body)[4:8] == b"\x00\x00\x00\x00"
