"""What people are asked after a session, and again six weeks on; figures of five people or none (product.md R2, F4).

There is no free text and no score. Answers are pooled per activity and let out in batches of at least five people, so
that no two figures anybody sees differ by fewer.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from devsys.base.words import to_phrase

K: Final = 5  # people below whose answers nothing is shown


class Stage(StrEnum):
    """When somebody is asked: after the session, and later, about using it."""

    AFTER = "after"
    LATER = "later"


# From and until how long after the end of a session a stage is asked.
WINDOWS: Final[Mapping[Stage, tuple[timedelta, timedelta]]] = {
    Stage.AFTER: (timedelta(0), timedelta(days=21)),
    Stage.LATER: (timedelta(weeks=6), timedelta(weeks=10)),
}


@dataclass(frozen=True, slots=True)
class Question:
    """One question: its code, the words, and the answers (code, words) of which one is chosen."""

    code: str
    words: str
    answers: tuple[tuple[str, str], ...]


QUESTIONS: Final[Mapping[Stage, tuple[Question, ...]]] = {
    Stage.AFTER: (
        Question(
            "worth",
            to_phrase("Was it worth the time?"),
            (("yes", to_phrase("Yes")), ("partly", to_phrase("In part")), ("no", to_phrase("No"))),
        ),
        Question(
            "tried",
            to_phrase("Could you try it out there?"),
            (("yes", to_phrase("Yes")), ("partly", to_phrase("A little")), ("no", to_phrase("No"))),
        ),
        Question(
            "next",
            to_phrase("Do you know what you will do differently in the next contact?"),
            (("yes", to_phrase("Yes")), ("partly", to_phrase("Roughly")), ("no", to_phrase("Not yet"))),
        ),
    ),
    Stage.LATER: (
        Question(
            "used",
            to_phrase("Have you used it since?"),
            (
                ("often", to_phrase("Often")),
                ("sometimes", to_phrase("Now and then")),
                ("once", to_phrase("Once or twice")),
                ("no", to_phrase("Not yet")),
            ),
        ),
        Question(
            "stops",
            to_phrase("What stops you most?"),
            (
                ("nothing", to_phrase("Nothing")),
                ("process", to_phrase("A process: how the work is laid out")),
                ("tool", to_phrase("A tool that does not do it")),
                ("policy", to_phrase("A policy that forbids it")),
                ("information", to_phrase("Information I do not have")),
                ("skill", to_phrase("I cannot do it well enough yet")),
                ("condition", to_phrase("Conditions: targets, staffing, time, permission")),
            ),
        ),
    ),
}

Answers = Mapping[str, str]  # question code -> answer code


def stage_of(ended: datetime, now: datetime) -> Stage | None:
    """Give what is asked about a session that ended then, None between and behind the windows."""
    since = now - ended
    return next((stage for stage, (first, end) in WINDOWS.items() if first <= since < end), None)


@dataclass(frozen=True, slots=True)
class Share:
    """How many of those let out chose an answer."""

    words: str
    count: int


@dataclass(frozen=True, slots=True)
class Figures:
    """What is shown of one activity and stage.

    `shown` people's answers are let out, with the shares of each question; `waiting` people answered since and are not
    shown yet, fewer than K.
    """

    shown: int
    waiting: int
    questions: tuple[tuple[Question, tuple[Share, ...]], ...]


def figures(stage: Stage, let_out: Iterable[Answers], waiting: int) -> Figures:
    """Give the figures of the answers that are let out; no share at all below K of them."""
    found = tuple(let_out)
    if len(found) < K:
        return Figures(0, min(waiting, K - 1), ())
    rows = []
    for question in QUESTIONS[stage]:
        counts = Counter(one.get(question.code, "") for one in found)
        rows.append((question, tuple(Share(words, counts[code]) for code, words in question.answers)))
    return Figures(len(found), min(waiting, K - 1), tuple(rows))
