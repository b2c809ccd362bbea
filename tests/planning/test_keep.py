"""What stands after a change: who gives people back to a queue, quickly and exactly."""

from dataclasses import replace

import pytest

from devsys.core.planning.change import Change, More, changed
from devsys.core.planning.change_scope import scope_of
from devsys.core.planning.check import check
from devsys.core.planning.keep import Keeper
from devsys.core.planning.look import look
from devsys.core.planning.problem import DAY, Problem, Session
from devsys.core.planning.repair_steps import Asked
from tests.planning.builders import a_need, a_problem, a_session, at, change_activity, change_facilitator


def three_groups() -> tuple[Problem, tuple[Session, ...]]:
    """Give four in a long session, two in the first half of its time and three in the second, all at their least."""
    acts = ["listening"] * 4 + ["digital"] + ["round"] * 2 + ["digital"] * 2
    problem = a_problem([a_need(f"p{i}", act, latest=DAY) for i, act in enumerate(acts)], people=9, required=2)
    problem = change_activity(problem, "listening", length=4, gmin=4)
    problem = change_activity(problem, "digital", length=2, gmin=3)
    problem = change_facilitator(problem, "coach", quals=frozenset({"digital"}))
    second = replace(a_session("digital", at(0, 10), (4, 7, 8), "s3"), fac="coach")
    return problem, (a_session("listening", att=(0, 1, 2, 3)), a_session(att=(5, 6), id_="s2"), second)


def kept(below: int | None) -> tuple[bool, Keeper]:
    """Settle the three groups where the queue is one short in either half; see `Keeper.settle`."""
    problem, sessions = three_groups()
    assert check(problem, sessions) == ()
    more = (More("billing", at(0, 9), at(0, 10), 2), More("billing", at(0, 10), at(0, 11), 1))
    after = changed(problem, Change(0, required=more))
    board = Asked(after, sessions, 0).board(sessions)
    scope = scope_of(after, problem)
    keeper = Keeper(board, scope, 0, lambda: True)
    return keeper.settle(look(board, scope, 0), below=below), keeper


def test_the_quick_way_gives_up_the_smallest_group_of_each_slot() -> None:
    settled, keeper = kept(None)
    assert (settled, sorted(keeper.freed)) == (True, [4, 5, 6, 7, 8])
    assert keeper.bound < 5


def test_the_exact_way_gives_up_the_one_group_that_helps_both_slots() -> None:
    settled, keeper = kept(5)
    assert (settled, sorted(keeper.freed), keeper.bound) == (True, [0, 1, 2, 3], 4)
    # Each session that was in a slot that would be short is said to be concerned, also those that stay.
    assert set(keeper.reasons) == {"s1", "s2", "s3"}


@pytest.mark.parametrize("below", [3, 4])
def test_nothing_is_changed_where_no_fewer_can_lose_their_time(below: int) -> None:
    settled, keeper = kept(below)
    assert (settled, keeper.freed, keeper.bound) == (False, {}, 4)
