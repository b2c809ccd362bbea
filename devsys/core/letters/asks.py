"""Letters that ask: to lead instead, to take a free place, to swap. One action each, and no secret in its link."""

from datetime import datetime
from typing import Final

from devsys.base.words import phrase, to_phrase
from devsys.core.letters.content import Called, Content, Group, Line, Reader, day_words, when_words, zone_words
from devsys.core.model.calendar import Session

_SUBJECTS: Final = {
    "substitute": to_phrase("Would you lead it? %(title)s, %(when)s"),
    "seat": to_phrase("A place is free: %(title)s, %(when)s"),
    "swap": to_phrase("Would you swap? %(title)s, %(when)s"),
}
_LEADS: Final = {
    "substitute": to_phrase("%(by)s cannot lead this session and asks whether you would. Yes or no takes one press."),
    "seat": to_phrase("A place in this session is free, and you are owed it. It is kept for you until %(until)s."),
    "swap": to_phrase(
        "%(by)s has a place at another time and asks whether you would change over. Both times are below."
    ),
}


def ask_content(
    kind: str,
    session: Session,
    called: Called,
    reader: Reader,
    now: datetime,
    *,
    ask_id: str,
    by: str,
    until: datetime,
    other: tuple[Session, Called] | None = None,
) -> Content:
    """Give the letter of one ask: `until` in the reader's own time, `other` the session the asker would leave."""
    at = f"{day_words(session.starts.date(), now.date())}, {session.starts:%H:%M}"
    head = phrase("Yours now") if other else ""
    groups = [Group(head, (_line(session, called, now),))]
    if other:
        groups.append(Group(phrase("Yours then"), (_line(*other, now),)))
    ends = f"{day_words(until.date(), now.date())}, {until:%H:%M}"
    return Content(
        subject=phrase(_SUBJECTS[kind], title=called.shown, when=at),
        greeting=phrase("Hello %(name)s,", name=reader.name),
        lead=phrase(_LEADS[kind], by=by or phrase("Somebody"), until=ends),
        groups=tuple(groups),
        note=phrase(
            "Times are %(zone)s. Saying no costs nothing, and why is not asked.", zone=zone_words(session.zone)
        ),
        action=phrase("Say yes or no"),
        href=f"{reader.address}/asked/{ask_id}",
        why=phrase("You get this because your answer is asked for."),
        fewer=phrase("Choose what you get, and when"),
        fewer_href=f"{reader.address}/account/letters",
    )


def _line(session: Session, called: Called, now: datetime) -> Line:
    led = phrase("led by %(name)s", name=called.leader) if called.leader and not called.masked else ""
    where = ", ".join(w for w in (called.place, led) if w)
    return Line("", called.shown, "", when_words(session, now.date(), zoned=False), where, "")
