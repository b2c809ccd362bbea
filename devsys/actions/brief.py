"""From the brief to the planner's picture: shared by drawing, moving, judging and publishing."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from devsys.adapters.store.queries.planning import Brief
from devsys.core.model.calendar import Horizon, Session
from devsys.core.model.hours import monday_of, start_of
from devsys.core.model.needs import Need
from devsys.core.planning.check import Violation, check, check_near
from devsys.core.planning.gates import gates_of
from devsys.core.planning.picture import Picture, picture
from devsys.core.programmes.unroll import unroll

SPACING_WEEKS = 4  # how far back and ahead one session still spaces another
NOTICE = timedelta(days=1)  # nobody is seated at shorter notice: a window that ends by then went by


def needs_of(brief: Brief, horizon: Horizon) -> tuple[Need, ...]:
    """Give the needs whose window lies in the horizon, but for those answered before it began.

    Of everybody, or of the people in the brief's scope. A published place answers its need unless its holder was marked
    absent.
    """
    first = start_of(horizon)
    answered = {
        place.need
        for session in brief.published
        if session.starts_utc < first
        for place in session.places
        if (session.id, place.person_id) not in brief.absent
    }
    organisation = brief.organisation
    if brief.scope is not None:
        asking = brief.scope.people
        organisation = replace(organisation, people=tuple(p for p in organisation.people if p.id in asking))
    unrolled = unroll(
        brief.programmes,
        organisation,
        horizon,
        brief.epoch,
        brief.requests,
        wanted=brief.wanted,
        starts=brief.starts,
        recalls=brief.recalls,
    )
    return tuple(need for need in unrolled if need.key not in answered)


def see(
    brief: Brief, horizon: Horizon, *, kept: Iterable[Session], new_from: datetime, seating: bool = False
) -> Picture:
    """Give the planner's picture of the brief over the horizon.

    `kept` sessions stand as they are; those before the horizon only space what comes. `seating`: the planner is to give
    people seats without asking them, so that nobody gets one when they said they cannot come.
    """
    gates = gates_of(brief.activities) if brief.absent else frozenset()
    return picture(
        brief.organisation,
        brief.activities,
        needs_of(brief, horizon),
        tuple(_answering(session, brief, gates) for session in kept),
        horizon,
        now=new_from,
        freeze_until=new_from,
        gone_by=brief.now + NOTICE,
        requests=brief.requests,
        declined=brief.declined if seating else (),
    )


def _answering(session: Session, brief: Brief, gates: frozenset[str]) -> Session:
    """Take the need from the places of people who were marked absent: it is open again.

    From a gate that is over they are taken out, as far as the group is one without them: a seat they had in it is no
    evidence of it.
    """
    if not any((session.id, place.person_id) in brief.absent for place in session.places):
        return session
    there = tuple(place for place in session.places if (session.id, place.person_id) not in brief.absent)
    over = session.activity in gates and session.ends_utc <= brief.now
    if over and len(there) >= brief.activities[session.activity].group[0]:
        return replace(session, places=there)
    places = tuple(place if place in there else replace(place, need="") for place in session.places)
    return replace(session, places=places)


def weeks_around(near: Iterable[Session]) -> Horizon:
    """Give the weeks that sessions can touch."""
    near = tuple(near)
    first = monday_of(min(s.starts_utc for s in near).date()) - timedelta(weeks=SPACING_WEEKS)
    last = max(s.ends_utc for s in near).date()
    return Horizon(first, (last - first).days // 7 + 1 + SPACING_WEEKS)


def judge(brief: Brief, calendar: Iterable[Session], *, around: Iterable[Session]) -> tuple[Violation, ...]:
    """Give every rule that sessions to come break in the weeks around some of them, in words of the house.

    Only the weeks that those sessions can touch are looked at, so that one moved session is judged at once. What
    is past breaks nothing any more.
    """
    near, calendar = tuple(around), tuple(calendar)
    if not near:
        return ()
    view = _judged(brief, calendar, near)
    return _to_come(brief, calendar, check(view.problem, view.problem.pinned))


def judge_near(
    brief: Brief, calendar: Iterable[Session], *, around: Iterable[Session], people: frozenset[str]
) -> tuple[Violation, ...]:
    """Give what sessions to come among `around`, and some people, have a part in; for a brief of the scope of both."""
    near, calendar = tuple(around), tuple(calendar)
    if not near:
        return ()
    view = _judged(brief, calendar, near)
    found = check_near(view.problem, view.problem.pinned, frozenset(s.id for s in near), people)
    return _to_come(brief, calendar, found)


def _judged(brief: Brief, calendar: tuple[Session, ...], near: tuple[Session, ...]) -> Picture:
    horizon = weeks_around(near)
    return see(brief, horizon, kept=calendar, new_from=start_of(horizon))


def _to_come(brief: Brief, calendar: Iterable[Session], found: Iterable[Violation]) -> tuple[Violation, ...]:
    to_come = {s.id for s in calendar if s.starts_utc > brief.now}
    return tuple(v for v in found if not to_come.isdisjoint(v.sessions))
