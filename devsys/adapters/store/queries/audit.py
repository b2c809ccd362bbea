"""The log of acts: appended to, read, never changed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import insert, or_, select
from sqlmodel import col

from devsys.adapters.store.queries.rows import table
from devsys.adapters.store.store import Db
from devsys.adapters.store.tables.audit import AuditRow
from devsys.adapters.store.tables.people import PersonRow
from devsys.base.limits import LIST_ROWS

_AUDIT = table(AuditRow)
# Who asks, and who coaches whom, is nobody else's to read (trust.md section 2).
PRIVATE: Final = ("ask for coaching", "withdraw coaching", "accept coaching", "agree coaching", "end coaching")


@dataclass(frozen=True, slots=True)
class Act:
    """One line of the log; `by` is a name, or "devsys" for what the program did by itself."""

    at: datetime
    by: str
    act: str
    what: str


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


def acts(db: Db, *, by_id: str | None = None, limit: int = LIST_ROWS) -> tuple[Act, ...]:
    """Give the newest lines first: those by one person or about them, else all but what is private to who did it."""
    query = (
        select(_AUDIT.c.at, col(PersonRow.name), _AUDIT.c.act, _AUDIT.c.what)
        .join(PersonRow, col(PersonRow.id) == _AUDIT.c.by_id, isouter=True)
        .order_by(_AUDIT.c.at.desc(), _AUDIT.c.id.desc())
        .limit(limit)
    )
    query = query.where(
        _AUDIT.c.act.not_in(PRIVATE) if by_id is None else or_(_AUDIT.c.by_id == by_id, _AUDIT.c.about_id == by_id)
    )
    return tuple(Act(at, name or "devsys", act, what) for at, name, act, what in db.execute(query))
