"""The register of fixes, contacts by cause, and what fixes take off requirements."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, delete, false, func, insert, or_, select, true, update

from devsys.adapters.store.queries import house
from devsys.adapters.store.queries.people import week_of
from devsys.adapters.store.queries.rows import chunks, table, upsert
from devsys.adapters.store.store import Db
from devsys.adapters.store.tables.accounts import AccountRow
from devsys.adapters.store.tables.causes import ContactRow, FixRow, FixStepRow, LessonRow, ReliefRow
from devsys.adapters.store.tables.people import PersonRow, QueueRow, TeamRow
from devsys.core.model.causes import Cause, Contacts, Fix, FixState
from devsys.core.policy import Extent, Scope

_FIX, _STEP, _CONTACT, _RELIEF = table(FixRow), table(FixStepRow), table(ContactRow), table(ReliefRow)
_PERSON, _LESSON, _ACCOUNT = table(PersonRow), table(LessonRow), table(AccountRow)
_QUEUE, _TEAM = table(QueueRow), table(TeamRow)


def visible(scope: Scope) -> ColumnElement[bool]:
    """Give the condition on the table of fixes for those a scope reaches: OWN are owned or opened by the viewer."""
    if scope.everything:
        return true()
    found: list[ColumnElement[bool]] = []
    if Extent.TEAM in scope.extents:
        found.append(_FIX.c.team_id.in_(scope.team_ids))
    if Extent.OWN in scope.extents:
        found += [_FIX.c.owner_id == scope.person_id, _FIX.c.by_id == scope.person_id]
    return or_(*found) if found else false()


def fixes(db: Db, scope: Scope, *, team_id: str | None = None, site_id: str = "") -> tuple[Fix, ...]:
    """Give the fixes a scope reaches, by due day; of one team when asked.

    With `site_id` those of its teams and queues, and those that belong to neither a team nor a queue.
    """
    query = select(_FIX).where(visible(scope)).order_by(_FIX.c.due, _FIX.c.key)
    if team_id is not None:
        query = query.where(_FIX.c.team_id == team_id)
    if site_id:
        nowhere = and_(_FIX.c.team_id.is_(None), _FIX.c.queue_id.is_(None))
        teams = select(_TEAM.c.id).where(_TEAM.c.site_id == site_id)
        query = query.where(or_(nowhere, _FIX.c.team_id.in_(teams), _FIX.c.queue_id.in_(_queues_at(site_id))))
    return tuple(_fix(row) for row in db.execute(query))


def _queues_at(site_id: str) -> Select[Any]:
    return select(_QUEUE.c.id).where(_QUEUE.c.site_id == site_id)


def open_fixes(db: Db, scope: Scope, team_ids: Collection[str] | None = None) -> tuple[Fix, ...]:
    """Give the fixes a scope reaches that are not over, by due day; of some teams, and of none, when asked."""
    query = select(_FIX).where(visible(scope), _FIX.c.state.not_in((FixState.DONE, FixState.CHECKED)))
    if team_ids is not None:
        query = query.where(or_(_FIX.c.team_id.is_(None), _FIX.c.team_id.in_(tuple(team_ids))))
    return tuple(_fix(row) for row in db.execute(query.order_by(_FIX.c.due, _FIX.c.key)))


def fix(db: Db, scope: Scope, fix_id: str) -> Fix | None:
    """Give one fix a scope reaches."""
    row = db.execute(select(_FIX).where(_FIX.c.id == fix_id, visible(scope))).one_or_none()
    return None if row is None else _fix(row)


def _fix(row: Row[Any]) -> Fix:
    values = dict(row._mapping)  # noqa: SLF001 -- SQLAlchemy's own name for a row as a mapping
    return Fix(**(values | {"cause": Cause(row.cause), "state": FixState(row.state)}))


def overdue(db: Db, today: date, owner_id: str | None = None) -> tuple[Fix, ...]:
    """Give the fixes whose day has passed and that are not done, of one owner when asked; the oldest first."""
    query = select(_FIX).where(_FIX.c.due < today, _FIX.c.state.in_((FixState.OPEN, FixState.DOING)))
    if owner_id is not None:
        query = query.where(_FIX.c.owner_id == owner_id)
    return tuple(_fix(row) for row in db.execute(query.order_by(_FIX.c.due, _FIX.c.key)))


def open_ids(db: Db) -> Mapping[str, str]:
    """Give the titles of the fixes that are not done, by id, in order of their keys."""
    query = select(_FIX.c.id, _FIX.c.title).where(_FIX.c.state.in_((FixState.OPEN, FixState.DOING)))
    return {row.id: row.title for row in db.execute(query.order_by(_FIX.c.key))}


def titles(db: Db, fix_ids: Iterable[str]) -> Mapping[str, str]:
    """Give the titles of fixes by id."""
    query = select(_FIX.c.id, _FIX.c.title).where(_FIX.c.id.in_(tuple(fix_ids)))
    return {row.id: row.title for row in db.execute(query)}


def owners(db: Db, also: str = "") -> tuple[tuple[str, str], ...]:
    """Give who may own something of these registers, by name: who can sign in, and one person more (id, name)."""
    query = (
        select(_PERSON.c.id, _PERSON.c.name)
        .join(_ACCOUNT, _ACCOUNT.c.person_id == _PERSON.c.id, isouter=True)
        .where(or_(_ACCOUNT.c.active, _PERSON.c.id == also))
        .order_by(_PERSON.c.name, _PERSON.c.id)
    )
    return tuple((row.id, row.name) for row in db.execute(query))


def causes_by_key(db: Db) -> Mapping[str, Cause]:
    """Give the cause behind the key of every fix."""
    return {row.key: Cause(row.cause) for row in db.execute(select(_FIX.c.key, _FIX.c.cause))}


def keep(db: Db, one: Fix) -> None:
    """Write a fix, new or changed."""
    upsert(db, FixRow, [{**asdict(one), "cause": str(one.cause), "state": str(one.state)}])


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened to a fix: when, by whom (a name, or devsys), in words."""

    at: datetime
    by: str
    words: str


def note(db: Db, fix_id: str, words: str, *, by_id: str | None, now: datetime) -> None:
    """Append what happened to a fix."""
    last = db.execute(select(func.max(_STEP.c.number)).where(_STEP.c.fix_id == fix_id)).scalar() or 0
    db.execute(insert(_STEP).values(fix_id=fix_id, number=last + 1, at=now, by_id=by_id, words=words))


def steps(db: Db, fix_id: str) -> tuple[Step, ...]:
    """Give what happened to a fix, the newest first."""
    query = (
        select(_STEP.c.at, _PERSON.c.name, _STEP.c.words)
        .join(_PERSON, _PERSON.c.id == _STEP.c.by_id, isouter=True)
        .where(_STEP.c.fix_id == fix_id)
        .order_by(_STEP.c.number.desc())
    )
    return tuple(Step(at, name or "devsys", words) for at, name, words in db.execute(query))


def keep_contacts(db: Db, counts: Iterable[Contacts]) -> None:
    """Write contacts of weeks; what stood for the same week, queue and cause is replaced."""
    upsert(db, ContactRow, map(asdict, counts))


def contacts(db: Db, since: date | None = None, site_id: str = "") -> tuple[Contacts, ...]:
    """Give all contacts (or of the queues of a site) from a week on, by week, queue and cause."""
    query = select(_CONTACT.c.week, _CONTACT.c.queue_id, _CONTACT.c.cause, _CONTACT.c.contacts)
    if since is not None:
        query = query.where(_CONTACT.c.week >= since)
    if site_id:
        query = query.where(_CONTACT.c.queue_id.in_(_queues_at(site_id)))
    query = query.order_by(_CONTACT.c.week, _CONTACT.c.queue_id, _CONTACT.c.cause)
    return tuple(Contacts(*row) for row in db.execute(query))


def queue_codes(db: Db) -> Mapping[str, str]:
    """Give the code of every queue by its id, as files write it."""
    return {row.id: row.code for row in db.execute(select(_QUEUE.c.id, _QUEUE.c.code))}


def contacts_of(db: Db, key: str, queue_id: str | None) -> Mapping[date, int]:
    """Give the contacts of a fix's key by week: of its queue, or of all together where it names none."""
    query = select(_CONTACT.c.week, func.sum(_CONTACT.c.contacts)).where(_CONTACT.c.cause == key)
    if queue_id is not None:
        query = query.where(_CONTACT.c.queue_id == queue_id)
    return {week: int(n) for week, n in db.execute(query.group_by(_CONTACT.c.week).order_by(_CONTACT.c.week))}


@dataclass(frozen=True, slots=True)
class KeptRelief:
    """What a fix took off a requirement: from which day, by whose word, and when and why it was taken back."""

    id: str
    fix_id: str
    queue_id: str
    start: date
    less: tuple[tuple[int, ...], ...]
    saved: float
    by: str
    made: datetime
    ended: datetime | None
    why_ended: str

    @property
    def hours(self) -> float:
        """The agent hours a week it comes to."""
        return sum(map(sum, self.less)) / 2


def reliefs_of(db: Db, fix_id: str) -> tuple[KeptRelief, ...]:
    """Give what a fix took off requirements, the newest first."""
    query = (
        select(_RELIEF, _PERSON.c.name)
        .join(_PERSON, _PERSON.c.id == _RELIEF.c.by_id, isouter=True)
        .where(_RELIEF.c.fix_id == fix_id)
        .order_by(_RELIEF.c.made.desc(), _RELIEF.c.id)
    )
    return tuple(
        KeptRelief(
            r.id,
            r.fix_id,
            r.queue_id,
            r.start,
            week_of(r.less),
            r.saved,
            r.name or "devsys",
            r.made,
            r.ended,
            r.why_ended,
        )
        for r in db.execute(query)
    )


def add_relief(db: Db, relief: KeptRelief, *, by_id: str) -> int:
    """Let a requirement be lower; give the new revision of the organisation."""
    less = " ".join(str(n) for day in relief.less for n in day)
    db.execute(
        insert(_RELIEF).values(
            id=relief.id,
            fix_id=relief.fix_id,
            queue_id=relief.queue_id,
            start=relief.start,
            less=less,
            saved=relief.saved,
            by_id=by_id,
            made=relief.made,
            ended=None,
            why_ended="",
        )
    )
    return house.next_revision(db)


def end_reliefs(db: Db, why: str, now: datetime, *, fix_id: str = "", queue_ids: Iterable[str] = ()) -> tuple[str, ...]:
    """Take back what was taken off requirements, by one fix or on some queues; give the fixes it was of."""
    asked = _RELIEF.c.fix_id == fix_id if fix_id else _RELIEF.c.queue_id.in_(tuple(queue_ids))
    change = update(_RELIEF).where(asked, _RELIEF.c.ended.is_(None)).values(ended=now, why_ended=why)
    found = tuple(db.execute(change.returning(_RELIEF.c.fix_id)).scalars())
    if found:
        house.next_revision(db)
    return tuple(sorted(set(found)))


def lessons_of(db: Db, fix_id: str) -> tuple[str, ...]:
    """Give the words of the lessons a fix answers, the oldest first."""
    query = select(_LESSON.c.words).where(_LESSON.c.fix_id == fix_id).order_by(_LESSON.c.created, _LESSON.c.id)
    return tuple(db.execute(query).scalars())


def forget_old(db: Db, before: datetime) -> int:
    """Forget fixes checked before an instant, with their steps, and contacts of that time; give how many rows went.

    A fix that makes a requirement lower at present stays: nothing rises because time has passed.
    """
    lower = select(_RELIEF.c.fix_id).where(_RELIEF.c.ended.is_(None))
    old = (_FIX.c.checked < before, _FIX.c.id.not_in(lower))
    gone = select(_FIX.c.id).where(*old)
    db.execute(update(_LESSON).where(_LESSON.c.fix_id.in_(gone)).values(fix_id=None))
    ids = tuple(db.execute(gone).scalars())
    for part in chunks(ids):
        for rows in (_STEP, _RELIEF):
            db.execute(delete(rows).where(rows.c.fix_id.in_(part)))
        db.execute(delete(_FIX).where(_FIX.c.id.in_(part)))
    count = len(ids)
    weeks = delete(_CONTACT).where(_CONTACT.c.week < before.date()).returning(_CONTACT.c.week)
    return count + len(db.execute(weeks).all())
