"""Let go of what can no longer stand: people who are away, sessions that break a rule by what changed around them.

This keeps a published calendar safe when absences or requirements arrive after it; finding the best repair is
another matter and not done here.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from devsys.core.model.calendar import Session, Status
from devsys.core.planning.check import Violation, check
from devsys.core.planning.picture import Picture

# Rules that one person's place breaks: the person leaves the session, the session stays.
PERSONAL = frozenset({"at_work", "one_place_person", "dose", "spacing", "prerequisite"})
ROUNDS = 6


def release(
    standing: Iterable[Session], see: Callable[[Iterable[Session]], Picture], *, names: Mapping[str, str], now: datetime
) -> dict[str, Session]:
    """Give, by id, the standing sessions that must change: with people taken out, or cancelled, each with its cause.

    Only future sessions that are not pinned are touched; what a pinned one breaks stays for a person to decide. `see`
    gives the planner's picture of the sessions that still stand.
    """
    held = {s.id: s for s in standing}
    changed: dict[str, Session] = {}
    for _ in range(ROUNDS):
        view = see([s for s in held.values() if s.status is Status.PLANNED])
        broken = check(view.problem, view.problem.pinned)
        fixed = _fixed(broken, held, view, names, now)
        if not fixed:
            break
        changed |= fixed
        held |= fixed
    return changed


def _fixed(
    broken: Iterable[Violation], held: Mapping[str, Session], view: Picture, names: Mapping[str, str], now: datetime
) -> dict[str, Session]:
    found: dict[str, Session] = {}
    for violation in broken:
        free = [
            held[i]
            for i in violation.sessions
            if i in held and i not in found and held[i].starts_utc > now and not held[i].pinned
        ]
        if not free or any(i in found for i in violation.sessions):
            continue
        last = max(free, key=lambda s: (s.starts_utc, s.id))
        found[last.id] = _without(last, violation, view, names)
    return found


def _without(session: Session, violation: Violation, view: Picture, names: Mapping[str, str]) -> Session:
    least = view.activities[session.activity].group[0]
    if violation.rule in PERSONAL and violation.who in session.people:
        places = tuple(p for p in session.places if p.person_id != violation.who)
        name = names.get(violation.who, "somebody")
        if len(places) >= least:
            return replace(session, places=places, cause=f"{name} cannot come")
        return replace(session, status=Status.CANCELLED, cause=f"{name} cannot come; too few are left")
    return replace(session, status=Status.CANCELLED, cause=violation.what)
