"""The key is changed by who typed the words; old backups still open; doctor knows of a change half done."""

import pytest

from devsys.actions.backup import restore
from devsys.actions.change_key import WORDS, change_key
from devsys.actions.doctor import examine
from devsys.actions.parts import Parts
from devsys.adapters.store.queries import second_step
from devsys.adapters.store.store import KEY_NAME, Store
from devsys.base.errors import ConflictError, InvalidError, NotFoundError, UnavailableError
from tests import builders
from tests.builders import id_of

ANA = id_of("ana.correia")
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


@pytest.fixture
def own(sqlite_settings, clock):
    """An installation on SQLite with one sealed text."""
    store = Store(sqlite_settings.url, sqlite_settings.home / KEY_NAME)
    builders.settle(store)
    with store.write() as db:
        second_step.begin(db, ANA, SECRET)
    yield Parts(sqlite_settings, store, clock)
    store.close()


def sealed(parts):
    with parts.store.read() as db:
        return bytes(db.connection().exec_driver_sql("SELECT secret FROM second_step").scalar())


def opened(parts):
    with parts.store.read() as db:
        return second_step.of_person(db, ANA).secret


def key_check(parts):
    return next(one for one in examine(parts) if one.name == "key")


def test_all_is_sealed_anew_and_the_former_key_stays(own):
    before, key = sealed(own), (own.settings.home / "key").read_text()
    done = change_key(own, "Change  the key")
    assert (done.texts, opened(own)) == (1, SECRET)
    assert sealed(own)[1:9] != before[1:9]
    assert (own.settings.home / "key").read_text() != key
    assert done.former.read_text() == key
    assert done.former.stat().st_mode & 0o077 == 0
    assert done.backup.is_file()
    assert key_check(own).state == "fine"
    with own.store.read() as db:
        acts = db.connection().exec_driver_sql("SELECT what FROM audit WHERE act = 'change key'").scalars().all()
    assert acts == ["texts 1"]
    again = change_key(own, WORDS)  # within the second: each leaves its backup where it is
    assert len({done.backup, again.backup}) == 2
    assert done.backup.is_file()


def test_another_process_that_holds_the_former_key_goes_on(own):
    other = Parts(own.settings, Store(own.settings.url, own.settings.home / KEY_NAME), own.clock)
    assert opened(other) == SECRET
    change_key(own, WORDS)
    assert opened(other) == SECRET
    with other.store.write() as db:
        second_step.begin(db, id_of("olivia.brandt"), SECRET)
    assert sealed(own)[1:9] == sealed(other)[1:9]
    other.store.close()


def test_a_backup_from_before_opens_and_the_key_may_be_changed_again(own):
    done = change_key(own, WORDS)
    restore(own, done.backup)
    assert opened(own) == SECRET
    own.clock.move(hours=1)
    assert change_key(own, WORDS).texts == 1
    assert opened(own) == SECRET
    done.former.unlink()
    assert opened(Parts(own.settings, own.store, own.clock)) == SECRET


def test_without_the_words_nothing_happens(own):
    with pytest.raises(InvalidError, match="not the words"):
        change_key(own, "yes")
    assert not own.store.keys.changing()


def test_where_nothing_is_sealed_there_is_no_key_to_change(parts):
    with pytest.raises(NotFoundError, match="Nothing is sealed"):
        change_key(parts, WORDS)
    assert not parts.store.keys.changing()


def test_it_refuses_while_a_worker_runs_and_without_the_present_key(own):
    from devsys.adapters.store.leader import leadership

    other = Store(own.settings.url, own.settings.home / KEY_NAME)
    with leadership(other) as alone:
        assert alone
        with pytest.raises(ConflictError, match="Stop it first"):
            change_key(own, WORDS)
    other.close()
    (own.settings.home / "key").rename(own.settings.home / "elsewhere")
    fresh = Parts(own.settings, Store(own.settings.url, own.settings.home / KEY_NAME), own.clock)
    with pytest.raises(UnavailableError, match="missing"):
        change_key(fresh, WORDS)
    fresh.store.close()
    assert not own.store.keys.changing()


def test_doctor_says_that_a_change_is_half_done_until_it_is_done(own):
    own.store.keys.make_next()
    check = key_check(own)
    assert (check.state, check.todo) == ("warning", "Stop devsys and run: devsys change-key")
    done = change_key(own, WORDS)
    assert (done.backup, done.texts, key_check(own).state) == (None, 1, "fine")


def test_postgresql_has_its_backup_too(pg_url, tmp_path, settings, clock):
    made = settings.model_copy(update={"database_url": pg_url, "home": tmp_path / "pg"})
    made.home.mkdir()
    store = Store(pg_url, made.home / KEY_NAME)
    builders.settle(store)
    with store.write() as db:
        second_step.begin(db, ANA, SECRET)
    own = Parts(made, store, clock)
    before = sealed(own)
    done = change_key(own, WORDS)
    assert (done.texts, opened(own)) == (1, SECRET)
    assert sealed(own) != before
    restore(own, done.backup)
    assert (sealed(own), opened(own)) == (before, SECRET)
    store.close()
