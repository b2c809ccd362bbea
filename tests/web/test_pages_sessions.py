"""A session's page: times in two zones, who may see what, why, the outline, its history."""

import re

import pytest

from devsys.core.model.access import Role
from tests.builders import id_of
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


def test_when_where_who_and_why(planned, sign_in):
    page = text(sign_in(Role.EMPLOYEE).get(f"/sessions/{planned['skill'].id}"))
    assert "Tue 3 February 2026, 13:00\u201314:00 , Lisbon time (1 h)" in page
    assert "Room Tejo, Lisbon" in page
    assert "With Tiago Lopes" in page
    assert "Billing Alfama Ana Correia, Bruno Matos Delivery Belém Gonçalo Reis, Helena Vaz" in page
    assert "You are here because: A skill session comes every" in page
    assert "Principles: hear fully" in page
    assert "Change it" not in page


def test_another_zone_is_said(planned, sign_in):
    """Nadia works in Lisbon; the round in Kathmandu is hers to see as coordinator's colleague, with both times."""
    coordinator = sign_in(Role.COORDINATOR)
    pages = [text(coordinator.get(f"/sessions/{planned[code].id}")) for code in ("patan", "belem")]
    assert [("where you are" in page) for page in pages].count(True) == 1
    assert "Mon 16 February 2026, 10:15\u201311:15 , Kathmandu time" in pages[0]
    assert "04:30\u201305:30 where you are (Lisbon time)" in pages[0] or "16:45\u201317:45 where you are" in pages[1]


def test_the_outline_is_for_who_leads(planned, sign_in, coordinator):
    path = f"/sessions/{planned['skill'].id}"
    for visitor in (sign_in(Role.FACILITATOR), coordinator):
        assert "for who leads it" in visitor.get(path).text
    assert "You lead it" in sign_in(Role.FACILITATOR).get(path).text
    assert "for who leads it" not in sign_in(Role.EMPLOYEE).get(path).text


def test_who_sees_which_session(planned, sign_in):
    seen = {
        role: {s.id for s in planned.sessions if sign_in(role).get(f"/sessions/{s.id}").status_code == 200}
        for role in (Role.COORDINATOR, Role.ADMINISTRATOR, Role.LEAD, Role.FACILITATOR, Role.EMPLOYEE, Role.ASSESSOR)
    }
    everything = {s.id for s in planned.sessions}
    assert seen[Role.COORDINATOR] == seen[Role.ADMINISTRATOR] == everything
    alfama = {planned[c].id for c in ("boundaries", "frozen", "alfama", "skill", "coaching")}
    assert seen[Role.LEAD] == alfama | {planned["belem"].id}  # Marta leads that round herself
    assert seen[Role.FACILITATOR] == {planned[c].id for c in ("boundaries", "alfama", "skill")}
    assert seen[Role.EMPLOYEE] == {planned[c].id for c in ("boundaries", "alfama", "skill", "coaching")}
    assert seen[Role.ASSESSOR] == set()


def test_coaching_is_between_two(planned, sign_in):
    path = f"/sessions/{planned['coaching'].id}"
    for role in (Role.EMPLOYEE, Role.COACH):
        assert "Coaching for calls" in sign_in(role).get(path).text
    for role in (Role.COORDINATOR, Role.ADMINISTRATOR, Role.LEAD):
        page = sign_in(role).get(path).text
        assert "Coaching for calls" not in page
        assert "What happened to it" not in page
        assert "others see only that the time is taken" in page
    assert "Nadia Haddad" not in sign_in(Role.LEAD).get(path).text


def test_its_history_names_version_and_cause(planned, coordinator):
    page = text(coordinator.get(f"/sessions/{planned['skill'].id}"))
    assert "Planned for Tue 3 Feb, 13:00 Mon 5 January 2026 first plan" in page


def test_as_a_draft_has_it(parts, planned, coordinator, sign_in):
    session = planned["alfama"]
    coordinator.post(f"/sessions/{session.id}/move", {"start": "2026-01-27T12:30"})
    draft = scenes.open_drafts(parts)[0]
    page = text(coordinator.get(f"/sessions/{session.id}?draft={draft.id}"))
    assert "12:30\u201313:30" in page
    assert "As the draft has it; nobody is told yet." in page
    assert "11:00\u201312:00" in text(coordinator.get(f"/sessions/{session.id}"))
    assert sign_in(Role.EMPLOYEE).get(f"/sessions/{session.id}?draft={draft.id}").status_code == 404


def test_a_cancelled_session_says_why(planned, coordinator, sign_in):
    coordinator.post(f"/sessions/{planned['alfama'].id}/leave-out", {"cause": "room flooded"})
    page = coordinator.get("/plans").text
    draft_id = re.search(r'href="/drafts/(\w+)"', page)[1]
    assert coordinator.post(f"/drafts/{draft_id}/publish", {"cause": ""}).status_code == 303
    shown = text(sign_in(Role.EMPLOYEE).get(f"/sessions/{planned['alfama'].id}"))
    assert "This session was cancelled: room flooded." in shown


def test_the_form_of_a_move_offers_who_may_lead_and_rooms(planned, coordinator):
    page = coordinator.get(f"/sessions/{planned['skill'].id}/move")
    assert page.status_code == 200
    shown = text(page)
    assert "As it is: Tiago Lopes" in shown
    assert "Marta Nogueira" in shown
    assert "Rajesh Karki" not in re.search(r'<select[^>]*name="facilitator".*?</select>', page.text, re.DOTALL)[0]
    assert "Mewa" in shown
    assert "Himal" not in shown
    assert "No room, online" in shown


def test_nobody_moves_by_looking(parts, planned, coordinator):
    """Reading a page never writes (R12): every address of the calendar, twice, changes nothing."""
    session = planned["skill"]
    before = scenes.everything(parts)
    for path in ("", "/move"):
        for _ in range(2):
            assert coordinator.get(f"/sessions/{session.id}{path}").status_code == 200
    for path in ("/leave-out", "/pin", "/undo", "/attendance"):
        assert coordinator.get(f"/sessions/{session.id}{path}").status_code == 405
    assert scenes.everything(parts) == before


def test_unknown_sessions_look_like_hidden_ones(planned, sign_in):
    ana = sign_in(Role.EMPLOYEE)
    bodies = {
        re.sub(r'value="[^"]*"', "", ana.get(path).text)
        for path in (f"/sessions/{planned['patan'].id}", "/sessions/nothing", f"/sessions/{id_of('nobody')}")
    }
    assert len(bodies) == 1
