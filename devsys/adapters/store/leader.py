"""One worker at a time: a file lock beside SQLite, an advisory lock in PostgreSQL; and a term that its writes go by.

A lock may go without its holder noticing: a connection is cut, a lock file is deleted. So who leads begins a term,
which the database names, and each of its writes asks in its own transaction whether that is still the one. Once
somebody else began one, nothing that the former leader does counts any more.
"""

import contextlib
import fcntl
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from devsys.adapters.store.queries import house
from devsys.adapters.store.store import Db, Store, plain_words
from devsys.base.errors import UnavailableError
from devsys.base.ids import new_id

_TERM: Final = "leader_term"
_LEADER = 4_270_002
_HELD = text(
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid() "
    "AND classid = 0 AND objid = :lock AND granted"
).bindparams(lock=_LEADER)


class DeposedError(UnavailableError):
    """Another worker leads since: what this one wanted to write was not written."""


def begin_term(db: Db) -> str:
    """Begin a term, which ends whichever there was; give its name. Only the leader may, inside `store.write()`."""
    term = new_id()  # no number: a restored database must not count up to one that somebody still holds
    house.set_fact(db, _TERM, term)
    return term


def in_term(term: str) -> Callable[[Db], None]:
    """Give what guards the writes of a leader (`Store.guarded`): it raises DeposedError once the term is over."""

    def guard(db: Db) -> None:
        if house.fact(db, _TERM) != term:
            raise DeposedError("Another worker leads since. Nothing was written.")

    return guard


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

    The lock is the operating system's (or the server's): it ends with the process, however that ends. Raises
    UnavailableError when the server does not answer.
    """
    if store.file is None:
        with contextlib.ExitStack() as stack:
            with plain_words():
                connection = stack.enter_context(store.engine.connect())
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
