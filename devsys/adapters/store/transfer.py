"""All rows of a database into another, of either engine: in one transaction, kept only when both say the same."""

from collections.abc import Callable, Sequence
from pathlib import Path

from sqlalchemy import Connection, MetaData, Table

from devsys.adapters.store.carry import TABLES, batches, count, fill, set_numbers
from devsys.adapters.store.copies import finish_file
from devsys.adapters.store.digest import digest
from devsys.adapters.store.inspection import newest_step
from devsys.adapters.store.schema import at_step, migrate
from devsys.adapters.store.store import Db, Store
from devsys.base.errors import InvalidError

Note = Callable[[str, int, int], None]  # table, rows written, rows in all


def silent(_table: str, _rows: int, _in_all: int) -> None:
    """Note nothing."""


def fill_from(
    target: Db, source: Connection, figure: str, note: Note = silent, tables: Sequence[Table] = TABLES
) -> int:
    """Write every row of `source` into empty tables of `target`; give how many.

    Raises InvalidError for a row that cannot be held there, or when the digest of all is not `figure`: then nothing may
    be kept.
    """
    connection = target.connection()
    total = sum(count(source, table) for table in tables)
    written = 0
    for table in tables:
        before = written

        def so_far(rows: int, name: str = table.name, before: int = before) -> None:
            note(name, before + rows, total)

        try:
            written += fill(connection, table, batches(source, table), so_far)
        except Exception as error:  # whatever a row raises is what is to be said of its table
            said = str(getattr(error, "orig", error)).strip().splitlines()[0][:200]
            raise InvalidError(f"A row of {table.name} cannot be held there: {said}. Nothing was changed.") from error
        set_numbers(connection, table)
    if digest(target, whole=True, tables=tables) != figure:
        raise InvalidError("The copy is not the same as the source, so it was thrown away. Please report this.")
    return written


def write_file(store: Store, target: Path, note: Note = silent) -> None:
    """Write all rows of a database, as they are at one moment, to a new SQLite file of the same step; nobody waits.

    Raises InvalidError when there is no schema, or the copy is not the same.
    """
    with store.read() as db:
        step = at_step(db.connection())
        if not step:
            raise InvalidError("There is no data yet, so there is nothing to copy.")
        file = Store(f"sqlite:///{target.absolute()}", store.keys.file)
        try:
            migrate(file, step)
            with file.write() as copy:
                tables = TABLES if step == newest_step() else _tables_of(db.connection(), copy.connection())
                fill_from(copy, db.connection(), digest(db, whole=True, tables=tables), note, tables)
        finally:
            file.close()
    finish_file(target)


def _tables_of(source: Connection, like: Connection) -> tuple[Table, ...]:
    """Give the tables of an older step as they stand, those that a schema of the same step has."""
    wanted, found = MetaData(), MetaData()
    wanted.reflect(like)
    found.reflect(source, only=lambda name, _: name in wanted.tables)
    return tuple(table for table in found.sorted_tables if table.name != "alembic_version")
