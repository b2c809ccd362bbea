"""The year strip: weeks by kinds of activity, what the queue can spare beneath, what is owed, how sure each week is.

Every row is a drawing of its own, 10 units a week wide, which the page stretches; text stays text. One result serves
desk, phone, paper and letters (look: the year strip).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Literal

from devsys.base import written
from devsys.base.words import phrase, phrases, to_phrase
from devsys.base.written import short_month
from devsys.faces.web.drawing import (
    KIND_NAMES,
    Box,
    box,
    day_month,
    hours_text,
    number,
    runs,
    step_path,
)
from devsys.faces.web.words import first_up

Sureness = Literal["held", "frozen", "published", "outlook"]
WEEK = 10.0
ROW_HEIGHT = 26.0
QUEUE_HEIGHT = 60.0
LEAST = (5, 10, 20, 30)  # hours at which the second to the fifth step begin, in an organisation of some sixty people
FACTORS = (1, 2, 5, 10, 20, 50, 100, 200, 500)
USUAL = 40  # the last step is for the unusual: four weeks in five stay below it
ZONE_WORDS = {
    "held": to_phrase("held"),
    "frozen": to_phrase("frozen"),
    "published": to_phrase("published"),
    "outlook": to_phrase("outlook"),
}


@dataclass(frozen=True, slots=True)
class StripWeek:
    """One ISO week: `monday` names it, `state` says how sure it is, `holiday` names public holidays in it.

    `present` marks the week of today; `href` leads to the week's page.
    """

    monday: date
    state: Sureness
    holiday: str = ""
    present: bool = False
    href: str = ""

    @property
    def number(self) -> int:
        """The ISO week number."""
        return self.monday.isocalendar().week

    @property
    def thursday(self) -> date:
        """The day that decides month, quarter and year of an ISO week (ISO 8601)."""
        return self.monday + timedelta(days=3)


@dataclass(frozen=True, slots=True)
class StripRow:
    """Hours of one kind of activity, one figure per week; hours are places x length, summed."""

    kind: str
    hours: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class YearStrip:
    """All the strip shows: at most 53 weeks in order, seven rows, and three figures per week.

    `away` is hours off the queue (recovery gaps included), `spare` the hours the queue can spare, `owed` needs that
    found no place. `outlook_words` follows the word outlook: "free to improve until published, from 28 June".
    """

    weeks: tuple[StripWeek, ...]
    rows: tuple[StripRow, ...]
    away: tuple[float, ...]
    spare: tuple[float, ...]
    owed: tuple[int, ...]
    outlook_words: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """A word over some weeks: first column from 1, how many columns, the words, a class."""

    column: int
    columns: int
    text: str
    more: str = ""
    css: str = ""


@dataclass(frozen=True, slots=True)
class WeekHead:
    """The number of a week over its column, with what a reader hears and where it leads."""

    column: int
    number: int
    css: str
    label: str
    href: str


@dataclass(frozen=True, slots=True)
class DrawnRow:
    """One row of the strip: its boxes, its sum, and a sentence for readers."""

    kind: str
    cells: tuple[Box, ...]
    total: str
    words: str


@dataclass(frozen=True, slots=True)
class DrawnYear:
    """The finished strip; `width` in units, `present` the x of the rubric lines, `table` its twin in figures."""

    width: float
    columns: int
    months: tuple[Span, ...]
    heads: tuple[WeekHead, ...]
    rows: tuple[DrawnRow, ...]
    bars: tuple[Box, ...]
    limit: str
    queue_total: str
    queue_words: str
    owed: tuple[Span, ...]
    owed_marks: tuple[Box, ...]
    owed_total: int
    owed_words: str
    zones: tuple[Span, ...]
    present: tuple[float, float] | None
    table_heads: tuple[str | tuple[str, str], ...]
    table: tuple[tuple[str | int, ...], ...]
    steps: tuple[tuple[str, str], ...]


def strip_weeks(
    first: date,
    count: int,
    *,
    today: date,
    frozen_until: date,
    published_until: date,
    holidays: Mapping[date, str],
    href: Callable[[date], str] = lambda _: "",
) -> tuple[StripWeek, ...]:
    """Give `count` weeks from the week of `first` on; both `until` are the first day that no longer counts.

    A week that is over is held; one that begins inside the freeze window is frozen; then published; then outlook.
    """
    start = first - timedelta(days=first.weekday())
    weeks = []
    for monday in (start + timedelta(weeks=k) for k in range(count)):
        after = monday + timedelta(weeks=1)
        state: Sureness = "outlook"
        if after <= today:
            state = "held"
        elif monday < frozen_until:
            state = "frozen"
        elif monday < published_until:
            state = "published"
        names = tuple(dict.fromkeys(holidays[day] for day in sorted(holidays) if monday <= day < after))
        weeks.append(StripWeek(monday, state, ", ".join(names), monday <= today < after, href(monday)))
    return tuple(weeks)


def factor_of(rows: tuple[StripRow, ...]) -> int:
    """Give what the steps are multiplied by, lest a large organisation fill the strip with the last of them."""
    hours = sorted(h for row in rows for h in row.hours if h > 0)
    usual = hours[len(hours) * 4 // 5] if hours else 0.0
    return next((factor for factor in FACTORS if usual <= USUAL * factor), FACTORS[-1])


def step_of(hours: float, factor: int = 1) -> str:
    """Give the class of a cell: none, 1-4, 5-9, 10-19, 20-29, 30 and more hours times the factor, in every row."""
    for step, least in reversed(tuple(enumerate(LEAST, start=2))):
        if round(hours) >= least * factor:
            return f"q{step}"
    return "q1" if hours > 0 else "q0"


def steps_of(factor: int) -> tuple[tuple[str, str], ...]:
    """Give the legend: class and words of each step."""
    edges = (1, *(least * factor for least in LEAST))
    ranges = (f"{written.number(low)}\u2013{written.number(high - 1)}" for low, high in pairwise(edges))
    words = (phrase("none"), *ranges, phrase("%(num)s and more", num=written.number(edges[-1])))
    return tuple((f"q{step}", word) for step, word in enumerate(words))


def draw_year(strip: YearStrip) -> DrawnYear:
    """Draw the strip. Raises ValueError if a row or a figure does not have one value per week."""
    weeks = strip.weeks
    columns = (strip.away, strip.spare, strip.owed, *(row.hours for row in strip.rows))
    if any(len(values) != len(weeks) for values in columns):
        raise ValueError("every row of a year strip needs one figure per week")
    top = max((*strip.away, *strip.spare, 1.0)) * 1.06
    factor = factor_of(strip.rows)
    present = next((i for i, week in enumerate(weeks) if week.present), None)
    return DrawnYear(
        width=number(len(weeks) * WEEK),
        columns=len(weeks),
        months=_months(weeks),
        heads=tuple(_head(i, week) for i, week in enumerate(weeks)),
        rows=tuple(_row(row, weeks, factor) for row in strip.rows),
        bars=_bars(strip, top),
        limit=step_path(strip.spare, WEEK, QUEUE_HEIGHT, top),
        queue_total=hours_text(sum(strip.away)),
        queue_words=_queue_words(strip),
        owed=tuple(Span(i + 1, 1, str(n)) for i, n in enumerate(strip.owed) if n),
        owed_marks=_owed_marks(strip),
        owed_total=sum(strip.owed),
        owed_words=phrase(
            "%(needs)s owed, in %(weeks)s",
            needs=phrases("%(num)s need", "%(num)s needs", sum(strip.owed)),
            weeks=phrases("%(num)s week", "%(num)s weeks", sum(1 for n in strip.owed if n)),
        ),
        zones=_zones(strip),
        present=None if present is None else (number(present * WEEK), number((present + 1) * WEEK)),
        table_heads=_table_heads(strip),
        table=_table(strip),
        steps=steps_of(factor),
    )


def _week_words(week: StripWeek) -> str:
    return phrase("week %(number)s, from %(day)s", number=week.number, day=day_month(week.monday))


def _edges(index: int, weeks: tuple[StripWeek, ...]) -> tuple[float, float]:
    """Give the left and right edge of a cell: a hair apart, a little more where a quarter ends."""

    def quarter(i: int) -> tuple[int, int]:
        day = weeks[i].thursday
        return day.year, (day.month - 1) // 3

    left = 1.1 if index > 0 and quarter(index - 1) != quarter(index) else 0.35
    right = 1.1 if index + 1 < len(weeks) and quarter(index + 1) != quarter(index) else 0.35
    return index * WEEK + left, (index + 1) * WEEK - right


def _row(row: StripRow, weeks: tuple[StripWeek, ...], factor: int) -> DrawnRow:
    name = KIND_NAMES[row.kind]
    cells = []
    for index, (week, hours) in enumerate(zip(weeks, row.hours, strict=True)):
        left, right = _edges(index, weeks)
        y, height = (7.0, 12.0) if week.state == "outlook" else (1.0, 24.0)
        title = f"{name}, {_week_words(week)}: {hours_text(hours)}, {ZONE_WORDS[week.state]}"
        cells.append(box(step_of(hours, factor), (left, y, right - left, height), title))
    most = max(row.hours, default=0.0)
    total = hours_text(sum(row.hours))
    return DrawnRow(
        row.kind,
        tuple(cells),
        total,
        phrase(
            "%(name)s: %(total)s in %(weeks)s weeks, most %(most)s",
            name=name,
            total=total,
            weeks=len(weeks),
            most=hours_text(most),
        ),
    )


def _bars(strip: YearStrip, top: float) -> tuple[Box, ...]:
    bars = []
    for index, (week, away, spare) in enumerate(zip(strip.weeks, strip.away, strip.spare, strict=True)):
        height = QUEUE_HEIGHT * away / top
        title = phrase(
            "%(week)s: %(away)s off the queue, %(spare)s to spare",
            week=first_up(_week_words(week)),
            away=hours_text(away),
            spare=hours_text(spare),
        )
        css = "over" if away > spare else "later" if week.state == "outlook" else "used"
        bars.append(box(css, (index * WEEK + 1.2, QUEUE_HEIGHT - height, WEEK - 2.4, height), title))
    return tuple(bars)


def _queue_words(strip: YearStrip) -> str:
    tight = sum(1 for away, spare in zip(strip.away, strip.spare, strict=True) if away > spare)
    words = phrase(
        "%(away)s off the queue of %(spare)s it can spare",
        away=hours_text(sum(strip.away)),
        spare=hours_text(sum(strip.spare)),
    )
    return (
        phrases("%(words)s; too much in %(num)s week", "%(words)s; too much in %(num)s weeks", tight, words=words)
        if tight
        else phrase("%(words)s; in no week too much", words=words)
    )


def _owed_marks(strip: YearStrip) -> tuple[Box, ...]:
    marks = (
        box(
            "owed",
            (i * WEEK + 1.2, 0, WEEK - 2.4, 4),
            phrase("%(week)s: %(num)s owed", week=first_up(_week_words(w)), num=n),
        )
        for i, (w, n) in enumerate(zip(strip.weeks, strip.owed, strict=True))
        if n
    )
    return tuple(marks)


def _months(weeks: tuple[StripWeek, ...]) -> tuple[Span, ...]:
    spans = []
    for first, length, (year, month) in runs((w.thursday.year, w.thursday.month) for w in weeks):
        more = f" {year}" if first > 0 and month == 1 else ""
        spans.append(Span(first + 1, length, short_month(date(2000, month, 1)) if length > 1 else "", more))
    return tuple(spans)


def _head(index: int, week: StripWeek) -> WeekHead:
    css = " ".join(word for word, on in (("now", week.present), ("hol", bool(week.holiday))) if on)
    label = phrase(
        "Week %(number)s, from %(day)s, %(state)s",
        number=week.number,
        day=day_month(week.monday),
        state=ZONE_WORDS[week.state],
    )
    if week.present:
        label = phrase("%(what)s, this week", what=label)
    if week.holiday:
        label += f", {week.holiday}"
    return WeekHead(index + 1, week.number, css, label, week.href)


def _zones(strip: YearStrip) -> tuple[Span, ...]:
    spans = []
    for first, length, state in runs(week.state for week in strip.weeks):
        more = f": {strip.outlook_words}" if state == "outlook" and strip.outlook_words else ""
        spans.append(Span(first + 1, length, ZONE_WORDS[state], more, state))
    return tuple(spans)


def _table_heads(strip: YearStrip) -> tuple[str | tuple[str, str], ...]:
    kinds = tuple((KIND_NAMES[row.kind], "n") for row in strip.rows)
    return (
        phrase("Week"),
        phrase("State"),
        *kinds,
        (phrase("Off the queue"), "n"),
        (phrase("Can spare"), "n"),
        (phrase("Owed"), "n"),
    )


def _table(strip: YearStrip) -> tuple[tuple[str | int, ...], ...]:
    return tuple(
        (
            phrase(
                "%(number)s, from %(day)s %(year)s",
                number=week.number,
                day=day_month(week.monday),
                year=week.monday.year,
            ),
            str(ZONE_WORDS[week.state]),
            *(round(row.hours[i]) for row in strip.rows),
            round(strip.away[i]),
            round(strip.spare[i]),
            strip.owed[i],
        )
        for i, week in enumerate(strip.weeks)
    )
