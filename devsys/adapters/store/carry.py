"""Rows as one engine hands them to the other: in one form, a batch at a time, never a table at once.

The form is the one SQLite keeps: text for instants (UTC, with microseconds), days and times, 0 and 1 for yes and no,
bytes as they are. Copies and digests stand on it, so neither depends on the engine, and a million rows cost no more
memory than a thousand. A type of column that has no form here is an error, not a guess.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Boolean, Column, Connection, Date, DateTime, Float, Integer, LargeBinary, String, Table, Time
from sqlalchemy.types import TypeDecorator, TypeEngine

from devsys.adapters.store.tables.all import metadata

BATCH: Final = 2_000
TABLES: Final = tuple(metadata.sorted_tables)  # what others refer to comes first
Row = tuple[Any, ...]

_INSTANT: Final = "YYYY-MM-DD HH24:MI:SS.US"
_LETTERS: Final = len("2026-01-05 09:00:00.000000")
_AS_THEY_ARE: Final = (Integer, Float, LargeBinary, String)


def batches(
    connection: Connection, table: Table, *, columns: Sequence[Column[Any]] | None = None, by_key: bool = False
) -> Iterator[list[Row]]:
    """Give the rows of a table in lists of BATCH, in the order of their keys when asked; the last may be shorter."""
    chosen = tuple(table.columns) if columns is None else columns
    if connection.dialect.name == "sqlite":
        yield from _of_sqlite(connection, table, chosen, by_key=by_key)
    else:
        yield from _of_postgresql(connection, table, chosen, by_key=by_key)


def fill(connection: Connection, table: Table, found: Iterable[list[Row]], note: Callable[[int], None]) -> int:
    """Write rows of every column of a table, in its order; `note` hears how many have been written. Give how many."""
    written = 0
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" for _ in table.columns)
        statement = f"INSERT INTO {_named(table)} ({_names(table.columns)}) VALUES ({marks})"  # noqa: S608 -- our names
        cursor = _driver(connection).cursor()
        for rows in found:
            cursor.executemany(statement, rows)
            written += len(rows)
            note(written)
        cursor.close()
        return written
    with _driver(connection).cursor() as cursor:
        cursor.execute("SET LOCAL TimeZone TO 'UTC'")
        with cursor.copy(f"COPY {_named(table)} ({_names(table.columns)}) FROM STDIN") as copy:
            for rows in found:
                for row in rows:
                    copy.write_row(row)
                written += len(rows)
                note(written)
    return written


def set_numbers(connection: Connection, table: Table) -> None:
    """Let a table count on from its highest number; SQLite does so by itself."""
    (first, *more) = table.primary_key.columns
    if connection.dialect.name == "sqlite" or more or not isinstance(first.type, Integer):
        return
    name = connection.exec_driver_sql("SELECT pg_get_serial_sequence(%s, %s)", (_named(table), first.name)).scalar()
    if name:
        highest = f"SELECT setval(%s, max({first.name})) FROM {_named(table)} HAVING max({first.name}) > 0"  # noqa: S608
        connection.exec_driver_sql(highest, (name,))


def count(connection: Connection, table: Table) -> int:
    """Give how many rows a table has."""
    return int(connection.exec_driver_sql(f"SELECT count(*) FROM {_named(table)}").scalar() or 0)  # noqa: S608


def _of_sqlite(
    connection: Connection, table: Table, columns: Sequence[Column[Any]], *, by_key: bool
) -> Iterator[list[Row]]:
    instants = [at for at, column in enumerate(columns) if isinstance(_kind(column), DateTime)]
    order = f" ORDER BY {_names(table.primary_key.columns)}" if by_key else ""
    cursor = _driver(connection).cursor()
    cursor.execute(f"SELECT {_names(columns)} FROM {_named(table)}{order}")  # noqa: S608 -- names of our own tables
    while rows := cursor.fetchmany(BATCH):
        for number, row in enumerate(rows) if instants else ():
            if any(row[at] is not None and len(row[at]) != _LETTERS for at in instants):
                rows[number] = tuple(_instant(v) if at in instants else v for at, v in enumerate(row))
        yield rows
    cursor.close()


def _instant(value: str | None) -> str | None:
    """Give an instant that was written without microseconds, or with a T, in the one form."""
    return None if value is None else f"{datetime.fromisoformat(value):%Y-%m-%d %H:%M:%S.%f}"


def _of_postgresql(
    connection: Connection, table: Table, columns: Sequence[Column[Any]], *, by_key: bool
) -> Iterator[list[Row]]:
    order = ", ".join(
        f'"{c.name}" COLLATE "C"' if isinstance(_kind(c), String) else f'"{c.name}"' for c in table.primary_key.columns
    )
    words = f"SELECT {', '.join(map(_said, columns))} FROM {_named(table)}"  # noqa: S608 -- names of our own tables
    with _driver(connection).cursor(name="devsys_rows", binary=True) as cursor:
        cursor.execute(words + (f" ORDER BY {order}" if by_key else ""))
        while rows := cursor.fetchmany(BATCH):
            yield rows


def _said(column: Column[Any]) -> str:
    """Give the words by which PostgreSQL says a column in the form of SQLite."""
    kind, name = _kind(column), f'"{column.name}"'
    if isinstance(kind, DateTime):
        at = f"{name} AT TIME ZONE 'UTC'" if kind.timezone else name
        return f"to_char({at}, '{_INSTANT}')"
    if isinstance(kind, Date):
        return f"to_char({name}, 'YYYY-MM-DD')"
    if isinstance(kind, Time):
        return f"to_char({name}, 'HH24:MI:SS.US')"
    if isinstance(kind, Boolean):
        return f"{name}::int"
    if isinstance(kind, _AS_THEY_ARE):
        return name
    raise TypeError(f"{column} is of a type that no move knows: {kind!r}")


def _kind(column: Column[Any]) -> TypeEngine[Any]:
    kind: TypeEngine[Any] = column.type
    while isinstance(kind, TypeDecorator):
        kind = kind.impl_instance
    return kind


def _driver(connection: Connection) -> Any:
    return connection.connection.driver_connection


def _named(table: Table) -> str:
    return f'"{table.name}"'


def _names(columns: Iterable[Column[Any]]) -> str:
    return ", ".join(f'"{column.name}"' for column in columns)
