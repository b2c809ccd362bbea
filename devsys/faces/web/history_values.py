"""What happened to a session, version by version, in words."""

from dataclasses import dataclass

from flask import url_for

from devsys.adapters.store.queries import plans, sessions
from devsys.adapters.store.store import Db
from devsys.base.words import phrase, phrases
from devsys.base.written import full_day, several
from devsys.core.model.calendar import Session
from devsys.core.model.causes import cause_words
from devsys.core.model.changes import Change, difference
from devsys.core.policy import scope
from devsys.faces.web.filters import local
from devsys.faces.web.here import viewer
from devsys.faces.web.session_values import Names, short_when
from devsys.faces.web.words import first_up


@dataclass(frozen=True, slots=True)
class Told:
    """One change: when it was published, what changed, why; `href` opens the version where the viewer may see it."""

    day: str
    what: str
    cause: str
    href: str


def told(db: Db, session_id: str, known: Names) -> tuple[Told, ...]:
    """Give the history of a session, newest first: two queries and the list of versions."""
    states = sessions.history(db, session_id)
    versions = {v.number: v for v in plans.versions(db)}
    opens = scope(viewer(), "versions", "read").everything
    lines = []
    before: Session | None = None
    for number, after in states:
        version = versions.get(number)
        lines.append(
            Told(
                day=full_day(local(version.published, viewer().zone).date())
                if version
                else phrase("version %(number)s", number=number),
                what=change_words(before, after, known),
                cause=cause_words(after.cause),
                href=url_for("plans.version", number=number) if version and opens else "",
            )
        )
        before = after
    return tuple(reversed(lines))


def change_words(before: Session | None, after: Session, known: Names) -> str:
    """Say what differs between two states of a session."""
    found = difference(before, after)
    if found is None:
        return phrase("Published again, unchanged")
    if found.change is Change.NEW:
        return phrase("Planned for %(when)s", when=short_when(after))
    if found.change is Change.CANCELLED:
        return phrase("Cancelled")
    return first_up(several(what_changed(before or after, after, known)))


def what_changed(before: Session, after: Session, known: Names) -> list[str]:
    """Name each thing that differs: time, length, room, facilitator, people."""
    found = []
    if before.starts_utc != after.starts_utc:
        found.append(phrase("moved from %(before)s to %(after)s", before=short_when(before), after=short_when(after)))
    if before.minutes != after.minutes:
        found.append(phrase("%(minutes)s minutes instead of %(before)s", minutes=after.minutes, before=before.minutes))
    if before.room_id != after.room_id:
        found.append(
            phrase(
                "%(after)s instead of %(before)s",
                after=known.room(after.room_id) or phrase("online"),
                before=known.room(before.room_id) or phrase("online"),
            )
        )
    if before.facilitator_id != after.facilitator_id:
        found.append(phrase("led by %(who)s", who=known.person(after.facilitator_id) or phrase("nobody yet")))
    joined, gone = len(after.people - before.people), len(before.people - after.people)
    if joined:
        found.append(phrases("%(num)s more person", "%(num)s more people", joined))
    if gone:
        found.append(phrases("%(num)s person fewer", "%(num)s people fewer", gone))
    return found or [phrase("changed")]
