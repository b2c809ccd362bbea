"""Warnings that were set aside: why, by whom, when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlmodel import col

from devsys.adapters.store.queries.rows import upsert
from devsys.adapters.store.store import Db
from devsys.adapters.store.tables.people import PersonRow
from devsys.adapters.store.tables.plans import SetAsideRow


@dataclass(frozen=True, slots=True)
class SetAside:
    """Why a warning was set aside, by whom (a name) and when (aware UTC)."""

    key: str
    reason: str
    by: str
    at: datetime


def all_set_aside(db: Db) -> Mapping[str, SetAside]:
    """Give every warning that is set aside, by what names it."""
    query = select(col(SetAsideRow.key), col(SetAsideRow.reason), col(PersonRow.name), col(SetAsideRow.at)).join(
        PersonRow, col(PersonRow.id) == col(SetAsideRow.by_id), isouter=True
    )
    return {r.key: SetAside(r.key, r.reason, r.name or "devsys", r.at) for r in db.execute(query)}


def set_aside(db: Db, key: str, reason: str, *, by_id: str, now: datetime) -> None:
    """Set a warning aside; a reason given before is replaced."""
    upsert(db, SetAsideRow, [{"key": key, "reason": reason, "by_id": by_id, "at": now}])


def take_back(db: Db, key: str) -> bool:
    """Let a warning be heard again; say whether it was set aside."""
    gone = delete(SetAsideRow).where(col(SetAsideRow.key) == key).returning(col(SetAsideRow.key))
    return db.execute(gone).first() is not None
