"""Invitations by mail: what a person's calendar program was told of each session.

It is kept in the step that seals the letter which says so.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, exists, func, insert, select

from devsys.adapters.store.queries.letters import INVITE, SEALED
from devsys.adapters.store.queries.rows import chunks, table, upsert
from devsys.adapters.store.store import Db
from devsys.adapters.store.tables.calendar import RevisionRow, SessionRow, TurnRow
from devsys.adapters.store.tables.letters import InvitedRow, LetterRow
from devsys.adapters.store.tables.people import PersonRow
from devsys.core.feeds.invite import Invited

_LETTER, _INVITED, _PERSON = table(LetterRow), table(InvitedRow), table(PersonRow)
_TURN, _REVISION, _SESSION = table(TurnRow), table(RevisionRow), table(SessionRow)


@dataclass(frozen=True, slots=True)
class Sheet:
    """An invitation as it is to be sealed: the session, what is known of it from then on, and the whole mail."""

    id: str
    session_id: str
    invited: Invited
    recipient: str
    subject: str
    text: str
    message: bytes


def invited(db: Db, person_id: str) -> Mapping[str, Invited]:
    """Give what a person's calendar program was told of by mail: session id -> what."""
    query = select(_INVITED.c.session_id, _INVITED.c.base, _INVITED.c.sequence, _INVITED.c.stands)
    rows = db.execute(query.where(_INVITED.c.person_id == person_id))
    return {session_id: Invited(base, sequence, on=stands) for session_id, base, sequence, stands in rows}


def invited_as(db: Db, uid: str, email: str) -> tuple[str, str, Invited] | None:
    """Give (person id, session id, what they were told) of an invitation by the session's UID and their address."""
    row = db.execute(
        select(_INVITED)
        .join(_SESSION, _SESSION.c.id == _INVITED.c.session_id)
        .join(_PERSON, _PERSON.c.id == _INVITED.c.person_id)
        .where(_SESSION.c.uid == uid, func.lower(_PERSON.c.email) == email.lower())
        .limit(1)
    ).one_or_none()
    return None if row is None else (row.person_id, row.session_id, Invited(row.base, row.sequence, on=row.stands))


def turns_of(db: Db, person_id: str, session_ids: Sequence[str]) -> Mapping[str, int]:
    """Give how often a person left or came back to sessions: session id -> turns; those without are left out."""
    found: dict[str, int] = {}
    for some in chunks(session_ids):
        query = select(_TURN.c.session_id, _TURN.c.turns).where(
            _TURN.c.person_id == person_id, _TURN.c.session_id.in_(some)
        )
        found.update((str(row.session_id), int(row.turns)) for row in db.execute(query))
    return found


def seal_invitations(db: Db, person_id: str, sheets: Iterable[Sheet], now: datetime) -> None:
    """Seal invitations to a person, and keep what their calendar program is told by them."""
    sheets = tuple(sheets)
    rows = [
        {
            "id": s.id,
            "person_id": person_id,
            "kind": INVITE,
            "about": f"{s.session_id} {s.invited.sequence}",
            "state": SEALED,
            "opened": now,
            "due": now,
            "tries": 0,
            "recipient": s.recipient,
            "subject": s.subject,
            "text": s.text,
            "message": s.message,
            "error": "",
        }
        for s in sheets
    ]
    if rows:
        db.execute(insert(_LETTER), rows)
    upsert(
        db,
        InvitedRow,
        (
            {
                "person_id": person_id,
                "session_id": s.session_id,
                "base": s.invited.base,
                "sequence": s.invited.sequence,
                "stands": s.invited.on,
            }
            for s in sheets
        ),
    )


def forget_old(db: Db, before: datetime) -> int:
    """Forget what was told of sessions that were over before an instant; give of how many seats."""
    ahead = exists().where(_REVISION.c.session_id == _INVITED.c.session_id, _REVISION.c.ends_utc > before)
    return len(db.execute(delete(_INVITED).where(~ahead).returning(_INVITED.c.session_id)).all())
