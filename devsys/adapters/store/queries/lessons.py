"""Lessons: what rounds and people found to keep causing trouble, and the needs that lessons ask for."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, exists, false, func, or_, select, true, update

from devsys.adapters.store.queries.rows import table, upsert
from devsys.adapters.store.store import Db
from devsys.adapters.store.tables.calendar import PlaceRow, RevisionRow
from devsys.adapters.store.tables.causes import FixRow, LessonRow
from devsys.adapters.store.tables.rounds import AskedNeedRow
from devsys.core.model.causes import Cause, FixState
from devsys.core.model.needs import AskedNeed
from devsys.core.model.rounds import Lesson
from devsys.core.policy import Extent, Scope

_LESSON, _ASKED, _FIX = table(LessonRow), table(AskedNeedRow), table(FixRow)
_REVISION, _PLACE = table(RevisionRow), table(PlaceRow)


def visible(scope: Scope) -> ColumnElement[bool]:
    """Give the condition on the table of lessons for those a scope reaches: OWN are reported or owned by the viewer."""
    if scope.everything:
        return true()
    found: list[ColumnElement[bool]] = []
    if Extent.TEAM in scope.extents:
        found.append(_LESSON.c.team_id.in_(scope.team_ids))
    if Extent.OWN in scope.extents:
        found += [_LESSON.c.by_id == scope.person_id, _LESSON.c.owner_id == scope.person_id]
    return or_(*found) if found else false()


def _lesson(row: Row[Any]) -> Lesson:
    values = dict(row._mapping)  # noqa: SLF001 -- SQLAlchemy's own name for a row as a mapping
    return Lesson(**(values | {"cause": Cause(row.cause) if row.cause else None}))


def _found(db: Db, *where: ColumnElement[bool]) -> tuple[Lesson, ...]:
    query = select(_LESSON).where(*where).order_by(_LESSON.c.created, _LESSON.c.id)
    return tuple(_lesson(row) for row in db.execute(query))


def lesson(db: Db, lesson_id: str) -> Lesson | None:
    """Give one lesson; who may see it is for the caller to ask."""
    return next(iter(_found(db, _LESSON.c.id == lesson_id)), None)


def undecided(db: Db, scope: Scope) -> tuple[Lesson, ...]:
    """Give the lessons a scope reaches whose cause nobody has decided, outside of rounds; the oldest first."""
    return _found(db, visible(scope), _LESSON.c.decided.is_(None), _LESSON.c.session_id.is_(None))


def count_undecided(db: Db) -> int:
    """Give how many reports wait for a decision."""
    query = select(func.count()).where(_LESSON.c.decided.is_(None), _LESSON.c.session_id.is_(None))
    return int(db.execute(query).scalar() or 0)


def reported_by(db: Db, person_id: str) -> tuple[Lesson, ...]:
    """Give what somebody reported by themselves, the oldest first."""
    return _found(db, _LESSON.c.by_id == person_id, _LESSON.c.session_id.is_(None))


def of_rounds(db: Db, session_ids: Iterable[str]) -> tuple[Lesson, ...]:
    """Give the lessons of some rounds, the oldest first."""
    return _found(db, _LESSON.c.session_id.in_(tuple(session_ids)))


def overdue(db: Db, day: date, owner_id: str | None = None) -> tuple[Lesson, ...]:
    """Give the open outcomes that are due by a day and are no fix (that has its own day), of one owner when asked."""
    where = [_LESSON.c.closed.is_(None), _LESSON.c.due <= day, _LESSON.c.landing.in_(("need", "condition"))]
    if owner_id is not None:
        where.append(_LESSON.c.owner_id == owner_id)
    return _found(db, *where)


def decided_since(db: Db, since: datetime, scope: Scope, *, rounds: bool = True) -> tuple[tuple[date, Cause], ...]:
    """Give day and cause of every lesson decided since an instant that a scope reaches: figures, no words."""
    where = [visible(scope), _LESSON.c.decided.is_not(None), _LESSON.c.created >= since]
    if rounds:
        where.append(_LESSON.c.session_id.is_not(None))
    query = select(_LESSON.c.created, _LESSON.c.cause).where(*where).order_by(_LESSON.c.created, _LESSON.c.id)
    return tuple((row.created.date(), Cause(row.cause)) for row in db.execute(query))


def keep(db: Db, one: Lesson) -> None:
    """Write a lesson, new or changed."""
    upsert(db, LessonRow, [{**asdict(one), "cause": str(one.cause or "")}])


def drop(db: Db, lesson_id: str) -> None:
    """Forget a lesson that nobody has decided yet."""
    db.execute(delete(_LESSON).where(_LESSON.c.id == lesson_id, _LESSON.c.decided.is_(None)))


def follow_fix(db: Db, fix_id: str, now: datetime) -> None:
    """Close the lessons of a fix that is done, open them again where it is not."""
    state = db.execute(select(_FIX.c.state).where(_FIX.c.id == fix_id)).scalar()
    over = state in (FixState.DONE, FixState.CHECKED)
    db.execute(update(_LESSON).where(_LESSON.c.fix_id == fix_id).values(closed=now if over else None))


def asked_needs(db: Db, people: Iterable[str] | None = None) -> tuple[AskedNeed, ...]:
    """Give the needs that lessons ask for and nobody took back, by lesson and person; of some people when asked."""
    columns = (_ASKED.c.id, _ASKED.c.person_id, _ASKED.c.activity, _ASKED.c.asked, _ASKED.c.due, _ASKED.c.why)
    query = select(*columns).where(_ASKED.c.ended.is_(None)).order_by(_ASKED.c.id, _ASKED.c.person_id)
    if people is not None:
        query = query.where(_ASKED.c.person_id.in_(tuple(people)))
    return tuple(AskedNeed(*row) for row in db.execute(query))


def ask(db: Db, needs: Iterable[AskedNeed]) -> None:
    """Ask for needs; what was asked for the same lesson and person is replaced."""
    upsert(db, AskedNeedRow, ({**asdict(one), "ended": None} for one in needs))


def ask_no_more(db: Db, lesson_id: str, now: datetime) -> None:
    """Take back the needs of a lesson."""
    change = update(_ASKED).where(_ASKED.c.id == lesson_id, _ASKED.c.ended.is_(None))
    db.execute(change.values(ended=now))


def served(db: Db, lesson_ids: Iterable[str], now: datetime) -> Mapping[str, tuple[int, int]]:
    """Give, by lesson, how many of the people it asks learning time for had a place in a session that is over, of all.

    A place answers the need of its own key, `person/activity/lesson`.
    """
    wanted = tuple(lesson_ids)
    key = _ASKED.c.person_id + "/" + _ASKED.c.activity + "/" + _ASKED.c.id
    # Among the seats of each person asked for: among all that there ever were it would cost what the house has.
    had_it = (
        exists()
        .where(_PLACE.c.person_id == _ASKED.c.person_id, _PLACE.c.need == key)
        .where(_REVISION.c.id == _PLACE.c.revision_id)
        .where(_REVISION.c.since.is_not(None), _REVISION.c.until.is_(None))
        .where(_REVISION.c.status == "planned", _REVISION.c.ends_utc <= now)
    )
    asked = dict(_counted(db, _ASKED.c.id.in_(wanted)))
    had = dict(_counted(db, _ASKED.c.id.in_(wanted), had_it))
    return {one: (had.get(one, 0), count) for one, count in asked.items()}


def _counted(db: Db, *where: ColumnElement[bool]) -> Iterable[tuple[str, int]]:
    query = select(_ASKED.c.id, func.count()).where(_ASKED.c.ended.is_(None), *where).group_by(_ASKED.c.id)
    return ((row[0], int(row[1])) for row in db.execute(query))


def forget_old(db: Db, lessons_before: datetime, needs_before: date) -> int:
    """Forget lessons closed, and needs due, before their time; give how many rows went."""
    gone = db.execute(delete(_LESSON).where(_LESSON.c.closed < lessons_before).returning(_LESSON.c.id)).all()
    old = db.execute(delete(_ASKED).where(_ASKED.c.due < needs_before).returning(_ASKED.c.id)).all()
    return len(gone) + len(old)
