"""Coaching series that people asked for."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time

from sqlalchemy import insert, select, update
from sqlmodel import col

from devsys.adapters.store.store import Db
from devsys.adapters.store.tables.people import FacilitatorRow, PersonRow, QueueRow, SiteRow, TeamRow
from devsys.adapters.store.tables.programme import SeriesRow
from devsys.core.model.needs import SeriesRequest


@dataclass(frozen=True, slots=True)
class Asker:
    """What decides whether coaching can be planned for a person: a clock to plan by, the team, leading oneself."""

    zone: str
    team_code: str
    leads: bool


def asker(db: Db, person_id: str) -> Asker:
    """Give what is known of a person who asks; no zone where they belong to no team and no queue."""
    sites = [
        select(col(SiteRow.zone))
        .join(row, col(row.site_id) == col(SiteRow.id))
        .join(PersonRow, key == col(row.id))
        .where(col(PersonRow.id) == person_id)
        for row, key in ((TeamRow, col(PersonRow.team_id)), (QueueRow, col(PersonRow.queue_id)))
    ]
    team = (
        select(col(TeamRow.code))
        .join(PersonRow, col(PersonRow.team_id) == col(TeamRow.id))
        .where(col(PersonRow.id) == person_id)
    )
    leads = select(col(FacilitatorRow.person_id)).where(col(FacilitatorRow.person_id) == person_id)
    zones = [str(zone) for query in sites if (zone := db.execute(query).scalar()) is not None]
    return Asker(
        zone=zones[0] if zones else "",
        team_code=str(db.execute(team).scalar() or ""),
        leads=db.execute(leads).first() is not None,
    )


def requests(db: Db, person_id: str | None = None, people: Iterable[str] | None = None) -> tuple[SeriesRequest, ...]:
    """Give the series asked for and not withdrawn, in order of asking; of one person or some when asked."""
    query = select(SeriesRow).where(col(SeriesRow.withdrawn).is_(None))
    if person_id is not None:
        query = query.where(col(SeriesRow.person_id) == person_id)
    if people is not None:
        query = query.where(col(SeriesRow.person_id).in_(tuple(people)))
    rows = db.execute(query.order_by(col(SeriesRow.requested), col(SeriesRow.id))).scalars()
    return tuple(_request(row) for row in rows)


def _request(row: SeriesRow) -> SeriesRequest:
    return SeriesRequest(row.id, row.person_id, row.activity, row.requested, _preferred(row.preferred), row.steps)


def _preferred(text: str) -> tuple[tuple[int, time, time], ...]:
    return tuple((day, time.fromisoformat(begin), time.fromisoformat(end)) for day, begin, end in json.loads(text))


def of_person(db: Db, person_id: str) -> tuple[tuple[SeriesRequest, datetime | None], ...]:
    """Give all a person ever asked for, the newest first, each with when it was withdrawn (None: it was not)."""
    query = select(SeriesRow).where(col(SeriesRow.person_id) == person_id)
    rows = db.execute(query.order_by(col(SeriesRow.requested).desc(), col(SeriesRow.id))).scalars()
    return tuple((_request(row), row.withdrawn) for row in rows)


def withdrawn(db: Db) -> frozenset[str]:
    """Give the ids of the series that were withdrawn."""
    query = select(col(SeriesRow.id)).where(col(SeriesRow.withdrawn).is_not(None))
    return frozenset(db.execute(query).scalars())


def keep(db: Db, asked: Iterable[SeriesRequest]) -> None:
    """Keep requests."""
    rows = [
        {
            "id": r.id,
            "person_id": r.person_id,
            "activity": r.activity,
            "requested": r.requested,
            "steps": r.steps,
            "preferred": json.dumps([[d, b.strftime("%H:%M"), e.strftime("%H:%M")] for d, b, e in r.preferred]),
        }
        for r in asked
    ]
    if rows:
        db.execute(insert(SeriesRow), rows)


def withdraw(db: Db, series_id: str, person_id: str, now: datetime) -> bool:
    """Withdraw a person's own request; say whether there was one."""
    change = update(SeriesRow).where(
        col(SeriesRow.id) == series_id, col(SeriesRow.person_id) == person_id, col(SeriesRow.withdrawn).is_(None)
    )
    return bool(db.execute(change.values(withdrawn=now).returning(col(SeriesRow.id))).all())
