"""The report of a year: figures of the ledger, words of charts, no team beyond one's own, nobody by name."""

import re
from datetime import date, timedelta

import pytest

from devsys.adapters.store.queries import causes, measures
from devsys.core.improvement.blocks import first_day, last_block
from devsys.core.improvement.readings import Reading
from devsys.core.model.access import Role
from devsys.core.model.causes import Cause, Fix, FixState
from tests.builders import NOW, id_of
from tests.web import scenes

FIRST = first_day(last_block(date(2026, 1, 5)) - 24)


def text(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


@pytest.fixture
def year(parts, organisation):
    """A published plan, two years of one team that improved, a fix that is late."""
    scenes.adopt_shipped(parts)
    scenes.plan_and_publish(parts)
    team = next(t for t in organisation.teams if t.code == "alfama")
    values = ([80] * 4 + [82] * 4) * 7 + [90, 91] * 22
    rows = [
        Reading("csat", team.id, FIRST + timedelta(7 * i), FIRST + timedelta(7 * i + 6), value, 100, 6)
        for i, value in enumerate(values)
    ]
    fix = Fix(
        "fix-1",
        "codes",
        "Reset codes arrive late",
        "The mail takes minutes.",
        Cause.PROCESS,
        id_of("olivia.brandt"),
        date(2025, 12, 20),
        NOW,
        FixState.OPEN,
        team_id=team.id,
    )
    with parts.store.write() as db:
        measures.replace(db, measures.Days((), (), FIRST, FIRST), rows, [])
        causes.keep(db, fix)
    return team


def test_a_year_is_told_from_plan_to_what_is_done(year, sign_in):
    page = sign_in(Role.COORDINATOR).get("/report")
    said = text(page)
    assert "Report of 2026" in said
    assert "planned" in said.split("What the charts say")[0]
    assert f"sustained 1 team {year.name}" in said.split("What the charts say")[1]
    assert "Nothing was rolled out by lot" in said
    assert "Reset codes arrive late overdue since Sat 20 December 2025" in said


@pytest.mark.usefixtures("year")
def test_a_lead_reads_of_the_own_teams_only_and_staff_read_none(sign_in, organisation):
    led = sign_in(Role.LEAD).get("/report")
    assert led.status_code == 200
    others = {team.name for team in organisation.teams} - {"Billing Alfama"}
    assert not {name for name in others if name in text(led).split("What the charts say")[0]}
    assert sign_in(Role.EMPLOYEE).get("/report").status_code == 404


@pytest.mark.usefixtures("organisation")
def test_a_young_house_says_what_is_not_there_yet(sign_in):
    said = text(sign_in(Role.COORDINATOR).get("/report?year=9999"))
    assert "Nothing was planned in 2026." in said
    assert "Nothing is measured yet." in said
    assert "No refresher is asked for and no fix is open." in said
