"""The worker's own table over a real organisation: drawing, rolling on, ageing, tidying."""

from datetime import timedelta
from typing import Any

import pytest

from devsys.actions import draw_plan, publish_plan, roll_horizon
from devsys.actions.adopt_programme import adopt_shipped
from devsys.actions.parts import Parts
from devsys.adapters.store.queries import accounts, audit, plans, runs, sessions, uploads
from devsys.adapters.store.queries.runs import Run
from devsys.faces.jobs.due import AGE, ROLL, TIDY
from devsys.faces.jobs.worker import Worker
from tests import builders
from tests.conftest import Frozen


@pytest.fixture
def ready(parts: Parts, organisation: Any) -> Parts:
    adopt_shipped(parts, ("case_rounds",))
    assert organisation.people
    return parts


def _done(parts: Parts, job: str, args: str = "{}") -> Run:
    with parts.store.write() as db:
        run_id = runs.ask(db, job, period=f"asked-{parts.now().isoformat()}", args=args, now=parts.now())
    worker = Worker(parts)
    found = None
    for _ in range(40):  # clock work that is due at the same instant may come first
        worker.tick()
        worker.wait()
        with parts.store.read() as db:
            found = runs.get(db, run_id)
        if found.over:
            break
    worker.lay_down()
    assert found is not None
    return found


def test_a_plan_asked_for_becomes_a_draft_with_its_figures(ready: Parts) -> None:
    wish = draw_plan.Wish(weeks=4, cause="first plan")
    found = _done(ready, draw_plan.JOB, wish.as_text())
    assert (found.state, found.error) == ("done", "")
    with ready.store.read() as db:
        draft = plans.draft(db, str(found.result["draft_id"]))
        drawn = sessions.changed_in(db, draft.id)
    assert (draft.state, draft.cause, draft.horizon.weeks) == ("open", "first plan", 4)
    assert draft.figures.placed + draft.figures.owed == draft.figures.needs > 0
    assert len(drawn) == draft.figures.sessions == found.result["new"] > 0


def test_a_plan_that_cannot_be_is_failed_in_words(parts: Parts) -> None:
    found = _done(parts, draw_plan.JOB, draw_plan.Wish(weeks=4).as_text())
    assert found.state == "failed"
    assert "nobody to plan for" in found.error


def test_the_horizon_does_not_roll_before_there_is_a_plan(ready: Parts) -> None:
    found = _done(ready, ROLL)
    assert (found.state, "No plan is published yet" in found.error) == ("skipped", True)


def test_the_horizon_rolls_on_and_moves_nothing(ready: Parts, clock: Frozen) -> None:
    drawn = draw_plan.carry_out(ready, draw_plan.Wish(weeks=6, cause="first plan"))
    publish_plan.publish(ready, drawn.draft_id, by_id=None)
    with ready.store.read() as db:
        before = {s.id: s for s in sessions.published(db)}
    clock.move(weeks=2)  # rounds return every two weeks
    found = _done(ready, ROLL)
    assert (found.state, found.error) == ("done", "")
    with ready.store.read() as db:
        draft = plans.draft(db, str(found.result["draft_id"]))
        changed = sessions.changed_in(db, draft.id)
    assert (draft.cause, draft.horizon.weeks) == (roll_horizon.CAUSE, 6)
    assert draft.horizon.start == builders.MONDAY + timedelta(weeks=2)
    assert [s.id for s in changed if s.id in before] == []
    assert changed
    assert min(s.starts.date() for s in changed) >= builders.MONDAY + timedelta(weeks=2)
    clock.move(weeks=1)
    again = _done(ready, ROLL)
    assert (again.state, "still waits" in again.error) == ("skipped", True)
    with ready.store.read() as db:
        assert [d.id for d in plans.open_drafts(db)] == [draft.id]


def test_ageing_says_how_many_feeds_it_revised(ready: Parts) -> None:
    found = _done(ready, AGE)
    assert (found.state, found.result) == ("done", {"feeds": 0})


def test_tidying_takes_what_is_over_its_time_and_nothing_else(ready: Parts, clock: Frozen) -> None:
    ana = builders.id_of("ana.correia")

    def leave(name: str) -> None:
        with ready.store.write() as db:
            accounts.open_sign_in(db, id_hash=name * 8, person_id=ana, now=ready.now(), hours=24)
            accounts.add_attempts(db, [name], ready.now())
            uploads.keep(db, name, by_id=ana, kind="rooms", name="rooms.csv", text="code\n", now=ready.now())
            audit.record(db, at=ready.now(), by_id=ana, act="import rooms", what=name)
            runs.skip(db, "asked", period=f"asked-{name}", why="an old one", now=ready.now())

    leave("early")
    clock.move(days=800)
    leave("later")
    clock.move(hours=1)
    found = _done(ready, TIDY)
    gone = {name: number for name, number in found.result.items() if number}
    # A new sign-in and a new wrong password take the old ones with them.
    assert gone == {"upload": 1, "audit": 2, "job_run": 1}
    with ready.store.read() as db:
        assert uploads.get(db, "early", by_id=ana) is None
        assert uploads.get(db, "later", by_id=ana) is not None
        assert [act.what for act in audit.acts(db, by_id=ana)] == ["later"]
        assert accounts.sign_in(db, "later" * 8, ready.now()) is not None


def test_a_years_plan_through_the_worker_can_be_stopped_and_kept(ready: Parts) -> None:
    with ready.store.write() as db:
        wish = draw_plan.Wish(weeks=8).as_text()
        run_id = runs.ask(db, draw_plan.JOB, period="asked-stop", args=wish, now=ready.now())
        runs.ask(db, "nothing", period="asked-other", now=ready.now() + timedelta(seconds=1))
    worker = Worker(ready)
    worker.tick()
    with ready.store.write() as db:
        runs.ask_to_stop(db, run_id, ready.now())
    worker.tick()
    worker.wait()
    worker.tick()
    worker.lay_down()
    with ready.store.read() as db:
        found = runs.get(db, run_id)
        assert found.state == "done"
        assert plans.draft(db, str(found.result["draft_id"])).figures.needs > 0
