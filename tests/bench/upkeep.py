"""Jobs on a plan that stands: what a repair costs and moves, and how many named reasons are confirmed."""

import resource
from collections import Counter
from random import Random
from statistics import median
from typing import Any

from devsys.core.planning.check import check
from devsys.core.planning.draw import draw
from devsys.core.planning.problem import DAY, WEEK, Plan, Problem, Session

ABSENCES, SICK_LEADERS, REASONS = 60, 30, 200
Answer = tuple[tuple[Session, ...], dict[str, Any]]


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return sum(u.ru_utime + u.ru_stime for u in used)


def _planned(problem: Problem) -> tuple[Plan, float]:
    began = _cpu()
    plan = draw(problem)
    return plan, _cpu() - began


def repairs(problem: Problem, spec: dict[str, Any]) -> Answer:
    """Repair a year again and again, each time after another single absence; give costs as parts of a full plan."""
    plan, full = _planned(problem)
    rng = Random(spec["shape"]["seed"])  # noqa: S311 -- a draw that can be repeated
    people = [_repaired(problem, plan, rng, leader=False) for _ in range(ABSENCES)]
    leaders = [_repaired(problem, plan, rng, leader=True) for _ in range(SICK_LEADERS)]
    return plan.sessions, {
        "bound": plan.figures.bound,
        "absence": _summed(people, full),
        "leader": _summed(leaders, full),
    }


def _repaired(problem: Problem, plan: Plan, rng: Random, *, leader: bool) -> dict[str, Any]:
    """Give what one repair cost and did: somebody in a session is away for that day."""
    from devsys.core.planning.change import Away, Change, changed
    from devsys.core.planning.repair import repair

    session = rng.choice([s for s in plan.sessions if s.start >= 2 * WEEK and s.att])
    site = next(s for s in problem.sites if s.id == session.site)
    first = session.start
    while first > 0 and site.day_of(first - 1) == site.day_of(session.start):
        first -= 1
    who = session.fac if leader else problem.needs[rng.choice(session.att)].agent
    now = max(0, first - rng.randint(0, 5 * DAY))
    after = changed(problem, Change(now, absent=(Away(who, first, first + DAY),)))
    began = _cpu()
    found = repair(after, plan.sessions, now=now, before=problem)
    cost = _cpu() - began
    left = {v.sessions for v in found.left}
    broken = [v for v in check(after, found.sessions) if v.sessions not in left]
    return {
        "cost": cost,
        "freed": len(found.freed),
        "owed": len(found.owed),
        "bound": found.certificate.bound,
        "proved": found.certificate.proved,
        "led_by_others": len(found.refacilitated),
        "violations": len(broken),
    }


def _summed(rows: list[dict[str, Any]], full: float) -> dict[str, Any]:
    costs = sorted(r["cost"] for r in rows)
    total = Counter({key: sum(r[key] for r in rows) for key in ("freed", "owed", "bound", "proved", "violations")})
    return dict(total) | {
        "repairs": len(rows),
        "median": median(costs) / full,
        "worst_of_twenty": costs[int(0.95 * (len(costs) - 1))] / full,
    }


def reasons(problem: Problem, spec: dict[str, Any]) -> Answer:
    """Name a reason for every need owed, and let go of exactly that for some, drawn by lot: does a seat appear?"""
    from devsys.core.planning import explain, relax

    plan, full = _planned(problem)
    began = _cpu()
    found = explain.explain(problem, plan)
    naming = _cpu() - began
    rng = Random(spec["shape"]["seed"])  # noqa: S311 -- a draw that can be repeated
    some = rng.sample(found, min(len(found), REASONS))
    good = 0
    for owed in some:
        if owed.proof is not None:
            without = relax.eased(problem, plan.sessions, owed.proof.relaxes)
            seated = [s for s in without.sessions if s.id != owed.proof.session.id] + [owed.proof.session]
            broken = [v for v in check(without.problem, seated) if (v.rule, v.who) not in without.lifted]
            good += not broken and owed.need in owed.proof.session.att
    return plan.sessions, {
        "bound": plan.figures.bound,
        "named": len(found),
        "judged": len(some),
        "confirmed": good,
        "naming": naming / full,
    }
