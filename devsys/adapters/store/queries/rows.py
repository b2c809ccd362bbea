"""What the queries share: tables as columns (never objects), and writing many rows at once."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, or_
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import SQLModel

from devsys.adapters.store.store import Db


def table(row: type[SQLModel]) -> Table:
    """Give the table of a row class, so that queries select columns and get plain tuples."""
    return row.metadata.tables[str(row.__tablename__)]


def upsert(db: Db, row: type[SQLModel], values: Iterable[Mapping[str, Any]]) -> None:
    """Insert rows or bring those with the same key up to date, in one statement for all of them."""
    rows = [dict(v) for v in values]
    if not rows:
        return
    target = table(row)
    keys = [column.name for column in target.primary_key]
    insert = sqlite.insert(target) if db.get_bind().dialect.name == "sqlite" else postgresql.insert(target)
    changing = {name: insert.excluded[name] for name in rows[0] if name not in keys}
    if changing:
        statement = insert.on_conflict_do_update(index_elements=keys, set_=changing)
    else:
        statement = insert.on_conflict_do_nothing(index_elements=keys)
    db.execute(statement, rows)


def insert_once(db: Db, row: type[SQLModel], values: Iterable[Mapping[str, Any]]) -> None:
    """Insert rows, but for those that any unique key of the table holds already."""
    target = table(row)
    insert = sqlite.insert(target) if db.get_bind().dialect.name == "sqlite" else postgresql.insert(target)
    db.execute(insert.on_conflict_do_nothing(), [dict(v) for v in values])


def behind(at: Any, key: Any, place: tuple[datetime, str], *, newest_first: bool = True) -> ColumnElement[bool]:
    """Give the condition for rows behind a place in the order of an instant (newest first, or last) and then an id."""
    further = at < place[0] if newest_first else at > place[0]
    return or_(further, and_(at == place[0], key > place[1]))


def chunks(values: Sequence[str], size: int = 500) -> Iterable[Sequence[str]]:
    """Give the values in parts that fit into one statement."""
    for i in range(0, len(values), size):
        yield values[i : i + size]
