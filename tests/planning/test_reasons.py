"""Reasons hold: let go alone, with all else as it stands, a named reason makes its need placeable.

Whether a need is placed is the verifier's word over the whole problem and plan, never the planner's. That nothing but
the named reason was let go is compared field by field; that without it there was no place is found by trying all.
"""

from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from itertools import combinations, islice

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devsys.core.planning.check import check
from devsys.core.planning.desk import Violation
from devsys.core.planning.draw import draw
from devsys.core.planning.explain import REASONS, Fit, Owed, explain
from devsys.core.planning.problem import Need, Plan, Problem, Session
from devsys.core.planning.relax import Relax, eased
from devsys.core.planning.relax_trial import Trial
from tests.planning.builders import a_random_problem, draws
from tests.planning.hard import a_hard_problem

few = settings(max_examples=5, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
many = settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
seeds = st.integers(0, 10**6)


def judged(problem: Problem, plan: Plan, fit: Fit, need: int) -> list[Violation]:
    """Give what the verifier finds in the whole plan with a need seated and some rules let go."""
    assert need in fit.session.att
    without = eased(problem, plan.sessions, fit.relaxes)
    sessions = [s for s in without.sessions if s.id != fit.session.id] + [fit.session]
    return [v for v in check(without.problem, sessions) if (v.rule, v.who) not in without.lifted]


def stands(plan: Plan, fit: Fit) -> bool:
    """Say whether the seat is new, or one more in a session that otherwise stays as it is."""
    before = {s.id: s for s in plan.sessions}.get(fit.session.id)
    if before is None:
        return True
    return replace(fit.session, att=before.att) == before and set(before.att) < set(fit.session.att)


def prove(problem: Problem, plan: Plan) -> tuple[Owed, ...]:
    """Judge every reason and every change that is said to let a need fit."""
    found = explain(problem, plan)
    assert [o.need for o in found] == list(plan.owed)
    for owed in found:
        assert all(code in REASONS for code in owed.code.split("+"))
        for fit in (*((owed.proof,) if owed.proof else ()), *owed.fits):
            assert judged(problem, plan, fit, owed.need) == [], (owed.code, fit.words)
            assert stands(plan, fit)
    return found


@few
@given(seeds)
def test_a_named_reason_let_go_alone_makes_the_need_placeable(seed: int) -> None:
    problem = a_hard_problem(seed)
    found = prove(problem, draw(problem, rounds=1))
    assert sum(o.proof is not None for o in found) >= 0.95 * len(found)


@pytest.mark.parametrize("seed", [57009, 57209])
def test_a_need_that_is_too_long_and_frozen_has_a_reason_that_holds(seed: int) -> None:
    """Two rules leave no start, each by itself; naming one of them was once thought enough."""
    problem = a_hard_problem(seed)
    found = prove(problem, draw(problem, rounds=1))
    assert any(o.code.startswith("dose+window") for o in found)
    assert all(o.proof is not None for o in found)


@pytest.mark.soak
@many
@given(seeds)
def test_reasons_hold_in_hundreds_of_problems(seed: int) -> None:
    problem = a_hard_problem(seed)
    found = prove(problem, draw(problem, rounds=1))
    assert sum(o.proof is not None for o in found) >= 0.95 * len(found)


# ---- nothing but the reason is let go


CHANGES = {
    "window": {"frozen_until"},
    "open_day": {"sites"},
    "at_work": {"agents"},
    "facilitator": {"facilitators"},
    "leaders_taken": {"facilitators", "pinned"},
    "room": {"sites"},
    "coverage": {"pools"},
    "companions": {"activities"},
    "others_placed": {"activities"},
    "full": {"activities"},
    "dose": {"rules"},
    "one_place": {"pinned"},
    "queue_taken": {"pinned"},
    "rooms_taken": {"pinned"},
    "competition": {"pinned"},
}
LIFTED = {"window", "dose", "series", "prerequisite", "spacing", "recovery"}


def named(owed: Owed) -> set[str]:
    """Give the codes a reason may let go: an "open" place nothing, one session that came first itself."""
    codes = set(owed.code.split("+")) - {"open"}
    return codes | {"companions"} if "others_placed" in codes else codes


@few
@given(seeds)
def test_nothing_but_the_named_reason_is_let_go(seed: int) -> None:
    problem = a_hard_problem(seed)
    plan = draw(problem, rounds=1)
    for owed in explain(problem, plan):
        assert owed.proof is not None
        codes = {r.code for r in owed.proof.relaxes}
        # Where several rules stand behind other sessions, those sessions are let go as one.
        assert codes - {"competition"} <= named(owed)
        assert bool(codes) != (owed.code == "open")
        without = eased(problem, plan.sessions, owed.proof.relaxes)
        changed = {f.name for f in fields(Problem) if getattr(problem, f.name) != getattr(without.problem, f.name)}
        assert changed <= set().union(*(CHANGES.get(code, set()) for code in codes))
        assert bool(without.lifted) <= bool(codes & LIFTED)
        gone = {i for r in owed.proof.relaxes for i in r.gone}
        assert set(plan.sessions) - set(without.sessions) == {s for s in plan.sessions if s.id in gone}
        assert set(without.sessions) <= set(plan.sessions)


def test_a_queue_is_lowered_by_the_amount_and_in_the_slots_that_are_named() -> None:
    problem = a_random_problem(5)
    pool = problem.pools[0]
    relax = Relax("coverage", who=pool.id, first=100, end=103, amount=1)
    (lower, *others) = eased(problem, (), (relax,)).problem.pools
    assert lower.required == tuple(max(0, r - 1) if 100 <= slot < 103 else r for slot, r in enumerate(pool.required))
    assert tuple(others) == problem.pools[1:]


def test_a_rule_of_a_person_is_lifted_for_that_person_only() -> None:
    problem = a_random_problem(5)
    for code in ("spacing", "prerequisite", "recovery", "dose", "window"):
        without = eased(problem, (), (Relax(code, agent="a1"),))
        assert (without.problem, without.lifted) == (problem, {(code, "a1")})


# ---- without it there was no place


def seats(problem: Problem, plan: Plan, need: Need, position: int) -> Iterator[Session]:
    """Give every seat a need could have where all else stands: places in drawn sessions, and new ones of any group."""
    agents = {a.id: a for a in problem.agents}
    me, act = agents[need.agent], next(a for a in problem.activities if a.id == need.act)
    pins = {s.id for s in problem.pinned}
    for s in plan.sessions:
        if s.act == need.act and s.id not in pins:
            yield replace(s, att=(*s.att, position))
    waiting = [
        n
        for n in plan.owed
        if n != position and problem.needs[n].act == need.act and agents[problem.needs[n].agent].site == me.site
    ]
    site = next(s for s in problem.sites if s.id == me.site)
    rooms = [r.id for r in site.rooms] if act.room and not act.online else [None]
    leads = [f.id for f in problem.facilitators if act.id in f.quals and site.id in f.sites]
    groups = [(position, *others) for others in combinations(waiting, act.gmin - 1)][:40]
    spans = [s for a, b in me.work for s in range(a, b - act.length + 1)]
    for start in spans:
        if need.earliest <= start < need.latest:
            yield from (
                Session("seat", act.id, start, f, r, site.id, tuple(sorted(g)))
                for f in leads
                for r in rooms
                for g in groups
            )


def placeable(problem: Problem, plan: Plan, position: int) -> bool | None:
    """Say whether some seat breaks nothing, by the verifier; None when there are more seats than are tried."""
    found = list(islice(seats(problem, plan, problem.needs[position], position), 150))
    for seat in found:
        if not check(problem, ([s for s in plan.sessions if s.id != seat.id] + [seat])):
            return True
    return None if len(found) == 150 else False


def test_without_letting_go_there_is_no_place_and_an_open_one_is_said() -> None:
    """Plans are drawn only in part, so that places are left."""
    found: list[bool] = []
    for seed in range(4):
        problem = a_hard_problem(seed)
        plan = draw(problem, construct_only=True)
        plan = Plan(plan.sessions[::2], tuple(range(len(problem.needs))), plan.figures)
        seated = {n for s in plan.sessions for n in s.att}
        plan = replace(plan, owed=tuple(n for n in plan.owed if n not in seated))
        if check(problem, plan.sessions):
            continue  # a series lost its first step
        for owed in draws(seed).sample(explain(problem, plan), 12):
            if (place := placeable(problem, plan, owed.need)) is not None:
                assert place == (owed.code == "open"), owed.sentence
                found.append(place)
    assert {True, False} == set(found)


# ---- the narrowed trial says what the verifier says


def seats_at_random(problem: Problem, plan: Plan, seed: int, count: int) -> Sequence[Session]:
    rng = draws(seed)
    out = []
    for _ in range(count):
        act = rng.choice(problem.activities)
        needs = [n for n in plan.owed if problem.needs[n].act == act.id]
        if not needs:
            continue
        att = tuple(sorted(rng.sample(needs, min(len(needs), rng.randint(1, act.gmax)))))
        agents = {a.id: a for a in problem.agents}
        one = agents[problem.needs[att[0]].agent]
        site = next(s for s in problem.sites if s.id == one.site)
        spans = one.work or ((0, problem.slots),)
        a, b = rng.choice(spans)
        rooms = [r.id for r in site.rooms]
        room = rng.choice(rooms) if act.room and rooms else None
        leader = rng.choice(problem.facilitators).id
        out.append(Session("seat", act.id, rng.randrange(a, max(a + 1, b)), leader, room, site.id, att))
    return out


@few
@given(seeds)
def test_the_narrowed_trial_agrees_with_the_whole_verifier(seed: int) -> None:
    problem = a_random_problem(seed)
    plan = draw(problem, rounds=0, construct_only=True)
    cut = plan.sessions[::2]
    seated = {n for s in cut for n in s.att}
    plan = replace(plan, sessions=cut, owed=tuple(n for n in range(len(problem.needs)) if n not in seated))
    trial = Trial(problem, plan.sessions)
    before = set(check(problem, plan.sessions))
    for seat in (*seats_at_random(problem, plan, seed, 12), *(replace(s, id="seat") for s in plan.sessions[:3])):
        whole = set(check(problem, (*plan.sessions, seat))) - before
        assert trial.holds((), seat) == (not whole), whole
