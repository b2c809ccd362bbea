"""Observations: whose they are, who may read one, their words. Only `words` opens anything."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, delete, exists, insert, or_, select, update

from devsys.adapters.store.queries.rows import table
from devsys.adapters.store.sealed import seal, unseal
from devsys.adapters.store.store import Db
from devsys.adapters.store.tables.coaching import CoachingPlanRow
from devsys.adapters.store.tables.observations import ObservationRow
from devsys.core.model.coaching import Course
from devsys.core.model.observations import Observation
from devsys.core.model.programme import Principle

_SEEN, _PLAN = table(ObservationRow), table(CoachingPlanRow)
_HEAD: Final = tuple(_SEEN.c[name] for name in Observation.__dataclass_fields__)


def _column(principle: Principle) -> str:
    return f"seen_{principle.value}"


def add(db: Db, seen: Observation, words: Mapping[Principle, str]) -> None:
    """Keep a card with its words."""
    sealed = {_column(p): seal(db, ObservationRow, _column(p), seen.id, text) for p, text in words.items()}
    db.execute(
        insert(_SEEN).values(**{name: getattr(seen, name) for name in Observation.__dataclass_fields__}, **sealed)
    )


def of_person(db: Db, person_id: str) -> tuple[Observation, ...]:
    """Give what was seen of somebody, the newest first."""
    return _found(db, _SEEN.c.person_id == person_id)


def by_author(db: Db, author_id: str) -> tuple[Observation, ...]:
    """Give what somebody wrote, the newest first."""
    return _found(db, _SEEN.c.author_id == author_id)


def shared_with(db: Db, coach_id: str) -> tuple[Observation, ...]:
    """Give what is shared with a coach by those they coach now, the newest first."""
    return _found(db, _shared(coach_id))


def of_reader(db: Db, observation_id: str, person_id: str) -> Observation | None:
    """Give a card to whom it is about, to its author, to the coach it is shared with; None to everybody else."""
    mine = or_(_SEEN.c.person_id == person_id, _SEEN.c.author_id == person_id, _shared(person_id))
    return next(iter(_found(db, (_SEEN.c.id == observation_id) & mine)), None)


def _shared(coach_id: str) -> ColumnElement[bool]:
    """Say that a card is shared with a coach who coaches its person as things stand."""
    coaches = exists().where(
        _PLAN.c.person_id == _SEEN.c.person_id, _PLAN.c.coach_id == coach_id, _PLAN.c.state == Course.RUNNING.value
    )
    return (_SEEN.c.shared_id == coach_id) & coaches


def _found(db: Db, where: ColumnElement[bool]) -> tuple[Observation, ...]:
    rows: Any = db.execute(select(*_HEAD).where(where).order_by(_SEEN.c.day.desc(), _SEEN.c.at.desc(), _SEEN.c.id))
    return tuple(Observation(**row._mapping) for row in rows)  # noqa: SLF001 -- the mapping of a row is public


def words(db: Db, observation_id: str) -> Mapping[Principle, str]:
    """Open what was noted on a card, by principle; those with nothing are left out."""
    row = db.execute(select(_SEEN).where(_SEEN.c.id == observation_id)).mappings().one()
    opened = {p: unseal(db, ObservationRow, _column(p), observation_id, row[_column(p)]) for p in Principle}
    return {p: text for p, text in opened.items() if text}


def share(db: Db, observation_id: str, coach_id: str | None) -> None:
    """Let a coach read a card, or nobody any more."""
    db.execute(update(_SEEN).where(_SEEN.c.id == observation_id).values(shared_id=coach_id))


def take_back(db: Db, observation_id: str, author_id: str) -> bool:
    """Take away a card somebody wrote themselves; say whether there was one."""
    where = (_SEEN.c.id == observation_id, _SEEN.c.author_id == author_id)
    return bool(db.execute(delete(_SEEN).where(*where).returning(_SEEN.c.id)).all())


def forget_old(db: Db, before: datetime) -> int:
    """Forget what was written before a moment; give how many."""
    return len(db.execute(delete(_SEEN).where(_SEEN.c.at < before).returning(_SEEN.c.id)).all())
