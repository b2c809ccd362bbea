"""The letter to who owns something that is due: what, since when, and the one page to say that it is done."""

from dataclasses import dataclass
from datetime import date
from typing import Final

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


def owner_content(kind: str, one: Owned, reader: Reader, today: date) -> Content:
    """Give the letter about one thing of a kind, in one word: `fix`, `condition`, `lesson`."""
    was = f"was due on {day_words(one.due, today)}" if one.due < today else "is due today"
    return Content(
        subject=f"A {kind} of yours {was}",
        greeting=f"Hello {reader.name},",
        lead=f"This {kind} is yours, and {was}.",
        groups=(Group("", (Line("", one.title, "", f"due {day_words(one.due, today)}", "", ""),)),),
        note="Done, or not to be done any more? Say so there, and nothing further comes; else once a week.",
        action=f"Open the {kind}",
        href=f"{reader.address}{one.path}",
        why=f"You get this because you own the {kind}.",
        fewer="Choose what you get, and when",
        fewer_href=f"{reader.address}/account/letters",
    )
