"""All data from one engine to the other: copied whole or not at all, compared, and the old database marked."""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, inspect
from sqlalchemy.exc import DBAPIError, OperationalError

from devsys.actions.parts import Parts
from devsys.adapters.store import inspection, sealed
from devsys.adapters.store.carry import TABLES, count
from devsys.adapters.store.copies import ENDINGS, finish_file, put_in_place
from devsys.adapters.store.digest import digest
from devsys.adapters.store.presence import held, mark_moved, refuse_moved, shown
from devsys.adapters.store.schema import migrate
from devsys.adapters.store.store import Store
from devsys.adapters.store.transfer import Note, fill_from, silent
from devsys.base.errors import ConflictError, InvalidError


@dataclass(frozen=True, slots=True)
class Moved:
    """What a move did: how many rows of how many tables, the digest of both sides, where from, where to.

    `key` says what is wrong with the key of confidential texts, empty when it opens them or none was needed.
    `before` is true when the same data stood in the target already: then only the source was marked.
    """

    rows: int
    tables: int
    digest: str
    source: str
    target: str
    key: str
    before: bool


def move(parts: Parts, url: str, note: Note = silent) -> Moved:
    """Copy all data to an empty or absent database at `url`, compare both, and mark the source as moved.

    Neither side may be in use meanwhile: both are held. The target gets the schema by the migrations and every row in
    one transaction, which is kept only if both sides have the same digest; an SQLite file is built beside its place.
    The source is read, never written.

    Raises ConflictError while devsys runs on either side, InvalidError for a target that holds data, that cannot be
    reached, or for rows it cannot hold.
    """
    source = parts.store
    if source.file is not None and not source.file.exists():
        raise InvalidError(f"There is no database at {source.file}, so there is nothing to move.")
    target = _opened(url, parts)
    try:
        if shown(target) == shown(source):
            raise InvalidError("That is the database in use already.")
        refuse_moved(source)
        with held(source), held(target):
            return _move(parts, target, note)
    finally:
        target.close()
        source.close()  # what is marked is seen by new connections


def reopen(parts: Parts) -> None:
    """Take back the mark of a move, so that devsys goes on with this database as it is."""
    with held(parts.store):
        mark_moved(parts.store, "")
    parts.store.close()


def _opened(url: str, parts: Parts) -> Store:
    """Give the target's store. Raises InvalidError when it cannot be one, or does not answer."""
    if not url.startswith(("sqlite:///", "postgresql://")):
        raise InvalidError("--to takes sqlite:///FILE or postgresql://USER@HOST/DATABASE.")
    try:
        store = Store(url, parts.store.keys.file)
    except Exception as error:  # an address that cannot be read, or a driver that is not installed
        raise InvalidError(f"{url.partition(':')[0]} cannot be used: {error}. See docs/operate.md.") from error
    if store.file is not None:
        if not store.file.parent.is_dir():
            raise InvalidError(f"There is no folder {store.file.parent}.")
        return store
    try:
        with store.engine.connect() as connection:
            encoding = str(connection.exec_driver_sql("SHOW server_encoding").scalar())
    except (OperationalError, DBAPIError) as error:
        store.close()
        said = str(error.orig).strip().splitlines()[-1]
        todo = "Make an empty one of that name: createdb -E UTF8 -T template0 NAME" if "does not exist" in said else ""
        raise InvalidError(f"{shown(store)} cannot be reached: {said}. {todo}".strip()) from error
    if encoding != "UTF8":
        raise InvalidError(f"{shown(store)} keeps text as {encoding}. Make it with: createdb -E UTF8 -T template0 NAME")
    return store


def _move(parts: Parts, target: Store, note: Note) -> Moved:
    source = parts.store
    with source.write() as db:  # held, never written: who would write waits, and what is read is one moment
        step, newest = inspection.step(db), inspection.newest_step()
        if step != newest:
            raise ConflictError(f"The database is at step {step or 'none'}, not {newest}. Run: devsys migrate")
        figure, key = digest(db, whole=True), sealed.trouble(db)
        connection = db.connection()
        if _is_empty(target):
            rows = _into(target, connection, figure, note)
        elif _digest_of(target) == figure:
            rows = 0
        else:
            raise InvalidError(f"{shown(target)} holds data already. Give an empty or a new one; nothing was changed.")
        business = digest(db)
        db.rollback()
    mark_moved(source, shown(target))
    return Moved(rows, len(TABLES), business, shown(source), shown(target), key, before=not rows)


def _is_empty(store: Store) -> bool:
    """Say whether a database has no table yet, or no row but those that the migrations themselves bring."""
    if store.file is not None and not store.file.exists():
        return True
    with store.read() as db:
        names = set(inspect(db.connection()).get_table_names())
        if not names:
            return True
        if inspection.step(db) != inspection.newest_step():
            return False
        return not any(count(db.connection(), table) for table in TABLES)


def _digest_of(store: Store) -> str:
    with store.read() as db:
        return digest(db, whole=True) if inspection.step(db) == inspection.newest_step() else ""


def _into(target: Store, source: Connection, figure: str, note: Note) -> int:
    if target.file is None:
        migrate(target)
        rows = _copy(target, source, figure, note)
        with target.engine.connect() as connection:
            connection.exec_driver_sql("ANALYZE")
            connection.commit()
        return rows
    beside = target.file.with_name(f".{target.file.name}.moving")
    _forget(beside)
    store = Store(f"sqlite:///{beside.absolute()}", target.keys.file)
    try:
        migrate(store)
        rows = _copy(store, source, figure, note)
        store.close()
        finish_file(beside)
        target.close()
        put_in_place(beside, target.file)
    finally:
        store.close()
        _forget(beside)
    return rows


def _copy(target: Store, source: Connection, figure: str, note: Note) -> int:
    """Copy every row in one transaction, which is kept only when both sides say the same of all they hold."""
    with target.write() as db:
        return fill_from(db, source, figure, note)


def _forget(file: Path) -> None:
    for ending in ENDINGS:
        Path(f"{file}{ending}").unlink(missing_ok=True)
