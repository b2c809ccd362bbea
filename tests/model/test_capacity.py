"""Erlang C against exact fractions and published figures; the typical week; coverage slot by slot."""

import csv
import math
import random
from dataclasses import replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from devsys.core.model import capacity
from devsys.core.model.calendar import Horizon
from devsys.core.model.capacity import Service
from devsys.core.model.people import Queue, Relief, Requirement
from tests import builders

BANK = Path(__file__).parents[3] / "shared" / "data" / "bank_calls_half_hour.csv"
HALF = timedelta(minutes=30)


def exactly(load: Fraction, agents: int) -> Fraction:
    """Erlang C by its definition (Erlang 1917): the sum of powers over factorials, in exact fractions."""
    if agents <= load:
        return Fraction(1)
    top = load**agents / math.factorial(agents) * agents / (agents - load)
    return top / (sum(load**k / math.factorial(k) for k in range(agents)) + top)


# Figures of published Erlang C tables and worked examples: load, agents, probability of waiting.
PUBLISHED = (
    (1, 2, 0.3333),
    (2, 3, 0.4444),
    (3, 4, 0.5094),
    (4, 5, 0.5541),
    (5, 6, 0.5875),
    (8, 10, 0.4092),
    (10, 11, 0.6821),
    (10, 12, 0.4494),
    (10, 14, 0.1741),
)


@pytest.mark.parametrize(("load", "agents", "waits"), PUBLISHED)
def test_waiting_agrees_with_published_tables(load: int, agents: int, waits: float) -> None:
    assert round(capacity.wait_probability(load, agents), 4) == waits


@pytest.mark.parametrize("load", [Fraction(1, 1000), Fraction(1, 2), Fraction(29, 3), Fraction(60), Fraction(299, 2)])
def test_waiting_agrees_with_exact_fractions(load: Fraction) -> None:
    for agents in range(math.floor(load) + 1, math.floor(load) + 25):
        assert math.isclose(capacity.wait_probability(float(load), agents), float(exactly(load, agents)), rel_tol=1e-12)


def test_a_large_load_begun_near_it_agrees_with_the_whole_recursion() -> None:
    load, inverse = 5000.5, 1.0
    for n in range(1, 5101):
        inverse = 1 + n / load * inverse
    blocked = 1 / inverse
    whole = blocked / (1 - load / 5100 * (1 - blocked))
    assert math.isclose(capacity.wait_probability(load, 5100), whole, rel_tol=1e-12)


def test_the_well_known_example_of_a_hundred_calls() -> None:
    assert capacity.erlangs(100, 180) == 10
    assert round(capacity.service_level(10, 14, 180, 20), 3) == 0.888
    assert round(capacity.mean_wait(10, 14, 180), 1) == 7.8
    assert capacity.agents_needed(100, Service(180, 80, 20, 100)) == 14
    assert round(10 / 14, 3) == 0.714


def test_who_cannot_keep_up_answers_nobody_in_time() -> None:
    assert capacity.wait_probability(10, 10) == 1
    assert capacity.service_level(10, 10, 180, 20) == 0
    assert capacity.mean_wait(10, 10, 180) == math.inf
    assert capacity.wait_probability(0, 0) == 0
    assert capacity.service_level(0, 0, 180, 20) == 1
    assert capacity.mean_wait(0, 0, 180) == 0


def test_agents_needed_are_the_fewest_that_hold_the_service() -> None:
    draw = random.Random(5)  # noqa: S311 -- a fixed sequence is wanted
    for _ in range(200):
        service = Service(draw.randint(30, 900), draw.choice((70, 80, 90, 99)), draw.choice((0, 10, 20, 60)), 100)
        calls = draw.choice((0.5, 3, 41, 150.25, 600))
        agents = capacity.agents_needed(calls, service)
        load = capacity.erlangs(calls, service.handle_seconds)

        def level(n: int, load: float = load, service: Service = service) -> float:
            return capacity.service_level(load, n, service.handle_seconds, service.answer_seconds)

        assert level(agents) >= service.service_percent / 100 - 1e-12
        assert agents == 1 or level(agents - 1) < service.service_percent / 100


def test_the_occupancy_cap_binds_and_exact_figures_are_not_rounded_up() -> None:
    slow = Service(1800, 1, 600, 90)  # as many erlangs as calls, hardly a service goal
    assert capacity.agents_needed(9, slow) == 10
    assert capacity.agents_needed(9.1, slow) == 11
    assert capacity.agents_needed(0, slow) == 0


def test_shrinkage_rounds_up_exactly() -> None:
    assert [capacity.rostered_for(n, 30) for n in (0, 7, 14, 15, 21)] == [0, 10, 20, 22, 30]
    assert capacity.rostered_for(67, 33) == 100
    assert capacity.rostered_for(9, 0) == 9
    assert capacity.rostered_for(9, 32.5) == 14


def test_a_typical_week_is_the_mean_of_what_is_there() -> None:
    monday = datetime(2026, 1, 5, 9)
    calls = {monday + timedelta(weeks=i): float(n) for i, n in enumerate((10, 20, 60, 1000))}
    calls[monday + HALF] = 5.0  # the other Mondays have a hole here, which is no zero
    week = capacity.typical_week(calls, holidays=[date(2026, 1, 26)])
    assert (week[0][18], week[0][19], week[0][20], week[1][18]) == (30, 5, 0, 0)
    assert [len(day) for day in week] == [48] * 7
    assert capacity.typical_week(calls, percentile=50)[0][18] == 40
    assert capacity.typical_week(calls, percentile=100)[0][18] == 1000


def test_calls_of_a_week_become_people_to_roster() -> None:
    queue = Queue("q", "billing", "Billing", "s", handle_seconds=180, occupancy_percent=100, shrinkage_percent=30)
    week = tuple(tuple(100.0 if (d, h) == (2, 20) else 0.0 for h in range(48)) for d in range(7))
    profile = capacity.profile_for(week, queue)
    assert profile[2][20] == 20
    assert sum(map(sum, profile)) == 20


def a_requirement(zone_day: int, half: int, agents: int, **days: int) -> Requirement:
    profile = tuple(tuple(agents if (d, h) == (zone_day, half) else 0 for h in range(48)) for d in range(7))
    return Requirement("q", profile, {date.fromisoformat(d.replace("_", "-")[1:]): (n,) * 48 for d, n in days.items()})


def test_required_slots_follow_the_local_clock_through_a_change() -> None:
    horizon = Horizon(date(2026, 3, 23), 2)
    found = capacity.required_slots(a_requirement(0, 20, 7), "Europe/Berlin", horizon)
    assert np.flatnonzero(found).tolist() == [18, 336 + 16]
    assert found[18] == 7


def test_a_slot_over_two_local_half_hours_takes_the_larger() -> None:
    profile = ((0,) * 18 + (3, 5) + (0,) * 28,) + ((0,) * 48,) * 6
    found = capacity.required_slots(Requirement("q", profile), "Asia/Kathmandu", Horizon(date(2026, 1, 5), 1))
    assert found[5:10].tolist() == [0, 3, 5, 5, 0]  # 09:00 local is 03:15 UTC


def test_dates_of_their_own_replace_the_typical_day() -> None:
    found = capacity.required_slots(
        a_requirement(0, 20, 7, d2026_01_12=2), "America/New_York", Horizon(date(2026, 1, 5), 2)
    )
    assert np.flatnonzero(found == 7).tolist() == [30]
    assert np.flatnonzero(found == 2).tolist() == list(range(336 + 10, 336 + 58))


def test_rostered_counts_heads_and_spare_is_never_below_nothing() -> None:
    rostered = capacity.rostered_slots([((0, 3), (5, 6)), ((2, 4),), ()], 6)
    assert rostered.tolist() == [1, 1, 2, 1, 0, 1]
    assert capacity.rostered_slots([], 2).tolist() == [0, 0]
    assert capacity.spare(rostered, np.array([0, 1, 1, 2, 2, 0], np.int32)).tolist() == [1, 0, 1, 0, 0, 1]


def test_coverage_holds_the_minimum_where_nothing_is_required() -> None:
    organisation = builders.an_organisation()
    horizon = Horizon(builders.MONDAY, 5)
    found = capacity.coverage_of(organisation, horizon)[builders.id_of("billing")]
    # Monday 08:00, 09:00 and 18:30 in Lisbon; four of six begin at eight in the week that turns early.
    assert [int(found.rostered[s]) for s in (15, 16, 18, 37, 38)] == [0, 4, 4, 2, 0]
    assert [int(found.required[s]) for s in (15, 16, 18, 37, 38)] == [0, 1, 2, 1, 0]
    assert found.spare[18] == 2


def test_a_queue_without_a_requirement_keeps_its_minimum() -> None:
    organisation = replace(builders.an_organisation(), requirements=())
    found = capacity.coverage_of(organisation, Horizon(builders.MONDAY, 1))[builders.id_of("technical")]
    assert sorted(set(found.required.tolist())) == [0, 1]
    assert (found.required > 0).tolist() == (found.rostered > 0).tolist()


def test_a_date_of_its_own_reaches_coverage() -> None:
    organisation = builders.an_organisation()
    found = capacity.coverage_of(organisation, Horizon(builders.MONDAY, 5))[builders.id_of("delivery")]
    assert int(found.required[4 * 336 + 20]) == 3


def test_most_rostered_is_the_week_at_its_fullest_in_local_time() -> None:
    horizon = Horizon(date(2026, 1, 6), 2)  # not a Monday: the week must still be one
    rostered = np.zeros(672, np.int32)
    rostered[20], rostered[336 + 20] = 3, 5
    week = capacity.most_rostered(rostered, "Europe/Berlin", horizon)
    assert week[1][22] == 5
    assert sum(map(sum, week)) == 5
    nepal = capacity.most_rostered(rostered, "Asia/Kathmandu", horizon)
    assert (nepal[1][31], nepal[1][32]) == (5, 5)


def test_a_real_bank_needs_what_its_calls_say() -> None:
    if not BANK.exists():
        pytest.skip("the call volumes of ../shared/data are not here")
    with BANK.open() as file:
        calls = {datetime.fromisoformat(row["start"]): float(row["calls"]) for row in csv.DictReader(file)}
    week = capacity.typical_week(calls)
    queue = Queue("q", "bank", "Bank", "s", handle_seconds=240, shrinkage_percent=30, occupancy_percent=90)
    profile = capacity.profile_for(week, queue)
    assert not any(profile[5])
    assert not any(profile[6])
    assert {h for h in range(48) if profile[0][h]} == {start.hour * 2 + start.minute // 30 for start in calls}
    busiest = max((week[d][h], d, h) for d in range(5) for h in range(48))
    calls_, day, half = busiest
    load = calls_ * 240 / 1800
    agents = profile[day][half] * 0.7
    assert load / 0.9 <= agents <= load / 0.9 + 2  # at this size the occupancy cap decides, not the service goal
    quiet = min((week[d][h], d, h) for d in range(5) for h in range(14, 42))
    assert profile[quiet[1]][quiet[2]] * 0.7 > quiet[0] * 240 / 1800


def test_a_relief_takes_off_the_typical_week_from_its_day_on_and_no_date_of_its_own() -> None:
    horizon = Horizon(builders.MONDAY, 2)
    second = builders.MONDAY + timedelta(days=7)
    own = {second + timedelta(days=1): (9,) * 48}
    asked = Requirement("b", ((4,) * 48,) * 7, own)
    reliefs = [
        Relief("f", "b", second, ((1,) * 48,) * 7),
        Relief("g", "b", second + timedelta(days=2), ((9,) * 48,) * 7),
    ]
    found = capacity.required_slots(asked, "UTC", horizon, reliefs, 2)
    by_day = [set(found[day * 48 : day * 48 + 48].tolist()) for day in range(14)]
    assert by_day[:7] == [{4}] * 7
    assert by_day[7:10] == [{3}, {9}, {2}]  # the second relief is cut at what the queue keeps at the least
    assert capacity.relieved(asked, reliefs, 2)[0][0] == 2
    assert capacity.relieved(asked, [], 2) == asked.profile


def test_a_relief_never_asks_for_more_than_the_requirement() -> None:
    asked = Requirement("b", ((0, 1) * 24,) * 7)
    found = capacity.relieved(asked, [Relief("f", "b", builders.MONDAY, ((1,) * 48,) * 7)], 5)
    assert found == asked.profile
