"""Busy times of people and the calendars they come from."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, insert, or_, select, update

from devsys.adapters.store.queries.rows import table, upsert
from devsys.adapters.store.sealed import seal, unseal
from devsys.adapters.store.store import Db
from devsys.adapters.store.tables.accounts import AccountRow
from devsys.adapters.store.tables.busy import BusyRow, BusySourceRow
from devsys.adapters.store.tables.calendar import RevisionRow, SessionRow
from devsys.adapters.store.tables.people import FacilitatorRow, PersonRow, QueueRow, SiteRow, TeamRow
from devsys.core.model.hours import local
from devsys.core.model.people import Absence

_BUSY, _SOURCE, _PERSON, _ACCOUNT = (table(r) for r in (BusyRow, BusySourceRow, PersonRow, AccountRow))
_TEAM, _QUEUE, _SITE, _FACILITATOR = (table(r) for r in (TeamRow, QueueRow, SiteRow, FacilitatorRow))
_REVISION, _SESSION = table(RevisionRow), table(SessionRow)

_ORDER = (_BUSY.c.person_id, _BUSY.c.starts_utc, _BUSY.c.source_id)

Period = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Source:
    """A calendar of a person, without its address; `fetched` says that it has one. `periods` counts what is kept."""

    id: str
    person_id: str
    name: str
    fetched: bool
    created: datetime
    read: datetime
    until: datetime
    tried: datetime
    note: str
    trouble: str
    periods: int


@dataclass(frozen=True, slots=True)
class Address:
    """What the worker needs to look at a calendar again."""

    id: str
    person_id: str
    address: str
    read: datetime
    tag: str
    dated: str


def as_absences(db: Db, people: Sequence[str] | None = None, since: datetime | None = None) -> tuple[Absence, ...]:
    """Give busy times in the clock of each person's site, by person and start; those of nobody's clock in UTC.

    Of everybody and always, or of some people and of what ends after `since`. What spans a repeated hour only is left
    out: on the wall it has no length.
    """
    query = select(_BUSY.c.person_id, _BUSY.c.starts_utc, _BUSY.c.ends_utc).order_by(*_ORDER)
    if people is not None:
        query = query.where(_BUSY.c.person_id.in_(people))
    if since is not None:
        query = query.where(_BUSY.c.ends_utc > since)
    rows = db.execute(query).all()
    zones = dict(_zones(db)) if rows else {}
    walls = (
        (person_id, local(starts, zones.get(person_id, "UTC")), local(ends, zones.get(person_id, "UTC")))
        for person_id, starts, ends in rows
    )
    return tuple(Absence(person_id, starts, ends) for person_id, starts, ends in walls if starts < ends)


def _zones(db: Db) -> Iterable[tuple[str, str]]:
    """Give the zone of the site of each person with busy times: the team's, else the queue's, else the first served."""
    team_site, queue_site = _SITE.alias(), _SITE.alias()
    query = (
        select(_PERSON.c.id, team_site.c.zone, queue_site.c.zone, _FACILITATOR.c.site_ids)
        .join(_TEAM, _TEAM.c.id == _PERSON.c.team_id, isouter=True)
        .join(team_site, team_site.c.id == _TEAM.c.site_id, isouter=True)
        .join(_QUEUE, _QUEUE.c.id == _PERSON.c.queue_id, isouter=True)
        .join(queue_site, queue_site.c.id == _QUEUE.c.site_id, isouter=True)
        .join(_FACILITATOR, _FACILITATOR.c.person_id == _PERSON.c.id, isouter=True)
        .where(_PERSON.c.id.in_(select(_BUSY.c.person_id)))
    )
    rows = db.execute(query).all()
    served = {row[0]: row[3].split("|")[0] for row in rows if not row[1] and not row[2] and row[3]}
    sites = dict(db.execute(select(_SITE.c.id, _SITE.c.zone)).all()) if served else {}
    for person_id, of_team, of_queue, _ in rows:
        yield person_id, of_team or of_queue or sites.get(served.get(person_id, ""), "UTC")


def sources(db: Db, person_id: str) -> tuple[Source, ...]:
    """Give the calendars of a person, oldest first."""
    count = select(func.count()).where(_BUSY.c.source_id == _SOURCE.c.id).scalar_subquery()
    query = select(
        _SOURCE.c.id,
        _SOURCE.c.person_id,
        _SOURCE.c.name,
        _SOURCE.c.address,
        _SOURCE.c.created,
        _SOURCE.c.read,
        _SOURCE.c.until,
        _SOURCE.c.tried,
        _SOURCE.c.note,
        _SOURCE.c.trouble,
        count,
    )
    rows = db.execute(query.where(_SOURCE.c.person_id == person_id).order_by(_SOURCE.c.created, _SOURCE.c.id))
    return tuple(Source(i, p, name, bool(a), *rest) for i, p, name, a, *rest in rows)


def periods(db: Db, person_id: str, start: datetime, end: datetime) -> tuple[Period, ...]:
    """Give the busy times of a person between two instants, soonest first; those of two calendars may overlap."""
    query = select(_BUSY.c.starts_utc, _BUSY.c.ends_utc).where(
        _BUSY.c.person_id == person_id, _BUSY.c.ends_utc > start, _BUSY.c.starts_utc < end
    )
    return tuple((a, b) for a, b in db.execute(query.order_by(*_ORDER)))


def of_source(db: Db, source_id: str) -> tuple[Period, ...]:
    """Give what is kept of one calendar, soonest first."""
    query = select(_BUSY.c.starts_utc, _BUSY.c.ends_utc).where(_BUSY.c.source_id == source_id)
    return tuple((a, b) for a, b in db.execute(query.order_by(_BUSY.c.starts_utc)))


def write_source(db: Db, values: dict[str, object], found: Iterable[Period] | None) -> None:
    """Keep a calendar and what was read of it; None keeps the periods of before. Its address is sealed."""
    address = str(values["address"])
    sealed = seal(db, BusySourceRow, "address", str(values["id"]), address) if address else None
    upsert(db, BusySourceRow, [values | {"address": sealed}])
    if found is None:
        return
    db.execute(delete(_BUSY).where(_BUSY.c.source_id == values["id"]))
    rows = [
        {"source_id": values["id"], "person_id": values["person_id"], "starts_utc": a, "ends_utc": b} for a, b in found
    ]
    if rows:
        db.execute(insert(_BUSY), rows)


def tried(db: Db, source_id: str, now: datetime, trouble: str) -> None:
    """Write that a calendar was looked at and nothing new was read; `trouble` says why, empty: it is as it was."""
    db.execute(update(_SOURCE).where(_SOURCE.c.id == source_id).values(tried=now, trouble=trouble))


def drop_source(db: Db, source_id: str, person_id: str) -> bool:
    """Take a calendar of a person away with all that came of it; say whether there was one."""
    mine = db.execute(select(_SOURCE.c.id).where(_SOURCE.c.id == source_id, _SOURCE.c.person_id == person_id)).scalar()
    if mine is None:
        return False
    db.execute(delete(_BUSY).where(_BUSY.c.source_id == source_id))
    db.execute(delete(_SOURCE).where(_SOURCE.c.id == source_id))
    return True


def to_look_at(db: Db, now: datetime, before: datetime) -> tuple[Address, ...]:
    """Give the addresses not looked at since `before`, of people who are here and may sign in, longest ago first.

    Raises UnavailableError when the key they are sealed with is missing.
    """
    query = (
        select(_SOURCE.c.id, _SOURCE.c.person_id, _SOURCE.c.address, _SOURCE.c.read, _SOURCE.c.tag, _SOURCE.c.dated)
        .join(_ACCOUNT, _ACCOUNT.c.person_id == _SOURCE.c.person_id)
        .join(_PERSON, _PERSON.c.id == _SOURCE.c.person_id)
        .where(
            _SOURCE.c.address.is_not(None),
            _SOURCE.c.tried <= before,
            _ACCOUNT.c.active,
            or_(_PERSON.c.left.is_(None), _PERSON.c.left > now.date()),
        )
        .order_by(_SOURCE.c.tried, _SOURCE.c.id)
    )
    return tuple(
        Address(id_, person_id, unseal(db, BusySourceRow, "address", id_, address), *rest)
        for id_, person_id, address, *rest in db.execute(query)
    )


def our_uids(db: Db, since: datetime) -> frozenset[str]:
    """Give the UIDs of sessions that end after a moment: they come back in calendars that hold our feeds."""
    query = select(_SESSION.c.uid).where(
        _SESSION.c.id.in_(select(_REVISION.c.session_id).where(_REVISION.c.ends_utc > since))
    )
    return frozenset(db.execute(query).scalars())
