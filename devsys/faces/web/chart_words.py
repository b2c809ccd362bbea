"""Charts in words: the sentence that carries a page, values in their unit, the rules that fired."""

from datetime import date
from typing import Final

from devsys.base.written import number, percent
from devsys.core.improvement import charts
from devsys.core.improvement.board import Board, Fired, progress
from devsys.core.improvement.marks import MarkKind
from devsys.core.improvement.metrics import Measure, Unit
from devsys.core.improvement.signals import Word
from devsys.faces.web.drawing import MONTHS

# word -> tone and icon of its tag; too little is dashed and without colour
TAGS: Final = {
    Word.SUSTAINED: ("ok", "trending-up"),
    Word.REVERSED: ("warn", "trending-down"),
    Word.WORSE: ("warn", "trending-down"),
    Word.NOT_HELD: ("", "minus"),
    Word.NO_SHIFT: ("", "minus"),
    Word.TOO_LITTLE: ("unknown", "circle-dashed"),
}
MARKS: Final = {
    MarkKind.SESSION: "Session",
    MarkKind.REFRESHER: "Refresher",
    MarkKind.WAVE: "Wave of a rollout",
    MarkKind.FIX: "Fix",
    MarkKind.CONDITION: "Condition",
    MarkKind.DEFINITION: "Changed definition",
    MarkKind.OTHER: "Something else",
}
LABELS: Final = {
    charts.COMMON: "within chance",
    charts.ABOVE_LIMIT: "above the upper limit",
    charts.BELOW_LIMIT: "below the lower limit",
    charts.RISING: "part of a rise of seven",
    charts.FALLING: "part of a fall of seven",
    charts.TWO_ABOVE: "two of three near the upper limit",
    charts.TWO_BELOW: "two of three near the lower limit",
    charts.SIDE_ABOVE: "part of seven above the centre",
    charts.SIDE_BELOW: "part of seven below the centre",
    "": "",
}
_FIRED: Final = {
    charts.ABOVE_LIMIT: "above the upper limit",
    charts.BELOW_LIMIT: "below the lower limit",
    charts.RISING: "in a rise of seven or more",
    charts.FALLING: "in a fall of seven or more",
    charts.TWO_ABOVE: "near the upper limit, two of three",
    charts.TWO_BELOW: "near the lower limit, two of three",
    charts.SIDE_ABOVE: "above the centre",
    charts.SIDE_BELOW: "below the centre",
}


def value_text(measure: Measure, value: float | None) -> str:
    """Give a value in its unit: "84.2 %", "6 min 40 s", "3.8"."""
    if value is None:
        return ""
    if measure.unit is Unit.PERCENT:
        return percent(value)
    if measure.unit is Unit.SECONDS:
        minutes, seconds = divmod(round(value), 60)
        return f"{minutes} min {seconds:02} s" if minutes else f"{seconds} s"
    if measure.unit is Unit.A_WEEK:
        return number(round(value))
    return f"{value:.2f}" if measure.unit is Unit.MEAN else f"{value:.1f}"


def day_year(day: date) -> str:
    """Give "3 March 2026"."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def days_text(first: date, last: date) -> str:
    """Give "9 Feb to 8 Mar 2026"."""
    left = f"{first.day} {MONTHS[first.month - 1][:3]}" + (f" {first.year}" if first.year != last.year else "")
    return f"{left} to {last.day} {MONTHS[last.month - 1][:3]} {last.year}"


def sentence(found: Board, name: str) -> str:
    """Give the finding of a chart as a sentence: the title of its page."""
    measure = found.measure
    what = measure.name[:1].lower() + measure.name[1:]
    if found.hidden:
        return f"{name}, {what}: {found.hidden}."
    if not found.points:
        return f"{name}, {what}: nothing to show yet."
    now, before = value_text(measure, found.recent), value_text(measure, found.before)
    if found.signal is None:
        return f"{name}, {what}: {now} in the last four-week blocks."
    since = f" since {day_year(found.since)}" if found.since else ""
    word = found.signal.word
    if word is Word.TOO_LITTLE:
        return f"{name}, {what}: too little data to tell."
    if word is Word.SUSTAINED:
        return f"{name}, {what}: {now}, better than the {before} of before, and holding{since}."
    if word is Word.REVERSED:
        return f"{name}, {what}: a better time has gone back{since}; {now} now, {before} before."
    if word is Word.WORSE:
        return f"{name}, {what}: {now}, worse than the {before} of before{since}."
    if word is Word.NOT_HELD:
        return f"{name}, {what}: a shift for the better{since} has not held; {now} now, {before} before."
    return f"{name}, {what}: no shift from {before}; {now} now."


def detail(found: Board) -> str:
    """Give the line below: how far a chart is from a status, or how long its baseline is."""
    if found.signal is None or found.signal.word is not Word.TOO_LITTLE:
        return ""
    gaps = found.signal.gaps
    if found.signal.after >= charts.RUN and gaps > 1:
        return f"{gaps} of the last eight blocks have no readings."
    return f"{progress(found)}. Bring history to decide sooner."


def fired_text(one: Fired, *, until_now: bool) -> str:
    """Give "7 blocks above the centre since 3 March 2026, 2 of them above the upper limit"."""
    many = f"{one.count} block{'s' if one.count != 1 else ''}"
    when = f" since {day_year(one.first)}" if until_now and one.count > 1 else f", {days_text(one.first, one.last)}"
    beyond = ""
    if one.outside and one.label not in (charts.ABOVE_LIMIT, charts.BELOW_LIMIT):
        limit = "above the upper" if one.label in (charts.SIDE_ABOVE, charts.TWO_ABOVE) else "below the lower"
        beyond = f", {one.outside} of them {limit} limit"
    return f"{many} {_FIRED[one.label]}{when}{beyond}"
