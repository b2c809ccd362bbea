"""Coaching series that people asked for."""

import json
from collections.abc import Iterable
from datetime import datetime, time

from sqlalchemy import insert, select, update
from sqlmodel import col

from devsys.adapters.store.store import Db
from devsys.adapters.store.tables.programme import SeriesRow
from devsys.core.model.needs import SeriesRequest


def requests(db: Db, person_id: str | None = None) -> tuple[SeriesRequest, ...]:
    """Give the series asked for and not withdrawn, in order of asking; of one person when asked."""
    query = select(SeriesRow).where(col(SeriesRow.withdrawn).is_(None))
    if person_id is not None:
        query = query.where(col(SeriesRow.person_id) == person_id)
    rows = db.execute(query.order_by(col(SeriesRow.requested), col(SeriesRow.id))).scalars()
    return tuple(
        SeriesRequest(row.id, row.person_id, row.activity, row.requested, _preferred(row.preferred)) for row in rows
    )


def _preferred(text: str) -> tuple[tuple[int, time, time], ...]:
    return tuple((day, time.fromisoformat(begin), time.fromisoformat(end)) for day, begin, end in json.loads(text))


def keep(db: Db, asked: Iterable[SeriesRequest]) -> None:
    """Keep requests."""
    rows = [
        {
            "id": r.id,
            "person_id": r.person_id,
            "activity": r.activity,
            "requested": r.requested,
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
