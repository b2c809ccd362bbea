"""A throw-away PostgreSQL cluster for one run of the tests: no network, no durability, one template migrated once."""

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

from devsys.adapters.store.schema import migrate
from devsys.adapters.store.store import Store
from tests.loud import leave_out, variable

TEMPLATE = "devsys_template"
_numbers = count(1)


class Cluster:
    """Databases by name: `fresh()` gives a migrated one, `drop()` takes it away."""

    def __init__(self, url: str) -> None:
        """Take the address of the cluster with `{}` where the name of a database stands."""
        self._url = url
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
        store.close()

    def fresh(self, *, empty: bool = False) -> str:
        """Give the address of a new database: migrated, or without any table."""
        name = f"devsys_{os.getpid()}_{next(_numbers)}"
        self._say(f"CREATE DATABASE {name} TEMPLATE {'template1' if empty else TEMPLATE}")
        return self._url.format(name)

    def drop(self, url: str) -> None:
        """Take a database away, whoever is still connected."""
        name = url.partition("?")[0].rpartition("/")[2]
        self._say(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def close(self) -> None:
        """Let go of the cluster."""
        self._admin.dispose()


def _binaries() -> Path:
    on_path = shutil.which("initdb")
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parent.parent.name))
    if found:
        return found[-1].parent
    if on_path is None:
        leave_out("PostgreSQL is not installed (no initdb), and DEVSYS_TEST_PG_URL is not set")
    return Path(on_path).resolve().parent


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
    binaries = _binaries()
    folder = Path(tempfile.mkdtemp(prefix="devsys-pg-"))
    data = folder / "data"
    # initdb refuses root, so the cluster then belongs to the system's own account for it.
    as_account: list[str] = []
    if os.geteuid() == 0:
        entry = pwd.getpwnam("postgres")
        os.chown(folder, entry.pw_uid, entry.pw_gid)
        as_account = ["runuser", "-u", "postgres", "--"]

    def call(program: str, *words: str) -> None:
        done = subprocess.run(
            [*as_account, str(binaries / program), *words], cwd=folder, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise RuntimeError(f"{program} failed: {done.stdout}{done.stderr}")

    try:
        call("initdb", "-D", str(data), "-A", "trust", "-U", "postgres", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8")
        options = f"-c listen_addresses='' -k {folder} -F"
        call("pg_ctl", "-D", str(data), "-w", "-l", str(folder / "log"), "-o", options, "start")
        try:
            made = Cluster(f"postgresql://postgres@/{{}}?host={folder}")
            made.prepare()
            yield made
            made.close()
        finally:
            call("pg_ctl", "-D", str(data), "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
