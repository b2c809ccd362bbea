"""The board: finding first, table beside the chart, CSV, marks; small groups hidden; nothing sorted by value."""

import csv
import io
import re
from dataclasses import replace
from datetime import date, timedelta

import pytest

from devsys.adapters.store.queries import causes, measures
from devsys.core.improvement.blocks import first_day, last_block
from devsys.core.improvement.readings import OwnReading, Reading
from devsys.core.model.access import Role
from devsys.core.model.causes import Cause, Fix, FixState
from tests import builders
from tests.builders import id_of
from tests.web import scenes
from tests.web.scenes import queries_of

LAST = last_block(date(2026, 1, 5))
FIRST = first_day(LAST - 24)  # 25 blocks, the last one over


def weeks_of(key, team, values, people=6):
    return [
        Reading(key, team, FIRST + timedelta(7 * i), FIRST + timedelta(7 * i + 6), value, 100, people)
        for i, value in enumerate(values)
    ]


@pytest.fixture
def teams(organisation):
    """Give Alfama, and a team of another site: one of its own would hide Alfama with it."""
    home = next(team for team in organisation.teams if team.code == "alfama")
    return [home.id, next(team.id for team in organisation.teams if team.site_id != home.site_id)]


@pytest.fixture
def measured(parts, teams):
    """Two years of one team that improved, another with four people, and handle time; one person's own."""
    base = ([80] * 4 + [82] * 4) * 7
    rows = weeks_of("csat", teams[0], base + [90, 91] * 22) + weeks_of("csat", teams[1], base, people=4)
    rows += weeks_of("handle_time", teams[0], [30_000] * 100)
    week = FIRST + timedelta(7 * 99)
    own = [OwnReading("csat", id_of("ana.correia"), teams[0], week, week + timedelta(6), 7, 9)]
    with parts.store.write() as db:
        measures.replace(db, measures.Days((), (), FIRST, FIRST), rows, own)
    return teams


def test_without_readings_the_board_says_what_to_bring(sign_in) -> None:
    page = sign_in(Role.COORDINATOR).get("/improvement/").text
    assert "Nothing is measured yet." in page
    assert "/imports/measures/" in page


@pytest.mark.usefixtures("measured")
def test_the_list_says_what_each_chart_says_by_name(sign_in, organisation) -> None:
    page = sign_in(Role.COORDINATOR).get("/improvement/").text
    assert "sustained" in page
    assert "hidden: fewer than 5 people" in page
    names = re.findall(r'<th scope="row"><a href="/improvement/[^"]+">([^<]+)</a>', page)
    teams = [name for name in names if name not in {site.name for site in organisation.sites}]
    assert teams == sorted(teams)
    assert "Context" in page


def test_a_chart_says_its_finding_and_every_figure(sign_in, measured) -> None:
    lead = sign_in(Role.LEAD)
    page = lead.get(f"/improvement/{measured[0]}/csat").text
    title = re.search(r'<h1 class="verdict">([^<]+)</h1>', page)[1]
    assert "90.5" in title
    assert "better than the 80.9" in title
    assert "holding since" in title
    rule = "12 blocks above the centre since 27 January 2025, 11 of them above the upper limit"
    assert f"Rules that fired: {rule}" in page
    assert page.count('<svg class="spc') == 2
    rows = list(
        csv.DictReader(io.StringIO(lead.get(f"/improvement/{measured[0]}/csat.csv").text.removeprefix("\ufeff")))
    )
    assert len(rows) == 25
    assert (rows[0]["first day"], rows[0]["numerator"], rows[0]["denominator"]) == (FIRST.isoformat(), "320.0", "400.0")
    assert rows[-1]["what it says"] == "Above UCL"
    assert page.count("above the upper limit, for the better") == 11


def test_a_group_below_five_shows_no_figure_on_page_or_in_file(sign_in, measured) -> None:
    olivia = sign_in(Role.COORDINATOR)
    page = olivia.get(f"/improvement/{measured[1]}/csat").text
    assert "hidden: fewer than 5 people" in page
    assert '<svg class="spc' not in page
    assert "%" not in re.search(r'<h1 class="verdict">([^<]+)</h1>', page)[1]
    assert len(olivia.get(f"/improvement/{measured[1]}/csat.csv").text.splitlines()) == 1


def test_context_has_no_word_no_limit_and_no_rule(sign_in, measured) -> None:
    page = sign_in(Role.COORDINATOR).get(f"/improvement/{measured[0]}/handle_time").text
    assert "Context: no limits, no verdict, never a target." in page
    assert 'class="liml' not in page
    assert "5 min 00 s" in page


def test_a_mark_is_drawn_and_moves_limits_only_with_a_reason(sign_in, measured) -> None:
    lead = sign_in(Role.LEAD)
    team = id_of("alfama")
    path = f"/improvement/{team}/csat"
    assert team in measured
    mark = {"day": "2025-01-20", "kind": "fix", "words": "Refund page", "rebase": "1"}
    refused = lead.post(f"{path}/marks", mark)
    assert refused.status_code == 422
    assert "Say why the old limits no longer hold" in refused.text
    learning = lead.post(f"{path}/marks", {**mark, "kind": "session", "reason": "new"})
    assert learning.status_code == 422
    assert "Only at a fix, a condition or a changed definition" in learning.text
    done = lead.post(f"{path}/marks", {**mark, "reason": "These contacts no longer come"})
    assert done.status_code == 303
    page = lead.get(path).text
    assert "Limits begin anew: These contacts no longer come" in page
    drop = re.search(rf'action="({path}/marks/[^"]+/drop)"', page)[1]
    assert lead.post(drop).status_code == 303
    assert "Refund page" not in lead.get(path).text.split("<main", 1)[1].split("banner", 1)[0]
    assert lead.post(drop).status_code == 404


def test_marks_are_for_the_teams_own_lead_and_coordinators(sign_in, measured) -> None:
    mark = {"day": "2025-01-20", "kind": "fix", "words": "Refund page"}
    other = next(team for team in measured if team != id_of("alfama"))
    assert sign_in(Role.LEAD).post(f"/improvement/{other}/csat/marks", mark).status_code == 404
    assert sign_in(Role.EMPLOYEE).post(f"/improvement/{id_of('alfama')}/csat/marks", mark).status_code in (403, 404)
    employee = sign_in(Role.EMPLOYEE).get(f"/improvement/{measured[0]}/csat")
    assert employee.status_code == 200
    assert "Record a mark" not in employee.text


@pytest.mark.usefixtures("measured")
def test_a_person_sees_their_own_readings_and_nobody_elses(sign_in) -> None:
    assert "77.8" in sign_in("ana.correia").get("/improvement/own").text
    for role in (Role.COORDINATOR, Role.LEAD, Role.ADMINISTRATOR):
        assert "Nothing is counted of your own work." in sign_in(role).get("/improvement/own").text


def test_what_does_not_exist_is_not_found(sign_in, measured) -> None:
    olivia = sign_in(Role.COORDINATOR)
    for path in ("/improvement/moon/csat", f"/improvement/{measured[0]}/moon", "/improvement/?measure=moon"):
        assert olivia.get(path).status_code == 404


def test_a_chart_costs_the_same_queries_for_one_week_and_a_hundred(sign_in, parts, measured) -> None:
    olivia = sign_in(Role.COORDINATOR)
    path = f"/improvement/{measured[0]}/csat"
    olivia.get(path)  # the zone most people are in is read once and remembered
    many = queries_of(parts, lambda: olivia.get(path))
    with parts.store.write() as db:
        measures.replace(db, measures.Days(("csat",), (measured[0],), FIRST, FIRST + timedelta(7 * 98)), [], [])
    assert queries_of(parts, lambda: olivia.get(path)) == many


def test_what_the_house_knows_is_marked_and_a_fix_only_for_who_may_know_of_it(sign_in, measured, parts) -> None:
    """The first session of a kind, a fix that is done; nothing of coaching, and nothing of it can be taken away."""
    scenes.adopt_shipped(parts)
    builders.publish_now(parts, builders.a_session())
    done = Fix(
        "fix-1",
        "refund",
        "Refund page says less than it knows",
        "",
        Cause.PROCESS,
        id_of("olivia.brandt"),
        date(2025, 3, 3),
        parts.now(),
        FixState.DONE,
        team_id=measured[0],
        done=date(2025, 3, 10),
    )
    still = replace(done, id="fix-2", key="tool", title="Tool that loses notes", state=FixState.OPEN, done=None)
    with parts.store.write() as db:
        causes.keep(db, done)
        causes.keep(db, still)
    parts.clock.move(days=30)
    path = f"/improvement/{measured[0]}/csat"
    page = sign_in(Role.LEAD).get(path).text
    assert "10 March 2025, fix: Refund page says less than it knows" in page
    assert "the first of case rounds" in page
    assert "Open fixes of this team." in page
    assert "Tool that loses notes" in page
    assert "/drop" not in page
    employee = sign_in(Role.EMPLOYEE).get(path).text
    assert "Refund page" not in employee
    assert "Tool that loses notes" not in employee
    assert "the first of case rounds" in employee
