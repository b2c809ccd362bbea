"""The year in figures: rows of the calendar turned into what the strip, the ledger and the sentences show."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from devsys.adapters.store.queries.calendar_figures import DaySum, LedgerSum
from devsys.core.model.calendar import Figures
from devsys.core.model.hours import monday_of
from devsys.core.model.programme import Activity, Kind, Principle
from devsys.faces.web.asked import week_code
from devsys.faces.web.drawing import LedgerBar, draw_ledger
from devsys.faces.web.drawing_year import StripRow, YearStrip, strip_weeks
from devsys.faces.web.filters import percent
from devsys.faces.web.words import several

OUTLOOK_WEEKS: Final = 26  # beyond that the plan is shown as outlook: it may still be improved
PRINCIPLES: Final = {
    Principle.LISTEN: "hear fully",
    Principle.QUESTION: "ask to the point",
    Principle.EXPLAIN: "explain clearly",
    Principle.OWN: "own it to the end",
    Principle.FOLLOW_UP: "follow up",
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
        outlook_words=f"may still be improved, from {outlook.day} {outlook:%B}",
    )


@dataclass(frozen=True, slots=True)
class Quarter:
    """Development time of one quarter, in hours; `bar` is its drawing."""

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


def _quarter(day: date) -> tuple[int, int]:
    """Give year and quarter of a day's ISO week: its Thursday decides, as in the strip (ISO 8601)."""
    thursday = monday_of(day) + timedelta(days=3)
    return thursday.year, (thursday.month - 1) // 3 + 1


def ledger_table(facts: YearFacts, today: date) -> LedgerTable:
    """Give the ledger of the stretch. Held are sessions of days before today, less those marked absent."""
    stretch, activities = facts.stretch, facts.activities
    minutes: dict[tuple[int, int], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    due = 0
    for one in facts.ledger:
        line = minutes[_quarter(one.day)]
        line[0] += one.planned
        line[2] += one.cancelled
        if one.day < today:
            line[1] += one.planned - one.missed
            due += one.planned
    for day, code, needs in facts.owed:
        if stretch.first <= day < stretch.end:
            minutes[_quarter(day)][3] += needs * (activities[code].minutes if code in activities else 60)
    hours = {quarter: [round(m / 60) for m in line] for quarter, line in sorted(minutes.items())}
    most = max((line[0] + line[3] for line in hours.values()), default=0)
    years = len({year for year, _ in hours}) > 1
    quarters = tuple(
        Quarter(
            f"Q{number} \u2019{year % 100:02d}" if years else f"Q{number}",
            line[0],
            line[1],
            line[2],
            line[3],
            draw_ledger(line[0], line[1], line[2], line[3], most=most),
        )
        for (year, number), line in hours.items()
    )
    held = sum(line[1] for line in minutes.values())
    words = []
    if due:
        words.append(f"Held so far: {percent(100 * held / due)} of what was planned until yesterday.")
    words += _unused(facts.sums, activities, today)
    sum_of = [sum(q) for q in zip(*hours.values(), strict=True)] or [0, 0, 0, 0]
    return LedgerTable(quarters, sum_of[0], sum_of[1], sum_of[2], sum_of[3], tuple(words))


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
        f"Not used in Q{number} {year}: {several([PRINCIPLES[p] for p in missing])}."
        for (year, number), missing in gaps.items()
        if missing
    ][:2]


def share_words(figures: Figures) -> tuple[tuple[str, str, bool], ...]:
    """Give the three figures of a plan: on time of its needs, of the best possible, and what is owed."""
    found: list[tuple[str, str, bool]] = []
    if figures.needs:
        found.append((percent(100 * figures.on_time / figures.needs), f"of {figures.needs:,} needs on time", False))
    if figures.bound:
        share = min(100.0, 100 * figures.on_time / figures.bound)
        found.append((percent(share), f"of the best possible, {figures.bound:,}", False))
    if figures.needs:
        found.append((f"{figures.owed:,}", "owed, each with a reason", figures.owed > 0))
    return tuple(found)
