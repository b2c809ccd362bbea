"""What two people agreed in coaching: plans, their words, steps and notes; a coach's own notes apart.

Words are opened by the functions that say so, and by no other: whoever may not read them never asks.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Row, delete, exists, insert, select, update

from devsys.adapters.store.queries import series
from devsys.adapters.store.queries.rows import table, upsert
from devsys.adapters.store.sealed import seal, unseal
from devsys.adapters.store.store import Db
from devsys.adapters.store.tables.calendar import RevisionRow
from devsys.adapters.store.tables.coaching import (
    CoachingNoteRow,
    CoachingPartRow,
    CoachingPlanRow,
    CoachingPrivateRow,
    CoachingRequestRow,
)
from devsys.base.ids import new_id
from devsys.core.model.coaching import Course, Note, Plan, Words
from devsys.core.model.needs import SeriesRequest

_PLAN, _PART = table(CoachingPlanRow), table(CoachingPartRow)
_NOTE, _PRIVATE, _REQUEST = table(CoachingNoteRow), table(CoachingPrivateRow), table(CoachingRequestRow)
_REVISION = table(RevisionRow)
_WORDS: Final = tuple(Words.__dataclass_fields__)
_COLUMNS: Final = tuple(c for c in _PLAN.c if c.name not in _WORDS)


def keep(db: Db, plan: Plan) -> None:
    """Keep a plan as it is now; its words and its stretches stay."""
    upsert(
        db,
        CoachingPlanRow,
        [
            {
                "id": plan.id,
                "person_id": plan.person_id,
                "coach_id": plan.coach_id,
                "series_id": plan.series_id,
                "activity": plan.activity,
                "state": plan.state.value,
                "begun": plan.begun,
                "ended": plan.ended,
                "look_back": plan.look_back,
            }
        ],
    )


def add_part(db: Db, plan_id: str, series_id: str, coach_id: str | None, since: datetime) -> None:
    """Add a stretch of the planner to a plan."""
    values = {"series_id": series_id, "plan_id": plan_id, "coach_id": coach_id, "since": since}
    upsert(db, CoachingPartRow, [values])


def of_two(db: Db, plan_id: str, person_id: str) -> Plan | None:
    """Give a plan to whoever is one of its two now; None to everybody else."""
    found = _plans(db, _PLAN.c.id == plan_id)
    return next((p for p in found if person_id in (p.person_id, p.coach_id)), None)


def of_person(db: Db, person_id: str) -> tuple[Plan, ...]:
    """Give the plans of somebody's own coaching, the newest first."""
    return _plans(db, _PLAN.c.person_id == person_id)


def of_coach(db: Db, coach_id: str) -> tuple[Plan, ...]:
    """Give the plans somebody coaches now, the newest first."""
    return _plans(db, _PLAN.c.coach_id == coach_id)


def coached_by(db: Db, plan_id: str, coach_id: str) -> Plan | None:
    """Give a plan to whoever coaches it or did, for their own notes."""
    found = _plans(db, _PLAN.c.id == plan_id)
    if not found:
        return None
    was = select(_PART.c.series_id).where(_PART.c.plan_id == plan_id, _PART.c.coach_id == coach_id)
    mine = found[0].coach_id == coach_id or db.execute(was).first() is not None
    return found[0] if mine else None


def running(db: Db) -> tuple[Plan, ...]:
    """Give every plan that runs."""
    return _plans(db, _PLAN.c.state == Course.RUNNING.value)


def to_look_back(db: Db, today: date) -> tuple[Plan, ...]:
    """Give the plans whose day of looking back has come and on which nobody has."""
    return _plans(db, _PLAN.c.look_back.is_not(None) & (_PLAN.c.look_back <= today) & _PLAN.c.looked.is_(None))


def _plans(db: Db, where: Any) -> tuple[Plan, ...]:
    rows = list(db.execute(select(*_COLUMNS).where(where).order_by(_PLAN.c.begun.desc(), _PLAN.c.id)))
    parts: dict[str, list[str]] = {}
    query = select(_PART.c.plan_id, _PART.c.series_id).where(_PART.c.plan_id.in_([row.id for row in rows]))
    for plan_id, series_id in db.execute(query.order_by(_PART.c.since, _PART.c.series_id)):
        parts.setdefault(plan_id, []).append(series_id)
    return tuple(_plan(row, tuple(parts.get(row.id, ()))) for row in rows)


def _plan(row: Row[Any], stretches: tuple[str, ...]) -> Plan:
    return Plan(
        id=row.id,
        person_id=row.person_id,
        coach_id=row.coach_id,
        activity=row.activity,
        state=Course(row.state),
        series_id=row.series_id,
        begun=row.begun,
        ended=row.ended,
        look_back=row.look_back,
        series=stretches,
    )


# ---- words of the two


def words(db: Db, plan: Plan) -> Words:
    """Open what the two wrote into a plan."""
    row = db.execute(select(*(_PLAN.c[name] for name in _WORDS)).where(_PLAN.c.id == plan.id)).one()
    opened = {name: unseal(db, CoachingPlanRow, name, plan.id, row[i]) for i, name in enumerate(_WORDS)}
    return Words(**opened)


def write(db: Db, plan: Plan, said: Mapping[str, str]) -> None:
    """Write some of a plan's words, by name."""
    values = {name: seal(db, CoachingPlanRow, name, plan.id, text) for name, text in said.items()}
    if values:
        db.execute(update(_PLAN).where(_PLAN.c.id == plan.id).values(**values))


def notes(db: Db, plan: Plan) -> tuple[Note, ...]:
    """Open the steps and notes that both read, in the order they were written."""
    rows = db.execute(select(_NOTE).where(_NOTE.c.plan_id == plan.id).order_by(_NOTE.c.at, _NOTE.c.id))
    return tuple(
        Note(r.id, r.kind, unseal(db, CoachingNoteRow, "text", r.id, r.text), r.author_id, r.at, r.done) for r in rows
    )


def add_note(db: Db, plan: Plan, note: Note) -> None:
    """Write a step or a note that both read."""
    values = {
        "id": note.id,
        "plan_id": plan.id,
        "person_id": plan.person_id,
        "author_id": note.author_id,
        "kind": note.kind,
        "text": seal(db, CoachingNoteRow, "text", note.id, note.text),
        "done": note.done,
        "at": note.at,
    }
    db.execute(insert(_NOTE).values(**values))


def set_done(db: Db, plan: Plan, note_id: str, *, done: bool) -> bool:
    """Mark a step as done or not; say whether there is such a step."""
    change = update(_NOTE).where(_NOTE.c.id == note_id, _NOTE.c.plan_id == plan.id, _NOTE.c.kind == "step")
    return bool(db.execute(change.values(done=done).returning(_NOTE.c.id)).all())


def drop_note(db: Db, plan: Plan, note_id: str, author_id: str) -> bool:
    """Take back a line somebody wrote themselves; say whether there was one."""
    where = (_NOTE.c.id == note_id, _NOTE.c.plan_id == plan.id, _NOTE.c.author_id == author_id)
    return bool(db.execute(delete(_NOTE).where(*where).returning(_NOTE.c.id)).all())


# ---- the coach's own


def private(db: Db, plan_id: str, coach_id: str) -> tuple[Note, ...]:
    """Open what a coach wrote for themselves about a plan, in the order it was written."""
    where = (_PRIVATE.c.plan_id == plan_id, _PRIVATE.c.coach_id == coach_id)
    rows = db.execute(select(_PRIVATE).where(*where).order_by(_PRIVATE.c.at, _PRIVATE.c.id))
    return tuple(
        Note(r.id, "private", unseal(db, CoachingPrivateRow, "text", r.id, r.text), r.coach_id, r.at) for r in rows
    )


def add_private(db: Db, plan_id: str, coach_id: str, text: str, now: datetime) -> str:
    """Write a note of a coach's own; give its id."""
    id_ = new_id()
    sealed = seal(db, CoachingPrivateRow, "text", id_, text)
    values = {"id": id_, "plan_id": plan_id, "coach_id": coach_id, "text": sealed, "at": now}
    db.execute(insert(_PRIVATE).values(**values))
    return id_


def drop_private(db: Db, plan_id: str, coach_id: str, note_id: str) -> bool:
    """Take back a note of a coach's own; say whether there was one."""
    where = (_PRIVATE.c.id == note_id, _PRIVATE.c.plan_id == plan_id, _PRIVATE.c.coach_id == coach_id)
    return bool(db.execute(delete(_PRIVATE).where(*where).returning(_PRIVATE.c.id)).all())


# ---- what is over


def forget_old(db: Db, before: datetime) -> int:
    """Forget the plans whose last session ended before a moment, with all that was written; give how many.

    One that is over without a session goes by the day it began. The sessions themselves stay in the calendar.
    """
    held = exists().where(
        _PART.c.plan_id == _PLAN.c.id, _REVISION.c.series == _PART.c.series_id, _REVISION.c.ends_utc >= before
    )
    old = [
        *db.execute(
            select(_PLAN.c.id).where(_PLAN.c.state != Course.RUNNING.value, _PLAN.c.begun < before, ~held)
        ).scalars()
    ]
    for rows in (_PRIVATE, _NOTE, _PART, _REQUEST):
        db.execute(delete(rows).where(rows.c.plan_id.in_(old)))
    db.execute(delete(_PLAN).where(_PLAN.c.id.in_(old)))
    return len(old)


def names_of_parts(db: Db, plan_ids: Iterable[str]) -> Mapping[str, tuple[tuple[str, str | None], ...]]:
    """Give the stretches of plans with who coached each, in order."""
    found: dict[str, list[tuple[str, str | None]]] = {}
    query = select(_PART.c.plan_id, _PART.c.series_id, _PART.c.coach_id).where(_PART.c.plan_id.in_(list(plan_ids)))
    for plan_id, series_id, coach_id in db.execute(query.order_by(_PART.c.since, _PART.c.series_id)):
        found.setdefault(plan_id, []).append((series_id, coach_id))
    return {plan_id: tuple(rows) for plan_id, rows in found.items()}


def series_without_plan(db: Db) -> tuple[SeriesRequest, ...]:
    """Give the series of the planner, not withdrawn, that belong to no plan of two people."""
    known = set(db.execute(select(_PART.c.series_id)).scalars())
    return tuple(r for r in series.requests(db) if r.id not in known)
