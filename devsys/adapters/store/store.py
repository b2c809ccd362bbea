"""The database behind one door: `read()` for pictures, `write()` for changes, one commit each."""

import contextlib
import copy
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry
from sqlmodel import Session

from devsys.base.errors import UnavailableError
from devsys.base.keys import Keyring
from devsys.base.words import ENGLISH, phrase

LOCK_SECONDS = 5
_AT_ONCE = 0.05  # seconds in line that need not be taken off LOCK_SECONDS
KEYS = "keys"  # where a transaction's info holds the keyring (sealed.py)
LANGUAGE = "language"  # and the language in which it keeps what calendars read (fragments.py)
KEY_NAME = "key"
_WRITERS = 4_270_001  # the advisory lock that all writers of a PostgreSQL database queue for
_BUSY = ("database is locked", "database is busy", "lock timeout", "could not serialize", "deadlock detected")
_AWAY = (
    "connection refused",
    "connection failed",
    "server closed the connection",
    "terminating connection",
    "the connection is lost",
    "the database system is",  # starting up, shutting down, in recovery
    "unable to open database file",
)
_AWAY_STATES = ("08", "57P", "533")  # of connections, of a server that stops or starts, of too many at once
_FULL = ("disk is full", "No space left", "could not extend file")

Db = Session


class Store:
    """One database, SQLite or PostgreSQL, by its address.

    Writers queue for one lock on both engines (BEGIN IMMEDIATE; an advisory lock), so that whoever reads inside
    `write()` reads what it will change: no lost updates, no serialisation failures to try again (trust.md R7).
    Confidential text is sealed by the key in `key_file`; unless named, it lies beside an SQLite file, and there is none
    for PostgreSQL. What is kept for the calendars of many is said in `language`, the organisation's.
    """

    def __init__(self, url: str, key_file: Path | None = None, *, language: str = ENGLISH) -> None:
        self.url = url.replace("postgresql://", "postgresql+psycopg://", 1)
        self.sqlite = self.url.startswith("sqlite")
        self.engine: Engine = create_engine(self.url, hide_parameters=True, **self._options())
        if self.sqlite:
            event.listen(self.engine, "connect", _on_connect_sqlite)
            event.listen(self.engine, "begin", _on_begin_sqlite)
        self.keys = Keyring(key_file or self._key_beside())
        self._info = {KEYS: self.keys, LANGUAGE: language}
        self._writer = self.engine.execution_options(devsys_write="wait")
        self._noter = self.engine.execution_options(devsys_write="try")
        self._line = threading.Lock()
        self._guard: Callable[[Db], None] | None = None

    def _options(self) -> dict[str, Any]:
        if self.sqlite:
            return {"connect_args": {"timeout": LOCK_SECONDS, "check_same_thread": False}}
        return {"pool_pre_ping": True, "pool_size": 5, "max_overflow": 10}

    def _key_beside(self) -> Path | None:
        held = self.sqlite and self.engine.url.database not in (None, "", ":memory:")
        return Path(str(self.engine.url.database)).with_name(KEY_NAME) if held else None

    @property
    def file(self) -> Path | None:
        """The file of an SQLite database, None for PostgreSQL."""
        return Path(str(self.engine.url.database)) if self.sqlite else None

    def guarded(self, guard: Callable[[Db], None]) -> "Store":
        """Give this store for somebody who may lose the right to write: `guard` is asked inside every write.

        It is asked once the lock of the writers is held, so what it finds stands until the commit; what it raises
        ends the write with nothing done.
        """
        made = copy.copy(self)
        made._guard = guard  # noqa: SLF001 -- our own class
        return made

    @contextlib.contextmanager
    def read(self) -> Iterator[Db]:
        """Give a picture of one moment; nothing done in it is kept. Raises UnavailableError when locked out."""
        with plain_words(), Session(self.engine, info=dict(self._info)) as db:
            if not self.sqlite:
                db.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            yield db
            db.rollback()

    @contextlib.contextmanager
    def glance(self) -> Iterator[Connection]:
        """Give a picture of one moment as `read` does, without the Session around it, which costs a poll a third."""
        with plain_words(), self.engine.connect() as connection:
            if not self.sqlite:
                connection.execution_options(isolation_level="REPEATABLE READ")
            yield connection

    @contextlib.contextmanager
    def write(self, *, wait: bool = True) -> Iterator[Db]:
        """Give the one writer's transaction, committed once at the end or not at all.

        Without `wait` it is for notes that may be lost: nobody is waited for. Raises UnavailableError when the lock
        is not free within LOCK_SECONDS (without `wait`: at once) or the disk is full.
        """
        turn = self._turn() if self.sqlite and wait else contextlib.nullcontext(0)
        engine = self._writer if wait else self._noter
        with turn as left, plain_words(), Session(engine, info=dict(self._info)) as db:
            if not self.sqlite and not wait:
                if not db.execute(text(f"SELECT pg_try_advisory_xact_lock({_WRITERS})")).scalar():
                    raise UnavailableError(phrase("Somebody else is writing right now. Nothing was noted."))
            elif not self.sqlite:
                db.execute(text(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'"))
                db.execute(text(f"SELECT pg_advisory_xact_lock({_WRITERS})"))
            else:
                db.connection(execution_options={"devsys_left": left})
            if self._guard is not None:
                self._guard(db)
            yield db
            db.commit()

    @contextlib.contextmanager
    def _turn(self) -> Iterator[int]:
        """Wait in line behind the other writers of this process; give how many milliseconds are left for SQLite's lock.

        SQLite's own waiting looks again now and then, so that among many writers one was passed over for seconds.
        """
        began = time.monotonic()
        if not self._line.acquire(timeout=LOCK_SECONDS):
            raise UnavailableError(_locked())
        try:
            waited = time.monotonic() - began
            yield round(1000 * max(0, LOCK_SECONDS - (waited if waited > _AT_ONCE else 0)))
        finally:
            self._line.release()

    def close(self) -> None:
        """Give back all connections."""
        self.engine.dispose()


def _on_connect_sqlite(connection: Any, _entry: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # the driver must not open transactions: `begin` below does
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={LOCK_SECONDS * 1000}",
        "secure_delete=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _on_begin_sqlite(connection: Connection) -> None:
    # A deferred transaction that reads and then writes fails at once with BUSY_SNAPSHOT, whatever the timeout.
    options = connection.get_execution_options()
    writes, most = options.get("devsys_write"), LOCK_SECONDS * 1000
    left = options.get("devsys_left", most)
    if not writes or left == most:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
        return
    connection.exec_driver_sql(f"PRAGMA busy_timeout={left}")
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    finally:
        connection.exec_driver_sql(f"PRAGMA busy_timeout={most}")


def _locked() -> str:
    return phrase("Somebody else is writing right now. Nothing was changed; try again.")


@contextlib.contextmanager
def plain_words() -> Iterator[None]:
    """Let what an engine says of locks, disks and connections be UnavailableError, in words for people."""
    try:
        yield
    except (OperationalError, DBAPIError) as error:
        said = str(error.orig)
        if any(words in said for words in _BUSY):
            raise UnavailableError(_locked()) from error
        if any(words in said for words in _FULL):
            raise UnavailableError(
                phrase("The disk is full. Nothing was changed; free some space and try again.")
            ) from error
        if any(words in said.lower() for words in _AWAY) or _is_away(error):
            raise UnavailableError(
                phrase("The database does not answer. Nothing was changed; try again later.")
            ) from error
        raise


def _is_away(error: DBAPIError) -> bool:
    """Say whether the server is away, by PostgreSQL's own state; without one the connection could not be made."""
    if error.connection_invalidated:
        return True
    state = getattr(error.orig, "sqlstate", "")
    return isinstance(error, OperationalError) and (state is None or state.startswith(_AWAY_STATES))
