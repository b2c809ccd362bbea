"""Feedback kept apart from who gave it, and let out five people at a time."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, delete, distinct, func, select, update
from sqlmodel import col

from devsys.adapters.store.queries.rows import chunks
from devsys.adapters.store.store import Db
from devsys.adapters.store.tables.calendar import RevisionRow
from devsys.adapters.store.tables.feedback import FeedbackGivenRow, FeedbackRow
from devsys.base.ids import new_id
from devsys.core.model.feedback import Answers, K, Stage


def has_given(db: Db, person_id: str, session_ids: Iterable[str]) -> frozenset[tuple[str, Stage]]:
    """Give what somebody has answered already: (session id, stage)."""
    found: set[tuple[str, Stage]] = set()
    for some in chunks(tuple(session_ids)):
        query = select(col(FeedbackGivenRow.session_id), col(FeedbackGivenRow.stage)).where(
            col(FeedbackGivenRow.person_id) == person_id, col(FeedbackGivenRow.session_id).in_(some)
        )
        found.update((str(s), Stage(stage)) for s, stage in db.execute(query))
    return frozenset(found)


def given_by(db: Db, session_ids: Iterable[str], stage: Stage) -> frozenset[tuple[str, str]]:
    """Give who has answered about sessions at a stage: (session id, person id); what they answered is elsewhere."""
    found: set[tuple[str, str]] = set()
    for some in chunks(tuple(session_ids)):
        query = select(col(FeedbackGivenRow.session_id), col(FeedbackGivenRow.person_id)).where(
            col(FeedbackGivenRow.session_id).in_(some), col(FeedbackGivenRow.stage) == stage.value
        )
        found.update((str(s), str(p)) for s, p in db.execute(query))
    return frozenset(found)


def keep(
    db: Db, *, session_id: str, person_id: str, activity: str, stage: Stage, given: Answers, now: datetime
) -> None:
    """Keep that somebody answered, and apart from it what; let answers out once five people have."""
    db.add(FeedbackGivenRow(session_id=session_id, person_id=person_id, stage=stage.value, activity=activity))
    db.add(
        FeedbackRow(
            id=new_id(),
            activity=activity,
            stage=stage.value,
            month=f"{now:%Y-%m}",
            answers=json.dumps(dict(sorted(given.items()))),
        )
    )
    db.flush()
    if waiting(db, activity, stage) >= K:
        here = (col(FeedbackRow.activity) == activity, col(FeedbackRow.stage) == stage.value)
        last = db.execute(select(func.max(col(FeedbackRow.batch))).where(*here)).scalar() or 0
        fresh = update(FeedbackRow).where(*here, col(FeedbackRow.batch) == 0).values(batch=last + 1)
        db.execute(fresh.execution_options(synchronize_session=False))
        theirs = (col(FeedbackGivenRow.activity) == activity, col(FeedbackGivenRow.stage) == stage.value)
        db.execute(
            update(FeedbackGivenRow).where(*theirs).values(open=False).execution_options(synchronize_session=False)
        )


def waiting(db: Db, activity: str, stage: Stage) -> int:
    """Give how many people answered since answers of an activity were last let out."""
    query = select(func.count(distinct(col(FeedbackGivenRow.person_id)))).where(
        col(FeedbackGivenRow.activity) == activity,
        col(FeedbackGivenRow.stage) == stage.value,
        col(FeedbackGivenRow.open).is_(True),
    )
    return int(db.execute(query).scalar() or 0)


def let_out(db: Db, activity: str, stage: Stage) -> tuple[Answers, ...]:
    """Give the answers of an activity that are let out, in no order that says who came first."""
    query = (
        select(col(FeedbackRow.answers))
        .where(
            col(FeedbackRow.activity) == activity,
            col(FeedbackRow.stage) == stage.value,
            col(FeedbackRow.batch) > 0,
        )
        .order_by(col(FeedbackRow.id))
    )
    return tuple(json.loads(text) for text in db.execute(query).scalars())


def led_by(db: Db, person_id: str) -> frozenset[str]:
    """Give the activities of which somebody leads or led a published session."""
    led = (col(RevisionRow.facilitator_id) == person_id, col(RevisionRow.since).is_not(None))
    query = select(col(RevisionRow.activity)).where(*led).distinct()
    return frozenset(str(a) for a in db.execute(query).scalars())


def forget_old(db: Db, before: datetime) -> int:
    """Take away batches whose last answer came before the month of an instant, whole, and what was never let out."""
    month = f"{before:%Y-%m}"
    batches = (
        select(col(FeedbackRow.activity), col(FeedbackRow.stage), col(FeedbackRow.batch))
        .where(col(FeedbackRow.batch) > 0)
        .group_by(col(FeedbackRow.activity), col(FeedbackRow.stage), col(FeedbackRow.batch))
        .having(func.max(col(FeedbackRow.month)) < month)
    )
    gone = 0
    for activity, stage, batch in db.execute(batches).all():
        gone += _drop(
            db,
            col(FeedbackRow.activity) == activity,
            col(FeedbackRow.stage) == stage,
            col(FeedbackRow.batch) == batch,
        )
    return gone + _drop(db, col(FeedbackRow.batch) == 0, col(FeedbackRow.month) < month)


def _drop(db: Db, *where: ColumnElement[bool]) -> int:
    return len(db.execute(delete(FeedbackRow).where(*where).returning(col(FeedbackRow.id))).all())


def counts(db: Db) -> Mapping[tuple[str, Stage], int]:
    """Give how many answers are kept: (activity, stage) -> number; for tests and health, never for a page."""
    query = select(col(FeedbackRow.activity), col(FeedbackRow.stage), func.count()).group_by(
        col(FeedbackRow.activity), col(FeedbackRow.stage)
    )
    return {(str(a), Stage(s)): int(n) for a, s, n in db.execute(query)}
