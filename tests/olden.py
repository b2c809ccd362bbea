"""Databases as older versions of devsys left them: the schema of a step, with the rows of today that fit into it."""

from collections.abc import Iterator

from sqlalchemy import Column, Connection, MetaData, Table, inspect

from devsys.adapters.store.carry import Row, batches, fill, set_numbers
from devsys.adapters.store.inspection import newest_step
from devsys.adapters.store.schema import migrate
from devsys.adapters.store.store import Db, Store

ADDRESS = b"https://calendar.example/of-somebody.ics"
# What a step writes anew; the test of that step looks at it.
CHANGED = {("busy_source", "address"): "0018"}


def steps() -> tuple[str, ...]:
    """Give every step but the newest."""
    return tuple(f"{number:04}" for number in range(1, int(newest_step())))


def tables_of(db: Db) -> tuple[Table, ...]:
    """Give the tables of whatever step a database is at, in the order in which rows can be written."""
    found = MetaData()
    found.reflect(db.connection())
    return tuple(table for table in found.sorted_tables if table.name != "alembic_version")


def lasting(tables: tuple[Table, ...], step: str) -> tuple[Table, ...]:
    """Give the tables without the columns that a step after `step` writes anew."""
    apart = MetaData()
    return tuple(
        Table(
            table.name,
            apart,
            *(
                Column(c.name, c.type, primary_key=c.primary_key)
                for c in table.columns
                if CHANGED.get((table.name, c.name), "") <= step
            ),
        )
        for table in tables
    )


def age(today: Store, older: Store, step: str) -> tuple[Table, ...]:
    """Make `older`, an empty database, one of `step` with the rows of `today`; give its tables."""
    migrate(older, step)
    with today.read() as found, older.write() as db:
        tables = tables_of(db)
        now = {table.name: table for table in tables_of(found)}
        for table in tables:
            rows = _rows(found.connection(), now[table.name], table, step)
            fill(db.connection(), table, rows, lambda _count: None)
            set_numbers(db.connection(), table)
    return tables


def _rows(source: Connection, now: Table, then: Table, step: str) -> Iterator[list[Row]]:
    columns = [now.c[c.name] for c in then.columns]
    anew = [at for at, c in enumerate(columns) if CHANGED.get((now.name, c.name), "") > step]
    for rows in batches(source, now, columns=columns):
        yield [tuple(ADDRESS.decode() if at in anew else value for at, value in enumerate(row)) for row in rows]


def swell(db: Db, count: int) -> int:
    """Add `count` former revisions of sessions, two places in each and an act of each; give how many rows."""
    say = db.connection().exec_driver_sql
    columns = [c["name"] for c in inspect(db.connection()).get_columns("revision")]
    anew = {"id": "'r' || n", "draft_id": "NULL", "since": "1", "until": "1"}
    values = ", ".join(anew.get(name, name) for name in columns)
    numbers = f"WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {count})"
    one = "(SELECT * FROM revision LIMIT 1)"
    say(f"INSERT INTO revision ({', '.join(columns)}) {numbers} SELECT {values} FROM numbers, {one}")
    two = "(SELECT id AS person_id FROM person ORDER BY id LIMIT 2)"
    say(
        f"INSERT INTO place (revision_id, person_id, need) {numbers} SELECT 'r' || n, person_id, '' FROM numbers, {two}"
    )
    at = "'2026-01-05 09:00:00.000000'"
    say(f"INSERT INTO audit (at, act, what) {numbers} SELECT {at}, 'look', 'record ' || n FROM numbers")
    return 4 * count
