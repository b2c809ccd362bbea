"""Single needs settled: a plan that has more on time or a bound that no plan exceeds, and never a rule broken."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devsys.core.planning.bound import relaxed
from devsys.core.planning.closing import close
from devsys.core.planning.draw import draw, sessions_of
from devsys.core.planning.exchange import read_problem
from devsys.core.planning.grid import Grid
from devsys.core.planning.layout import Layout
from devsys.core.planning.problem import Problem
from devsys.core.planning.run import never
from devsys.core.planning.solver import Purse
from tests.bench.instances import Shape, make
from tests.planning.builders import a_random_problem
from tests.planning.most import a_small_problem, most
from tests.planning.test_around import a_swept_grid
from tests.planning.test_bound import closed

few = settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


@few
@given(st.integers(0, 10**6))
def test_no_rule_is_broken_and_nothing_lost(seed: int) -> None:
    grid = a_swept_grid(a_random_problem(seed))
    worth, on_time = grid.worth, grid.on_time
    most_of_all = closed(grid, 0.3)
    assert grid.worth >= worth
    assert on_time <= grid.on_time <= most_of_all


@few
@given(st.integers(0, 10**6))
def test_beginning_with_nothing_it_ends_between_what_it_has_and_the_best_plan(seed: int) -> None:
    problem = a_small_problem(seed)
    grid = Grid(Layout(problem))
    most_of_all = closed(grid, 0.5)
    assert grid.on_time <= most(problem)[0] <= most_of_all


@pytest.mark.parametrize("seed", [98, 115, 120, 126])
def test_no_answer_is_kept_that_leaves_steps_without_what_they_rest_on(seed: int) -> None:
    grid = a_swept_grid(a_random_problem(seed))
    assert grid.on_time <= closed(grid, 0.3)  # which lets the verifier judge the plan


def crowded() -> Problem:
    """Give an organisation in which cheap moves leave some late who could be on time."""
    return read_problem(make(Shape(60, 13, seed=1)))


def test_what_cheap_moves_leave_is_found_or_proved() -> None:
    grid = a_swept_grid(crowded())
    before = grid.on_time
    assert before < closed(grid, 6) == grid.on_time


@pytest.mark.parametrize("why", ["effort", "stop"])
def test_nothing_changes_without_effort_or_after_a_stop(why: str) -> None:
    grid = a_swept_grid(crowded())
    before = sessions_of(grid)
    relaxation = relaxed(grid.lay, never, apart=True)
    assert relaxation is not None
    bound = relaxation.on_time()
    close(grid, relaxation, Purse(0.0 if why == "effort" else 5.0), lambda: why == "stop")
    assert sessions_of(grid) == before
    assert relaxation.on_time() == bound > grid.on_time


@pytest.mark.parametrize("seed", [5, 6, 7])
def test_small_organisations_are_planned_to_their_bound(seed: int) -> None:
    figures = draw(read_problem(make(Shape(60, 13, seed=seed)))).figures
    assert (figures.on_time, figures.proved, figures.violations) == (figures.bound, True, 0)
