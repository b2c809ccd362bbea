"""The ledger: what each team gives to learning, on the page, as CSV and as a workbook, and who sees which team."""

import csv
import io
from dataclasses import replace
from datetime import datetime

import pytest

from devsys.adapters.store.queries import sessions
from devsys.core.model.access import Role
from devsys.core.model.calendar import Status
from tests import builders
from tests.builders import id_of
from tests.web.scenes import adopt_shipped
from tests.web.workbooks import sheets


@pytest.fixture
def quarter(parts, organisation, clock):
    """Three sessions of January: one held with one person absent, one ahead, one given up for the queue."""
    assert organisation.people
    adopt_shipped(parts)
    over = builders.a_session("over", starts=datetime(2026, 1, 12, 14))
    ahead = builders.a_session("ahead", starts=datetime(2026, 1, 26, 14), minutes=90)
    off = builders.a_session(
        "off",
        people=("goncalo.reis", "helena.vaz"),
        team="belem",
        facilitator="tiago.lopes",
        room="tejo",
        starts=datetime(2026, 1, 27, 10),
    )
    builders.publish_now(parts, over, ahead, off, code="1")
    builders.publish_now(
        parts,
        replace(off, status=Status.CANCELLED, cause="for the queue"),
        replace(ahead, places=ahead.places[:-1], cause="for the queue"),
        code="2",
    )
    with parts.store.write() as db:
        sessions.mark_attendance(db, over.id, {id_of("ana.correia"): False}, None, parts.now())
    clock.move(days=14)


def figures(visitor, path="/ledger.csv?year=2026"):
    answer = visitor.get(path)
    assert answer.status_code == 200
    return [tuple(row) for row in csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")))]


EXPECTED = [
    ("team", "quarter", "planned", "held", "cancelled for the queue", "owed", "needs owed"),
    ("Billing Alfama", "Q1 2026", "360", "120", "90", "0", "0"),
    ("Delivery Belém", "Q1 2026", "0", "0", "120", "0", "0"),
]


@pytest.mark.usefixtures("quarter")
def test_the_page_the_file_and_the_workbook_say_the_same(sign_in):
    visitor = sign_in(Role.COORDINATOR)
    found = figures(visitor)
    assert [row[1:] for row in found] == [row[1:] for row in EXPECTED]
    page = visitor.get("/ledger").text
    assert "Development time, Q1 2026" in page
    assert "2 h held, 66.7" in page
    assert "the queue took 4 h back" in page
    for figure in ("360", "120", "90", "210"):
        assert f">{figure}<" in page
    ((name, rows),) = sheets(visitor.get("/ledger.xlsx?year=2026").data)
    assert name == "Ledger 2026, minutes"
    assert [tuple(str(cell) for cell in row) for row in rows] == found
    assert isinstance(rows[1][2], int)


@pytest.mark.usefixtures("quarter")
def test_the_same_figures_are_the_same_bytes(sign_in, clock):
    visitor = sign_in(Role.COORDINATOR)
    before = visitor.get("/ledger.xlsx?year=2026").data
    clock.move(minutes=5)
    assert visitor.get("/ledger.xlsx?year=2026").data == before


@pytest.mark.usefixtures("quarter")
def test_a_lead_and_an_employee_see_their_own_team(sign_in):
    for role in (Role.LEAD, Role.EMPLOYEE):
        assert {row[0] for row in figures(sign_in(role))[1:]} == {figures(sign_in(Role.COORDINATOR))[1][0]}
    page = sign_in(Role.LEAD).get("/ledger").text
    assert "Belém" not in page


@pytest.mark.usefixtures("quarter")
@pytest.mark.parametrize(
    "odd",
    ["year=0", "year=99999", "year=x", "quarter=5", "quarter=all", "year=2026&quarter=9", "year=%00", "year=1999"],
)
def test_an_odd_address_shows_this_quarter_or_year(sign_in, odd):
    assert sign_in(Role.COORDINATOR).get(f"/ledger?{odd}").status_code == 200


@pytest.mark.usefixtures("quarter")
def test_another_quarter_is_empty_in_words(sign_in):
    assert "Nothing was planned in Q3 2026" in sign_in(Role.COORDINATOR).get("/ledger?year=2026&quarter=3").text


def test_before_the_first_plan_the_ledger_says_what_it_will_show(sign_in):
    assert "Nothing is published yet" in sign_in(Role.COORDINATOR).get("/ledger").text
