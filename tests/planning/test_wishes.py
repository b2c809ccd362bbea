"""How far a plan fulfils the wishes: each figure by hand, their order, and the tally beside them."""

from dataclasses import fields, replace
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devsys.core.planning.desk import Desk
from devsys.core.planning.draw import draw, sessions_of
from devsys.core.planning.grid import Grid
from devsys.core.planning.layout import Layout
from devsys.core.planning.problem import WEEK, Need, Problem, Series
from devsys.core.planning.tally import Tally
from devsys.core.planning.wishes import (
    LOAD_ONE,
    SEAT,
    SPARE_ONE,
    Standing,
    above_even,
    chances,
    loads,
    seats_in_hours,
    standing,
    unevenness,
)
from tests.planning.builders import (
    a_booked_grid,
    a_need,
    a_problem,
    a_random_problem,
    a_session,
    at,
    change_agent,
    draws,
)

few = settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
seeds = st.integers(0, 10**6)
EVEN = Standing(0, 0, 0, (), (), 0, 0, 0, 0, 0)


def test_the_first_wish_that_differs_decides() -> None:
    worse = [
        replace(EVEN, unplaced=1),
        replace(EVEN, late=1),
        replace(EVEN, late_days=1),
        replace(EVEN, people=((0.5, 1),)),
        replace(EVEN, teams=((0.5, 1),)),
        *(replace(EVEN, **{name: 1}) for name in ("hours", "load", "tight", "unwished", "sessions")),
        EVEN,
    ]
    assert sorted(worse, reverse=True) == worse
    assert [w.differs_at(EVEN) for w in worse] == [*(f.name for f in fields(Standing)), None]
    # However much is gained below, a higher wish is never given for it.
    assert replace(EVEN, hours=1) > replace(EVEN, load=10**9, tight=10**9, unwished=10**6, sessions=10**6)


def test_of_two_ladders_the_one_with_the_better_served_worst_is_better() -> None:
    one_bad, two_fair, one_fair = (
        replace(EVEN, people=rungs) for rungs in (((0.5, 1),), ((0.4, 2), (0.1, 3)), ((0.4, 1), (0.3, 9)))
    )
    assert EVEN < one_fair < two_fair < one_bad


def test_needs_left_over_count_by_weight_and_late_ones_by_days_begun() -> None:
    needs = [
        a_need("p0", due=at(2, 0), latest=WEEK),
        a_need("p1", due=at(2, 0), latest=WEEK),
        a_need("p2", due=at(4, 0), latest=WEEK),
        a_need("p3"),
        a_need("p4", "digital"),
        replace(a_need("p5", "digital"), priority=99),
    ]
    found = standing(a_problem(needs), [a_session(start=at(3, 9), att=(0, 1, 2))])
    assert (found.unplaced, found.late, found.late_days, found.sessions) == (12 + 10 + 99, 2, 4, 1)
    # On the first slot after the due one a need is late by its first day.
    assert standing(a_problem(needs), [a_session(start=at(2, 0), att=(0, 1))]).late_days == 2
    assert standing(a_problem(needs), [a_session(start=at(2, 0) - 1, att=(0, 1))]).late == 0


def test_ladders_name_the_share_missed_and_how_many_miss_it() -> None:
    needs = [a_need("p0"), a_need("p1"), a_need("p0", "digital"), a_need("p3", "digital"), a_need("p4", due=at(0, 9))]
    found = standing(a_problem(needs), [a_session(att=(0, 1)), a_session("round", at(0, 9), (4,), "s2")])
    assert found.people == ((1.0, 2), (0.5, 1))
    assert found.teams == ((1.0, 1), (1 / 3, 1))


def test_chance_is_the_part_of_such_hours_in_the_time_at_work() -> None:
    problem = change_agent(a_problem([a_need("p0"), a_need("p0", "digital")]), "p0", work=((at(4, 9), at(4, 18)),))
    problem = change_agent(problem, "p1", work=())
    # 18 half hours, 2 of them before ten, 4 from four on, all on a Friday; two needs.
    assert chances(problem)["p0"] == (2 * SEAT * 2 // 18, 2 * SEAT * 4 // 18, 2 * SEAT)
    assert chances(problem)["p1"] == (0, 0, 0)


def test_hours_are_even_when_all_have_them_in_proportion() -> None:
    needs = [a_need(p, act, latest=4 * WEEK) for p in ("p0", "p1", "p2", "p3") for act in ("round", "digital")]
    problem = a_problem(needs, people=6)
    friday, monday = at(4, 11), at(7, 11)
    shared = [a_session("round", friday, (0, 2), "s1"), a_session("round", friday, (4, 6), "s2")]
    assert standing(problem, shared).hours == 0
    alone = [a_session("round", friday, (0, 2), "s1"), a_session("digital", friday, (1, 3), "s2")]
    # Four Friday seats of four people: two have two each, one more than even; two have one less.
    assert standing(problem, alone).hours == 4 * SEAT * SEAT
    desk = Desk(problem, alone)
    assert seats_in_hours(desk)["p0"] == (0, 0, 2, 2)
    assert [round(above_even(desk)[p][2], 6) for p in ("p0", "p1", "p2", "p3", "p4")] == [1, 1, -1, -1, 0]
    assert standing(problem, [replace(s, start=monday) for s in alone]).hours == 0


def test_early_and_late_go_by_the_clock_of_the_site() -> None:
    problem = a_problem([a_need("p0"), a_need("p1")])
    for start, seats in (
        (at(0, 9.5), (1, 0, 0)),
        (at(0, 10), (0, 0, 0)),
        (at(0, 15.5), (0, 0, 0)),
        (at(4, 16), (0, 1, 1)),
    ):
        assert seats_in_hours(Desk(problem, [a_session(start=start)]))["p0"][:3] == seats
    east = replace(problem, sites=(replace(problem.sites[0], offset=12),))
    assert seats_in_hours(Desk(east, [a_session(start=at(0, 10))]))["p0"][:3] == (0, 1, 0)


def test_fridays_follow_the_date_of_the_first_day() -> None:
    problem = replace(a_problem([a_need("p0"), a_need("p1")]), first_day=date(2026, 1, 7))
    session = a_session(start=at(2, 11))
    assert seats_in_hours(Desk(problem, [session]))["p0"][2] == 1
    assert Tally(a_booked_grid(problem, [session])).hours.seats[2] == 1


def test_without_chances_the_squares_stand() -> None:
    assert unevenness([2, 1], [0, 0]) == 5
    assert unevenness([3, 1], [1, 1]) == 2


def test_load_grows_faster_for_who_leads_much_already() -> None:
    needs = [a_need(f"p{i}") for i in range(4)]
    problem = a_problem(needs)
    second = replace(problem.facilitators[1], id="second")
    problem = replace(problem, facilitators=(*problem.facilitators, second))
    one = [a_session(att=(0, 1)), a_session(att=(2, 3), start=at(1, 9), id_="s2")]
    two = [one[0], replace(one[1], fac="second")]
    # Eight slots a week for four weeks.
    assert loads(Desk(problem, one))["lead"] == (4, 32)
    assert standing(problem, one).load == 16 * LOAD_ONE // 32
    assert standing(problem, two).load == 2 * (4 * LOAD_ONE // 32)


def test_only_the_tightest_quarter_of_a_queue_is_dear() -> None:
    needs = [a_need("p0"), a_need("p1")]
    work = ((at(0, 8), at(0, 12)),)
    problem = a_problem(needs, people=2, required=0)
    problem = replace(problem, agents=tuple(replace(a, work=work) for a in problem.agents))
    required = [0] * (4 * WEEK)
    required[at(0, 9)] = required[at(0, 9) + 1] = 1
    tight = replace(problem, pools=(replace(problem.pools[0], required=tuple(required)),))
    assert standing(tight, [a_session(start=at(0, 9))]).tight == 4 * SPARE_ONE
    assert standing(tight, [a_session(start=at(0, 8.5))]).tight == 2 * SPARE_ONE
    assert standing(tight, [a_session(start=at(0, 10))]).tight == 0
    # Where all slots can spare as many, all are the tightest.
    assert standing(problem, [a_session(start=at(0, 10))]).tight == 4 * SPARE_ONE // 2
    # What stays in slots that can spare nobody counts as the dearest.
    nobody = replace(problem, pools=(replace(problem.pools[0], required=(9,) * (4 * WEEK)),))
    assert standing(nobody, [a_session(start=at(0, 10))]).tight == 4 * SPARE_ONE


def test_recovery_at_work_is_time_off_the_queue() -> None:
    problem = a_problem([a_need("p0", "heavy")])
    within, at_lunch = (standing(problem, [a_session("heavy", at(0, h), (0,))]).tight for h in (9, 11))
    assert within == 4 * SPARE_ONE // 6
    assert at_lunch == 3 * SPARE_ONE // 6


def coached(pref: tuple[tuple[int, int, int], ...]) -> Problem:
    needs = [Need("p0", "coaching", k * WEEK, (k + 2) * WEEK, 4 * WEEK, "c", k) for k in range(2)]
    return replace(a_problem(needs), series=(Series("c", "p0", pref),))


def test_coaching_in_wished_hours_is_no_burden_and_outside_of_them_unwished() -> None:
    friday = a_session("coaching", at(4, 9), (0,))
    wished, other, none = (standing(coached(pref), [friday]) for pref in (((4, 18, 20),), ((4, 20, 24),), ()))
    assert (wished.unwished, wished.hours) == (0, 0)
    assert other.unwished == 1
    assert none.unwished == 0
    assert seats_in_hours(Desk(coached(((4, 18, 20),)), [friday]))["p0"] == (0, 0, 0, 1)
    assert seats_in_hours(Desk(coached(()), [friday]))["p0"] == (1, 0, 1, 1)


@few
@given(seeds)
def test_the_tally_counts_what_the_sessions_say(seed: int) -> None:
    problem = a_random_problem(seed)
    rng = draws(seed)
    plan = draw(problem, construct_only=True)
    pinned = tuple(s for s in plan.sessions if rng.random() < 0.3)
    problem = replace(problem, pinned=pinned)
    grid = a_booked_grid(problem, plan.sessions)
    tally = Tally(grid)
    assert tally.standing() == standing(problem, plan.sessions)
    free = sorted((m for m in grid.meetings.values() if not m.pinned), key=lambda m: m.serial)
    for m in rng.sample(free, k=min(4, len(free))):
        before = tally.standing()
        if rng.random() < 0.5:
            grid.close_meeting(m)
        else:
            grid.leave(m, m.att[0])
        after = standing(problem, sessions_of(grid))
        verdict = tally.verdict(tally.changes(0))
        assert verdict == (after > before) - (after < before)
        assert tally.judge(0) == (after < before)
        assert tally.standing() == min(before, after)
        grid.settle()


@pytest.mark.parametrize("start", [at(-1, 9), 4 * WEEK - 1, at(0, 9)])
def test_pins_over_the_edges_of_the_horizon_count_alike(start: int) -> None:
    needs = [Need("p0", "heavy", start, start + 1, start + 1), a_need("p1")]
    problem = replace(a_problem(needs), pinned=(replace(a_session("heavy", start, (0,)), fac="nobody"),))
    assert Tally(Grid(Layout(problem))).standing() == standing(problem, problem.pinned)
