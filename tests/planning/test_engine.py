"""The parts of the engine: booking that can be undone, arrays that promise what seats keep, series, bound."""

from dataclasses import replace
from itertools import pairwise, product

import numpy as np
import pytest

from devsys.core.planning.bound import bound
from devsys.core.planning.construct import construct
from devsys.core.planning.draw import draw, sessions_of
from devsys.core.planning.grid import LATE, PROMPT, Grid
from devsys.core.planning.improve import merge, sweep
from devsys.core.planning.layout import Layout
from devsys.core.planning.masks import able, lows, pool_seats, runs, seat_caps
from devsys.core.planning.problem import DAY, WEEK, Need, Problem, Rules, Series
from devsys.core.planning.series import improve_series, place_series, windowed_max
from devsys.core.planning.unravel import unravel
from tests.planning.builders import (
    a_booked_grid,
    a_need,
    a_problem,
    a_random_problem,
    a_session,
    at,
    change_activity,
    change_agent,
    change_facilitator,
    draws,
)


def going_on() -> bool:
    return False


def a_grid(problem: Problem) -> Grid:
    grid = Grid(Layout(problem))
    construct(grid, going_on, gates=True)
    place_series(grid, going_on)
    construct(grid, going_on, gates=False)
    return grid


def state(grid: Grid) -> tuple[object, ...]:
    """Give all a grid holds, so that two can be compared."""
    return (
        bytes(grid.free),
        bytes(grid.busy),
        grid.spare.tolist(),
        bytes(grid.fac_free),
        bytes(grid.room_free),
        grid.day_used.tolist(),
        grid.week_used.tolist(),
        bytes(grid.heavy),
        grid.fac_week.tolist(),
        grid.fac_total,
        [[(t, s) for t, s, _ in rows] for rows in grid.of],
        sorted(grid.meetings),
        {n: m and m.serial for n, m in enumerate(grid.at)},
        (grid.placed, grid.on_time, grid.worth),
        (sorted(grid.owed), sorted(grid.late)),
    )


@pytest.mark.parametrize("seed", range(6))
def test_undo_brings_everything_back(seed: int) -> None:
    problem = a_random_problem(seed)
    grid = a_grid(problem)
    grid.settle()
    before = state(grid)
    rng = draws(seed)
    for meeting in rng.sample(sorted(grid.meetings.values(), key=lambda m: m.serial), k=min(5, len(grid.meetings))):
        if rng.random() < 0.5:
            grid.close_meeting(meeting)
        else:
            grid.leave(meeting, meeting.att[0])
    sweep(grid, going_on, prompt=True, budget=50)
    grid.undo()
    assert state(grid) == before


@pytest.mark.parametrize("seed", range(6))
def test_taking_everything_out_leaves_an_empty_grid(seed: int) -> None:
    problem = a_random_problem(seed)
    grid = a_grid(problem)
    for meeting in list(grid.meetings.values()):
        grid.close_meeting(meeting)
    assert state(grid) == state(Grid(Layout(problem)))


@pytest.mark.parametrize("seed", range(8))
def test_arrays_promise_exactly_what_a_seat_keeps(seed: int) -> None:
    problem = a_random_problem(seed)
    grid = a_grid(problem)
    lay = grid.lay
    rng = draws(seed)
    open_needs = [n for n in sorted(grid.owed) if lay.first[n] < lay.last[n]]
    for need in rng.sample(open_needs, k=min(12, len(open_needs))):
        act, agent = lay.need_act[need], lay.need_agent[need]
        a, b = lay.first[need], lay.last[need]
        could = able(grid, [need], act, a, b)[0] > 0
        could &= pool_seats(grid, lay.agent_pool[agent], lay.length[act], a, b) > 0
        fits = np.array([grid.fits(need, t) for t in range(a, b)])
        if lay.recovery[act]:
            assert not (fits & ~could).any()
        else:
            assert could.tolist() == fits.tolist()


@pytest.mark.parametrize("seed", range(4))
def test_every_step_keeps_what_was_reached(seed: int) -> None:
    grid = a_grid(a_random_problem(seed))
    most = bound(grid.lay)
    reached = [grid.worth]
    for prompt in (True, False):
        sweep(grid, going_on, prompt=prompt, budget=200)
        reached.append(grid.worth)
        unravel(grid, most, going_on, prompt=prompt, rng=draws(seed), budget=100)
        reached.append(grid.worth)
    held = len(grid.meetings)
    merge(grid, going_on)
    reached.append(grid.worth)
    assert reached == sorted(reached)
    assert len(grid.meetings) <= held
    assert grid.worth == sum(
        grid.lay.weight[n] * (PROMPT if m.start < grid.lay.due[n] else LATE) for n, m in enumerate(grid.at) if m
    )


def test_runs_and_lows_look_ahead() -> None:
    marks = np.array([1, 1, 1, 0, 1, 1], dtype=np.uint8)
    assert [runs(marks, k).tolist() for k in (1, 2, 3)] == [[1, 1, 1, 0, 1, 1], [1, 1, 0, 0, 1], [1, 0, 0, 0]]
    values = np.array([3, 1, 4, 1, 5], dtype=np.int16)
    assert [lows(values, k).tolist() for k in (1, 2, 4)] == [[3, 1, 4, 1, 5], [1, 1, 1, 1], [1, 1]]


@pytest.mark.parametrize(("low", "high"), [(0, 0), (1, 3), (2, 7), (5, 40)])
def test_the_windowed_maximum_equals_a_plain_one(low: int, high: int) -> None:
    values = np.array(draws(4).sample(range(1000), 30), dtype=np.int32)
    found = windowed_max(values, low, high)
    for i in range(len(values)):
        plain = values[i + low : i + high + 1]
        assert (found[i] < 0) if not len(plain) else (found[i] == plain.max())


def coached(hours: list[tuple[int, float]], steps: int = 3) -> Problem:
    """Give a series whose person is at work only for half an hour at each of these (day, hour)."""
    needs = [Need("p0", "coaching", k * 7 * DAY, k * 7 * DAY + 14 * DAY, 4 * WEEK, "c", k) for k in range(steps)]
    problem = replace(a_problem(needs), series=(Series("c", "p0"),))
    work = tuple((at(d, h), at(d, h) + 1) for d, h in sorted(hours))
    return change_agent(problem, "p0", work=work)


@pytest.mark.parametrize("seed", range(25))
def test_a_series_is_as_long_as_brute_force_can_make_it(seed: int) -> None:
    rng = draws(seed)
    days = rng.sample([d for d in range(28) if d % 7 < 5], 6)
    problem = coached([(d, 9) for d in days])
    plan = draw(problem)
    starts = [at(d, 9) for d in sorted(days)]
    best = 0
    for length in (1, 2, 3):
        for chosen in product(starts, repeat=length):
            needs = problem.needs[:length]
            inside = all(n.earliest <= t < n.latest for n, t in zip(needs, chosen, strict=True))
            gaps = [b - a for a, b in pairwise(chosen)]
            if inside and all(5 * DAY <= g <= 21 * DAY for g in gaps):
                best = length
    assert plan.figures.placed == best


def test_a_whole_series_of_which_much_is_late_is_better_than_a_part_on_time() -> None:
    # Two steps could be on time on days 0 and 7, but then none follows within ten days.
    problem = coached([(0, 9), (7, 9), (18, 9), (23, 9), (27, 9)])
    problem = replace(problem, rules=replace(problem.rules, coach_gap_days=(4, 10)))
    problem = change_facilitator(problem, "coach", work=tuple((at(d, 8), at(d, 12)) for d in range(28)))
    plan = draw(problem)
    assert plan.owed == ()
    assert [s.start for s in plan.sessions] == [at(18, 9), at(23, 9), at(27, 9)]
    assert (plan.figures.late, plan.figures.on_time) == (2, 1)


def test_a_series_moves_on_when_it_can_grow() -> None:
    problem = coached([(0, 9), (7, 9), (14, 9)])
    grid = Grid(Layout(problem))
    place_series(grid, going_on)
    assert len(grid.owed) == 0
    assert not improve_series(grid, 0)
    assert [s.start for s in sessions_of(grid)] == [at(0, 9), at(7, 9), at(14, 9)]


def test_the_bound_counts_needs_that_cannot_be_met() -> None:
    nobody = [a_need("p0"), a_need("p1"), a_need("p2", "digital")]
    problem = change_agent(a_problem(nobody), "p1", work=())
    most = bound(Layout(problem))
    # The round lacks company once p1 is away, the digital session lacks it from the start.
    assert (most.on_time, most.lost) == (0, frozenset({0, 1, 2}))


def test_the_bound_counts_hours_of_facilitators() -> None:
    needs = [a_need(f"p{i}", due=WEEK, latest=WEEK) for i in range(6)]
    problem = change_activity(a_problem(needs), "round", gmax=2, gmin=1)
    assert bound(Layout(problem)).on_time == 6
    short = change_facilitator(problem, "lead", weekly_slots=4)
    assert bound(Layout(short)).on_time == 4
    assert draw(short).figures.on_time == 4


def test_the_bound_counts_what_a_queue_can_spare() -> None:
    needs = [a_need(f"p{i}", due=WEEK, latest=WEEK) for i in range(6)]
    problem = change_activity(a_problem(needs), "round", gmin=1)
    required = tuple(5 if at(0, 9) <= s < at(0, 11) else 9 for s in range(4 * WEEK))
    tight = replace(problem, pools=(replace(problem.pools[0], required=required),))
    assert bound(Layout(tight)).on_time == 2
    assert draw(tight).figures.on_time == 2


def test_the_bound_counts_pinned_sessions_as_they_stand() -> None:
    problem = replace(a_problem([a_need("p0"), a_need("p1")], required=60), pinned=(a_session(),))
    assert bound(Layout(problem)).on_time == 2


def test_a_stopped_bound_is_the_count_of_needs() -> None:
    most = bound(Layout(a_problem([a_need("p0"), a_need("p1")])), lambda: True)
    assert (most.on_time, most.lost) == (2.0, frozenset())


def test_a_queue_that_requires_more_than_it_has_spares_nobody() -> None:
    lay = Layout(a_problem([a_need("p0"), a_need("p1")], required=60))
    assert int(lay.spare.max()) == 0


def test_seats_end_where_nobody_leads() -> None:
    problem = change_facilitator(a_problem([a_need("p0"), a_need("p1")]), "lead", work=((at(0, 9), at(0, 10)),))
    grid = Grid(Layout(problem))
    act = grid.lay.act_at["round"]
    assert np.flatnonzero(seat_caps(grid, act, 0, 0, WEEK)).tolist() == [at(0, 9)]


def test_a_facilitator_may_end_a_week_with_all_hours_led() -> None:
    problem = change_facilitator(a_problem([a_need("p0"), a_need("p1")]), "lead", weekly_slots=2)
    assert draw(problem).owed == ()


def test_change_over_time_is_kept_by_the_planner() -> None:
    needs = [a_need(f"p{i}", "listening", due=WEEK, latest=WEEK) for i in range(6)]
    problem = a_problem(needs)
    problem = change_activity(problem, "listening", gmax=2)
    problem = replace(problem, rules=replace(problem.rules, changeover_slots=3))
    plan = draw(problem)
    starts = sorted(s.start for s in plan.sessions)
    assert plan.owed == ()
    assert min(b - a for a, b in pairwise(starts)) >= 5


def test_a_step_that_a_further_rule_forbids_finds_another_start() -> None:
    # Monday and Saturday of a week are five days apart, but the week allows one step only.
    needs = [Need("p0", "coaching", 0, 4 * WEEK, 4 * WEEK, "c", k) for k in range(2)]
    problem = replace(a_problem(needs, rules=Rules(week_slots=1)), series=(Series("c", "p0"),))
    everyday = tuple((at(d, 9), at(d, 10)) for d in range(28))
    work = tuple((at(d, 9), at(d, 9) + 1) for d in (0, 5, 12))
    problem = change_agent(change_facilitator(problem, "coach", work=everyday), "p0", work=work)
    assert [s.start for s in draw(problem).sessions] == [at(0, 9), at(12, 9)]


def test_a_series_in_a_room_waits_for_the_room() -> None:
    needs = [Need("p0", "coaching", 0, DAY, DAY, "c", 0), a_need("p1", "listening"), a_need("p2", "listening")]
    held = a_session("listening", at(0, 8), (1, 2), "held")
    problem = change_activity(a_problem(needs), "coaching", room=True)
    problem = replace(problem, series=(Series("c", "p0"),), pinned=(held,))
    problem = change_agent(problem, "p0", work=((at(0, 8), at(0, 11)),))
    plan = draw(problem)
    assert [(s.start, s.room) for s in plan.sessions] == [(at(0, 8), "tagus"), (at(0, 9), "tagus")]
    assert draw(change_agent(problem, "p0", work=((at(0, 8), at(0, 9)),))).owed == (0,)


def test_the_coach_of_a_series_keeps_change_over_time() -> None:
    needs = [Need("p0", "coaching", 0, DAY, DAY, "c", 0), a_need("p1", "coaching", due=WEEK, latest=WEEK)]
    problem = change_activity(a_problem(needs, rules=Rules(changeover_slots=2)), "coaching", room=True)
    held = replace(a_session("coaching", at(0, 9), (1,), "held"), room="attic")
    problem = replace(problem, series=(Series("c", "p0"),), pinned=(held,))
    problem = change_agent(problem, "p0", work=((at(0, 8), at(0, 11)),))
    plan = draw(problem)
    (start,) = (s.start for s in plan.sessions if s.id != "held")
    assert start in (at(0, 8), at(0, 10.5))


def test_a_series_with_a_hole_is_left_as_it_is() -> None:
    needs = [Need("p0", "coaching", 0, 4 * WEEK, 4 * WEEK, "c", k) for k in range(3)]
    problem = replace(a_problem(needs), series=(Series("c", "p0"),), pinned=(a_session("coaching", at(7, 9), (1,)),))
    plan = draw(problem)
    assert plan.owed == (0, 2)


def test_two_series_that_want_one_coach_are_both_served() -> None:
    needs = [Need(p, "coaching", 0, DAY, DAY, s, 0) for p, s in (("p0", "c"), ("p1", "d"))]
    problem = replace(a_problem(needs), series=(Series("c", "p0"), Series("d", "p1")))
    problem = change_facilitator(problem, "coach", work=((at(0, 9), at(0, 10)),))
    # The first could take either half hour, the second only the first of them.
    problem = change_agent(problem, "p1", work=((at(0, 9), at(0, 9.5)),))
    assert draw(problem).owed == ()


def test_group_series_stay_owed() -> None:
    needs = [Need(p, "coaching", 0, WEEK, WEEK, s, 0) for p, s in (("p0", "c"), ("p1", "d"))]
    problem = change_activity(a_problem(needs), "coaching", gmin=2, gmax=4)
    problem = replace(problem, series=(Series("c", "p0"), Series("d", "p1")))
    plan = draw(problem)
    assert (plan.owed, plan.figures.bound) == ((0, 1), 2)


def test_stopping_between_steps_keeps_what_is_placed() -> None:
    grid = a_grid(a_random_problem(3))
    before = grid.worth
    assert sweep(grid, lambda: True, prompt=True, budget=9) == 9
    assert unravel(grid, bound(grid.lay), lambda: True, prompt=True, rng=draws(1), budget=9) == 8
    merge(grid, lambda: True)
    assert grid.worth == before


def test_one_served_more_outweighs_a_whole_group_that_comes_late_for_it() -> None:
    needs = [a_need(f"p{i}", due=at(1, 0), latest=WEEK) for i in range(12)]
    needs.append(a_need("p12", "digital", due=at(1, 0), latest=WEEK))
    problem = change_activity(a_problem(needs, people=24), "round", gmax=12)
    prompt = a_booked_grid(problem, [a_session(start=at(0, 10), att=tuple(range(12)))])
    late = a_booked_grid(
        change_activity(problem, "digital", gmin=1),
        [a_session(start=at(2, 10), att=tuple(range(12))), a_session("digital", at(2, 13), (12,), "s2")],
    )
    assert late.worth > prompt.worth
    assert prompt.worth > a_booked_grid(problem, [a_session(start=at(2, 10), att=tuple(range(12)))]).worth
