"""Up from every step of the schema, with rows: nothing is lost, a backup is made first, a kill is harmless."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest

from devsys.actions.backup import manifest_of
from devsys.actions.bring_up import bring_up
from devsys.actions.parts import Parts
from devsys.adapters.store import inspection
from devsys.adapters.store.digest import digest
from devsys.adapters.store.queries import house
from devsys.adapters.store.schema import _config
from devsys.adapters.store.store import KEY_NAME, Store
from devsys.base.config import Settings
from tests import builders, olden
from tests.web import scenes

ROOT = Path(__file__).resolve().parent.parent
NEWEST = inspection.newest_step()
SAID_BY_STEPS = {"letters_from", "sealing_key", "backup"}
FEW = ("0001", "0017", olden.steps()[-1])  # the first, the one before addresses are sealed, the last


@dataclass
class Present:
    """An installation of today with rows, and a place for older ones."""

    store: Store
    folder: Path
    clock: Any

    def older(self, url: str, step: str) -> tuple[Parts, tuple[Any, ...]]:
        """Give one as a version of `step` left it, and its tables that last."""
        home = Path(mkdtemp(dir=self.folder))
        shutil.copyfile(self.folder / KEY_NAME, home / KEY_NAME)
        settings = Settings(home=home, database_url=url or f"sqlite:///{home / 'devsys.db'}")
        parts = Parts(settings, Store(settings.url, home / KEY_NAME), self.clock)
        return parts, olden.lasting(olden.age(self.store, parts.store, step), step)


def _a_source(store: Store) -> None:
    """Let somebody have a calendar of their own that is fetched, whose address a later step seals."""
    from devsys.adapters.store.sealed import seal

    columns = "id, person_id, name, address, created, read, until, tried, tag, dated, note, trouble"
    now = "2026-01-05 09:00:00.000000"
    with store.write() as db:
        address = seal(db, "busy_source", "address", "s1", olden.ADDRESS.decode())
        db.connection().exec_driver_sql(
            f"INSERT INTO busy_source ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, '', '', '', '')",
            ("s1", builders.id_of("ana.correia"), "Phone", address, now, now, now, now),
        )


@pytest.fixture(scope="module")
def present(tmp_path_factory: pytest.TempPathFactory, migrated: Path) -> Iterator[Present]:
    folder = tmp_path_factory.mktemp("present")
    shutil.copyfile(migrated, folder / "devsys.db")
    store = Store(f"sqlite:///{folder / 'devsys.db'}", folder / KEY_NAME)
    parts = Parts(Settings(home=folder, database_url=store.url), store, lambda: builders.NOW)
    builders.settle(store)
    scenes.plan_and_publish(parts)
    _a_source(store)
    yield Present(store, folder, lambda: builders.NOW)
    store.close()


def _figure(store: Store, tables: tuple[Any, ...]) -> tuple[str, dict[str, str]]:
    """Give the digest of all rows of some tables, facts of the house apart."""
    with store.read() as db:
        facts = house.facts(db)
        return digest(db, whole=True, tables=[t for t in tables if t.name != "house"]), facts


def _froms(engine: str, few: tuple[str, ...]) -> list[Any]:
    """Give every step, those that are not few in the soak alone."""
    marks = (pytest.mark.postgres,) if engine == "postgresql" else ()
    steps = olden.steps()
    return [pytest.param(engine, s, marks=(*marks, *(() if s in few else (pytest.mark.soak,)))) for s in steps]


@pytest.mark.parametrize(("engine", "step"), [*_froms("sqlite", FEW), *_froms("postgresql", FEW[:1])])
def test_up_from_any_step_nothing_is_lost_and_a_backup_comes_first(
    present: Present, engine: str, step: str, request: pytest.FixtureRequest
) -> None:
    from alembic import command

    pg = request.getfixturevalue("pg") if engine == "postgresql" else None
    url = pg.fresh(empty=True) if pg is not None else ""
    parts, tables = present.older(url, step)
    before, facts = _figure(parts.store, tables)
    made = bring_up(parts)
    after, told = _figure(parts.store, tables)
    with parts.store.write() as db:
        at, damage = inspection.step(db), inspection.damage(parts.store, db)
        command.check(_config(db.connection()))  # raises where a table and its migration differ
        address = db.connection().exec_driver_sql("SELECT count(*) FROM busy_source").scalar()
    parts.store.close()
    if pg is not None:
        pg.drop(url)
    assert (at, damage, after) == (NEWEST, (), before)
    assert facts.items() <= told.items()
    assert told.keys() - facts.keys() <= SAID_BY_STEPS
    assert address == (1 if step >= "0006" else 0)
    assert made is not None
    copy = Store(f"sqlite:///{made}")
    assert json.loads(manifest_of(made).read_bytes())["step"] == step
    assert _figure(copy, tables) == (before, facts)
    copy.close()


@pytest.mark.parametrize(
    ("engine", "times"),
    [
        ("sqlite", 3),
        pytest.param("sqlite", 100, marks=pytest.mark.soak),
        pytest.param("postgresql", 100, marks=(pytest.mark.postgres, pytest.mark.soak)),
    ],
)
def test_killed_anywhere_the_older_step_or_the_newest_stands_whole(
    present: Present, engine: str, times: int, request: pytest.FixtureRequest
) -> None:
    pg = request.getfixturevalue("pg") if engine == "postgresql" else None
    url = pg.fresh(empty=True) if pg is not None else ""
    parts, tables = present.older(url, FEW[0])
    before = _figure(parts.store, tables)[0]
    parts.store.close()
    command = [sys.executable, "-m", "tests.upgrading", parts.settings.url, str(parts.settings.home), str(times)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    after, rest = _figure(parts.store, tables)[0], [p.name for p in (parts.settings.home / "backups").iterdir()]
    parts.store.close()
    if pg is not None:
        pg.drop(url)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["steps"] > 100
    assert {kind for kind, _ in found["seen"]} <= {FEW[0], NEWEST}
    assert {figure for _, figure in found["seen"]} == {before}
    assert len(found["seen"]) == times
    assert after == before
    assert [name for name in rest if not name.startswith("before-step-")] == []
    assert len(rest) == 2  # one backup and its manifest, however often it was tried


@pytest.mark.soak
def test_a_million_rows_come_up_whole(present: Present) -> None:
    parts, tables = present.older("", FEW[0])
    with parts.store.write() as db:
        assert olden.swell(db, 250_000) == 1_000_000
    before = _figure(parts.store, tables)[0]
    assert bring_up(parts) is not None
    assert _figure(parts.store, tables)[0] == before
    with parts.store.read() as db:
        assert (inspection.step(db), inspection.damage(parts.store, db)) == (NEWEST, ())
    parts.store.close()
