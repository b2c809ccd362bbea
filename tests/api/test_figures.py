"""Figures of groups as programs read them: the pages' own, none of fewer than five, none of one person."""

from datetime import date, timedelta
from math import isclose

import pytest

from devsys.actions import review_improvement
from devsys.adapters.store.queries import measures, people, rollouts
from devsys.core.improvement.blocks import first_day, last_block
from devsys.core.improvement.cells import FEW_PEOPLE, WITH_OTHERS
from devsys.core.improvement.readings import Reading
from devsys.core.improvement.rollout import Order
from devsys.core.model.access import Role
from devsys.core.model.people import Team
from tests import builders
from tests.builders import id_of
from tests.improvement import scene
from tests.web.scenes import adopt_shipped

LAST = last_block(date(2026, 1, 5))
FIRST = first_day(LAST - 24)
SIZES = {"alfama": 6, "belem": 4, "chiado": 5, "patan": 3}  # three of one site, one of another
EVERYBODY = tuple(Role)


@pytest.fixture
def measured(parts, organisation):
    """Two years of four teams of different sizes; what each counts tells whose it is."""
    lisbon = next(t.site_id for t in organisation.teams if t.code == "alfama")
    rows = [
        Reading(
            "csat", id_of(team), FIRST + timedelta(7 * i), FIRST + timedelta(7 * i + 6), 10 * size + i % 3, 100, size
        )
        for team, size in SIZES.items()
        for i in range(100)
    ]
    with parts.store.write() as db:
        team = Team(id_of("chiado"), "chiado", "Billing Chiado", lisbon)
        people.write_organisation(db, people.only(teams=(team,)), today=parts.now().date())
        measures.replace(db, measures.Days((), (), FIRST, FIRST), rows, [])
    return lisbon


def chart(one, unit):
    return one.get(f"/measures/csat/units/{unit}").json


def test_a_chart_says_what_the_page_says(program, sign_in, measured):
    assert measured
    one = program(Role.COORDINATOR)
    found = one.get("/measures").json["items"]
    assert [(m["key"], m["better"], m["unit"]) for m in found] == [("csat", "up", "%")]
    whole = chart(one, measured)
    assert (whole["kind"], whole["hidden"], len(whole["points"]), whole["gaps"]) == ("site", "", 25, [])
    lines = sign_in(Role.COORDINATOR).get(f"/improvement/{measured}/csat.csv").text.splitlines()[1:]
    assert [line.split(",")[2:4] for line in lines] == [
        [str(p["numerator"]), str(p["denominator"])] for p in whole["points"]
    ]
    assert {p["people"] for p in whole["points"]} == {15}
    assert whole["limits"][0]["lower"] < whole["limits"][0]["centre"] < whole["limits"][0]["upper"]
    assert whole["word"] == "no shift"
    (line,) = [u for u in one.get("/measures/csat/units").json["items"] if u["id"] == measured]
    assert line == {name: whole[name] for name in line}


def test_none_of_fewer_than_five_and_none_that_gives_them_away(program, measured):
    """Of the site's 15 the 4 are hidden, and with them the 5: 15 less 6 and 5 would be the 4."""
    for role in EVERYBODY:
        one = program(role)
        hidden = {team: chart(one, id_of(team))["hidden"] for team in SIZES}
        assert hidden == {"alfama": "", "belem": FEW_PEOPLE, "chiado": WITH_OTHERS, "patan": FEW_PEOPLE}
        for team, why in hidden.items():
            found = chart(one, id_of(team))
            assert bool(found["points"]) == (not why)
            assert (found["before"] is None, found["recent"] is None) == (bool(why), bool(why))
        site, open_ = chart(one, measured)["points"], chart(one, id_of("alfama"))["points"]
        rests = {(s["people"] - p["people"], s["numerator"] - p["numerator"]) for s, p in zip(site, open_, strict=True)}
        assert {left for left, _ in rests} == {9}  # all that can be worked out is of nine
        assert all(p["people"] >= 5 for p in site + open_)


def test_units_come_in_pages(program, measured):
    assert measured
    one = program(Role.EMPLOYEE)
    whole = [u["id"] for u in one.get("/measures/csat/units").json["items"]]
    assert whole == sorted(whole)
    assert len(whole) == len(SIZES) + 1
    found, cursor = [], ""
    while True:
        page = one.get(f"/measures/csat/units?limit=2&cursor={cursor}").json
        found, cursor = found + [u["id"] for u in page["items"]], page["next"]
        if not cursor:
            break
    assert found == whole


def test_what_is_not_measured_is_not_there(program, measured):
    one = program(Role.COORDINATOR)
    for path in ("/measures/fcr/units", f"/measures/fcr/units/{measured}", "/measures/csat/units/nobody"):
        assert one.get(path).status_code == 404
    assert one.get(f"/measures/csat/units/{id_of('ana.correia')}").status_code == 404  # a person is no unit


def test_without_readings_there_is_no_measure(program):
    one = program(Role.COORDINATOR)
    assert one.get("/measures").json == {"items": []}
    assert one.get("/measures/csat/units").status_code == 404


def test_readings_and_figures_need_their_own_scope(program):
    assert program(Role.COORDINATOR, ("people:read",)).get("/measures").status_code == 403
    assert program(Role.EMPLOYEE, ("measures:read",)).get("/effects").status_code == 200


@pytest.fixture
def grown(parts, organisation):
    assert organisation.people
    adopt_shipped(parts)
    scene.grow(parts)
    return parts


def test_an_effect_is_told_with_its_figures_and_nobodys_name(program, grown):
    made, _ = scene.roll_out(grown, gain=14.0, half_life=6.0)
    assert program(Role.LEAD).get(f"/effects/{made}").json["looked"] is None
    review_improvement.carry_out(grown)
    said = {role: program(role).get(f"/effects/{made}") for role in EVERYBODY if role is not Role.ASSESSOR}
    assert len({answer.text for answer in said.values()}) == 1
    found = said[Role.EMPLOYEE].json
    assert [w["key"] for w in found["windows"]] == ["quarter", "3", "6", "12"]
    first = found["windows"][0]
    assert first["low"] < first["gain"] < first["high"]
    assert min(w["treated"] for w in found["windows"] if not w["why"]) >= 5
    assert all((w["gain"] is None) == bool(w["why"]) for w in found["windows"])
    assert not any(name in said[Role.EMPLOYEE].text for name in (*scene.NAMES, "Rita"))
    (line,) = program(Role.LEAD).get("/effects").json["items"]
    assert line == {name: found[name] for name in line}
    assert isclose(found["least_gain"], 2.0)


def test_of_a_draw_without_a_lot_only_why_is_told(program, grown):
    made, _ = scene.roll_out(grown, order=Order.WEAKEST)
    review_improvement.carry_out(grown)
    found = program(Role.COORDINATOR).get(f"/effects/{made}").json
    assert found["draw"] == "weakest"
    assert {(w["gain"], w["treated"], bool(w["why"])) for w in found["windows"]} == {(None, None, True)}


def test_a_kept_figure_of_four_is_not_let_out(program, grown):
    made, _ = scene.roll_out(grown, gain=14.0, half_life=6.0)
    review_improvement.carry_out(grown)
    treated = program(Role.LEAD).get(f"/effects/{made}").json["windows"][0]["treated"]
    with grown.store.write() as db:
        at, text = rollouts.effects(db)[made]
        rollouts.keep_effect(db, made, text.replace(f'"treated": {treated}', '"treated": 4'), at)
    window = program(Role.LEAD).get(f"/effects/{made}").json["windows"][0]
    assert (window["gain"], window["treated"], window["why"]) == (None, None, FEW_PEOPLE)


def test_effects_come_in_pages_newest_first(program, grown, clock):
    made = []
    adopt_shipped(grown)
    for activity in ("hear_fully", "explain_clearly"):
        clock.move(hours=1)
        made.append(builders.a_rollout(grown, activity))
    one = program(Role.LEAD)
    first = one.get("/effects?limit=1").json
    rest = one.get(f"/effects?limit=1&cursor={first['next']}").json
    whole = one.get("/effects").json["items"]
    assert first["items"] + rest["items"] == whole
    assert {e["id"] for e in whole} == set(made)
    assert rest["next"] == ""
