"""Who is seated without what their activity asks for first, wherever in the year it lies."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from devsys.core.model.calendar import Status
from devsys.core.model.people import Held
from devsys.core.planning.gates import gates_left, gates_of
from tests.builders import NOW, a_session, an_organisation, id_of
from tests.programmes.made import GATE, activity

KNOWN = {a.code: a for a in (GATE, activity("hear"), activity("round", prerequisites=()))}
ANA, BRUNO = id_of("ana.correia"), id_of("bruno.matos")
OPENS = a_session("gate", activity="boundaries", starts=datetime(2026, 1, 7, 12), people=("ana.correia",))
BEHIND = a_session("far", activity="hear", starts=datetime(2026, 11, 3, 13), people=("ana.correia", "bruno.matos"))


def left(*calendar, held=(), absent=(), people=(ANA, BRUNO), now=NOW):
    organisation = an_organisation(held=held)
    found = gates_left(calendar, KNOWN, organisation, people=people, absent=absent, now=now)
    return [(v.rule, v.who, v.sessions[0]) for v in found]


def test_gates_are_what_others_ask_for():
    assert gates_of(KNOWN) == {"boundaries"}


def test_a_seat_far_behind_the_gate_needs_it_and_nothing_else_does():
    assert left(OPENS, BEHIND) == [("prerequisite", BRUNO, BEHIND.id)]
    assert left(OPENS, BEHIND, people=(ANA,)) == []
    assert left(a_session("round", activity="round")) == []
    assert left(OPENS) == []


@pytest.mark.parametrize(
    ("gate", "absent"),
    [
        (replace(OPENS, status=Status.CANCELLED), ()),
        (a_session("gate", activity="boundaries", starts=datetime(2026, 11, 3, 12, 30), people=("ana.correia",)), ()),
        (OPENS, ((OPENS.id, ANA),)),
    ],
)
def test_a_gate_that_is_off_too_late_or_missed_is_no_evidence(gate, absent):
    assert left(gate, BEHIND, absent=absent, people=(ANA,)) == [("prerequisite", ANA, BEHIND.id)]


def test_earlier_learning_is_evidence_and_what_is_past_breaks_nothing():
    assert left(BEHIND, held=(Held(BRUNO, "boundaries", date(2025, 3, 3)),), people=(BRUNO,)) == []
    assert left(BEHIND, now=datetime(2026, 12, 1, tzinfo=UTC)) == []
    assert left(replace(BEHIND, status=Status.CANCELLED)) == []
    assert left(BEHIND, now=BEHIND.starts_utc - timedelta(minutes=1), people=(ANA,)) != []
