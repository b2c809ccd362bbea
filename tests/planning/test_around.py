"""What stands around a need planned anew: a gain where there is one, else nothing changed, and never a rule broken."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devsys.core.planning.around import settle_around
from devsys.core.planning.bound import bound
from devsys.core.planning.check import check
from devsys.core.planning.construct import construct
from devsys.core.planning.draw import draw, sessions_of
from devsys.core.planning.exchange import read_problem
from devsys.core.planning.grid import Grid
from devsys.core.planning.improve import sweep
from devsys.core.planning.layout import Layout
from devsys.core.planning.problem import Problem
from devsys.core.planning.solver import Purse
from tests.bench.instances import Shape, make
from tests.planning.builders import a_random_problem, draws

few = settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


def going_on() -> bool:
    return False


def stopped() -> bool:
    return True


def a_swept_grid(problem: Problem) -> Grid:
    grid = Grid(Layout(problem))
    for gates in (True, False):
        construct(grid, going_on, gates=gates)
    sweep(grid, going_on, prompt=True, budget=400)
    sweep(grid, going_on, prompt=False, budget=400)
    grid.settle()
    return grid


def test_a_small_organisation_is_planned_to_its_bound() -> None:
    figures = draw(read_problem(make(Shape(60, 13, seed=1)))).figures
    assert (figures.on_time, figures.bound, figures.proved, figures.violations) == (615, 615, True, 0)


@few
@given(st.integers(0, 10**6))
def test_no_rule_is_broken_and_nothing_lost(seed: int) -> None:
    problem = a_random_problem(seed)
    grid = a_swept_grid(problem)
    worth, on_time = grid.worth, grid.on_time
    settle_around(grid, bound(grid.lay), going_on, Purse(0.1), draws(1))
    assert grid.worth >= worth
    assert grid.on_time >= on_time
    assert check(problem, sessions_of(grid)) == ()


@pytest.mark.parametrize("why", ["effort", "stop"])
def test_nothing_changes_without_effort_or_after_a_stop(why: str) -> None:
    problem = read_problem(make(Shape(60, 13, seed=2)))
    grid = a_swept_grid(problem)
    before, most = sessions_of(grid), bound(grid.lay)
    assert grid.on_time < most.on_time
    settle_around(grid, most, stopped if why == "stop" else going_on, Purse(0.0 if why == "effort" else 1.0), draws(1))
    assert sessions_of(grid) == before


def test_the_same_plan_and_effort_end_in_the_same_plan() -> None:
    problem = read_problem(make(Shape(60, 13, seed=2)))
    found = []
    for _ in range(2):
        grid = a_swept_grid(problem)
        before = grid.on_time
        settle_around(grid, bound(grid.lay), going_on, Purse(1.0), draws(1))
        assert grid.on_time > before
        found.append(sessions_of(grid))
    assert found[0] == found[1]
    assert check(problem, found[0]) == ()
