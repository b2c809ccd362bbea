"""One worker at a time: a file lock beside SQLite, an advisory lock in PostgreSQL."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import text

from devsys.adapters.store.store import Store

_LEADER = 4_270_002


@contextlib.contextmanager
def leadership(store: Store) -> Iterator[bool]:
    """Give True to the one process that leads, False to all others, at once and without waiting.

    The lock is the operating system's (or the server's): it ends with the process, however that ends.
    """
    if store.file is None:
        with store.engine.connect() as connection:
            got = bool(connection.execute(text(f"SELECT pg_try_advisory_lock({_LEADER})")).scalar())
            connection.commit()
            try:
                yield got
            finally:
                if got:
                    connection.execute(text(f"SELECT pg_advisory_unlock({_LEADER})"))
                    connection.commit()
        return
    path = Path(f"{store.file}.leader")
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(handle)
