"""SQLite's counts of its own sizes."""

import pytest
from sqlalchemy import text

from devsys.actions.age_feeds import age_feeds


def test_once_a_day_sqlite_counts_what_its_indexes_lead_to_and_keeps_no_sample(store, parts, organisation):
    if store.engine.name != "sqlite":
        pytest.skip("PostgreSQL counts by itself")
    assert organisation.people
    with store.read() as db:
        tables = "SELECT name FROM sqlite_master WHERE name LIKE 'sqlite_stat%'"
        assert not db.execute(text(tables)).all()
    age_feeds(parts)
    with store.read() as db:
        assert db.scalars(text(tables)).all() == ["sqlite_stat1"]
        counted = dict(db.execute(text("SELECT idx, stat FROM sqlite_stat1 WHERE tbl = 'person'")).all())
    assert int(counted["ix_person_team_id"].split()[0]) == len(organisation.people)
