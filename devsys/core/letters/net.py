"""What changed for one person since they were last told: the net of it. There and back again is nothing.

A person's calendar is what they come to and what they lead. Who else comes and who leads is not told by letter.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from devsys.core.model.calendar import Session, Status

NEAR: Final = timedelta(hours=48)  # what starts sooner is told at once, and always


class Way(StrEnum):
    """What happened to a person's time: it is new, it moved (time or place), it is cancelled for them."""

    NEW = "new"
    MOVED = "moved"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class NetChange:
    """One change for one person.

    `before` is the session as they were told of it, None for a new one; `after` as it stands for them, None when it is
    off for them. `cause` stands beside it; `leads` says that they lead it.
    """

    way: Way
    before: Session | None
    after: Session | None
    leads: bool = False
    cause: str = ""

    @property
    def session(self) -> Session:
        """The session it is about: as it stands, else as it was. Raises ValueError for a change of nothing (misuse)."""
        found = self.after or self.before
        if found is None:
            raise ValueError("A change has a session before or after it.")
        return found

    @property
    def sides(self) -> tuple[Session, ...]:
        """The session before and after, as far as there is one."""
        return tuple(s for s in (self.before, self.after) if s is not None)

    def near(self, now: datetime) -> bool:
        """Say whether a time it is about, the old or the new one, is less than 48 hours away and not over."""
        return any(s.ends_utc > now and s.starts_utc < now + NEAR for s in self.sides)


@dataclass(frozen=True, slots=True)
class State:
    """One published state of a session: shown from version `since` on, and no longer from `until` on (None: still)."""

    since: int
    until: int | None
    session: Session

    def stood(self, version: int) -> bool:
        """Say whether a version of the plan showed it."""
        return self.since <= version and (self.until is None or self.until > version)


def involves(session: Session, person_id: str) -> bool:
    """Say whether a session is in a person's calendar: they come or lead, and it is on."""
    mine = person_id in session.people or session.facilitator_id == person_id
    return mine and session.status is Status.PLANNED


def net_changes(states: Iterable[State], person_id: str, told: int, now: datetime) -> tuple[NetChange, ...]:
    """Give what changed for a person since version `told`, in order of time; what is over by `now` is left out.

    `states` hold every state since that version of the sessions that involve them or did. One session that takes the
    place of another (it answers the same need) is a move.
    """
    before: dict[str, Session] = {}
    after: dict[str, Session] = {}
    present: dict[str, Session] = {}
    for state in states:
        session = state.session
        if state.until is None:
            present[session.id] = session
        if involves(session, person_id):
            if state.stood(told):
                before[session.id] = session
            if state.until is None:
                after[session.id] = session
    found = list(_changes(before, after, present, person_id))
    ahead = (c for c in _joined(found, person_id) if any(s.ends_utc > now for s in c.sides))
    return tuple(sorted(ahead, key=lambda c: (c.session.starts_utc, c.session.id)))


def _changes(
    before: Mapping[str, Session], after: Mapping[str, Session], present: Mapping[str, Session], person_id: str
) -> Iterable[NetChange]:
    for id_ in before.keys() | after.keys():
        was, now = before.get(id_), after.get(id_)
        session = now or was
        leads = session is not None and session.facilitator_id == person_id
        if was is not None and now is not None:
            if _told(was) != _told(now):
                yield NetChange(Way.MOVED, was, now, leads, now.cause)
        elif now is not None:
            yield NetChange(Way.NEW, None, now, leads, now.cause)
        else:
            cause = present[id_].cause if id_ in present else ""
            yield NetChange(Way.CANCELLED, was, None, leads, cause)


def _told(session: Session) -> tuple[object, ...]:
    """Give what a letter says of a session: when and where."""
    return (session.starts_utc, session.starts, session.zone, session.minutes, session.room_id, session.site_id)


def _joined(found: list[NetChange], person_id: str) -> list[NetChange]:
    """Give the changes with a loss and a gain that answer the same need as one move; of time and place, or nothing."""
    gone = {need: c for c in found if c.way is Way.CANCELLED and (need := _need(c.before, person_id))}
    joined, moved = [], list[NetChange]()
    for change in found:
        lost = gone.pop(_need(change.after, person_id), None) if change.way is Way.NEW else None
        if lost is not None and lost.before is not None and change.after is not None:
            moved.append(lost)
            if _told(lost.before) != _told(change.after):
                joined.append(NetChange(Way.MOVED, lost.before, change.after, leads=False, cause=change.cause))
        elif change.way is not Way.CANCELLED:
            joined.append(change)
    return joined + [c for c in found if c.way is Way.CANCELLED and not any(c is one for one in moved)]


def _need(session: Session | None, person_id: str) -> str:
    if session is None:
        return ""
    return next((p.need for p in session.places if p.person_id == person_id), "")
