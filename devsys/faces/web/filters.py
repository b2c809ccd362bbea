"""Filters of the templates: how dates, times, zones and numbers are written, and the letters that stand for a name."""

from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Flask

from devsys.base.words import grouped
from devsys.base.written import clock, day, duration, full_day, number, percent, several, zone_name
from devsys.faces.web.forms import led_in_by
from devsys.faces.web.words import first_up, in_sentence


def local(instant: datetime, zone: str) -> datetime:
    """Give the wall time of an instant in a zone."""
    return instant.astimezone(ZoneInfo(zone))


def initials(name: str) -> str:
    """Give the first letters of the first and the last word of a name."""
    words = [w for w in name.split() if w]
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper() if words else "?"


def number_signs(value: float) -> str:
    """Give a number with all its places: 12,345."""
    return grouped(f"{value:,}")


def install(app: Flask) -> None:
    """Make them filters of the templates, under their own names."""
    for function in (
        day,
        full_day,
        clock,
        zone_name,
        number,
        percent,
        duration,
        initials,
        number_signs,
        led_in_by,
        several,
        in_sentence,
        first_up,
    ):
        app.add_template_filter(function)
