"""How the cost of a plan grows with the organisation: ratios of processor time, never seconds."""

import importlib.util
from dataclasses import replace
from time import process_time
from typing import Any

import pytest

from devsys.core.planning.draw import draw
from devsys.core.planning.exchange import read_problem
from devsys.core.planning.parts import TOGETHER, split
from devsys.core.planning.problem import Problem
from tests.loud import shared_file

pytestmark = pytest.mark.bench


def an_instance(agents: int, sites: int, weeks: int, seed: int = 3) -> Any:
    """Give an instance of the public maker."""
    spec = importlib.util.spec_from_file_location("make_instance", shared_file("bench/make_instance.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.gen(agents, sites, weeks, seed)


def cost(problem: Problem, *, construct_only: bool = False, together: int = TOGETHER) -> tuple[float, float]:
    """Give processor seconds per need, and the share of the bound."""
    began = process_time()
    plan = draw(problem, construct_only=construct_only, together=together)
    assert plan.figures.violations == 0
    return (process_time() - began) / len(problem.needs), plan.figures.share


def test_a_need_costs_little_more_in_a_large_organisation(capsys: pytest.CaptureFixture[str]) -> None:
    small, large = (read_problem(an_instance(n, s, 26)) for n, s in ((300, 1), (1000, 3)))
    cost(small, construct_only=True)  # loads the solver
    (few, few_share), (many, many_share) = cost(small), cost(large)
    with capsys.disabled():
        print(f"\ncost per need, 1,000 against 300 people: {many / few:.2f}; shares {few_share:.4f} {many_share:.4f}")  # noqa: T201
    assert many <= 1.5 * few
    assert min(few_share, many_share) >= 0.99


def test_who_leads_everywhere_makes_no_need_dearer(capsys: pytest.CaptureFixture[str]) -> None:
    """A specialist of each site leads at all of them: planned apart, a need costs what it costs without them."""
    alone = read_problem(an_instance(600, 3, 26))
    sites = tuple(s.id for s in alone.sites)
    first = {f.sites: f.id for f in reversed(alone.facilitators) if len(f.sites) == 1}
    leads = (replace(f, sites=sites) if f.id in first.values() else f for f in alone.facilitators)
    shared = replace(alone, facilitators=tuple(leads))
    assert len(split(shared)) == 1
    assert len(split(shared, 1)) == len(sites)
    cost(alone, construct_only=True)  # loads the solver
    (apart, apart_share), (lent, lent_share) = cost(alone), cost(shared, together=1)
    with capsys.disabled():
        print(f"\ncost per need, lent against alone: {lent / apart:.2f}; shares {apart_share:.4f} {lent_share:.4f}")  # noqa: T201
    assert lent <= 1.5 * apart
    assert lent_share >= apart_share - 0.003


def test_a_plan_costs_a_bounded_multiple_of_reading_its_instance(capsys: pytest.CaptureFixture[str]) -> None:
    document = an_instance(300, 1, 52)
    began = process_time()
    problem = read_problem(document)
    reading = process_time() - began
    per_need, share = cost(problem)
    ratio = per_need * len(problem.needs) / reading
    with capsys.disabled():
        print(f"\na full run over reading the instance: {ratio:.0f}; share {share:.4f}")  # noqa: T201
    assert ratio <= 100
    assert share >= 0.997
