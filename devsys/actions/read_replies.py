"""Answers by calendar: read from a mailbox, taken as if they had been given on the page of the session.

An answer counts from who was invited by mail, from their own address, about the session as they last heard of it. The
number of the last message that was looked at is kept, so that each is looked at once; a kill in between looks at one
again, which changes nothing.
"""

import json
import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parseaddr
from enum import StrEnum
from typing import Final

from devsys.actions import answer_session, hand_over
from devsys.actions.parts import Parts
from devsys.adapters.post.imap import Mailbox, is_set
from devsys.adapters.store.queries import accounts, house, invitations, readers, sessions
from devsys.adapters.store.store import Db
from devsys.base.errors import ConflictError, DevsysError, InvalidError, NotFoundError, UnavailableError
from devsys.core.feeds.invite import Invited
from devsys.core.feeds.names import own_sequence
from devsys.core.feeds.reply import Reply, Says, read_reply
from devsys.core.model.calendar import Session

CURSOR: Final = "mailbox_read"  # the last message looked at, as JSON: validity and number
TROUBLE: Final = "mailbox_trouble"  # what the mailbox said when it could not be read
MOST_PARTS: Final = 20

log = logging.getLogger("devsys.letters")


class Outcome(StrEnum):
    """What came of one mail."""

    TAKEN = "taken"
    STALE = "stale"  # about a time that is no longer so, or of somebody who was not invited
    REFUSED = "refused"  # it cannot be read, or its sender is somebody else
    OTHER = "other"  # no answer at all


@dataclass(frozen=True, slots=True)
class Cursor:
    """Up to which message a mailbox was looked at; numbers count only under the same validity."""

    validity: int
    number: int


def wanted(parts: Parts) -> bool:
    """Say whether there is a mailbox to read, and people may answer by it: not in a demo."""
    if not is_set(parts.settings):
        return False
    with parts.store.read() as db:
        return not house.is_demo(db)


def read_replies(parts: Parts, stop: Callable[[], bool] = lambda: False) -> Mapping[str, int]:
    """Look at what is new in the mailbox and take the answers in it; give how many mails came to which outcome.

    Raises UnavailableError when the mailbox cannot be read; what it said is kept for the page Health.
    """
    counts: Counter[str] = Counter()
    try:
        with Mailbox(parts.settings) as box:
            known = _cursor(parts)
            after = known.number if known is not None and known.validity == box.validity else None
            for mail in box.new(after):
                if stop():
                    break
                outcome = Outcome.OTHER if mail.body is None else take(parts, mail.body)
                if outcome is not Outcome.OTHER:
                    box.mark_read(mail.number)
                counts[outcome.value] += 1
                _keep(parts, Cursor(box.validity, mail.number))
    except UnavailableError as error:
        with parts.store.write() as db:
            house.set_fact(db, TROUBLE, error.message)
        raise
    with parts.store.read() as db:
        troubled = bool(house.fact(db, TROUBLE))
    if troubled:
        with parts.store.write() as db:
            house.drop_fact(db, TROUBLE)
    return counts


def _cursor(parts: Parts) -> Cursor | None:
    with parts.store.read() as db:
        said = house.fact(db, CURSOR)
    return Cursor(**json.loads(said)) if said else None


def _keep(parts: Parts, cursor: Cursor) -> None:
    with parts.store.write() as db:
        house.set_fact(db, CURSOR, json.dumps({"validity": cursor.validity, "number": cursor.number}))


def take(parts: Parts, mail: bytes) -> Outcome:
    """Take the answer in a mail; never raises for what a mail holds."""
    try:
        message = message_from_bytes(mail, policy=policy.default)
        sender = parseaddr(str(message["From"] or ""))[1].lower()
        bodies = tuple(_calendars(message))
    except Exception:  # noqa: BLE001 -- whatever the mail parser throws at a hostile mail
        return Outcome.REFUSED
    if not bodies:
        return Outcome.OTHER
    try:
        reply = read_reply(bodies[0])
    except InvalidError as error:
        log.info("A mail with a calendar is no answer: %s", error.message)
        return Outcome.REFUSED
    if reply is None:
        return Outcome.OTHER
    if reply.email != sender:
        log.info("An answer was sent from another address than it speaks for; it is not taken.")
        return Outcome.REFUSED
    return _answer(parts, reply)


def _calendars(message: EmailMessage) -> Iterator[bytes]:
    for part, _ in zip(message.walk(), range(MOST_PARTS), strict=False):
        if part.get_content_type() in ("text/calendar", "application/ics"):
            body = part.get_payload(decode=True)
            if isinstance(body, bytes):
                yield body


def _answer(parts: Parts, reply: Reply) -> Outcome:
    """Give the answer to the action that pages give theirs to."""
    now = parts.now()
    with parts.store.read() as db:
        found = invitations.invited_as(db, reply.uid, reply.email)
        if found is None or not _fresh(db, reply, *found):
            return Outcome.STALE
        here = readers.recipients(db, (found[0],), now.date())
        viewer = accounts.viewer_of(db, found[0]) if here else None
        leads = any(s.facilitator_id == found[0] for s in _standing(db, found[1]))
    if viewer is None:
        return Outcome.STALE
    try:
        if reply.says is Says.PERHAPS:
            pass
        elif leads:  # who leads and cannot is asked no dates: the session stands among the repairs
            hand_over.say(parts, viewer, found[1], leads=reply.says is Says.YES)
        elif reply.says is Says.YES:
            answer_session.come(parts, viewer, found[1])
        else:
            answer_session.decline(parts, viewer, found[1])
    except UnavailableError:
        raise
    except (NotFoundError, InvalidError, ConflictError) as error:
        log.info("An answer by mail came too late: %s", error.message)
        return Outcome.STALE
    except DevsysError as error:
        log.warning("An answer by mail was not taken: %s", error.message)
        return Outcome.STALE
    return Outcome.TAKEN


def _fresh(db: Db, reply: Reply, person_id: str, session_id: str, invited: Invited) -> bool:
    """Say whether an answer is about the session as it stands: one that moved since is asked again."""
    if not invited.on or (reply.sequence is not None and reply.sequence < invited.sequence):
        return False
    found = _standing(db, session_id)
    turns = invitations.turns_of(db, person_id, (session_id,)).get(session_id, 0)
    return bool(found) and own_sequence(found[0].sequence, turns) == invited.base


def _standing(db: Db, session_id: str) -> tuple[Session, ...]:
    """Give a session as it is published, in a row of one; none when it is off."""
    return sessions.published(db, sessions.Wanted(ids=frozenset({session_id})))
