"""Figures of a plan: what it takes from the queues, and how evenly it serves."""

import pytest

from devsys.core.planning.draw import draw
from devsys.core.planning.problem import Figures, Plan, Session
from devsys.core.planning.quality import fairness, usage
from tests.planning.builders import a_need, a_problem, a_random_problem, a_session, at

NOTHING = Figures(0, 0, 0, 0, 0, 0, 0, 1, 0)


def a_plan(*sessions: Session) -> Plan:
    return Plan(sessions, (), NOTHING)


def test_hours_count_by_kind_and_week() -> None:
    problem = a_problem([*(a_need(f"p{i}") for i in range(3)), a_need("p0", "heavy"), a_need("p4"), a_need("p5")])
    plan = a_plan(
        a_session(att=(0, 1, 2)), a_session("heavy", at(1, 9), (3,), "s2"), a_session("round", at(8, 9), (4, 5), "s3")
    )
    found = usage(problem, plan)
    assert found.hours["review"] == (3.0, 2.0, 0.0, 0.0)
    # An hour of session and an hour of recovery.
    assert found.hours["adv"] == (2.0, 0.0, 0.0, 0.0)
    assert found.used["billing"][at(0, 9) : at(0, 10.5)] == (3, 3, 0)
    assert found.used["billing"][at(1, 9) : at(1, 11.5)] == (1, 1, 1, 1, 0)


def test_spare_is_rostered_less_required_and_never_negative() -> None:
    assert set(usage(a_problem(people=6, required=4), a_plan()).spare["billing"]) == {0, 2}
    assert set(usage(a_problem(people=6, required=7), a_plan()).spare["billing"]) == {0}


@pytest.mark.parametrize("seed", range(4))
def test_a_drawn_plan_never_uses_more_than_is_spare(seed: int) -> None:
    problem = a_random_problem(seed)
    found = usage(problem, draw(problem, rounds=1))
    for pool in problem.pools:
        pairs = zip(found.used[pool.id], found.spare[pool.id], strict=True)
        assert all(used <= spare for used, spare in pairs)


def test_fairness_names_who_is_served_worst() -> None:
    problem = a_problem([a_need("p0"), a_need("p1"), a_need("p1", "digital"), a_need("p4")])
    found = fairness(problem, a_plan(a_session(att=(0, 1), start=at(4, 16))))
    assert (found.person, found.person_share, found.team, found.team_share) == ("p4", 0.0, "south", 0.0)
    assert (found.early, found.late, found.friday) == (0.0, 1.0, 1.0)
    assert found.load == {"trainer": 0.0, "lead": 1.0, "coach": 0.0}


def test_fairness_of_nothing_is_even() -> None:
    found = fairness(a_problem(), a_plan())
    assert (found.person, found.person_share, found.team_share, found.early) == ("", 1.0, 1.0, 0.0)
