"""Moves from one engine to the other: the same rows, the same feeds; refused while anything is in use."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from devsys.actions.move import move, reopen
from devsys.actions.parts import Parts
from devsys.adapters.store.carry import count
from devsys.adapters.store.digest import digest
from devsys.adapters.store.leader import leadership
from devsys.adapters.store.presence import moved_to, present
from devsys.adapters.store.queries import audit, house
from devsys.adapters.store.sealed import seal, unseal
from devsys.adapters.store.store import Store
from devsys.adapters.store.tables.all import metadata
from devsys.base.errors import ConflictError, InvalidError
from tests import builders
from tests.cluster import Cluster

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def here(sqlite_settings: Any, clock: Any) -> Iterator[Parts]:
    """Northgate on SQLite with a published session, whatever --database says."""
    made = Parts(sqlite_settings, Store(sqlite_settings.url), clock)
    builders.settle(made.store)
    builders.publish_now(made, builders.a_session())
    with made.store.write() as db:
        audit.record(db, at=made.now(), by_id=None, act="import people", what="1 new")  # a table that numbers its rows
        house.set_fact(db, "sealed text", seal(db, "house", "value", "x", "Éa: Ω\t'\"\\").hex())
    yield made
    made.store.close()


@pytest.fixture
def empty_url(pg: Cluster) -> Iterator[str]:
    """A PostgreSQL database without any table."""
    url = pg.fresh(empty=True)
    yield url
    pg.drop(url)


def _digest(store: Store) -> str:
    with store.read() as db:
        return digest(db, whole=True)


def _at(parts: Parts, url: str) -> Parts:
    return Parts(parts.settings, Store(url, parts.store.keys.file), parts.clock)


def test_there_and_back_the_data_is_the_same(here: Parts, empty_url: str, tmp_path: Path) -> None:
    before = _digest(here.store)
    heard: list[tuple[str, int, int]] = []
    there = move(here, empty_url, lambda *said: heard.append(said))
    assert there.rows == heard[-1][1] == heard[-1][2] > 100
    assert not there.key
    assert _digest(here.store) == before  # the source is as it was
    assert moved_to(here.store) == there.target
    other = _at(here, empty_url)
    assert _digest(other.store) == before
    with other.store.read() as db:
        text_of = unseal(db, "house", "value", "x", bytes.fromhex(house.fact(db, "sealed text")))
    assert text_of == "Éa: Ω\t'\"\\"
    with other.store.write() as db:  # numbers count on
        db.execute(text("INSERT INTO audit (at, act, what) VALUES (now(), 'x', 'y')"))
    changed = _digest(other.store)
    back = move(other, f"sqlite:///{tmp_path / 'again.db'}")
    assert back.rows == there.rows + 1
    third = _at(here, f"sqlite:///{tmp_path / 'again.db'}")
    assert _digest(third.store) == changed
    assert sorted(p.name for p in tmp_path.iterdir() if "moving" in p.name) == []
    with third.store.read() as db:
        assert db.execute(text("PRAGMA integrity_check")).scalar() == "ok"
        assert db.execute(text("PRAGMA foreign_key_check")).all() == []
    for one in (other, third):
        one.store.close()


def test_a_database_that_is_in_use_is_not_moved(here: Parts, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"
    other = Store(here.settings.url)
    with present(other), pytest.raises(ConflictError, match="running on"):
        move(here, url)
    with leadership(other), pytest.raises(ConflictError, match="running on"):
        move(here, url)
    other.close()
    assert not (tmp_path / "new.db").exists()
    assert move(here, url).rows > 100


def test_what_was_moved_is_refused_until_it_is_reopened(here: Parts, tmp_path: Path) -> None:
    move(here, f"sqlite:///{tmp_path / 'new.db'}")
    again = Store(here.settings.url)
    with pytest.raises(ConflictError, match="was moved to"), present(again):
        pass
    with pytest.raises(ConflictError, match="was moved to"):
        move(here, f"sqlite:///{tmp_path / 'other.db'}")
    reopen(here)
    with present(again):
        assert moved_to(again) == ""
    again.close()


def test_a_target_that_holds_other_data_is_left_as_it_is(here: Parts, tmp_path: Path, pg_url: str) -> None:
    file = tmp_path / "new.db"
    url = f"sqlite:///{file}"
    assert not move(here, url).before
    reopen(here)
    assert move(here, url).before  # the same data: a move that was cut off just before its mark is finished
    reopen(here)
    with here.store.write() as db:
        house.set_fact(db, house.ORGANISATION_NAME, "Northgate and Sons")
    bytes_before = file.read_bytes()
    with pytest.raises(InvalidError, match="holds data already"):
        move(here, url)
    assert file.read_bytes() == bytes_before
    other = Store(pg_url)
    with other.write() as db:
        house.set_fact(db, house.ORGANISATION_NAME, "Somebody else")
    other.close()
    with pytest.raises(InvalidError, match="holds data already"):
        move(here, pg_url)
    assert moved_to(here.store) == ""


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mysql://x/y", "--to takes"),
        ("sqlite:///{folder}/nowhere/new.db", "no folder"),
        ("postgresql://nobody@127.0.0.1:1/x", "cannot be reached"),
        ("{own}", "in use already"),
    ],
)
def test_a_target_that_cannot_be_is_said(here: Parts, tmp_path: Path, url: str, words: str) -> None:
    with pytest.raises(InvalidError, match=words):
        move(here, url.format(folder=tmp_path, own=here.settings.url))
    assert moved_to(here.store) == ""


FEW, MANY = 4, 60


@pytest.mark.parametrize("times", [FEW, pytest.param(MANY, marks=pytest.mark.soak)])
@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_killed_at_any_row_nothing_is_there_and_the_next_move_is_whole(
    times: int, engine: str, here: Parts, tmp_path: Path, pg: Cluster
) -> None:
    """The child kills itself (SIGKILL) when a given share of the rows has been copied."""
    before = _digest(here.store)
    here.store.close()
    for number in range(times):
        url = f"sqlite:///{tmp_path / f'new-{number}.db'}" if engine == "sqlite" else pg.fresh(empty=True)
        share = (number + 0.5) / times
        command = [sys.executable, "-m", "tests.moving", here.settings.url, str(here.store.keys.file), url, str(share)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == -signal.SIGKILL, done.stderr
        assert moved_to(here.store) == ""
        if engine == "sqlite":
            assert not (tmp_path / f"new-{number}.db").exists()
        else:
            half = Store(url)
            with half.read() as db:
                assert [t.name for t in metadata.sorted_tables if count(db.connection(), t)] == []
            half.close()
        assert move(here, url).rows > 100
        reopen(here)
        there = _at(here, url)
        assert _digest(there.store) == before
        there.store.close()
        here.store.close()
        if engine == "postgresql":
            pg.drop(url)


def test_the_command_says_what_to_do_next(here: Parts, tmp_path: Path) -> None:
    here.store.close()
    environment = {
        "PATH": "/usr/bin:/bin",
        "DEVSYS_HOME": str(here.settings.home),
        "DEVSYS_DATABASE_URL": here.settings.url,
    }
    new = tmp_path / "new.db"

    def call(*words: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "devsys", *words]
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    figure = call("digest").stdout
    done = call("move", "--to", f"sqlite:///{new}")
    assert done.returncode == 0, done.stderr
    assert f"Set DEVSYS_DATABASE_URL=sqlite:///{new} wherever" in done.stdout
    assert figure.strip() in done.stdout
    assert "rows copied" in done.stderr
    refused = call("drafts")
    assert refused.returncode == 1
    assert "was moved to" in refused.stderr
    assert call("digest").stdout == figure  # looking is not going on with it
    assert call("move", "--reopen").returncode == 0
    assert call("move").returncode == 2
