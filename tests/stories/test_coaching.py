"""An employee asks, gets proposals at once, takes one; the coach says yes; it stands in both calendars, masked."""

from datetime import time, timedelta
from itertools import pairwise

import pytest

from devsys.actions import adopt_programme
from devsys.core.model.access import Role
from devsys.core.model.coaching import Course, State
from tests.stories import coaching as play
from tests.stories.coaching import ANA, ASKED, HOPE, NADIA, of_person, plan_of, request_of, text_of


@pytest.fixture
def organisation(store):
    return play.ready(store)


@pytest.fixture
def ana(sign_in, parts):
    adopt_programme.adopt_shipped(parts, ["coaching", "professional_boundaries"])
    return sign_in(Role.EMPLOYEE)


@pytest.fixture
def nadia(sign_in):
    return sign_in(Role.COACH)


def test_proposals_come_at_once_ranked_and_explained(ana, store):
    assert ana.post("/coaching", ASKED).status_code == 303
    request = request_of(store)
    assert request.state is State.PROPOSED
    assert 1 <= len(request.offers) <= 3
    assert all(o.coach_id == NADIA and len(o.starts) == 4 for o in request.offers)
    best = request.offers[0]
    assert best.wished == 4
    assert all(timedelta(days=5) <= b - a <= timedelta(days=21) for a, b in pairwise(best.starts))
    said = text_of(ana.get("/coaching"))
    for words in (
        "Nadia Haddad",
        "Qualified for Coaching for calls.",
        "At times you asked for, all in the morning.",
        "Has no other series now.",
        "The queue can",
    ):
        assert words in said
    assert HOPE not in said


def test_accepted_and_agreed_it_stands_in_the_calendar(ana, nadia, store):
    ana.post("/coaching", ASKED)
    assert play.accept(ana, store).status_code == 303
    request = request_of(store)
    assert (request.state, request.coach_id) == (State.ASKED, NADIA)
    assert of_person(store) == ()
    assert "Nadia Haddad is asked" in text_of(ana.get("/coaching"))
    assert "Ana Correia" in text_of(nadia.get("/coaching/desk"))
    assert HOPE not in nadia.get("/coaching/desk").text
    assert HOPE in nadia.post(f"/coaching/desk/{request.id}/read").text
    assert "read coaching request" in ana.get("/log").text
    answer = play.agree(nadia, store)
    assert answer.status_code == 303
    found = of_person(store)
    assert [s.starts_utc for s in found] == list(request.offers[0].starts)
    assert {s.facilitator_id for s in found} == {NADIA}
    assert all(s.starts.weekday() in (1, 3) and time(9) <= s.starts.time() < time(12) for s in found)
    plan = plan_of(store)
    assert (plan.state, plan.coach_id, plan.person_id) == (Course.RUNNING, NADIA, ANA)
    page = ana.get(f"/coaching/plans/{plan.id}")
    assert HOPE in page.text
    assert "Next:" in text_of(page)
