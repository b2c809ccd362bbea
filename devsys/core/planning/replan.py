"""A plan document repaired after a change document: the thinking behind `devsys replan-file`."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace

from devsys.core.planning.change import changed, read_change
from devsys.core.planning.check import Violation, check
from devsys.core.planning.exchange import read_problem, read_sessions, write_session
from devsys.core.planning.problem import Problem, Session
from devsys.core.planning.reading import Faults, Reader
from devsys.core.planning.repair import Repaired, repair
from devsys.core.planning.repair_steps import never
from devsys.core.planning.sound import session_faults


@dataclass(frozen=True, slots=True)
class Replanned:
    """The document of the new plan, what became of the old one, and what the new one breaks.

    `broken` is empty unless sessions that may not change cannot stand.
    """

    document: dict[str, object]
    repaired: Repaired
    broken: tuple[Violation, ...]


def replan_document(
    instance: Mapping[str, object],
    plan: Mapping[str, object],
    change: object,
    *,
    seed: int = 0,
    stop: Callable[[], bool] = never,
) -> Replanned:
    """Give the plan that holds after a change; rows of sessions that do not change are given back verbatim.

    Needs that the plan neither seats nor lists as owed are new and get a place where nobody moves for it. Raises
    InvalidError with the place of every fault: in the instance, in the plan or in the change.
    """
    before = read_problem(instance)
    old = _sessions(plan, before)
    stated = read_change(change, before)
    problem = changed(before, stated)
    problem = replace(problem, frozen_until=max(problem.frozen_until, stated.now))
    found = repair(problem, old, now=stated.now, wanted=_new_needs(plan, problem, old), seed=seed, stop=stop)
    given = plan.get("sessions")
    rows = dict(zip((s.id for s in old), given if isinstance(given, list | tuple) else (), strict=False))
    same = {s.id: s for s in old}
    sessions = [rows[s.id] if same.get(s.id) == s else write_session(s) for s in found.sessions]
    document: dict[str, object] = {
        "sessions": sessions,
        "moved": [{"session": name, "people": people} for name, people in found.moved],
        "refacilitated": list(found.refacilitated),
        "dropped": list(found.dropped),
        "owed": sorted(set(range(len(problem.needs))) - {n for s in found.sessions for n in s.att}),
        "left_out": list(found.owed),
        "opened": list(found.opened),
        "freed": list(found.freed),
        "ended": list(found.ended),
        "certificate": asdict(found.certificate),
    }
    return Replanned(document, found, check(replace(problem, frozen_until=0), found.sessions))


def _sessions(plan: Mapping[str, object], problem: Problem) -> tuple[Session, ...]:
    sessions = read_sessions(plan, "plan")
    faults = Faults("plan")
    for fault in session_faults(problem, sessions, "sessions"):
        faults.add(fault.where, fault.what)
    faults.settle()
    return sessions


def _new_needs(plan: Mapping[str, object], problem: Problem, old: tuple[Session, ...]) -> list[int]:
    """Give the needs that came after the plan was drawn; a plan that lists nothing as owed knows all it leaves out."""
    seated = {n for s in old for n in s.att}
    if plan.get("owed") is None:
        return []
    faults = Faults("plan")
    owed = set(Reader(plan, "", faults).numbers("owed", low=0))
    faults.settle()
    return [n for n in range(len(problem.needs)) if n not in seated and n not in owed]
