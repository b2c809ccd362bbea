"""The conditions register: looks, targets, the permission list; each by the teams a viewer reaches."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from sqlalchemy import ColumnElement, func, insert, select, true, update
from sqlalchemy.orm import aliased
from sqlmodel import col

from devsys.adapters.store.queries.rows import table
from devsys.adapters.store.store import Db
from devsys.adapters.store.tables.accounts import AccountRow, GrantRow
from devsys.adapters.store.tables.conditions import ConditionLookRow, LeaveRow, TargetRow
from devsys.adapters.store.tables.people import PersonRow, TeamRow
from devsys.core.model.access import Role
from devsys.core.model.conditions import Check, Direction, Leave, Look, Measure, State, Target, Unit
from devsys.core.policy import Scope

_LOOK, _TARGET, _LEAVE = table(ConditionLookRow), table(TargetRow), table(LeaveRow)


def _reached(column: ColumnElement[str], reach: Scope) -> ColumnElement[bool]:
    return true() if reach.everything else column.in_(sorted(reach.team_ids))


def looks(db: Db, reach: Scope, *, team_id: str | None = None, last: bool = False) -> tuple[Look, ...]:
    """Give the looks of the teams a scope reaches, in the order they were taken; only the `last` of each when asked."""
    by, owner = aliased(PersonRow), aliased(PersonRow)
    query = (
        select(_LOOK, col(by.name).label("by"), col(owner.name).label("owner"))
        .join(by, col(by.id) == _LOOK.c.by_id)
        .join(owner, col(owner.id) == _LOOK.c.owner_id)
        .where(_reached(_LOOK.c.team_id, reach))
        .order_by(_LOOK.c.id)
    )
    if team_id is not None:
        query = query.where(_LOOK.c.team_id == team_id)
    if last:
        newest = select(func.max(_LOOK.c.id)).where(_reached(_LOOK.c.team_id, reach))
        newest = newest.group_by(_LOOK.c.team_id, _LOOK.c.what)
        query = query.where(_LOOK.c.id.in_(newest))
    return tuple(
        Look(
            number=row.id,
            team_id=row.team_id,
            check=Check(row.what),
            state=State(row.state),
            since=row.since,
            on=row.looked,
            at=row.at,
            by=row.by,
            owner_id=row.owner_id,
            owner=row.owner,
            next_look=row.next_look,
            note=row.note,
        )
        for row in db.execute(query)
    )


def keep_look(
    db: Db,
    *,
    team_id: str,
    check: Check,
    state: State,
    since: date,
    on: date,
    at: datetime,
    by_id: str,
    owner_id: str,
    next_look: date,
    note: str,
) -> None:
    """Append a look."""
    db.execute(
        insert(_LOOK).values(
            team_id=team_id,
            what=check.value,
            state=state.value,
            since=since,
            looked=on,
            at=at,
            by_id=by_id,
            owner_id=owner_id,
            next_look=next_look,
            note=note,
        )
    )


def targets(db: Db, reach: Scope, *, team_id: str | None = None) -> tuple[Target, ...]:
    """Give the targets that hold in the teams a scope reaches, in the order they were set."""
    query = (
        select(_TARGET)
        .where(_TARGET.c.ended.is_(None), _reached(_TARGET.c.team_id, reach))
        .order_by(_TARGET.c.team_id, _TARGET.c.since, _TARGET.c.measure, _TARGET.c.id)
    )
    if team_id is not None:
        query = query.where(_TARGET.c.team_id == team_id)
    return tuple(
        Target(r.id, r.team_id, Measure(r.measure), Unit(r.unit), Direction(r.direction), r.value)
        for r in db.execute(query)
    )


def keep_target(db: Db, target: Target, *, by_id: str, since: date) -> None:
    """Keep a target."""
    db.execute(
        insert(_TARGET).values(
            id=target.id,
            team_id=target.team_id,
            measure=target.measure.value,
            unit=target.unit.value,
            direction=target.direction.value,
            value=target.value,
            by_id=by_id,
            since=since,
        )
    )


def end_target(db: Db, reach: Scope, team_id: str, target_id: str, on: date) -> bool:
    """Take a target of a team back; say whether there was one that held."""
    where = (_TARGET.c.id == target_id, _TARGET.c.team_id == team_id, _TARGET.c.ended.is_(None))
    ended = update(_TARGET).where(*where, _reached(_TARGET.c.team_id, reach)).values(ended=on).returning(_TARGET.c.id)
    return bool(db.execute(ended).all())


def leaves(db: Db, reach: Scope, *, team_id: str | None = None) -> tuple[Leave, ...]:
    """Give what agents of the teams a scope reaches may decide alone, by what it is."""
    query = (
        select(_LEAVE)
        .where(_LEAVE.c.ended.is_(None), _reached(_LEAVE.c.team_id, reach))
        .order_by(_LEAVE.c.team_id, func.lower(_LEAVE.c.what), _LEAVE.c.id)
    )
    if team_id is not None:
        query = query.where(_LEAVE.c.team_id == team_id)
    return tuple(Leave(r.id, r.team_id, r.what, r.amount, r.unit) for r in db.execute(query))


def keep_leave(db: Db, leave: Leave, *, by_id: str, since: date) -> None:
    """Keep a line of the permission list."""
    db.execute(
        insert(_LEAVE).values(
            id=leave.id,
            team_id=leave.team_id,
            what=leave.what,
            amount=leave.amount,
            unit=leave.unit,
            by_id=by_id,
            since=since,
        )
    )


def end_leave(db: Db, reach: Scope, team_id: str, leave_id: str, on: date) -> bool:
    """Take a line of a team's permission list back; say whether there was one that held."""
    where = (_LEAVE.c.id == leave_id, _LEAVE.c.team_id == team_id, _LEAVE.c.ended.is_(None))
    ended = update(_LEAVE).where(*where, _reached(_LEAVE.c.team_id, reach)).values(ended=on).returning(_LEAVE.c.id)
    return bool(db.execute(ended).all())


def owners(db: Db, team_id: str) -> Mapping[str, str]:
    """Give who may own a condition of a team, id to name: its leads and the coordinators, with a living account."""
    query = (
        select(col(PersonRow.id), col(PersonRow.name))
        .join(GrantRow, col(GrantRow.person_id) == col(PersonRow.id))
        .join(AccountRow, col(AccountRow.person_id) == col(PersonRow.id))
        .where(
            col(GrantRow.role).in_((Role.LEAD.value, Role.COORDINATOR.value)),
            col(GrantRow.team_id).in_(("", team_id)),
            col(AccountRow.active).is_(True),
        )
        .distinct()
        .order_by(col(PersonRow.name), col(PersonRow.id))
    )
    return {str(i): str(n) for i, n in db.execute(query)}


def queues_of(db: Db, team_ids: Iterable[str]) -> Mapping[str, tuple[frozenset[str], int]]:
    """Give, by team, the queues its people serve and how many people it has with an open end."""
    query = (
        select(col(PersonRow.team_id), col(PersonRow.queue_id))
        .where(col(PersonRow.team_id).in_(tuple(team_ids)), col(PersonRow.left).is_(None))
        .order_by(col(PersonRow.id))
    )
    served: dict[str, set[str]] = {}
    people: dict[str, int] = {}
    for team_id, queue_id in db.execute(query):
        if queue_id:
            served.setdefault(team_id, set()).add(queue_id)
            people[team_id] = people.get(team_id, 0) + 1
    return {team_id: (frozenset(ids), people[team_id]) for team_id, ids in served.items()}


def team_codes(db: Db) -> tuple[tuple[str, str], ...]:
    """Give the id and the code of every team: cohorts of activities name codes."""
    return tuple((str(i), str(c)) for i, c in db.execute(select(col(TeamRow.id), col(TeamRow.code))))
