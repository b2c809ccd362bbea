"""The doctor: fine when all is, and each thing broken on purpose is named, with what to do (U1)."""

from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from devsys.actions import doctor, doctor_outside
from devsys.actions.backup import BACKUP, back_up
from devsys.actions.erase_person import ERASING
from devsys.actions.examined import MIB
from devsys.actions.machines import note_secret
from devsys.actions.parts import Parts
from devsys.adapters.store.presence import mark_moved
from devsys.adapters.store.queries import house, letters, runs
from devsys.adapters.store.sealed import seal
from devsys.adapters.store.store import KEY_NAME, Store
from tests import builders
from tests.builders import id_of


@pytest.fixture
def here(sqlite_settings, clock, tmp_path):
    """A healthy Northgate on SQLite."""
    made = Parts(sqlite_settings, Store(sqlite_settings.url, sqlite_settings.home / KEY_NAME), clock)
    builders.settle(made.store)
    for file in made.settings.home.iterdir():
        file.chmod(0o600)
    (made.settings.home / "secret").write_text("s" * 64)
    (made.settings.home / "secret").chmod(0o600)
    back_up(made, tmp_path / "copy.db")
    note_secret(made, "s" * 64)
    with made.store.write() as db:
        runs.note_worker(db, clock.now)
        runs.skip(db, "tidy up", period=clock.now.isoformat(), why="", now=clock.now)
    yield made
    made.store.close()


ALL_HOSTS = "0.0.0.0"  # noqa: S104 -- named, not bound


def set_fact(parts, key, value):
    with parts.store.write() as db:
        house.set_fact(db, key, value)


def settings_of(parts, **more):
    return Parts(parts.settings.model_copy(update=more), parts.store, parts.clock)


def ago(parts, **by):
    return (parts.now() - timedelta(**by)).isoformat()


def sealed(parts):
    with parts.store.write() as db:
        seal(db, "candidate", "name", "x", "words")


def late_letter(parts):
    with parts.store.write() as db:
        letters.open_one(db, letters.FETCHED, "x", id_of("ana.correia"), parts.now() - timedelta(days=1))
    return settings_of(parts, smtp_host="mail.example.org")


def old_run(parts, *, failed=False):
    with parts.store.write() as db:
        run = runs.ask(db, "draw plan", period="x", now=parts.now() - timedelta(minutes=30))
        if failed:
            runs.take(db, parts.now())
            runs.fail(db, run, parts.now(), "It broke.")


def remove_key(parts):
    sealed(parts)
    (parts.settings.home / KEY_NAME).unlink()
    return Parts(parts.settings, Store(parts.settings.url, parts.settings.home / KEY_NAME), parts.clock)


def at_step(parts, step):
    with parts.store.write() as db:
        db.execute(text("UPDATE alembic_version SET version_num = :step"), {"step": step})


def lose_a_row(parts):
    raw = parts.store.engine.raw_connection()
    raw.driver_connection.execute("PRAGMA foreign_keys=OFF")
    raw.driver_connection.execute("DELETE FROM team")
    raw.driver_connection.execute("PRAGMA foreign_keys=ON")
    raw.close()


def no_sync(parts):
    raw = parts.store.engine.raw_connection()
    raw.driver_connection.execute("PRAGMA synchronous=OFF")
    raw.close()


def large_log(parts):
    with Path(f"{parts.store.file}-wal").open("r+b") as log:
        log.truncate(65 * 1024 * 1024)


BROKEN = {
    "secret open": ("secret", "broken", lambda p: (p.settings.home / "secret").chmod(0o644)),
    "secret short": ("secret", "broken", lambda p: (p.settings.home / "secret").write_text("short")),
    "folder": ("folder", "warning", lambda p: (p.settings.home / "devsys.db").chmod(0o644)),
    "network": ("network", "broken", lambda p: settings_of(p, host=ALL_HOSTS)),
    "plain address": ("network", "warning", lambda p: settings_of(p, base_url="http://learn.example.org")),
    "provider's secret": (
        "provider",
        "broken",
        lambda p: settings_of(
            p,
            oidc_issuer="https://id.northgate.example",
            oidc_client_id="devsys",
            oidc_client_secret_file=p.settings.home / "gone",
        ),
    ),
    "metrics": ("metrics", "warning", lambda p: settings_of(p, metrics_token=SecretStr("short"))),
    "demo": ("demo", "broken", lambda p: (set_fact(p, house.DEMO, "1"), settings_of(p, host=ALL_HOSTS))[1]),
    "durability": ("durability", "broken", no_sync),
    "integrity": ("integrity", "broken", lose_a_row),
    "schema old": ("schema", "warning", lambda p: at_step(p, "0001")),
    "schema new": ("schema", "broken", lambda p: at_step(p, "9999")),
    "key gone": ("key", "broken", remove_key),
    "key open": ("key", "broken", lambda p: (sealed(p), (p.settings.home / KEY_NAME).chmod(0o644))[2:]),
    "worker": ("worker", "warning", lambda p: set_fact(p, "worker_seen", ago(p, minutes=4))),
    "clock": ("clock", "warning", lambda p: p.clock.move(hours=3)),
    "erasing": ("erasing", "warning", lambda p: set_fact(p, ERASING, ago(p, hours=3))),
    "runs wait": ("runs", "warning", old_run),
    "run failed": ("runs", "warning", lambda p: old_run(p, failed=True)),
    "letters": ("letters", "warning", late_letter),
    "backup old": ("backup", "warning", lambda p: set_fact(p, BACKUP, ago(p, days=8))),
    "moved": ("database", "broken", lambda p: mark_moved(p.store, "postgresql://devsys@db/devsys")),
    "another secret": ("machines", "warning", lambda p: note_secret(p, "t" * 64) and None),
    "another address": (
        "machines",
        "warning",
        lambda p: (set_fact(p, "feed_address", "https://a.example"), settings_of(p, base_url="https://b.example"))[1],
    ),
    "log": ("log", "warning", large_log),
}


def states(parts):
    return {check.name: check.state for check in doctor.examine(parts)}


def test_what_is_well_is_said_to_be_fine(here):
    wrong = [c for c in doctor.examine(here) if c.state != "fine" and c.name != "disk"]
    assert wrong == []
    assert all(not c.todo for c in doctor.examine(here) if c.state == "fine")
    assert doctor.refusals(here, demo=False) == ()


@pytest.mark.parametrize("what", BROKEN)
def test_what_is_broken_on_purpose_is_named(here, what):
    name, state, break_it = BROKEN[what]
    assert states(here)[name] == "fine"
    changed = break_it(here)
    parts = changed if isinstance(changed, Parts) else here
    (check,) = (c for c in doctor.examine(parts) if c.name == name)
    assert check.state == state
    assert check.todo
    if parts.store is not here.store:
        parts.store.close()


def test_without_the_secret_it_has_at_the_provider_nothing_starts(here):
    named = settings_of(
        here,
        oidc_issuer="https://id.northgate.example",
        oidc_client_id="devsys",
        oidc_client_secret_file=here.settings.home / "gone",
    )
    (fault,) = doctor.refusals(named, demo=False)
    assert (fault.where, str(here.settings.home / "gone") in fault.what) == ("provider", True)
    (here.settings.home / "gone").write_text("a secret")
    assert doctor.refusals(named, demo=False) == ()


@pytest.mark.parametrize(("free", "state"), [(100, "broken"), (500, "warning"), (5000, "fine")])
def test_a_full_disk_is_named(here, monkeypatch, free, state):
    monkeypatch.setattr(doctor_outside.shutil, "disk_usage", lambda _: SimpleNamespace(free=free * MIB))
    assert states(here)["disk"] == state


def test_a_file_that_is_no_database_is_broken_and_one_that_is_missing_is_not(here):
    here.store.close()
    here.store.file.write_bytes(b"not a database" * 1000)
    for ending in ("-wal", "-shm"):
        Path(f"{here.store.file}{ending}").unlink(missing_ok=True)
    assert states(here)["database"] == "broken"
    here.store.close()
    here.store.file.unlink()
    assert states(here)["database"] == "warning"
    assert not here.store.file.exists()
