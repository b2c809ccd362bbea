"""Backups of PostgreSQL: files that either engine takes; restores that happen whole or not at all, killed anywhere."""

import hashlib
import json
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from devsys.actions import rotate_feed
from devsys.actions.backup import back_up, manifest_of, restore
from devsys.actions.parts import Parts
from devsys.actions.rotate_feed import Wanted
from devsys.actions.serve_feed import Asked, Bodies, serve_feed
from devsys.adapters.store import inspection
from devsys.adapters.store.digest import digest
from devsys.adapters.store.presence import mark_moved, present
from devsys.adapters.store.queries import accounts, house
from devsys.adapters.store.schema import migrate
from devsys.adapters.store.sealed import seal, unseal
from devsys.adapters.store.store import KEY_NAME, Store
from devsys.adapters.store.transfer import write_file
from devsys.base.errors import ConflictError, DevsysError
from devsys.core.feeds.scope import FeedKind
from tests import builders
from tests.builders import id_of
from tests.web import scenes

ROOT = Path(__file__).resolve().parent.parent
ANA = id_of("ana.correia")
pytestmark = pytest.mark.postgres


@dataclass
class House:
    """An installation with a published session, a sealed text, somebody signed in and a link to a calendar."""

    parts: Parts
    link: str

    def digest(self, *, whole: bool = False) -> str:
        with self.parts.store.read() as db:
            return digest(db, whole=whole)

    def feed(self) -> bytes:
        return serve_feed(self.parts, Bodies(), Asked(self.link)).body

    def rename(self, name: str) -> None:
        with self.parts.store.write() as db:
            house.set_fact(db, house.ORGANISATION_NAME, name)


def _furnished(parts: Parts) -> House:
    builders.settle(parts.store)
    scenes.plan_and_publish(parts)
    with parts.store.write() as db:
        accounts.open_sign_in(db, id_hash="a" * 64, person_id=ANA, now=parts.now(), hours=12)
        house.set_fact(db, "sealed text", seal(db, "house", "value", "x", "Éa: Ω\t'\"\\").hex())
        viewer = accounts.viewer_of(db, ANA)
    assert viewer is not None
    return House(parts, rotate_feed.make(parts, viewer, Wanted(FeedKind.PERSON, ANA, "Phone")))


@pytest.fixture
def there(settings: Any, clock: Any, tmp_path: Path, pg_url: str) -> Iterator[House]:
    home = tmp_path / "pg"
    home.mkdir()
    own = settings.model_copy(update={"database_url": pg_url, "home": home})
    made = Parts(own, Store(pg_url, home / KEY_NAME), clock)
    yield _furnished(made)
    made.store.close()


def _rest_of(home: Path) -> list[str]:
    return sorted(p.name for p in home.iterdir() if p.name.startswith("."))


def test_a_restore_gives_the_state_of_the_backups_moment(there: House, tmp_path: Path) -> None:
    before, feed = there.digest(), there.feed()
    made = back_up(there.parts, tmp_path / "copy.db")
    assert made.digest == before
    assert feed.count(b"BEGIN:VEVENT") > 1
    with there.parts.store.write() as db:
        epoch = house.fact(db, house.FEED_EPOCH)
        db.execute(text("DELETE FROM fragment"))
        db.execute(text("DELETE FROM place"))
        house.set_fact(db, house.ORGANISATION_NAME, "Southgate")
    assert there.digest() != before
    restore(there.parts, tmp_path / "copy.db")
    assert there.digest() == before
    assert there.feed() == feed
    with there.parts.store.write() as db:
        assert house.fact(db, house.FEED_EPOCH) != epoch
        assert db.execute(text("SELECT count(*) FROM sign_in")).scalar() == 0
        assert unseal(db, "house", "value", "x", bytes.fromhex(house.fact(db, "sealed text"))) == "Éa: Ω\t'\"\\"
        db.execute(text("INSERT INTO audit (at, act, what) VALUES (now(), 'x', 'y')"))  # numbers count on
    assert _rest_of(there.parts.settings.home) == []


def test_a_backup_beside_writing_is_of_one_moment(there: House, tmp_path: Path) -> None:
    stop, began = threading.Event(), threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            with there.parts.store.write() as db:
                house.set_fact(db, "a first", str(number))
            with there.parts.store.write() as db:
                house.set_fact(db, "z last", str(number))
            began.set()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        assert began.wait(60)
        seen: list[int] = []
        back_up(there.parts, tmp_path / "copy.db", lambda *said: seen.append(said[1]))
    finally:
        stop.set()
        thread.join()
    assert seen
    with closing(sqlite3.connect(tmp_path / "copy.db")) as found:
        facts = dict(found.execute("SELECT key, value FROM house"))
    assert 0 <= int(facts["a first"]) - int(facts["z last"]) <= 1
    with there.parts.store.read() as db:
        assert int(house.fact(db, "z last")) > int(facts["z last"])


def test_either_engine_takes_a_backup_of_either(there: House, sqlite_settings: Any, tmp_path: Path) -> None:
    here = Parts(sqlite_settings, Store(sqlite_settings.url, there.parts.store.keys.file), there.parts.clock)
    before, feed = there.digest(), there.feed()
    back_up(there.parts, tmp_path / "copy.db")
    restore(here, tmp_path / "copy.db")
    other = House(replace(here, store=Store(here.settings.url, there.parts.store.keys.file)), there.link)
    assert (other.digest(), other.feed()) == (before, feed)
    with other.parts.store.read() as db:
        assert inspection.damage(other.parts.store, db) == ()
    other.rename("Westgate")
    back_up(other.parts, tmp_path / "second.db")
    restore(there.parts, tmp_path / "second.db")
    assert there.digest() == other.digest() != before
    other.parts.store.close()


def _harm(path: Path, harm: str) -> None:
    data = bytearray(path.read_bytes())
    manifest = json.loads(manifest_of(path).read_bytes())
    if harm == "flipped":
        data[len(data) // 2] ^= 255
        path.write_bytes(bytes(data))
    elif harm == "cut":
        path.write_bytes(bytes(data[:-4096]))
    elif harm == "newer":
        manifest_of(path).write_text(json.dumps({**manifest, "step": "9999"}), "utf-8")
    elif harm == "of another step than it says":
        manifest_of(path).write_text(json.dumps({**manifest, "step": "0001"}), "utf-8")
    elif harm == "of another program":
        path.unlink()
        with closing(sqlite3.connect(path)) as made:
            made.execute("CREATE TABLE bread (slices INTEGER)")
            made.commit()
        manifest["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
        manifest_of(path).write_text(json.dumps(manifest), "utf-8")
    else:
        manifest_of(path).unlink()


HARMS = (
    "flipped",
    "cut",
    "newer",
    "of another step than it says",
    "of another program",
    "without a manifest",
)


def test_what_is_damaged_newer_or_foreign_is_refused_in_words(there: House, tmp_path: Path) -> None:
    made = tmp_path / "copy.db"
    back_up(there.parts, made)
    there.rename("Southgate")
    before = there.digest(whole=True)
    for harm in HARMS:
        path = tmp_path / harm / "copy.db"
        path.parent.mkdir()
        shutil.copyfile(made, path)
        shutil.copyfile(manifest_of(made), manifest_of(path))
        _harm(path, harm)
        with pytest.raises(DevsysError, match=r"^[A-Z/].+\.$"):
            restore(there.parts, path)
        assert there.digest(whole=True) == before
        assert _rest_of(there.parts.settings.home) == []


def test_a_database_in_use_moved_or_of_another_program_is_left_alone(there: House, tmp_path: Path, pg: Any) -> None:
    path = tmp_path / "copy.db"
    back_up(there.parts, path)
    other = Store(there.parts.settings.url)
    with present(other), other.read(), pytest.raises(ConflictError, match="running on"):
        restore(there.parts, path)
    other.close()
    url = pg.fresh(empty=True)
    foreign = replace(there.parts, store=Store(url))
    with foreign.store.write() as db:
        db.execute(text("CREATE TABLE bread (slices INTEGER)"))
    with pytest.raises(ConflictError, match="another program"):
        restore(foreign, path)
    with foreign.store.write() as db:
        assert db.execute(text("SELECT count(*) FROM bread")).scalar() == 0
        db.execute(text("DROP TABLE bread"))
    mark_moved(foreign.store, "sqlite:////elsewhere.db")
    foreign.store.close()
    with pytest.raises(ConflictError, match="was moved to"):
        restore(foreign, path)
    mark_moved(foreign.store, "")
    foreign.store.close()
    restore(foreign, path)
    with foreign.store.read() as db:
        assert digest(db) == there.digest()
    foreign.store.close()
    pg.drop(url)


def test_an_older_step_is_copied_as_it_is_and_comes_up_when_restored(there: House, tmp_path: Path, pg: Any) -> None:
    """Before an upgrade the data is copied at the step it has; a restore brings it up."""
    older = "0017"
    url = pg.fresh(empty=True)
    store = Store(url, there.parts.store.keys.file)
    migrate(store, older)
    now = "2026-01-05 09:00:00"
    with store.write() as db:
        db.execute(text("INSERT INTO person (id, code, name, email) VALUES ('p', 'p', 'Éa', '')"))
        db.execute(
            text(
                "INSERT INTO busy_source (id, person_id, name, address, created, read, until, tried, tag, dated, note, "
                f"trouble) VALUES ('s', 'p', 'n', 'https://x.example/', '{now}', '{now}', '{now}', '{now}', '', '', "
                "'', '')"
            )
        )
    file = tmp_path / "older.db"
    write_file(store, file)
    copy = Store(f"sqlite:///{file}")
    with copy.read() as db:
        assert inspection.step(db) == older
        assert db.execute(text("SELECT p.name, s.address FROM person p, busy_source s")).one() == (
            "Éa",
            "https://x.example/",
        )
    copy.close()
    manifest = {"made": now, "step": older, "digest": "", "sha256": _sha256(file)}
    manifest_of(file).write_text(json.dumps(manifest), "utf-8")
    restore(replace(there.parts, store=store), file)
    with store.read() as db:
        assert inspection.step(db) == inspection.newest_step()
        sealed = db.execute(text("SELECT address FROM busy_source")).scalar()
        assert unseal(db, "busy_source", "address", "s", sealed) == "https://x.example/"
    store.close()
    pg.drop(url)


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


@pytest.mark.parametrize("times", [4, pytest.param(100, marks=pytest.mark.soak)])
def test_killed_anywhere_the_old_or_the_new_state_stands_and_no_half_backup(
    there: House, tmp_path: Path, times: int
) -> None:
    """Restores first, then backups; the next one after each is whole."""
    new, feed = back_up(there.parts, tmp_path / "new.db").digest, there.feed()
    there.rename("Southgate")
    old = back_up(there.parts, tmp_path / "old.db").digest
    parts, folder = there.parts, tmp_path / "copies"
    parts.store.close()
    words = [
        parts.settings.url,
        *map(str, (parts.settings.home, tmp_path / "new.db", tmp_path / "old.db", folder, times)),
    ]
    command = [sys.executable, "-m", "tests.backing", *words]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    restores, backups = found["restores"], found["backups"]
    assert restores["steps"] > 100
    assert restores["new"] == new != old
    assert set(restores["seen"]) <= {old, new}
    assert len(restores["seen"]) == times
    assert old in restores["seen"][1:]
    assert (backups["wrong"], backups["left"]) == ([], [])
    assert set(backups["seen"]) == {there.digest()}
    restore(parts, tmp_path / "new.db")
    assert (there.digest(), there.feed()) == (new, feed)
