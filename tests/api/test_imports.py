"""Rows brought by a program: judged as the file they stand for, all of them or none."""

import pytest

from devsys.actions import accounts as change_roles
from devsys.adapters.store.queries import accounts
from devsys.core.model.access import Grant, Role
from devsys.faces.api.v1.imports import KINDS
from tests import builders
from tests.builders import id_of

NEW = {"code": "ines.prata", "name": "Inês Prata", "team": "alfama", "queue": "billing", "pattern": "early"}


@pytest.mark.parametrize("kind", [k for k in KINDS if k != "volumes"])
def test_what_stands_brought_again_changes_nothing(program, kind):
    one = program(Role.COORDINATOR)
    rows = one.get(f"/imports/{kind}").json["rows"]
    if not rows:
        assert kind == "absences"
        return
    told = one.post(f"/imports/{kind}", {"rows": rows})
    assert (told.status_code, told.json["new"], told.json["changed"]) == (200, 0, 0), told.text
    assert told.json["same"] > 0


def test_rows_are_all_taken_or_none(program):
    one = program(Role.ADMINISTRATOR)
    columns = one.get("/imports/people").json["rows"][0]
    row = {name: NEW.get(name, "") for name in columns} | {"email": "ines.prata@northgate.example"}
    bad = row | {"code": "other", "team": "nowhere"}
    refused = one.post("/imports/people", {"rows": [row, bad]})
    assert refused.status_code == 422
    assert "team" in refused.json["faults"][0]["where"]
    assert one.post("/imports/people", {"rows": [row], "dry_run": True}).json["written"] is False
    assert "ines.prata" not in one.get("/imports/people").text
    told = one.post("/imports/people", {"rows": [row]}).json
    assert (told["written"], told["new"]) == (True, 1)
    assert "ines.prata" in one.get("/people?limit=200").text


def test_a_column_that_is_not_there_is_refused(program):
    answer = program(Role.COORDINATOR).post("/imports/people", {"rows": [{"salary": "1"}]})
    assert (answer.status_code, answer.json["faults"][0]["where"]) == (422, "rows.0")


def test_each_kind_needs_its_own_scope(program):
    one = program(Role.COORDINATOR, ("requirement:read",))
    assert one.get("/imports/requirement").status_code == 200
    assert one.get("/imports/people").status_code == 403
    assert program(Role.LEAD).get("/imports/people").status_code == 404


def test_who_is_limited_to_a_team_takes_and_brings_no_whole_organisation(program, parts, sign_in):
    """Rows and files are of everybody: a coordinator of one team has none of them, here or on pages."""
    olivia = id_of(builders.CAST[Role.COORDINATOR])
    one = program(Role.COORDINATOR)
    rows = {"rows": one.get("/imports/people").json["rows"], "dry_run": True}
    assert one.post("/imports/people", rows).status_code == 200
    with parts.store.read() as db:
        boss = accounts.viewer_of(db, id_of(builders.CAST[Role.ADMINISTRATOR]))
    change_roles.take_role(parts, boss, olivia, Grant(Role.COORDINATOR))
    change_roles.give_role(parts, boss, olivia, Grant(Role.COORDINATOR, id_of("alfama")))
    assert one.get("/people").status_code == 200
    assert one.get("/imports/people").status_code == 404
    assert one.post("/imports/people", rows).status_code == 404
    assert one.post("/sources/x/readings", {"rows": [{"a": "1"}]}).status_code == 404
    me = sign_in(Role.COORDINATOR)
    assert me.get("/imports/people/export.csv").status_code == 404
    assert me.post("/imports/people", {"rows": "code"}).status_code == 404
    assert me.post("/imports/people/confirm", {"upload": "x", "revision": "1"}).status_code == 404
