"""The five principles per cohort and quarter on their page: an unused one is named, others' cohorts are not shown."""

import csv
import io
from datetime import datetime

import pytest

from devsys.actions import run_round
from devsys.adapters.store.queries import accounts
from devsys.core.model.access import Role
from devsys.core.model.programme import Principle
from devsys.core.model.rounds import CardText
from tests import builders
from tests.builders import id_of
from tests.web.scenes import adopt_shipped

ROUND = builders.a_session("round-1", starts=datetime(2026, 1, 20, 14))  # listens, questions, owns, follows up


@pytest.fixture
def planned(parts, organisation):
    assert organisation.people
    adopt_shipped(parts)
    builders.publish_now(parts, ROUND)


def figures(visitor, quarter):
    text = visitor.get(f"/principles.csv?quarter={quarter}").text.removeprefix("\ufeff")
    return {row[0]: [int(n) for n in row[1:]] for row in list(csv.reader(io.StringIO(text)))[1:]}


@pytest.mark.usefixtures("planned")
def test_an_unused_principle_is_named_until_a_case_turns_on_it(parts, sign_in):
    coordinator = sign_in(Role.COORDINATOR)
    page = coordinator.get("/principles?quarter=2026-1").text
    assert "In one cohort a principle is not named at all." in page
    assert "explain clearly" in page
    assert "Delivery Belém and Technical Patan" in page
    assert figures(coordinator, "2026-1")["Billing Alfama"] == [1, 1, 0, 1, 1]
    assert figures(coordinator, "2026-2")["Billing Alfama"] == [0] * 5
    with parts.store.read() as db:
        ana = accounts.viewer_of(db, id_of("ana.correia"))
    text = CardText(situation="I explained it four times.")
    run_round.write_card(parts, ana, ROUND.id, text, principles=(Principle.EXPLAIN,), waived=())
    assert figures(coordinator, "2026-1")["Billing Alfama"] == [1, 1, 0, 1, 1]  # not shared yet
    run_round.share_card(parts, ana, ROUND.id)
    assert figures(coordinator, "2026-1")["Billing Alfama"] == [1, 1, 1, 1, 1]
    assert "explained it four times" not in coordinator.get("/principles?quarter=2026-1").text


@pytest.mark.usefixtures("planned")
def test_who_reaches_a_team_sees_that_team(sign_in):
    assert set(figures(sign_in(Role.LEAD), "2026-1")) == {"Billing Alfama"}
    assert set(figures(sign_in(Role.EMPLOYEE), "2026-1")) == {"Billing Alfama"}
    assert len(figures(sign_in(Role.ADMINISTRATOR), "2026-1")) == 3


@pytest.mark.usefixtures("planned")
@pytest.mark.parametrize("quarter", ["", "2026", "2026-5", "x-1", "99999-1", "1-1"])
def test_a_quarter_that_cannot_be_is_this_one(sign_in, quarter):
    assert "Q1 2026" in sign_in(Role.COORDINATOR).get(f"/principles?quarter={quarter}").text
