import pytest

from devsys.core.model.programme import Cadence, Kind, Principle, Rhythm
from devsys.core.programmes.figures import figures_of, principle_use, start_hours, typical_group
from tests.programmes.made import COACHING, GATE, HEAVY, ROUND, activity, programme, ring


def test_minutes_of_a_year_count_each_return_and_its_recovery() -> None:
    # 26 rounds of 60, and 13 heavy sessions of 60 with 30 minutes of recovery.
    found = figures_of((programme(ROUND, HEAVY),), people=200)
    assert [(a.code, a.sessions_a_year, a.minutes_a_year) for a in found.activities] == [
        ("case_round", 26.0, 1560.0),
        ("strong_feelings", 13.0, 1170.0),
    ]
    assert found.minutes_a_year == 2730.0
    # 2,730 minutes x 200 people / 52 weeks / 60 minutes.
    assert found.hours_a_week == pytest.approx(175.0)
    assert found.by_kind == {Kind.ROUND: 1560.0, Kind.EMOTIONAL_SUPPORT: 1170.0}


def test_a_rotation_counts_once() -> None:
    found = figures_of((programme(*ring("listen", "ask", "explain", "own")),), people=52)
    assert found.minutes_a_year == 13 * 60.0
    assert [a.sessions_a_year for a in found.activities] == [3.25] * 4
    assert found.hours_a_week == pytest.approx(13.0)


def test_what_is_held_once_stands_apart_from_the_year() -> None:
    found = figures_of((programme(GATE, ROUND),), people=10)
    assert found.by_kind == {Kind.ROUND: 1560.0}
    assert (found.once_minutes, found.minutes_a_year, found.first_year_minutes) == (120.0, 1560.0, 1680.0)
    assert found.hours_a_week == pytest.approx(5.0)


def test_the_first_year_counts_what_falls_due_in_it() -> None:
    later = activity("digital", cadence=Cadence(Rhythm.EVERY, weeks=13, offset_weeks=4))
    late = activity("intro", cadence=Cadence(Rhythm.ONCE, weeks=8, offset_weeks=50))
    found = figures_of((programme(later, late),))
    assert found.minutes_a_year == 4 * 60.0
    assert found.first_year_minutes == 3 * 60.0


def test_coaching_counts_only_as_often_as_it_is_asked_for() -> None:
    given = (programme(COACHING, activity("coaching_writing", Kind.COACHING, cadence=COACHING.cadence)),)
    assert figures_of(given, 100).minutes_a_year == 0.0
    # 0.3 series a year over two activities: four times 30 and four times 60 minutes, 0.15 of each.
    found = figures_of(given, 100, series_a_year=0.3)
    assert [a.minutes_a_year for a in found.activities] == [pytest.approx(18.0), pytest.approx(36.0)]
    # One to one: the coach of 30-minute sessions gives what the person gives.
    assert found.activities[0].facilitator_hours_a_week == pytest.approx(found.activities[0].hours_a_week)


def test_the_size_of_groups_changes_only_what_facilitators_give() -> None:
    small, large = activity("listen", group=(2, 4)), activity("listen", group=(6, 10))
    assert (typical_group(small), typical_group(large), typical_group(COACHING)) == (3, 8, 1)
    few, many = figures_of((programme(small),), 96), figures_of((programme(large),), 96)
    assert few.hours_a_week == many.hours_a_week == pytest.approx(24.0)
    assert few.facilitator_hours_a_week == pytest.approx(8.0)
    assert many.facilitator_hours_a_week == pytest.approx(3.0)


def test_recovery_is_not_the_facilitators_time() -> None:
    found = figures_of((programme(HEAVY),), people=32)
    assert found.hours_a_week == pytest.approx(12.0)
    assert found.facilitator_hours_a_week == pytest.approx(1.0)


def test_a_cohort_counts_its_teams_where_their_sizes_are_known() -> None:
    given = (programme(activity("export_terms", teams=("export", "freight"))),)
    assert figures_of(given, 100).hours_a_week == pytest.approx(25.0)
    sizes = {"export": 8, "freight": 4, "billing": 88}
    assert figures_of(given, 100, team_sizes=sizes).hours_a_week == pytest.approx(3.0)


def test_the_start_asks_most_while_all_have_the_gate_before_them() -> None:
    hours = start_hours((programme(GATE, ROUND, COACHING),), people=60)
    assert len(hours) == 52
    assert list(hours[:4]) == pytest.approx([70.0, 70.0, 70.0, 30.0])
    assert set(hours[3:]) == {30.0}


def test_unused_principles_are_named() -> None:
    listen = activity("listen", principles=(Principle.LISTEN, Principle.OWN))
    ask = activity("ask", principles=(Principle.QUESTION, Principle.OWN))
    found = principle_use(programme(GATE, listen, ask))
    assert found.used[Principle.OWN] == ("Listen", "Ask")
    assert found.used[Principle.LISTEN] == ("Listen",)
    assert found.unused == (Principle.EXPLAIN, Principle.FOLLOW_UP)
