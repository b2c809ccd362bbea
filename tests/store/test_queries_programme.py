"""Adopted programmes in the store: their text is what export gives."""

from dataclasses import replace
from datetime import timedelta

import pytest

from devsys.adapters.store.queries import programme
from devsys.adapters.store.tables.programme import ProgrammeRow
from devsys.base.errors import InvalidError
from devsys.core.model.programme import Activity, Cadence, Kind, Programme, Rhythm
from devsys.core.programmes.write import write_programme
from tests.builders import NOW, id_of

READING = Activity(
    "reading_hour",
    "Reading hour",
    Kind.SKILL,
    60,
    (2, 12),
    Cadence(Rhythm.EVERY, weeks=13, grace_days=14),
    "People know what changed.",
    "skill",
)
QUIET = Programme("quiet_hours", "Quiet hours", "Time to read.", (READING,))


def test_kept_it_is_read_back_with_who_and_when(store, organisation):
    assert organisation.people
    with store.write() as db:
        assert programme.adopted(db) == ()
        assert programme.keep(db, QUIET, by_id=id_of("olivia.brandt"), now=NOW)
        record = programme.records(db)[0]
    assert (record.programme, record.text) == (QUIET, write_programme(QUIET))
    assert (record.adopted, record.by, record.revision) == (NOW, "Olivia Brandt", 1)
    with store.read() as db:
        assert programme.activities(db) == {"reading_hour": READING}


def test_the_same_again_changes_nothing_another_text_counts(store):
    later = NOW + timedelta(days=1)
    longer = replace(QUIET, activities=(replace(READING, minutes=90),))
    with store.write() as db:
        programme.keep(db, QUIET, by_id=None, now=NOW)
        assert not programme.keep(db, QUIET, by_id=None, now=later)
        assert programme.records(db)[0].adopted == NOW
        assert programme.keep(db, longer, by_id=None, now=later)
        record = programme.records(db)[0]
    assert (record.programme, record.adopted, record.by, record.revision) == (longer, later, "devsys", 2)


def test_programmes_come_in_order_of_their_codes(store):
    with store.write() as db:
        for code in ("zebra", "alpha"):
            reading = replace(READING, code=f"{code}_hour")
            programme.keep(db, replace(QUIET, code=code, activities=(reading,)), by_id=None, now=NOW)
        assert [p.code for p in programme.adopted(db)] == ["alpha", "zebra"]
        programme.drop(db, "alpha")
        programme.drop(db, "never there")
        assert [p.code for p in programme.adopted(db)] == ["zebra"]


def test_a_text_that_cannot_be_read_any_more_is_said(store):
    with store.write() as db:
        db.add(ProgrammeRow(code="broken", text="programme: [", adopted=NOW))
    with store.read() as db, pytest.raises(InvalidError, match="broken cannot be read"):
        programme.adopted(db)
