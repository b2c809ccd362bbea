"""The store: pictures, one writer, nothing lost, plain words when it is locked; on both engines."""

import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from devsys.adapters.store import store as store_module
from devsys.adapters.store.leader import leadership
from devsys.adapters.store.queries import house
from devsys.adapters.store.store import Store
from devsys.base.errors import UnavailableError
from tests.proved import Proved


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def both(request: pytest.FixtureRequest) -> Iterator[Store]:
    """The same test on each engine, whatever --database says."""
    made = Store(request.getfixturevalue("pg_url" if request.param == "postgresql" else "sqlite_url"))
    yield made
    made.close()


def test_pragmas_hold_on_every_pooled_connection(sqlite_url: str) -> None:
    store = Store(sqlite_url)
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000, "secure_delete": 1}
    connections = [store.engine.connect() for _ in range(5)]
    try:
        for connection in connections:
            found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in wanted}
            assert found == wanted
    finally:
        for connection in connections:
            connection.close()
        store.close()


def test_write_is_kept_and_read_is_not(both: Store) -> None:
    with both.write() as db:
        house.set_fact(db, "organisation_name", "Northgate Support")
    with both.read() as db:
        house.set_fact(db, "organisation_name", "Somebody else")
    with both.read() as db:
        assert house.fact(db, "organisation_name") == "Northgate Support"


def test_a_failing_write_leaves_nothing(both: Store) -> None:
    def fail_midway() -> None:
        with both.write() as db:
            house.set_fact(db, "organisation_name", "Northgate Support")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_midway()
    with both.read() as db:
        assert house.fact(db, "organisation_name", "none") == "none"


def test_read_gives_the_picture_of_one_moment(both: Store) -> None:
    with both.write() as db:
        house.set_fact(db, "organisation_name", "Northgate Support")
    with both.read() as reading:
        assert house.fact(reading, "organisation_name") == "Northgate Support"
        with both.write() as writing:
            house.set_fact(writing, "organisation_name", "Southgate Support")
        assert house.fact(reading, "organisation_name") == "Northgate Support"
    with both.read() as reading:
        assert house.fact(reading, "organisation_name") == "Southgate Support"


@pytest.mark.parametrize("times", [20, pytest.param(200, marks=pytest.mark.soak)])
def test_writers_beside_each_other_lose_no_update(both: Store, times: int, proved: Proved) -> None:
    writers = 8
    faults: list[BaseException] = []
    gate = threading.Barrier(writers)

    def add() -> None:
        gate.wait()
        try:
            for _ in range(times):
                with both.write() as db:
                    house.set_fact(db, "count", str(int(house.fact(db, "count", "0")) + 1))
        except BaseException as error:  # noqa: BLE001 -- whatever a thread meets is the test's to judge
            faults.append(error)

    threads = [threading.Thread(target=add) for _ in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    with both.read() as db:
        assert house.fact(db, "count") == str(writers * times)
    proved(writes_answered=writers * times)


def test_a_locked_database_is_unavailable_and_changes_nothing(both: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "LOCK_SECONDS", 1)
    other = Store(both.url.replace("postgresql+psycopg://", "postgresql://"))
    try:
        with both.write() as holding:
            house.set_fact(holding, "organisation_name", "Northgate Support")
            with pytest.raises(UnavailableError) as caught, other.write() as db:
                house.set_fact(db, "organisation_name", "never")
            assert caught.value.retry_after > 0
            assert "try again" in caught.value.message
            with other.read() as db:  # readers are not locked out
                assert house.fact(db, "organisation_name", "none") == "none"
        with other.read() as db:
            assert house.fact(db, "organisation_name") == "Northgate Support"
    finally:
        other.close()


def test_who_waits_behind_a_writer_of_the_same_process_is_told_the_same(
    both: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite's lock is waited for in a line of the process first; what that took is taken off the rest."""
    monkeypatch.setattr(store_module, "LOCK_SECONDS", 1)
    refused: list[UnavailableError] = []

    def add() -> None:
        try:
            with both.write() as db:
                house.set_fact(db, "organisation_name", "never")
        except UnavailableError as error:
            refused.append(error)

    with both.write() as holding:
        house.set_fact(holding, "organisation_name", "Northgate Support")
        waiting = [threading.Thread(target=add) for _ in range(3)]
        for one in waiting:
            one.start()
        for one in waiting:
            one.join()
        assert len(refused) == len(waiting)
    assert {error.retry_after > 0 and "try again" in error.message for error in refused} == {True}
    with both.write() as db:  # nobody is left in line
        assert house.fact(db, "organisation_name") == "Northgate Support"


def test_a_constraint_that_breaks_is_no_lock(both: Store) -> None:
    with pytest.raises(Exception, match=r"(?i)foreign key") as caught, both.write() as db:
        db.execute(text("INSERT INTO facilitator VALUES ('nobody', '', '', 8)"))
    assert not isinstance(caught.value, UnavailableError)


def test_one_leads_and_the_next_leads_after(both: Store) -> None:
    other = Store(both.url.replace("postgresql+psycopg://", "postgresql://"))
    try:
        with leadership(both) as first:
            assert first
            with leadership(other) as second:
                assert not second
        with leadership(other) as second:
            assert second
    finally:
        other.close()
