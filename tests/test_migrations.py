"""The schema: migrations make what the tables say, whole or not at all, on both engines."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect, text
from sqlmodel import SQLModel

from devsys.actions.bring_up import bring_up
from devsys.actions.parts import Parts
from devsys.adapters.store import inspection
from devsys.adapters.store.queries import house, plans
from devsys.adapters.store.schema import _config, at_step, migrate
from devsys.adapters.store.sealed import unseal
from devsys.adapters.store.store import Store
from devsys.adapters.store.tables.all import metadata
from devsys.base.errors import ConflictError


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def empty(request: pytest.FixtureRequest, tmp_path: Any) -> Iterator[Store]:
    if request.param == "sqlite":
        made = Store(f"sqlite:///{tmp_path / 'empty.db'}")
        yield made
        made.close()
        return
    pg = request.getfixturevalue("pg")
    url = pg.fresh(empty=True)
    made = Store(url)
    yield made
    made.close()
    pg.drop(url)


def test_an_empty_database_comes_to_what_the_tables_say(empty: Store) -> None:
    from alembic import command

    migrate(empty)
    with empty.write() as db:
        command.check(_config(db.connection()))  # raises where a table and its migration differ


def test_migrating_again_changes_nothing(empty: Store) -> None:
    migrate(empty)
    with empty.write() as db:
        house.set_fact(db, "organisation_name", "Northgate Support")
        before = at_step(db.connection())
    migrate(empty)
    with empty.read() as db:
        assert house.fact(db, "organisation_name") == "Northgate Support"
        assert at_step(db.connection()) == before == inspection.newest_step()


def test_a_database_with_a_plan_in_it_comes_up(empty: Store) -> None:
    """Rows that other rows name are there while tables change: from the first schema on, to and fro."""
    from alembic import command

    with empty.write() as db:
        command.upgrade(_config(db.connection()), "0001")
        db.execute(
            text(
                "INSERT INTO draft (id, base, state, created, cause, start, weeks, figures) "
                "VALUES ('d', 0, 'published', '2026-01-05 09:00:00', '', '2026-01-05', 8, '{}')"
            )
        )
        db.execute(
            text(
                "INSERT INTO version (number, draft_id, published, cause, start, weeks, figures, changes) "
                "VALUES (1, 'd', '2026-01-05 09:00:00', '', '2026-01-05', 8, '{}', '{}')"
            )
        )
    migrate(empty)
    with empty.read() as db:
        assert plans.version(db, 1).number == 1
        assert plans.draft(db, "d").edits == 0
    with empty.write() as db:
        command.downgrade(_config(db.connection()), "0001")
    migrate(empty)
    with empty.read() as db:
        assert plans.draft(db, "d").state == "published"


def test_addresses_of_calendars_are_sealed_on_the_way_up_and_stand_clear_on_the_way_down(
    empty: Store, tmp_path: Path
) -> None:
    """What was read of them stays, and a calendar from a file has no address."""
    from alembic import command

    address, now = "https://calendar.example/secret.ics", "2026-01-05 09:00:00"
    store = Store(empty.url, tmp_path / "key")
    with store.write() as db:
        command.upgrade(_config(db.connection(), store.keys), "0017")
        db.execute(text("INSERT INTO person (id, code, name, email) VALUES ('p', 'p', 'P', '')"))
        for id_, given in (("s1", address), ("s2", "")):
            db.execute(
                text(
                    "INSERT INTO busy_source (id, person_id, name, address, created, read, until, tried, tag, dated, "
                    f"note, trouble) VALUES ('{id_}', 'p', 'n', '{given}', '{now}', '{now}', '{now}', '{now}', '', "
                    "'', '', '')"
                )
            )
            row = f"('{id_}', '{now}', '2026-01-05 10:00:00', 'p')"
            db.execute(text(f"INSERT INTO busy (source_id, starts_utc, ends_utc, person_id) VALUES {row}"))
    migrate(store)
    with store.read() as db:
        kept = dict(db.execute(text("SELECT id, address FROM busy_source")).all())
        assert kept["s2"] is None
        assert b"secret" not in bytes(kept["s1"])
        assert unseal(db, "busy_source", "address", "s1", kept["s1"]) == address
        assert db.execute(text("SELECT count(*) FROM busy")).scalar() == 2
    with store.write() as db:
        command.downgrade(_config(db.connection(), store.keys), "0017")
        assert dict(db.execute(text("SELECT id, address FROM busy_source")).all()) == {"s1": address, "s2": ""}
        assert db.execute(text("SELECT count(*) FROM busy")).scalar() == 2
    store.close()


def test_a_newer_database_is_refused_and_left_alone(empty: Store) -> None:
    migrate(empty)
    with empty.write() as db:
        db.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(ConflictError, match="9999"):
        migrate(empty)
    with empty.read() as db:
        assert at_step(db.connection()) == "9999"


def test_a_migration_that_fails_leaves_nothing(empty: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    from alembic import command

    real = command.upgrade

    def fail_at_the_end(*words: Any) -> None:
        real(*words)
        raise OSError("the power went")

    monkeypatch.setattr(command, "upgrade", fail_at_the_end)
    with pytest.raises(OSError, match="power"):
        migrate(empty)
    with empty.read() as db:
        assert [n for n in inspect(db.connection()).get_table_names() if n != "alembic_version"] == []
        assert at_step(db.connection()) == ""


def test_every_table_names_its_data_class_and_retention() -> None:
    for table in metadata.tables.values():
        info = table.info
        assert info.get("data") in ("public", "internal", "personal", "confidential"), table.name
        assert info.get("retention"), table.name
        person = info.get("person")
        assert not person or person in table.columns, table.name
    assert SQLModel.metadata is metadata


def test_every_reference_is_in_the_schema(empty: Store) -> None:
    migrate(empty)
    with empty.read() as db:
        found = inspect(db.connection())
        for table in metadata.tables.values():
            told = {key.parent.name for key in table.foreign_keys}
            made = {column for key in found.get_foreign_keys(table.name) for column in key["constrained_columns"]}
            assert made == told, table.name


def test_bringing_up_gives_the_rows_everything_takes_for_granted(empty: Store, settings: Any) -> None:
    parts = Parts(settings, empty)
    bring_up(parts)
    with empty.read() as db:
        epoch = house.fact(db, house.FEED_EPOCH)
        assert (len(epoch), plans.pointer(db)) == (20, 0)
        assert db.execute(text("SELECT count(*) FROM pointer")).scalar() == 1
    bring_up(parts)
    with empty.read() as db:
        assert house.fact(db, house.FEED_EPOCH) == epoch
