"""Facilitators who lead in several parts: a week of theirs is of one part, the parts make one plan that holds."""

import pickle
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devsys.core.planning.check import check
from devsys.core.planning.draw import draw
from devsys.core.planning.explain import explain
from devsys.core.planning.parts import Part, split
from devsys.core.planning.problem import WEEK, Problem
from tests.planning.builders import draws, side_by_side
from tests.planning.test_reasons import judged, stands

few = settings(max_examples=4, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
seeds = st.integers(0, 10**6)
APART = 1  # people times slots that are planned together: no two sites are


def everywhere(seed: int, copies: int = 2) -> Problem:
    """Give copies of a random problem in which about half of the facilitators lead at every site."""
    rng = draws(seed)
    problem = side_by_side(seed, copies)
    sites = tuple(s.id for s in problem.sites)
    leads = (replace(f, sites=sites) if rng.random() < 0.5 else f for f in problem.facilitators)
    return replace(problem, facilitators=tuple(leads))


def weeks_of(part: Part) -> dict[str, set[int]]:
    """Give the weeks in which each shared facilitator may lead something new in a part."""
    shared = {f.id for f in part.shared}
    leads = (f for f in part.problem.facilitators if f.id in shared)
    return {f.id: {slot // WEEK for a, b in f.work for slot in range(a, b)} for f in leads}


@few
@given(seeds)
def test_a_week_of_somebody_who_leads_everywhere_is_of_one_part(seed: int) -> None:
    problem = everywhere(seed)
    parts = split(problem, APART)
    whole = {f.id: f for f in problem.facilitators}
    tables = [weeks_of(part) for part in parts]
    for name in {n for table in tables for n in table}:
        owned = [week for table in tables for week in table.get(name, ())]
        assert len(owned) == len(set(owned))
    for part in parts:
        assert all(whole[f.id] == f for f in part.unshared.facilitators)
    for kind in ("sites", "agents", "needs", "series"):
        assert sum(len(getattr(p.problem, kind)) for p in parts) == len(getattr(problem, kind))


@few
@given(seeds)
def test_parts_that_share_people_make_a_plan_that_holds(seed: int) -> None:
    problem = everywhere(seed)
    first = draw(problem, seed=seed, rounds=0, together=APART)
    assert check(problem, first.sessions) == ()
    assert first.figures.violations == 0
    assert first.figures.bound >= draw(problem, seed=seed, rounds=0, construct_only=True).figures.on_time
    rng = draws(seed)
    # A series with a step missing before one that is pinned is broken, whatever is drawn.
    pinned = tuple(s for s in first.sessions if s.act != "coaching" and rng.random() < 0.4)
    again = replace(problem, pinned=pinned)
    plan = draw(again, rounds=0, construct_only=True, together=APART)
    assert check(again, plan.sessions) == ()
    assert set(pinned) <= set(plan.sessions)
    assert plan == draw(again, rounds=0, construct_only=True, together=APART)


@few
@given(seeds)
def test_reasons_found_in_parts_hold_in_the_whole(seed: int) -> None:
    problem = everywhere(seed)
    plan = draw(problem, rounds=0, together=APART)
    found = explain(problem, plan, together=APART)
    assert [o.need for o in found] == list(plan.owed)
    for owed in found:
        for fit in (*((owed.proof,) if owed.proof else ()), *owed.fits):
            assert judged(problem, plan, fit, owed.need) == [], (owed.code, fit.words)
            assert stands(plan, fit)
    assert sum(o.proof is not None for o in found) >= 0.95 * len(found)


@pytest.mark.parametrize("seed", [1, 2])
def test_reasons_are_the_same_by_part_where_nobody_is_shared(seed: int) -> None:
    problem = side_by_side(seed, 2)
    plan = draw(problem, rounds=0)
    parts = split(problem)
    assert len(parts) > 1
    alone = []
    for part in parts:
        here = {n: i for i, n in enumerate(part.needs)}
        sessions = tuple(
            replace(s, att=tuple(here[n] for n in s.att)) for s in plan.sessions if all(n in here for n in s.att)
        )
        owed = tuple(here[n] for n in plan.owed if n in here)
        mine = explain(part.problem, replace(plan, sessions=sessions, owed=owed))
        alone += [(part.needs[o.need], o.code, o.sentence, o.would_fit) for o in mine]
    assert sorted(alone) == [(o.need, o.code, o.sentence, o.would_fit) for o in explain(problem, plan)]


def test_few_people_are_planned_together_whoever_leads_everywhere() -> None:
    problem = everywhere(4)
    size = len(problem.agents) * problem.slots
    assert len(split(problem)) == len(split(problem, size)) == 1
    assert not split(problem, size)[0].shared
    assert len(split(problem, size - 1)) > 1


def test_those_who_lead_at_fewer_sites_join_them_first() -> None:
    problem = everywhere(4, 3)
    least = [p.problem for p in split(problem, APART)]
    size = max(len(p.agents) for p in least) + sum(len(p.agents) for p in least[:2])
    near = tuple(s.id for p in least[:2] for s in p.sites)
    first, *others = problem.facilitators
    together = replace(problem, facilitators=(*others, replace(first, sites=near)))
    assert len(least) > 2
    (joined,) = (p for p in split(together, size * problem.slots) if near[0] in {s.id for s in p.problem.sites})
    assert set(near) <= {s.id for s in joined.problem.sites}


def test_a_part_travels_with_all_of_the_time_of_those_it_shares() -> None:
    part = next(p for p in split(everywhere(4), APART) if p.shared)
    other = pickle.loads(pickle.dumps(part))  # noqa: S301 -- our own bytes
    assert [replace(f, name="") for f in part.shared] == list(other.shared)
    assert other.problem.facilitators == tuple(replace(f, name="") for f in part.problem.facilitators)
