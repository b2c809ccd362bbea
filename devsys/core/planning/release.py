"""Let go of what can no longer stand: people who are away, sessions that break a rule by what changed around them.

This keeps a published calendar safe when absences or requirements arrive after it; finding the best repair is
another matter and not done here.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

from devsys.core.model.calendar import Session, Status
from devsys.core.model.causes import NO_FACILITATOR, NO_LONGER_FITS, NO_ROOM, SOMEBODY
from devsys.core.planning.check import Violation, check
from devsys.core.planning.picture import Picture

ROUNDS = 6
CAUSES: Mapping[str, str] = MappingProxyType(
    {"coverage": "the queue needs its people", "facilitator": NO_FACILITATOR, "room": NO_ROOM}
)


def release(
    standing: Iterable[Session], see: Callable[[Iterable[Session]], Picture], *, now: datetime
) -> dict[str, Session]:
    """Give, by id, the standing sessions that must change: with people taken out, or cancelled, each with its cause.

    Only future sessions that are not pinned are touched; what a pinned one breaks stays for a person to decide. `see`
    gives the planner's picture of the sessions that still stand.
    """
    held = {s.id: s for s in standing}
    changed: dict[str, Session] = {}
    for _ in range(ROUNDS):
        view = see([s for s in held.values() if s.status is Status.PLANNED])
        fixed = _fixed(check(view.problem, view.problem.pinned), held, view, now)
        if not fixed:
            break
        changed |= fixed
        held |= fixed
    return changed


def _fixed(
    broken: Iterable[Violation], held: Mapping[str, Session], view: Picture, now: datetime
) -> dict[str, Session]:
    found: dict[str, Session] = {}
    for violation in broken:
        if any(i in found for i in violation.sessions):
            continue  # what was just changed is looked at again in the next round
        free = [held[i] for i in violation.sessions if i in held and held[i].starts_utc > now and not held[i].pinned]
        if free:
            last = max(free, key=lambda s: (s.starts_utc, s.id))
            found[last.id] = _without(last, violation, view)
    return found


def _without(session: Session, violation: Violation, view: Picture) -> Session:
    """Take one person out where the rule speaks of one and enough are left; otherwise cancel the session."""
    if violation.who not in session.people:
        return replace(session, status=Status.CANCELLED, cause=CAUSES.get(violation.rule, NO_LONGER_FITS))
    places = tuple(p for p in session.places if p.person_id != violation.who)
    activity = view.activities.get(session.activity)
    if activity is not None and len(places) >= activity.group[0]:
        return replace(session, places=places, cause=SOMEBODY)
    return replace(session, status=Status.CANCELLED, cause=f"{SOMEBODY}, and too few are left")
