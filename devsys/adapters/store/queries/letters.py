"""The outbox: letters that wait, are sealed, were sent.

A letter waits without words. When it is due its words are found, and sealed together with its Message-ID before it
leaves, so that a kill in between cannot give it another: it leaves again as it is.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, and_, case, delete, false, func, insert, select, update

from devsys.adapters.store.queries import house, readers, visible
from devsys.adapters.store.queries.rows import chunks, insert_once, table
from devsys.adapters.store.store import Db
from devsys.adapters.store.tables.letters import LetterRow, ToldRow
from devsys.adapters.store.tables.people import PersonRow
from devsys.base.errors import ConflictError, NotFoundError
from devsys.base.ids import new_id
from devsys.base.limits import LIST_ROWS
from devsys.base.words import phrase
from devsys.core.policy import Scope

PLAN: Final = "plan"
REMINDER: Final = "reminder"
ASK: Final = "ask"  # about one ask: to lead instead, to take a place, to swap
FEEDBACK: Final = "feedback"  # how the sessions of a day were
ACCOUNT: Final = "account"  # a link to the first password of an account, or to another one
CHANGED: Final = "changed"  # a password was changed
SECOND_STEP: Final = "second step"  # the second step of signing in was turned on, off, or taken away
FETCHED: Final = "fetched"  # a calendar link was fetched for the first time
OWNER: Final = "owner"  # something they own is due
INVITE: Final = "invite"
COACHING: Final = "coaching"  # about one event of a request or a plan
WAITING: Final = "waiting"
SEALED: Final = "sealed"
SENT: Final = "sent"
KEPT: Final = "kept"
FAILED: Final = "failed"
HELD: Final = "held"  # it waited, or may have left, when the data was restored: a person says whether it leaves
OVER: Final = (SENT, KEPT, FAILED)
_TROUBLE: Final = "mail_trouble"
_ERROR_LENGTH: Final = 500

_LETTER, _TOLD, _PERSON = table(LetterRow), table(ToldRow), table(PersonRow)


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter as it stands; `by` is the name of whom it is to."""

    id: str
    person_id: str
    name: str
    kind: str
    about: str
    state: str
    opened: datetime
    due: datetime
    tries: int
    recipient: str
    subject: str
    text: str
    ended: datetime | None
    error: str


def begin_from(db: Db, version: int) -> None:
    """Count everybody as told of a version; letters that wait for their words go. For a demo, which begins quietly."""
    db.execute(delete(_LETTER).where(_LETTER.c.state == WAITING))
    db.execute(delete(_TOLD))
    house.set_fact(db, house.LETTERS_FROM, str(version))


def waiting(db: Db, person_ids: Sequence[str], kind: str = PLAN) -> Mapping[str, tuple[str, datetime]]:
    """Give the letters of a kind that wait for their words: person id -> (letter id, when due)."""
    found: dict[str, tuple[str, datetime]] = {}
    free = ~held(db)
    for some in chunks(person_ids):
        query = select(_LETTER.c.person_id, _LETTER.c.id, _LETTER.c.due).where(
            _LETTER.c.person_id.in_(some), _LETTER.c.kind == kind, _LETTER.c.state == WAITING, free
        )
        found.update({p: (i, d) for p, i, d in db.execute(query)})
    return found


def restored(db: Db) -> datetime | None:
    """Give when the data was restored from a backup, None where it never was."""
    said = house.fact(db, house.RESTORED)
    return datetime.fromisoformat(said) if said else None


def held(db: Db) -> ColumnElement[bool]:
    """Give whether a letter is held: opened before the data was restored, and not known to have left."""
    at = restored(db)
    return false() if at is None else and_(_LETTER.c.state.in_((WAITING, SEALED)), _LETTER.c.opened < at)


def open_letters(
    db: Db,
    kind: str,
    about: str,
    due: Mapping[str, datetime],
    now: datetime,
    *,
    ready: Mapping[str, datetime] | None = None,
) -> None:
    """Let letters wait: person id -> when due. One that was written about the same already is not opened again.

    `ready` says since when there was cause for a letter that time brings: one of before a restore, which may have left
    already, is held.
    """
    known: set[str] = set()
    at = restored(db)
    if at is not None and kind == PLAN:  # it says all that held ones would
        for some in chunks(sorted(due)):
            db.execute(delete(_LETTER).where(_LETTER.c.person_id.in_(some), _LETTER.c.kind == PLAN, held(db)))
    for some in chunks(sorted(due)):
        query = select(_LETTER.c.person_id).where(
            _LETTER.c.person_id.in_(some), _LETTER.c.kind == kind, _LETTER.c.about == about
        )
        known.update(db.execute(query).scalars())
    rows = [
        {
            "id": new_id(),
            "person_id": p,
            "kind": kind,
            "about": about,
            "opened": ready[p] if at is not None and ready and ready[p] < at else now,
            "due": when,
        }
        for p, when in sorted(due.items())
        if p not in known
    ]
    if rows:
        db.execute(insert(_LETTER), [{**_NEW, **row} for row in rows])


def open_one(db: Db, kind: str, about: str, person_id: str, now: datetime) -> None:
    """Let a letter wait that is due at once; nobody is written to twice of the same. Nothing is read."""
    row = {"id": new_id(), "person_id": person_id, "kind": kind, "about": about, "opened": now, "due": now}
    insert_once(db, LetterRow, [{**_NEW, **row}])


_NEW: Final[Mapping[str, Any]] = {
    "state": WAITING,
    "tries": 0,
    "recipient": "",
    "subject": "",
    "text": "",
    "error": "",
}


def set_due(db: Db, due: Mapping[str, datetime]) -> None:
    """Let letters wait until another moment: letter id -> when."""
    for letter_id, at in due.items():
        db.execute(update(_LETTER).where(_LETTER.c.id == letter_id, _LETTER.c.state == WAITING).values(due=at))


def drop(db: Db, letter_ids: Iterable[str]) -> None:
    """Drop letters that have nothing to say."""
    for some in chunks(tuple(letter_ids)):
        db.execute(delete(_LETTER).where(_LETTER.c.id.in_(some)))


def is_due(db: Db, now: datetime) -> bool:
    """Say whether any letter is due."""
    query = select(_LETTER.c.id).where(_LETTER.c.state.in_((SEALED, WAITING)), _LETTER.c.due <= now, ~held(db))
    return db.execute(query.limit(1)).scalar() is not None


@dataclass(frozen=True, slots=True)
class Next:
    """The letter whose turn it is. `message` is its whole mail when it was sealed before."""

    id: str
    person_id: str
    kind: str
    about: str
    due: datetime
    tries: int
    opened: datetime
    recipient: str
    message: bytes | None


def next_due(db: Db, now: datetime) -> Next | None:
    """Give the letter that is due first, sealed ones before those that wait; None when there is none."""
    row = db.execute(
        select(
            _LETTER.c.id,
            _LETTER.c.person_id,
            _LETTER.c.kind,
            _LETTER.c.about,
            _LETTER.c.due,
            _LETTER.c.tries,
            _LETTER.c.opened,
            _LETTER.c.recipient,
            _LETTER.c.message,
        )
        .where(_LETTER.c.state.in_((SEALED, WAITING)), _LETTER.c.due <= now, ~held(db))
        .order_by(_LETTER.c.state, _LETTER.c.due, _LETTER.c.id)
        .limit(1)
    ).one_or_none()
    return None if row is None else Next(*row)


def seal(
    db: Db,
    letter: Next,
    *,
    told: int | None,
    before: int | None,
    recipient: str,
    subject: str,
    text: str,
    message: bytes,
) -> bool:
    """Fix the words of a letter that waits, and that its reader is told of version `told`; False when it changed."""
    values = {"told": told, "before": before, "recipient": recipient, "subject": subject, "text": text}
    sealed = db.execute(
        update(_LETTER)
        .where(_LETTER.c.id == letter.id, _LETTER.c.state == WAITING, _LETTER.c.due == letter.due)
        .values(state=SEALED, message=message, **values)
        .returning(_LETTER.c.id)
    ).all()
    if sealed and told is not None:
        readers.set_told(db, {letter.person_id: told})
    return bool(sealed)


def refuse(db: Db, letter_id: str, now: datetime, error: str) -> None:
    """Write down that a letter cannot even be written: its address is none."""
    db.execute(
        update(_LETTER)
        .where(_LETTER.c.id == letter_id, _LETTER.c.state == WAITING)
        .values(state=FAILED, ended=now, error=error[:_ERROR_LENGTH])
    )


def end(db: Db, letter_id: str, state: str, now: datetime) -> None:
    """Write down that a sealed letter was sent, or kept to be read here."""
    db.execute(
        update(_LETTER)
        .where(_LETTER.c.id == letter_id, _LETTER.c.state == SEALED)
        .values(state=state, ended=now, message=None, error="", tries=_LETTER.c.tries + 1)
    )


def try_later(db: Db, letter_id: str, due: datetime, error: str, *, sure: bool, count: bool = True) -> None:
    """Let a sealed letter wait for another try; where it surely did not leave, for new words too."""
    values: dict[str, Any] = {"due": due, "error": error[:_ERROR_LENGTH]}
    if count:
        values["tries"] = _LETTER.c.tries + 1
    if sure and not _is_invitation(db, letter_id):
        _take_back(db, letter_id, WAITING, values)
    else:
        db.execute(update(_LETTER).where(_LETTER.c.id == letter_id, _LETTER.c.state == SEALED).values(**values))


def fail(db: Db, letter_id: str, now: datetime, error: str, *, sure: bool) -> None:
    """Write down that a letter will not be tried again, and why; what it said is told with the next one."""
    values = {"ended": now, "error": error[:_ERROR_LENGTH], "tries": _LETTER.c.tries + 1}
    if sure and not _is_invitation(db, letter_id):
        _take_back(db, letter_id, FAILED, values)
    else:
        db.execute(
            update(_LETTER).where(_LETTER.c.id == letter_id, _LETTER.c.state == SEALED).values(state=FAILED, **values)
        )


def _is_invitation(db: Db, letter_id: str) -> bool:
    """Say whether a letter is an invitation: its SEQUENCE is used up, so it leaves as it is or not at all."""
    return db.execute(select(_LETTER.c.kind).where(_LETTER.c.id == letter_id)).scalar() == INVITE


def _take_back(db: Db, letter_id: str, state: str, values: Mapping[str, Any]) -> None:
    """Open a seal: its reader was not told. A letter opened meanwhile has the same to say, so one of the two goes."""
    row = db.execute(
        select(_LETTER.c.person_id, _LETTER.c.kind, _LETTER.c.before, _LETTER.c.told).where(
            _LETTER.c.id == letter_id, _LETTER.c.state == SEALED
        )
    ).one_or_none()
    if row is None:
        return
    if row.before is not None:
        db.execute(
            update(_TOLD)
            .where(_TOLD.c.person_id == row.person_id, _TOLD.c.version == row.told)
            .values(version=row.before)
        )
        if state == WAITING and (other := waiting(db, (row.person_id,), row.kind).get(row.person_id)):
            drop(db, (other[0],))
    db.execute(
        update(_LETTER)
        .where(_LETTER.c.id == letter_id)
        .values(state=state, message=None, told=None, before=None, **values)
    )


def try_again(db: Db, letter_id: str, now: datetime) -> None:
    """Let a letter that failed wait again, due at once.

    Raises NotFoundError, ConflictError when it did not fail or a newer letter says the same.
    """
    found = db.execute(
        select(_LETTER.c.state, _LETTER.c.kind, _LETTER.c.person_id).where(_LETTER.c.id == letter_id)
    ).one_or_none()
    if found is None:
        raise NotFoundError(phrase("There is no such letter."))
    if found.state != FAILED:
        raise ConflictError(phrase("This letter did not fail. Nothing was changed."))
    if found.kind == PLAN and waiting(db, (found.person_id,)):
        raise ConflictError(
            phrase("A newer letter to the same person waits and says this as well. Nothing was changed.")
        )
    db.execute(
        update(_LETTER)
        .where(_LETTER.c.id == letter_id)
        .values(state=SEALED if found.kind == INVITE else WAITING, due=now, opened=now, ended=None, error="", tries=0)
    )


def _state(db: Db) -> ColumnElement[str]:
    """Give the state of a letter as it is shown: one that is held is in none of the others."""
    return case((held(db), HELD), else_=_LETTER.c.state)


def _listing(db: Db) -> Any:
    return select(
        _LETTER.c.id,
        _LETTER.c.person_id,
        _PERSON.c.name,
        _LETTER.c.kind,
        _LETTER.c.about,
        _state(db).label("state"),
        _LETTER.c.opened,
        _LETTER.c.due,
        _LETTER.c.tries,
        _LETTER.c.recipient,
        _LETTER.c.subject,
        _LETTER.c.text,
        _LETTER.c.ended,
        _LETTER.c.error,
    ).join(_PERSON, _PERSON.c.id == _LETTER.c.person_id)


def _letter(row: Row[Any]) -> Letter:
    return Letter(**row._mapping)  # noqa: SLF001 -- SQLAlchemy's name for it


def one(db: Db, letter_id: str, reach: Scope) -> Letter:
    """Give a letter to one of the people a viewer reaches. Raises NotFoundError."""
    row = db.execute(_listing(db).where(_LETTER.c.id == letter_id, visible.people(reach))).one_or_none()
    if row is None:
        raise NotFoundError(phrase("There is no such letter."))
    return _letter(row)


def listed(
    db: Db, states: tuple[str, ...], reach: Scope | None = None, *, limit: int = LIST_ROWS
) -> tuple[Letter, ...]:
    """Give letters in some states to the people a viewer reaches (None: all).

    Those to be sent come in the order they are due, those that are over newest first.
    """
    order = (_LETTER.c.due, _LETTER.c.id) if {WAITING, HELD} & set(states) else (_LETTER.c.ended.desc(), _LETTER.c.id)
    query = _listing(db).where(_state(db).in_(states)).order_by(*order).limit(limit)
    if reach is not None:
        query = query.where(visible.people(reach))
    return tuple(_letter(row) for row in db.execute(query))


def counts(db: Db, reach: Scope | None = None) -> Mapping[str, int]:
    """Give how many letters to the people a viewer reaches (None: all) are in each state."""
    state = _state(db).label("shown")
    query = select(state, func.count()).group_by(state)
    if reach is not None:
        query = query.join(_PERSON, _PERSON.c.id == _LETTER.c.person_id).where(visible.people(reach))
    rows = db.execute(query)
    return {str(state): int(number) for state, number in rows}


def overdue(db: Db, now: datetime) -> int:
    """Give how many letters are due and have not left."""
    query = select(func.count()).where(_LETTER.c.state.in_((SEALED, WAITING)), _LETTER.c.due <= now, ~held(db))
    return int(db.execute(query).scalar() or 0)


@dataclass(frozen=True, slots=True)
class Trouble:
    """The mail server cannot be used: since when, how often in a row, until when nothing is tried, what it said."""

    since: datetime
    tries: int
    until: datetime
    words: str


def trouble(db: Db) -> Trouble | None:
    """Give what is wrong with the mail server, None when nothing is known."""
    said = house.fact(db, _TROUBLE)
    if not said:
        return None
    found = json.loads(said)
    return Trouble(
        datetime.fromisoformat(found["since"]), found["tries"], datetime.fromisoformat(found["until"]), found["words"]
    )


def set_trouble(db: Db, found: Trouble | None) -> None:
    """Keep what is wrong with the mail server, or that nothing is."""
    if found is None:
        house.drop_fact(db, _TROUBLE)
        return
    said = {
        "since": found.since.isoformat(),
        "tries": found.tries,
        "until": found.until.isoformat(),
        "words": found.words[:_ERROR_LENGTH],
    }
    house.set_fact(db, _TROUBLE, json.dumps(said))


def forget_old(db: Db, before: datetime) -> int:
    """Take away letters that were over before an instant; give how many."""
    old = delete(_LETTER).where(_LETTER.c.state.in_(OVER), _LETTER.c.ended < before)
    return len(db.execute(old.returning(_LETTER.c.id)).all())
