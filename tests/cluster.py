"""A throw-away PostgreSQL cluster for one run of the tests: no network, no durability, one template migrated once.

Making a database takes longer than most tests, so one that a test gives back is emptied and lent again.
"""

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from devsys.adapters.store.schema import migrate
from devsys.adapters.store.store import Store
from tests.loud import leave_out, variable

TEMPLATE = "devsys_template"
_numbers = count(1)
# All rows of all tables, without asking who refers to whom, and every number counts from its beginning again.
_WIPE = """
DO $$
DECLARE name text;
BEGIN
    SET LOCAL session_replication_role = replica;
    FOR name IN SELECT quote_ident(tablename) FROM pg_tables
                WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
        EXECUTE 'DELETE FROM ' || name;
    END LOOP;
    FOR name IN SELECT quote_ident(sequencename) FROM pg_sequences WHERE schemaname = 'public' LOOP
        EXECUTE 'ALTER SEQUENCE ' || name || ' RESTART';
    END LOOP;
END $$
"""
# What a database is made of: a test that changed it keeps nobody else from a whole one.
_MADE_OF = """
SELECT md5(string_agg(word, '|' ORDER BY word)) FROM (
    SELECT attrelid::regclass || ' ' || attname || ' ' || atttypid || ' ' || attnotnull AS word FROM pg_attribute
    WHERE attnum > 0 AND NOT attisdropped AND attrelid::regclass::text IN (SELECT tablename FROM pg_tables
                                                                          WHERE schemaname = 'public')
    UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT conrelid::regclass || ' ' || pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid <> 0
    UNION ALL SELECT version_num FROM alembic_version
) AS words
"""


class Cluster:
    """Databases by name: `fresh()` gives a migrated one, `drop()` takes it away."""

    def __init__(self, url: str) -> None:
        """Take the address of the cluster with `{}` where the name of a database stands."""
        self._url = url
        self._idle: list[str] = []
        self._made_of = ""
        self._admin = create_engine(
            url.format("postgres").replace("postgresql://", "postgresql+psycopg://", 1), isolation_level="AUTOCOMMIT"
        )

    def _say(self, statement: str) -> None:
        with self._admin.connect() as connection:
            connection.execute(text(statement))

    def prepare(self) -> None:
        """Migrate the template all databases are copied from."""
        self._say(f"DROP DATABASE IF EXISTS {TEMPLATE}")
        self._say(f"CREATE DATABASE {TEMPLATE}")
        store = Store(self._url.format(TEMPLATE))
        migrate(store)
        with store.read() as db:
            self._made_of = str(db.execute(text(_MADE_OF)).scalar())
        store.close()

    def lend(self) -> str:
        """Give the address of a migrated database without a row, until `give_back`.

        It is another address each time: what a process remembers of a database it remembers by its address.
        """
        url = self._idle.pop() if self._idle else self.fresh()
        return f"{url}{'&' if '?' in url else '?'}application_name=lent_{next(_numbers)}"

    def give_back(self, url: str) -> None:
        """Take back what `lend` gave, whoever is still connected; what is no longer as it was migrated is dropped."""
        name = _name(url)
        self._say(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
        engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1), poolclass=NullPool)
        try:
            with engine.begin() as connection:
                connection.execute(text(_WIPE))
                whole = connection.execute(text(_MADE_OF)).scalar() == self._made_of
        except DBAPIError:
            whole = False
        if whole:
            self._idle.append(self._url.format(name))
        else:
            self.drop(url)

    def fresh(self, *, empty: bool = False) -> str:
        """Give the address of a new database: migrated, or without any table."""
        name = f"devsys_{os.getpid()}_{next(_numbers)}"
        self._say(f"CREATE DATABASE {name} TEMPLATE {'template1' if empty else TEMPLATE}")
        return self._url.format(name)

    def drop(self, url: str) -> None:
        """Take a database away, whoever is still connected."""
        self._say(f"DROP DATABASE IF EXISTS {_name(url)} WITH (FORCE)")

    def close(self) -> None:
        """Let go of the cluster; databases that wait to be lent go."""
        while self._idle:
            self.drop(self._idle.pop())
        self._admin.dispose()


def _name(url: str) -> str:
    return url.partition("?")[0].rpartition("/")[2]


def _binaries() -> Path:
    on_path = shutil.which("initdb")
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parent.parent.name))
    if found:
        return found[-1].parent
    if on_path is None:
        leave_out("PostgreSQL is not installed (no initdb), and DEVSYS_TEST_PG_URL is not set")
    return Path(on_path).resolve().parent


class Server:
    """A PostgreSQL server of our own in a temporary folder, reached by a socket there; `durable` ones keep fsync on."""

    def __init__(self, *, durable: bool) -> None:
        self._binaries = _binaries()
        self.folder = Path(tempfile.mkdtemp(prefix="devsys-pg-"))
        self._data = self.folder / "data"
        # initdb refuses root, so the cluster then belongs to the system's own account for it.
        self._as_account: list[str] = []
        if os.geteuid() == 0:
            entry = pwd.getpwnam("postgres")
            os.chown(self.folder, entry.pw_uid, entry.pw_gid)
            self._as_account = ["runuser", "-u", "postgres", "--"]
        self._options = f"-c listen_addresses='' -k {self.folder}" + ("" if durable else " -F")
        self.url = f"postgresql://postgres@/{{}}?host={self.folder}"
        self.runs = False
        self._sync = () if durable else ("--no-sync",)

    def make(self) -> None:
        """Make its files."""
        words = ("-A", "trust", "-U", "postgres", *self._sync, "-E", "UTF8", "--locale=C.UTF-8")
        self._call("initdb", "-D", str(self._data), *words)

    def start(self) -> None:
        """Start it and wait until it answers."""
        self._call("pg_ctl", "-D", str(self._data), "-w", "-l", str(self.folder / "log"), "-o", self._options, "start")
        self.runs = True

    def stop(self, mode: str = "immediate") -> None:
        """Stop it: `fast` ends all connections and writes everything down first."""
        self._call("pg_ctl", "-D", str(self._data), "-m", mode, "-w", "stop")
        self.runs = False

    def remove(self) -> None:
        """Take its folder away."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _call(self, program: str, *words: str) -> None:
        command = [*self._as_account, str(self._binaries / program), *words]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{program} failed: {done.stdout}{done.stderr}")


@contextlib.contextmanager
def cluster() -> Iterator[Cluster]:
    """Give a running cluster: $DEVSYS_TEST_PG_URL (its database name is replaced), else one made for this run."""
    given = variable("DEVSYS_TEST_PG_URL")
    if given:
        head, _, options = given.partition("?")
        made = Cluster(f"{head.rpartition('/')[0]}/{{}}" + (f"?{options}" if options else ""))
        made.prepare()
        yield made
        made.close()
        return
    with serving(durable=False) as server:
        made = Cluster(server.url)
        made.prepare()
        yield made
        made.close()


@contextlib.contextmanager
def serving(*, durable: bool) -> Iterator[Server]:
    """Give a server that runs, and take it away; it may be stopped and started meanwhile."""
    server = Server(durable=durable)
    try:
        server.make()
        server.start()
        try:
            yield server
        finally:
            if server.runs:
                server.stop()
    finally:
        server.remove()
