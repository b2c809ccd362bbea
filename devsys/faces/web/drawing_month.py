"""The month: weeks of days with what is held on each, by kind; plain values in, finished rows out."""

from calendar import Calendar
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from devsys.base.words import phrase, phrases
from devsys.base.written import month_of_year, short_weekday
from devsys.faces.web.drawing import KIND_NAMES, long_day

SHOWN = 4  # entries of a day before "more"


@dataclass(frozen=True, slots=True)
class MonthEntry:
    """A session, or several alike, on one day: `time` "09:30" or empty, `count` sessions of that kind and title."""

    day: date
    kind: str
    title: str
    state: str
    time: str = ""
    count: int = 1
    href: str = ""


@dataclass(frozen=True, slots=True)
class MonthGrid:
    """All the month shows: `first` is any day in it; `holidays` names public holidays; hrefs lead to day and week."""

    first: date
    entries: tuple[MonthEntry, ...]
    today: date
    holidays: Mapping[date, str]
    day_href: Callable[[date], str] = lambda _: ""
    week_href: Callable[[date], str] = lambda _: ""
    weekends: bool = False


@dataclass(frozen=True, slots=True)
class DrawnDay:
    """A day of the month: its number, class (out, today, hol), words, what is shown, and how many more there are."""

    number: int
    iso: str
    css: str
    label: str
    holiday: str
    href: str
    entries: tuple[MonthEntry, ...]
    more: int


@dataclass(frozen=True, slots=True)
class DrawnMonthWeek:
    """A row of the month: ISO week number, where it leads, its days."""

    number: int
    href: str
    days: tuple[DrawnDay, ...]


@dataclass(frozen=True, slots=True)
class DrawnMonth:
    """The finished month."""

    title: str
    weekdays: tuple[str, ...]
    weeks: tuple[DrawnMonthWeek, ...]


def draw_month(grid: MonthGrid) -> DrawnMonth:
    """Draw the month. A weekend is left out unless it is asked for or something is held on it."""
    by_day: dict[date, list[MonthEntry]] = {}
    for entry in grid.entries:
        by_day.setdefault(entry.day, []).append(entry)
    length = 7 if grid.weekends or any(day.weekday() > 4 for day in by_day) else 5  # noqa: PLR2004 -- Saturday is 5
    weeks = []
    for days in Calendar().monthdatescalendar(grid.first.year, grid.first.month):
        shown = days[:length]
        if all(day.month != grid.first.month for day in shown):
            continue
        drawn = tuple(_day(grid, day, by_day.get(day, [])) for day in shown)
        weeks.append(DrawnMonthWeek(days[0].isocalendar().week, grid.week_href(days[0]), drawn))
    week_days = [date(2001, 1, 1 + day) for day in range(length)]  # 1 January 2001 was a Monday
    title = month_of_year(grid.first)
    return DrawnMonth(title, tuple(short_weekday(day) for day in week_days), tuple(weeks))


def _day(grid: MonthGrid, day: date, entries: list[MonthEntry]) -> DrawnDay:
    ordered = sorted(entries, key=lambda e: (e.time, tuple(KIND_NAMES).index(e.kind), e.title))
    holiday = grid.holidays.get(day, "")
    marks = {"out": day.month != grid.first.month, "today": day == grid.today, "hol": bool(holiday)}
    sessions = sum(e.count for e in entries)
    words = phrases("%(num)s session", "%(num)s sessions", sessions) if sessions else phrase("no session")
    label = ", ".join(
        part for part in (long_day(day), phrase("today") if day == grid.today else "", holiday, words) if part
    )
    shown = ordered if len(ordered) <= SHOWN else ordered[: SHOWN - 1]
    return DrawnDay(
        number=day.day,
        iso=day.isoformat(),
        css=" ".join(name for name, on in marks.items() if on),
        label=label,
        holiday=holiday,
        href=grid.day_href(day),
        entries=tuple(shown),
        more=sum(e.count for e in ordered[len(shown) :]),
    )
