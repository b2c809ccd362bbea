"""What if: both plans drawn and laid side by side, never published, gone after their time."""

import re
from datetime import timedelta

import pytest

from devsys.actions import compare_plans, publish_plan, tidy_up, what_if
from devsys.actions.what_if import Question
from devsys.adapters.store.queries import plans, runs, sessions
from devsys.base.errors import ConflictError, InvalidError
from devsys.core.model.access import Role
from devsys.core.model.calendar import Status
from devsys.core.model.suppose import Supposition, What
from devsys.faces.jobs.worker import Worker
from tests.builders import id_of
from tests.stories import acts
from tests.web import scenes


@pytest.fixture
def planned(parts, organisation):
    assert organisation.people
    scenes.adopt_shipped(parts)
    acts.plan(parts, weeks=8)
    return parts


def answered(parts, *given, **more):
    return what_if.carry_out(parts, Question(given, weeks=8, **more))


def test_a_room_fewer_is_in_no_session_that_may_move(planned):
    answer = answered(planned, Supposition(What.ROOM, id_of("mewa")))
    first = planned.now() + timedelta(days=planned.settings.freeze_days + 1)
    with planned.store.read() as db:
        left, right = (
            [s for s in sessions.as_drafted(db, d) if s.status is Status.PLANNED and s.starts_utc > first]
            for d in (answer.left, answer.right)
        )
    assert any(s.room_id == id_of("mewa") for s in left)
    assert not any(s.room_id == id_of("mewa") for s in right)
    found = compare_plans.compare(planned, answer.left, answer.right)
    assert found.differences
    assert not found.outdated
    assert found.left.draft.cause == "as things are"
    assert found.right.draft.cause == "one room fewer (Mewa)"


def test_a_supposed_facilitator_is_kept_as_nobody(planned):
    answer = answered(planned, Supposition(What.FACILITATOR, id_of("rajesh.karki")))
    with planned.store.read() as db:
        drawn = sessions.changed_in(db, answer.right)
    led = {s.facilitator_id for s in drawn if s.status is Status.PLANNED}
    assert None in led
    assert not any((who or "").startswith("supposed") for who in led)


def test_the_same_question_gives_the_same_figures(planned):
    one = answered(planned, Supposition(What.CALLS, amount=5))
    other = answered(planned, Supposition(What.CALLS, amount=5))
    with planned.store.read() as db:
        figures = [plans.draft(db, d).figures for d in (one.left, other.left, one.right, other.right)]
    assert figures[0] == figures[1]
    assert figures[2] == figures[3]
    assert figures[2].on_time <= figures[0].bound


def test_neither_plan_is_published_changed_or_listed(planned):
    answer = answered(planned, Supposition(What.GROUP, "case_round", 2))
    with planned.store.read() as db:
        before = plans.pointer(db)
        assert {d.id for d in plans.open_drafts(db)}.isdisjoint({answer.left, answer.right})
        assert {d.id for d in plans.comparable(db)} >= {answer.left, answer.right}
    for draft_id in (answer.left, answer.right):
        with pytest.raises(ConflictError, match="supposition"):
            publish_plan.publish(planned, draft_id, by_id=None)
    with planned.store.read() as db:
        assert plans.pointer(db) == before


def test_any_two_drafts_can_be_compared(planned):
    one = acts.draw(planned, seed=1, redraw_from=planned.now().date() + timedelta(days=20), cause="other rooms")
    other = acts.draw(planned, seed=2, redraw_from=planned.now().date() + timedelta(days=20), cause="other rooms")
    found = compare_plans.compare(planned, one.draft_id, other.draft_id)
    assert (found.left.draft.id, found.right.draft.id) == (one.draft_id, other.draft_id)
    back = compare_plans.compare(planned, other.draft_id, one.draft_id)
    assert len(back.differences) == len(found.differences)
    with pytest.raises(InvalidError, match="one and the same"):
        compare_plans.compare(planned, one.draft_id, one.draft_id)
    publish_plan.publish(planned, other.draft_id, by_id=None)
    with pytest.raises(InvalidError, match="published"):
        compare_plans.compare(planned, one.draft_id, other.draft_id)


def test_supposed_plans_go_after_their_time(planned, clock):
    answer = answered(planned, Supposition(What.CALLS, amount=10))
    clock.move(days=13)
    assert tidy_up.tidy_up(planned)["draft"] == 0
    clock.move(days=2)
    assert tidy_up.tidy_up(planned)["draft"] == 2
    with planned.store.read() as db:
        assert plans.draft(db, answer.left).state == "discarded"
        assert sessions.changed_in(db, answer.left) == ()


def text(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def test_asked_on_the_page_drawn_by_the_worker_and_compared(planned, sign_in):
    coordinator = sign_in(Role.COORDINATOR)
    assert "One room fewer" in text(coordinator.get("/plans/what-if"))
    form = {"room": id_of("mewa"), "facilitator": "", "calls": "5", "group": "", "least": "", "weeks": "8"}
    asked = coordinator.post("/plans/what-if", form)
    assert asked.status_code == 303
    run_page = asked.headers["Location"]
    assert "Drawing both plans" in text(coordinator.get(run_page))
    worker = Worker(planned)
    run_id = run_page.rsplit("/", 1)[1]
    for _ in range(10):
        worker.tick()
        worker.wait()
        with planned.store.read() as db:
            run = runs.get(db, run_id)
        if run.over:
            break
    worker.lay_down()
    assert (run.state, run.error) == ("done", "")
    assert "Both plans are drawn" in text(coordinator.get(run_page))
    where = f"/plans/compare?left={run.result['left']}&right={run.result['right']}"
    page = coordinator.get(where)
    assert "One room fewer (Mewa), 5 % more calls, beside things as they are." in text(page)
    assert "On time" in text(page)
    rows = coordinator.get(where.replace("compare?", "compare.csv?")).text
    assert rows.startswith("\ufeffWhat,Session,Kind,Left,Right,Who")
    assert "as things are" in text(coordinator.get("/plans/compare"))
    assert coordinator.get(where.replace(run.result["left"], "unknown")).status_code == 404


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({}, "Nothing is supposed"),
        ({"room": "x"}, "Choose one of these."),
        ({"calls": "700"}, "A whole number from -50 to 100."),
        ({"group": "case_round", "least": ""}, "Fill this in."),
        ({"group": "case_round", "least": "9"}, "suppose a smaller one"),
        ({"calls": "5", "weeks": "0"}, "A whole number from 1 to 104."),
    ],
)
def test_what_cannot_be_asked_is_said_beside_its_field(planned, sign_in, form, says):
    full = {"room": "", "facilitator": "", "calls": "", "group": "", "least": "", "weeks": "8", **form}
    answer = sign_in(Role.COORDINATOR).post("/plans/what-if", full)
    assert answer.status_code == 422
    assert says in text(answer)
    with planned.store.read() as db:
        assert runs.latest(db, what_if.JOB) is None


def test_a_lead_supposes_nothing(planned, sign_in):
    assert planned.store
    assert sign_in(Role.LEAD).get("/plans/what-if").status_code == 404
    assert sign_in(Role.LEAD).get("/plans/compare").status_code == 404
