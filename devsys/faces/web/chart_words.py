"""Charts in words: the sentence that carries a page, values in their unit, the rules that fired."""

from datetime import date
from typing import Final

from devsys.base.words import phrase, phrases, to_phrase
from devsys.base.written import decimal, number, percent, plain_full_day, short_full_day, short_plain_day
from devsys.core.improvement import charts
from devsys.core.improvement.board import Board, Fired, progress
from devsys.core.improvement.marks import MarkKind
from devsys.core.improvement.metrics import Measure, Unit
from devsys.core.improvement.signals import Word
from devsys.faces.web.words import in_sentence

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
    MarkKind.SESSION: to_phrase("Session"),
    MarkKind.REFRESHER: to_phrase("Refresher"),
    MarkKind.WAVE: to_phrase("Wave of a rollout"),
    MarkKind.FIX: to_phrase("Fix"),
    MarkKind.CONDITION: to_phrase("Condition"),
    MarkKind.DEFINITION: to_phrase("Changed definition"),
    MarkKind.OTHER: to_phrase("Something else"),
}
LABELS: Final = {
    charts.COMMON: to_phrase("within chance"),
    charts.ABOVE_LIMIT: to_phrase("above the upper limit"),
    charts.BELOW_LIMIT: to_phrase("below the lower limit"),
    charts.RISING: to_phrase("part of a rise of seven"),
    charts.FALLING: to_phrase("part of a fall of seven"),
    charts.TWO_ABOVE: to_phrase("two of three near the upper limit"),
    charts.TWO_BELOW: to_phrase("two of three near the lower limit"),
    charts.SIDE_ABOVE: to_phrase("part of seven above the centre"),
    charts.SIDE_BELOW: to_phrase("part of seven below the centre"),
    "": "",
}
_FIRED: Final = {
    charts.ABOVE_LIMIT: to_phrase("above the upper limit"),
    charts.BELOW_LIMIT: to_phrase("below the lower limit"),
    charts.RISING: to_phrase("in a rise of seven or more"),
    charts.FALLING: to_phrase("in a fall of seven or more"),
    charts.TWO_ABOVE: to_phrase("near the upper limit, two of three"),
    charts.TWO_BELOW: to_phrase("near the lower limit, two of three"),
    charts.SIDE_ABOVE: to_phrase("above the centre"),
    charts.SIDE_BELOW: to_phrase("below the centre"),
}


def value_text(measure: Measure, value: float | None) -> str:
    """Give a value in its unit: "84.2 %", "6 min 40 s", "3.8"."""
    if value is None:
        return ""
    if measure.unit is Unit.PERCENT:
        return percent(value)
    if measure.unit is Unit.SECONDS:
        minutes, seconds = divmod(round(value), 60)
        if not minutes:
            return phrase("%(seconds)s s", seconds=seconds)
        return phrase("%(minutes)s min %(seconds)s s", minutes=minutes, seconds=f"{seconds:02}")
    if measure.unit is Unit.A_WEEK:
        return number(round(value))
    return decimal(value, 2 if measure.unit is Unit.MEAN else 1)


def day_year(day: date) -> str:
    """Give "3 March 2026"."""
    return plain_full_day(day)


def days_text(first: date, last: date) -> str:
    """Give "9 Feb to 8 Mar 2026"."""
    begins = short_plain_day(first) if first.year == last.year else short_full_day(first)
    return phrase("%(first)s to %(last)s", first=begins, last=short_full_day(last))


def sentence(found: Board, name: str) -> str:
    """Give the finding of a chart as a sentence: the title of its page."""
    measure = found.measure
    what = in_sentence(str(measure.name))
    if found.hidden:
        return phrase("%(name)s, %(what)s: %(why)s.", name=name, what=what, why=found.hidden)
    if not found.points:
        return phrase("%(name)s, %(what)s: nothing to show yet.", name=name, what=what)
    now, before = value_text(measure, found.recent), value_text(measure, found.before)
    if found.signal is None:
        return phrase("%(name)s, %(what)s: %(now)s in the last four-week blocks.", name=name, what=what, now=now)
    since = phrase(" since %(since)s", since=day_year(found.since)) if found.since else ""
    word = found.signal.word
    if word is Word.TOO_LITTLE:
        return phrase("%(name)s, %(what)s: too little data to tell.", name=name, what=what)
    if word is Word.SUSTAINED:
        return phrase(
            "%(name)s, %(what)s: %(now)s, better than the %(before)s of before, and holding%(since)s.",
            name=name,
            what=what,
            now=now,
            before=before,
            since=since,
        )
    if word is Word.REVERSED:
        return phrase(
            "%(name)s, %(what)s: a better time has gone back%(since)s; %(now)s now, %(before)s before.",
            name=name,
            what=what,
            since=since,
            now=now,
            before=before,
        )
    if word is Word.WORSE:
        return phrase(
            "%(name)s, %(what)s: %(now)s, worse than the %(before)s of before%(since)s.",
            name=name,
            what=what,
            now=now,
            before=before,
            since=since,
        )
    if word is Word.NOT_HELD:
        return phrase(
            "%(name)s, %(what)s: a shift for the better%(since)s has not held; %(now)s now, %(before)s before.",
            name=name,
            what=what,
            since=since,
            now=now,
            before=before,
        )
    return phrase(
        "%(name)s, %(what)s: no shift from %(before)s; %(now)s now.", name=name, what=what, before=before, now=now
    )


def detail(found: Board) -> str:
    """Give the line below: how far a chart is from a status, or how long its baseline is."""
    if found.signal is None or found.signal.word is not Word.TOO_LITTLE:
        return ""
    gaps = found.signal.gaps
    if found.signal.after >= charts.RUN and gaps > 1:
        return phrase("%(gaps)s of the last eight blocks have no readings.", gaps=gaps)
    return phrase("%(found)s. Bring history to decide sooner.", found=progress(found))


def fired_text(one: Fired, *, until_now: bool) -> str:
    """Give "7 blocks above the centre since 3 March 2026, 2 of them above the upper limit"."""
    places = {"how": str(_FIRED[one.label]), "day": day_year(one.first), "days": days_text(one.first, one.last)}
    if until_now and one.count > 1:
        said = phrases(
            "%(num)s block %(how)s since %(day)s", "%(num)s blocks %(how)s since %(day)s", one.count, **places
        )
    else:
        said = phrases("%(num)s block %(how)s, %(days)s", "%(num)s blocks %(how)s, %(days)s", one.count, **places)
    if not one.outside or one.label in (charts.ABOVE_LIMIT, charts.BELOW_LIMIT):
        return said
    if one.label in (charts.SIDE_ABOVE, charts.TWO_ABOVE):
        return phrase("%(said)s, %(n)s of them above the upper limit", said=said, n=one.outside)
    return phrase("%(said)s, %(n)s of them below the lower limit", said=said, n=one.outside)
