"""Readings: of teams, which leave as figures of groups, and one's own; sources and their mappings; marks on charts."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, delete, func, insert, select

from devsys.adapters.store.queries.rows import chunks, table, upsert
from devsys.adapters.store.store import Db
from devsys.adapters.store.tables.calendar import PlaceRow, RevisionRow
from devsys.adapters.store.tables.measures import MarkRow, OwnReadingRow, ReadingRow, SourceRow
from devsys.adapters.store.tables.people import PersonRow, SiteRow, TeamRow
from devsys.adapters.store.tables.rollouts import RolloutPlaceRow, RolloutRow
from devsys.core.improvement.blocks import TeamDays
from devsys.core.improvement.marks import Mark, MarkKind
from devsys.core.improvement.panels import PersonDays
from devsys.core.improvement.readings import OwnReading, Reading, Roster, roster_of
from devsys.core.model.calendar import Status

_SOURCE, _READING, _OWN, _MARK = table(SourceRow), table(ReadingRow), table(OwnReadingRow), table(MarkRow)
_PERSON, _TEAM, _SITE = table(PersonRow), table(TeamRow), table(SiteRow)
_REVISION, _PLACE = table(RevisionRow), table(PlaceRow)
_ROLLOUT, _WAVE = table(RolloutRow), table(RolloutPlaceRow)


@dataclass(frozen=True, slots=True)
class Source:
    """One source: its code, its title and the text of its mapping."""

    code: str
    title: str
    text: str
    changed: datetime


def sources(db: Db) -> tuple[Source, ...]:
    """Give all sources by title."""
    return tuple(Source(*row) for row in db.execute(select(_SOURCE).order_by(_SOURCE.c.title, _SOURCE.c.code)))


def keep_source(db: Db, code: str, title: str, text: str, *, now: datetime) -> None:
    """Keep the mapping of a source, new or in place of the one it had."""
    upsert(db, SourceRow, [{"code": code, "title": title, "text": text, "changed": now}])


def roster(db: Db, today: date) -> Roster:
    """Give whom a file may name; teams count the people who have not left."""
    people = db.execute(
        select(_PERSON.c.id, _PERSON.c.code, _PERSON.c.email, _PERSON.c.name, _PERSON.c.team_id, _PERSON.c.left)
    )
    rows = [tuple(row) for row in people]
    teams = [(str(i), str(c), str(n)) for i, c, n in db.execute(select(_TEAM.c.id, _TEAM.c.code, _TEAM.c.name))]
    here = {row[0] for row in rows if row[5] is None or row[5] > today}
    return roster_of([row[:5] for row in rows], teams, here)


def team_days(db: Db, measure: str, since: date, site_id: str = "") -> tuple[TeamDays, ...]:
    """Give a measure's readings of all teams, or of all teams of a site, from a day on: columns, never people."""
    columns = (
        _READING.c.team_id,
        _READING.c.first,
        _READING.c.last,
        _READING.c.numerator,
        _READING.c.denominator,
        _READING.c.people,
    )
    asked = select(*columns).where(_READING.c.measure == measure, _READING.c.first >= since)
    if site_id:
        asked = asked.where(_READING.c.team_id.in_(_teams_at(site_id)))
    return tuple(TeamDays(*row) for row in db.execute(asked.order_by(_READING.c.team_id, _READING.c.first)))


def _teams_at(site_id: str) -> Select[Any]:
    return select(_TEAM.c.id).where(_TEAM.c.site_id == site_id)


def measured(db: Db) -> frozenset[str]:
    """Give the keys of the measures that have any reading: from key to key by the index, not over all readings."""
    first = select(func.min(_READING.c.measure).label("key")).cte("keys", recursive=True)
    after = select(func.min(_READING.c.measure)).where(_READING.c.measure > first.c.key).scalar_subquery()
    keys = first.union_all(select(after).where(first.c.key.is_not(None)))
    return frozenset(str(key) for (key,) in db.execute(select(keys.c.key).where(keys.c.key.is_not(None))))


def own_readings(db: Db, person_id: str) -> tuple[OwnReading, ...]:
    """Give a person's own readings, by measure and day."""
    asked = select(_OWN).where(_OWN.c.person_id == person_id).order_by(_OWN.c.measure, _OWN.c.first, _OWN.c.team_id)
    return tuple(
        OwnReading(r.measure, r.person_id, r.team_id, r.first, r.last, r.numerator, r.denominator)
        for r in db.execute(asked)
    )


def person_days(db: Db, measure: str, people: Sequence[str], since: date) -> tuple[PersonDays, ...]:
    """Give one measure's readings of some people from a day on: what effects of cohorts are worked out from."""
    found: list[PersonDays] = []
    for ids in chunks(people):
        asked = select(_OWN.c.person_id, _OWN.c.first, _OWN.c.numerator, _OWN.c.denominator).where(
            _OWN.c.measure == measure, _OWN.c.person_id.in_(ids), _OWN.c.first >= since
        )
        found += [PersonDays(*row) for row in db.execute(asked.order_by(_OWN.c.person_id, _OWN.c.first))]
    return tuple(found)


def add_own(db: Db, own: Iterable[OwnReading]) -> None:
    """Add readings of persons where there are none yet."""
    db.execute(insert(_OWN), [asdict(one) for one in own])


@dataclass(frozen=True, slots=True)
class Days:
    """What a file covers: measures, teams, and the days from `first` to `last`."""

    measures: tuple[str, ...]
    teams: tuple[str, ...]
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Standing:
    """The readings that stand."""

    readings: tuple[Reading, ...]
    own: tuple[OwnReading, ...]


def standing(db: Db, days: Days) -> Standing:
    """Give the readings that touch what a file covers, also those that reach beyond its days."""
    readings: list[Reading] = []
    own: list[OwnReading] = []
    for teams in chunks(days.teams):
        rows = db.execute(select(_READING).where(*_touching(_READING, days, teams)))
        readings += [Reading(r.measure, r.team_id, r.first, r.last, r.numerator, r.denominator, r.people) for r in rows]
        mine = db.execute(select(_OWN).where(*_touching(_OWN, days, teams)))
        own += [
            OwnReading(r.measure, r.person_id, r.team_id, r.first, r.last, r.numerator, r.denominator) for r in mine
        ]
    return Standing(tuple(readings), tuple(own))


def _touching(of: Table, days: Days, teams: Sequence[str]) -> tuple[ColumnElement[bool], ...]:
    inside = (of.c.first <= days.last, of.c.last >= days.first)
    return (of.c.measure.in_(days.measures), of.c.team_id.in_(teams), *inside)


def replace(db: Db, days: Days, readings: Iterable[Reading], own: Iterable[OwnReading]) -> None:
    """Put readings in place of all that touch the days."""
    for of in (_READING, _OWN):
        for teams in chunks(days.teams):
            db.execute(delete(of).where(*_touching(of, days, teams)))
    for row, rows in ((_READING, [asdict(r) for r in readings]), (_OWN, [asdict(r) for r in own])):
        if rows:
            db.execute(insert(row), rows)


def all_marks(db: Db, site_id: str = "") -> Mapping[str, tuple[Mark, ...]]:
    """Give the marks of all teams (or of a site's) by team id, each team's by day."""
    found: dict[str, list[Mark]] = defaultdict(list)
    asked = select(_MARK).order_by(_MARK.c.day, _MARK.c.id)
    for r in db.execute(asked.where(_MARK.c.team_id.in_(_teams_at(site_id))) if site_id else asked):
        mark = Mark(r.id, r.team_id, r.measure, r.day, MarkKind(r.kind), r.words, r.rebase, r.reason)
        found[mark.team_id].append(mark)
    return {team: tuple(some) for team, some in found.items()}


def keep_mark(db: Db, mark: Mark, *, by_id: str, now: datetime) -> None:
    """Keep a mark."""
    values = {**asdict(mark), "kind": mark.kind.value, "by_id": by_id, "at": now}
    db.execute(insert(_MARK).values(**values))


def drop_mark(db: Db, mark_id: str, team_id: str) -> bool:
    """Take a mark of a team away; say whether it was there."""
    gone = delete(_MARK).where(_MARK.c.id == mark_id, _MARK.c.team_id == team_id).returning(_MARK.c.id)
    return db.execute(gone).first() is not None


@dataclass(frozen=True, slots=True)
class Measured:
    """A team as the board lists it."""

    id: str
    name: str
    site_id: str
    code: str


def teams(db: Db) -> tuple[Measured, ...]:
    """Give all teams by name."""
    asked = select(_TEAM.c.id, _TEAM.c.name, _TEAM.c.site_id, _TEAM.c.code).order_by(_TEAM.c.name, _TEAM.c.id)
    return tuple(Measured(*row) for row in db.execute(asked))


def sites(db: Db) -> Mapping[str, str]:
    """Give the names of the sites by id."""
    return {str(i): str(n) for i, n in db.execute(select(_SITE.c.id, _SITE.c.name).order_by(_SITE.c.name))}


def begun(db: Db, team_id: str, until: datetime) -> Mapping[str, date]:
    """Give the day of a team's first session of each activity, by the activity's code, of sessions that are over."""
    asked = (
        select(_REVISION.c.activity, func.min(_REVISION.c.starts))
        .join(_PLACE, _PLACE.c.revision_id == _REVISION.c.id)
        .join(_PERSON, _PERSON.c.id == _PLACE.c.person_id)
        .where(
            _PERSON.c.team_id == team_id,
            _REVISION.c.since.is_not(None),
            _REVISION.c.until.is_(None),
            _REVISION.c.status != Status.CANCELLED.value,
            _REVISION.c.ends_utc <= until,
        )
        .group_by(_REVISION.c.activity)
    )
    return {str(activity): first.date() for activity, first in db.execute(asked)}


@dataclass(frozen=True, slots=True)
class Wave:
    """A wave of a rollout that begins for a team."""

    activity: str
    number: int
    starts: date


def waves(db: Db, team_id: str, until: date) -> tuple[Wave, ...]:
    """Give the waves of rollouts that have begun for people of a team, by day; never who is in them."""
    asked = (
        select(_ROLLOUT.c.activity, _WAVE.c.wave, _WAVE.c.starts)
        .join(_ROLLOUT, _ROLLOUT.c.id == _WAVE.c.rollout_id)
        .where(_WAVE.c.team_id == team_id, _WAVE.c.starts <= until)
        .distinct()
        .order_by(_WAVE.c.starts, _ROLLOUT.c.activity)
    )
    return tuple(Wave(*row) for row in db.execute(asked))
