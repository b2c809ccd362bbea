"""Letters that ask: to lead instead, to take a free place, to swap. One action each, and no secret in its link."""

from datetime import datetime
from typing import Final

from devsys.core.letters.content import Called, Content, Group, Line, Reader, day_words, when_words, zone_words
from devsys.core.model.calendar import Session

_SUBJECTS: Final = {
    "substitute": "Would you lead it? {title}, {when}",
    "seat": "A place is free: {title}, {when}",
    "swap": "Would you swap? {title}, {when}",
}
_LEADS: Final = {
    "substitute": "{by} cannot lead this session and asks whether you would. Yes or no takes one press.",
    "seat": "A place in this session is free, and you are owed it. It is kept for you until {until}.",
    "swap": "{by} has a place at another time and asks whether you would change over. Both times are below.",
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
    head = "Yours now" if other else ""
    groups = [Group(head, (_line(session, called, now),))]
    if other:
        groups.append(Group("Yours then", (_line(*other, now),)))
    ends = f"{day_words(until.date(), now.date())}, {until:%H:%M}"
    return Content(
        subject=_SUBJECTS[kind].format(title=called.shown, when=at),
        greeting=f"Hello {reader.name},",
        lead=_LEADS[kind].format(by=by or "Somebody", until=ends),
        groups=tuple(groups),
        note=f"Times are {zone_words(session.zone)}. Saying no costs nothing, and why is not asked.",
        action="Say yes or no",
        href=f"{reader.address}/asked/{ask_id}",
        why="You get this because your answer is asked for.",
        fewer="Choose what you get, and when",
        fewer_href=f"{reader.address}/account/letters",
    )


def _line(session: Session, called: Called, now: datetime) -> Line:
    led = f"led by {called.leader}" if called.leader and not called.masked else ""
    where = ", ".join(w for w in (called.place, led) if w)
    return Line("", called.shown, "", when_words(session, now.date(), zoned=False), where, "")
