"""The issues of a plan: levels by the verifier's word, set aside with a reason, each leads to its cure."""

import csv
import io
import re
from dataclasses import replace
from datetime import datetime

import pytest

from devsys.actions import edit_draft, hand_over, list_issues
from devsys.adapters.store.queries import accounts, aside, audit, people, retention
from devsys.base.errors import InvalidError, NotAllowedError, NotFoundError
from devsys.core.model.access import Role
from devsys.core.model.issues import Issue, Level, in_order
from devsys.core.model.people import Absence
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


def main(answer):
    return text(answer).split("Skip to content")[1]


def go_away(parts, person, first, last=None):
    with parts.store.write() as db:
        gone = (Absence(id_of(person), first, last),)
        people.write_organisation(db, replace(people.EMPTY, absences=gone), today=parts.now().date())


def links(answer, words):
    found = re.findall(r'<a class="(?:tapline|btn[^"]*)" href="([^"]*)"[^>]*>(?:<svg.*?</svg>)?([^<]*)', answer.text)
    return [href.replace("&amp;", "&") for href, said in found if said.strip() == words]


def test_a_plan_that_holds_has_no_issue(planned, coordinator):
    assert planned.sessions
    page = coordinator.get("/issues")
    assert "<h1>Nothing stands in the way</h1>" in page.text
    assert "Every rule holds, and nothing warns." in text(page)


def test_before_the_first_plan_there_is_no_issue(organisation, coordinator):
    assert organisation.people
    assert "Nothing stands in the way" in coordinator.get("/issues").text


def test_a_later_absence_blocks_at_once_and_leads_to_its_repair(parts, planned, coordinator):
    session = planned["alfama"]
    go_away(parts, "tiago.lopes", datetime(2026, 1, 27), datetime(2026, 1, 28))
    page = coordinator.get("/issues")
    assert "<h1>One issue blocks</h1>" in page.text
    assert "Tiago Lopes is not at work for Case round, Tue 27 January 11:00." in text(page)
    assert links(page, "See repairs") == [f"/repairs?person={id_of('tiago.lopes')}"]
    assert coordinator.get(links(page, "See repairs")[0]).status_code == 200
    why = links(page, "Why")[0]
    assert f"session={session.id}" in why
    assert "Here: " in text(coordinator.get(why.split("#")[0]))


def test_a_move_to_a_bad_place_blocks_the_draft_not_the_plan(parts, planned, coordinator):
    session = planned["alfama"]
    coordinator.post(f"/sessions/{session.id}/move", {"start": "2026-01-27T18:30"})
    draft = scenes.open_drafts(parts)[0]
    assert "Nothing stands in the way" in coordinator.get("/issues").text
    page = coordinator.get(f"/issues?draft={draft.id}")
    assert "is not at work for the whole of Case round, Tue 27 January 18:30." in text(page)
    move = links(page, "Move it")[0]
    assert move.endswith("#move")
    assert 'id="move"' in coordinator.get(move.split("#")[0]).text
    shown = coordinator.get(f"/drafts/{draft.id}")
    assert f'href="/issues?draft={draft.id}"' in shown.text
    coordinator.post(f"/sessions/{session.id}/move?draft={draft.id}", {"start": "2026-01-27T12:30"})
    assert "Nothing stands in the way" in coordinator.get(f"/issues?draft={draft.id}").text


def warned(parts, planned, coordinator):
    """Move the frozen session inside the freeze window, with a cause; give the draft and the warning's page."""
    coordinator.post(f"/sessions/{planned['frozen'].id}/move", {"start": "2026-01-09T12:30", "cause": "room taken"})
    draft = scenes.open_drafts(parts)[0]
    page = coordinator.get(f"/issues?draft={draft.id}")
    return draft, page, re.search(r'href="(/issues/[0-9a-f]{16}\?[^"]*)"', page.text)[1].replace("&amp;", "&")


def test_a_move_inside_the_freeze_window_warns(parts, planned, coordinator):
    _, page, _ = warned(parts, planned, coordinator)
    assert "<h1>One issue warns</h1>" in page.text
    said = "It is moved inside the freeze window, to 9 January 12:30: 4 people have little time to hear of it."
    assert f"{said} Cause: room taken." in text(page)
    assert "One issue" not in coordinator.get("/issues").text


def test_a_warning_is_set_aside_with_a_reason_and_heard_again(parts, planned, coordinator, sign_in):
    draft, _, one = warned(parts, planned, coordinator)
    path, query = one.split("?")
    assert coordinator.post(f"{path}/aside?{query}", {"reason": " "}).status_code == 422
    empty = coordinator.post(f"{path}/aside?{query}", {"reason": ""})
    assert "Fill this in." in text(empty)
    assert coordinator.post(f"{path}/aside?{query}", {"reason": "They asked for it"}).status_code == 303
    listed = coordinator.get(f"/issues?draft={draft.id}")
    assert "<h1>One issue is set aside</h1>" in listed.text
    assert "Set aside by Olivia Brandt, Mon 5 January: They asked for it" in text(listed)
    assert "They asked for it" in text(sign_in(Role.ADMINISTRATOR).get(one))
    with parts.store.read() as db:
        assert audit.acts(db)[0].act == "set issue aside"
    assert coordinator.post(f"{path}/back?{query}").status_code == 303
    assert "<h1>One issue warns</h1>" in coordinator.get(f"/issues?draft={draft.id}").text
    assert coordinator.post(f"{path}/back?{query}").status_code == 404


def test_a_reason_goes_after_two_years(parts, planned, coordinator, clock):
    _, _, one = warned(parts, planned, coordinator)
    path, query = one.split("?")
    coordinator.post(f"{path}/aside?{query}", {"reason": "They asked for it"})
    for days, left in ((700, 1), (40, 0)):
        clock.move(days=days)
        with parts.store.write() as db:
            retention.forget_old(db, parts.now())
            assert len(aside.all_set_aside(db)) == left


def test_what_was_set_aside_is_heard_again_when_it_says_something_else(parts, planned, coordinator):
    draft, _, one = warned(parts, planned, coordinator)
    path, query = one.split("?")
    coordinator.post(f"{path}/aside?{query}", {"reason": "They asked for it"})
    moved = f"/sessions/{planned['frozen'].id}/move?draft={draft.id}"
    coordinator.post(moved, {"start": "2026-01-09T13:00", "cause": "room taken"})
    assert "<h1>One issue warns</h1>" in coordinator.get(f"/issues?draft={draft.id}").text
    assert coordinator.get(one).status_code == 404


def test_what_blocks_cannot_be_set_aside(parts, planned, coordinator, viewer):
    assert planned.sessions
    go_away(parts, "tiago.lopes", datetime(2026, 1, 27), datetime(2026, 1, 28))
    issue = list_issues.issues(parts, None).found[0]
    with pytest.raises(InvalidError, match="has to be put right"):
        list_issues.set_aside(parts, viewer, None, issue.key, "never mind")
    answer = coordinator.post(f"/issues/{issue.key}/aside", {"reason": "never mind"})
    assert answer.status_code == 422
    assert "It cannot be set aside" in text(answer)
    with pytest.raises(NotFoundError):
        list_issues.set_aside(parts, viewer, None, "0" * 16, "never mind")
    with pytest.raises(NotAllowedError):
        list_issues.set_aside(parts, replace(viewer, grants=()), None, issue.key, "never mind")


def test_one_after_the_other_and_back(parts, planned, coordinator):
    assert planned.sessions
    go_away(parts, "tiago.lopes", datetime(2026, 1, 27), datetime(2026, 2, 4))
    first = re.search(r'href="(/issues/[0-9a-f]{16})"', coordinator.get("/issues").text)[1]
    page = coordinator.get(first)
    assert "1 of 2" in text(page)
    assert not links(page, "Before")
    after = links(page, "Next")[0]
    last = coordinator.get(after)
    assert "2 of 2" in text(last)
    assert links(last, "Before") == [first]
    assert not links(last, "Next")
    assert "Hear fully" in last.text


def test_somebody_without_a_known_return_warns_for_what_is_far_off(parts, planned, coordinator):
    assert planned.sessions
    go_away(parts, "marta.nogueira", datetime(2026, 1, 26))
    page = coordinator.get("/issues")
    assert "A session waits until Marta Nogueira is back" in text(page)
    assert f"/repairs?person={id_of('marta.nogueira')}&far=1" in links(page, "See repairs")


def test_a_colleague_who_has_not_answered_warns(parts, planned, coordinator):
    session = planned["skill"]
    with parts.store.read() as db:
        tiago = accounts.viewer_of(db, id_of("tiago.lopes"))
    hand_over.ask(parts, tiago, session.id, id_of("marta.nogueira"))
    page = coordinator.get("/issues")
    assert "Marta Nogueira was asked to lead it instead and has not answered; the question ends on" in text(page)
    to = links(page, "Give it to somebody else")
    assert to == [f"/sessions/{session.id}/move"]
    assert coordinator.get(to[0]).status_code == 200


def test_a_pinned_session_that_cannot_stand_is_let_go(parts, planned, coordinator, viewer):
    session = planned["alfama"]
    edit_draft.pin(parts, viewer, session.id, pinned=True)
    go_away(parts, "tiago.lopes", datetime(2026, 1, 27), datetime(2026, 1, 28))
    assert links(coordinator.get("/issues"), "Let it go") == [f"/sessions/{session.id}"]


def test_an_overtaken_draft_blocks_itself_and_warns_beside_the_plan(parts, planned, coordinator):
    session = planned["alfama"]
    coordinator.post(f"/sessions/{session.id}/move", {"start": "2026-01-27T12:30"})
    draft = scenes.open_drafts(parts)[0]
    scenes.add_published(parts, replace(session, room_id=id_of("mewa")))
    page = coordinator.get(f"/issues?draft={draft.id}")
    assert "Another plan was published since this draft was made" in text(page)
    assert f"/drafts/{draft.id}" in links(page, "Compare and decide")
    assert "The draft of 5 January by Olivia Brandt stands on version 1; 2 is published." in text(
        coordinator.get("/issues")
    )


def test_the_file_says_the_same(parts, planned, coordinator):
    assert planned.sessions
    go_away(parts, "tiago.lopes", datetime(2026, 1, 27), datetime(2026, 1, 28))
    rows = list(csv.reader(io.StringIO(coordinator.get("/issues.csv").text.lstrip("\ufeff"))))
    assert rows[1][:2] == ["What blocks", "Case round, Tue 27 January, 11:00"]


def test_only_who_sees_everybody_sees_the_issues(parts, planned, sign_in):
    assert planned.sessions
    for role in (Role.LEAD, Role.FACILITATOR, Role.COACH, Role.EMPLOYEE):
        assert sign_in(role).get("/issues").status_code == 404
    administrator = sign_in(Role.ADMINISTRATOR)
    assert administrator.get("/issues").status_code == 200
    assert administrator.get("/issues?draft=nothing").status_code == 404
    assert administrator.get("/issues/0123456789abcdef").status_code == 404
    assert administrator.post("/issues/0123456789abcdef/aside", {"reason": "x"}).status_code == 404
    assert parts.now()


def test_the_theme_of_coaching_is_in_no_issue(parts, planned, coordinator):
    assert planned["coaching"]
    go_away(parts, "nadia.haddad", datetime(2026, 2, 5), datetime(2026, 2, 6))
    page = coordinator.get("/issues")
    assert "1:1 development" in page.text
    assert "Coaching for calls" not in page.text + coordinator.get("/issues.csv").text


def test_home_and_year_lead_to_the_issues(parts, planned, coordinator):
    assert planned.sessions
    go_away(parts, "tiago.lopes", datetime(2026, 1, 27), datetime(2026, 1, 28))
    for path in ("/", "/year"):
        assert 'href="/issues"' in coordinator.get(path).text, path


def test_more_issues_ask_the_database_no_more_often(parts, planned, coordinator):
    assert planned.sessions
    go_away(parts, "tiago.lopes", datetime(2026, 1, 27), datetime(2026, 1, 28))
    once = scenes.queries_of(parts, lambda: coordinator.get("/issues"))
    go_away(parts, "marta.nogueira", datetime(2026, 2, 16), datetime(2026, 2, 17))
    go_away(parts, "tiago.lopes", datetime(2026, 2, 3), datetime(2026, 2, 4))
    assert scenes.queries_of(parts, lambda: coordinator.get("/issues")) == once


def test_what_blocks_stands_first_then_by_time():
    def issue(level, what, at=None):
        return Issue(level, "room", (what,), at=at)

    early, late = datetime(2026, 1, 5, 9), datetime(2026, 1, 6, 9)
    warns, blocks = issue(Level.WARNS, "a", early), issue(Level.BLOCKS, "b", late)
    whole, first = issue(Level.BLOCKS, "c"), issue(Level.BLOCKS, "d", early)
    assert in_order([warns, whole, blocks, first, blocks]) == (first, blocks, whole, warns)


def test_home_counts_the_open_issues_and_leads_to_them(parts, planned, coordinator):
    def said():
        found = re.search(r'<a class="tapline" href="/issues">([^<]+)</a>', coordinator.get("/").text)
        return found[1]

    assert planned.sessions
    assert said() == "No open issue; what is set aside"
    go_away(parts, "tiago.lopes", datetime(2026, 1, 27), datetime(2026, 1, 28))
    assert said() == "All issues: 1 blocks"
    go_away(parts, "marta.nogueira", datetime(2026, 1, 9), datetime(2026, 1, 10))
    assert said() == "All issues: 2 block"
    page = coordinator.get("/issues").text
    assert (page.count('<li class="issue blocks"'), page.count('<li class="issue warns"')) == (2, 0)
