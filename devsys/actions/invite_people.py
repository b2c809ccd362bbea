"""Invitations by mail to who chose them instead of a feed: what their calendar does not know yet, one mail each.

A letter that is due for such a person becomes them: the net of what changed since the last ones, session by session.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.utils import parseaddr
from typing import Final

from devsys.actions.parts import Parts
from devsys.adapters.post import write
from devsys.adapters.store.queries import fragments, invitations, readers, sessions
from devsys.adapters.store.queries.invitations import Sheet
from devsys.adapters.store.queries.readers import Recipient
from devsys.adapters.store.store import Db
from devsys.base.ids import new_id
from devsys.base.words import to_phrase
from devsys.core.feeds.invite import Invited, Method, Party, invitation, to_send
from devsys.core.feeds.names import own_sequence
from devsys.core.feeds.vevent import FeedEvent, Stamps, say
from devsys.core.letters.content import Called, Reader, plan_content
from devsys.core.letters.net import NetChange, Way, involves, net_changes
from devsys.core.model.calendar import Session, Status, View
from devsys.core.model.programme import Kind

AHEAD: Final = timedelta(days=400)
WHY: Final = to_phrase("You get this because you chose invitations by mail for your calendar.")


@dataclass(frozen=True, slots=True)
class _One:
    """One invitation to be written: what it does, what is known from then on, of which change."""

    method: Method
    invited: Invited
    change: NetChange


def concerns(db: Db, who: Recipient) -> bool:
    """Say whether a person gets invitations, or got some that have to be taken back."""
    return who.choice.invitations or any(i.on for i in invitations.invited(db, who.person_id).values())


def sheets(db: Db, parts: Parts, who: Recipient, now: datetime, sender: str) -> tuple[Sheet, ...]:
    """Give the invitations a person has to get now, in order of time, ready to be sealed; it only reads."""
    found = tuple(_found(db, who, now))
    events = fragments.events(db, [one.change.session for one in found])
    reader = Reader(who.name, who.zone, parts.settings.public_url)
    desk = _Desk(who, reader, sender, now)
    return tuple(_sheet(one, events[one.change.session.id], desk) for one in found)


def _found(db: Db, who: Recipient, now: datetime) -> Iterable[_One]:
    me = who.person_id
    known = invitations.invited(db, me)
    wanted = sessions.Wanted(start=now, end=now + AHEAD, involves=me)
    ahead = sessions.published(db, wanted) if who.choice.invitations else ()
    here = {s.id for s in ahead}
    gone = frozenset(id_ for id_, i in known.items() if i.on and id_ not in here)
    others = sessions.published(db, sessions.Wanted(ids=gone, planned_only=False)) if gone else ()
    turns = invitations.turns_of(db, me, [s.id for s in (*ahead, *others)])
    changes = _changes(db, who, now)
    for session in (*ahead, *(s for s in others if s.ends_utc > now)):
        on = session.id in here
        sent = to_send(known.get(session.id), own_sequence(session.sequence, turns.get(session.id, 0)), on=on)
        if sent is not None:
            yield _One(*sent, _change(session, changes.get(session.id), me, on=on))


def _changes(db: Db, who: Recipient, now: datetime) -> Mapping[str, NetChange]:
    states = readers.states_for(db, {who.person_id: who.told})
    return {s.id: c for c in net_changes(states, who.person_id, who.told, now) for s in c.sides}


def _change(session: Session, change: NetChange | None, person_id: str, *, on: bool) -> NetChange:
    """Give what happened to one session; somebody taken off it is told of it as they last knew it."""
    leads = session.facilitator_id == person_id
    was = change.before if change is not None and change.before is not None else None
    if not on:
        last = was if was is not None and was.id == session.id else session
        return NetChange(Way.CANCELLED, replace(last, status=Status.CANCELLED), None, leads, session.cause)
    if was is not None and was.id == session.id and involves(was, person_id):
        return NetChange(Way.MOVED, was, session, leads, session.cause)
    return NetChange(Way.NEW, None, session, leads, session.cause)


@dataclass(frozen=True, slots=True)
class _Desk:
    """What all invitations to one person have in common."""

    who: Recipient
    reader: Reader
    sender: str
    now: datetime


def _sheet(one: _One, event: FeedEvent, desk: _Desk) -> Sheet:
    who, now, sender = desk.who, desk.now, desk.sender
    session, masked = one.change.session, event.kind is Kind.COACHING
    said = say(
        replace(
            event,
            status=Status.CANCELLED if one.method is Method.CANCEL else Status.PLANNED,
            url=f"{desk.reader.address}/sessions/{session.id}",
        ),
        View.MASKED if masked else View.OWN,
    )
    name, email = parseaddr(sender)
    body = invitation(
        one.method,
        said,
        Stamps(one.invited.sequence, now),
        organizer=Party(email, name),
        attendee=Party(who.email, who.name),
    )
    called = Called(event.title, event.location, event.facilitator, event.prepare, masked)
    content = replace(plan_content((one.change,), {session.id: called}, desk.reader, now), why=str(WHY))
    letter_id = new_id()
    mail = write.written(
        content,
        letter_id,
        sender=sender,
        name=who.name,
        recipient=who.email,
        now=now,
        invitation=(one.method.value, body),
    )
    subject, text = write.subject_of(content), write.as_text(content)
    return Sheet(letter_id, session.id, one.invited, who.email, subject, text, mail)
