"""The plan of the year as a list: the same in both files, safe in a sheet, and only what one may see."""

import csv
import io
from dataclasses import replace
from datetime import datetime

import pytest

from devsys.core.model.access import Role
from tests import builders
from tests.web.scenes import adopt_shipped
from tests.web.workbooks import sheets
from tests.web.xlsx_values import as_text


@pytest.fixture
def year(parts, organisation):
    """Two rounds of two teams and a coaching talk; the rooms and people are Northgate's."""
    assert organisation.people
    adopt_shipped(parts)
    one = builders.a_session("one")
    two = builders.a_session(
        "two",
        people=("goncalo.reis", "helena.vaz"),
        team="belem",
        facilitator="tiago.lopes",
        room="tejo",
        starts=datetime(2026, 2, 3, 10, 30),
    )
    talk = builders.a_session(
        "talk",
        activity="coaching_calls",
        people=("bruno.matos",),
        facilitator="nadia.haddad",
        room=None,
        team=None,
        starts=datetime(2026, 1, 21, 10),
    )
    builders.publish_now(parts, one, two, talk, code="1")
    return one, two, talk


def listed(visitor, query=""):
    answer = visitor.get(f"/year/plan.csv{query}")
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))


@pytest.mark.usefixtures("year")
def test_both_files_say_the_same(sign_in):
    visitor = sign_in(Role.COORDINATOR)
    rows = listed(visitor)
    assert [(r["week"], r["day"], r["starts"], r["ends"], r["people"], r["state"]) for r in rows] == [
        ("2026-W04", "2026-01-20", "14:00", "15:00", "3", "published"),
        ("2026-W04", "2026-01-21", "10:00", "11:00", "1", "published"),
        ("2026-W06", "2026-02-03", "10:30", "11:30", "2", "published"),
    ]
    ((_, cells),) = sheets(visitor.get("/year/plan.xlsx").data)
    assert [[as_text(cell, head) for cell, head in zip(row, cells[0], strict=True)] for row in cells[1:]] == [
        list(r.values()) for r in rows
    ]


@pytest.mark.usefixtures("year")
def test_the_same_plan_is_the_same_bytes(sign_in, clock):
    visitor = sign_in(Role.COORDINATOR)
    before = visitor.get("/year/plan.xlsx").data, visitor.get("/year/plan.csv").data
    clock.move(minutes=10)
    assert (visitor.get("/year/plan.xlsx").data, visitor.get("/year/plan.csv").data) == before


@pytest.mark.usefixtures("year")
def test_coaching_is_masked_and_a_lead_sees_the_own_team(sign_in):
    for role in (Role.COORDINATOR, Role.LEAD, Role.ADMINISTRATOR):
        rows = listed(sign_in(role))
        assert {r["session"] for r in rows if r["kind"] == "coaching"} == {"1:1 development"}
    assert len(listed(sign_in(Role.LEAD))) == 2
    assert sign_in(Role.EMPLOYEE).get("/year/plan.csv").status_code == 404
    assert sign_in(Role.EMPLOYEE).get("/year/plan.xlsx").status_code == 404


def test_a_title_that_looks_like_a_formula_is_text(sign_in, parts, organisation):
    assert organisation.people
    adopt_shipped(parts)
    odd = replace(builders.a_session("odd"), activity='=cmd|"/c calc"!A1')
    builders.publish_now(parts, odd, code="1")
    visitor = sign_in(Role.COORDINATOR)
    assert listed(visitor)[0]["session"].startswith("'=")
    ((_, cells),) = sheets(visitor.get("/year/plan.xlsx").data)
    assert cells[1][6] == odd.activity


@pytest.mark.usefixtures("year")
@pytest.mark.parametrize("odd", ["from=x", "from=9999-W99", "team=%00", "draft=none", "from=1800-W01"])
def test_an_odd_address_gives_the_usual_year_or_none(sign_in, odd):
    assert sign_in(Role.COORDINATOR).get(f"/year/plan.csv?{odd}").status_code in (200, 404)
