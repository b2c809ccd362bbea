"""A feed's body: head, one VTIMEZONE per zone used, kept fragments, tail; the same bytes for the same content."""

import gzip
from collections.abc import Iterable
from datetime import timedelta
from functools import cache
from typing import Final

from icalendar import Calendar
from icalendar.prop import vDuration, vText

from devsys.base.errors import UnavailableError
from devsys.base.words import phrase, to_phrase
from devsys.core.feeds.zones import rule_of

PRODUCT: Final = "-//devsys//Development calendar//EN"
DESCRIPTION: Final = to_phrase("Sessions, case rounds and coaching of the development programme, as published.")
REFRESH: Final = timedelta(hours=1)
TAIL: Final = b"END:VCALENDAR\r\n"
_LEVEL: Final = 6


def head(name: str) -> bytes:
    """Give a calendar's lines up to its first component (L04, L05)."""
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", PRODUCT)
    calendar.add("calscale", "GREGORIAN")
    for key, text in (("name", name), ("x-wr-calname", name), ("description", str(DESCRIPTION))):
        calendar.add(key, vText(text))
    calendar.add("x-wr-caldesc", vText(str(DESCRIPTION)))
    calendar.add("refresh-interval", vDuration(REFRESH), parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", vDuration(REFRESH))
    return bytes(calendar.to_ical()).removesuffix(TAIL)


@cache
def _zone(name: str) -> bytes:
    rule = rule_of(name)
    if rule is None:
        raise UnavailableError(
            phrase("The zone data no longer knows a rule for %(name)s; the feed is being made anew.", name=name), 60
        )
    return rule.body


def assemble(name: str, zones: Iterable[str], fragments: Iterable[bytes]) -> bytes:
    """Give the whole file: the calendar's `name`, the TZIDs the fragments use, the fragments in their order.

    It equals what icalendar writes for the same calendar byte for byte. Raises UnavailableError when a zone can no
    longer be expressed since the fragments were made (the daily job makes them anew).
    """
    return b"".join((head(name), *(_zone(z) for z in sorted({z for z in zones if z})), *fragments, TAIL))


def gzipped(body: bytes) -> bytes:
    """Give the body compressed, without a time in its head: the same bytes each time."""
    return gzip.compress(body, compresslevel=_LEVEL, mtime=0)
