"""Who can be written as away, and who is away without an end: columns, a query each."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, or_, select

from devsys.adapters.store.queries.rows import table
from devsys.adapters.store.store import Db
from devsys.adapters.store.tables.people import AbsenceRow, FacilitatorRow, PersonRow, TeamRow
from devsys.base.limits import LIST_ROWS

_PERSON, _TEAM, _FACILITATOR, _ABSENCE = (table(r) for r in (PersonRow, TeamRow, FacilitatorRow, AbsenceRow))
_ESCAPE = "\\"


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who can be away: name, team, and whether they lead sessions."""

    id: str
    name: str
    team_id: str | None
    team: str
    leads: bool


def candidates(
    db: Db,
    today: date,
    *,
    team_ids: Iterable[str] | None = None,
    leads: bool = False,
    search: str = "",
    only: str = "",
    limit: int,
) -> tuple[Candidate, ...]:
    """Give the people who are here, by name: of some teams, who lead, whose name holds `search`, or `only` one."""
    query = (
        select(_PERSON.c.id, _PERSON.c.name, _PERSON.c.team_id, _TEAM.c.name.label("team"), _FACILITATOR.c.person_id)
        .join(_TEAM, _TEAM.c.id == _PERSON.c.team_id, isouter=True)
        .join(_FACILITATOR, _FACILITATOR.c.person_id == _PERSON.c.id, isouter=True)
        .where(or_(_PERSON.c.left.is_(None), _PERSON.c.left > today))
        .order_by(func.lower(_PERSON.c.name), _PERSON.c.id)
        .limit(limit)
    )
    if team_ids is not None:
        query = query.where(_PERSON.c.team_id.in_(tuple(team_ids)))
    if leads:
        query = query.where(_FACILITATOR.c.person_id.is_not(None))
    if only:
        query = query.where(_PERSON.c.id == only)
    if search:
        pattern = search.lower().replace(_ESCAPE, _ESCAPE * 2).replace("%", r"\%").replace("_", r"\_")
        query = query.where(func.lower(_PERSON.c.name).like(f"%{pattern}%", escape=_ESCAPE))
    return tuple(Candidate(i, name, t, team or "", bool(f)) for i, name, t, team, f in db.execute(query))


def count_here(db: Db, today: date, team_ids: Iterable[str] | None = None) -> int:
    """Give how many people are here."""
    query = select(func.count()).select_from(_PERSON).where(or_(_PERSON.c.left.is_(None), _PERSON.c.left > today))
    if team_ids is not None:
        query = query.where(_PERSON.c.team_id.in_(tuple(team_ids)))
    return int(db.execute(query).scalar() or 0)


@dataclass(frozen=True, slots=True)
class AwayOpenly:
    """Somebody away whose return is not known, since a moment of their own clock."""

    person_id: str
    name: str
    team: str
    start: datetime


def without_end(
    db: Db, today: date, *, team_ids: Iterable[str] | None = None, limit: int = LIST_ROWS
) -> tuple[AwayOpenly, ...]:
    """Give who is away without a known end and is here still, longest first."""
    query = (
        select(_PERSON.c.id, _PERSON.c.name, _TEAM.c.name.label("team"), _ABSENCE.c.start)
        .join(_ABSENCE, _ABSENCE.c.person_id == _PERSON.c.id)
        .join(_TEAM, _TEAM.c.id == _PERSON.c.team_id, isouter=True)
        .where(_ABSENCE.c.end.is_(None), or_(_PERSON.c.left.is_(None), _PERSON.c.left > today))
        .order_by(_ABSENCE.c.start, _PERSON.c.name)
        .limit(limit)
    )
    if team_ids is not None:
        query = query.where(_PERSON.c.team_id.in_(tuple(team_ids)))
    return tuple(AwayOpenly(i, name, team or "", start) for i, name, team, start in db.execute(query))
