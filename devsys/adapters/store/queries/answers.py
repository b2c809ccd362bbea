"""Who comes and who cannot, as people said themselves."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlmodel import col

from devsys.adapters.store.queries.rows import chunks, upsert
from devsys.adapters.store.store import Db
from devsys.adapters.store.tables.answers import AnswerRow
from devsys.core.model.calendar import Session, Status

YES: Final = "yes"
CANNOT: Final = "cannot"


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody said of a session as it was at `sequence`."""

    session_id: str
    person_id: str
    says: str
    sequence: int
    given: datetime

    @property
    def comes(self) -> bool:
        """Say whether it is a yes."""
        return self.says == YES

    def about(self, session: Session) -> bool:
        """Say whether it still is about the session as it stands: one that moved since is asked again."""
        return self.session_id == session.id and self.sequence == session.sequence


_COLUMNS = (
    col(AnswerRow.session_id),
    col(AnswerRow.person_id),
    col(AnswerRow.says),
    col(AnswerRow.sequence),
    col(AnswerRow.given),
)


def keep(db: Db, answer: Answer) -> None:
    """Keep what somebody said; what they said before is replaced."""
    row = {
        "session_id": answer.session_id,
        "person_id": answer.person_id,
        "says": answer.says,
        "sequence": answer.sequence,
        "given": answer.given,
    }
    upsert(db, AnswerRow, [row])


def of_sessions(db: Db, session_ids: Iterable[str]) -> Mapping[tuple[str, str], Answer]:
    """Give what was said of some sessions: (session id, person id) -> answer."""
    found: dict[tuple[str, str], Answer] = {}
    for some in chunks(tuple(session_ids)):
        for row in db.execute(select(*_COLUMNS).where(col(AnswerRow.session_id).in_(some))):
            found[row.session_id, row.person_id] = Answer(*row)
    return found


def of_person(db: Db, person_id: str) -> Mapping[str, Answer]:
    """Give what a person said: session id -> answer."""
    query = select(*_COLUMNS).where(col(AnswerRow.person_id) == person_id)
    return {row.session_id: Answer(*row) for row in db.execute(query)}


def left(db: Db) -> frozenset[str]:
    """Give ids of the sessions that anybody said they cannot come to: there may be a place."""
    query = select(col(AnswerRow.session_id)).where(col(AnswerRow.says) == CANNOT).distinct()
    return frozenset(str(i) for i in db.execute(query).scalars())


def stamp(db: Db) -> tuple[int, datetime | None]:
    """Give how many answers there are and when the last was given: what is worked out from them holds as long."""
    row = db.execute(select(func.count(), func.max(col(AnswerRow.given)))).one()
    return int(row[0]), row[1]


def cannot(db: Db) -> Mapping[tuple[str, str], Answer]:
    """Give who said of what that they cannot come or lead: (session id, person id) -> answer."""
    query = select(*_COLUMNS).where(col(AnswerRow.says) == CANNOT)
    return {(row.session_id, row.person_id): Answer(*row) for row in db.execute(query)}


def refusals(db: Db, published: Iterable[Session], now: datetime) -> tuple[tuple[Session, str], ...]:
    """Give who cannot come though they have a seat, or cannot lead though they do: (session to come, person id)."""
    return refused(cannot(db), published, now)


def refused(
    said: Mapping[tuple[str, str], Answer], published: Iterable[Session], now: datetime
) -> tuple[tuple[Session, str], ...]:
    """Give who, by what was said, cannot come or lead though they should: (session to come, person id)."""
    said = {key: answer for key, answer in said.items() if answer.says == CANNOT}
    if not said:
        return ()
    to_come = (s for s in published if s.starts_utc > now and s.status is Status.PLANNED)
    return tuple(
        (s, person_id)
        for s in to_come
        for person_id in sorted(s.people | {s.facilitator_id or ""})
        if (found := said.get((s.id, person_id))) is not None and found.about(s)
    )


def declined(
    said: Mapping[tuple[str, str], Answer], published: Iterable[Session], now: datetime
) -> tuple[tuple[Session, str], ...]:
    """Give who cannot come to a session to come and has left it: nobody is to put them back (session, person id).

    Who has something else at that time since is passed over: they are at work for it.
    """
    to_come = [s for s in published if s.starts_utc > now and s.status is Status.PLANNED]
    by_id = {s.id: s for s in to_come}
    found = []
    for (session_id, person_id), answer in sorted(said.items(), key=lambda one: one[0]):
        session = by_id.get(session_id)
        if session is None or answer.says != CANNOT or not answer.about(session):
            continue
        if not any(
            person_id in s.people or person_id == s.facilitator_id
            for s in to_come
            if s.starts_utc < session.ends_utc and session.starts_utc < s.ends_utc
        ):
            found.append((session, person_id))
    return tuple(found)
