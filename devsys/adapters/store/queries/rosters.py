"""Teams with who works when, and queues with what they need: the reads of programs, each page by id."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, false, or_, select, true

from devsys.adapters.store.queries.rows import table
from devsys.adapters.store.store import Db
from devsys.adapters.store.tables.people import HolidayRow, PersonRow, QueueRow, SiteRow, TeamRow
from devsys.core.model.people import Person
from devsys.core.policy import Extent, Scope

_PERSON, _TEAM, _QUEUE, _SITE, _HOLIDAY = (table(r) for r in (PersonRow, TeamRow, QueueRow, SiteRow, HolidayRow))


@dataclass(frozen=True, slots=True)
class Place:
    """A team or a queue, with the site whose clock it goes by."""

    id: str
    code: str
    name: str
    site_id: str
    site: str
    zone: str


def _teams_reached(scope: Scope) -> ColumnElement[bool]:
    if scope.everything:
        return true()
    return _TEAM.c.id.in_(scope.team_ids) if Extent.TEAM in scope.extents else false()


def _queues_reached(scope: Scope) -> ColumnElement[bool]:
    """Give the condition for the queues a scope reaches: of whoever reaches a team, those its people work on."""
    if scope.everything:
        return true()
    if Extent.TEAM not in scope.extents:
        return false()
    return _QUEUE.c.id.in_(select(_PERSON.c.queue_id).where(_PERSON.c.team_id.in_(scope.team_ids)))


def _places(of: Table) -> Select[Any]:
    """Ask for teams or queues as places: with the name and zone of their site."""
    query = select(of.c.id, of.c.code, of.c.name, _SITE.c.id, _SITE.c.name, _SITE.c.zone)
    return query.join(_SITE, _SITE.c.id == of.c.site_id)


def teams(db: Db, scope: Scope, *, after: str = "", most: int) -> tuple[Place, ...]:
    """Give the teams a scope reaches, in order of their ids."""
    query = _places(_TEAM).where(_teams_reached(scope), _TEAM.c.id > after)
    return tuple(Place(*row) for row in db.execute(query.order_by(_TEAM.c.id).limit(most)))


def team(db: Db, scope: Scope, team_id: str) -> Place | None:
    """Give a team, None where there is none or the scope does not reach it."""
    query = _places(_TEAM).where(_teams_reached(scope), _TEAM.c.id == team_id)
    row = db.execute(query).one_or_none()
    return Place(*row) if row else None


def queues(db: Db, scope: Scope, *, team_id: str = "", after: str = "", most: int) -> tuple[Place, ...]:
    """Give the queues a scope reaches, in order of their ids; only those people of a team work on when asked."""
    query = _places(_QUEUE).where(_queues_reached(scope), _QUEUE.c.id > after)
    if team_id:
        query = query.where(_QUEUE.c.id.in_(select(_PERSON.c.queue_id).where(_PERSON.c.team_id == team_id)))
    return tuple(Place(*row) for row in db.execute(query.order_by(_QUEUE.c.id).limit(most)))


def queue(db: Db, scope: Scope, queue_id: str) -> Place | None:
    """Give a queue, None where there is none or the scope does not reach it."""
    query = _places(_QUEUE).where(_queues_reached(scope), _QUEUE.c.id == queue_id)
    row = db.execute(query).one_or_none()
    return Place(*row) if row else None


def people_of_team(db: Db, team_id: str, start: date, end: date) -> tuple[Person, ...]:
    """Give who is of a team on any day from `start` to before `end`, by code."""
    here = (
        or_(_PERSON.c.joined.is_(None), _PERSON.c.joined < end),
        or_(_PERSON.c.left.is_(None), _PERSON.c.left > start),
    )
    query = select(_PERSON).where(_PERSON.c.team_id == team_id, *here).order_by(_PERSON.c.code)
    return tuple(Person(*row) for row in db.execute(query))


def holidays_of(db: Db, site_id: str, start: date, end: date) -> Sequence[date]:
    """Give the public holidays of a site from `start` to before `end`."""
    query = select(_HOLIDAY.c.day).where(_HOLIDAY.c.site_id == site_id, _HOLIDAY.c.day >= start, _HOLIDAY.c.day < end)
    return tuple(db.execute(query).scalars())
