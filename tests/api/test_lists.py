"""Lists come in pages, each behind the one before, whatever comes and goes meanwhile; runs are stopped."""

from datetime import date, timedelta

import pytest

from devsys.actions import draw_plan
from devsys.adapters.store.queries import plans, runs
from devsys.core.model.access import Role
from devsys.core.model.calendar import Horizon
from tests import builders
from tests.builders import id_of


def every(one, path, limit):
    """Give all rows of a list, page by page, and how long each page was."""
    rows, lengths, cursor = [], [], ""
    while True:
        page = one.get(f"{path}?limit={limit}&cursor={cursor}").json
        rows, lengths, cursor = rows + page["items"], [*lengths, len(page["items"])], page["next"]
        if not cursor:
            return rows, lengths


@pytest.fixture
def many(parts, organisation, clock):
    """Give seven runs and seven drafts, some of the same moment, and five versions."""
    assert organisation.people
    for i in range(5):
        builders.publish_now(parts, builders.a_session(f"round-{i}"), code=f"v{i}")
    for i in range(7):
        clock.move(minutes=i % 3)
        with parts.store.write() as db:
            runs.ask(db, "draw plan", period=f"asked-{i}", now=parts.now())
            plans.new_draft(
                db, id_of(f"d{i}"), horizon=Horizon(date(2026, 1, 5), 4), by_id=None, cause="", now=parts.now()
            )
    return parts


@pytest.mark.usefixtures("many")
def test_every_row_comes_once_and_in_order(program):
    one = program(Role.COORDINATOR)
    for name in ("Phone", "Tablet", "Laptop"):
        assert one.post("/feeds", {"name": name}).status_code == 201
    for path, key in (("/runs", "id"), ("/drafts", "id"), ("/versions", "number"), ("/feeds", "id")):
        whole, lengths = every(one, path, 200)
        assert len(lengths) == 1
        for limit in (1, 2, 3):
            rows, lengths = every(one, path, limit)
            assert [row[key] for row in rows] == [row[key] for row in whole]
            assert set(lengths[:-1]) <= {limit}
    assert [v["number"] for v in every(one, "/versions", 2)[0]] == [5, 4, 3, 2, 1]
    newest = [run["created"] for run in every(one, "/runs", 2)[0]]
    assert newest == sorted(newest, reverse=True)
    assert len(set(newest)) < len(newest)  # some are of one moment


def test_what_comes_meanwhile_moves_no_row_to_the_next_page(program, many):
    one = program(Role.COORDINATOR)
    whole = [run["id"] for run in one.get("/runs").json["items"]]
    first = one.get("/runs?limit=3").json
    with many.store.write() as db:
        runs.ask(db, "draw plan", period="asked-later", now=many.now() + timedelta(minutes=1))
    rest = one.get(f"/runs?limit=200&cursor={first['next']}").json
    assert [run["id"] for run in first["items"] + rest["items"]] == whole


@pytest.mark.usefixtures("many")
def test_a_cursor_of_another_list_is_refused(program):
    one = program(Role.COORDINATOR)
    cursor = one.get("/runs?limit=1").json["next"]
    for path in ("/drafts", "/versions", "/feeds", "/people"):
        assert one.get(f"{path}?cursor={cursor}").status_code == 422


def test_a_run_is_stopped_once(program, parts):
    one = program(Role.COORDINATOR)
    run = one.post("/drafts", {"weeks": 12}).json
    stopped = one.post(f"/runs/{run['id']}/stop", None)
    assert (stopped.status_code, stopped.json["stop"], stopped.json["state"]) == (200, True, "skipped")
    again = one.post(f"/runs/{run['id']}/stop", None)
    assert (again.status_code, again.json["type"]) == (409, "urn:devsys:problem:changed")
    running = draw_plan.ask(parts, id_of(builders.CAST[Role.COORDINATOR]), draw_plan.Wish(weeks=12))
    with parts.store.write() as db:
        assert runs.take(db, parts.now()).id == running
    asked = one.post(f"/runs/{running}/stop", None).json
    assert (asked["stop"], asked["state"], asked["finished"]) == (True, "running", None)
    with parts.store.read() as db:
        assert runs.should_stop(db, running)


def test_who_only_reads_runs_stops_none(program):
    run = program(Role.COORDINATOR).post("/drafts", {"weeks": 12}).json
    path = f"/runs/{run['id']}/stop"
    reads = program(Role.COORDINATOR, ("plans:read",))
    assert (reads.get("/runs").status_code, reads.post(path, None).status_code) == (200, 403)
    seer = program(Role.ADMINISTRATOR)
    assert (seer.get("/runs").status_code, seer.post(path, None).status_code) == (200, 404)
    assert program(Role.COORDINATOR).get(f"/runs/{run['id']}").json["stop"] is False
