"""What an explanation is asked of: everything, or of a large organisation what one site has to do with."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from devsys.adapters.store.queries import near, people, planning
from devsys.adapters.store.queries.planning import Brief
from devsys.adapters.store.store import Db
from devsys.base.limits import WHOLE_PEOPLE
from devsys.core.model.calendar import Horizon, Session
from devsys.core.model.hours import start_of
from devsys.core.model.programme import Activity

BESIDE: Final = timedelta(weeks=5)  # what stands farther off spaces nothing any more


def brief_here(
    db: Db,
    site_id: str,
    horizon: Horizon,
    activities: Iterable[Activity],
    changed: tuple[Session, ...],
    *,
    now: datetime,
) -> tuple[Brief, tuple[Session, ...]]:
    """Give the brief to explain something at a site by, and those of a draft's sessions that matter to it.

    A small organisation is looked at whole, and so is what has no site. What is read of a large one reaches as far back
    as a need that is still open in the horizon can have been answered. Raises InvalidError with nothing to plan.
    """
    if not site_id or people.how_many(db) <= WHOLE_PEOPLE:
        return planning.brief(db, now=now), changed
    first, here = start_of(horizon), [s for s in changed if s.site_id == site_id]
    longest = max((timedelta(weeks=a.cadence.weeks, days=a.cadence.grace_days) for a in activities), default=BESIDE)
    brief = near.at_site(
        db,
        site_id,
        now=now,
        since=first - max(BESIDE, longest),
        until=first + timedelta(weeks=horizon.weeks) + BESIDE,
        people=frozenset(p for s in here for p in s.people),
        leading=frozenset(s.facilitator_id for s in here if s.facilitator_id),
    )
    return brief, tuple(_as_known(s, brief) for s in changed if _matters(s, site_id, brief))


def _matters(session: Session, site_id: str, brief: Brief) -> bool:
    scope = brief.scope
    if scope is None or session.site_id == site_id:
        return True
    leads, housed = session.facilitator_id in scope.leading, session.room_id in scope.rooms
    return leads or housed or bool(session.people & scope.people) or any(s.id == session.id for s in brief.published)


def _as_known(session: Session, brief: Brief) -> Session:
    """Give a session with the people the brief knows, as what is published elsewhere is read."""
    known = {p.id for p in brief.organisation.people}
    if session.people <= known and session.facilitator_id in {*known, None}:
        return session
    return replace(
        session,
        places=tuple(p for p in session.places if p.person_id in known),
        facilitator_id=session.facilitator_id if session.facilitator_id in known else None,
    )
