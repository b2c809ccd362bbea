"""Everything the database holds about one person, table by table, as the tables themselves name the person."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final, cast

from sqlalchemy import Table, select

from devsys.adapters.store.sealed import Sealed, unseal
from devsys.adapters.store.store import Db
from devsys.adapters.store.tables.all import metadata
from devsys.base.words import to_phrase

# What opens doors is named but not given out: a copy of it in a downloaded file would be a key left lying about.
SECRETS: Final = frozenset(
    {
        ("account", "password_hash"),
        ("account_link", "token_hash"),
        ("api_token", "token_hash"),
        ("api_answer", "said"),  # an answer may hold a secret that was shown once
        ("feed", "token_hash"),
        ("sign_in", "id_hash"),
        ("sign_in", "provider_session"),
        ("half_sign_in", "id_hash"),
        ("recovery_code", "code_hash"),
        ("second_step", "secret"),
        ("busy_source", "address"),
        ("letter", "message"),  # as it leaves: that of a link to a password holds its secret; what it says is beside it
    }
)
WITHHELD: Final = to_phrase("kept, not shown")
# What a row of another table says of the person: their places say nothing without the session they are in.
_ALONG: Final = {"place": ("revision", "revision_id", "id"), "shown": ("feed", "feed_id", "id")}

Cell = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Kept:
    """What one table holds of a person: its data class, how long it stays, and the rows with their columns."""

    table: str
    data: str
    retention: str
    rows: tuple[Mapping[str, Cell], ...]


def everything_about(db: Db, person_id: str) -> tuple[Kept, ...]:
    """Give what each table holds of a person, by the name of the table; those that hold nothing are there, empty."""
    found = []
    for name, table in sorted(metadata.tables.items()):
        column = str(table.info.get("person", ""))
        if column:
            found.append(Kept(name, table.info["data"], table.info["retention"], _rows(db, table, column, person_id)))
    return tuple(found)


def _rows(db: Db, table: Table, column: str, person_id: str) -> tuple[Mapping[str, Cell], ...]:
    asked = select(*table.columns).where(table.c[column] == person_id).order_by(*table.primary_key)
    rows = [
        {c.name: _said(table.name, c.name, value) for c, value in zip(table.columns, opened, strict=True)}
        for opened in (_opened(db, table, row) for row in db.execute(asked))
    ]
    along = _ALONG.get(table.name)
    if along is None or not rows:
        return tuple(rows)
    other = metadata.tables[along[0]]
    joined = (
        select(table.c[along[1]], *other.columns)
        .join(other, other.c[along[2]] == table.c[along[1]])
        .where(table.c[column] == person_id)
    )
    beside = {
        str(row[0]): {
            f"{other.name}.{c.name}": _said(other.name, c.name, row[i + 1]) for i, c in enumerate(other.columns)
        }
        for row in db.execute(joined)
    }
    return tuple({**row, **beside.get(str(row[along[1]]), {})} for row in rows)


def _opened(db: Db, table: Table, row: Sequence[object]) -> tuple[object, ...]:
    """Give the values of a row, confidential text in the clear: it is the person's own."""
    row_id = "/".join(str(value) for c, value in zip(table.columns, row, strict=True) if c.primary_key)
    return tuple(
        unseal(db, table.name, c.name, row_id, cast(bytes | None, value)) if isinstance(c.type, Sealed) else value
        for c, value in zip(table.columns, row, strict=True)
    )


def _said(table: str, column: str, value: object) -> Cell:
    """Give a value as JSON holds it, the same on both engines."""
    if (table, column) in SECRETS:
        return WITHHELD if value else ""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        raw = bytes(value)
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            return base64.b64encode(raw).decode("ascii")
    return str(value)
