"""The page of repairs: what cannot stand with its choices, the difference of a repair alone, published or refused."""

import re
from datetime import datetime
from html import unescape

import pytest

from devsys.actions import edit_draft, publish_plan
from devsys.adapters.store.queries import accounts, plans
from devsys.core.model.access import Role
from devsys.core.model.calendar import Status
from tests.builders import a_session, id_of
from tests.stories import acts
from tests.web import scenes

TIAGO = id_of("tiago.lopes")
HERE = f"/repairs?person={TIAGO}"


def text(page):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


def fields(page, action):
    """Give what the form to an address would send as it stands."""
    form = re.search(rf'<form[^>]*action="{re.escape(action)}"[^>]*>(.*?)</form>', page.text, re.DOTALL)[1]
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))
    return hidden | dict(re.findall(r'<input type="radio" name="([^"]+)" value="([^"]*)" checked', form))


def publish_address(address):
    return address.replace("/repairs?", "/repairs/publish?")


@pytest.fixture
def planned(parts, organisation):
    assert organisation.people
    return scenes.plan_and_publish(parts)


@pytest.fixture
def coordinator(sign_in):
    return sign_in(Role.COORDINATOR)


def away(coordinator, person=TIAGO, first="2026-01-20", last="2026-02-10"):
    answer = coordinator.post("/away", {"person": person, "from": first, "until": "day", "to": last})
    assert answer.status_code == 303
    return answer.headers["Location"]


def test_nothing_to_repair_says_so_and_offers_the_next_step(planned, coordinator):
    assert planned.sessions
    assert "Everything stands: every published session of the next weeks can" in text(coordinator.get("/repairs"))
    page = text(coordinator.get(HERE))
    assert "Tiago Lopes is away" in page
    assert "not known to be away" in page
    assert "Nothing is touched: nobody's sessions fall into this time." in page


def test_before_anything_is_planned_there_is_nothing_to_repair(organisation, coordinator):
    assert organisation.people
    assert "Nothing is published yet" in text(coordinator.get("/repairs"))
    assert coordinator.post("/repairs", {"take": "all"}).status_code == 303
    assert coordinator.post("/repairs/publish", {"seal": "0-x"}).status_code in (409, 422)


def test_what_is_touched_stands_soonest_first_with_who_and_why(planned, coordinator):
    page = coordinator.get(away(coordinator))
    words = text(page)
    assert "Away from Tue 20 January to Tue 10 February" in words
    assert "The reason is not asked, and not kept." in words
    assert "2 sessions, 6 people, soonest first" in words
    assert words.index("Tue 27 Jan, 11:00") < words.index("Tue 3 Feb, 13:00")
    assert "Take all 2 suggestions" in words
    assert planned.sessions


def test_all_suggestions_in_two_presses(parts, planned, coordinator):
    """Take all, Publish: a version of its own with its cause, and nothing else moved (product.md 10, line 4)."""
    here = away(coordinator)
    before = {s.id: s for s in acts.published(parts)}
    preview = coordinator.post(here, {"take": "all"})
    assert preview.status_code == 200
    assert "This is all that changes. Nobody is told before you publish it." in text(preview)
    assert scenes.everything(parts)[2] == 1
    answer = coordinator.post(publish_address(here), fields(preview, publish_address(here)))
    assert (answer.status_code, answer.headers["Location"]) == (303, here)
    after = {s.id: s for s in acts.published(parts)}
    shown = {planned["alfama"].id, planned["skill"].id}
    assert {i for i, s in before.items() if after.get(i) != s} == shown
    page = text(coordinator.get(here))
    assert "Published as version 2: 2 changes" in page
    assert "Nothing is touched" in page
    assert "repair: facilitator changed" in text(coordinator.get("/plans"))
    assert "Tiago" not in text(coordinator.get("/plans"))


def test_the_radio_list_as_it_stands_is_the_same_as_all_suggestions(parts, planned, coordinator):
    here = away(coordinator)
    chosen = fields(coordinator.get(here), here)
    assert {k for k in chosen if k.startswith("s-")} == {f"s-{planned[c].id}" for c in ("alfama", "skill")}
    by_list = coordinator.post(here, chosen)
    by_button = coordinator.post(here, {"take": "all"})
    seals = [fields(page, publish_address(here))["seal"] for page in (by_list, by_button)]
    assert seals[0] == seals[1]
    assert parts.now()


def a_second_round(parts, starts, people, team):
    """Publish another round that Tiago leads."""
    more = a_session(f"{team} {starts}", starts=starts, people=people, facilitator="tiago.lopes", room=None, team=team)
    scenes.add_published(parts, more)
    return more


def test_one_substitute_for_the_whole_day(parts, planned, coordinator):
    """Tiago leads two rounds on 27 January; who could lead both is offered above the list, and is one press away."""
    more = a_second_round(parts, datetime(2026, 1, 27, 13), ("goncalo.reis", "helena.vaz", "ivan.hrytsenko"), "belem")
    here = away(coordinator, first="2026-01-27", last="2026-01-27")
    page = coordinator.get(here)
    offers = re.findall(r'href="([^"]+whole=\d+)">([^<]+)</a>', page.text)
    assert offers
    address, words = offers[-1]
    assert words.endswith(" leads all 2 of Tue 27 January")
    name = words.removesuffix(" leads all 2 of Tue 27 January")
    chosen = fields(coordinator.get(unescape(address)), here)
    keys = {chosen[f"s-{i}"] for i in (planned["alfama"].id, more.id)}
    assert len(keys) == 1
    preview = coordinator.post(here, chosen)
    coordinator.post(publish_address(here), fields(preview, publish_address(here)))
    person = next(p.id for p in acts.standing(parts).people if p.name == name)
    assert {scenes.published(parts, i).facilitator_id for i in (planned["alfama"].id, more.id)} == {person}


def test_sessions_of_different_days_have_no_one_substitute_for_the_day(planned, coordinator):
    assert "One substitute for the whole day" not in text(coordinator.get(away(coordinator)))
    assert planned.sessions


def test_another_choice_than_the_suggestion_is_what_is_published(parts, planned, coordinator):
    """Owe it instead of a substitute: cancelled, owed, and the other session still gets its suggestion."""
    here = away(coordinator)
    page = coordinator.get(here).text
    session = planned["alfama"]
    options = re.findall(rf'name="s-{session.id}" value="(\w+)"[^>]*><span class="what"><b>([^<]+)</b>', page)
    key = next(value for value, way in options if way == "Owe it")
    preview = coordinator.post(here, {f"s-{session.id}": key})
    assert "No repair disturbs fewer" not in text(preview)
    assert "3 people are disturbed." in text(preview)
    coordinator.post(publish_address(here), fields(preview, publish_address(here)))
    assert scenes.published(parts, session.id).status is Status.CANCELLED
    assert scenes.published(parts, planned["skill"].id).facilitator_id != TIAGO


def test_leaving_everything_for_now_publishes_nothing(parts, planned, coordinator):
    here = away(coordinator)
    left = {f"s-{planned[c].id}": "later" for c in ("alfama", "skill")}
    answer = coordinator.post(here, left)
    assert answer.status_code == 422
    assert "Nothing is chosen: every session stays as it is for now." in text(answer)
    half = coordinator.post(here, {f"s-{planned['alfama'].id}": "later"})
    assert "1 session stays as it is for now" in text(half)
    sent = fields(half, publish_address(here))
    assert sent[f"s-{planned['alfama'].id}"] == "later"
    coordinator.post(publish_address(here), sent)
    assert scenes.published(parts, planned["alfama"].id) == planned["alfama"]
    assert scenes.published(parts, planned["skill"].id) != planned["skill"]


def test_a_choice_that_is_none_any_more_asks_to_look_again(planned, coordinator):
    here = away(coordinator)
    answer = coordinator.post(here, {f"s-{planned['alfama'].id}": "nonsense"})
    assert answer.status_code == 409
    assert "look at the repairs again" in text(answer)


def test_409_names_who_was_first_and_when(parts, planned, coordinator):
    here = away(coordinator)
    sent = fields(coordinator.post(here, {"take": "all"}), publish_address(here))
    with parts.store.read() as db:
        viewer = accounts.viewer_of(db, id_of("olivia.brandt"))
    moved = edit_draft.move(parts, viewer, None, planned["belem"].id, datetime(2026, 2, 16, 12, 30), cause="x")
    publish_plan.publish(parts, moved.draft_id, by_id=viewer.person_id, cause="x")
    answer = coordinator.post(publish_address(here), sent)
    assert answer.status_code == 409
    page = text(answer)
    assert "Not published. Olivia Brandt published another plan on 5 January 2026 at 09:00 UTC." in page
    assert "Take all 2 suggestions" in page
    with parts.store.read() as db:
        assert plans.pointer(db) == 2


def test_a_draft_is_named_beside_the_repair_and_says_where_it_was_crossed(parts, planned, coordinator):
    session = planned["alfama"]
    form = {"day": "2026-01-27", "time": "11:00", "facilitator": id_of("rajesh.karki"), "cause": "by hand"}
    coordinator.post(f"/sessions/{session.id}/move", form)
    draft = scenes.open_drafts(parts)[0]
    here = away(coordinator)
    preview = coordinator.post(here, {"take": "all"})
    assert "the open draft stays a draft, laid on the new version; one change of it meets this repair" in text(preview)
    coordinator.post(publish_address(here), fields(preview, publish_address(here)))
    assert "1 change of open drafts met this repair" in text(coordinator.get(here))
    page = coordinator.get(f"/drafts/{draft.id}")
    words = text(page)
    assert "Another plan changed the same." in words
    assert "Version 2 says otherwise. Led by" in words
    assert "facilitator changed." in words
    assert coordinator.post(f"/drafts/{draft.id}/publish", {"cause": "by hand"}).status_code == 422
    keep = f"/drafts/{draft.id}/sessions/{session.id}/keep"
    assert f'action="{keep}"' in page.text
    assert coordinator.post(keep).status_code == 303
    assert "Another plan changed the same." not in text(coordinator.get(f"/drafts/{draft.id}"))
    assert coordinator.post(keep).status_code == 404


def test_a_pinned_session_is_let_go_on_its_own_page(planned, coordinator):
    coordinator.post(f"/sessions/{planned['alfama'].id}/pin", {"start": ""})
    page = coordinator.get(away(coordinator))
    assert "Pinned, so nothing moves them" in text(page)
    assert f'href="/sessions/{planned["alfama"].id}">Let it go first' in page.text


def test_what_waits_for_a_return_is_offered_too(planned, coordinator):
    coordinator.post("/away", {"person": TIAGO, "from": "2026-01-05", "until": "unknown"})
    page = coordinator.get(HERE)
    assert "1 session, 4 people" in text(page)
    assert "2 later sessions wait until more is known." in text(page)
    assert "3 sessions" in text(coordinator.get(f"{HERE}&far=1"))
    assert f'href="{HERE.replace("&", "&amp;")}&amp;far=1"' in page.text
    assert planned.sessions


def test_coaching_is_masked_in_repairs_too(planned, coordinator):
    here = away(coordinator, id_of("nadia.haddad"))
    page = coordinator.get(here)
    assert "1:1 development" in page.text
    assert "Coaching for calls" not in page.text
    preview = coordinator.post(here, {"take": "all"})
    assert "Coaching for calls" not in preview.text
    assert planned.sessions


def test_a_queue_that_calls_sees_who_can_return(parts, planned, coordinator):
    form = {"queue": id_of("delivery"), "agents": "9", "from": "2026-02-16", "at": "11:00", "back": "12:00"}
    here = coordinator.post("/away/queue", form).headers["Location"]
    page = coordinator.get(here)
    words = text(page)
    assert "Delivery needs its people" in words
    assert "Needs 9 more on Mon 16 February, 11:00 to 12:00" in words
    assert "1 session, 3 people" in words
    preview = coordinator.post(here, {"take": "all"})
    coordinator.post(publish_address(here), fields(preview, publish_address(here)))
    assert "Nothing is touched: the queue keeps the people it needs" in text(coordinator.get(here))
    assert scenes.published(parts, planned["belem"].id) != planned["belem"]


@pytest.mark.parametrize(
    "query", ["person=nobody", "room=none", "queue=x", "whole=99", "whole=x", f"person={TIAGO}&whole=0"]
)
def test_odd_addresses_answer_as_far_as_they_can(planned, coordinator, query):
    away(coordinator)
    assert coordinator.get(f"/repairs?{query}").status_code == 200
    assert coordinator.post(f"/repairs?{query}", {"take": "all"}).status_code in (200, 422)
    assert planned.sessions


@pytest.mark.parametrize("role", [Role.LEAD, Role.ADMINISTRATOR, Role.EMPLOYEE])
def test_only_a_coordinator_repairs(parts, planned, coordinator, sign_in, role):
    here = away(coordinator)
    sent = fields(coordinator.post(here, {"take": "all"}), publish_address(here))
    visitor = sign_in(role)
    assert visitor.get(here).status_code == 404
    assert visitor.post(here, {"take": "all"}).status_code == 404
    assert visitor.post(publish_address(here), {**sent, "csrf_token": visitor.token}).status_code == 404
    with parts.store.read() as db:
        assert plans.pointer(db) == 1
    assert planned.sessions


def test_what_an_employee_reads_names_nobody_who_is_away(planned, coordinator, sign_in):
    here = away(coordinator)
    preview = coordinator.post(here, {"take": "all"})
    coordinator.post(publish_address(here), fields(preview, publish_address(here)))
    employee = sign_in(Role.EMPLOYEE)
    page = text(employee.get(f"/sessions/{planned['alfama'].id}"))
    assert "facilitator changed" in page
    assert "away" not in page
    assert "Tiago" not in page
