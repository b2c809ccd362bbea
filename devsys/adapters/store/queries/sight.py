"""Who may read the readings of one person besides that person: the switch of the house, whom it is announced to."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from sqlalchemy import ColumnElement, delete, exists, or_, select

from devsys.adapters.store.queries import house
from devsys.adapters.store.queries.rows import table, upsert
from devsys.adapters.store.store import Db
from devsys.adapters.store.tables.accounts import AccountRow
from devsys.adapters.store.tables.audit import AuditRow
from devsys.adapters.store.tables.coaching import CoachingPlanRow, ReadingsConsentRow
from devsys.adapters.store.tables.people import PersonRow
from devsys.core.model.coaching import Course, Plan

_PERSON, _ACCOUNT, _AUDIT = table(PersonRow), table(AccountRow), table(AuditRow)
_CONSENT, _PLAN = table(ReadingsConsentRow), table(CoachingPlanRow)
ON, OFF = "switch on readings", "switch off readings"  # as the log of acts names it


@dataclass(frozen=True, slots=True)
class Concerned:
    """Somebody of a team; `since` is from when they could see an announcement, None without an account to see it."""

    id: str
    name: str
    team_id: str
    since: datetime | None


def announced(db: Db) -> datetime | None:
    """Give when it was announced that leads will see readings of single people; None while it is switched off."""
    said = house.fact(db, house.LEADS_READ)
    return datetime.fromisoformat(said) if said else None


def concerned(db: Db, person_id: str, today: date) -> Concerned | None:
    """Give one person of a team who has not left; None for anybody else."""
    return next(iter(_found(db, _PERSON.c.id == person_id, today)), None)


def of_teams(db: Db, team_ids: Collection[str], today: date) -> tuple[Concerned, ...]:
    """Give the people of some teams who have not left, by name."""
    return _found(db, _PERSON.c.team_id.in_(team_ids), today)


def _found(db: Db, where: ColumnElement[bool], today: date) -> tuple[Concerned, ...]:
    asked = (
        select(_PERSON.c.id, _PERSON.c.name, _PERSON.c.team_id, _PERSON.c.joined, _ACCOUNT.c.created)
        .join(_ACCOUNT, (_ACCOUNT.c.person_id == _PERSON.c.id) & _ACCOUNT.c.active, isouter=True)
        .where(where, _PERSON.c.team_id.is_not(None), or_(_PERSON.c.left.is_(None), _PERSON.c.left > today))
        .order_by(_PERSON.c.name, _PERSON.c.id)
    )
    return tuple(Concerned(r.id, r.name, r.team_id, _since(r.joined, r.created)) for r in db.execute(asked))


def _since(joined: date | None, created: datetime | None) -> datetime | None:
    if created is None or joined is None:
        return created
    return max(created, datetime.combine(joined, time(), UTC))


def last_switched(db: Db) -> tuple[datetime, str, bool] | None:
    """Give when it was last switched, by whom (a name), and whether on; None where it never was."""
    asked = (
        select(_AUDIT.c.at, _PERSON.c.name, _AUDIT.c.act)
        .join(_PERSON, _PERSON.c.id == _AUDIT.c.by_id, isouter=True)
        .where(_AUDIT.c.act.in_((ON, OFF)))
        .order_by(_AUDIT.c.at.desc(), _AUDIT.c.id.desc())
        .limit(1)
    )
    row = db.execute(asked).first()
    return None if row is None else (row.at, row.name or "devsys", row.act == ON)


def consents(db: Db, plan: Plan) -> bool:
    """Say whether the person of a plan lets its present coach see their readings; not once the plan is over."""
    asked = select(_CONSENT.c.plan_id).where(
        _CONSENT.c.plan_id == plan.id,
        _CONSENT.c.person_id == plan.person_id,
        _CONSENT.c.coach_id == plan.coach_id,
    )
    return plan.state is Course.RUNNING and db.execute(asked).first() is not None


def consent(db: Db, plan: Plan, *, given: bool, now: datetime) -> None:
    """Keep that the present coach of a plan may see the person's readings, or take it back."""
    if given and plan.coach_id:
        values = {"plan_id": plan.id, "person_id": plan.person_id, "coach_id": plan.coach_id, "since": now}
        upsert(db, ReadingsConsentRow, [values])
    else:
        db.execute(delete(_CONSENT).where(_CONSENT.c.plan_id == plan.id))


def forget_consents(db: Db) -> int:
    """Forget consents to coaching that is over or has another coach; give how many."""
    runs = exists().where(
        _PLAN.c.id == _CONSENT.c.plan_id, _PLAN.c.state == Course.RUNNING.value, _PLAN.c.coach_id == _CONSENT.c.coach_id
    )
    return len(db.execute(delete(_CONSENT).where(~runs).returning(_CONSENT.c.plan_id)).all())
