"""A coordinator asks why a session stands here, why not elsewhere, and what would open more."""

from dataclasses import replace
from datetime import datetime

import pytest

from devsys.actions.explain_session import explain
from devsys.adapters.store.queries import people
from devsys.core.model.people import Absence
from tests.builders import a_session, id_of, publish_now
from tests.web import scenes


@pytest.fixture
def planned(parts, organisation):
    assert organisation.people
    return scenes.plan_and_publish(parts)


def away(parts, code, day, until):
    """Let somebody be away from a day in January to another."""
    gone = (Absence(id_of(code), datetime(2026, 1, day), datetime(2026, 1, until)),)
    with parts.store.write() as db:
        people.write_organisation(db, replace(people.EMPTY, absences=gone), today=parts.now().date())


def test_where_nothing_stands_against_it_other_days_fit(parts, planned):
    """On Mondays of a late week and the days after, the same hour suits everybody."""
    found = explain(parts, None, planned["alfama"].id)
    assert found.here.due.startswith("Case round")
    assert found.nots == ()
    assert found.opens == (
        "Mon 26 January, 11:00 fits as well",
        "Wed 28 January, 11:00 fits as well",
        "Thu 29 January, 11:00 fits as well",
    )


def test_where_the_facilitator_is_away_another_one_is_tried(parts, planned):
    away(parts, "tiago.lopes", 28, 31)
    found = explain(parts, None, planned["alfama"].id)
    assert [when for when, _ in found.nots] == [datetime(2026, 1, day, 11) for day in (28, 29, 30)]
    assert all("Tiago Lopes is not at work" in rules[0] for _, rules in found.nots)
    assert found.opens[0] == "Mon 26 January, 11:00 fits as well"
    assert all("leading" in words for words in found.opens[1:])


def test_where_somebody_of_the_group_is_away_no_leader_helps(parts, planned):
    away(parts, "elif.kaya", 28, 31)
    found = explain(parts, None, planned["alfama"].id)
    assert len(found.nots) == 3
    assert all("Elif Kaya" in rules[0] for _, rules in found.nots)
    assert found.opens == ("Mon 26 January, 11:00 fits as well",)


def test_what_the_planner_does_not_know_is_not_explained(parts, planned):
    assert explain(parts, None, "nothing") is None
    assert planned.sessions


def test_before_a_programme_nothing_is_explained(parts, organisation):
    assert organisation.people
    publish_now(parts, a_session())
    assert explain(parts, None, a_session().id) is None
