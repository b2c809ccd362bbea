"""Who has a database in use: every process of devsys says so, and whoever needs it alone finds out.

On SQLite a process shares a lock on a file beside the database for as long as it lives. On PostgreSQL each connection
shares an advisory lock, so that one that was cut and comes back says so again. Both end with the process, however it
ends. A database whose data was moved elsewhere is marked, and refused to those who would go on with it: beside an
SQLite file, in the server's settings for a PostgreSQL database; the data itself stays as it was.
"""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from sqlalchemy import event, text

from devsys.adapters.store.leader import leadership
from devsys.adapters.store.store import Store, plain_words
from devsys.base.errors import ConflictError, UnavailableError
from devsys.base.files import replace_file
from devsys.base.words import phrase

_PRESENT: Final = 4_270_003
_MARK: Final = "devsys.moved"
_IN_USE: Final = "devsys is running on {0}. Stop it first, on every machine; nothing was changed."
_REFUSED: Final = (
    "The data of this database was moved to {0}. Set DEVSYS_DATABASE_URL to that address. "
    "To go on with this one instead, which knows nothing of what came since: devsys move --reopen"
)


@contextlib.contextmanager
def present(store: Store) -> Iterator[None]:
    """Say that this process, and those it starts by fork, use the database.

    Raises ConflictError when it was moved, or somebody needs it alone right now.
    """
    if store.sqlite:
        with _locked(store, fcntl.LOCK_SH) as got:
            if not got:
                raise ConflictError(
                    phrase("The database is being moved or restored right now. Try again when that is over.")
                )
            refuse_moved(store)
            yield
        return
    event.listen(store.engine, "connect", _on_connect_postgresql)
    yield


@contextlib.contextmanager
def alone(store: Store) -> Iterator[None]:
    """Hold a database so that no process of devsys has it in use, nor begins to. Raises ConflictError when one has."""
    if store.sqlite:
        with _locked(store, fcntl.LOCK_EX) as got:
            if not got:
                raise ConflictError(_IN_USE.format(shown(store)))
            yield
        return
    with contextlib.ExitStack() as stack:
        with plain_words():
            connection = stack.enter_context(store.engine.connect())
            got = bool(connection.execute(text(f"SELECT pg_try_advisory_lock({_PRESENT})")).scalar())
            connection.commit()
        if not got:
            raise ConflictError(_IN_USE.format(shown(store)))
        try:
            yield
        finally:
            connection.execute(text(f"SELECT pg_advisory_unlock({_PRESENT})"))
            connection.commit()


@contextlib.contextmanager
def held(store: Store) -> Iterator[None]:
    """Hold a database against every process of devsys, also workers of versions that do not say they are there.

    Raises ConflictError when one uses it.
    """
    with alone(store), leadership(store) as leads:
        if not leads:
            raise ConflictError(_IN_USE.format(shown(store)))
        yield


def shown(store: Store) -> str:
    """Give the address of a database as DEVSYS_DATABASE_URL has it, three stars in place of a password."""
    if store.file is not None:
        return f"sqlite:///{store.file.absolute()}"
    return store.engine.url.set(drivername="postgresql").render_as_string(hide_password=True)


def moved_to(store: Store) -> str:
    """Give where the data of a database was moved, empty when it was not."""
    if store.sqlite:
        with contextlib.suppress(FileNotFoundError):
            return _mark_of(store).read_text("utf-8").strip()
        return ""
    with plain_words(), store.engine.connect() as connection:
        return str(connection.execute(text(f"SELECT current_setting('{_MARK}', true)")).scalar() or "")


def refuse_moved(store: Store) -> None:
    """Raise ConflictError when the data of a database was moved elsewhere."""
    if where := moved_to(store):
        raise ConflictError(_REFUSED.format(where))


def mark_moved(store: Store, where: str) -> None:
    """Mark a database as moved to `where`; with an empty word, take the mark away. New connections see it."""
    if store.sqlite:
        if where:
            replace_file(_mark_of(store), f"{where}\n".encode(), mode=0o600)
        else:
            _mark_of(store).unlink(missing_ok=True)
        return
    quoted = str(store.engine.url.database).replace('"', '""')
    value = where.replace("'", "''")
    change = f"SET {_MARK} = '{value}'" if where else f"RESET {_MARK}"
    with store.engine.connect() as connection:
        connection.exec_driver_sql(f'ALTER DATABASE "{quoted}" {change}'.replace("%", "%%"))
        connection.commit()


def _mark_of(store: Store) -> Path:
    return Path(f"{store.file}.moved")


@contextlib.contextmanager
def _locked(store: Store, how: int) -> Iterator[bool]:
    """Try to hold the file beside an SQLite database; give whether that was possible."""
    handle = os.open(f"{store.file}.users", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, how | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(handle)


def _on_connect_postgresql(connection: Any, _entry: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_try_advisory_lock_shared({_PRESENT}), current_setting('{_MARK}', true)")
        got, where = cursor.fetchone()
    connection.commit()
    if where:
        raise UnavailableError(_REFUSED.format(where))
    if not got:
        raise UnavailableError(
            phrase("The database is being moved or restored right now. Try again when that is over.")
        )
