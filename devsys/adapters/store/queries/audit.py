"""The log of acts: appended to, read, never changed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, insert, or_, select
from sqlmodel import col

from devsys.adapters.store.queries.rows import table
from devsys.adapters.store.store import Db
from devsys.adapters.store.tables.audit import AuditRow
from devsys.adapters.store.tables.people import PersonRow
from devsys.base.limits import LIST_ROWS

_AUDIT = table(AuditRow)
ASKED: Final = "ask for erasure"
TAKEN_BACK: Final = "take back erasure"
# Who asks, and who coaches whom, is nobody else's to read (trust.md section 2).
PRIVATE: Final = ("ask for coaching", "withdraw coaching", "accept coaching", "agree coaching", "end coaching")


@dataclass(frozen=True, slots=True)
class Act:
    """One line of the log; `by` is a name, or "devsys" for what the program did by itself."""

    at: datetime
    by: str
    act: str
    what: str
    id: int = 0


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which lines are asked for; empty and None mean any. `before` is the id of the line the page begins behind."""

    person_id: str = ""
    act: str = ""
    start: datetime | None = None
    end: datetime | None = None
    before: int | None = None


ANY: Final = Wanted()
DEVSYS: Final = "devsys"  # what the program did by itself, or somebody at the terminal


def record(db: Db, *, at: datetime, by_id: str | None, act: str, what: str = "") -> None:
    """Append a line. `act` is two words ("import people"), `what` names ids and counts, never content."""
    db.execute(insert(_AUDIT).values(at=at, by_id=by_id, act=act, what=what))


def read_by_another(db: Db, *, at: datetime, by_id: str, about_id: str, act: str) -> bool:
    """Append that somebody read a confidential record about another person, once a day; say whether it is new.

    `act` says what was read ("read coaching plan"). One's own records are nobody else's reading.
    """
    if by_id == about_id:
        return False
    since = at.replace(hour=0, minute=0, second=0, microsecond=0)
    known = select(_AUDIT.c.id).where(
        _AUDIT.c.by_id == by_id, _AUDIT.c.about_id == about_id, _AUDIT.c.act == act, _AUDIT.c.at >= since
    )
    if db.execute(known.limit(1)).first() is not None:
        return False
    db.execute(insert(_AUDIT).values(at=at, by_id=by_id, act=act, what="", about_id=about_id))
    return True


def acts(db: Db, *, by_id: str | None = None, wanted: Wanted = ANY, limit: int = LIST_ROWS) -> tuple[Act, ...]:
    """Give the newest lines first: those by one person or about them, else all but what is private to who did it."""
    query = (
        select(_AUDIT.c.at, col(PersonRow.name), _AUDIT.c.act, _AUDIT.c.what, _AUDIT.c.id)
        .join(PersonRow, col(PersonRow.id) == _AUDIT.c.by_id, isouter=True)
        .where(_reach(by_id))
        .order_by(_AUDIT.c.id.desc())
        .limit(limit)
    )
    if wanted.person_id:
        by = _AUDIT.c.by_id
        query = query.where(by.is_(None) if wanted.person_id == DEVSYS else by == wanted.person_id)
    if wanted.act:
        query = query.where(_AUDIT.c.act == wanted.act)
    if wanted.start is not None:
        query = query.where(_AUDIT.c.at >= wanted.start)
    if wanted.end is not None:
        query = query.where(_AUDIT.c.at < wanted.end)
    if wanted.before is not None:
        query = query.where(_AUDIT.c.id < wanted.before)
    return tuple(Act(at, name or DEVSYS, act, what, int(i)) for at, name, act, what, i in db.execute(query))


def _reach(by_id: str | None) -> ColumnElement[bool]:
    if by_id is None:
        return _AUDIT.c.act.not_in(PRIVATE)
    return or_(_AUDIT.c.by_id == by_id, _AUDIT.c.about_id == by_id)


def choices(db: Db, *, by_id: str | None = None) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
    """Give what lines can be chosen by: who acts (id and name), and the acts; both in order."""
    people = (
        select(_AUDIT.c.by_id, col(PersonRow.name))
        .join(PersonRow, col(PersonRow.id) == _AUDIT.c.by_id, isouter=True)
        .where(_reach(by_id))
        .distinct()
    )
    found = {(str(i), str(name)) if i else (DEVSYS, DEVSYS) for i, name in db.execute(people)}
    words = db.execute(select(_AUDIT.c.act).where(_reach(by_id)).distinct().order_by(_AUDIT.c.act)).scalars()
    return tuple(sorted(found, key=lambda pair: (pair[1].lower(), pair[0]))), tuple(words)


def asks_to_be_erased(db: Db) -> tuple[tuple[str, str, datetime], ...]:
    """Give who asked to be erased and took it not back: id, name, since when; the longest waiting first."""
    query = (
        select(_AUDIT.c.by_id, col(PersonRow.name), _AUDIT.c.at, _AUDIT.c.act)
        .join(PersonRow, col(PersonRow.id) == _AUDIT.c.by_id)
        .where(_AUDIT.c.act.in_((ASKED, TAKEN_BACK)), col(PersonRow.email).not_like("%@erased.invalid"))
        .order_by(_AUDIT.c.id)
    )
    last = {str(i): (str(i), str(name), at, act) for i, name, at, act in db.execute(query)}
    waiting = [(i, name, at) for i, name, at, act in last.values() if act == ASKED]
    return tuple(sorted(waiting, key=lambda one: one[2]))
