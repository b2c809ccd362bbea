"""A coordinator moves sessions by hand: in a draft, flagged and not refused, undone, pinned, left out and owed."""

import re
from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest

from devsys.actions import counting, edit_draft
from devsys.adapters.store.queries import accounts, audit, plans, sessions
from devsys.base.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from devsys.core.model.access import Grant, Role, Viewer
from devsys.core.model.calendar import Status
from tests.builders import a_session, id_of
from tests.web import scenes

HOUR = timedelta(hours=1)


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


def test_moving_opens_a_draft_and_publishes_nothing(parts, planned, coordinator):
    session = planned["alfama"]
    answer = coordinator.post(f"/sessions/{session.id}/move", {"day": "2026-01-27", "time": "11:30"})
    assert answer.status_code == 303
    draft = scenes.open_drafts(parts)[0]
    assert draft.id in answer.headers["Location"]
    after = scenes.drafted(parts, draft.id)[session.id]
    assert after.starts == datetime(2026, 1, 27, 11, 30)
    assert after.starts_utc == session.starts_utc + timedelta(minutes=30)
    assert scenes.published(parts, session.id) == session
    page = coordinator.get(answer.headers["Location"])
    assert "A draft was opened for it; nobody is told before you publish it." in text(page)


def test_the_grid_posts_a_start_and_the_next_move_goes_into_the_same_draft(parts, planned, coordinator):
    first, second = planned["alfama"], planned["belem"]
    coordinator.post(f"/sessions/{first.id}/move", {"start": "2026-01-27T12:00"})
    coordinator.post(f"/sessions/{second.id}/move", {"start": "2026-02-16T12:30"})
    drafts = scenes.open_drafts(parts)
    assert len(drafts) == 1
    assert set(scenes.drafted(parts, drafts[0].id)) == {first.id, second.id}


def test_a_bad_place_is_flagged_and_kept(parts, planned, coordinator):
    session = planned["alfama"]
    answer = coordinator.post(f"/sessions/{session.id}/move", {"start": "2026-01-27T05:00"})
    assert answer.status_code == 303
    page = text(coordinator.get(answer.headers["Location"]))
    assert "is not at work" in page
    assert "Put this right before publishing." in page
    draft = scenes.open_drafts(parts)[0]
    assert scenes.drafted(parts, draft.id)[session.id].starts.hour == 5
    shown = text(coordinator.get(f"/drafts/{draft.id}"))
    assert "It cannot be published yet." in shown
    assert coordinator.post(f"/drafts/{draft.id}/publish", {"cause": "asked by the team"}).status_code == 422
    assert scenes.published(parts, session.id) == session


def test_moving_back_leaves_nothing_in_the_draft(parts, planned, coordinator):
    session = planned["alfama"]
    coordinator.post(f"/sessions/{session.id}/move", {"start": "2026-01-27T12:00"})
    draft = scenes.open_drafts(parts)[0]
    coordinator.post(f"/sessions/{session.id}/move?draft={draft.id}", {"start": "2026-01-27T11:00"})
    assert scenes.drafted(parts, draft.id) == {}
    assert "Nothing changed. Nobody will be told." in text(coordinator.get(f"/drafts/{draft.id}"))


def test_undo_takes_a_change_back(parts, planned, coordinator):
    session = planned["alfama"]
    coordinator.post(f"/sessions/{session.id}/move", {"start": "2026-01-27T12:00"})
    draft = scenes.open_drafts(parts)[0]
    assert coordinator.post(f"/sessions/{session.id}/undo?draft={draft.id}").status_code == 303
    assert scenes.drafted(parts, draft.id) == {}
    again = coordinator.post(f"/sessions/{session.id}/undo?draft={draft.id}")
    assert again.status_code == 404


def test_a_proof_stays_while_as_many_are_on_time(parts, planned, coordinator):
    session = planned["alfama"]
    coordinator.post(f"/sessions/{session.id}/move", {"start": "2026-01-27T12:00"})
    draft = scenes.open_drafts(parts)[0]
    with parts.store.write() as db:
        plans.set_figures(db, draft.id, replace(draft.figures, bound=draft.figures.on_time, proved=True))
    coordinator.post(f"/sessions/{session.id}/move?draft={draft.id}", {"start": "2026-01-27T12:30"})
    assert scenes.open_drafts(parts)[0].figures.proved
    assert "No plan has more on time: proved." in text(coordinator.get(f"/drafts/{draft.id}"))
    coordinator.post(f"/sessions/{session.id}/leave-out?draft={draft.id}", {"cause": "room flooded"})
    figures = scenes.open_drafts(parts)[0].figures
    assert not figures.proved
    more = f"At most {figures.bound - figures.on_time} more could be on time."
    assert more in text(coordinator.get(f"/drafts/{draft.id}"))


def test_what_is_left_out_becomes_owed_and_undone_it_is_placed_again(parts, planned, coordinator):
    session = planned["alfama"]
    coordinator.post(f"/sessions/{session.id}/leave-out", {"cause": "room flooded"})
    draft = scenes.open_drafts(parts)[0]
    needs = {p.need for p in session.places}
    with parts.store.read() as db:
        owed = {o.need: o for o in plans.owed_in(db, draft.id)}
    assert needs <= owed.keys()
    assert {owed[n].rule for n in needs} == {counting.LEFT_OUT}
    before, after = planned.figures, draft.figures
    assert (after.owed, after.placed) == (before.owed + 3, before.placed - 3)
    assert after.needs == before.needs == after.placed + after.owed
    assert after.sessions == before.sessions - 1
    assert scenes.drafted(parts, draft.id)[session.id].status is Status.CANCELLED
    coordinator.post(f"/sessions/{session.id}/undo?draft={draft.id}")
    undone = scenes.open_drafts(parts)[0].figures
    assert undone == before
    with parts.store.read() as db:
        assert plans.owed_in(db, draft.id) == planned.owed


def test_what_is_moved_beyond_the_end_of_the_plan_is_placed_all_the_same(parts, planned, viewer):
    """The plan ends with 1 March; a session moved to 3 March still answers the needs of those who come to it."""
    session = planned["alfama"]
    done = edit_draft.move(parts, viewer, None, session.id, datetime(2026, 3, 3, 11), cause="room flooded")
    with parts.store.read() as db:
        draft = plans.draft(db, done.draft_id)
        assert plans.owed_in(db, done.draft_id) == planned.owed
    assert (draft.figures.placed, draft.figures.owed) == (planned.figures.placed, planned.figures.owed)


def test_a_pinned_session_is_not_moved_until_let_go(parts, planned, coordinator):
    session = planned["alfama"]
    coordinator.post(f"/sessions/{session.id}/pin", {"start": ""})
    assert scenes.published(parts, session.id).pinned
    refused = coordinator.post(f"/sessions/{session.id}/move", {"start": "2026-01-27T12:00"})
    assert refused.status_code == 422
    assert "let it go first" in text(refused)
    coordinator.post(f"/sessions/{session.id}/pin", {"start": ""})
    assert not scenes.published(parts, session.id).pinned
    with parts.store.read() as db:
        acts = [act.act for act in audit.acts(db, by_id=id_of("olivia.brandt"))]
    assert sorted(acts[:2]) == ["let session go", "pin session"]


def test_inside_the_freeze_window_a_cause_is_asked_for(parts, planned, coordinator):
    session = planned["frozen"]
    refused = coordinator.post(f"/sessions/{session.id}/move", {"day": "2026-01-09", "time": "11:30"})
    assert refused.status_code == 422
    assert "Say why: those it concerns read it." in text(refused)
    assert 'value="2026-01-09"' in refused.text
    taken = coordinator.post(
        f"/sessions/{session.id}/move", {"day": "2026-01-09", "time": "11:30", "cause": "facilitator changed"}
    )
    assert taken.status_code == 303
    draft = scenes.open_drafts(parts)[0]
    assert scenes.drafted(parts, draft.id)[session.id].cause == "facilitator changed"


def test_facilitator_and_room_are_changed_by_form(parts, planned, coordinator):
    session = planned["skill"]
    form = {"day": "2026-02-03", "time": "13:00", "facilitator": id_of("marta.nogueira"), "room": "-"}
    coordinator.post(f"/sessions/{session.id}/move", form)
    after = scenes.drafted(parts, scenes.open_drafts(parts)[0].id)[session.id]
    assert (after.facilitator_id, after.room_id) == (id_of("marta.nogueira"), None)
    assert after.starts == session.starts


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"day": "2026-01-27", "time": "11:10"}, "on the half hour"),
        ({"day": "2025-12-01", "time": "11:00"}, "day to come"),
        ({"day": "2026-02-30", "time": "11:00"}, "Choose a day and a time."),
        ({"day": "9999-12-31", "time": "11:00"}, "day within 10 years"),
        ({"start": "9999-12-31T23:59"}, "Choose a day and a time."),
        ({"day": "2026-03-29", "time": "01:30"}, "exists in Europe/Lisbon"),
        ({"day": "", "time": ""}, "Fill this in."),
        ({"start": "soon"}, "Choose a day and a time."),
        ({"day": "9999-12-31", "time": "23:59"}, "half hour"),
    ],
)
def test_a_time_that_cannot_be_is_said_beside_its_field(parts, planned, coordinator, form, says):
    session = planned["alfama"]
    answer = coordinator.post(f"/sessions/{session.id}/move", form)
    assert answer.status_code == 422
    assert says in text(answer)
    assert scenes.open_drafts(parts) == ()


def test_at_utc_plus_5_45_the_grid_starts_at_a_quarter_past(parts, planned, coordinator):
    session = planned["patan"]
    coordinator.post(f"/sessions/{session.id}/move", {"start": "2026-02-16T12:00"})
    after = scenes.drafted(parts, scenes.open_drafts(parts)[0].id)[session.id]
    assert after.starts.time() == time(12, 15)


def test_past_sessions_stand(parts, planned, viewer, clock):
    clock.move(weeks=2)
    held = planned["boundaries"]
    with pytest.raises(InvalidError, match="past"):
        edit_draft.move(parts, viewer, None, held.id, held.starts + timedelta(days=30), cause="late")


def test_only_who_may_write_drafts_moves(parts, planned):
    with parts.store.read() as db:
        lead = accounts.viewer_of(db, id_of("marta.nogueira"))
    session = planned["alfama"]
    for act in (
        lambda: edit_draft.move(parts, lead, None, session.id, session.starts, cause="x"),
        lambda: edit_draft.leave_out(parts, lead, None, session.id),
        lambda: edit_draft.pin(parts, lead, session.id, pinned=True),
        lambda: edit_draft.open_draft_of(parts, lead),
    ):
        with pytest.raises(NotAllowedError):
            act()


def test_a_session_nobody_knows(parts, planned, viewer):
    with pytest.raises(NotFoundError):
        edit_draft.move(parts, viewer, None, "nothing", planned["belem"].starts)
    assert scenes.open_drafts(parts) == ()


def test_a_closed_draft_takes_no_change(parts, planned, viewer):
    session = planned["alfama"]
    draft_id, opened = edit_draft.open_draft_of(parts, viewer)
    assert opened
    assert edit_draft.open_draft_of(parts, viewer) == (draft_id, False)
    assert edit_draft.draft_for(parts, viewer) == draft_id
    edit_draft.discard(parts, viewer, draft_id)
    with pytest.raises(ConflictError, match="discarded"):
        edit_draft.move(parts, viewer, draft_id, session.id, session.starts + timedelta(hours=1))


def test_sentences_of_the_planner_name_no_theme_of_coaching(planned, coordinator):
    """Ana has a coaching session on 5 February, 14:00; what a move breaks says only that her time is taken."""
    answer = coordinator.post(f"/sessions/{planned['skill'].id}/move", {"start": "2026-02-05T14:00"})
    page = coordinator.get(answer.headers["Location"] + "&reasons=1")
    assert "1:1 development" in page.text
    assert "Coaching for calls" not in page.text
    draft_id = re.search(r"draft=(\w+)", answer.headers["Location"])[1]
    shown = coordinator.get(f"/drafts/{draft_id}").text
    assert "1:1 development" in shown
    assert "Coaching for calls" not in shown


def test_what_is_left_out_for_the_queue_stands_in_the_ledger(parts, planned, coordinator):
    """Three people lose an hour to the queue, three another for another cause: the ledger names the first alone."""
    coordinator.post(f"/sessions/{planned['belem'].id}/leave-out", {"why": "queue", "cause": ""})
    draft = scenes.open_drafts(parts)[0]
    coordinator.post(f"/sessions/{planned['patan'].id}/leave-out?draft={draft.id}", {"why": "", "cause": "heavy snow"})
    assert scenes.drafted(parts, draft.id)[planned["belem"].id].cause == "for the queue"
    assert coordinator.post(f"/drafts/{draft.id}/publish", {"cause": ""}).status_code == 303
    page = coordinator.get("/year").text
    sums = re.search(r"<tfoot>.*?</tfoot>", page, re.DOTALL)[0]
    cells = re.findall(r'<td class="n strong[^"]*">([^<]+)</td>', sums)
    planned_hours = sum(s.minutes * len(s.places) for s in planned.sessions) // 60
    assert cells[:3] == [str(planned_hours - 6), "0", "3"]


def test_who_coordinates_one_team_changes_its_sessions_alone(parts, planned):
    """The round of Billing Alfama is theirs; the skill session with people of two teams is not."""
    limited = Viewer(id_of("vera.antunes"), "Vera Antunes", (Grant(Role.COORDINATOR, id_of("alfama")),))
    done = edit_draft.move(parts, limited, None, planned["alfama"].id, datetime(2026, 1, 27, 12, 30))
    assert (done.opened, done.findings) == (True, ())
    with pytest.raises(NotAllowedError, match="teams you do not coordinate"):
        edit_draft.move(parts, limited, None, planned["skill"].id, datetime(2026, 2, 3, 14))
    with pytest.raises(NotAllowedError, match="teams you do not coordinate"):
        edit_draft.undo(parts, limited, _draft_with(parts, planned["skill"]), planned["skill"].id)
    assert set(scenes.drafted(parts, done.draft_id)) == {planned["alfama"].id}


def _draft_with(parts, session):
    """Give a draft of somebody else that moves a session."""
    draft_id = id_of("draft of another")
    with parts.store.write() as db:
        horizon = plans.latest(db).horizon
        plans.new_draft(db, draft_id, horizon=horizon, by_id=id_of("olivia.brandt"), cause="", now=parts.now())
        later = replace(session, starts=session.starts.replace(hour=14), starts_utc=session.starts_utc + HOUR)
        sessions.lay_into_draft(db, draft_id, [later], parts.now())
    return draft_id


def test_a_session_that_only_a_draft_has_is_pinned_moved_and_dropped(parts, planned, viewer):
    draft_id, _ = edit_draft.open_draft_of(parts, viewer)
    new = a_session("new", starts=datetime(2026, 2, 10, 13), facilitator="tiago.lopes", room=None)
    with parts.store.write() as db:
        sessions.lay_into_draft(db, draft_id, [new], parts.now())
    edit_draft.pin(parts, viewer, new.id, pinned=True)
    assert scenes.drafted(parts, draft_id)[new.id].pinned
    edit_draft.pin(parts, viewer, new.id, pinned=False)
    edit_draft.move(parts, viewer, draft_id, new.id, datetime(2026, 2, 10, 13, 30))
    assert scenes.drafted(parts, draft_id)[new.id].starts == datetime(2026, 2, 10, 13, 30)
    edit_draft.leave_out(parts, viewer, draft_id, new.id)
    assert scenes.drafted(parts, draft_id) == {}
    with pytest.raises(NotFoundError):
        edit_draft.pin(parts, viewer, new.id, pinned=True)
    assert planned.sessions


def test_what_is_left_out_already_is_not_moved(parts, planned, viewer, coordinator):
    done = edit_draft.leave_out(parts, viewer, None, planned["alfama"].id, cause="room flooded")
    with pytest.raises(InvalidError, match="undo that first"):
        edit_draft.move(parts, viewer, done.draft_id, planned["alfama"].id, datetime(2026, 1, 27, 12, 30))
    answer = coordinator.post(f"/sessions/{planned['alfama'].id}/leave-out?draft={done.draft_id}", {"cause": "again"})
    assert "undo that first" in text(coordinator.get(answer.headers["Location"]))


def test_a_draft_before_anything_is_published(parts, organisation, viewer):
    assert organisation.people
    scenes.adopt_shipped(parts)
    draft_id, opened = edit_draft.open_draft_of(parts, viewer)
    with parts.store.read() as db:
        draft = plans.draft(db, draft_id)
    assert (opened, draft.horizon.weeks, draft.base) == (True, edit_draft.WEEKS, 0)
