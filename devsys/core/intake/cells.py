"""One cell at a time: cleaned text in, a value out, or CellError with what is wanted."""

import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime, timedelta

from devsys.base import limits
from devsys.base.errors import InvalidError
from devsys.base.text import clean, header_safe
from devsys.base.words import phrase
from devsys.base.written import number
from devsys.core.intake.values import CellError
from devsys.core.model.hours import known_zones

CODE_LENGTH = 60
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MINUTES_OF_DAY = 24 * 60
# Beyond any "ten years ahead", and far from where dates overflow.
FAR_YEAR = 2999

_WHOLE = re.compile(r"[0-9]{1,9}\Z")
_DECIMAL = re.compile(r"[0-9]{1,6}(\.[0-9]{1,6})?\Z")
_TIME = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::00)?\Z")
_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})\Z")
_MOMENT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{1,2}:[0-9]{2}(?::00)?)\Z")
_EMAIL = re.compile(r"[^@\s,;:<>()\[\]\"|]{1,64}@[^@\s,;:<>()\[\]\"|.]+(\.[^@\s,;:<>()\[\]\"|.]+)+\Z")
_NAME = re.compile(r"[a-z][a-z0-9_.:-]{0,79}\Z")
_LEAP_DAY = (2, 29)

Moment = tuple[datetime, bool]


def text(cell: str) -> str:
    """Give a name or title of at most 200 characters."""
    try:
        return clean(cell, limit=limits.TEXT)
    except InvalidError:
        raise CellError(phrase("at most %(text)s characters", text=limits.TEXT)) from None


def code(cell: str) -> str:
    """Give a code: short, without the bar that parts codes in a list, its blanks plain and nothing in it unseen."""
    cell = " ".join("".join(c for c in cell if unicodedata.category(c) != "Cf").split())
    if not cell:
        raise CellError(phrase("a code that can be seen"))
    if len(cell) > CODE_LENGTH or "|" in cell:
        raise CellError(phrase("a code of at most %(code_length)s characters, without “|”", code_length=CODE_LENGTH))
    return cell


def codes(cell: str) -> tuple[str, ...]:
    """Give codes parted by bars, each once, in the order given."""
    found = dict.fromkeys(code(part.strip()) for part in cell.split("|") if part.strip())
    if not found:
        raise CellError(phrase("at least one code; part several by “|”"))
    return tuple(found)


def name(cell: str) -> str:
    """Give the code of an activity or a qualification as programmes write it."""
    if not _NAME.match(cell):
        raise CellError(phrase("a code as in the programme: small letters, figures and “_”, such as listen_fully"))
    return cell


def names(cell: str) -> tuple[str, ...]:
    """Give activity or qualification codes parted by bars."""
    return tuple(name(part) for part in codes(cell))


def email(cell: str) -> str:
    """Give an address in small letters."""
    if len(cell) > limits.TEXT or not _EMAIL.match(cell):
        raise CellError(phrase("an e-mail address, such as ana.ruiz@example.com"))
    try:
        return header_safe(cell.lower())
    except InvalidError:
        raise CellError(phrase("an e-mail address without “=?”")) from None


def zone(cell: str) -> str:
    """Give the IANA name of a time zone."""
    if cell not in known_zones():
        raise CellError(phrase("an IANA time zone, such as Europe/Berlin"))
    return cell


def upper(cell: str) -> str:
    """Give a country or region code in capitals, or as it stands where it has small letters of its own."""
    if len(cell) > CODE_LENGTH:
        raise CellError(phrase("a code such as DE"))
    return cell.upper() if len(cell) <= 3 else cell  # noqa: PLR2004 -- ISO codes have two or three letters


def whole(low: int, high: int) -> Callable[[str], int]:
    """Give a reader of whole numbers within bounds."""

    def read(cell: str) -> int:
        if not _WHOLE.match(cell) or not low <= int(cell) <= high:
            raise CellError(phrase("a whole number from %(low)s to %(high)s", low=number(low), high=number(high)))
        return int(cell)

    return read


def decimal(low: float, high: float) -> Callable[[str], float]:
    """Give a reader of numbers with a decimal point within bounds."""

    def read(cell: str) -> float:
        if not _DECIMAL.match(cell) or not low <= float(cell) <= high:
            wanted = phrase(
                "a number from %(low)s to %(high)s, with a point before decimals", low=f"{low:g}", high=f"{high:g}"
            )
            raise CellError(wanted)
        return float(cell)

    return read


def weekday(cell: str) -> int:
    """Give a weekday, Monday 0."""
    if cell.lower() not in WEEKDAYS:
        raise CellError(phrase("one of mon, tue, wed, thu, fri, sat, sun"))
    return WEEKDAYS.index(cell.lower())


def clock(cell: str) -> int:
    """Give a time of day in minutes after midnight; 24:00 is 1440."""
    found = _TIME.match(cell)
    minutes = int(found[1]) * 60 + int(found[2]) if found and int(found[2]) < 60 else -1  # noqa: PLR2004 -- an hour
    if not 0 <= minutes <= MINUTES_OF_DAY:
        raise CellError(phrase("a time from 00:00 to 24:00, such as 08:30"))
    return minutes


def half_hour(cell: str) -> int:
    """Give the number of the half hour of the day that starts at a time."""
    try:
        minutes = clock(cell)
    except CellError:
        minutes = -1
    if minutes % 30 or not 0 <= minutes < MINUTES_OF_DAY:
        raise CellError(phrase("the start of a half hour, from 00:00 to 23:30"))
    return minutes // 30


def day(cell: str) -> date:
    """Give a date from 2000 on; how far ahead it may lie is judged where today is known."""
    found = _DATE.match(cell)
    if not found:
        raise CellError(phrase("a date written year-month-day, such as 2026-03-14"))
    year, month, day_ = int(found[1]), int(found[2]), int(found[3])
    try:
        given = date(year, month, day_)
    except ValueError:
        if (month, day_) == _LEAP_DAY:
            raise CellError(phrase("a day of the calendar; %(year)s has no 29 February", year=year)) from None
        raise CellError(phrase("a day of the calendar")) from None
    if given.year < limits.FIRST_YEAR:
        raise CellError(phrase("a date from %(first_year)s-01-01 on", first_year=limits.FIRST_YEAR))
    if given.year > FAR_YEAR:
        raise CellError(phrase("a date at most %(years)s years ahead", years=limits.YEARS_AHEAD))
    return given


def monday(cell: str) -> date:
    """Give the Monday that names a week."""
    given = day(cell)
    if given.weekday():
        raise CellError(phrase("a Monday; that week begins on %(what)s", what=given - timedelta(days=given.weekday())))
    return given


def moment(cell: str) -> datetime:
    """Give a local date and time."""
    found = _MOMENT.match(cell)
    if not found:
        raise CellError(phrase("a local date and time, such as 2026-03-14T09:00"))
    return datetime.combine(day(found[1]), datetime.min.time()) + timedelta(minutes=clock(found[2]))


def half_hour_moment(cell: str) -> datetime:
    """Give the local start of a half hour."""
    try:
        given = moment(cell)
    except CellError:
        if _MOMENT.match(cell) is None:
            raise CellError(phrase("the local start of a half hour, such as 2026-03-14T09:30")) from None
        raise
    if given.minute % 30:
        raise CellError(phrase("the start of a half hour: minutes 00 or 30"))
    return given


def away_from(cell: str) -> datetime:
    """Give the start of an absence: a date is its first moment."""
    return _edge(cell, timedelta())


def away_to(cell: str) -> datetime:
    """Give the end of an absence: a date is its last moment, a time is no longer away."""
    return _edge(cell, timedelta(days=1))


def _edge(cell: str, whole_day: timedelta) -> datetime:
    if _DATE.match(cell):
        return datetime.combine(day(cell), datetime.min.time()) + whole_day
    if _MOMENT.match(cell):
        return moment(cell)
    raise CellError(phrase("a date (2026-03-14) or a local date and time (2026-03-14T09:00)"))


def day_of_week_or_date(cell: str) -> int | date:
    """Give a weekday, Monday 0, or a date."""
    if cell.lower() in WEEKDAYS:
        return WEEKDAYS.index(cell.lower())
    if _DATE.match(cell):
        return day(cell)
    raise CellError(phrase("mon to sun for the typical week, or a date"))


def yes_or_no(cell: str) -> bool:
    """Give True for yes, False for no."""
    if cell.lower() not in ("yes", "no"):
        raise CellError(phrase("yes or no, or nothing"))
    return cell.lower() == "yes"


def yes(cell: str) -> bool:
    """Give True for yes, False for no."""
    if cell.lower() not in ("yes", "no"):
        raise CellError(phrase("yes, or nothing"))
    return cell.lower() == "yes"
