"""People as lists and pages show them: columns, never objects, and only those the viewer may see."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy import literal as constant

from devsys.adapters.store.queries.rows import table
from devsys.adapters.store.queries.visible import people as visible_people
from devsys.adapters.store.store import Db
from devsys.adapters.store.tables.accounts import AccountRow, GrantRow
from devsys.adapters.store.tables.calendar import AttendanceRow, RevisionRow
from devsys.adapters.store.tables.people import (
    AbsenceRow,
    FacilitatorRow,
    HeldRow,
    PatternRow,
    PersonRow,
    QueueRow,
    SiteRow,
    TeamRow,
)
from devsys.base.limits import LIST_ROWS
from devsys.core.policy import Scope

_PERSON, _TEAM, _QUEUE, _SITE, _PATTERN = (table(r) for r in (PersonRow, TeamRow, QueueRow, SiteRow, PatternRow))
_FACILITATOR, _HELD, _ABSENCE = table(FacilitatorRow), table(HeldRow), table(AbsenceRow)
_ACCOUNT, _GRANT = table(AccountRow), table(GrantRow)
_ATTENDANCE, _REVISION = table(AttendanceRow), table(RevisionRow)
_ESCAPE: Final = "\\"


@dataclass(frozen=True, slots=True)
class Entry:
    """One person of the list."""

    id: str
    code: str
    name: str
    team: str
    queue: str
    pattern: str
    leads: bool
    joined: date | None
    left: date | None
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the list: at most LIST_ROWS entries, how many there are in all, on which page one is."""

    entries: tuple[Entry, ...]
    total: int
    page: int

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return max(1, -(-self.total // LIST_ROWS))


@dataclass(frozen=True, slots=True)
class Profile:
    """One person with what belongs to them by name."""

    id: str
    code: str
    name: str
    email: str
    team_id: str | None
    team: str
    queue_id: str | None
    queue: str
    pattern: str
    site: str
    zone: str
    joined: date | None
    left: date | None
    qualifications: tuple[str, ...]
    weekly_hours: float | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a person holds: the activity, the day, and whether it was attended here or learnt earlier."""

    activity: str
    day: date
    attended: bool


def listed(
    db: Db, scope: Scope, *, search: str = "", team_id: str = "", today: date, gone: bool = False, page: int = 1
) -> Page:
    """Give a page of the people a scope reaches, by name; those who left only with `gone`. Three reads."""
    conditions = [visible_people(scope)]
    if search:
        pattern = "%" + search.lower().replace(_ESCAPE, _ESCAPE * 2).replace("%", r"\%").replace("_", r"\_") + "%"
        columns = (_PERSON.c.name, _PERSON.c.code, _PERSON.c.email)
        conditions.append(or_(*(func.lower(c).like(pattern, escape=_ESCAPE) for c in columns)))
    if team_id:
        conditions.append(_PERSON.c.team_id == team_id)
    if not gone:
        conditions.append(_PERSON.c.left.is_(None) | (_PERSON.c.left > today))
    total = int(db.execute(select(func.count()).select_from(_PERSON).where(*conditions)).scalar() or 0)
    page = min(max(1, page), max(1, -(-total // LIST_ROWS)))
    rows = db.execute(
        select(
            _PERSON.c.id,
            _PERSON.c.code,
            _PERSON.c.name,
            _TEAM.c.name,
            _QUEUE.c.name,
            _PATTERN.c.code,
            _FACILITATOR.c.person_id,
            _PERSON.c.joined,
            _PERSON.c.left,
        )
        .join(_TEAM, _TEAM.c.id == _PERSON.c.team_id, isouter=True)
        .join(_QUEUE, _QUEUE.c.id == _PERSON.c.queue_id, isouter=True)
        .join(_PATTERN, _PATTERN.c.id == _PERSON.c.pattern_id, isouter=True)
        .join(_FACILITATOR, _FACILITATOR.c.person_id == _PERSON.c.id, isouter=True)
        .where(*conditions)
        .order_by(func.lower(_PERSON.c.name), _PERSON.c.id)
        .limit(LIST_ROWS)
        .offset((page - 1) * LIST_ROWS)
    ).all()
    roles = _roles(db, [row[0] for row in rows])
    return Page(
        tuple(
            Entry(i, code, name, team or "", queue or "", pattern or "", bool(leads), joined, left, roles.get(i, ()))
            for i, code, name, team, queue, pattern, leads, joined, left in rows
        ),
        total,
        page,
    )


def by_id(
    db: Db, scope: Scope, *, team_id: str = "", today: date, gone: bool = False, after: str = "", most: int = LIST_ROWS
) -> tuple[Entry, ...]:
    """Give people a scope reaches in order of their ids, behind `after`, `most` at most, without roles; one read."""
    conditions = [visible_people(scope), _PERSON.c.id > after]
    if team_id:
        conditions.append(_PERSON.c.team_id == team_id)
    if not gone:
        conditions.append(_PERSON.c.left.is_(None) | (_PERSON.c.left > today))
    rows = db.execute(
        select(
            _PERSON.c.id,
            _PERSON.c.code,
            _PERSON.c.name,
            func.coalesce(_TEAM.c.name, ""),
            func.coalesce(_QUEUE.c.name, ""),
            func.coalesce(_PATTERN.c.code, ""),
            _FACILITATOR.c.person_id.is_not(None),
            _PERSON.c.joined,
            _PERSON.c.left,
        )
        .join(_TEAM, _TEAM.c.id == _PERSON.c.team_id, isouter=True)
        .join(_QUEUE, _QUEUE.c.id == _PERSON.c.queue_id, isouter=True)
        .join(_PATTERN, _PATTERN.c.id == _PERSON.c.pattern_id, isouter=True)
        .join(_FACILITATOR, _FACILITATOR.c.person_id == _PERSON.c.id, isouter=True)
        .where(*conditions)
        .order_by(_PERSON.c.id)
        .limit(most)
    )
    return tuple(Entry(*row) for row in rows)


def _roles(db: Db, ids: list[str]) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    query = select(_GRANT.c.person_id, _GRANT.c.role).where(_GRANT.c.person_id.in_(ids)).order_by(_GRANT.c.role)
    for person_id, role in db.execute(query.distinct()):
        found.setdefault(person_id, []).append(role)
    return {person_id: tuple(roles) for person_id, roles in found.items()}


def teams(db: Db, scope: Scope) -> tuple[tuple[str, str], ...]:
    """Give (id, name) of the teams a scope reaches, by name."""
    reached: ColumnElement[bool] = visible_people(scope)
    members = select(_PERSON.c.team_id).where(and_(reached, _PERSON.c.team_id.is_not(None)))
    query = select(_TEAM.c.id, _TEAM.c.name).where(_TEAM.c.id.in_(members)).order_by(_TEAM.c.name, _TEAM.c.id)
    return tuple((str(i), str(name)) for i, name in db.execute(query))


def all_teams(db: Db) -> tuple[tuple[str, str], ...]:
    """Give (id, name) of every team, by name: what a role can be limited to."""
    query = select(_TEAM.c.id, _TEAM.c.name).order_by(_TEAM.c.name, _TEAM.c.id)
    return tuple((str(i), str(name)) for i, name in db.execute(query))


def agents_of(db: Db, team_id: str) -> frozenset[str]:
    """Give the people of a team who count for a queue."""
    query = select(_PERSON.c.id).where(_PERSON.c.team_id == team_id, _PERSON.c.queue_id.is_not(None))
    return frozenset(db.execute(query).scalars())


def profile(db: Db, scope: Scope, person_id: str) -> Profile | None:
    """Give a person, None when there is none or the scope does not reach them."""
    row = db.execute(
        select(
            _PERSON.c.id,
            _PERSON.c.code,
            _PERSON.c.name,
            _PERSON.c.email,
            _PERSON.c.team_id,
            _TEAM.c.name.label("team"),
            _PERSON.c.queue_id,
            _QUEUE.c.name.label("queue"),
            _PATTERN.c.code.label("pattern"),
            _SITE.c.name.label("site"),
            _SITE.c.zone,
            _PERSON.c.joined,
            _PERSON.c.left,
            _FACILITATOR.c.qualifications,
            _FACILITATOR.c.weekly_hours,
        )
        .join(_TEAM, _TEAM.c.id == _PERSON.c.team_id, isouter=True)
        .join(_QUEUE, _QUEUE.c.id == _PERSON.c.queue_id, isouter=True)
        .join(_SITE, _SITE.c.id == func.coalesce(_TEAM.c.site_id, _QUEUE.c.site_id), isouter=True)
        .join(_PATTERN, _PATTERN.c.id == _PERSON.c.pattern_id, isouter=True)
        .join(_FACILITATOR, _FACILITATOR.c.person_id == _PERSON.c.id, isouter=True)
        .where(_PERSON.c.id == person_id, visible_people(scope))
    ).one_or_none()
    if row is None:
        return None
    return Profile(
        id=row.id,
        code=row.code,
        name=row.name,
        email=row.email,
        team_id=row.team_id,
        team=row.team or "",
        queue_id=row.queue_id,
        queue=row.queue or "",
        pattern=row.pattern or "",
        site=row.site or "",
        zone=row.zone or "UTC",
        joined=row.joined,
        left=row.left,
        qualifications=tuple(w for w in (row.qualifications or "").split("|") if w),
        weekly_hours=row.weekly_hours,
    )


def evidence(db: Db, person_id: str, limit: int = LIST_ROWS) -> tuple[Evidence, ...]:
    """Give what a person holds, newest first: earlier learning, and sessions they were marked present in."""
    earlier = select(_HELD.c.activity, _HELD.c.day.label("day"), constant(0).label("here")).where(
        _HELD.c.person_id == person_id
    )
    attended = (
        select(_REVISION.c.activity, func.date(_REVISION.c.starts).label("day"), constant(1).label("here"))
        .join(_ATTENDANCE, _ATTENDANCE.c.session_id == _REVISION.c.session_id)
        .where(
            _ATTENDANCE.c.person_id == person_id,
            _ATTENDANCE.c.present,
            _REVISION.c.since.is_not(None),
            _REVISION.c.until.is_(None),
        )
    )
    found = [Evidence(a, _day(d), bool(h)) for query in (earlier, attended) for a, d, h in db.execute(query)]
    return tuple(sorted(found, key=lambda e: (e.day, e.activity), reverse=True)[:limit])


def _day(value: date | str) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value


def absences(
    db: Db, person_id: str, since: datetime, limit: int = LIST_ROWS
) -> tuple[tuple[datetime, datetime | None], ...]:
    """Give (start, end) in local time of the absences not over at `since` (naive local), soonest first."""
    query = (
        select(_ABSENCE.c.start, _ABSENCE.c.end)
        .where(_ABSENCE.c.person_id == person_id, or_(_ABSENCE.c.end.is_(None), _ABSENCE.c.end > since))
        .order_by(_ABSENCE.c.start)
        .limit(limit)
    )
    return tuple((start, end) for start, end in db.execute(query))
