"""Rounds and lessons as pages show them: agenda by the clock, outcomes with what became of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from flask import url_for

from devsys.adapters.store.queries import calendar_figures, causes, lessons
from devsys.adapters.store.queries.calendar_figures import Member
from devsys.adapters.store.store import Db
from devsys.base.words import phrase, to_phrase
from devsys.base.written import clock, day, near_day, several
from devsys.core.causes import WORDS, Landing
from devsys.core.model.calendar import Session
from devsys.core.model.conditions import QUESTIONS, Check
from devsys.core.model.programme import Activity, Principle
from devsys.core.model.rounds import LABELS, Card, Lesson, Situation
from devsys.core.rounds.card import LOOKS, Mark
from devsys.faces.web.here import now, today
from devsys.faces.web.programmes import PRINCIPLES

_STATES: Final = {
    "to decide": to_phrase("to decide"),
    "done": to_phrase("done"),
    "overdue": to_phrase("overdue"),
    "open": to_phrase("open"),
}
GROUND_RULES: Final = (
    to_phrase("What is told here stays here; only lessons leave the room."),
    to_phrase("One voice at a time. Ask to understand, not to correct."),
    to_phrase("No names of customers, no addresses, no numbers."),
    to_phrase("No verdict on anybody, also not on colleagues who are not here."),
    to_phrase("Would somebody skilled have had the same trouble? Then look for the cause, not for a fault."),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One lesson as a line: its words, what becomes of it, whose it is and by when."""

    href: str
    words: str
    state: str
    tone: str
    detail: str
    open: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """What lines of lessons need by name: people, fixes, activities, and how far learning time is."""

    people: Mapping[str, Member]
    fixes: Mapping[str, str]
    titles: Mapping[str, str]
    served: Mapping[str, tuple[int, int]]


def seen(db: Db, found: Iterable[Lesson], activities: Mapping[str, Activity]) -> Seen:
    """Give it for some lessons: three reads, however many they are."""
    listed = tuple(found)
    ids = {p for one in listed for p in (one.owner_id, one.by_id) if p}
    return Seen(
        calendar_figures.members(db, ids),
        causes.titles(db, {one.fix_id for one in listed if one.fix_id}),
        {code: a.title for code, a in activities.items()},
        lessons.served(db, [one.id for one in listed if one.landing == Landing.NEED], now()),
    )


def outcome(one: Lesson, known: Seen) -> Outcome:
    """Give a lesson as a line."""
    late = one.open and one.due is not None and one.due < today()
    state = "to decide" if one.decided is None else "done" if not one.open else "overdue" if late else "open"
    owner = known.people.get(one.owner_id or "")
    parts = [
        str(WORDS[one.cause][0]) if one.cause else "",
        landing_words(one, known),
        owner.name if owner else "",
        phrase("by %(due)s", due=near_day(one.due, today())) if one.due else "",
    ]
    return Outcome(
        url_for("lessons.one", lesson_id=one.id),
        one.words,
        _STATES[state],
        {"to decide": "warn", "overdue": "bad", "done": "ok"}.get(state, ""),
        " · ".join(p for p in parts if p),
        one.open,
    )


def landing_words(one: Lesson, known: Seen) -> str:
    """Say where a lesson landed: learning time for how many, which fix, which condition."""
    if one.landing == Landing.NEED:
        had, asked = known.served.get(one.id, (0, 0))
        title = known.titles.get(one.activity, one.activity.replace("_", " ").capitalize())
        return phrase("learning time: %(title)s, %(had)s of %(asked)s have had it", title=title, had=had, asked=asked)
    if one.landing == Landing.FIX:
        return phrase("fix: %(title)s", title=known.fixes.get(one.fix_id or "", phrase("no longer in the register")))
    if one.landing == Landing.CONDITION:
        check = (one.condition_id or "").rpartition("/")[2]
        return (
            phrase("condition: %(title)s", title=QUESTIONS[Check(check)].title)
            if check in set(Check)
            else phrase("condition")
        )
    return ""


def agenda(session: Session, activity: Activity) -> list[tuple[str, int, str]]:
    """Give the outline by the clock of the session: (from, minutes, what)."""
    at, found = session.starts, []
    for minutes, what in activity.outline:
        found.append((clock(at), minutes, what))
        at += timedelta(minutes=minutes)
    return found


def principle_words(named: Iterable[Principle]) -> str:
    """Give principles in words, in their order."""
    chosen = set(named)
    return several([words for p, words in PRINCIPLES.items() if p in chosen])


def card_values(card: Card, name: str) -> dict[str, Any]:
    """Give a card as those who come read it."""
    texts = [] if card.text is None else [(LABELS[field], text) for field, text in card.text.all if text]
    return {"name": name, "texts": texts, "principles": principle_words(card.principles)}


def situation_values(one: Situation) -> dict[str, Any]:
    """Give a situation of the library."""
    return {
        "code": one.code,
        "title": one.title,
        "words": one.situation,
        "ask": one.ask,
        "principles": principle_words(one.principles),
    }


def mark_values(marks: Mapping[str, tuple[Mark, ...]]) -> list[tuple[str, str, str]]:
    """Give each marked piece once: (piece, what it looks like, in which field)."""
    found: dict[str, tuple[str, str, str]] = {}
    for field, several_marks in marks.items():
        for mark in several_marks:
            found.setdefault(mark.text, (mark.text, LOOKS[mark.what], LABELS[field]))
    return list(found.values())


def round_line(session: Session, title: str, state: str, own: str, day_of: date) -> dict[str, str]:
    """Give a round as a line of the list."""
    return {
        "href": url_for("rounds.show", session_id=session.id),
        "title": title,
        "when": f"{day(session.starts)}, {clock(session.starts)}"
        if session.starts.year == day_of.year
        else f"{day(session.starts)} {session.starts.year}",
        "state": state,
        "own": own,
    }
