"""Calendars as text, and what is read from them."""

from collections.abc import Iterable
from datetime import UTC, datetime

from devsys.core.busy.read import Busy, read_busy

BERLIN = "Europe/Berlin"
START, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)


def a_calendar(*components: str, head: str = "") -> bytes:
    """Give a calendar of components; newlines become CRLF."""
    text = "\n".join(("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//tests//EN", *filter(None, (head,)), *components))
    return (text.replace("\r\n", "\n") + "\nEND:VCALENDAR\n").replace("\n", "\r\n").encode()


def an_event(*lines: str, uid: str = "one") -> str:
    """Give an event of some lines."""
    return "\n".join(
        ("BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20260101T000000Z", "SUMMARY:Nobody's", *lines, "END:VEVENT")
    )


def busy(
    *components: str, head: str = "", start: datetime = START, end: datetime = END, zone: str = BERLIN
) -> list[str]:
    """Give the busy periods of a calendar as `2026-01-05T08:00/09:00` in UTC (the second day where it is another)."""
    return words(read_busy(a_calendar(*components, head=head), start, end, zone))


def words(found: Busy) -> list[str]:
    """Give periods in words that are easy to work out by hand."""
    return [between(a, b) for a, b in found.periods]


def between(a: datetime, b: datetime) -> str:
    """Give one period in words."""
    last = f"{b:%H:%M}" if a.date() == b.date() else f"{b:%m-%dT%H:%M}"
    return f"{a:%Y-%m-%dT%H:%M}/{last}"


def joined(stretches: Iterable[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """Join stretches that touch, told once more and otherwise than in the program."""
    real = [(a, b) for a, b in stretches if a < b]
    edges = sorted([(a, 1) for a, _ in real] + [(b, -1) for _, b in real], key=_opens_first)
    out, depth, began = [], 0, None
    for moment, step in edges:
        if depth == 0:
            began = moment
        depth += step
        if depth == 0:
            out.append((began, moment))
    return out


def _opens_first(edge: tuple[datetime, int]) -> tuple[datetime, int]:
    return edge[0], -edge[1]
