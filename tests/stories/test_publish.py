"""A coordinator looks at a draft and publishes it: whom it concerns, what blocks, who was first."""

import re
from datetime import datetime

import pytest

from devsys.actions import edit_draft
from devsys.adapters.store.queries import accounts, plans
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


@pytest.fixture
def viewer(parts, organisation):
    assert organisation.people
    with parts.store.read() as db:
        return accounts.viewer_of(db, id_of("olivia.brandt"))


def text(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


@pytest.fixture
def draft(parts, planned, viewer):
    """A draft that moves one session by half an hour."""
    return edit_draft.move(parts, viewer, None, planned["alfama"].id, datetime(2026, 1, 27, 12, 30)).draft_id


def test_the_draft_says_what_changes_and_whom_it_concerns(draft, coordinator):
    page = text(coordinator.get(f"/drafts/{draft}"))
    assert "1 change, 4 people concerned" in page
    assert "Moved 1 of 7 published sessions" in page
    assert "Tue 27 Jan, 11:00 Tue 27 Jan, 12:30" in page
    assert "No half hour falls below its requirement." in page
    assert "6 published sessions stay as they are" in page


def test_a_move_without_a_cause_asks_for_one(parts, planned, draft, coordinator):
    refused = coordinator.post(f"/drafts/{draft}/publish", {"cause": ""})
    assert refused.status_code == 422
    assert "Fill this in." in text(refused)
    assert scenes.published(parts, planned["alfama"].id) == planned["alfama"]


def test_publishing_moves_the_session_and_writes_one_line_of_the_log(parts, planned, draft, coordinator):
    answer = coordinator.post(f"/drafts/{draft}/publish", {"cause": "room taken"})
    assert answer.status_code == 303
    assert "Published as version 2: 1 change, 4 people concerned." in text(coordinator.get(answer.headers["Location"]))
    after = scenes.published(parts, planned["alfama"].id)
    assert (after.starts, after.sequence, after.cause) == (datetime(2026, 1, 27, 12, 30), 1, "room taken")
    log = text(coordinator.get("/plans"))
    assert "room taken" in log
    assert "1 moved" in log
    opened = text(coordinator.get("/plans/versions/2"))
    assert "Tue 27 Jan, 11:00 Tue 27 Jan, 12:30" in opened
    history = text(coordinator.get(f"/sessions/{after.id}"))
    assert "Moved from Tue 27 Jan, 11:00 to Tue 27 Jan, 12:30" in history
    assert coordinator.get(f"/drafts/{draft}").headers["Location"] == "/plans/versions/2"


def test_two_publish_one_wins_and_the_other_compares_again(parts, planned, draft, coordinator, viewer):
    """The loser gets a 409 with who and when, keeps the draft, compares again and publishes."""
    with parts.store.write() as db:
        plans.new_draft(
            db, id_of("other"), horizon=plans.draft(db, draft).horizon, by_id=None, cause="", now=parts.now()
        )
    edit_draft.move(parts, viewer, id_of("other"), planned["patan"].id, datetime(2026, 2, 16, 9, 45))
    assert coordinator.post(f"/drafts/{id_of('other')}/publish", {"cause": "asked by the team"}).status_code == 303

    lost = coordinator.post(f"/drafts/{draft}/publish", {"cause": "room taken"})
    assert lost.status_code == 409
    said = text(lost)
    assert "Not published." in said
    assert "Olivia Brandt published another plan on 5 January 2026 at 09:00 UTC." in said
    assert "Compare again" in said
    assert len(scenes.drafted(parts, draft)) == 1

    assert coordinator.post(f"/drafts/{draft}/compare").status_code == 303
    assert coordinator.post(f"/drafts/{draft}/publish", {"cause": "room taken"}).status_code == 303
    with parts.store.read() as db:
        assert plans.pointer(db) == 3


def test_comparing_again_drops_what_is_published_already(parts, planned, viewer):
    """Two drafts do the same: after one is published the other changes nothing."""
    session = planned["alfama"]
    first = edit_draft.move(parts, viewer, None, session.id, datetime(2026, 1, 27, 12, 30), cause="room taken").draft_id
    with parts.store.write() as db:
        horizon = plans.draft(db, first).horizon
        plans.new_draft(db, id_of("same"), horizon=horizon, by_id=None, cause="", now=parts.now())
    edit_draft.move(parts, viewer, id_of("same"), session.id, datetime(2026, 1, 27, 12, 30), cause="room taken")
    with parts.store.write() as db:
        plans.publish(db, first, by_id=None, cause="", now=parts.now(), changes={"moved": 1})
    edit_draft.compare_again(parts, viewer, id_of("same"))
    assert scenes.drafted(parts, id_of("same")) == {}


def test_an_empty_draft_tells_nobody_and_makes_no_version(parts, planned, viewer, coordinator):
    draft_id, _ = edit_draft.open_draft_of(parts, viewer)
    page = text(coordinator.get(f"/drafts/{draft_id}"))
    assert "Nothing changed. Nobody will be told." in page
    answer = coordinator.post(f"/drafts/{draft_id}/publish", {"cause": ""})
    assert answer.status_code == 303
    with parts.store.read() as db:
        assert plans.pointer(db) == 1
    assert planned.sessions


def test_a_dropped_draft_is_gone(parts, planned, draft, coordinator):
    answer = coordinator.post(f"/drafts/{draft}/discard")
    assert answer.headers["Location"] == "/plans"
    assert "Nobody is told, nothing changed." in text(coordinator.get("/plans"))
    assert coordinator.get(f"/drafts/{draft}").status_code == 404
    assert coordinator.post(f"/drafts/{draft}/publish", {"cause": "late"}).status_code == 409
    assert scenes.published(parts, planned["alfama"].id) == planned["alfama"]


def test_only_coordinators_publish(parts, planned, draft, sign_in):
    for role in (Role.ADMINISTRATOR, Role.LEAD, Role.FACILITATOR, Role.EMPLOYEE):
        visitor = sign_in(role)
        for act in ("publish", "discard", "compare"):
            assert visitor.post(f"/drafts/{draft}/{act}", {"cause": "mine"}).status_code == 404
    assert scenes.published(parts, planned["alfama"].id) == planned["alfama"]


def test_a_lead_sees_the_changes_of_the_own_team_alone(draft, planned, sign_in, parts, viewer):
    """Marta is the lead of Billing Alfama, whose round is moved; a change in Kathmandu is none of hers."""
    lead = sign_in(Role.LEAD)
    assert "1 change, 4 people concerned" in text(lead.get(f"/drafts/{draft}"))
    edit_draft.move(parts, viewer, draft, planned["patan"].id, datetime(2026, 2, 16, 9, 45))
    assert "1 change, 4 people concerned" in text(lead.get(f"/drafts/{draft}"))


def test_the_draft_as_a_file(draft, coordinator):
    answer = coordinator.get(f"/drafts/{draft}.csv")
    lines = answer.text.lstrip("\ufeff").splitlines()
    assert lines[0] == "Change,Session,Kind,Before,After,Who,Cause"
    assert lines[1].startswith('moved,Case round,round,"Tue 27 Jan, 11:00","Tue 27 Jan, 12:30",')
