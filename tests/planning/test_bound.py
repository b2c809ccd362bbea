"""What no plan can exceed: never below what some plan has, and each part of it where it binds and where it does not."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache

import pytest

from devsys.core.planning.bound import bound, relaxed
from devsys.core.planning.check import check
from devsys.core.planning.closing import close
from devsys.core.planning.draw import draw, sessions_of
from devsys.core.planning.grid import Grid
from devsys.core.planning.layout import Layout
from devsys.core.planning.problem import DAY, WEEK, Agent, Need, Problem, Room, Rules, Series, Span
from devsys.core.planning.run import Run, never, silent
from devsys.core.planning.solver import Purse
from tests.planning.builders import a_need, a_problem, a_session, at, change_activity, change_facilitator
from tests.planning.most import a_small_problem, most, pinned_some, placed

SEEDS = range(80)
NINE_TO_TEN = (at(0, 9), at(0, 10))
NINE_TO_ELEVEN = (at(0, 9), at(0, 11))


@dataclass(frozen=True, slots=True)
class Seen:
    """What was found for a small organisation: `best` of a whole model, the bound before and after the proof."""

    problem: Problem
    best: int
    placed: int
    plan: int
    first: int
    lost: int
    most: int
    out_of_reach: int


def proved(problem: Problem, effort: float = 2) -> int:
    """Give the bound after everything was asked, beginning with no plan at all."""
    return closed(Grid(Layout(problem)), effort)


def closed(grid: Grid, effort: float) -> int:
    """Settle what a plan lacks, and give the bound after it; the plan breaks no rule."""
    relaxation = relaxed(grid.lay, never, apart=True)
    assert relaxation is not None
    close(grid, relaxation, Purse(effort), never)
    assert check(grid.lay.problem, sessions_of(grid)) == ()
    return relaxation.on_time()


def seen(problem: Problem, *, all_placed: bool) -> Seen:
    """Plan, bound and model a small organisation."""
    best, sessions = most(problem)
    assert check(problem, sessions) == ()
    some = 0
    if all_placed:
        some, sessions = most(problem, placed)
        assert check(problem, sessions) == ()
    run = Run(problem, never, silent, 0)
    run.construct()
    run.go_on(1, construct_only=False)
    plan = run.plan().figures
    assert plan.violations == 0
    relaxation = relaxed(run.grid.lay, never)
    assert relaxation is not None
    first, reach = relaxation.on_time(), bound(run.grid.lay)
    found = min(closed(run.grid, 1), int(run.bound))
    return Seen(
        problem, best, max(some, plan.placed), plan.on_time, first, len(reach.lost), found, reach.out_of_reach
    )  # fmt: skip


@cache
def everything() -> tuple[Seen, ...]:
    """Look at small organisations of all kinds, each also with some of its sessions pinned."""
    out = []
    for seed in SEEDS:
        problem = a_small_problem(seed)
        out.append(seen(problem, all_placed=seed % 3 == 0))
        pinned = pinned_some(problem, most(problem)[1], seed)
        if pinned.pinned:
            out.append(seen(pinned, all_placed=seed % 3 == 1))
    return tuple(out)


def test_no_plan_has_more_than_the_bound() -> None:
    wrong = [s for s in everything() if not max(s.best, s.plan) <= s.most <= s.first <= len(s.problem.needs)]
    assert wrong == []


def test_no_plan_serves_what_is_out_of_reach() -> None:
    assert [s for s in everything() if s.placed > len(s.problem.needs) - s.out_of_reach] == []


def test_each_part_of_the_bound_is_needed() -> None:
    found = Counter[str]()
    for s in everything():
        needs = len(s.problem.needs)
        found["needs alone"] += s.lost > 0
        found["what weeks give"] += s.first < needs - s.lost
        found["what groups can have"] += s.most < s.first
        found["all on time"] += s.best == needs
        found["out of reach"] += s.out_of_reach > 0
        found["pinned"] += bool(s.problem.pinned)
    assert all(count >= 5 for count in found.values()), found
    assert len(found) == 6


def test_the_bound_is_mostly_what_the_best_plan_has() -> None:
    rows = everything()
    assert sum(s.most == s.best for s in rows) >= 0.9 * len(rows)
    assert sum(s.most == s.plan for s in rows) >= 0.75 * len(rows)


def at_work(problem: Problem, *work: Span, who: Iterable[str] | None = None) -> Problem:
    """Give the problem with people, or everybody who learns or leads, at work in these hours only."""
    names = {p.id for p in (*problem.agents, *problem.facilitators)} if who is None else set(who)
    agents: tuple[Agent, ...] = tuple(replace(a, work=work) if a.id in names else a for a in problem.agents)
    leaders = tuple(replace(f, work=work) if f.id in names else f for f in problem.facilitators)
    return replace(problem, agents=agents, facilitators=leaders)


def needs_of(act: str, people: Iterable[int], due: int = WEEK) -> list[Need]:
    return [a_need(f"p{i}", act, due=due, latest=due) for i in people]


@pytest.mark.parametrize(("required", "most_of_all"), [(4, 2), (2, 4), (0, 4)])
def test_a_queue_lends_only_hours_in_which_somebody_could_learn(required: int, most_of_all: int) -> None:
    needs = [*needs_of("heavy", (0, 1)), *needs_of("round", (3, 4))]
    problem = change_activity(a_problem(needs, required=required), "heavy", recovery=0)
    problem = at_work(problem, NINE_TO_TEN, who=("trainer", "lead"))
    assert bound(Layout(problem)).on_time == most_of_all == most(problem)[0]


@pytest.mark.parametrize(("apart", "most_of_all"), [(True, 4), (False, 6)])
def test_a_session_seats_only_those_who_are_there_together(*, apart: bool, most_of_all: int) -> None:
    problem = change_activity(a_problem(needs_of("heavy", range(6))), "heavy", recovery=0)
    problem = at_work(problem, NINE_TO_ELEVEN)
    for pair in range(3) if apart else ():
        first = at(0, 9) + pair
        problem = at_work(problem, (first, first + 2), who=(f"p{2 * pair}", f"p{2 * pair + 1}"))
    assert bound(Layout(problem)).on_time == most_of_all == most(problem)[0]


@pytest.mark.parametrize(("hours", "most_of_all"), [(NINE_TO_TEN, 2), (NINE_TO_ELEVEN, 4)])
def test_a_facilitator_lends_only_hours_in_which_somebody_could_come(hours: Span, most_of_all: int) -> None:
    problem = change_activity(a_problem(needs_of("heavy", range(6))), "heavy", recovery=0, gmax=2)
    problem = at_work(problem, hours, who=[a.id for a in problem.agents])
    assert bound(Layout(problem)).on_time == most_of_all == most(problem)[0]


@pytest.mark.parametrize(("rooms", "most_of_all"), [(1, 2), (2, 4)])
def test_rooms_lend_only_their_hours(rooms: int, most_of_all: int) -> None:
    needs = [*needs_of("listening", (0, 1)), *needs_of("round", (3, 4))]
    problem = change_activity(a_problem(needs), "round", room=True)
    problem = at_work(problem, NINE_TO_TEN)
    site = replace(problem.sites[0], rooms=tuple(Room(f"r{i}", 4) for i in range(rooms)))
    problem = replace(problem, sites=(site,))
    assert bound(Layout(problem)).on_time == most_of_all == most(problem)[0]


@pytest.mark.parametrize(("people", "before", "after"), [(4, 4, 3), (6, 6, 6)])
def test_a_rump_of_a_group_is_proved_to_be_left(people: int, before: int, after: int) -> None:
    problem = a_problem(needs_of("digital", range(people)))
    problem = change_activity(problem, "digital", gmin=3, gmax=3)
    assert (bound(Layout(problem)).on_time, proved(problem)) == (before, after)
    assert most(problem)[0] == after


@pytest.mark.parametrize(("end", "before", "after"), [(11, 3, 2), (11.5, 4, 4)])
def test_groups_that_compete_are_proved_together(end: float, before: int, after: int) -> None:
    needs = [*needs_of("listening", (0, 1)), *needs_of("digital", (2, 3))]
    problem = at_work(a_problem(needs), (at(0, 9), at(0, end)))
    assert (bound(Layout(problem)).on_time, proved(problem)) == (before, after)
    assert most(problem)[0] == after


def test_a_companion_may_be_late() -> None:
    late, prompt = a_need("p0", due=DAY, latest=3 * DAY), a_need("p1", earliest=2 * DAY)
    problem = a_problem([late, prompt])
    assert bound(Layout(problem)).on_time == proved(problem) == most(problem)[0] == 1


def test_a_room_is_free_right_after_it_was_closed() -> None:
    problem = a_problem(needs_of("listening", (0, 1)), rules=Rules(changeover_slots=2))
    problem = at_work(problem, NINE_TO_TEN)
    closed = ((0, at(0, 9)), (at(0, 10), WEEK))
    site = replace(problem.sites[0], rooms=(Room("tagus", 4, closed=closed),))
    problem = replace(problem, sites=(site,))
    assert bound(Layout(problem)).on_time == proved(problem) == draw(problem).figures.on_time == 2
    beside = replace(problem, sites=(replace(site, rooms=(Room("tagus", 4, closed=((at(0, 9.5), WEEK),)),)),))
    assert bound(Layout(beside)).on_time == 0


def test_a_room_is_not_free_right_after_a_session() -> None:
    needs = [*needs_of("listening", (0, 1)), *needs_of("boundaries", (2,))]
    problem = a_problem(needs, rules=Rules(changeover_slots=2))
    problem = at_work(problem, (at(0, 9), at(0, 12)))
    problem = replace(problem, pinned=(a_session("listening", at(0, 9), (0, 1)),))
    assert proved(problem) == most(problem)[0] == 2
    assert proved(replace(problem, rules=Rules())) == 3


@pytest.mark.parametrize("gmax", [1, 2])
def test_a_step_of_a_series_may_have_company(gmax: int) -> None:
    needs = [a_need("p0", "coaching"), replace(a_need("p1", "coaching"), series="c", k=0)]
    problem = change_activity(replace(a_problem(needs), series=(Series("c", "p1"),)), "coaching", gmax=gmax)
    problem = at_work(problem, (at(0, 9), at(0, 9.5)))
    assert bound(Layout(problem)).on_time == proved(problem) == most(problem)[0] == gmax


def test_a_plan_says_what_is_proved_of_it() -> None:
    problem = change_activity(a_problem(needs_of("digital", range(4))), "digital", gmin=3, gmax=3)
    found = draw(problem).figures
    assert (found.on_time, found.bound, found.proved, found.out_of_reach) == (3, 3, True, 0)
    stopped = draw(problem, construct_only=True).figures
    assert (stopped.on_time, stopped.bound, stopped.proved) == (3, 4, False)


def test_needs_that_no_plan_serves_are_counted() -> None:
    steps = [replace(a_need("p0", "coaching", latest=WEEK), series="c", k=k) for k in range(4)]
    problem = replace(a_problem([*steps, a_need("p1", "heavy"), a_need("p2", "digital")]), series=(Series("c", "p0"),))
    problem = change_facilitator(problem, "trainer", quals=frozenset({"heavy"}))
    # Within a week there is time for one step alone, the least days between two being five; nobody leads digital.
    assert bound(Layout(problem)).out_of_reach == 4
    assert bound(Layout(a_problem([a_need("p1", "heavy")]))).out_of_reach == 0
