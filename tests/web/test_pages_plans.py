"""Plans: asking for one, its run, the drafts and the log; what is owed."""

import csv
import io
import re
from dataclasses import replace

import pytest

from devsys.actions import draw_plan
from devsys.adapters.store.queries import plans, runs
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


def run_of(parts, run_id):
    with parts.store.read() as db:
        return runs.get(db, run_id)


def asked(coordinator, **form):
    """Ask for a plan; give the id of its run."""
    answer = coordinator.post("/plans/draw", {"weeks": "12", "how": "keep", "seed": "", "cause": "", **form})
    assert answer.status_code == 303
    return answer.headers["Location"].rsplit("/", 1)[1]


def test_before_the_first_plan(organisation, coordinator, sign_in):
    assert organisation.people
    assert "Nothing is published yet." in text(coordinator.get("/plans"))
    assert 'name="how"' not in coordinator.get("/plans/draw").text
    assert "A coordinator draws and publishes the first plan." in text(sign_in(Role.LEAD).get("/plans"))


def test_asking_leaves_a_run_for_the_worker(parts, planned, coordinator):
    assert planned.sessions
    run_id = asked(coordinator, weeks="26", seed="5", cause="next year")
    run = run_of(parts, run_id)
    assert (run.job, run.state, run.asked_by) == (draw_plan.JOB, "waiting", id_of("olivia.brandt"))
    assert draw_plan.Wish.from_text(run.args) == draw_plan.Wish(weeks=26, cause="next year", seed=5)
    page = coordinator.get(f"/plans/runs/{run_id}")
    assert "Waiting for the worker" in text(page)
    assert f'hx-get="/plans/runs/{run_id}/body"' in page.text
    assert "Refresh" in page.text


def test_a_redraw_names_its_day_and_cause(parts, planned, coordinator):
    assert planned.sessions
    run_id = asked(coordinator, how="redraw", **{"from": "2026-02-02"}, cause="new rooms")
    wish = draw_plan.Wish.from_text(run_of(parts, run_id).args)
    assert (str(wish.redraw_from), wish.cause) == ("2026-02-02", "new rooms")


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"weeks": "0"}, "A whole number from 1 to 104."),
        ({"weeks": "105"}, "A whole number from 1 to 104."),
        ({"weeks": "many"}, "A whole number from 1 to 104."),
        ({"how": "redraw", "from": "2026-01-06", "cause": "new rooms"}, "frozen"),
        ({"how": "redraw", "from": "2026-02-02", "cause": ""}, "Cause: fill this in."),
        ({"how": "redraw", "from": "soon", "cause": "new rooms"}, "A date as 2026-03-31"),
        ({"how": "everything"}, "Choose one of these."),
        ({"seed": "-1"}, "A whole number from 0"),
    ],
)
def test_what_cannot_be_is_said_beside_the_field(parts, planned, coordinator, form, says):
    assert planned.sessions
    answer = coordinator.post("/plans/draw", {"weeks": "12", "how": "keep", "seed": "0", "cause": "", **form})
    assert answer.status_code == 422
    assert says in text(answer)
    with parts.store.read() as db:
        assert runs.counts(db) == {}


def test_a_run_goes_on_stops_and_ends_with_its_draft(parts, planned, coordinator):
    """The page shows what the worker said last; Stop asks it to end; at the end the way leads to the draft."""
    assert planned.sessions
    run_id = asked(coordinator)
    progress = {
        "stage": "Finding places for the rest",
        "placed": 90,
        "on_time": 85,
        "owed": 22,
        "bound": 110.0,
        "sessions": 25,
    }
    with parts.store.write() as db:
        runs.take(db, parts.now())
        runs.beat(db, run_id, parts.now(), progress)
    body = coordinator.get(f"/plans/runs/{run_id}/body")
    assert body.status_code == 200
    assert "<html" not in body.text
    shown = text(body)
    assert "90 placed of 112 needs" in shown
    assert "22 owed so far" in shown
    assert "Best so far: 85 of 112 on time in 25 sessions." in shown
    assert coordinator.post(f"/plans/runs/{run_id}/stop").status_code == 303
    assert run_of(parts, run_id).stop
    assert "Stopping" in text(coordinator.get(f"/plans/runs/{run_id}"))
    with parts.store.write() as db:
        figures = {"needs": 112, "placed": 100, "on_time": 96, "owed": 12, "sessions": 30, "bound": 99}
        figures |= {"proved": False, "out_of_reach": 5}
        runs.finish(db, run_id, parts.now(), {"draft_id": planned.draft_id, "figures": figures})
    over = coordinator.get(f"/plans/runs/{run_id}/body")
    assert over.status_code == 286
    assert f'href="/drafts/{planned.draft_id}"' in over.text
    assert "Done: the draft waits for you" in text(over)
    words = "96 of 112 on time in 30 sessions. At most 3 more could be on time. No plan can serve 5 of the needs."
    assert words in text(over)
    again = coordinator.post(f"/plans/runs/{run_id}/stop").headers["Location"]
    assert "was over already" in text(coordinator.get(again))


def test_a_run_that_failed_says_what_happened(parts, planned, coordinator):
    assert planned.sessions
    run_id = asked(coordinator)
    with parts.store.write() as db:
        runs.take(db, parts.now())
        runs.fail(db, run_id, parts.now(), "The disk is full.")
    page = text(coordinator.get(f"/plans/runs/{run_id}"))
    assert "The disk is full. Nothing was changed" in page
    assert "infeasible" not in page
    assert "failed" in text(coordinator.get("/plans"))


def test_a_run_stopped_before_it_began(parts, planned, coordinator):
    assert planned.sessions
    run_id = asked(coordinator)
    coordinator.post(f"/plans/runs/{run_id}/stop")
    assert "Stopped before it began" in text(coordinator.get(f"/plans/runs/{run_id}"))
    assert run_of(parts, run_id).over


def test_a_worker_that_does_not_come(parts, planned, coordinator, clock):
    assert planned.sessions
    run_id = asked(coordinator)
    clock.move(minutes=5)
    assert "If it is not running, start it: devsys worker." in text(coordinator.get(f"/plans/runs/{run_id}"))
    assert parts.now() > run_of(parts, run_id).created


def test_runs_and_drafts_are_the_coordinators(planned, sign_in, coordinator):
    assert planned.sessions
    run_id = asked(coordinator)
    for role in (Role.LEAD, Role.FACILITATOR, Role.EMPLOYEE):
        visitor = sign_in(role)
        assert visitor.get(f"/plans/runs/{run_id}").status_code == 404
        assert visitor.post("/plans/draw", {"weeks": "12"}).status_code == 404
    administrator = sign_in(Role.ADMINISTRATOR)
    assert administrator.get(f"/plans/runs/{run_id}").status_code == 200
    assert "Stop and keep" not in administrator.get(f"/plans/runs/{run_id}").text
    assert administrator.post(f"/plans/runs/{run_id}/stop").status_code == 404
    assert coordinator.get("/plans/runs/nothing").status_code == 404


def test_the_log_has_a_line_for_each_version(planned, coordinator, sign_in):
    page = text(coordinator.get("/plans"))
    assert "1 Mon 5 January 2026" in page
    assert f"{len(planned.sessions)} new" in page
    opened = text(coordinator.get("/plans/versions/1"))
    assert "Version 1 of the plan" in opened
    assert "Case round" in opened
    assert coordinator.get("/plans/versions/9").status_code == 404
    lead = text(sign_in(Role.LEAD).get("/plans/versions/1"))
    assert "Technical Patan" not in lead
    assert sign_in(Role.EMPLOYEE).get("/plans").status_code == 404


def test_owed_needs_stand_by_rule_with_their_reason(planned, coordinator):
    page = text(coordinator.get("/owed"))
    assert f"{planned.figures.owed} needs are owed" in page
    lines = list(csv.reader(io.StringIO(coordinator.get("/owed.csv").text.lstrip("\ufeff"))))
    assert lines[0] == ["Person", "Team", "Activity", "Due", "Latest", "Rule", "Reason", "Would fit"]
    assert len(lines) - 1 == planned.figures.owed
    assert all(line[5] and line[6] for line in lines[1:])


def test_owed_of_one_rule_and_team(planned, coordinator):
    path = f"/owed?rule=not_drawn&team={id_of('patan')}"
    team = {o.person_id for o in planned.owed}
    lines = list(csv.reader(io.StringIO(coordinator.get(path.replace("/owed?", "/owed.csv?")).text)))[1:]
    assert {line[1] for line in lines} == {"Technical Patan"}
    assert team
    assert "The needs chosen" in coordinator.get(path).text


def test_owed_as_far_as_one_sees(planned, sign_in):
    assert planned.owed
    lead = list(csv.reader(io.StringIO(sign_in(Role.LEAD).get("/owed.csv").text)))[1:]
    assert {line[1] for line in lead} == {"Billing Alfama"}
    own = list(csv.reader(io.StringIO(sign_in(Role.EMPLOYEE).get("/owed.csv").text)))[1:]
    assert {line[0] for line in own} == {"Ana Correia"}
    assert text(sign_in(Role.EMPLOYEE).get("/owed")).count("Ana Correia") >= len(own)


def test_nothing_planned_nothing_owed(organisation, coordinator):
    assert organisation.people
    assert "Nothing is planned yet, so nothing is owed." in text(coordinator.get("/owed"))
    assert coordinator.get("/owed.csv").status_code == 200


def test_cells_of_files_are_no_formulas(parts, planned, coordinator):
    assert planned.sessions
    coordinator.post(f"/sessions/{planned['belem'].id}/move", {"start": "2026-02-16T12:30", "cause": "=1+1"})
    draft = scenes.open_drafts(parts)[0]
    assert ",'=1+1" in coordinator.get(f"/drafts/{draft.id}.csv").text


def test_who_asked_for_coaching_is_not_told_by_what_is_owed(parts, planned, sign_in, coordinator):
    """A request is the coordinator's to match; lead and administrator read neither name nor theme of it."""
    asked_for = replace(planned.owed[0], person_id=id_of("ana.correia"), activity="coaching_conflict", need="asked/1")
    with parts.store.write() as db:
        plans.keep_owed(db, planned.draft_id, [*planned.owed, asked_for])
    marked = "Coaching for conflict and limits"
    assert marked in coordinator.get("/owed.csv").text
    assert marked in sign_in(Role.EMPLOYEE).get("/owed").text
    for role in (Role.LEAD, Role.ADMINISTRATOR):
        visitor = sign_in(role)
        for path in ("/owed", "/owed.csv", "/year", "/", f"/owed?rule={asked_for.rule}"):
            assert marked not in visitor.get(path).text
    assert f"{planned.figures.owed} needs are owed" in text(sign_in(Role.ADMINISTRATOR).get("/owed"))


@pytest.mark.parametrize(
    ("stage", "now"),
    [
        ("Reading the organisation", "First plan"),
        ("First plan", "First plan"),
        ("Finding what is possible at most", "Places for the rest"),
        ("Joining small groups", "Places for the rest"),
        ("Checking", "Checking, reasons"),
    ],
)
def test_the_step_a_run_is_at(parts, planned, coordinator, stage, now):
    assert planned.sessions
    run_id = asked(coordinator)
    with parts.store.write() as db:
        runs.take(db, parts.now())
        runs.beat(db, run_id, parts.now(), {"stage": stage})
    page = coordinator.get(f"/plans/runs/{run_id}/body").text
    assert re.findall(r'aria-current="step">([^<]+)<', page) == [now]
    assert "placed of" not in page
