"""How dates, times, zones and numbers are written; functions for pages and filters for templates."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Flask

THIN_SPACE = "\u2009"


def local(instant: datetime, zone: str) -> datetime:
    """Give the wall time of an instant in a zone."""
    return instant.astimezone(ZoneInfo(zone))


def day(value: date) -> str:
    """Tue 23 March."""
    return f"{value:%a} {value.day} {value:%B}"


def full_day(value: date) -> str:
    """Tue 23 March 2027."""
    return f"{day(value)} {value.year}"


def near_day(value: date, today: date) -> str:
    """Give today, tomorrow, or the day: with its year where that is another one."""
    if value == today:
        return "today"
    if value == today + timedelta(days=1):
        return "tomorrow"
    return day(value) if value.year == today.year else full_day(value)


def clock(value: datetime) -> str:
    """14:30."""
    return f"{value:%H:%M}"


def period(start: datetime, end: datetime) -> str:
    """14:30-15:30, with an en dash."""
    return f"{start:%H:%M}\u2013{end:%H:%M}"


def zone_name(zone: str) -> str:
    """Lisbon time; UTC stays UTC."""
    if zone in ("UTC", "Etc/UTC"):
        return "UTC"
    return zone.rsplit("/", 1)[-1].replace("_", " ") + " time"


def number(value: float) -> str:
    """12,345; with one place where it is not whole and small."""
    if isinstance(value, float) and not value.is_integer() and abs(value) < 1000:  # noqa: PLR2004
        return f"{value:,.1f}"
    return f"{round(value):,}"


def percent(value: float) -> str:
    """97.8 %, with a thin space; 100 without a place, and only where it is whole: 99.98 % is not all."""
    shown = f"{value:.1f}".removesuffix(".0")
    if shown == "100" and value < 100:  # noqa: PLR2004 -- all of it
        shown = f"{int(value * 100) / 100:.2f}"
    return f"{shown}{THIN_SPACE}%"


def duration(minutes: int) -> str:
    """45 min; 2 h; 1 h 30 min."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest} min"
    return f"{hours} h {rest} min" if rest else f"{hours} h"


def initials(name: str) -> str:
    """Give the first letters of the first and the last word of a name."""
    words = [w for w in name.split() if w]
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper() if words else "?"


def since(then: datetime, now: datetime) -> str:
    """Say how long ago: just now, 5 minutes ago, 3 hours ago, 2 days ago."""
    seconds = int((now - then).total_seconds())
    if seconds < 60:  # noqa: PLR2004
        return "just now"
    for size, word in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size:
            count = seconds // size
            return f"{count} {word}{'s' if count != 1 else ''} ago"
    return "just now"


def install(app: Flask) -> None:
    """Make them filters of the templates, under their own names."""
    for function in (day, full_day, clock, zone_name, number, percent, duration, initials):
        app.add_template_filter(function)
