"""Random changes to small organisations, and what every repair must keep."""

import importlib.util
import json
from collections.abc import Iterable
from dataclasses import replace
from random import Random
from typing import Any

from devsys.core.planning.change import Away, Change, Closed, Leaver, More, changed, read_change
from devsys.core.planning.check import check
from devsys.core.planning.draw import draw
from devsys.core.planning.exchange import read_problem, write_problem
from devsys.core.planning.problem import DAY, Problem, Session
from tests.loud import shared_file
from tests.planning.builders import a_random_problem, draws


def a_change(rng: Random, problem: Problem) -> Change:
    """Give one to three things that happen to an organisation."""
    slots = problem.slots
    now = rng.choice((0, 0, rng.randrange(slots // 2)))

    def span() -> tuple[int, int | None]:
        first = rng.randrange(now, slots)
        return first, rng.choice((first + rng.randint(1, 20), first + rng.randint(1, 7) * DAY, None))

    absent: list[Away] = []
    closed: list[Closed] = []
    more: list[More] = []
    leavers: list[Leaver] = []
    for _ in range(rng.choice((1, 1, 2, 3))):
        kind = rng.choice("aaaffrqql")
        if kind == "a":
            absent.append(Away(rng.choice(problem.agents).id, *span()))
        elif kind == "f":
            absent.append(Away(rng.choice(problem.facilitators).id, *span()))
        elif kind == "r":
            closed.append(Closed(rng.choice([r.id for s in problem.sites for r in s.rooms]), *span()))
        elif kind == "q":
            more.append(More(rng.choice(problem.pools).id, *span(), rng.randint(1, 3)))
        else:
            leavers.append(Leaver(rng.choice(problem.agents + problem.facilitators).id, span()[0]))
    return Change(now, tuple(absent), tuple(closed), tuple(more), tuple(leavers))


def a_case(seed: int) -> tuple[Problem, Problem, tuple[Session, ...], Change]:
    """Give an organisation, the same after a random change, its plan before, and the change."""
    rng = draws(seed)
    problem = a_random_problem(rng.randrange(10_000), plain=rng.random() < 0.3)
    sessions = draw(problem, rounds=rng.choice((0, 1))).sessions
    if rng.random() < 0.4 and sessions:
        problem = replace(problem, pinned=tuple(rng.sample(sessions, min(2, len(sessions)))))
    change = a_change(rng, problem)
    frozen = rng.choice((change.now, change.now, max(change.now, problem.frozen_until), change.now + 2 * DAY))
    return problem, replace(changed(problem, change), frozen_until=frozen), sessions, change


def wrong(problem: Problem, before: Iterable[Session], after: Iterable[Session], now: int) -> list[object]:
    """Give all that a repair may not leave: broken rules, changed pins, new seats at too short notice."""
    old, new = tuple(before), tuple(after)
    fixed = {s.id for s in problem.pinned} | {s.id for s in old if s.start < now}
    # A pinned step keeps its series from any order once a step before it is lost: people decide.
    pinned = {s.id for s in problem.pinned}
    by_id = {s.id: s for s in new}
    was = {(n, s.start) for s in old for n in s.att}
    found: list[object] = [
        v
        for v in check(replace(problem, frozen_until=0), new)
        if not set(v.sessions) <= fixed and not (v.rule == "series" and set(v.sessions) & pinned)
    ]
    found += [("may not change", s.id) for s in old if s.id in fixed and by_id.get(s.id) != s]
    first = max(problem.frozen_until, now)
    found += [("too soon", s.id) for s in new for n in s.att if s.start < first and (n, s.start) not in was]
    return found


def judged(
    instance: dict[str, Any], change: dict[str, Any], plan: dict[str, Any], found: dict[str, Any]
) -> tuple[list[Any], dict[str, Any]]:
    """Give what the outside judge finds in a new plan, of sessions that could change, and its figures.

    The judge knows no closed rooms.
    """
    spec = importlib.util.spec_from_file_location("check_plan", shared_file("bench/check_plan.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    problem = read_problem(instance)
    after = write_problem(changed(problem, read_change(change, problem)))
    plain = json.loads(json.dumps(after))
    violations, figures = module.check(plain, found, plan, change["now"])
    begun = {s["id"] for s in plan["sessions"] if s["start"] < change["now"]}
    return [v for v in violations if v[1] not in begun], figures
