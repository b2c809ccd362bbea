"""Say why a session stands where it does, why not elsewhere, and what would open more: tried, not guessed."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from devsys.actions.brief import see
from devsys.actions.parts import Parts
from devsys.adapters.store.queries import planning as planning_queries
from devsys.adapters.store.queries import sessions
from devsys.adapters.store.queries.planning import Brief
from devsys.base.errors import InvalidError
from devsys.core.model.calendar import Horizon, Session, Status
from devsys.core.model.hours import instant_of, local, monday_of, slot_of, start_of
from devsys.core.planning.check import Violation, judge_move
from devsys.core.planning.picture import Picture
from devsys.core.planning.problem import DAY, Figures, Plan
from devsys.core.planning.problem import Session as Planned
from devsys.core.planning.why import Here, discreet, why_here

WEEKS_AROUND: Final = 4
MOST_NOTS: Final = 4
MOST_OPENS: Final = 3
NOTHING: Final = Figures(needs=0, placed=0, on_time=0, late=0, owed=0, sessions=0, bound=0, share=0, violations=0)
STEPS: Final = (0, -2, 2, -4, 4, -6, 6, -8, 8)  # slots around the same time of another day


@dataclass(frozen=True, slots=True)
class Explained:
    """Why a session is where it is; what stands against other times (local start, rules); what opens."""

    here: Here
    nots: tuple[tuple[datetime, tuple[str, ...]], ...]
    opens: tuple[str, ...]


def explain(parts: Parts, draft_id: str | None, session_id: str) -> Explained | None:
    """Explain a session of the published calendar or of a draft; None when the planner knows nothing of it.

    Reads the brief; nothing is written. On the other days of its week the same time is tried first, then those near.
    """
    now = parts.now()
    with parts.store.read() as db:
        try:
            brief = planning_queries.brief(db, now=now)
        except InvalidError:
            return None
        changed = sessions.changed_in(db, draft_id) if draft_id else ()
    laid = {s.id: s for s in brief.published} | {s.id: s for s in changed}
    one = laid.get(session_id)
    if one is None or one.status is Status.CANCELLED or one.activity not in brief.activities:
        return None
    view = _around(brief, one, laid.values())
    planned = next((p for p in view.problem.pinned if p.id == session_id), None)
    if planned is None:
        return None
    return _explained(replace(view, problem=discreet(view.problem)), planned, one, now)


def _around(brief: Brief, one: Session, calendar: Iterable[Session]) -> Picture:
    first = monday_of(one.starts_utc.date()) - timedelta(weeks=WEEKS_AROUND)
    horizon = Horizon(first, 2 * WEEKS_AROUND + 1)
    return see(brief, horizon, kept=calendar, new_from=start_of(horizon))


def _explained(view: Picture, planned: Planned, one: Session, now: datetime) -> Explained:
    standing = Plan(view.problem.pinned, (), NOTHING)
    here = why_here(view.problem, standing, planned.id)
    nots: list[tuple[datetime, tuple[str, ...]]] = []
    opens: list[str] = []
    for starts in _elsewhere(view, planned, now):
        barred: list[tuple[datetime, int, tuple[Violation, ...]]] = []
        for start in starts:
            when = local(instant_of(start, view.horizon), one.zone)
            broken = judge_move(view.problem, view.problem.pinned, planned.id, start)
            if not broken:
                opens.append(f"{_when(when)} fits as well")
                break
            barred.append((when, start, broken))
        if barred:
            when, start, broken = barred[0]
            nots.append((when, _sentences(broken)))
            if len(barred) == len(starts) and (other := _other_leader(view, planned, start)):
                opens.append(f"{_when(when)} fits with {other} leading")
    return Explained(here, tuple(sorted(nots)[:MOST_NOTS]), tuple(opens[:MOST_OPENS]))


def _when(moment: datetime) -> str:
    return f"{moment:%a} {moment.day} {moment:%B}, {moment:%H:%M}"


def _sentences(broken: Iterable[Violation]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(v.what for v in broken))[:2]


def _elsewhere(view: Picture, planned: Planned, now: datetime) -> Iterable[tuple[int, ...]]:
    """Give, per other day of the week, the starts to try: the same time first, then the nearest around it."""
    site = next(s for s in view.problem.sites if s.id == planned.site)
    day = site.day_of(planned.start)
    monday = day - day % 7
    first = slot_of(now, view.horizon) + 1
    for other in range(monday, monday + 5):
        middle = planned.start + (other - day) * DAY
        starts = tuple(
            middle + step
            for step in STEPS
            if site.day_of(middle + step) == other and first <= middle + step < view.problem.slots
        )
        if other != day and starts:
            yield starts


def _other_leader(view: Picture, planned: Planned, start: int) -> str:
    """Give the name of a qualified facilitator with whom the start breaks nothing, empty when there is none."""
    others = (
        leader
        for leader in view.problem.facilitators
        if leader.id != planned.fac and planned.act in leader.quals and planned.site in leader.sites
    )
    for leader in others:
        if not judge_move(view.problem, view.problem.pinned, planned.id, start, facilitator=leader.id):
            return leader.label
    return ""
