"""Figures of a plan: what it takes from the queues, and how evenly it serves."""

from dataclasses import replace

import pytest

from devsys.core.model.calendar import Evenness
from devsys.core.planning.draw import draw
from devsys.core.planning.problem import WEEK, Figures, Plan, Session
from devsys.core.planning.quality import fairness, together, usage
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


def test_fairness_says_what_the_worst_served_get_and_names_nobody() -> None:
    problem = a_problem([a_need("p0"), a_need("p1"), a_need("p1", "digital"), a_need("p5")], people=10)
    found = fairness(problem, [a_session(att=(0, 1), start=at(4, 16))])
    assert (found.person, found.team, found.team_id) == ((0, 1), (0, 1), "south")
    assert (found.seats, found.early, found.late, found.friday) == (2, 0, 2, 2)
    assert not any(a.id in str(found) or a.name in str(found) for a in problem.agents)


def test_a_team_of_fewer_than_five_is_not_the_last() -> None:
    needs = [a_need(p, due=WEEK) for p in ("p0", "p1", "p8")]
    found = fairness(a_problem(needs, people=9), [a_session(att=(0, 1))])
    # Four of south, none of whom is served, do not count as a team; five of north do.
    assert (found.person, found.team, found.team_id) == ((0, 1), (2, 2), "north")


def test_of_people_with_nothing_on_time_the_one_who_asks_most_stands_for_the_least() -> None:
    needs = [a_need("p0"), a_need("p1"), a_need("p1", "digital"), a_need("p1", "heavy")]
    assert fairness(a_problem(needs), []).person == (0, 3)


def test_loads_are_compared_among_facilitators_who_can_stand_in() -> None:
    problem = a_problem([a_need("p0"), a_need("p1"), a_need("p3"), a_need("p4")])
    second, idle = (
        replace(problem.facilitators[1], id=name, weekly_slots=n) for name, n in (("second", 16), ("idle", 0))
    )
    problem = replace(problem, facilitators=(*problem.facilitators, second, idle))
    plan = [a_session(att=(0, 1)), a_session(att=(2, 3), start=at(1, 9), id_="s2")]
    # Four of 32 slots against none of 64; who can lead nothing is left out, and so are trainer and coach.
    assert fairness(problem, plan).apart == 0.125
    assert fairness(problem, [plan[0], replace(plan[1], fac="second")]).apart == round(2 / 32 - 2 / 64, 4)


def test_fairness_of_nothing_is_even() -> None:
    assert fairness(a_problem(), []) == Evenness()
    assert together(()) == Evenness()


def test_the_evenness_of_parts_is_that_of_the_whole() -> None:
    left = Evenness((3, 4), (30, 40), "north", 50, 1, 2, 3, 1.5, 0.02)
    right = Evenness((1, 2), (9, 10), "south", 10, 0, 1, 4, 0.5, 0.04)
    assert together((left, right, Evenness())) == Evenness((1, 2), (30, 40), "north", 60, 1, 3, 7, 1.5, 0.04)


def test_a_drawn_plan_carries_its_evenness() -> None:
    problem = a_random_problem(2)
    plan = draw(problem, rounds=1)
    assert plan.figures.even == fairness(problem, plan.sessions)
