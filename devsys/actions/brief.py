"""From the brief to the planner's picture: shared by drawing, moving, judging and publishing."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from devsys.adapters.store.queries.planning import Brief
from devsys.core.model.calendar import Horizon, Session
from devsys.core.model.hours import monday_of, start_of
from devsys.core.model.needs import Need
from devsys.core.planning.check import Violation, check
from devsys.core.planning.picture import Picture, picture
from devsys.core.programmes.unroll import unroll

SPACING_WEEKS = 4  # how far back and ahead one session still spaces another
NOTICE = timedelta(days=1)  # nobody is seated at shorter notice: a window that ends by then went by


def needs_of(brief: Brief, horizon: Horizon) -> tuple[Need, ...]:
    """Give the needs whose window lies in the horizon, but for those answered before it began.

    A published place answers its need unless its holder was marked absent.
    """
    first = start_of(horizon)
    answered = {
        place.need
        for session in brief.published
        if session.starts_utc < first
        for place in session.places
        if (session.id, place.person_id) not in brief.absent
    }
    unrolled = unroll(brief.programmes, brief.organisation, horizon, brief.epoch, brief.requests)
    return tuple(need for need in unrolled if need.key not in answered)


def see(brief: Brief, horizon: Horizon, *, kept: Iterable[Session], new_from: datetime) -> Picture:
    """Give the planner's picture of the brief over the horizon.

    `kept` sessions stand as they are; those before the horizon only space what comes.
    """
    return picture(
        brief.organisation,
        brief.activities,
        needs_of(brief, horizon),
        tuple(_answering(session, brief.absent) for session in kept),
        horizon,
        now=new_from,
        freeze_until=new_from,
        gone_by=brief.now + NOTICE,
        requests=brief.requests,
    )


def _answering(session: Session, absent: frozenset[tuple[str, str]]) -> Session:
    """Take the need from the places of people who were marked absent: it is open again."""
    if not any((session.id, place.person_id) in absent for place in session.places):
        return session
    places = (replace(place, need="") if (session.id, place.person_id) in absent else place for place in session.places)
    return replace(session, places=tuple(places))


def judge(brief: Brief, calendar: Iterable[Session], *, around: Iterable[Session]) -> tuple[Violation, ...]:
    """Give every rule that sessions to come break in the weeks around some of them, in words of the house.

    Only the weeks that those sessions can touch are looked at, so that one moved session is judged at once. What
    is past breaks nothing any more.
    """
    near, calendar = tuple(around), tuple(calendar)
    if not near:
        return ()
    first = monday_of(min(s.starts_utc for s in near).date()) - timedelta(weeks=SPACING_WEEKS)
    last = max(s.ends_utc for s in near).date()
    horizon = Horizon(first, (last - first).days // 7 + 1 + SPACING_WEEKS)
    view = see(brief, horizon, kept=calendar, new_from=start_of(horizon))
    to_come = {s.id for s in calendar if s.starts_utc > brief.now}
    return tuple(v for v in check(view.problem, view.problem.pinned) if not to_come.isdisjoint(v.sessions))
