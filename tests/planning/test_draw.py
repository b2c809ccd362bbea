"""Whole plans: never a rule broken, pins kept, the same bytes each time, stoppable at any moment."""

import importlib.util
import json
from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devsys.base.errors import InvalidError
from devsys.core.planning.bound import bound
from devsys.core.planning.check import check
from devsys.core.planning.draw import draw, draw_document
from devsys.core.planning.exchange import write_problem, write_sessions
from devsys.core.planning.explain import explain
from devsys.core.planning.layout import Layout
from devsys.core.planning.problem import DAY, WEEK, Need, Plan, Problem, Progress, Series
from tests.loud import shared_file
from tests.planning.builders import a_need, a_problem, a_random_problem, a_session, at, change_agent, draws, office

few = settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
seeds = st.integers(0, 10**6)


def judge() -> Callable[..., Any]:
    """Give the independent judge of the instance format."""
    spec = importlib.util.spec_from_file_location("check_plan", shared_file("bench/check_plan.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.check  # type: ignore[no-any-return]


@few
@given(seeds)
def test_a_plan_breaks_no_rule_and_accounts_for_every_need(seed: int) -> None:
    problem = a_random_problem(seed)
    plan = draw(problem, seed=seed, rounds=1)
    assert check(problem, plan.sessions) == ()
    seated = sorted(n for s in plan.sessions for n in s.att)
    assert sorted([*seated, *plan.owed]) == list(range(len(problem.needs)))
    figures = plan.figures
    assert figures.placed + figures.owed == figures.needs
    assert figures.on_time + figures.late == figures.placed
    assert figures.on_time <= figures.bound + 1e-6


@few
@given(seeds)
def test_every_owed_need_has_a_reason(seed: int) -> None:
    problem = a_random_problem(seed)
    plan = draw(problem, seed=seed, rounds=1)
    reasons = explain(problem, plan)
    assert tuple(r.need for r in reasons) == plan.owed
    assert all(r.code and r.sentence.endswith(".") for r in reasons)


@few
@given(seeds)
def test_what_is_pinned_stays_whatever_changes_around_it(seed: int) -> None:
    problem = a_random_problem(seed)
    first = draw(problem, rounds=1)
    rng = draws(seed)
    pinned = tuple(s for s in first.sessions if rng.random() < 0.4)
    away = rng.choice(problem.agents).id
    changed = change_agent(replace(problem, pinned=pinned), away, work=())
    plan = draw(changed, rounds=1)
    assert {s.id: s for s in plan.sessions}.items() >= {s.id: s for s in pinned}.items()
    ids = {s.id for s in pinned}
    assert all(set(v.sessions) <= ids for v in check(changed, plan.sessions) if v.rule != "series")


@few
@given(seeds, st.integers(0, 60))
def test_stop_keeps_a_valid_plan(seed: int, calls: int) -> None:
    problem = a_random_problem(seed)
    left = [calls]

    def stop() -> bool:
        left[0] -= 1
        return left[0] < 0

    plan = draw(problem, stop=stop)
    assert check(problem, plan.sessions) == ()


@few
@given(seeds)
def test_the_independent_judge_agrees(seed: int) -> None:
    problem = a_random_problem(seed, plain=True)
    document = json.loads(json.dumps(write_problem(problem)))
    judged = judge()
    plan = draw(problem, rounds=1)
    violations, figures = judged(document, write_sessions(plan.sessions))
    assert violations == []
    assert (figures["placed"], figures["on_time"]) == (plan.figures.placed, plan.figures.on_time)
    for broken in spoiled(problem, plan, draws(seed)):
        theirs, _ = judged(document, write_sessions(broken.sessions))
        assert bool(theirs) == bool(check(problem, broken.sessions))


def spoiled(problem: Problem, plan: Plan, rng: Random) -> list[Plan]:
    """Give plans with one thing changed, which may or may not break a rule."""
    out = []
    for _ in range(12):
        if not plan.sessions:
            break
        i = rng.randrange(len(plan.sessions))
        session = plan.sessions[i]
        changed = rng.choice(
            (
                replace(session, start=session.start + rng.choice((-2, -1, 1, 2, DAY, -DAY, WEEK))),
                replace(session, att=session.att[1:]),
                replace(session, att=(*session.att, rng.randrange(len(problem.needs)))),
                replace(session, fac=rng.choice(problem.facilitators).id),
                replace(session, room=session.room and rng.choice([r.id for s in problem.sites for r in s.rooms])),
            )
        )
        out.append(replace(plan, sessions=(*plan.sessions[:i], changed, *plan.sessions[i + 1 :])))
    return out


@few
@given(seeds)
def test_the_same_problem_and_seed_give_the_same_plan(seed: int) -> None:
    problem = a_random_problem(seed)
    assert draw(problem, seed=seed, rounds=1) == draw(problem, seed=seed, rounds=1)


@few
@given(seeds)
def test_no_need_is_served_that_the_bound_calls_lost(seed: int) -> None:
    problem = a_random_problem(seed)
    most = bound(Layout(problem))
    plan = draw(problem, seed=seed, rounds=1)
    prompt = {n for s in plan.sessions for n in s.att if s.start < problem.needs[n].due}
    assert prompt.isdisjoint(most.lost)
    assert len(prompt) <= most.on_time + 1e-6


def test_progress_tells_stages_and_never_loses_count() -> None:
    seen: list[Progress] = []
    plan = draw(a_random_problem(7), progress=seen.append)
    assert seen[0].stage == "First plan"
    assert seen[-1].stage == "Checking"
    assert seen[-1].placed == plan.figures.placed
    assert all(p.placed + p.owed == plan.figures.needs for p in seen)


def test_a_problem_with_nothing_in_it_has_a_plan() -> None:
    empty = replace(a_problem(people=0), sites=(), pools=(), teams=(), facilitators=(), activities=())
    for problem in (a_problem(), a_problem(people=0), empty):
        plan = draw(problem)
        assert (plan.sessions, plan.owed, plan.figures.share, plan.figures.violations) == ((), (), 1.0, 0)


def test_nobody_to_lead_leaves_needs_owed_not_errors() -> None:
    problem = replace(a_problem([a_need(f"p{i}") for i in range(3)]), facilitators=())
    plan = draw(problem)
    assert plan.owed == (0, 1, 2)
    assert {r.code for r in explain(problem, plan)} == {"facilitator"}


def test_first_things_come_first() -> None:
    needs = [
        a_need(f"p{i}", act, due=3 * WEEK, latest=4 * WEEK) for i in range(4) for act in ("boundaries", "listening")
    ]
    problem = a_problem(needs)
    problem = replace(problem, agents=tuple(replace(a, holds=None) for a in problem.agents))
    plan = draw(problem)
    assert plan.owed == ()
    assert check(problem, plan.sessions) == ()


def test_nothing_new_starts_inside_the_freeze_window() -> None:
    problem = replace(a_problem([a_need(f"p{i}", latest=4 * WEEK) for i in range(3)]), frozen_until=8 * DAY)
    plan = draw(problem)
    assert plan.owed == ()
    assert min(s.start for s in plan.sessions) >= 8 * DAY


def test_a_pinned_session_begun_before_the_horizon_counts_for_spacing() -> None:
    needs = [Need("p0", "round", -WEEK, 0, 0), Need("p1", "round", -WEEK, 0, 0), a_need("p0"), a_need("p1")]
    past = a_session(start=at(-3, 9))
    plan = draw(replace(a_problem(needs), pinned=(past,)))
    assert past in plan.sessions
    assert min(s.start for s in plan.sessions if s != past) >= at(4, 9)


def test_pinned_sessions_of_a_series_lead_on_with_the_same_coach() -> None:
    needs = [Need("p0", "coaching", 0, 4 * WEEK, 4 * WEEK, "c", k) for k in range(3)]
    problem = a_problem(needs)
    other = replace(problem.facilitators[2], id="other")
    pinned = (replace(a_session("coaching", att=(0,)), fac="other"),)
    problem = replace(problem, facilitators=(*problem.facilitators, other), pinned=pinned, series=(Series("c", "p0"),))
    plan = draw(problem)
    assert plan.owed == ()
    assert {s.fac for s in plan.sessions} == {"other"}
    assert check(problem, plan.sessions) == ()


def test_wished_times_of_a_series_are_met_where_they_can_be() -> None:
    needs = [Need("p0", "coaching", k * WEEK, (k + 2) * WEEK, 4 * WEEK, "c", k) for k in range(3)]
    problem = replace(a_problem(needs), series=(Series("c", "p0", ((2, 28, 32),)),))
    plan = draw(problem)
    assert {(s.start // DAY % 7, 28 <= s.start % DAY < 32) for s in plan.sessions} == {(2, True)}


def test_a_small_group_takes_from_one_that_can_spare() -> None:
    """Three of one team can come only in the first half, one only later: the late one needs company to be moved."""
    needs = [a_need(f"p{i}", due=2 * WEEK, latest=2 * WEEK) for i in range(4)]
    problem = a_problem(needs, people=8)
    early = tuple(s for s in office(4) if s[0] < WEEK)
    late = tuple(s for s in office(4) if s[0] >= WEEK)
    problem = change_agent(change_agent(problem, "p0", work=early), "p1", work=early)
    problem = change_agent(problem, "p3", work=late)
    plan = draw(problem)
    assert plan.owed == ()
    assert sorted(len(s.att) for s in plan.sessions) == [2, 2]


def test_a_document_comes_back_with_pins_verbatim_and_figures() -> None:
    problem = replace(a_problem([a_need(f"p{i}") for i in range(3)]), pinned=(a_session(),))
    document = write_problem(problem)
    document["pinned"][0]["note"] = "kept by hand"  # type: ignore[index]
    plan, figures = draw_document(document)
    assert document["pinned"][0] in plan["sessions"]  # type: ignore[index,operator]
    assert (figures.needs, figures.violations) == (3, 0)
    assert plan["owed"] == [2]


def test_a_document_that_is_no_instance_is_refused() -> None:
    with pytest.raises(InvalidError):
        draw_document({"weeks": "many"})


@pytest.mark.parametrize(("name", "first", "full"), [("small", 0.94, 0.98), ("middle", 0.94, 0.997)])
def test_public_instances_reach_their_goals(name: str, first: float, full: float) -> None:
    document = json.loads(shared_file(f"data/planning/{name}.json").read_text())
    judged = judge()
    for share, construct_only in ((first, True), (full, False)):
        plan, figures = draw_document(document, construct_only=construct_only)
        assert figures.share >= share
        assert figures.violations == 0
        assert judged(document, plan)[0] == []
