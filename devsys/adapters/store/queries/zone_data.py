"""New zone data: what people attend keeps its wall time, the instants beside it are worked out again (trust.md R11)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, bindparam, or_, select, update

from devsys.adapters.store.queries import house
from devsys.adapters.store.queries.rows import table
from devsys.adapters.store.store import Db
from devsys.adapters.store.tables.calendar import RevisionRow
from devsys.core.feeds.zones import DATA_VERSION
from devsys.core.model.hours import instant_forward

KNOWN = "zone_data"  # the version of the zone data that kept instants were worked out with

_REVISION = table(RevisionRow)


@dataclass(frozen=True, slots=True)
class Shifted:
    """A session whose instant moved under its wall time: from `before` to `after`, aware UTC."""

    session_id: str
    starts: datetime
    zone: str
    before: datetime
    after: datetime


def follow_zone_data(db: Db, now: datetime, version: str = DATA_VERSION) -> tuple[Shifted, ...]:
    """Work out the instants of coming sessions again if the zone data is another; give the published ones that moved.

    SEQUENCE rises by one only where the instant moved; what has ended stays as it was. Only inside `store.write()`.
    """
    if house.fact(db, KNOWN) == version:
        return ()
    house.set_fact(db, KNOWN, version)
    open_ = and_(_REVISION.c.since.is_(None), _REVISION.c.draft_id.is_not(None))
    published = and_(_REVISION.c.since.is_not(None), _REVISION.c.until.is_(None))
    query = select(
        _REVISION.c.id,
        _REVISION.c.session_id,
        _REVISION.c.starts,
        _REVISION.c.zone,
        _REVISION.c.minutes,
        _REVISION.c.starts_utc,
        _REVISION.c.since,
        _REVISION.c.sequence,
    ).where(_REVISION.c.ends_utc > now, or_(open_, published))
    found: list[Shifted] = []
    changes = []
    for row in db.execute(query.order_by(_REVISION.c.starts_utc, _REVISION.c.session_id)):
        after = instant_forward(row.starts, row.zone)
        if after == row.starts_utc:
            continue
        changes.append(
            {
                "row": row.id,
                "starts_utc": after,
                "ends_utc": after + timedelta(minutes=row.minutes),
                "sequence": row.sequence + (row.since is not None),
                "changed": now,
            }
        )
        if row.since is not None:
            found.append(Shifted(row.session_id, row.starts, row.zone, row.starts_utc, after))
    if changes:
        names = ("starts_utc", "ends_utc", "sequence", "changed")
        one = update(_REVISION).where(_REVISION.c.id == bindparam("row"))
        db.connection().execute(one.values({name: bindparam(name) for name in names}), changes)
    return tuple(found)
