"""What the closing pass gains and what it costs beside the rest of a plan: ratios, never seconds."""

from time import process_time

import pytest

from devsys.core.planning.check import check
from devsys.core.planning.construct import construct
from devsys.core.planning.draw import draw, sessions_of
from devsys.core.planning.even import even_out
from devsys.core.planning.exchange import read_problem
from devsys.core.planning.grid import Grid
from devsys.core.planning.improve import merge, sweep
from devsys.core.planning.layout import Layout
from devsys.core.planning.problem import Problem
from devsys.core.planning.series import place_series
from devsys.core.planning.wishes import standing
from tests.bench.instances import Shape, make

pytestmark = pytest.mark.bench


def going_on() -> bool:
    return False


def a_swept_grid(problem: Problem) -> Grid:
    """Give a plan without the closing pass: constructed, swept on time and late, small groups joined."""
    grid = Grid(Layout(problem))
    construct(grid, going_on, gates=True)
    place_series(grid, going_on)
    construct(grid, going_on, gates=False)
    for prompt in (True, True, False, False):
        sweep(grid, going_on, prompt=prompt, budget=2000)
    merge(grid, going_on)
    grid.settle()
    return grid


@pytest.mark.parametrize(
    ("shape", "most"),
    [
        (Shape(60, 13, seed=5), 0.5),
        (Shape(300, 52, seed=6), 0.35),
        (Shape(300, 52, seed=7, requirement=1.06), 0.5),
    ],
    ids=["60x13", "300x52", "300x52 tight"],
)
def test_hours_grow_even_and_no_wish_is_given_for_a_lower_one(
    shape: Shape, most: float, capsys: pytest.CaptureFixture[str]
) -> None:
    problem = read_problem(make(shape))
    grid = a_swept_grid(problem)
    before = standing(problem, sessions_of(grid))
    left = even_out(grid, going_on, budget=len(problem.needs))
    sessions = sessions_of(grid)
    after = standing(problem, sessions)
    names = ("unplaced", "late", "late_days", "hours", "load", "tight", "unwished", "sessions")
    change = ", ".join(f"{name} {getattr(before, name):,} -> {getattr(after, name):,}" for name in names)
    with capsys.disabled():
        print(f"\n{shape.agents} x {shape.weeks}, {len(problem.needs) - left} tries: {change}")  # noqa: T201
    assert check(problem, sessions) == ()
    assert after < before
    assert after.hours <= most * before.hours


def cost(problem: Problem) -> float:
    """Give processor seconds of the closing pass."""
    grid = a_swept_grid(problem)
    began = process_time()
    even_out(grid, going_on, budget=len(problem.needs))
    return process_time() - began


def test_the_pass_costs_less_than_two_fifths_of_a_plan(capsys: pytest.CaptureFixture[str]) -> None:
    problem = read_problem(make(Shape(300, 52, seed=8)))
    began = process_time()
    draw(problem)
    whole = process_time() - began
    share = cost(problem) / whole
    with capsys.disabled():
        print(f"\nthe closing pass over a whole plan: {share:.2f}")  # noqa: T201
    assert share <= 0.4


def test_the_pass_costs_a_need_no_more_in_a_large_organisation(capsys: pytest.CaptureFixture[str]) -> None:
    small, large = (read_problem(make(Shape(n, 26, sites, seed=9))) for n, sites in ((300, 1), (1200, 4)))
    ratio = cost(large) / len(large.needs) / (cost(small) / len(small.needs))
    with capsys.disabled():
        print(f"\nthe closing pass per need, 1,200 against 300 people: {ratio:.2f}")  # noqa: T201
    assert ratio <= 1.6
