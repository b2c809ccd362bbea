"""Who gives people back to short queues: the fewest, against trying all ways."""

from collections.abc import Iterator
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devsys.core.planning.shortage import Moment, Unit, Way, fewest
from tests.planning.builders import draws

POOLS = ("billing", "claims")


def a_question(seed: int) -> tuple[list[Unit], dict[Moment, int]]:
    """Give a few groups over a few slots, and by how much two queues are short in them."""
    rng = draws(seed)
    units = []
    for _ in range(rng.randint(1, 5)):
        start = rng.randint(0, 6)
        held = start + rng.randint(1, 3)
        ways = [Way(rng.randint(0, 4), {p: rng.randint(-1, 2) for p in POOLS}) for _ in range(rng.randint(1, 3))]
        units.append(Unit(start, held + rng.randint(0, 1), held, tuple(ways), stands=rng.random() < 0.7))
    short = {(p, s): rng.choice((-2, -1, 0, 0, 1, 1, 2)) for p in POOLS for s in range(8) if rng.random() < 0.6}
    return units, short


def choices(units: list[Unit]) -> Iterator[tuple[Way | None, ...]]:
    yield from product(*(((None,) if u.stands else ()) + u.ways for u in units))


def holds(units: list[Unit], short: dict[Moment, int], chosen: tuple[Way | None, ...]) -> bool:
    """Say whether every moment gets back what it lacks, and no more leave than may."""
    for (pool, slot), count in short.items():
        back = 0
        for unit, way in zip(units, chosen, strict=True):
            more = way.back.get(pool, 0) if way else 0
            back += more if unit.start <= slot < (unit.end if more > 0 else unit.held) else 0
        if back < count:
            return False
    return True


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.integers(0, 10**6))
def test_no_other_choice_costs_less(seed: int) -> None:
    units, short = a_question(seed)
    able = [c for c in choices(units) if holds(units, short, c)]
    found = fewest(units, short)
    if not able:
        assert found is None
        return
    assert found is not None
    cost, chosen = found
    assert holds(units, short, chosen)
    assert cost == sum(way.cost for way in chosen if way)
    assert cost == min(sum(way.cost for way in c if way) for c in able)


def test_a_longer_session_gives_one_back_to_two_slots() -> None:
    one = Way(1, {"billing": 1})
    units = [Unit(0, 1, 1, (one,)), Unit(1, 2, 2, (one,)), Unit(0, 2, 2, (one,))]
    short = {("billing", 0): 1, ("billing", 1): 1}
    assert fewest(units, short) == (1, (None, None, one))


def test_a_group_at_its_least_is_filled_where_that_costs_less_than_giving_it_up() -> None:
    """Whoever fills it is of another queue, which has to get somebody back for it."""
    filled, off, other = Way(2, {"billing": 1, "claims": -1}), Way(4, {"billing": 4}), Way(1, {"claims": 1})
    units = [Unit(0, 2, 2, (filled, off)), Unit(1, 3, 3, (other,))]
    assert fewest(units, {("billing", 1): 1, ("claims", 1): 0}) == (3, (filled, other))
    assert fewest(units, {("billing", 1): 1, ("claims", 0): 0}) == (4, (off, None))
    assert fewest(units, {("billing", 1): 1, ("claims", 1): -1}) == (2, (filled, None))


def test_a_group_too_small_to_stay_must_choose() -> None:
    off = Way(2, {"billing": 2})
    assert fewest([Unit(0, 2, 2, (off,), stands=False)], {}) == (2, (off,))


def test_what_nobody_can_give_back_has_no_answer() -> None:
    assert fewest([Unit(0, 1, 1, (Way(1, {"billing": 1}),))], {("billing", 0): 2}) is None


@pytest.mark.parametrize("many", [14])
def test_a_question_with_too_much_to_choose_from_is_left(many: int) -> None:
    ways = tuple(Way(3 * k, {"billing": k}) for k in range(1, 8))
    units = [Unit(i, many + i, many + i, ways) for i in range(many)]
    assert fewest(units, {("billing", s): 7 + s % 3 for s in range(2 * many)}) is None
