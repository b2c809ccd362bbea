"""Letters of coaching: received, proposed, agreed, ending, eight weeks on. None names a theme, a goal or the other."""

from collections.abc import Mapping
from typing import Final

from devsys.base.words import phrase, to_phrase
from devsys.core.letters.content import Content, Reader

RECEIVED: Final = "received"  # to a coach: somebody accepted their time and waits for an answer
PROPOSED: Final = "proposed"  # to who waited: somebody is free now
FREED: Final = "freed"  # to who accepted: it fell through, others are proposed
AGREED: Final = "agreed"
ENDING: Final = "ending"
BACK: Final = "back"
TOLD: Final = "told"  # to a lead whom somebody wanted to know that they asked
# event -> subject, what it says, the button, the page
_SAID: Final[Mapping[str, tuple[str, str, str, str]]] = {
    RECEIVED: (
        to_phrase("1:1 development: somebody asks for your time"),
        to_phrase(
            "Somebody asks for times with you and waits for your answer. The times are held for them until then."
        ),
        to_phrase("Look at it"),
        "/coaching/desk",
    ),
    PROPOSED: (
        to_phrase("1:1 development: times are proposed to you"),
        to_phrase("You waited; now there are times. Choose one of up to three, or say what would suit you better."),
        to_phrase("Look at the times"),
        "/coaching",
    ),
    FREED: (
        to_phrase("1:1 development: other times are proposed to you"),
        to_phrase(
            "What you had chosen cannot be after all; it has nothing to do with you. You are served before others now."
        ),
        to_phrase("Look at what can be"),
        "/coaching",
    ),
    AGREED: (
        to_phrase("1:1 development: your times are agreed"),
        to_phrase(
            "All of it is agreed and stands in your calendar. Before the first time, write down what you hope for."
        ),
        to_phrase("Open your page"),
        "/coaching",
    ),
    ENDING: (
        to_phrase("1:1 development: the last time comes near"),
        to_phrase(
            "The last of the times you agreed on is within a week. It is a good moment to look at what has changed."
        ),
        to_phrase("Open your page"),
        "/coaching",
    ),
    BACK: (
        to_phrase("1:1 development: eight weeks on"),
        to_phrase(
            "You wanted to look back about now: what of it has lasted? Two lines are enough, for the two of you alone."
        ),
        to_phrase("Look back"),
        "/coaching",
    ),
    TOLD: (
        to_phrase("1:1 development: %(name)s wanted you to know"),
        to_phrase(
            "%(name)s has asked for 1:1 development and wanted you to know. What it is about stays theirs. "
            "You need not act."
        ),
        to_phrase("Open your pages"),
        "/",
    ),
}
EVENTS: Final = tuple(_SAID)


def coaching_content(event: str, reader: Reader, *, coaches: bool = False, name: str = "") -> Content:
    """Give the letter of one event; `coaches` where the reader is the coach of the two. Raises KeyError (misuse).

    `name` is whose wish it is that a lead is told.
    """
    subject, lead, action, path = _SAID[event]
    return Content(
        subject=phrase(subject, name=name),
        greeting=phrase("Hello %(name)s,", name=reader.name),
        lead=phrase(lead, name=name),
        groups=(),
        note=phrase("What it is about stands in no letter."),
        action=phrase(action),
        href=f"{reader.address}{'/coaching/desk' if coaches else path}",
        why=phrase("You get this because it waits for you."),
        fewer=phrase("Choose what you get, and when"),
        fewer_href=f"{reader.address}/account/letters",
    )
