"""What people are asked, and who waits for a place."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import CursorResult, Row, delete, insert, select, update
from sqlmodel import col

from devsys.adapters.store.queries.rows import upsert
from devsys.adapters.store.store import Db
from devsys.adapters.store.tables.asks import AskRow, WaitRow
from devsys.base.errors import NotFoundError
from devsys.base.words import phrase

OPEN: Final = "open"


class What(StrEnum):
    """What somebody is asked."""

    SUBSTITUTE = "substitute"
    SEAT = "seat"
    SWAP = "swap"


class End(StrEnum):
    """What became of it."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True)
class Ask:
    """One person asked one thing; see AskRow."""

    id: str
    kind: str
    session_id: str
    person_id: str
    by_id: str | None
    made: datetime
    until: datetime
    other_id: str | None = None
    need: str = ""
    state: str = OPEN
    ended: datetime | None = None

    def open_at(self, now: datetime) -> bool:
        """Say whether it can still be answered."""
        return self.state == OPEN and now < self.until


_FIELDS: Final = tuple(Ask.__dataclass_fields__)
_COLUMNS: Final = tuple(getattr(AskRow, name) for name in _FIELDS)


def _ask(row: Row[Any]) -> Ask:
    return Ask(**dict(zip(_FIELDS, row, strict=True)))


def make(db: Db, asks: Iterable[Ask]) -> None:
    """Keep that people are asked."""
    rows = [asdict(one) for one in asks]
    if rows:
        db.execute(insert(AskRow), rows)


def one(db: Db, ask_id: str, person_id: str) -> Ask:
    """Give what a person is asked. Raises NotFoundError."""
    row = db.execute(
        select(*_COLUMNS).where(col(AskRow.id) == ask_id, col(AskRow.person_id) == person_id)
    ).one_or_none()
    if row is None:
        raise NotFoundError(phrase("You were asked no such thing."))
    return _ask(row)


def by_id(db: Db, ask_id: str) -> Ask | None:
    """Give what somebody is asked, whoever it is: for letters."""
    row = db.execute(select(*_COLUMNS).where(col(AskRow.id) == ask_id)).one_or_none()
    return None if row is None else _ask(row)


def open_to(db: Db, person_id: str, now: datetime) -> tuple[Ask, ...]:
    """Give what a person is asked and can still answer, the first to end first."""
    query = select(*_COLUMNS).where(
        col(AskRow.person_id) == person_id, col(AskRow.state) == OPEN, col(AskRow.until) > now
    )
    return tuple(_ask(row) for row in db.execute(query.order_by(col(AskRow.until), col(AskRow.id))))


def open_of(db: Db, kind: What, now: datetime) -> tuple[Ask, ...]:
    """Give everything of a kind that can still be answered, oldest first."""
    query = select(*_COLUMNS).where(col(AskRow.kind) == kind.value, col(AskRow.state) == OPEN, col(AskRow.until) > now)
    return tuple(_ask(row) for row in db.execute(query.order_by(col(AskRow.made), col(AskRow.id))))


def of_session(db: Db, session_id: str, kind: What) -> tuple[Ask, ...]:
    """Give who was asked what about a session, oldest first."""
    query = select(*_COLUMNS).where(col(AskRow.session_id) == session_id, col(AskRow.kind) == kind.value)
    return tuple(_ask(row) for row in db.execute(query.order_by(col(AskRow.made), col(AskRow.id))))


def of_kind(db: Db, kind: What, session_ids: Iterable[str]) -> tuple[Ask, ...]:
    """Give who was asked what about some sessions, oldest first."""
    query = select(*_COLUMNS).where(col(AskRow.session_id).in_(tuple(session_ids)), col(AskRow.kind) == kind.value)
    return tuple(_ask(row) for row in db.execute(query.order_by(col(AskRow.made), col(AskRow.id))))


def by_asker(db: Db, asker_id: str, other_id: str, kind: What) -> tuple[Ask, ...]:
    """Give what somebody asked others for a place they have, oldest first."""
    query = select(*_COLUMNS).where(
        col(AskRow.by_id) == asker_id, col(AskRow.other_id) == other_id, col(AskRow.kind) == kind.value
    )
    return tuple(_ask(row) for row in db.execute(query.order_by(col(AskRow.made), col(AskRow.id))))


def end(db: Db, ask_ids: Iterable[str], state: End, now: datetime) -> int:
    """Write what became of asks that are open; give of how many."""
    ids = tuple(ask_ids)
    if not ids:
        return 0
    done = db.execute(
        update(AskRow)
        .where(col(AskRow.id).in_(ids), col(AskRow.state) == OPEN)
        .values(state=state.value, ended=now)
        .execution_options(synchronize_session=False)
    )
    return done.rowcount if isinstance(done, CursorResult) else 0


def lapse(db: Db, now: datetime) -> int:
    """End what nobody answered in time; give how many."""
    query = select(col(AskRow.id)).where(col(AskRow.state) == OPEN, col(AskRow.until) <= now)
    return end(db, [str(i) for i in db.execute(query).scalars()], End.LAPSED, now)


@dataclass(frozen=True, slots=True)
class Wait:
    """Somebody waits for a place in a session."""

    session_id: str
    person_id: str
    need: str
    since: datetime


def wait(db: Db, waiting: Wait) -> None:
    """Put somebody on the list of a session; who is on it keeps their place in it."""
    if waiting.person_id not in {w.person_id for w in waits(db, [waiting.session_id])}:
        upsert(db, WaitRow, [asdict(waiting)])


def wait_no_more(db: Db, person_id: str, *, session_id: str = "", need: str = "") -> None:
    """Take somebody off the list of a session, or off all lists for a need."""
    gone = delete(WaitRow).where(col(WaitRow.person_id) == person_id)
    gone = gone.where(col(WaitRow.session_id) == session_id) if session_id else gone.where(col(WaitRow.need) == need)
    db.execute(gone)


def waits(db: Db, session_ids: Iterable[str] | None = None) -> tuple[Wait, ...]:
    """Give who waits for a place in some sessions, or in any, in the order of the lists."""
    query = select(col(WaitRow.session_id), col(WaitRow.person_id), col(WaitRow.need), col(WaitRow.since))
    if session_ids is not None:
        query = query.where(col(WaitRow.session_id).in_(tuple(session_ids)))
    return tuple(Wait(*row) for row in db.execute(query.order_by(col(WaitRow.since), col(WaitRow.person_id))))
