"""Absences, closed rooms and emergencies as they become known: who may say so, what is kept, how it ends."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from devsys.actions import record_absence
from devsys.adapters.store.queries import accounts, audit, people
from devsys.adapters.store.queries import away as away_queries
from devsys.base.errors import InvalidError, NotFoundError
from devsys.core.model.access import Grant, Role, Viewer
from devsys.core.model.calendar import Horizon
from devsys.core.model.capacity import coverage_of
from devsys.core.model.hours import hours_of
from devsys.core.model.people import Absence, Closure, Emergency
from tests.builders import MONDAY, id_of

DAY = timedelta(days=1)
START = datetime(2026, 1, 5, 9)  # the frozen clock, in Lisbon


def viewer_of(parts, code):
    with parts.store.read() as db:
        return accounts.viewer_of(db, id_of(code))


@pytest.fixture
def coordinator(parts, organisation):
    assert organisation.people
    return viewer_of(parts, "olivia.brandt")


@pytest.fixture
def lead(parts, organisation):
    assert organisation.people
    return viewer_of(parts, "marta.nogueira")  # of Billing Alfama


def standing(parts):
    with parts.store.read() as db:
        return people.organisation(db)


def away(code="ana.correia", start=START, end=START + DAY):
    return Absence(id_of(code), start, end)


def test_an_absence_is_kept_as_those_that_are_imported(parts, coordinator):
    before = standing(parts)
    assert record_absence.record(parts, coordinator, away())
    after = standing(parts)
    assert after.absences == (away(),)
    assert after.revision == before.revision + 1
    horizon = Horizon(MONDAY, 1)
    lost = hours_of(before, horizon)[id_of("ana.correia")] != hours_of(after, horizon)[id_of("ana.correia")]
    assert lost


def test_without_an_end_it_goes_on_until_somebody_is_back(parts, coordinator):
    record_absence.record(parts, coordinator, away(end=None))
    horizon = Horizon(MONDAY, 26)
    assert not [a for a, _ in hours_of(standing(parts), horizon)[id_of("ana.correia")] if a > 48]
    with parts.store.read() as db:
        still = away_queries.without_end(db, MONDAY)
    assert [(s.name, s.start) for s in still] == [("Ana Correia", START)]
    assert record_absence.record_back(parts, coordinator, id_of("ana.correia"), START + 2 * DAY)
    assert standing(parts).absences == (away(end=START + 2 * DAY),)
    assert not record_absence.record_back(parts, coordinator, id_of("ana.correia"), START + 2 * DAY)


def test_said_twice_is_said_once(parts, coordinator):
    assert record_absence.record(parts, coordinator, away())
    revision = standing(parts).revision
    assert not record_absence.record(parts, coordinator, away())
    assert standing(parts).revision == revision


def test_what_was_written_by_mistake_is_taken_back(parts, coordinator):
    record_absence.record(parts, coordinator, away())
    assert record_absence.take_back(parts, coordinator, id_of("ana.correia"), START)
    assert standing(parts).absences == ()
    assert not record_absence.take_back(parts, coordinator, id_of("ana.correia"), START)


def test_a_lead_says_it_of_the_own_team_alone(parts, lead):
    assert record_absence.record(parts, lead, away())
    with pytest.raises(NotFoundError):
        record_absence.record(parts, lead, away("helena.vaz"))
    with pytest.raises(NotFoundError):
        record_absence.record(parts, lead, away("olivia.brandt"))
    assert standing(parts).absences == (away(),)


@pytest.mark.parametrize("code", ["ana.correia", "tiago.lopes", "rui.carvalho", "vera.antunes"])
def test_nobody_else_says_it_not_even_of_themselves_here(parts, organisation, code):
    assert organisation.people
    with pytest.raises(NotFoundError):
        record_absence.record(parts, viewer_of(parts, code), away(code))


def test_an_end_before_the_beginning_is_refused(parts, coordinator):
    with pytest.raises(InvalidError, match="ends before it begins"):
        record_absence.record(parts, coordinator, away(end=START))
    assert standing(parts).absences == ()


def test_the_log_names_the_act_and_no_reason(parts, coordinator):
    record_absence.record(parts, coordinator, away())
    record_absence.record_back(parts, coordinator, id_of("ana.correia"), START + timedelta(hours=4))
    with parts.store.read() as db:
        acts = audit.acts(db, by_id=coordinator.person_id)
    assert sorted((a.act, a.what) for a in acts) == [
        ("record absence", f"person {id_of('ana.correia')}"),
        ("record return", f"person {id_of('ana.correia')}"),
    ]


def test_a_room_is_closed_and_opened_again(parts, coordinator, lead):
    closure = Closure(id_of("mewa"), START, None)
    assert record_absence.close_room(parts, coordinator, closure)
    assert standing(parts).closures == (closure,)
    assert not record_absence.close_room(parts, coordinator, closure)
    assert record_absence.open_room(parts, coordinator, id_of("mewa"), START + DAY)
    assert standing(parts).closures == (replace(closure, end=START + DAY),)
    for who, room in ((lead, "mewa"), (coordinator, "no such room")):
        with pytest.raises(NotFoundError):
            record_absence.close_room(parts, who, Closure(id_of(room), START, None))


def test_an_emergency_raises_the_requirement_and_ends(parts, coordinator, lead):
    call = Emergency(id_of("billing"), START + timedelta(hours=1), START + timedelta(hours=3), 2)
    horizon = Horizon(MONDAY, 1)
    usual = coverage_of(standing(parts), horizon)[id_of("billing")].required
    record_absence.call_emergency(parts, coordinator, call)
    raised = coverage_of(standing(parts), horizon)[id_of("billing")].required
    assert list((raised - usual)[18:26]) == [0, 0, 2, 2, 2, 2, 0, 0]
    parts.clock.move(hours=2)
    assert record_absence.end_emergency(parts, coordinator, id_of("billing"))
    assert standing(parts).emergencies == (replace(call, end=START + timedelta(hours=2)),)
    assert not record_absence.end_emergency(parts, coordinator, id_of("billing"))
    with pytest.raises(NotFoundError):
        record_absence.call_emergency(parts, lead, call)


def test_of_emergencies_that_overlap_the_larger_holds(parts, coordinator):
    for first, agents in ((10, 1), (11, 3)):
        start = datetime(2026, 1, 5, first)
        record_absence.call_emergency(
            parts, coordinator, Emergency(id_of("billing"), start, start + timedelta(hours=2), agents)
        )
    horizon = Horizon(MONDAY, 1)
    found = standing(parts)
    required = coverage_of(found, horizon)[id_of("billing")].required
    usual = coverage_of(replace(found, emergencies=()), horizon)[id_of("billing")].required
    assert list((required - usual)[20:27]) == [1, 1, 3, 3, 3, 3, 0]


@pytest.mark.parametrize(("days", "agents", "says"), [(8, 1, "until"), (1, 0, "agents"), (1, 1_001, "agents")])
def test_an_emergency_that_cannot_be_names_the_field(parts, coordinator, days, agents, says):
    with pytest.raises(InvalidError) as error:
        record_absence.call_emergency(
            parts, coordinator, Emergency(id_of("billing"), START, START + days * DAY, agents)
        )
    assert [f.where for f in error.value.faults] == [says]
    assert standing(parts).emergencies == ()


def test_who_coordinates_one_team_writes_of_it_alone(parts, organisation):
    assert organisation.people
    limited = Viewer(id_of("vera.antunes"), "Vera Antunes", (Grant(Role.COORDINATOR, id_of("alfama")),))
    assert record_absence.record(parts, limited, away())
    with pytest.raises(NotFoundError):
        record_absence.record(parts, limited, away("helena.vaz"))
    with pytest.raises(NotFoundError):
        record_absence.close_room(parts, limited, Closure(id_of("mewa"), START, None))
    with pytest.raises(NotFoundError):
        record_absence.end_emergency(parts, limited, id_of("billing"))
