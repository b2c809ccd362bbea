"""Recurrence rules (RFC 5545 section 3.3.10): read strictly, expanded between two moments, every step counted.

A rule looks at periods (years, months, weeks, days), at the days of each that its parts leave, and at the times of
those days. Where nothing is counted from its start it begins near the first moment asked for; it ends with the last
and pays for each period and day on the way. dateutil expands the same rules and is the judge of this in tests; it
cannot be bounded, since it looks for the next repetition up to the year 9999 before anybody can stop it.
"""

import re
from calendar import isleap, monthrange
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import IntEnum
from typing import Final

from devsys.base import limits
from devsys.base.words import phrase
from devsys.base.written import number
from devsys.core.busy.lines import Line, at_line, shown


class Every(IntEnum):
    """The periods of a rule, from the longest to the shortest."""

    YEARLY = 0
    MONTHLY = 1
    WEEKLY = 2
    DAILY = 3
    HOURLY = 4
    MINUTELY = 5
    SECONDLY = 6


_SECONDS: Final = {Every.HOURLY: 3600, Every.MINUTELY: 60, Every.SECONDLY: 1}
_DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_DAY: Final = re.compile(r"([+-]?[0-9]{1,2})?(MO|TU|WE|TH|FR|SA|SU)\Z")
_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,9}\Z")
# name: (least, most, whether negative ones count from the end)
_LISTS: Final = {
    "BYMONTH": (1, 12, False),
    "BYMONTHDAY": (1, 31, True),
    "BYYEARDAY": (1, 366, True),
    "BYWEEKNO": (1, 53, True),
    "BYSETPOS": (1, 366, True),
    "BYHOUR": (0, 23, False),
    "BYMINUTE": (0, 59, False),
    "BYSECOND": (0, 60, False),
}
_MOST_TIMES: Final = 1_440
_WEEK: Final = 7
_LAST: Final = date.max.toordinal()


@dataclass(frozen=True, slots=True)
class Rule:
    """One RRULE. `figures` are its BY... lists but for BYDAY, whose entries are (weekday, number or 0).

    `until` is wall time; `line` where it stands in its file.
    """

    every: Every
    interval: int
    count: int | None
    until: datetime | None
    figures: dict[str, tuple[int, ...]]
    days: tuple[tuple[int, int], ...]
    week_start: int
    line: int


@dataclass(slots=True)
class Budget:
    """What may still be spent on one file: periods looked at, occurrences found, single dates."""

    work: int = limits.ICS_WORK
    occurrences: int = limits.ICS_OCCURRENCES
    listed: int = limits.ICS_DATES

    def spend(self, work: int, line: int) -> None:
        """Pay for work. Raises InvalidError when there is nothing left to pay with."""
        self.work -= work
        if self.work < 0:
            raise at_line(line, phrase("its rules take too long to work out"))

    def found(self, line: int) -> None:
        """Count an occurrence. Raises InvalidError beyond the most there may be."""
        self.occurrences -= 1
        self.work -= 1
        if self.occurrences < 0:
            raise at_line(
                line,
                phrase("more than %(most)s repetitions", most=number(limits.ICS_OCCURRENCES)),
            )

    def date(self, line: int) -> None:
        """Count a single date. Raises InvalidError beyond the most there may be."""
        self.listed -= 1
        if self.listed < 0:
            raise at_line(line, phrase("more than %(most)s single dates", most=number(limits.ICS_DATES)))


def read_rule(line: Line, until: Callable[[Line, str], datetime]) -> Rule:
    """Give the rule of a line; `until` gives the wall time of its UNTIL.

    Raises InvalidError for what is no rule: INTERVAL=0, a part twice, a figure out of range, another calendar.
    """
    said: dict[str, str] = {}
    for part in line.value.upper().split(";"):
        name, equals, value = part.partition("=")
        if not part:
            continue
        if not equals or name in said:
            raise at_line(line.number, phrase("%(part)s in a rule", part=shown(part)))
        said[name] = value
    if said.get("FREQ") not in Every.__members__:
        raise at_line(line.number, phrase("a rule without FREQ"))
    every = Every[said.pop("FREQ")]
    figures: dict[str, tuple[int, ...]] = {}
    days: tuple[tuple[int, int], ...] = ()
    count, interval, week_start = None, 1, 0
    last: datetime | None = None
    for name, value in said.items():
        if name in _LISTS:
            figures[name] = _figures(name, value, line.number)
        elif name == "BYDAY":
            days = _weekdays(value, line.number)
        elif name == "WKST" and value in _DAYS:
            week_start = _DAYS.index(value)
        elif name == "COUNT":
            count = _positive(name, value, line.number)
        elif name == "INTERVAL":
            interval = _positive(name, value, line.number)
        elif name == "UNTIL":
            last = until(line, value)
        elif not name.startswith("X-"):
            raise at_line(line.number, phrase("%(name)s in a rule", name=shown(name)))
    times = 1
    for name in ("BYHOUR", "BYMINUTE", "BYSECOND"):
        times *= len(figures.get(name, (0,)))
    if times > _MOST_TIMES or ("BYSETPOS" in figures and every > Every.DAILY):
        raise at_line(line.number, phrase("a rule with too many times a day"))
    return Rule(every, interval, count, last, figures, days, week_start, line.number)


def _positive(name: str, value: str, line: int) -> int:
    if not _NUMBER.match(value) or int(value) < 1:
        raise at_line(line, f"{name}={shown(value)} in a rule")
    return int(value)


def _figures(name: str, value: str, line: int) -> tuple[int, ...]:
    least, most, negative = _LISTS[name]
    found = set()
    for text in value.split(","):
        if not _NUMBER.match(text):
            raise at_line(line, f"{name}={shown(value)} in a rule")
        figure = int(text)
        if not least <= (abs(figure) if negative else figure) <= most:
            raise at_line(line, f"{name}={shown(text)} in a rule")
        found.add(min(figure, 59) if name == "BYSECOND" else figure)  # a leap second
    return tuple(sorted(found))


def _weekdays(value: str, line: int) -> tuple[tuple[int, int], ...]:
    found = set()
    for text in value.split(","):
        day = _DAY.match(text)
        if day is None or (day[1] and not 1 <= abs(int(day[1])) <= 53):  # noqa: PLR2004 -- weeks of a year
            raise at_line(line, f"BYDAY={shown(text)} in a rule")
        found.add((_DAYS.index(day[2]), int(day[1] or 0)))
    return tuple(sorted(found))


def between(rule: Rule, start: datetime, first: datetime, end: datetime, budget: Budget) -> Iterator[datetime]:
    """Give the wall times of a rule that begins at `start` in [`first`, `end`), in order.

    COUNT is counted from the start. Raises InvalidError, naming the rule's line, when there are too many of them or
    they take too long to find.
    """
    last = end if rule.until is None else min(rule.until + timedelta(seconds=1), end)
    if last <= max(start, first):
        return
    begin = start if rule.count is not None else max(start, first)
    walls = (
        _by_time(rule, start, begin, last, budget)
        if rule.every > Every.DAILY
        else _by_day(_Shape(rule, start), start, begin, last, budget)
    )
    number = 0
    for wall in walls:
        if wall >= last:
            return
        if wall < start:
            continue
        number += 1
        if rule.count is not None and number > rule.count:
            return
        if wall < first:
            budget.spend(1, rule.line)
        else:
            budget.found(rule.line)
            yield wall


class _Shape:
    """Which days and times a rule leaves: its own parts, and what it leaves to its start, said aloud."""

    def __init__(self, rule: Rule, start: datetime) -> None:
        said = rule.figures
        self.rule = rule
        self.months = said.get("BYMONTH", ())
        self.month_days = said.get("BYMONTHDAY", ())
        self.year_days = said.get("BYYEARDAY", ())
        self.weeks = said.get("BYWEEKNO", ())
        self.days = frozenset(rule.days)
        if not (self.month_days or self.year_days or self.weeks or self.days):
            if rule.every is Every.YEARLY:
                self.months = self.months or (start.month,)
            if rule.every in (Every.YEARLY, Every.MONTHLY):
                self.month_days = (start.day,)
            elif rule.every is Every.WEEKLY:
                self.days = frozenset({(start.weekday(), 0)})
        elif self.weeks and not (self.month_days or self.year_days or self.days):
            self.days = frozenset({(start.weekday(), 0)})
        self.in_months = rule.every is Every.MONTHLY or bool(self.months)
        self.numbered = rule.every <= Every.MONTHLY and any(n for _, n in self.days)
        self.plain = frozenset(w for w, n in self.days if not n or not self.numbered)
        hours, minutes, seconds = (
            said.get(f"BY{unit.upper()}", (getattr(start, unit),)) for unit in ("hour", "minute", "second")
        )
        self.times = tuple(time(h, m, s) for h in hours for m in minutes for s in seconds)

    def leaves(self, day: date) -> bool:
        """Say whether a day is one of the rule's."""
        if self.months and day.month not in self.months:
            return False
        if self.days and day.weekday() not in self.plain and not (self.numbered and self._numbered(day)):
            return False
        if self.month_days:
            length = monthrange(day.year, day.month)[1]
            if day.day not in self.month_days and day.day - length - 1 not in self.month_days:
                return False
        if self.year_days:
            of_year = day.timetuple().tm_yday
            if of_year not in self.year_days and of_year - 367 + (not isleap(day.year)) not in self.year_days:
                return False
        return not self.weeks or self._in_week(day)

    def _numbered(self, day: date) -> bool:
        """Say whether a day is, say, the second or the last Friday of its month, or of its year."""
        if self.in_months:
            nth, length = day.day, monthrange(day.year, day.month)[1]
        else:
            nth, length = day.timetuple().tm_yday, 365 + isleap(day.year)
        weekday = day.weekday()
        return (weekday, (nth - 1) // _WEEK + 1) in self.days or (weekday, -((length - nth) // _WEEK) - 1) in self.days

    def _in_week(self, day: date) -> bool:
        """Say whether a day lies in a week of the rule: week 1 is the first with four days in the year."""
        first, year = _first_week(day.year, self.rule.week_start), day.year
        ordinal = day.toordinal()
        if ordinal < first and year > 1:
            year -= 1
        elif year < date.max.year and ordinal >= _first_week(year + 1, self.rule.week_start):
            year += 1
        if year != day.year:
            return False  # that week is the other year's, and counted there
        after = _first_week(year + 1, self.rule.week_start) if year < date.max.year else _LAST
        number, weeks = (ordinal - first) // _WEEK + 1, (after - first) // _WEEK
        return number in self.weeks or number - weeks - 1 in self.weeks


def _first_week(year: int, week_start: int) -> int:
    """Give the ordinal of the first day of a year's week 1; it may lie in the year before."""
    fourth = date(year, 1, 4)
    return fourth.toordinal() - (fourth.weekday() - week_start) % _WEEK


def _by_day(shape: _Shape, start: datetime, begin: datetime, end: datetime, budget: Budget) -> Iterator[datetime]:
    """Give the wall times of a rule by years, months, weeks or days, from the period of `begin` or the one before."""
    positions = shape.rule.figures.get("BYSETPOS", ())
    times = shape.times
    for period in _periods(shape, start, begin, end):
        budget.spend(1 + len(period), shape.rule.line)
        days = [day for day in period if shape.leaves(day)]
        if not positions:
            for day in days:
                for at in times:
                    yield datetime.combine(day, at)
            continue
        budget.spend(len(positions), shape.rule.line)
        most = len(days) * len(times)
        chosen = {p - 1 if p > 0 else most + p for p in positions}
        for place in sorted(p for p in chosen if 0 <= p < most):
            yield datetime.combine(days[place // len(times)], times[place % len(times)])


def _periods(shape: _Shape, start: datetime, begin: datetime, end: datetime) -> Iterator[Sequence[date]]:
    """Give, period by period, the days that may be the rule's."""
    rule = shape.rule
    if rule.every is Every.YEARLY:
        skipped = max(0, (begin.year - start.year) // rule.interval - 1)
        for year in range(start.year + skipped * rule.interval, end.year + 1, rule.interval):
            yield [day for month in shape.months or range(1, 13) for day in _of_month(shape, year, month)]
    elif rule.every is Every.MONTHLY:
        first, at, last = (m.year * 12 + m.month - 1 for m in (start, begin, end))
        for month in range(first + max(0, (at - first) // rule.interval - 1) * rule.interval, last + 1, rule.interval):
            yield _of_month(shape, month // 12, month % 12 + 1)
    else:
        weekly = rule.every is Every.WEEKLY
        first = start.toordinal() - ((start.weekday() - rule.week_start) % _WEEK if weekly else 0)
        length = _WEEK if weekly else 1
        step = length * rule.interval
        at = first + max(0, (begin.toordinal() - first) // step - 1) * step
        offsets = [
            o for o in range(length) if not weekly or not shape.days or (rule.week_start + o) % _WEEK in shape.plain
        ]
        for ordinal in range(at, min(end.toordinal(), _LAST) + 1, step):
            yield [date.fromordinal(ordinal + o) for o in offsets if 1 <= ordinal + o <= _LAST]


def _of_month(shape: _Shape, year: int, month: int) -> list[date]:
    """Give the days of a month that may be the rule's, in order."""
    length = monthrange(year, month)[1]
    if not shape.month_days:
        return [date(year, month, day) for day in range(1, length + 1)]
    found = {day if day > 0 else length + 1 + day for day in shape.month_days}
    return [date(year, month, day) for day in sorted(found) if 1 <= day <= length]


def _by_time(rule: Rule, start: datetime, begin: datetime, end: datetime, budget: Budget) -> Iterator[datetime]:
    """Give the wall times of a rule by hours, minutes or seconds; hours and days that it leaves out are passed over."""
    shape = _Shape(rule, start)
    said = rule.figures
    unit = _SECONDS[rule.every]
    step = timedelta(seconds=unit * rule.interval)
    # What is finer than a step comes from its own part, or stays as it is at the start.
    fine = rule.every
    minutes = said.get("BYMINUTE", (start.minute,)) if fine < Every.MINUTELY else (None,)
    seconds = said.get("BYSECOND", (start.second,)) if fine < Every.SECONDLY else (None,)
    origin = start.replace(
        minute=0 if fine < Every.MINUTELY else start.minute, second=0 if fine < Every.SECONDLY else start.second
    )
    number = max(0, (begin - origin) // step - 1)
    while (wall := origin + number * step) < end:
        budget.spend(1, rule.line)
        missed = _missed(shape, wall, said)
        if missed is not None:
            number = max(number + 1, -((origin - missed) // step))
            continue
        for minute in minutes:
            for second in seconds:
                yield wall.replace(
                    minute=wall.minute if minute is None else minute, second=wall.second if second is None else second
                )
        number += 1


def _missed(shape: _Shape, wall: datetime, said: dict[str, tuple[int, ...]]) -> datetime | None:
    """Give the next moment worth looking at when a step is none of the rule's, None when it is one."""
    if not shape.leaves(wall.date()):
        return datetime.combine(wall.date(), time()) + timedelta(days=1)
    if "BYHOUR" in said and wall.hour not in said["BYHOUR"]:
        return wall.replace(minute=0, second=0) + timedelta(hours=1)
    if shape.rule.every > Every.HOURLY and "BYMINUTE" in said and wall.minute not in said["BYMINUTE"]:
        return wall.replace(second=0) + timedelta(minutes=1)
    if shape.rule.every is Every.SECONDLY and "BYSECOND" in said and wall.second not in said["BYSECOND"]:
        return wall + timedelta(seconds=1)
    return None
