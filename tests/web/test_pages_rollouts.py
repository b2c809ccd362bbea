"""Rollouts on pages: the power before the draw, the plan after it, by keyboard and without script."""

from html import unescape

import pytest

from devsys.adapters.store.queries import rollouts
from devsys.core.model.access import Role
from tests import builders
from tests.builders import MONDAY, id_of
from tests.improvement import scene
from tests.web.scenes import adopt_shipped

TEAMS = [id_of(f"t{t:02d}") for t in range(scene.TEAMS)]
ASKED = {
    "activity": "hear_fully",
    "measure": "csat",
    "least_gain": "2",
    "teams": TEAMS,
    "first": "2026-02-02",
    "waves": "4",
    "spacing": "4",
    "late": "10",
    "order": "strata",
    "by": "person",
}


@pytest.fixture
def grown(parts, organisation):
    assert organisation.people
    adopt_shipped(parts)
    scene.grow(parts)
    scene.readings(parts, scene.a_past().y[:, :52], MONDAY)
    return parts


def power(visitor, **more):
    return visitor.get("/rollouts/power", query_string=ASKED | more)


@pytest.mark.usefixtures("grown")
def test_the_power_stands_before_the_draw_and_the_draw_is_explained_after_it(sign_in, parts):
    visitor = sign_in(Role.COORDINATOR)
    assert "Nothing is rolled out by lot yet." in visitor.get("/rollouts").text
    assert "Least gain worth having" in visitor.get("/rollouts/new").text
    said = unescape(power(visitor).text)
    assert "80 people in 5 waves" in said
    assert "Found in 4 of 5 cases from" in said
    assert "12 months on" in said
    assert "Draw the lot" in said
    with parts.store.read() as db:
        assert rollouts.every(db) == ()
    answer = visitor.post("/rollouts", data=ASKED)
    assert answer.status_code == 303
    plan = unescape(visitor.get(answer.location).text)
    with parts.store.read() as db:
        (rollout,) = rollouts.every(db)
        places = rollouts.places(db, rollout.id)
    assert rollout.seed in plan
    assert "Late wave, from Mon 22 March 2027: 20 people" in plan
    assert all(p.name in plan for p in places)
    assert "by lot" in unescape(visitor.get("/rollouts").text)
    lines = visitor.get(answer.location + ".csv").text.splitlines()
    assert lines[0].endswith("person,team,wave,late,starts")
    assert len(lines) == 81
    again = visitor.post("/rollouts", data=ASKED)
    assert (again.status_code, "rolled out already" in again.text) == (422, True)
    ended = visitor.post(answer.location + "/end")
    assert "Ended on" in visitor.get(ended.location).text


@pytest.mark.usefixtures("grown")
def test_the_weakest_first_says_that_no_effect_will_be_told(sign_in):
    visitor = sign_in(Role.COORDINATOR)
    said = unescape(power(visitor, order="weakest").text)
    assert "The weakest first tells no effect." in said
    assert "No effect will be told of it." in said
    table = said.split("<table")[1].split("</table>")[0]
    assert table.count("Not told:") == 4
    made = visitor.post("/rollouts", data=ASKED | {"order": "weakest"})
    plan = visitor.get(made.location).text
    assert "lowest first" in plan
    assert "Rita" not in plan  # waves by weakness with names in them would rank people
    assert visitor.get(made.location + ".csv").status_code == 404


@pytest.mark.usefixtures("grown")
@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"least_gain": "x"}, "A number from 0.1 to 100."),
        ({"first": "2026-02-03"}, "A Monday from 2026-01-19 to 2027-01-04"),
        ({"waves": "25"}, "A whole number from 1 to 24."),
        ({"late": "11"}, "Choose one of these."),
        ({"teams": []}, "Choose at least one team."),
        ({"activity": "x\0y"}, "Choose one of these."),
        ({"spacing": "9" * 30}, ""),
    ],
)
def test_a_wrong_field_is_named_and_what_was_typed_stays(sign_in, wrong, said):
    visitor = sign_in(Role.COORDINATOR)
    for answer in (power(visitor, **wrong), visitor.post("/rollouts", data=ASKED | wrong)):
        assert answer.status_code == 422
        assert said in unescape(answer.text)


@pytest.mark.usefixtures("grown")
def test_only_a_coordinator_sees_who_is_in_which_wave(sign_in):
    made = sign_in(Role.COORDINATOR).post("/rollouts", data=ASKED)
    for role in (Role.ADMINISTRATOR, Role.LEAD, Role.COACH, Role.EMPLOYEE, Role.ASSESSOR):
        visitor = sign_in(role)
        for path in ("/rollouts", "/rollouts/new", made.location, made.location + ".csv"):
            assert visitor.get(path).status_code in (403, 404)
    assert sign_in(Role.COORDINATOR).get("/rollouts/gone").status_code == 404


def test_everybody_sees_the_week_they_start_in(parts, organisation, sign_in):
    assert organisation.people
    adopt_shipped(parts)
    home = sign_in(Role.EMPLOYEE)
    assert "drawn by lot" not in home.get("/").text
    made = builders.a_rollout(parts)
    with parts.store.read() as db:
        (own,) = (p for p in rollouts.places(db, made) if p.person_id == id_of("ana.correia"))
    week = f"{own.starts:%a} {own.starts.day} {own.starts:%B}"
    said = f"You start “Hear fully” in the week of {week}, as it was drawn by lot."
    assert said in unescape(home.get("/").text)
    parts.clock.move(weeks=14)
    assert "drawn by lot" not in home.get("/").text
