"""A coordinator undoes step after step of a draft, and does them again; the steps are kept with the draft."""

import re
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from devsys.actions import edit_draft, undo_step
from devsys.actions.parts import Parts
from devsys.adapters.store.queries import accounts, plans, sessions, steps
from devsys.adapters.store.store import Store
from devsys.base.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from devsys.core.model.access import Grant, Role, Viewer
from devsys.core.model.calendar import Status
from tests.builders import a_session, id_of
from tests.web import scenes

NOON = datetime(2026, 1, 27, 12)  # their lunch: a bad place
HALF_PAST = datetime(2026, 1, 27, 12, 30)
WEEK = f"/week?week=2026-W05&team={id_of('alfama')}"


@pytest.fixture
def planned(parts, organisation):
    assert organisation.people
    return scenes.plan_and_publish(parts)


@pytest.fixture
def viewer(parts, organisation):
    assert organisation.people
    with parts.store.read() as db:
        return accounts.viewer_of(db, id_of("olivia.brandt"))


@pytest.fixture
def coordinator(sign_in):
    return sign_in(Role.COORDINATOR)


def text(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def ends(parts, draft_id):
    with parts.store.read() as db:
        return steps.ends(db, draft_id)


def undo(parts, viewer, draft_id):
    return undo_step.undo(parts, viewer, draft_id, ends(parts, draft_id).undo.number)


def redo(parts, viewer, draft_id):
    return undo_step.redo(parts, viewer, draft_id, ends(parts, draft_id).redo.number)


def shown(parts, draft_id):
    """Give what people would see of the draft, and what it owes and counts."""
    with parts.store.read() as db:
        states = {
            s.id: (s.starts, s.facilitator_id, s.room_id, s.status, s.places, s.cause)
            for s in sessions.changed_in(db, draft_id)
        }
        return states, plans.owed_in(db, draft_id), plans.draft(db, draft_id).figures


def many_steps(parts, viewer, planned):
    """Move, move again, give to another, leave out, move another, take back; give the draft and its states."""
    alfama, belem = planned["alfama"].id, planned["belem"].id
    draft_id, _ = edit_draft.open_draft_of(parts, viewer)
    seen = [shown(parts, draft_id)]
    for act in (
        lambda: edit_draft.move(parts, viewer, draft_id, alfama, NOON),
        lambda: edit_draft.move(parts, viewer, draft_id, alfama, NOON + timedelta(hours=1)),
        lambda: edit_draft.move(parts, viewer, draft_id, alfama, NOON, facilitator_id=id_of("marta.nogueira")),
        lambda: edit_draft.leave_out(parts, viewer, draft_id, alfama, cause="room flooded"),
        lambda: edit_draft.move(parts, viewer, draft_id, belem, datetime(2026, 2, 16, 12), room_id=id_of("mewa")),
        lambda: edit_draft.undo(parts, viewer, draft_id, alfama),
    ):
        act()
        seen.append(shown(parts, draft_id))
    return draft_id, seen


def test_step_after_step_is_undone_and_done_again(parts, planned, viewer):
    draft_id, seen = many_steps(parts, viewer, planned)
    for state in reversed(seen[:-1]):
        undo(parts, viewer, draft_id)
        assert shown(parts, draft_id) == state
    assert ends(parts, draft_id).undo is None
    for state in seen[1:]:
        redo(parts, viewer, draft_id)
        assert shown(parts, draft_id) == state
    assert ends(parts, draft_id).redo is None


def test_the_steps_survive_a_restart(parts, planned, viewer):
    draft_id, seen = many_steps(parts, viewer, planned)
    undo(parts, viewer, draft_id)
    again = Parts(parts.settings, Store(parts.settings.url), parts.clock)
    found = ends(again, draft_id)
    assert (found.done, found.undone) == (5, 1)
    undo(again, viewer, draft_id)
    assert shown(again, draft_id) == seen[4]
    redo(again, viewer, draft_id)
    assert shown(again, draft_id) == seen[5]
    again.store.close()


def test_a_new_step_forgets_what_was_undone(parts, planned, viewer):
    draft_id, _ = many_steps(parts, viewer, planned)
    undo(parts, viewer, draft_id)
    undo(parts, viewer, draft_id)
    edit_draft.move(parts, viewer, draft_id, planned["skill"].id, datetime(2026, 2, 3, 14))
    found = ends(parts, draft_id)
    assert (found.done, found.undone, found.redo) == (5, 0, None)
    assert found.undo.session_id == planned["skill"].id


def test_what_changes_nothing_is_no_step(parts, planned, viewer):
    draft_id = edit_draft.move(parts, viewer, None, planned["alfama"].id, NOON).draft_id
    edit_draft.move(parts, viewer, draft_id, planned["alfama"].id, NOON)
    assert ends(parts, draft_id).done == 1
    with pytest.raises(InvalidError):
        edit_draft.move(parts, viewer, draft_id, planned["alfama"].id, datetime(2026, 1, 4, 12))
    assert ends(parts, draft_id).done == 1


def test_a_session_only_the_draft_has_comes_back_with_its_people(parts, planned, viewer):
    assert planned.sessions
    draft_id, _ = edit_draft.open_draft_of(parts, viewer)
    fresh = a_session("fresh", starts=datetime(2026, 1, 28, 11), room=None)
    with parts.store.write() as db:
        sessions.lay_into_draft(db, draft_id, [fresh], parts.now())
    edit_draft.leave_out(parts, viewer, draft_id, fresh.id)
    assert scenes.drafted(parts, draft_id) == {}
    undo(parts, viewer, draft_id)
    back = scenes.drafted(parts, draft_id)[fresh.id]
    assert (back.uid, back.people, back.starts) == (fresh.uid, fresh.people, fresh.starts)
    redo(parts, viewer, draft_id)
    assert scenes.drafted(parts, draft_id) == {}


def test_a_press_that_is_no_longer_the_last_changes_nothing(parts, planned, viewer):
    draft_id, seen = many_steps(parts, viewer, planned)
    for number in (5, 7, 0, 2**31 - 1):
        with pytest.raises(ConflictError, match="changed meanwhile"):
            undo_step.undo(parts, viewer, draft_id, number)
    with pytest.raises(ConflictError, match="changed meanwhile"):
        undo_step.redo(parts, viewer, draft_id, 6)
    assert shown(parts, draft_id) == seen[-1]


def test_a_pinned_session_and_one_that_has_begun_stand(parts, planned, viewer, clock):
    alfama = planned["alfama"].id
    draft_id = edit_draft.move(parts, viewer, None, alfama, NOON).draft_id
    edit_draft.pin(parts, viewer, alfama, pinned=True)
    with pytest.raises(InvalidError, match="pinned"):
        undo(parts, viewer, draft_id)
    edit_draft.pin(parts, viewer, alfama, pinned=False)
    clock.now = planned["alfama"].starts_utc
    with pytest.raises(InvalidError, match="has begun"):
        undo(parts, viewer, draft_id)
    assert scenes.drafted(parts, draft_id)[alfama].starts == NOON


def test_a_version_that_overtakes_a_session_ends_its_steps_alone(parts, planned, viewer):
    """What another plan changed meanwhile would be brought back by an old step; other steps stay."""
    alfama, belem = planned["alfama"], planned["belem"]
    draft_id = edit_draft.move(parts, viewer, None, belem.id, datetime(2026, 2, 16, 12)).draft_id
    edit_draft.move(parts, viewer, draft_id, alfama.id, NOON)
    scenes.add_published(parts, replace(alfama, room_id=id_of("mewa")))
    edit_draft.compare_again(parts, viewer, draft_id)
    found = ends(parts, draft_id)
    assert (found.done, found.undo.session_id) == (1, belem.id)
    undo(parts, viewer, draft_id)
    assert set(scenes.drafted(parts, draft_id)) == {alfama.id}


def test_what_was_crossed_is_crossed_again(parts, planned, viewer):
    alfama = planned["alfama"]
    draft_id = edit_draft.move(parts, viewer, None, alfama.id, NOON).draft_id
    later = NOON + timedelta(hours=2)
    scenes.add_published(parts, replace(alfama, starts=later, starts_utc=alfama.starts_utc + timedelta(hours=3)))
    edit_draft.compare_again(parts, viewer, draft_id)
    edit_draft.move(parts, viewer, draft_id, alfama.id, NOON + timedelta(hours=1))
    with parts.store.read() as db:
        assert plans.crossed(db, draft_id) == {}
    undo(parts, viewer, draft_id)
    with parts.store.read() as db:
        assert plans.crossed(db, draft_id) == {alfama.id: 2}


@pytest.mark.parametrize("end", ["publish", "discard"])
def test_the_steps_end_with_the_draft(parts, planned, viewer, coordinator, end):
    draft_id = edit_draft.move(parts, viewer, None, planned["alfama"].id, HALF_PAST, cause="asked for").draft_id
    number = ends(parts, draft_id).undo.number
    coordinator.post(f"/drafts/{draft_id}/{end}", {"cause": "asked for"})
    assert ends(parts, draft_id).done == 0
    with pytest.raises(ConflictError):
        undo_step.undo(parts, viewer, draft_id, number)


def test_only_who_may_change_the_session_undoes(parts, planned, viewer, coordinator, sign_in):
    draft_id = edit_draft.move(parts, viewer, None, planned["alfama"].id, NOON).draft_id
    office = Viewer("x", "X", (Grant(Role.COORDINATOR, id_of("belem")),))
    with pytest.raises(NotAllowedError):
        undo_step.undo(parts, office, draft_id, 1)
    assert sign_in(Role.LEAD).post(f"/drafts/{draft_id}/undo", {"step": 1}).status_code == 404
    assert ends(parts, draft_id).done == 1
    with pytest.raises(NotFoundError):
        undo_step.undo(parts, viewer, "nothing", 1)
    assert coordinator.post("/drafts/nothing/undo", {"step": 1}).status_code == 404


def test_the_page_says_what_will_be_undone(parts, planned, coordinator):
    session = planned["alfama"]
    coordinator.post(f"/sessions/{session.id}/move", {"start": "2026-01-27T12:00"})
    draft_id = scenes.open_drafts(parts)[0].id
    for path in (f"{WEEK}&draft={draft_id}", f"{WEEK}&draft={draft_id}&view=list", f"/drafts/{draft_id}"):
        page = coordinator.get(path)
        assert "Undo: move Case round to Tue 27 Jan, 12:00" in text(page), path
    answer = coordinator.post(f"/drafts/{draft_id}/undo?back={WEEK.replace('&', '%26')}", {"step": "1"})
    assert answer.headers["Location"] == f"{WEEK}#s-{session.id}"
    page = text(coordinator.get(f"{WEEK}&draft={draft_id}"))
    assert "Undone: move Case round to Tue 27 Jan, 12:00." in page
    assert "Redo: move Case round to Tue 27 Jan, 12:00" in page
    assert coordinator.post(f"/drafts/{draft_id}/redo", {"step": "1"}).status_code == 303
    assert scenes.drafted(parts, draft_id)[session.id].starts == NOON


def test_odd_steps_change_nothing(parts, planned, coordinator):
    coordinator.post(f"/sessions/{planned['alfama'].id}/move", {"start": "2026-01-27T12:00"})
    draft_id = scenes.open_drafts(parts)[0].id
    for step in ("", "x", "-1", "99999999999999999999", "\u00bd"):
        assert coordinator.post(f"/drafts/{draft_id}/undo", {"step": step}).status_code == 303
    assert ends(parts, draft_id).done == 1


def test_the_theme_of_coaching_is_in_no_step(parts, planned, coordinator):
    session = planned["coaching"]
    coordinator.post(f"/sessions/{session.id}/move", {"start": "2026-02-05T13:00"})
    draft_id = scenes.open_drafts(parts)[0].id
    page = coordinator.get(f"/drafts/{draft_id}")
    assert "Undo: move 1:1 development to Thu 5 Feb, 13:00" in text(page)
    assert "Coaching for calls" not in page.text


def test_a_draft_keeps_its_last_steps(parts, planned, viewer, monkeypatch):
    monkeypatch.setattr(steps, "MOST", 3)
    draft_id, _ = many_steps(parts, viewer, planned)
    assert ends(parts, draft_id).done == 3


def test_a_left_out_session_is_planned_again(parts, planned, viewer):
    draft_id = edit_draft.leave_out(parts, viewer, None, planned["alfama"].id).draft_id
    assert scenes.drafted(parts, draft_id)[planned["alfama"].id].status is Status.CANCELLED
    undo(parts, viewer, draft_id)
    assert scenes.drafted(parts, draft_id) == {}


def test_a_pin_pressed_in_a_draft_is_a_step_of_it(parts, planned, viewer):
    """It holds at once, for everybody; undo and redo do so too, and the move before is undone after it."""
    session = planned["alfama"].id
    draft_id, _ = edit_draft.open_draft_of(parts, viewer)

    def pinned():
        return scenes.published(parts, session).pinned

    edit_draft.move(parts, viewer, draft_id, session, HALF_PAST)
    edit_draft.pin(parts, viewer, session, pinned=True, draft_id=draft_id)
    assert (pinned(), ends(parts, draft_id).done) == (True, 2)
    edit_draft.pin(parts, viewer, session, pinned=True, draft_id=draft_id)  # it is: no step
    assert ends(parts, draft_id).done == 2
    undo(parts, viewer, draft_id)
    assert not pinned()
    redo(parts, viewer, draft_id)
    assert pinned()
    undo(parts, viewer, draft_id)
    undo(parts, viewer, draft_id)
    assert scenes.drafted(parts, draft_id) == {}
    redo(parts, viewer, draft_id)
    redo(parts, viewer, draft_id)
    assert pinned()
    assert scenes.drafted(parts, draft_id)[session].starts == HALF_PAST
    edit_draft.pin(parts, viewer, session, pinned=False, draft_id=draft_id)
    undo(parts, viewer, draft_id)
    assert pinned()


def test_a_pin_that_somebody_changed_meanwhile_is_not_undone(parts, planned, viewer):
    """A press without a draft is no step; what it changed is left alone, as is a session that began."""
    session = planned["alfama"]
    draft_id, _ = edit_draft.open_draft_of(parts, viewer)
    edit_draft.pin(parts, viewer, session.id, pinned=True)
    assert ends(parts, draft_id).undo is None
    edit_draft.pin(parts, viewer, session.id, pinned=False, draft_id=draft_id)
    edit_draft.pin(parts, viewer, session.id, pinned=True)
    with pytest.raises(ConflictError):
        undo(parts, viewer, draft_id)
    edit_draft.pin(parts, viewer, session.id, pinned=False)
    parts.clock.now = session.starts_utc
    with pytest.raises(InvalidError):
        undo(parts, viewer, draft_id)
    assert not scenes.published(parts, session.id).pinned


def test_the_bar_says_what_was_pinned(planned, coordinator, parts, viewer):
    draft_id, _ = edit_draft.open_draft_of(parts, viewer)
    week = f"{WEEK}&draft={draft_id}"
    pin = re.search(r'data-pin="([^"]+)"', coordinator.get(week).text)[1].replace("&amp;", "&")
    assert f"draft={draft_id}" in pin
    page = coordinator.get(coordinator.post(pin).headers["Location"])
    assert "Undo: pin Case round, Tue 27 Jan, 11:00" in text(page)
    assert planned.sessions
