"""Drawing a rollout: what it would show first, then the lot; the planner takes each start as the need's earliest."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from devsys.actions import draw_rollout
from devsys.actions.brief import needs_of
from devsys.actions.draw_rollout import Question
from devsys.adapters.store.queries import accounts, planning, rollouts
from devsys.base.errors import ConflictError, InvalidError, NotFoundError
from devsys.core.improvement.estimable import Reason
from devsys.core.improvement.rollout import By, Order, draw_waves
from devsys.core.model.calendar import Horizon
from devsys.core.model.hours import local
from tests.builders import MONDAY, id_of
from tests.improvement import scene
from tests.web.scenes import adopt_shipped

TEAMS = tuple(id_of(f"t{t:02d}") for t in range(scene.TEAMS))
FIRST = date(2026, 2, 2)
QUESTION = Question("hear_fully", "csat", 2.0, TEAMS, FIRST, 4, 4, 0, Order.LOT, By.PERSON, strata=False)


@pytest.fixture
def grown(parts, organisation):
    assert organisation.people
    adopt_shipped(parts)
    scene.grow(parts)
    return parts


def coordinator(parts):
    with parts.store.read() as db:
        return accounts.viewer_of(db, id_of("olivia.brandt"))


def drawn(parts, question=QUESTION, seed=7):
    made = draw_rollout.draw_with(parts, id_of("olivia.brandt"), question, seed, today=MONDAY)
    with parts.store.read() as db:
        return rollouts.one(db, made), rollouts.places(db, made)


def test_the_lot_is_kept_with_its_seed_and_repeats_outside(grown):
    rollout, places = drawn(grown)
    assert (rollout.seed, rollout.draw, rollout.unit, rollout.by) == ("7", "lot", "person", "Olivia Brandt")
    assert len(places) == 80
    weeks = tuple(draw_rollout.week_of(FIRST) + 4 * k for k in range(4))
    again = draw_waves(scene.NAMES, {n: n[:3] for n in scene.NAMES}, {}, weeks, None, by=By.PERSON, seed=7)
    assert {p.code: p.wave for p in places} == {code: wave.number for wave in again for code in wave.people}
    assert {p.starts for p in places} == {FIRST + timedelta(weeks=4 * k) for k in range(4)}


def test_the_planner_takes_each_start_as_the_earliest_of_the_need(grown):
    _, places = drawn(grown)
    starts = {p.person_id: p.starts for p in places}
    horizon = Horizon(MONDAY, 26)
    with grown.store.read() as db:
        found = needs_of(planning.brief(db, now=grown.now()), horizon)
    own = {n.person_id: n for n in found if n.key.endswith("/hear_fully/start")}
    assert own.keys() == starts.keys()
    for person, need in own.items():
        assert local(need.earliest, "Europe/Lisbon").date() == starts[person]
        assert local(need.due, "Europe/Lisbon").date() == starts[person] + timedelta(weeks=2)
    early = [n for n in found if n.activity == "hear_fully" and n.person_id in starts and "/start" not in n.key]
    assert all(local(n.earliest, "Europe/Lisbon").date() >= starts[n.person_id] + timedelta(weeks=4) for n in early)


def test_once_ended_the_cadence_alone_says_who_learns_when(grown):
    rollout, _ = drawn(grown)
    viewer = coordinator(grown)
    draw_rollout.end(grown, viewer, rollout.id)
    with grown.store.read() as db:
        assert rollouts.starts(db) == ()
    with pytest.raises(NotFoundError):
        draw_rollout.end(grown, viewer, rollout.id)
    drawn(grown)  # and it may be rolled out again


def test_one_activity_has_one_rollout_at_a_time(grown):
    drawn(grown)
    with pytest.raises(ConflictError, match="rolled out already"):
        drawn(grown)


def test_the_weaker_half_by_26_weeks_is_frozen_and_earlier(grown):
    past = scene.a_past()
    scene.readings(grown, past.y[:, :52], MONDAY)
    rollout, places = drawn(grown, replace(QUESTION, strata=True))
    assert rollout.strata
    weak = [p for p in places if p.stratum == 0]
    level = past.y[:, 26:52].mean(axis=1)
    lower = {name for name, mean in zip(scene.NAMES, level, strict=True) if mean <= sorted(level)[39]}
    assert {p.code for p in weak} == lower
    assert [sum(p.wave == k for p in weak) for k in (1, 2, 3, 4)] == [15, 12, 8, 5]


def test_without_readings_there_are_no_halves(grown):
    rollout, places = drawn(grown, replace(QUESTION, strata=True))
    assert not rollout.strata
    assert {p.stratum for p in places} == {0}


def test_a_late_wave_waits_59_weeks(grown):
    _, places = drawn(grown, replace(QUESTION, late=10))
    late = [p for p in places if p.late]
    assert len(late) == 20
    assert {p.starts for p in late} == {FIRST + timedelta(weeks=59)}


def test_what_can_be_shown_is_said_before_and_nothing_is_written(grown):
    scene.readings(grown, scene.a_past().y[:, :52], MONDAY)
    found = draw_rollout.prospect(grown, replace(QUESTION, waves=6), today=MONDAY)
    quarter, *_, year = found.foreseen
    assert (found.people, found.history) == (80, 52)
    assert quarter.gain is not None
    assert year.reasons == (Reason.NO_CONTROLS,)
    by_need = draw_rollout.prospect(grown, replace(QUESTION, order=Order.WEAKEST), today=MONDAY)
    assert all(Reason.NOT_BY_LOT in one.reasons and one.gain is None for one in by_need.foreseen)
    with grown.store.read() as db:
        assert rollouts.every(db) == ()


def test_weakest_first_keeps_no_seed(grown):
    scene.readings(grown, scene.a_past().y[:, :52], MONDAY)
    rollout, places = drawn(grown, replace(QUESTION, order=Order.WEAKEST))
    assert (rollout.seed, rollout.draw) == ("", "weakest")
    level = dict(zip(scene.NAMES, scene.a_past().y[:, 26:52].mean(axis=1), strict=True))
    assert max(level[p.code] for p in places if p.wave == 1) <= min(level[p.code] for p in places if p.wave == 2)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"activity": "gone"}, "activity"),
        ({"activity": "coaching_calls"}, "activity"),
        ({"measure": "handle_time"}, "measure"),
        ({"measure": "wellbeing"}, "measure"),
        ({"least_gain": 0.0}, "least_gain"),
        ({"least_gain": 101.0}, "least_gain"),
        ({"teams": ()}, "teams"),
        ({"teams": ("gone",)}, "teams"),
        ({"first": FIRST + timedelta(days=1)}, "first"),
        ({"first": MONDAY + timedelta(weeks=1)}, "first"),
        ({"late": 10, "teams": TEAMS[:3]}, "late"),
        ({"waves": 24, "teams": TEAMS[:1]}, "waves"),
    ],
)
def test_what_cannot_be_drawn_is_refused_by_field(grown, wrong, field):
    with pytest.raises(InvalidError) as refused:
        drawn(grown, replace(QUESTION, **wrong))
    assert field in {fault.where for fault in refused.value.faults}
