"""The year in figures: rows of the calendar turned into what the strip, the ledger and the sentences show."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from devsys.adapters.store.queries.calendar_figures import DaySum
from devsys.base.words import phrase, to_phrase
from devsys.base.written import number, percent, plain_day, several
from devsys.core.model.calendar import Figures
from devsys.core.model.hours import monday_of
from devsys.core.model.ledger import LedgerSum
from devsys.core.model.programme import Activity, Kind, Principle
from devsys.faces.web.asked import week_code
from devsys.faces.web.drawing import LedgerBar, draw_ledger
from devsys.faces.web.drawing_year import StripRow, YearStrip, strip_weeks

USUAL_MINUTES: Final = 60  # of a session whose activity no programme has any more
OUTLOOK_WEEKS: Final = 26  # beyond that the plan is shown as outlook: it may still be improved
PRINCIPLES: Final = {
    Principle.LISTEN: to_phrase("hear fully"),
    Principle.QUESTION: to_phrase("ask to the point"),
    Principle.EXPLAIN: to_phrase("explain clearly"),
    Principle.OWN: to_phrase("own it to the end"),
    Principle.FOLLOW_UP: to_phrase("follow up"),
}


@dataclass(frozen=True, slots=True)
class Stretch:
    """The weeks a year page shows: `weeks` of them from the Monday `first`."""

    first: date
    weeks: int

    @property
    def end(self) -> date:
        """The first day no longer shown."""
        return self.first + timedelta(weeks=self.weeks)

    @property
    def quarters(self) -> tuple[date, ...]:
        """The first days of the four calendar quarters it begins with, and the day that ends them."""
        return quarter_days(self.first + timedelta(days=3))

    def index(self, day: date) -> int | None:
        """Give the column of a day, None when it is not shown."""
        at = (day - self.first).days // 7
        return at if 0 <= at < self.weeks else None


def kind_of(code: str, activities: Mapping[str, Activity]) -> str:
    """Give the kind of an activity; one that is no longer in a programme counts as a skill session."""
    found = activities.get(code)
    return (Kind.SKILL if found is None else found.kind).value


@dataclass(frozen=True, slots=True)
class YearFacts:
    """What is read for a year: sums per day, owed needs per day (day, activity, count), hours to spare per week."""

    stretch: Stretch
    sums: tuple[DaySum, ...]
    ledger: tuple[LedgerSum, ...]
    owed: tuple[tuple[date, str, int], ...]
    spare: tuple[float, ...]
    holidays: tuple[tuple[date, str, str], ...]
    activities: Mapping[str, Activity]


def year_strip(facts: YearFacts, *, today: date, freeze_days: int, planned_until: date, link: str) -> YearStrip:
    """Give the values of the strip; `link` is the week page's address, ready for its week."""
    stretch, activities = facts.stretch, facts.activities
    hours = {kind.value: [0.0] * stretch.weeks for kind in Kind}
    away = [0.0] * stretch.weeks
    for one in facts.sums:
        at = stretch.index(one.day)
        if at is not None:
            hours[kind_of(one.activity, activities)][at] += one.minutes / 60
            recovery = activities[one.activity].recovery_minutes if one.activity in activities else 0
            away[at] += (one.minutes + one.places * recovery) / 60
    short = [0] * stretch.weeks
    for day, _, needs in facts.owed:
        at = stretch.index(day)
        if at is not None:
            short[at] += needs
    outlook = max(monday_of(today) + timedelta(weeks=OUTLOOK_WEEKS), today + timedelta(days=freeze_days))
    return YearStrip(
        weeks=strip_weeks(
            stretch.first,
            stretch.weeks,
            today=today,
            frozen_until=today + timedelta(days=freeze_days),
            published_until=min(outlook, planned_until),
            holidays={day: name for day, name, _ in facts.holidays},
            href=lambda monday: f"{link}week={week_code(monday)}",
        ),
        rows=tuple(StripRow(kind.value, tuple(hours[kind.value])) for kind in Kind),
        away=tuple(away),
        spare=facts.spare,
        owed=tuple(short),
        outlook_words=phrase("may still be improved, from %(day)s", day=plain_day(outlook)),
    )


@dataclass(frozen=True, slots=True)
class Quarter:
    """Development time of one calendar quarter, in hours; `owed` counts needs; `bar` is its drawing, to scale."""

    label: str
    planned: int
    held: int
    cancelled: int
    owed: int
    bar: LedgerBar


@dataclass(frozen=True, slots=True)
class LedgerTable:
    """Development time by quarter with its sums, and what is to be said about it."""

    quarters: tuple[Quarter, ...]
    planned: int
    held: int
    cancelled: int
    owed: int
    words: tuple[str, ...]


def quarter_days(day: date) -> tuple[date, ...]:
    """Give the first days of the calendar quarter of a day and of the three after it, and the day that ends them."""
    first = 12 * day.year + (day.month - 1) // 3 * 3
    return tuple(date(month // 12, month % 12 + 1, 1) for month in range(first, first + 13, 3))


def ledger_quarters(
    starts: tuple[date, ...],
    sums: Iterable[LedgerSum],
    owed: Iterable[tuple[date, str, int]],
    activities: Mapping[str, Activity],
    today: date,
) -> tuple[Quarter, ...]:
    """Give the quarters that begin on `starts` but the last. Held are sessions of days before today, less the absent.

    A need owed counts in the quarter it was due, in the bar by the length of its session.
    """
    minutes = [[0, 0, 0, 0, 0] for _ in starts[1:]]
    for one in sums:
        if starts[0] <= one.day < starts[-1]:
            line = minutes[bisect_right(starts, one.day) - 1]
            line[0] += one.planned
            line[1] += one.planned - one.missed if one.day < today else 0
            line[2] += one.cancelled
    for day, code, needs in owed:
        if starts[0] <= day < starts[-1]:
            line = minutes[bisect_right(starts, day) - 1]
            line[3] += needs
            line[4] += needs * (activities[code].minutes if code in activities else USUAL_MINUTES)
    most = max((line[0] + line[4] for line in minutes), default=0) / 60
    years = len({first.year for first in starts[:-1]}) > 1
    return tuple(
        Quarter(
            label=f"Q{(first.month + 2) // 3}" + (f" \u2019{first.year % 100:02d}" if years else ""),
            planned=round(planned / 60),
            held=round(held / 60),
            cancelled=round(cancelled / 60),
            owed=needs,
            bar=draw_ledger(planned / 60, held / 60, cancelled / 60, short / 60, most=most),
        )
        for first, (planned, held, cancelled, needs, short) in zip(starts, minutes, strict=False)
    )


def ledger_table(facts: YearFacts, today: date) -> LedgerTable:
    """Give the ledger of the four calendar quarters that the stretch begins with."""
    starts = facts.stretch.quarters
    quarters = ledger_quarters(starts, facts.ledger, facts.owed, facts.activities, today)
    past = [one for one in facts.ledger if starts[0] <= one.day < min(today, starts[-1])]
    due = sum(one.planned for one in past)
    words = []
    if due:
        held = due - sum(one.missed for one in past)
        words.append(
            phrase("Held so far: %(share)s of what was planned until yesterday.", share=percent(100 * held / due))
        )
    words += _unused(facts.sums, facts.activities, today)
    return LedgerTable(
        quarters,
        sum(q.planned for q in quarters),
        sum(q.held for q in quarters),
        sum(q.cancelled for q in quarters),
        sum(q.owed for q in quarters),
        tuple(words),
    )


def _quarter(day: date) -> tuple[int, int]:
    return day.year, (day.month - 1) // 3 + 1


def _unused(days: Iterable[DaySum], activities: Mapping[str, Activity], today: date) -> list[str]:
    """Say which of the five principles no session of a quarter names (product.md A6); quarters past are left out."""
    used: dict[tuple[int, int], set[Principle]] = {}
    for one in days:
        if _quarter(one.day) >= _quarter(today):
            found = used.setdefault(_quarter(one.day), set())
            if one.activity in activities:
                found.update(activities[one.activity].principles)
    gaps = {q: tuple(p for p in Principle if p not in found) for q, found in sorted(used.items())}
    return [
        phrase(
            "Not used in Q%(number)s %(year)s: %(principles)s.",
            number=number,
            year=year,
            principles=several([PRINCIPLES[p] for p in missing]),
        )
        for (year, number), missing in gaps.items()
        if missing
    ][:2]


def best_words(figures: Figures) -> str:
    """Give what any plan could have on time at most, and whether this one is proved to have it."""
    if figures.proved:
        return phrase("%(num)s, proved", num=number(figures.bound))
    return number(figures.bound)


def share_words(figures: Figures) -> tuple[tuple[str, str, bool], ...]:
    """Give the three figures of a plan: on time of its needs, of the best possible, and what is owed."""
    found: list[tuple[str, str, bool]] = []
    if figures.needs:
        found.append(
            (
                percent(100 * figures.on_time / figures.needs),
                phrase("of %(needs)s needs on time", needs=number(figures.needs)),
                False,
            )
        )
    if figures.bound:
        share = min(100.0, 100 * figures.on_time / figures.bound)
        found.append((percent(share), phrase("of the best possible, %(best)s", best=best_words(figures)), False))
    if figures.needs:
        found.append((number(figures.owed), phrase("owed, each with a reason"), figures.owed > 0))
    return tuple(found)
