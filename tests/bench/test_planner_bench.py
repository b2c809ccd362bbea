"""The planner against its goals and its peers: shares, counts and ratios of one machine, never seconds.

`make bench ARGS="-k quick"` takes about a minute, all of it most of an hour; results are kept in `.bench/`.
"""

from statistics import median
from typing import Any

import pytest

from tests.bench.cases import (
    GROWN,
    PEERS,
    PUBLIC,
    QUICK,
    RIVALS,
    SMALL,
    TIGHT,
    TIGHTNESS,
    TWICE,
    UPKEEP,
    VARIANTS,
    YEARS,
    Case,
)
from tests.bench.conftest import Take
from tests.bench.figures import of_reading, per_need, share
from tests.bench.goals import (
    CONFIRMED,
    CONSTRUCTED,
    FULL,
    GROWTH_OF_COST,
    LARGE,
    MEMORY_MB,
    OF_FULL,
    OF_READING,
    is_multiple,
)

pytestmark = [pytest.mark.bench, pytest.mark.timeout(4 * 3600)]


def cases(*rows: Case) -> Any:
    return pytest.mark.parametrize("case", [pytest.param(row, id=row.id) for row in rows])


def judged(result: dict[str, Any]) -> dict[str, Any]:
    """Give a result of ours once verifiers have found nothing, and it is what the planner itself said."""
    assert result["violations"] == 0
    assert result.get("judged_elsewhere", 0) == 0
    assert result["on_time"] == result["said"]
    return result


def above_peers(take: Take, case: Case, full: dict[str, Any]) -> None:
    """See that no peer of a case has more on time, and that all were judged."""
    for peer in case.peers:
        if peer != "Timefold":
            theirs = take(case, peer)
            assert theirs["violations"] == 0
            assert full["on_time"] > theirs["on_time"], peer


@cases(*QUICK)
def test_quick(take: Take, case: Case) -> None:
    full = judged(take(case, "full"))
    assert share(judged(take(case, "construct")), full) >= 0.9
    assert share(full) >= 0.99
    above_peers(take, case, full)


def test_quick_timefold(take: Take) -> None:
    full, theirs = take(QUICK[0], "full"), take(QUICK[0], "Timefold")
    assert theirs["violations"] == 0
    assert full["on_time"] > theirs["on_time"]


@cases(*YEARS)
def test_a_year_of_300_is_near_the_bound(take: Take, case: Case) -> None:
    full = judged(take(case, "full"))
    assert share(judged(take(case, "construct")), full) >= CONSTRUCTED
    assert share(full) >= FULL
    above_peers(take, case, full)


@cases(*TIGHT)
def test_a_tight_queue_keeps_its_share(take: Take, case: Case) -> None:
    full = judged(take(case, "full"))
    assert share(full) >= dict(TIGHTNESS)[case.shape.requirement]
    above_peers(take, case, full)


@cases(*SMALL)
def test_a_quarter_of_60_is_proved_to_have_the_most_on_time(take: Take, case: Case) -> None:
    full = judged(take(case, "full"))
    above_peers(take, case, full)
    assert full["proved"]
    assert full["on_time"] == full["bound"]


@cases(*VARIANTS)
def test_every_kind_of_organisation_is_planned_above_first_fit(take: Take, case: Case) -> None:
    above_peers(take, case, judged(take(case, "full")))


@cases(*RIVALS)
def test_no_rival_has_more_on_time(take: Take, case: Case) -> None:
    above_peers(take, case, judged(take(case, "full")))


@cases(*RIVALS)
def test_on_time_is_a_multiple_of_timefold(take: Take, case: Case) -> None:
    full, theirs = judged(take(case, "full")), take(case, "Timefold")
    assert theirs["violations"] == 0
    assert is_multiple(full, theirs)


@cases(*GROWN)
def test_every_size_is_planned_above_first_fit(take: Take, case: Case) -> None:
    above_peers(take, case, judged(take(case, "full")))


def test_ten_thousand_people_are_planned_near_the_bound_within_bounds_of_cost(take: Take) -> None:
    full = judged(take(GROWN[-1], "full"))
    assert share(full) >= LARGE
    assert of_reading(full) <= OF_READING
    assert full["peak_mb"] < MEMORY_MB


def test_ten_thousand_people_are_planned_the_same_by_two_processes(take: Take) -> None:
    alone, together = take(GROWN[-1], "full"), judged(take(GROWN[-1], "crew"))
    assert together["digest"] == alone["digest"]
    assert together["peak_mb"] < MEMORY_MB


def test_a_need_costs_little_more_among_ten_thousand(take: Take) -> None:
    few = median(per_need(take(case, "full")) for case in YEARS)
    assert per_need(take(GROWN[-1], "full")) <= GROWTH_OF_COST * few


def test_the_same_instance_and_seed_give_the_same_bytes_in_another_process(take: Take) -> None:
    first, second = take(TWICE, "full"), take(TWICE, "full", 1)  # type: ignore[call-arg]
    assert first["digest"] == second["digest"]


@cases(*PUBLIC)
def test_instances_of_the_public_maker(take: Take, case: Case) -> None:
    full = judged(take(case, "full"))
    above_peers(take, case, full)
    if case.shape.agents > 60:
        assert share(full) >= dict(TIGHTNESS).get(case.shape.requirement, FULL)
    else:
        assert full["on_time"] == int(full["bound"] + 1e-6)


@cases(*UPKEEP)
def test_one_absence_costs_a_hundredth_of_a_plan_and_breaks_nothing(take: Take, case: Case) -> None:
    found = take(case, "repair")
    for which in ("absence", "leader"):
        assert found[which]["violations"] == 0
        assert found[which]["median"] <= 1 / OF_FULL, which


@cases(*UPKEEP)
def test_named_reasons_are_confirmed(take: Take, case: Case) -> None:
    found = take(case, "reasons")
    assert found["confirmed"] >= CONFIRMED * found["judged"]


def test_peers_are_known() -> None:
    assert {p for case in (*QUICK, *RIVALS) for p in case.peers} <= set(PEERS)
