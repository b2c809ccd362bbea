"""Who leads somebody's sessions learns when their time is taken, and not by what."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import insert

from devsys.actions import adopt_programme
from devsys.adapters.store.queries.rows import table
from devsys.adapters.store.tables.busy import BusyRow, BusySourceRow
from devsys.core.model.access import Role
from tests import builders
from tests.builders import id_of

ANA = f"/people/{id_of('ana.correia')}/absences"


@pytest.fixture
def taken(parts, organisation, program):
    """Ana is away for two days, busy by her own calendar just behind that and once more, and away without an end."""
    assert organisation.people
    adopt_programme.adopt_shipped(parts)
    builders.publish_now(parts, builders.a_session(facilitator="tiago.lopes"))
    one = program(Role.COORDINATOR)
    for start, end in (("2026-01-08T08:00", "2026-01-10T00:00"), ("2026-02-20T08:00", None)):
        assert one.post(ANA, {"start": start, "end": end}).status_code == 200
    periods = ((10, 0, 10, 12), (14, 9, 14, 10))  # Lisbon is at UTC in winter
    with parts.store.write() as db:
        db.execute(insert(table(BusySourceRow)).values(SOURCE))
        db.execute(
            insert(table(BusyRow)),
            [
                {
                    "source_id": "s",
                    "person_id": id_of("ana.correia"),
                    "starts_utc": datetime(2026, 1, a, b, tzinfo=UTC),
                    "ends_utc": datetime(2026, 1, c, d, tzinfo=UTC),
                }
                for a, b, c, d in periods
            ],
        )
    return program


SOURCE = {"id": "s", "person_id": id_of("ana.correia"), "name": "Own"} | dict.fromkeys(
    ("created", "read", "until", "tried"), datetime(2026, 1, 5, tzinfo=UTC)
)


def spans(answer):
    return [(one["start"], one["end"]) for one in answer.json["items"]]


def test_who_leads_learns_that_the_time_is_taken(taken):
    answer = taken(Role.FACILITATOR).get(ANA)
    assert (answer.status_code, answer.json["full"]) == (200, False)
    assert spans(answer) == [
        ("2026-01-08T08:00:00", "2026-01-10T12:00:00"),
        ("2026-01-14T09:00:00", "2026-01-14T10:00:00"),
        ("2026-02-20T08:00:00", None),
    ]


def test_who_may_know_the_absence_learns_it_alone(taken):
    for role in (Role.COORDINATOR, Role.ADMINISTRATOR, Role.LEAD, Role.EMPLOYEE):
        answer = taken(role).get(ANA)
        assert answer.json["full"] is True
        assert spans(answer) == [("2026-01-08T08:00:00", "2026-01-10T00:00:00"), ("2026-02-20T08:00:00", None)]


def test_who_leads_none_of_their_sessions_learns_nothing(taken):
    assert taken(Role.COACH).get(ANA).status_code == 404
    assert taken(Role.FACILITATOR).get(f"/people/{id_of('kofi.mensah')}/absences").status_code == 404
