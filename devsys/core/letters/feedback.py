"""Letters that ask how it was: once for the sessions of a day when it is over, and once more six weeks on.

A letter holds no answers and its link writes nothing: the questions stand on the page, under a button.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Final

from devsys.base.words import phrase, to_phrase
from devsys.core.letters.content import (
    MOST_LINES,
    Called,
    Content,
    Group,
    Line,
    Reader,
    day_words,
    when_words,
    zone_words,
)
from devsys.core.model.calendar import Session
from devsys.core.model.feedback import QUESTIONS, K, Stage

_NUMBERS: Final = {2: to_phrase("Two"), 3: to_phrase("Three")}
_SUBJECTS: Final = {Stage.AFTER: to_phrase("How was it? %(what)s"), Stage.LATER: to_phrase("Six weeks on: %(what)s")}
_LEADS: Final = {
    Stage.AFTER: to_phrase("%(number)s short questions, a minute at most."),
    Stage.LATER: to_phrase("%(number)s short questions: have you used it, and what stops you?"),
}


def about_day(stage: Stage, day: date) -> str:
    """Give what a letter is about: a stage, and the day of its reader's zone on which the sessions ended."""
    return f"{stage.value} {day.isoformat()}"


def asking_day(about: str) -> tuple[Stage, date]:
    """Give back what `about_day` took. Raises ValueError for other words (misuse)."""
    stage, day = about.split(" ")
    return Stage(stage), date.fromisoformat(day)


def feedback_content(
    stage: Stage, over: Sequence[Session], called: Mapping[str, Called], reader: Reader, now: datetime
) -> Content:
    """Give the letter about sessions of one day, in order of time and not empty; `now` by the reader's clock."""
    one = over[0] if len(over) == 1 else None
    zones = {s.zone for s in over}
    lines = tuple(_line(s, called[s.id], now.date(), zoned=len(zones) > 1) for s in over[:MOST_LINES])
    what = (
        called[one.id].shown
        if one
        else phrase(
            "%(count)s sessions of %(day)s",
            count=len(over),
            day=day_words(over[0].starts.date(), now.date()),
        )
    )
    note = phrase("Nobody is shown who said what: figures appear from %(count)s people on.", count=K)
    times = phrase("Times are %(zone)s.", zone=zone_words(zones.pop())) + " " if len(zones) == 1 else ""
    return Content(
        subject=phrase(_SUBJECTS[stage], what=what),
        greeting=phrase("Hello %(name)s,", name=reader.name),
        lead=phrase(_LEADS[stage], number=_NUMBERS[len(QUESTIONS[stage])]),
        groups=(Group("", lines, len(over) - len(lines)),),
        note=times + note,
        action=phrase("Open the questions"),
        href=f"{reader.address}/sessions/{one.id}/feedback" if one else f"{reader.address}/",
        why=phrase("You get this because you were in it, and chose to be asked by letter."),
        fewer=phrase("Choose what you get, and when"),
        fewer_href=f"{reader.address}/account/letters",
    )


def _line(session: Session, called: Called, today: date, *, zoned: bool) -> Line:
    led = phrase("led by %(name)s", name=called.leader) if called.leader else ""
    return Line("", called.shown, "", when_words(session, today, zoned=zoned), led, "")
