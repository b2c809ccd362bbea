"""Say why a session stands where it does, why not at any other time, and what would open more: tried, not guessed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from devsys.actions.brief import see
from devsys.actions.brief_here import brief_here
from devsys.actions.parts import Parts
from devsys.actions.starts_asked import MARGIN, Answer, horizon_over, moment_asked, reach_of
from devsys.adapters.store.queries import plans, programme, sessions, visible
from devsys.adapters.store.queries.planning import Brief
from devsys.adapters.store.queries.plans import OPEN
from devsys.adapters.store.store import Db
from devsys.base import written
from devsys.base.errors import InvalidError, NotFoundError
from devsys.base.words import phrase
from devsys.core.model.access import Viewer
from devsys.core.model.calendar import Horizon, Session, Status
from devsys.core.model.hours import instant_of, local, slot_of, start_of
from devsys.core.model.programme import Kind
from devsys.core.planning.check import Violation, judge_move
from devsys.core.planning.picture import Picture
from devsys.core.planning.problem import DAY, Figures, Plan
from devsys.core.planning.problem import Session as Planned
from devsys.core.planning.why import Here, discreet, said, why_here, why_not
from devsys.core.policy import may_know

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


@dataclass(frozen=True, slots=True)
class _Subject:
    """The session asked about, in the calendar that is published or that a draft would make of it."""

    one: Session
    brief: Brief
    calendar: Mapping[str, Session]

    horizon: Horizon

    def view(self) -> tuple[Picture, Planned] | None:
        """Give the planner's picture around the session and what is asked; None where the planner does not know it."""
        seen = see(self.brief, self.horizon, kept=self.calendar.values(), new_from=start_of(self.horizon))
        planned = next((p for p in seen.problem.pinned if p.id == self.one.id), None)
        return None if planned is None else (replace(seen, problem=discreet(seen.problem)), planned)


def explain(parts: Parts, viewer: Viewer | None, draft_id: str | None, session_id: str) -> Explained | None:
    """Explain a session of the published calendar or of a draft; None when the planner knows nothing of it.

    Reads the brief; nothing is written. On the other days of its week the same time is tried first, then those near.
    Raises NotAllowedError, NotFoundError where the viewer may not see the session or the draft.
    """
    subject = _subject(parts, viewer, draft_id, session_id)
    found = subject.view() if subject else None
    if subject is None or found is None:
        return None
    view, planned = found
    return _explained(view, planned, subject.one, parts.now())


def ask(parts: Parts, viewer: Viewer | None, draft_id: str | None, session_id: str, at: datetime) -> Answer | None:
    """Say what stands against a session being at any local time of its own zone, and the nearest start that works.

    None when the planner knows nothing of the session. Raises as `explain` does, and InvalidError for a time that
    cannot be a start.
    """
    subject = _subject(parts, viewer, draft_id, session_id, at)
    found = subject.view() if subject else None
    if subject is None or found is None:
        return None
    one, now = subject.one, parts.now()
    moment, (view, planned) = moment_asked(at, one.zone), found
    standing = Plan(view.problem.pinned, (), NOTHING)
    beginning = slot_of(now, view.horizon) + 1
    found_not = why_not(view.problem, standing, planned.id, slot_of(moment, view.horizon), beginning)
    rules = tuple(_firm(one, moment, now)) + found_not.rules
    nearest = None if found_not.nearest is None else local(instant_of(found_not.nearest, view.horizon), one.zone)
    return Answer(at, one.zone, rules, nearest, found_not.words, found_not.leader)


def _firm(one: Session, moment: datetime, now: datetime) -> Iterable[str]:
    """Say what keeps a session from moving there whatever the planner says (R4)."""
    if one.starts_utc <= now:
        yield phrase("This session has begun or is past: it stands as it is.")
    elif one.pinned:
        yield phrase("This session is pinned: no plan moves it.")
    if moment <= now:
        yield phrase("This time is past.")


def _subject(
    parts: Parts, viewer: Viewer | None, draft_id: str | None, session_id: str, at: datetime | None = None
) -> _Subject | None:
    """Give a session with what it is explained by, around it and another local time where one is asked about."""
    with parts.store.read() as db:
        one = _found(db, viewer, draft_id, session_id)
        activities = programme.activities(db)
        activity = activities.get(one.activity)
        if one.status is Status.CANCELLED or activity is None:
            return None
        if activity.kind is Kind.COACHING and (viewer is None or not may_know(viewer, one)):
            raise NotFoundError(phrase("There is no such session."))
        moments = (one.starts_utc,) if at is None else (one.starts_utc, moment_asked(at, one.zone))
        window = timedelta(weeks=activity.cadence.weeks, days=activity.cadence.grace_days)
        horizon = horizon_over(moments, max(MARGIN, window))
        changed = sessions.changed_in(db, draft_id) if draft_id else ()
        try:
            brief, drafted = brief_here(db, one.site_id, horizon, activities.values(), changed, now=parts.now())
        except InvalidError:
            return None
    return _Subject(one, brief, {s.id: s for s in brief.published} | {s.id: s for s in drafted}, horizon)


def _found(db: Db, viewer: Viewer | None, draft_id: str | None, session_id: str) -> Session:
    scope = reach_of(viewer)
    reach = sessions.EVERYTHING if scope is None else visible.reach(scope)
    wanted = sessions.Wanted(ids=frozenset({session_id}), planned_only=False)
    if draft_id:
        if plans.draft(db, draft_id).state != OPEN:
            raise NotFoundError(phrase("This draft is no longer open."))
        found = sessions.as_drafted(db, draft_id, wanted, reach)
    else:
        found = sessions.published(db, wanted, reach)
    if not found:
        raise NotFoundError(phrase("There is no such session."))
    return found[0]


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
                opens.append(phrase("%(when)s fits as well", when=written.moment(when)))
                break
            barred.append((when, start, broken))
        if barred:
            when, start, broken = barred[0]
            sentences = (said(view.problem, standing, v, planned) for v in broken)
            nots.append((when, tuple(dict.fromkeys(sentences))[:2]))
            if len(barred) == len(starts) and (other := _other_leader(view, planned, start)):
                opens.append(phrase("%(when)s fits with %(leader)s leading", when=written.moment(when), leader=other))
    return Explained(here, tuple(sorted(nots)[:MOST_NOTS]), tuple(opens[:MOST_OPENS]))


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
