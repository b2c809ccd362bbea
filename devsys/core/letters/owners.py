"""The letter to who owns something that is due: what, since when, and the one page to say that it is done."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final

from devsys.base.words import phrase, to_phrase
from devsys.core.letters.content import Content, Group, Line, Reader, day_words

_DAYS: Final = 7


@dataclass(frozen=True, slots=True)
class Owned:
    """Something open that somebody owns: its id and title, when it is due, the path of its page, whose it is."""

    id: str
    title: str
    due: date
    path: str
    owner_id: str


def weeks_over(due: date, today: date) -> int:
    """Give how many whole weeks something is over its date: 0 in the week that begins with it."""
    return (today - due).days // _DAYS


@dataclass(frozen=True, slots=True)
class Kind:
    """What is said of one kind of thing that is owned: sentences with the place `day`, and its own."""

    was_due: str
    is_due: str
    lead_was: str
    lead_is: str
    open: str
    why: str


KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "fix": Kind(
            to_phrase("A fix of yours was due on %(day)s"),
            to_phrase("A fix of yours is due today"),
            to_phrase("This fix is yours, and was due on %(day)s."),
            to_phrase("This fix is yours, and is due today."),
            to_phrase("Open the fix"),
            to_phrase("You get this because you own the fix."),
        ),
        "condition": Kind(
            to_phrase("A condition of yours was due on %(day)s"),
            to_phrase("A condition of yours is due today"),
            to_phrase("This condition is yours, and was due on %(day)s."),
            to_phrase("This condition is yours, and is due today."),
            to_phrase("Open the condition"),
            to_phrase("You get this because you own the condition."),
        ),
        "lesson": Kind(
            to_phrase("A lesson of yours was due on %(day)s"),
            to_phrase("A lesson of yours is due today"),
            to_phrase("This lesson is yours, and was due on %(day)s."),
            to_phrase("This lesson is yours, and is due today."),
            to_phrase("Open the lesson"),
            to_phrase("You get this because you own the lesson."),
        ),
    }
)


def owner_content(kind: str, one: Owned, reader: Reader, today: date) -> Content:
    """Give the letter about one thing of a kind, in one word: `fix`, `condition`, `lesson`."""
    words, due = KINDS[kind], day_words(one.due, today)
    over = one.due < today
    return Content(
        subject=phrase(words.was_due, day=due) if over else str(words.is_due),
        greeting=phrase("Hello %(name)s,", name=reader.name),
        lead=phrase(words.lead_was, day=due) if over else str(words.lead_is),
        groups=(Group("", (Line("", one.title, "", phrase("due %(day)s", day=due), "", ""),)),),
        note=phrase("Done, or not to be done any more? Say so there, and nothing further comes; else once a week."),
        action=str(words.open),
        href=f"{reader.address}{one.path}",
        why=str(words.why),
        fewer=phrase("Choose what you get, and when"),
        fewer_href=f"{reader.address}/account/letters",
    )
