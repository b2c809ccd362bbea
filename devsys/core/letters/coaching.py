"""Letters of coaching: received, proposed, agreed, ending, eight weeks on. None names a theme, a goal or the other."""

from collections.abc import Mapping
from typing import Final

from devsys.core.letters.content import MASKED, Content, Reader

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
        f"{MASKED}: somebody asks for your time",
        "Somebody asks for times with you and waits for your answer. The times are held for them until then.",
        "Look at it",
        "/coaching/desk",
    ),
    PROPOSED: (
        f"{MASKED}: times are proposed to you",
        "You waited; now there are times. Choose one of up to three, or say what would suit you better.",
        "Look at the times",
        "/coaching",
    ),
    FREED: (
        f"{MASKED}: other times are proposed to you",
        "What you had chosen cannot be after all; it has nothing to do with you. You are served before others now.",
        "Look at what can be",
        "/coaching",
    ),
    AGREED: (
        f"{MASKED}: your times are agreed",
        "All of it is agreed and stands in your calendar. Before the first time, write down what you hope for.",
        "Open your page",
        "/coaching",
    ),
    ENDING: (
        f"{MASKED}: the last time comes near",
        "The last of the times you agreed on is within a week. It is a good moment to look at what has changed.",
        "Open your page",
        "/coaching",
    ),
    BACK: (
        f"{MASKED}: eight weeks on",
        "You wanted to look back about now: what of it has lasted? Two lines are enough, for the two of you alone.",
        "Look back",
        "/coaching",
    ),
    TOLD: (
        f"{MASKED}: {{name}} wanted you to know",
        "{name} has asked for 1:1 development and wanted you to know. What it is about stays theirs. You need not act.",
        "Open your pages",
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
        subject=subject.format(name=name),
        greeting=f"Hello {reader.name},",
        lead=lead.format(name=name),
        groups=(),
        note="What it is about stands in no letter.",
        action=action,
        href=f"{reader.address}{'/coaching/desk' if coaches else path}",
        why="You get this because it waits for you.",
        fewer="Choose what you get, and when",
        fewer_href=f"{reader.address}/account/letters",
    )
