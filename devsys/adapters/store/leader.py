"""One worker at a time: a file lock beside SQLite, an advisory lock in PostgreSQL."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from devsys.adapters.store.store import Store

_LEADER = 4_270_002
_HELD = text(
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid() "
    "AND classid = 0 AND objid = :lock AND granted"
).bindparams(lock=_LEADER)


@dataclass(frozen=True, slots=True)
class Lead:
    """Whether this process leads; true or false by itself."""

    got: bool
    connection: Connection | None = None

    def __bool__(self) -> bool:
        """Say whether the lock was got."""
        return self.got

    def stands(self) -> bool:
        """Say whether the lock is still held: on PostgreSQL it goes with its connection, whoever cut that."""
        if not self.got or self.connection is None:
            return self.got
        try:
            held = bool(self.connection.execute(_HELD).scalar())  # one that came back by itself holds nothing
            self.connection.commit()
        except SQLAlchemyError:
            return False
        return held


@contextlib.contextmanager
def leadership(store: Store) -> Iterator[Lead]:
    """Give a true lead to the one process that leads, a false one to all others, at once and without waiting.

    The lock is the operating system's (or the server's): it ends with the process, however that ends.
    """
    if store.file is None:
        with store.engine.connect() as connection:
            got = bool(connection.execute(text(f"SELECT pg_try_advisory_lock({_LEADER})")).scalar())
            connection.commit()
            try:
                yield Lead(got, connection)
            finally:
                if got:
                    with contextlib.suppress(SQLAlchemyError):  # a connection that was cut holds nothing any more
                        connection.execute(text(f"SELECT pg_advisory_unlock({_LEADER})"))
                        connection.commit()
        return
    path = Path(f"{store.file}.leader")
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield Lead(got=False)
        else:
            yield Lead(got=True)
    finally:
        os.close(handle)
