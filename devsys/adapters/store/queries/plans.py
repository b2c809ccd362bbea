"""Drafts, plan versions, the pointer between them, and what is owed."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import CursorResult, Row, Select, and_, case, delete, func, insert, literal, select, update
from sqlmodel import col

from devsys.adapters.store.queries import steps
from devsys.adapters.store.queries.rows import behind, chunks, upsert
from devsys.adapters.store.queries.sessions import forget_unpublished
from devsys.adapters.store.store import Db
from devsys.adapters.store.tables.calendar import RevisionRow
from devsys.adapters.store.tables.people import PersonRow
from devsys.adapters.store.tables.plans import CrossedRow, DraftRow, OwedRow, PointerRow, VersionRow
from devsys.base.errors import ConflictError, NotFoundError
from devsys.base.words import phrase, to_phrase
from devsys.base.written import clock, plain_full_day
from devsys.core.model.calendar import Evenness, Figures, Horizon, Owed, Version

OPEN: Final = "open"
SUPPOSED: Final = "supposed"  # drawn on a supposition, to be compared: it is never published
NO_FIGURES = Figures(needs=0, placed=0, on_time=0, owed=0, sessions=0, bound=0)


@dataclass(frozen=True, slots=True)
class Draft:
    """A plan that tells nobody. `base` is the version it was drawn on; `state` open, supposed, published, discarded.

    `edits` grows whenever what it holds changes.
    """

    id: str
    base: int
    state: str
    created: datetime
    by: str
    cause: str
    horizon: Horizon
    figures: Figures
    edits: int = 0


def _figures(text: str) -> Figures:
    found = json.loads(text)
    if not found:
        return NO_FIGURES
    even = found.pop("even", None)
    return Figures(**found, even=_even(**even) if even else None)


def _even(person: list[int], team: list[int], **more: Any) -> Evenness:
    return Evenness((person[0], person[1]), (team[0], team[1]), **more)


def pointer(db: Db) -> int:
    """Give the number of the published version, 0 before the first."""
    return db.execute(select(col(PointerRow.number))).scalar() or 0


_DRAFT = (
    select(
        col(DraftRow.id),
        col(DraftRow.base),
        col(DraftRow.state),
        col(DraftRow.created),
        col(PersonRow.name),
        col(DraftRow.cause),
        col(DraftRow.start),
        col(DraftRow.weeks),
        col(DraftRow.figures),
        col(DraftRow.edits),
    )
    .join(PersonRow, col(PersonRow.id) == col(DraftRow.by_id), isouter=True)
    .order_by(col(DraftRow.created).desc(), col(DraftRow.id))
)


def _draft(row: Row[Any]) -> Draft:
    return Draft(
        id=row.id,
        base=row.base,
        state=row.state,
        created=row.created,
        by=row.name or "devsys",
        cause=row.cause,
        horizon=Horizon(row.start, row.weeks),
        figures=_figures(row.figures),
        edits=row.edits,
    )


def draft(db: Db, draft_id: str) -> Draft:
    """Give a draft. Raises NotFoundError."""
    if "\0" in draft_id:  # no id holds one, and PostgreSQL takes it for no text at all
        raise NotFoundError(phrase("There is no such draft."))
    row = db.execute(_DRAFT.where(col(DraftRow.id) == draft_id)).one_or_none()
    if row is None:
        raise NotFoundError(phrase("There is no such draft."))
    return _draft(row)


def open_drafts(db: Db, *, after: tuple[datetime, str] | None = None, limit: int | None = None) -> tuple[Draft, ...]:
    """Give the drafts that are neither published nor discarded, newest first; behind one (created, id) if asked."""
    query = _DRAFT.where(col(DraftRow.state) == OPEN).limit(limit)
    if after is not None:
        query = query.where(behind(col(DraftRow.created), col(DraftRow.id), after))
    return tuple(_draft(row) for row in db.execute(query))


def comparable(db: Db) -> tuple[Draft, ...]:
    """Give the plans that can be laid side by side, newest first: open drafts, and those drawn on a supposition."""
    return tuple(_draft(row) for row in db.execute(_DRAFT.where(col(DraftRow.state).in_((OPEN, SUPPOSED)))))


def new_draft(
    db: Db,
    draft_id: str,
    *,
    horizon: Horizon,
    by_id: str | None,
    cause: str,
    now: datetime,
    base: int | None = None,
    state: str = OPEN,
) -> None:
    """Open a draft on the published version (or on `base`, the one a long run began with)."""
    db.add(
        DraftRow(
            id=draft_id,
            base=pointer(db) if base is None else base,
            state=state,
            created=now,
            by_id=by_id,
            cause=cause,
            start=horizon.start,
            weeks=horizon.weeks,
        )
    )
    db.flush()


def set_figures(db: Db, draft_id: str, figures: Figures) -> None:
    """Keep how good a draft is."""
    _change_draft(db, draft_id, figures=json.dumps(asdict(figures)))


def set_base(db: Db, draft_id: str, base: int) -> None:
    """Lay a draft on another version."""
    _change_draft(db, draft_id, base=base)


def _change_draft(db: Db, draft_id: str, **values: object) -> None:
    db.execute(update(DraftRow).where(col(DraftRow.id) == draft_id).values(**values))


def discard(db: Db, draft_id: str) -> None:
    """Drop a draft and all it would have changed. Raises ConflictError when it is no longer open."""
    must_be_open(draft(db, draft_id))
    _drop(db, [draft_id])


def _drop(db: Db, draft_ids: Sequence[str]) -> None:
    db.execute(delete(RevisionRow).where(col(RevisionRow.draft_id).in_(draft_ids), col(RevisionRow.since).is_(None)))
    db.execute(delete(OwedRow).where(col(OwedRow.draft_id).in_(draft_ids)))
    db.execute(delete(CrossedRow).where(col(CrossedRow.draft_id).in_(draft_ids)))
    steps.forget(db, draft_ids)
    forget_unpublished(db)
    db.execute(update(DraftRow).where(col(DraftRow.id).in_(draft_ids)).values(state="discarded"))


def drop_supposed(db: Db, before: datetime) -> int:
    """Drop the plans drawn on a supposition before an instant; give how many."""
    old = select(col(DraftRow.id)).where(col(DraftRow.state) == SUPPOSED, col(DraftRow.created) < before)
    found = [str(i) for i in db.execute(old).scalars()]
    if found:
        _drop(db, found)
    return len(found)


def crossed(db: Db, draft_id: str) -> Mapping[str, int]:
    """Give the sessions of a draft that another plan changed otherwise meanwhile: id -> the version that did."""
    query = select(col(CrossedRow.session_id), col(CrossedRow.number)).where(col(CrossedRow.draft_id) == draft_id)
    return {str(session_id): int(number) for session_id, number in db.execute(query.order_by(col(CrossedRow.number)))}


def cross(db: Db, draft_id: str, session_ids: Iterable[str], number: int) -> None:
    """Keep that version `number` and a draft say different things of sessions."""
    rows = ({"draft_id": draft_id, "session_id": one, "number": number} for one in session_ids)
    upsert(db, CrossedRow, rows)


def uncross(db: Db, draft_id: str, session_ids: Iterable[str] | None = None) -> None:
    """Forget it: somebody said which holds; of all sessions of the draft, or some."""
    gone = delete(CrossedRow).where(col(CrossedRow.draft_id) == draft_id)
    if session_ids is not None:
        gone = gone.where(col(CrossedRow.session_id).in_(tuple(session_ids)))
    db.execute(gone)


def must_be_open(found: Draft) -> None:
    """Raise ConflictError, in words, for a draft that nothing can be done with any more."""
    if found.state == SUPPOSED:
        raise ConflictError(
            phrase("This plan was drawn on a supposition. Make that true, then draw a plan to publish.")
        )
    if found.state != OPEN:
        raise ConflictError(phrase("This draft is %(state)s already. Nothing was changed.", state=phrase(found.state)))


def publish(db: Db, draft_id: str, *, by_id: str | None, cause: str, now: datetime, changes: Mapping[str, int]) -> int:
    """Make a draft the published plan; give its version number.

    The pointer moves by compare-and-swap from the draft's base (trust.md R8). Raises ConflictError, with who
    published meanwhile and when, if it has moved; the draft stays as it is.
    """
    found = draft(db, draft_id)
    must_be_open(found)
    number = found.base + 1
    swapped = db.execute(
        update(PointerRow).where(col(PointerRow.id) == 1, col(PointerRow.number) == found.base).values(number=number)
    )
    if not isinstance(swapped, CursorResult) or swapped.rowcount != 1:
        raise ConflictError(who_was_first(db))
    db.add(
        VersionRow(
            number=number,
            draft_id=draft_id,
            published=now,
            by_id=by_id,
            cause=cause,
            start=found.horizon.start,
            weeks=found.horizon.weeks,
            figures=json.dumps(asdict(found.figures)),
            changes=json.dumps(dict(changes)),
        )
    )
    fresh = and_(col(RevisionRow.draft_id) == draft_id, col(RevisionRow.since).is_(None))
    touched = select(col(RevisionRow.session_id)).where(fresh).scalar_subquery()
    db.execute(
        update(RevisionRow)
        .where(
            col(RevisionRow.since).is_not(None),
            col(RevisionRow.until).is_(None),
            col(RevisionRow.session_id).in_(touched),
        )
        .values(until=number)
        .execution_options(synchronize_session=False)
    )
    db.execute(update(RevisionRow).where(fresh).values(since=number).execution_options(synchronize_session=False))
    _change_draft(db, draft_id, state="published")
    steps.forget(db, [draft_id])
    return number


_COMPARE: Final = to_phrase("Your draft is unchanged: compare again.")


def who_was_first(db: Db, then: str = _COMPARE) -> str:
    """Say who published the plan that stands, and when, to somebody who came second; `then` says what to do."""
    last = latest(db)
    if last is None:
        return phrase("The plan changed meanwhile. %(then)s", then=then)
    return phrase(
        "%(who)s published another plan on %(day)s at %(time)s UTC. %(then)s",
        who=last.by,
        day=plain_full_day(last.published),
        time=clock(last.published),
        then=then,
    )


def begin(db: Db) -> None:
    """Set the pointer of a new database to 0."""
    if db.get(PointerRow, 1) is None:
        db.add(PointerRow(id=1, number=0))


_VERSION = select(
    col(VersionRow.number),
    col(VersionRow.published),
    col(PersonRow.name),
    col(VersionRow.cause),
    col(VersionRow.figures),
    col(VersionRow.start),
    col(VersionRow.weeks),
    col(VersionRow.changes),
).join(PersonRow, col(PersonRow.id) == col(VersionRow.by_id), isouter=True)


def _version(row: Row[Any]) -> Version:
    return Version(
        number=row.number,
        published=row.published,
        by=row.name or "devsys",
        cause=row.cause,
        figures=_figures(row.figures),
        horizon=Horizon(row.start, row.weeks),
        changes=json.loads(row.changes),
    )


def versions(db: Db, limit: int = 200, *, before: int | None = None) -> tuple[Version, ...]:
    """Give the published versions, newest first: the change log; those with smaller numbers than one if asked."""
    query = _VERSION.order_by(col(VersionRow.number).desc()).limit(limit)
    if before is not None:
        query = query.where(col(VersionRow.number) < before)
    return tuple(_version(r) for r in db.execute(query))


def versions_of(db: Db, numbers: Iterable[int]) -> tuple[Version, ...]:
    """Give some versions by their numbers, in no order."""
    return tuple(_version(r) for r in db.execute(_VERSION.where(col(VersionRow.number).in_(tuple(numbers)))))


def version(db: Db, number: int) -> Version:
    """Give one version. Raises NotFoundError."""
    row = db.execute(_VERSION.where(col(VersionRow.number) == number)).one_or_none()
    if row is None:
        raise NotFoundError(phrase("There is no such version of the plan."))
    return _version(row)


def latest(db: Db) -> Version | None:
    """Give the published version, None before the first."""
    number = pointer(db)
    return version(db, number) if number else None


def keep_owed(db: Db, draft_id: str, owed: Iterable[Owed]) -> None:
    """Replace the owed list of a draft."""
    db.execute(delete(OwedRow).where(col(OwedRow.draft_id) == draft_id))
    rows = [{"draft_id": draft_id, **asdict(one)} for one in owed]
    if rows:
        db.execute(insert(OwedRow), rows)


def copy_owed(db: Db, from_id: str, to_id: str) -> None:
    """Let a draft owe what another owes; nothing of it passes through this process."""
    columns = [c for c in OwedRow.__table__.columns if c.name != "draft_id"]  # type: ignore[attr-defined]
    rows = select(literal(to_id), *columns).where(col(OwedRow.draft_id) == from_id)
    db.execute(insert(OwedRow).from_select(["draft_id", *(c.name for c in columns)], rows))


def change_owed(db: Db, draft_id: str, gone: Sequence[str], owed: Iterable[Owed]) -> None:
    """Take needs from what a draft owes, by their keys, and add others."""
    for some in chunks(gone):
        db.execute(delete(OwedRow).where(col(OwedRow.draft_id) == draft_id, col(OwedRow.need).in_(some)))
    rows = [{"draft_id": draft_id, **asdict(one)} for one in owed]
    if rows:
        db.execute(insert(OwedRow), rows)


def _owed(query: Select[OwedRow], db: Db) -> tuple[Owed, ...]:
    return tuple(
        Owed(
            person_id=r.person_id,
            activity=r.activity,
            need=r.need,
            earliest=r.earliest,
            due=r.due,
            latest=r.latest,
            rule=r.rule,
            reason=r.reason,
            would_fit=r.would_fit,
        )
        for r in db.execute(query.order_by(col(OwedRow.due), col(OwedRow.need))).scalars()
    )


def owed_in(db: Db, draft_id: str, team_id: str | None = None, person_id: str | None = None) -> tuple[Owed, ...]:
    """Give what a draft owes, by due date; of one team or one person when asked."""
    query = select(OwedRow).where(col(OwedRow.draft_id) == draft_id)
    if team_id is not None:
        members = select(col(PersonRow.id)).where(col(PersonRow.team_id) == team_id)
        query = query.where(col(OwedRow.person_id).in_(members))
    if person_id is not None:
        query = query.where(col(OwedRow.person_id) == person_id)
    return _owed(query, db)


def owed_need(db: Db, draft_id: str, need: str) -> Owed | None:
    """Give one need a draft owes by its key, None where the draft does not owe it."""
    query = select(OwedRow).where(col(OwedRow.draft_id) == draft_id, col(OwedRow.need) == need)
    return next(iter(_owed(query, db)), None)


def draft_of_version(db: Db, number: int) -> str:
    """Give the id of the draft that became version `number`. Raises NotFoundError."""
    found = db.execute(select(col(VersionRow.draft_id)).where(col(VersionRow.number) == number)).scalar()
    if found is None:
        raise NotFoundError(phrase("There is no such version of the plan."))
    return str(found)


def draft_sizes(db: Db) -> Mapping[str, int]:
    """Give the number of sessions each open draft changes: draft id -> count."""
    live = case((col(RevisionRow.since).is_(None), 1), else_=0)
    query = (
        select(col(RevisionRow.draft_id), func.sum(live))
        .where(col(RevisionRow.draft_id).in_(select(col(DraftRow.id)).where(col(DraftRow.state) == OPEN)))
        .group_by(col(RevisionRow.draft_id))
    )
    return {str(k): int(n or 0) for k, n in db.execute(query)}
