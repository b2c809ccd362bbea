"""How dates, times, zones, numbers and lists are written in the language spoken."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from devsys.base.words import ENGLISH, LANGUAGES, grouped, language, phrase, phrases, to_phrase

if TYPE_CHECKING:
    from babel import Locale

THIN_SPACE: Final = "\u2009"
WEEKDAYS: Final = (
    to_phrase("Monday"),
    to_phrase("Tuesday"),
    to_phrase("Wednesday"),
    to_phrase("Thursday"),
    to_phrase("Friday"),
    to_phrase("Saturday"),
    to_phrase("Sunday"),
)
_SPOKEN: Final = (
    to_phrase("no"),
    to_phrase("one"),
    to_phrase("two"),
    to_phrase("three"),
    to_phrase("four"),
    to_phrase("five"),
    to_phrase("six"),
    to_phrase("seven"),
    to_phrase("eight"),
    to_phrase("nine"),
    to_phrase("ten"),
    to_phrase("eleven"),
    to_phrase("twelve"),
)


@cache
def _locale(code: str) -> "Locale":
    from babel import Locale  # noqa: PLC0415 -- slow import

    return Locale.parse(code if code in LANGUAGES else ENGLISH)


def _names(kind: str, width: str) -> Sequence[str]:
    """Give the names of the days from Monday on, or of the months from January on (CLDR)."""
    locale = _locale(language())
    table = locale.days["format"][width] if kind == "days" else locale.months["format"][width]
    return [table[key] for key in sorted(table)]


def short_plain_day(value: date) -> str:
    """23 Mar."""
    return phrase("%(day)s %(month)s", day=value.day, month=short_month(value))


def short_full_day(value: date) -> str:
    """23 Mar 2027."""
    return phrase("%(day)s %(month)s %(year)s", day=value.day, month=short_month(value), year=value.year)


def weekday(value: date) -> str:
    """Tuesday."""
    return _names("days", "wide")[value.weekday()]


def short_weekday(value: date) -> str:
    """Tue."""
    return _names("days", "abbreviated")[value.weekday()]


def month(value: date) -> str:
    """March."""
    return _names("months", "wide")[value.month - 1]


def short_month(value: date) -> str:
    """Mar."""
    return _names("months", "abbreviated")[value.month - 1]


def month_of_year(value: date) -> str:
    """March 2027."""
    return phrase("%(month)s %(year)s", month=month(value), year=value.year)


def plain_day(value: date) -> str:
    """23 March."""
    return phrase("%(day)s %(month)s", day=value.day, month=month(value))


def plain_full_day(value: date) -> str:
    """23 March 2027."""
    return phrase("%(day)s %(month)s %(year)s", day=value.day, month=month(value), year=value.year)


def day(value: date) -> str:
    """Tue 23 March."""
    return phrase("%(weekday)s %(day)s %(month)s", weekday=short_weekday(value), day=value.day, month=month(value))


def short_day(value: date) -> str:
    """Tue 23 Mar."""
    return phrase(
        "%(weekday)s %(day)s %(month)s", weekday=short_weekday(value), day=value.day, month=short_month(value)
    )


def full_day(value: date) -> str:
    """Tue 23 March 2027."""
    return phrase("%(date)s %(year)s", date=day(value), year=value.year)


def day_near(value: date, today: date) -> str:
    """Tue 23 March; with its year where that is another one than that of `today`."""
    return day(value) if value.year == today.year else full_day(value)


def near_day(value: date, today: date) -> str:
    """Give today, tomorrow, or the day: with its year where that is another one."""
    if value == today:
        return phrase("today")
    if value == today + timedelta(days=1):
        return phrase("tomorrow")
    return day_near(value, today)


def clock(value: datetime) -> str:
    """14:30."""
    return f"{value:%H:%M}"


def moment(value: datetime) -> str:
    """Tue 23 March, 14:30."""
    return phrase("%(date)s, %(time)s", date=day(value), time=clock(value))


def short_moment(value: datetime) -> str:
    """Tue 23 Mar, 14:30."""
    return phrase("%(date)s, %(time)s", date=short_day(value), time=clock(value))


def full_moment(value: datetime) -> str:
    """23 March 2027, 14:30."""
    return phrase("%(date)s, %(time)s", date=plain_full_day(value), time=clock(value))


def period(start: datetime, end: datetime) -> str:
    """14:30-15:30, with an en dash."""
    return f"{start:%H:%M}\u2013{end:%H:%M}"


@cache
def _place(zone: str, code: str) -> str:
    if code != ENGLISH and code in LANGUAGES:
        from babel import dates  # noqa: PLC0415 -- slow import

        return str(dates.get_timezone_location(ZoneInfo(zone), _locale(code), return_city=True))
    return zone.rsplit("/", 1)[-1].replace("_", " ")


def zone_name(zone: str) -> str:
    """Lisbon time; UTC stays UTC."""
    if zone in ("UTC", "Etc/UTC"):
        return "UTC"
    return phrase("%(place)s time", place=_place(zone, language()))


def number(value: float) -> str:
    """12,345; with one place where it is not whole and small."""
    if isinstance(value, float) and not value.is_integer() and abs(value) < 1000:  # noqa: PLR2004
        return grouped(f"{value:,.1f}")
    return grouped(f"{round(value):,}")


def decimal(value: float, places: int) -> str:
    """Give a number with so many places: 0.25."""
    return grouped(f"{value:,.{places}f}")


def percent(value: float) -> str:
    """97.8 %, with a thin space; 100 without a place, and only where it is whole: 99.98 % is not all."""
    shown = f"{value:.1f}".removesuffix(".0")
    if shown == "100" and value < 100:  # noqa: PLR2004 -- all of it
        shown = f"{int(value * 100) / 100:.2f}"
    return f"{grouped(shown)}{THIN_SPACE}%"


def duration(minutes: int) -> str:
    """45 min; 2 h; 1 h 30 min."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return phrase("%(minutes)s min", minutes=rest)
    if not rest:
        return phrase("%(hours)s h", hours=hours)
    return phrase("%(hours)s h %(minutes)s min", hours=hours, minutes=rest)


def since(then: datetime, now: datetime) -> str:
    """Say how long ago: just now, 5 minutes ago, 3 hours ago, 2 days ago."""
    seconds = int((now - then).total_seconds())
    if seconds < 60:  # noqa: PLR2004
        return phrase("just now")
    if seconds < 3_600:  # noqa: PLR2004
        return phrases("%(num)s minute ago", "%(num)s minutes ago", seconds // 60)
    if seconds < 86_400:  # noqa: PLR2004
        return phrases("%(num)s hour ago", "%(num)s hours ago", seconds // 3_600)
    return phrases("%(num)s day ago", "%(num)s days ago", seconds // 86_400)


def lasting(then: datetime, now: datetime) -> str:
    """Say for how long: for a moment, for 5 minutes, for 3 hours, for 2 days."""
    seconds = int((now - then).total_seconds())
    if seconds < 60:  # noqa: PLR2004
        return phrase("for a moment")
    if seconds < 3_600:  # noqa: PLR2004
        return phrases("for %(num)s minute", "for %(num)s minutes", seconds // 60)
    if seconds < 86_400:  # noqa: PLR2004
        return phrases("for %(num)s hour", "for %(num)s hours", seconds // 3_600)
    return phrases("for %(num)s day", "for %(num)s days", seconds // 86_400)


def spoken(count: int) -> str:
    """Give a figure as a sentence says it: six, 13, 1,304; `phrases` takes it as `num=spoken(n)`."""
    return phrase(_SPOKEN[count]) if 0 <= count < len(_SPOKEN) else number(count)


def several(words: Sequence[str]) -> str:
    """Join words as a sentence does: a, b and c."""
    words = [str(word) for word in words]
    if len(words) < 2:  # noqa: PLR2004
        return "".join(words)
    return phrase("%(most)s and %(last)s", most=", ".join(words[:-1]), last=words[-1])
