"""Where sessions and drafts stand: which draft holds what, who is in a session, how much is published."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import col

from devsys.adapters.store.queries.calendar_figures import planned, shown
from devsys.adapters.store.queries.during import during
from devsys.adapters.store.queries.plans import OPEN
from devsys.adapters.store.store import Db
from devsys.adapters.store.tables.calendar import PlaceRow, RevisionRow
from devsys.adapters.store.tables.people import PersonRow
from devsys.adapters.store.tables.plans import DraftRow, VersionRow


def newest_draft_by(db: Db, person_id: str) -> str | None:
    """Give the newest open draft a person opened or asked for, None when there is none."""
    query = (
        select(col(DraftRow.id))
        .where(col(DraftRow.by_id) == person_id, col(DraftRow.state) == "open")
        .order_by(col(DraftRow.created).desc(), col(DraftRow.id))
        .limit(1)
    )
    found = db.execute(query).scalar()
    return None if found is None else str(found)


def draft_with(db: Db, session_id: str) -> str | None:
    """Give the newest open draft that holds a session which is not published, None when there is none."""
    query = (
        select(col(DraftRow.id))
        .join(RevisionRow, col(RevisionRow.draft_id) == col(DraftRow.id))
        .where(
            col(RevisionRow.session_id) == session_id, col(RevisionRow.since).is_(None), col(DraftRow.state) == "open"
        )
        .order_by(col(DraftRow.created).desc(), col(DraftRow.id))
        .limit(1)
    )
    found = db.execute(query).scalar()
    return None if found is None else str(found)


def drafted_ids(db: Db, draft_id: str, start: datetime, end: datetime) -> frozenset[str]:
    """Give the ids of the sessions that a draft adds, changes or cancels in a stretch of instants."""
    query = select(col(RevisionRow.session_id)).where(
        col(RevisionRow.draft_id) == draft_id,
        col(RevisionRow.since).is_(None),
        during(start, end),
    )
    return frozenset(db.execute(query).scalars())


def changed_since(db: Db, draft_id: str, number: int) -> frozenset[str]:
    """Give the ids of the sessions a draft changes that were published anew after version `number`."""
    mine = select(col(RevisionRow.session_id)).where(
        col(RevisionRow.draft_id) == draft_id, col(RevisionRow.since).is_(None)
    )
    query = select(col(RevisionRow.session_id)).where(
        col(RevisionRow.since) > number, col(RevisionRow.session_id).in_(mine)
    )
    return frozenset(db.execute(query).scalars())


def drafts_with(db: Db, session_ids: Iterable[str]) -> Mapping[str, int]:
    """Give how many of some sessions each open draft changes: draft id -> count, without those that change none."""
    query = (
        select(col(RevisionRow.draft_id), func.count())
        .join(DraftRow, col(DraftRow.id) == col(RevisionRow.draft_id))
        .where(
            col(DraftRow.state) == OPEN,
            col(RevisionRow.since).is_(None),
            col(RevisionRow.session_id).in_(tuple(session_ids)),
        )
        .group_by(col(RevisionRow.draft_id))
    )
    return {str(draft_id): int(count) for draft_id, count in db.execute(query)}


def changes(db: Db, draft_id: str, session_id: str) -> bool:
    """Say whether a draft adds, changes or cancels a session."""
    query = select(func.count()).where(
        col(RevisionRow.draft_id) == draft_id,
        col(RevisionRow.since).is_(None),
        col(RevisionRow.session_id) == session_id,
    )
    return bool(db.execute(query).scalar())


def teams_in(db: Db, session_id: str, draft_id: str | None = None) -> tuple[str, ...]:
    """Give the teams with people in a session, the one with most first."""
    query = (
        select(col(PersonRow.team_id))
        .join(PlaceRow, col(PlaceRow.person_id) == col(PersonRow.id))
        .join(RevisionRow, col(RevisionRow.id) == col(PlaceRow.revision_id))
        .where(shown(draft_id), col(RevisionRow.session_id) == session_id, col(PersonRow.team_id).is_not(None))
        .group_by(col(PersonRow.team_id))
        .order_by(func.count().desc(), col(PersonRow.team_id))
    )
    return tuple(str(team) for team in db.execute(query).scalars())


def version_of(db: Db, draft_id: str) -> int | None:
    """Give the number of the version a draft became, None while it is none."""
    found = db.execute(select(col(VersionRow.number)).where(col(VersionRow.draft_id) == draft_id)).scalar()
    return None if found is None else int(found)


def published_count(db: Db) -> int:
    """Give how many planned sessions are published."""
    return int(db.execute(select(func.count()).select_from(RevisionRow).where(planned(None))).scalar() or 0)
