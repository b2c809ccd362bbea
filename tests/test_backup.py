"""Backups: whole beside writing, checked before they count; restores: checked before they replace."""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from devsys.actions.backup import back_up, manifest_of, restore
from devsys.actions.parts import Parts
from devsys.adapters.store.digest import digest
from devsys.adapters.store.leader import leadership
from devsys.adapters.store.presence import present
from devsys.adapters.store.queries import house, people, runs
from devsys.adapters.store.store import Store
from devsys.base.errors import ConflictError, InvalidError, NotFoundError
from tests import builders


@pytest.fixture
def here(sqlite_settings: Any, clock: Any) -> Iterator[Parts]:
    """Northgate on SQLite with a published session, whatever --database says."""
    made = Parts(sqlite_settings, Store(sqlite_settings.url), clock)
    builders.settle(made.store)
    builders.publish_now(made, builders.a_session())
    yield made
    made.store.close()


def _digest(store: Store) -> str:
    with store.read() as db:
        return digest(db)


def _sign_in(here: Parts) -> None:
    from devsys.adapters.store.queries import accounts

    with here.store.write() as db:
        accounts.open_sign_in(db, id_hash="a" * 64, person_id=builders.id_of("ana.correia"), now=here.now(), hours=12)


def test_a_restore_gives_the_state_of_the_backups_moment(here: Parts, tmp_path: Path) -> None:
    _sign_in(here)
    before = _digest(here.store)
    with here.store.read() as db:
        epoch = house.fact(db, house.FEED_EPOCH)
    made = back_up(here, tmp_path / "copy.db")
    assert made.digest == before
    with here.store.write() as db:
        people.write_organisation(
            db, replace(people.EMPTY, absences=(), teams=builders.an_organisation().teams[:1]), today=here.now().date()
        )
        house.set_fact(db, "organisation_name", "Southgate")
    assert _digest(here.store) != before
    restore(here, tmp_path / "copy.db")
    again = Store(here.settings.url)
    assert _digest(again) == before
    with again.read() as db:
        assert house.fact(db, house.FEED_EPOCH) != epoch
        assert db.connection().exec_driver_sql("SELECT count(*) FROM sign_in").scalar() == 0
        assert db.connection().exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    again.close()
    assert sorted(p.name for p in here.settings.home.iterdir() if p.name.startswith(".")) == []


@pytest.mark.parametrize("times", [3, pytest.param(100, marks=pytest.mark.soak)])
def test_a_backup_beside_writing_is_whole(here: Parts, tmp_path: Path, times: int) -> None:
    """What was answered before a backup began is in it; of what is written meanwhile whole transactions alone."""
    stop, wrote = threading.Event(), threading.Event()
    answered = 0
    least = []

    def write() -> None:
        nonlocal answered
        number = 0
        while not stop.is_set():
            number += 1
            with here.store.write() as db:
                house.set_fact(db, "one", str(number))
                house.set_fact(db, "two", str(number))
            answered = number
            wrote.set()
            stop.wait(0.01)  # the lock has no queue: whoever asks again at once has it for ever

    thread = threading.Thread(target=write)
    thread.start()
    try:
        for number in range(times):
            wrote.clear()
            assert wrote.wait(60)
            least.append(answered)
            back_up(here, tmp_path / f"copy-{number}.db")
    finally:
        stop.set()
        thread.join()
    for number in range(times):
        store = Store(f"sqlite:///{tmp_path / f'copy-{number}.db'}")
        with store.read() as db:
            assert house.fact(db, "one") == house.fact(db, "two")
            assert int(house.fact(db, "one")) >= least[number]
        store.close()


def test_a_backup_is_never_written_over(here: Parts, tmp_path: Path) -> None:
    back_up(here, tmp_path / "copy.db")
    before = (tmp_path / "copy.db").read_bytes()
    with pytest.raises(InvalidError, match="already"):
        back_up(here, tmp_path / "copy.db")
    assert (tmp_path / "copy.db").read_bytes() == before


@pytest.mark.parametrize("harm", ["flip", "cut", "newer", "no manifest", "no file", "not a manifest"])
def test_a_damaged_or_newer_backup_is_refused_and_nothing_changes(here: Parts, tmp_path: Path, harm: str) -> None:
    path = tmp_path / "copy.db"
    back_up(here, path)
    before = _digest(here.store)
    manifest = json.loads(manifest_of(path).read_bytes())
    if harm == "flip":
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 255
        path.write_bytes(bytes(data))
    elif harm == "cut":
        path.write_bytes(path.read_bytes()[:-4096])
    elif harm == "newer":
        manifest_of(path).write_text(json.dumps({**manifest, "step": "9999"}), "utf-8")
    elif harm == "no manifest":
        manifest_of(path).unlink()
    elif harm == "no file":
        path.unlink()
    else:
        manifest_of(path).write_text("[]", "utf-8")
    with pytest.raises((InvalidError, NotFoundError)):
        restore(here, path)
    assert _digest(here.store) == before
    assert sorted(p.name for p in here.settings.home.iterdir() if p.name.startswith(".")) == []


def test_a_damaged_database_gives_no_backup(here: Parts, tmp_path: Path) -> None:
    file = here.store.file
    assert file is not None
    here.store.close()
    data = bytearray(file.read_bytes())
    for page in range(20, len(data) // 4096 - 1, 3):
        data[page * 4096 : page * 4096 + 64] = b"\xff" * 64
    file.write_bytes(bytes(data))
    with pytest.raises(InvalidError):
        back_up(here, tmp_path / "copy.db")
    assert [p.name for p in tmp_path.glob("*copy*")] == []


def test_a_restore_waits_for_devsys_to_be_stopped(here: Parts, tmp_path: Path) -> None:
    back_up(here, tmp_path / "copy.db")
    other = Parts(here.settings, Store(here.settings.url), here.clock)
    with leadership(here.store) as leads:
        assert leads
        with pytest.raises(ConflictError, match="running"):
            restore(other, tmp_path / "copy.db")
    other.store.close()


def test_the_digest_is_of_the_data_alone(here: Parts) -> None:
    before = _digest(here.store)
    _sign_in(here)
    with here.store.write() as db:
        runs.ask(db, "tidy up", period="asked", now=here.now())
        runs.note_worker(db, here.now())
    assert _digest(here.store) == before
    with here.store.write() as db:
        db.connection().exec_driver_sql("UPDATE person SET name = 'Ana Correia Lopes' WHERE code = 'ana.correia'")
    assert _digest(here.store) != before


def test_the_digest_is_the_same_on_both_engines(here: Parts, pg_url: str) -> None:
    store = Store(pg_url)
    other = Parts(here.settings, store, here.clock)
    builders.settle(store)
    builders.publish_now(other, builders.a_session())
    mine, theirs = _without_random(here), _without_random(other)
    assert mine == theirs
    store.close()


def _without_random(parts: Parts) -> Any:
    """Give the digest once the ids that a publish makes up are the same."""
    with parts.store.write() as db:
        db.connection().exec_driver_sql("DELETE FROM place")
        db.connection().exec_driver_sql("UPDATE revision SET id = session_id")
    return _digest(parts.store)


def test_a_restore_notices_a_web_process_without_a_worker(here: Parts, tmp_path: Path) -> None:
    path = tmp_path / "copy.db"
    back_up(here, path)
    other = Store(here.settings.url)
    with present(other), pytest.raises(ConflictError, match="running on"):
        restore(here, path)
    other.close()
    restore(here, path)
