"""The month, and the list of one's own sessions."""

import re
from datetime import datetime

import pytest

from devsys.core.model.access import Role
from tests.builders import a_session, id_of, publish_now
from tests.web import scenes


@pytest.fixture
def planned(parts, organisation):
    assert organisation.people
    return scenes.plan_and_publish(parts)


@pytest.fixture
def coordinator(sign_in):
    return sign_in(Role.COORDINATOR)


def text(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def test_the_month_holds_its_sessions_on_their_days(planned, coordinator):
    page = coordinator.get(f"/month?month=2026-02&team={id_of('alfama')}")
    assert "February 2026" in page.text
    linked = re.findall(r'href="/sessions/(\w+)"', page.text)
    assert {planned["skill"].id, planned["coaching"].id} <= set(linked)
    assert planned["belem"].id not in linked
    assert 'href="/week?' in page.text


def test_of_all_teams_sessions_alike_are_counted_together(planned, coordinator):
    assert planned.sessions
    page = text(coordinator.get("/month?month=2026-02"))
    assert "Case round · 2" in page  # Monday 16 February: one in Lisbon, one in Kathmandu


def test_the_month_says_what_it_comes_to_and_has_a_list_and_a_file(planned, coordinator):
    assert planned.sessions
    page = coordinator.get("/month?month=2026-02")
    assert "4 sessions for 9 people, the most on Mon 16 February: 2." in page.text
    listed = coordinator.get("/month?month=2026-02&view=list")
    assert '<table class="month">' not in listed.text
    assert listed.text.count('class="pline') == 4
    assert 'aria-current="true">List' in listed.text
    lines = coordinator.get("/month.csv?month=2026-02").text.lstrip("\ufeff").splitlines()
    assert len(lines) == 5
    assert lines[1].startswith("2026-02-03,13:00,14:00,Europe/Lisbon,Hear fully,skill,published,Tejo,")


def test_coaching_is_masked_for_others(planned, sign_in):
    assert planned.sessions
    for role in (Role.COORDINATOR, Role.LEAD):
        page = sign_in(role).get("/month?month=2026-02").text
        assert "Coaching for calls" not in page
        assert "1:1 development" in page
    assert "Coaching for calls" in sign_in(Role.EMPLOYEE).get("/month?month=2026-02").text


def test_a_draft_in_the_month(parts, planned, coordinator):
    coordinator.post(f"/sessions/{planned['belem'].id}/move", {"start": "2026-02-17T12:30"})
    draft = scenes.open_drafts(parts)[0]
    path = f"/month?month=2026-02&team={id_of('belem')}&draft={draft.id}"
    assert re.search(r'class="a-round draft"', coordinator.get(path).text)


@pytest.mark.parametrize("query", ["month=2026-13", "month=9999-01", "month=x", "team=x", "month=2028-02"])
def test_odd_addresses_give_a_month(planned, coordinator, query):
    assert planned.sessions
    assert coordinator.get(f"/month?{query}").status_code == 200


def test_as_many_queries_for_three_sessions_as_for_one(parts, organisation, coordinator):
    assert organisation.people
    scenes.adopt_shipped(parts)
    publish_now(parts, a_session("one", starts=datetime(2026, 1, 27, 11)), code="one")
    path = "/month?month=2026-01"
    coordinator.get(path)
    once = scenes.queries_of(parts, lambda: coordinator.get(path))
    scenes.add_published(parts, *(a_session(f"more-{i}", starts=datetime(2026, 1, 28 + i, 11)) for i in range(2)))
    assert scenes.queries_of(parts, lambda: coordinator.get(path)) == once
    assert once < 20


def test_my_calendar_lists_what_comes(planned, sign_in):
    ana = sign_in(Role.EMPLOYEE)
    page = ana.get("/calendar")
    linked = re.findall(r'class="pline[^"]*" href="/sessions/(\w+)', page.text)
    assert linked == [planned[code].id for code in ("boundaries", "alfama", "skill", "coaching")]
    assert "Coaching for calls" in page.text


def test_what_i_lead_is_in_my_calendar_too(planned, sign_in):
    linked = re.findall(r'class="pline[^"]*" href="/sessions/(\w+)', sign_in(Role.FACILITATOR).get("/calendar").text)
    assert linked == [planned[code].id for code in ("boundaries", "alfama", "skill")]


def test_past_sessions_newest_first(planned, sign_in, clock):
    clock.move(weeks=4)
    page = sign_in(Role.EMPLOYEE).get("/calendar?view=past&own=1")
    linked = re.findall(r'class="pline[^"]*" href="/sessions/(\w+)', page.text)
    assert linked == [planned["alfama"].id, planned["boundaries"].id]


def test_an_empty_calendar_says_so(organisation, sign_in):
    assert organisation.people
    ana = sign_in(Role.EMPLOYEE)
    assert "Nothing is planned for you in the next half year." in ana.get("/calendar").text
    assert "Nothing of the last half year is yours." in ana.get("/calendar?view=past").text


def test_who_plans_for_others_is_led_to_the_year(organisation, coordinator):
    assert organisation.people
    assert coordinator.get("/calendar").headers["Location"] == "/year"
    assert coordinator.get("/calendar?own=1").status_code == 200


def test_a_month_without_sessions_says_so_and_what_comes_next(organisation, sign_in):
    assert organisation.people
    page = text(sign_in(Role.COORDINATOR).get("/month"))
    assert "No session in this month. Nothing is published yet: draw a plan ." in page
    assert "draw a plan" not in text(sign_in(Role.EMPLOYEE).get("/month"))


def test_many_teams_are_counted_not_listed(planned, sign_in, parts):
    assert planned.sessions
    people = ("ana.correia", "helena.vaz", "deepa.thapa")
    publish_now(parts, a_session("mixed", starts=datetime(2026, 2, 24, 14), people=people, team=None))
    page = text(sign_in(Role.COORDINATOR).get("/month?month=2026-02"))
    assert "3 people of 3 teams" in page
