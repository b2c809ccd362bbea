"""How many named reasons are confirmed by letting exactly that reason go, and what naming them costs."""

# ruff: noqa: T201 -- it prints its figures

from collections import Counter
from dataclasses import replace
from math import ceil
from time import process_time

import pytest

from devsys.core.planning.check import check
from devsys.core.planning.draw import draw
from devsys.core.planning.exchange import read_problem
from devsys.core.planning.explain import explain
from devsys.core.planning.problem import Plan, Problem
from devsys.core.planning.relax import eased
from devsys.core.planning.run import unswept
from tests.bench.test_planning_growth import an_instance
from tests.planning.builders import draws

pytestmark = [pytest.mark.bench, pytest.mark.timeout(3600)]
MOST_JUDGED = 200  # reasons judged over the whole year, drawn by lot


def tightened(problem: Problem, factor: float) -> Problem:
    """Give the problem with every requirement raised by a factor, rounded up."""
    pools = (replace(p, required=tuple(ceil(r * factor) for r in p.required)) for p in problem.pools)
    return replace(problem, pools=tuple(pools))


def confirmed(problem: Problem, plan: Plan, seed: int) -> tuple[int, int, int]:
    """Give how many reasons were judged, were confirmed, and how many of those name one thing only."""
    reasons = explain(problem, plan)
    some = draws(seed).sample(reasons, min(len(reasons), MOST_JUDGED))
    good = single = 0
    for owed in some:
        if owed.proof is None:
            continue
        without = eased(problem, plan.sessions, owed.proof.relaxes)
        seated = [s for s in without.sessions if s.id != owed.proof.session.id] + [owed.proof.session]
        found = [v for v in check(without.problem, seated) if (v.rule, v.who) not in without.lifted]
        good += not found and owed.need in owed.proof.session.att
        single += not found and "+" not in owed.code
    return len(some), good, single


@pytest.mark.parametrize(
    ("factor", "most"), [(1.0, 0.1), (1.03, 0.15), (1.06, 1.0), (1.10, 1.0)], ids=["easy", "x1.03", "x1.06", "x1.10"]
)
def test_reasons_hold_and_cost_little(factor: float, most: float, capsys: pytest.CaptureFixture[str]) -> None:
    problem = tightened(read_problem(an_instance(300, 1, 52, seed=11)), factor)
    began = process_time()
    plan = draw(problem)
    drawing = process_time() - began
    with unswept():  # what earlier benches left in this process is no cost of naming, as it is none of drawing
        began = process_time()
        reasons = explain(problem, plan)
        naming = process_time() - began
    judged, good, single = confirmed(problem, plan, seed=1)
    codes = ", ".join(f"{code} {n}" for code, n in Counter(o.code for o in reasons).most_common(6))
    with capsys.disabled():
        print(
            f"\nrequirement x {factor}: {len(reasons)} owed of {len(problem.needs)}; {good} of {judged} reasons "
            f"confirmed, {single} of them one thing alone; naming all costs {naming / drawing:.3f} of drawing ({codes})"
        )
    assert good >= 0.95 * judged
    assert naming <= most * drawing
