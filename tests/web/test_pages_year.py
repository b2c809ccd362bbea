"""The year: its sentence, strip, twin and file; what is owed and what no longer holds; how far a lead sees."""

import csv
import io
import re
from dataclasses import replace
from datetime import datetime

import pytest

from devsys.adapters.store.queries import people, sessions
from devsys.core.model.access import Role
from devsys.core.model.people import Absence, Requirement
from tests.builders import a_session, id_of, publish_now
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


def rows(answer):
    return list(csv.reader(io.StringIO(answer.text.lstrip("\ufeff"))))


def change(parts, **things):
    """Write changed things of the organisation."""
    with parts.store.write() as db:
        people.write_organisation(db, replace(people.EMPTY, **things), today=parts.now().date())


def test_before_the_first_plan_it_says_why_it_is_empty(organisation, coordinator):
    assert organisation.people
    page = coordinator.get("/year")
    assert "Nothing is planned yet, so there is no year to show." in page.text
    assert 'href="/plans/draw"' in page.text


def test_a_sentence_and_three_figures(planned, coordinator):
    page = text(coordinator.get("/year"))
    assert "The year 2026" in page
    assert "20 people in three teams, nothing taken that the queue needs." in page
    assert f"of {planned.figures.needs} needs on time" in page
    assert f"{planned.figures.owed} owed, each with a reason" in page


def test_the_strip_has_a_row_for_each_kind_and_a_way_into_each_week(planned, coordinator):
    assert planned.sessions
    page = coordinator.get("/year").text
    assert page.count('class="y-row a-') == 7
    weeks = re.findall(r'href="/week\?week=(2026-W\d\d)"', page)
    assert (weeks[0], weeks[-1], len(weeks)) == ("2026-W01", "2026-W53", 53)


def test_the_figures_are_the_sessions_own(planned, coordinator):
    """Hours are people times length: rounds of three people, a skill session of four, two hours of boundaries."""
    lines = rows(coordinator.get("/year.csv"))
    week_5 = dict(zip(lines[0], next(line for line in lines if line[0].startswith("5,")), strict=True))
    assert (week_5["Case rounds"], week_5["State"]) == ("3", "published")
    week_2 = dict(zip(lines[0], next(line for line in lines if line[0].startswith("2,")), strict=True))
    assert (week_2["Boundaries"], week_2["Case rounds"], week_2["State"]) == ("8", "3", "frozen")
    total = sum(int(line[lines[0].index("Off the queue")]) for line in lines[1:])
    assert total == round(sum(s.minutes * len(s.places) for s in planned.sessions) / 60)


def test_the_table_twin_holds_the_figures_of_the_file(planned, coordinator):
    assert planned.sessions
    page = coordinator.get("/year?view=table").text
    table = page[page.index('id="figures"') :]
    shown = re.findall(r'<th scope="row">(\d+, from [^<]+)</th><td>(\w+)</td>((?:<td class="n">[\d,]+</td>)+)', table)
    twin = [[head, state, *re.findall(r">(\d+)<", cells.replace(",", ""))] for head, state, cells in shown]
    assert twin == rows(coordinator.get("/year.csv"))[1:]


def test_one_team_alone(planned, coordinator):
    lines = rows(coordinator.get(f"/year.csv?team={id_of('patan')}"))
    total = sum(int(line[lines[0].index("Off the queue")]) for line in lines[1:])
    assert total == 3
    assert "Six people in Technical Patan" in text(coordinator.get(f"/year?team={id_of('patan')}"))
    assert planned.sessions


def test_a_draft_is_shown_beside_what_is_published(parts, planned, coordinator):
    session = planned["belem"]
    coordinator.post(f"/sessions/{session.id}/leave-out", {"cause": "for the queue"})
    draft = scenes.open_drafts(parts)[0]
    column = rows(coordinator.get("/year.csv"))[0].index("Case rounds")

    def hours(path):
        return sum(int(line[column]) for line in rows(coordinator.get(path))[1:])

    assert hours(f"/year.csv?draft={draft.id}") == hours("/year.csv") - 3
    assert "nobody is told before it is published" in text(coordinator.get(f"/year?draft={draft.id}"))
    assert coordinator.get("/year?draft=nothing").status_code == 404


def test_a_requirement_raised_later_is_said_at_once(parts, planned, coordinator):
    """With six required at 11:00 the round of three leaves Delivery short."""
    profile = tuple(tuple(5 if half == 22 else 0 for half in range(48)) for _ in range(7))
    change(parts, requirements=(Requirement(id_of("delivery"), profile),))
    page = text(coordinator.get("/year"))
    assert "too few are left on the queue in one half hour, first Delivery, Mon 16 February" in page
    assert "Delivery is three short, Mon 16 February" in page
    assert planned.sessions


def test_somebody_away_later_is_said_at_once(parts, planned, coordinator):
    at = datetime(2026, 1, 27)
    gone = [Absence(id_of(who), at, at.replace(day=28)) for who in ("tiago.lopes", "elif.kaya")]
    change(parts, absences=tuple(gone))
    page = text(coordinator.get("/year"))
    assert "1 session cannot stand since Tiago Lopes is away" in page
    assert "1 session cannot stand since one of their people is away" in page
    assert planned.sessions


def test_what_is_owed_stands_by_rule_and_team(planned, coordinator):
    assert f"All {planned.figures.owed} with their rule" in text(coordinator.get("/year"))


def test_a_lead_sees_the_own_team_alone(planned, sign_in):
    lead = sign_in(Role.LEAD)
    lines = rows(lead.get("/year.csv"))
    total = sum(int(line[lines[0].index("Off the queue")]) for line in lines[1:])
    mine = ("ana.correia", "bruno.matos", "catarina.leal", "diogo.faria", "elif.kaya", "filipa.sousa")
    ids = {id_of(code) for code in mine}
    assert total == sum(s.minutes * len(s.people & ids) for s in planned.sessions) // 60
    assert rows(lead.get(f"/year.csv?team={id_of('patan')}")) == lines
    page = text(lead.get("/year"))
    assert "needs on time" not in page
    assert "Draw a plan" not in page


def test_staff_have_no_such_page(planned, sign_in):
    assert planned.sessions
    assert sign_in(Role.EMPLOYEE).get("/year").status_code == 404
    assert sign_in(Role.FACILITATOR).get("/year.csv").status_code == 404


@pytest.mark.parametrize(
    "query", ["from=2026-W14", "from=2026-W53", "from=2026-W99", "from=9999-W01", "from=x", "team=x", "view=x"]
)
def test_odd_addresses_give_a_year(planned, coordinator, query):
    assert planned.sessions
    assert coordinator.get(f"/year?{query}").status_code == 200


def test_as_many_queries_for_three_sessions_as_for_one(parts, organisation, coordinator):
    assert organisation.people
    scenes.adopt_shipped(parts)
    publish_now(parts, a_session("one"), code="one")
    coordinator.get("/year")
    once = scenes.queries_of(parts, lambda: coordinator.get("/year"))
    scenes.add_published(parts, *(a_session(f"more-{i}", starts=datetime(2026, 2, 3 + i, 11)) for i in range(2)))
    coordinator.get("/year")  # what the sessions take is worked out once a version
    assert scenes.queries_of(parts, lambda: coordinator.get("/year")) == once
    assert once < 40


def test_the_ledger_says_what_was_held_and_who_was_not_there(parts, planned, sign_in, clock):
    """Of eleven hours until mid January (eight of boundaries, three of the round) one person missed two."""
    with parts.store.write() as db:
        sessions.mark_attendance(db, planned["boundaries"].id, {id_of("ana.correia"): False}, None, parts.now())
    clock.move(weeks=2)
    page = text(sign_in(Role.COORDINATOR).get("/year"))
    assert "Held so far: 81.8 % of what was planned until yesterday." in page
