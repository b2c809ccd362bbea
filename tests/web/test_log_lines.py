"""What stands in a log: one JSON object a line with the request's id; marked words of people and data nowhere."""

import io
import json
import logging

import pytest

from devsys.base.logs import set_up
from devsys.core.model.access import Role
from tests.web.scenes import plan_and_publish

NEW = {"id": "x", "name": "CANARY Ana Correia"}
MARKS = ("CANARY", "Ana Correia", "ana.correia@")


@pytest.fixture
def said():
    """What is logged in the test, as JSON lines."""
    root, own = logging.getLogger(), logging.getLogger("devsys")
    kept = (root.level, list(root.handlers), own.level)
    out = io.StringIO()
    set_up("INFO", out, "json")
    yield out
    root.setLevel(kept[0])
    root.handlers[:] = kept[1]
    own.setLevel(kept[2])


def test_marked_words_of_people_and_forms_are_in_no_line(app, parts, sign_in, said, monkeypatch):
    plan_and_publish(parts)
    ana = sign_in(Role.EMPLOYEE)
    ana.get("/?CANARY=CANARY")
    ana.post("/lessons", data={"words": "CANARY Ana Correia"})
    ana.post("/sign-in", data={"email": "ana.correia@CANARY", "password": "CANARY"})
    app.config["PROPAGATE_EXCEPTIONS"] = False

    def breaks(db, *_args, **_more):
        from sqlalchemy import text

        db.execute(text("INSERT INTO person (id, name) VALUES (:id, :name)"), NEW)

    monkeypatch.setattr("devsys.faces.web.pages.development.own_data.everything_about", breaks)
    broke = ana.get("/account/data")
    assert broke.status_code == 500
    lines = [json.loads(line) for line in said.getvalue().splitlines()]
    incident = next(line for line in lines if "incident" in line)
    assert incident["incident"] in broke.text
    assert incident["request"] == broke.headers["X-Request-Id"]
    assert "IntegrityError" in incident["trace"]
    assert [mark for mark in MARKS if mark in said.getvalue()] == []


def test_each_request_has_an_id_of_its_own_and_takes_none_from_outside(client):
    first = client.get("/healthz", headers={"X-Request-Id": "mine"}).headers["X-Request-Id"]
    second = client.get("/healthz").headers["X-Request-Id"]
    assert len({first, second, "mine"}) == 3
