"""A newcomer's first 90 days: what the programme asks of whoever joins, boundaries first, and what is planned of it.

It follows from the programme and the day of joining; nothing of a hiring card is known here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from devsys.actions.brief import needs_of
from devsys.actions.parts import Parts
from devsys.adapters.store.queries import directory, near
from devsys.adapters.store.queries.directory import Profile
from devsys.adapters.store.queries.planning import Scope
from devsys.base.errors import NotFoundError
from devsys.base.words import phrase
from devsys.core.hiring import FIRST_DAYS, Step, first_days
from devsys.core.model.access import Viewer
from devsys.core.model.calendar import Horizon, Session, Status
from devsys.core.model.hours import monday_of
from devsys.core.model.programme import Kind
from devsys.core.policy import scope

WEEKS: Final = 18  # so that what is due by the ninetieth day is asked whole


@dataclass(frozen=True, slots=True)
class Path:
    """The path of one person: the steps in their order, by need the session planned for it, and what was held."""

    person_id: str
    name: str
    zone: str
    joined: date
    steps: tuple[Step, ...]
    planned: Mapping[str, Session]
    done: tuple[Session, ...]


def may_see(viewer: Viewer, person: Profile, today: date) -> bool:
    """Say whether somebody joins, or joined less than 90 days ago, and what is asked of them is the viewer's to see."""
    reach = scope(viewer, "owed", "read")
    new = person.joined is not None and today < person.joined + FIRST_DAYS
    return new and reach.covers(person_id=person.id, team_id=person.team_id)


def look(parts: Parts, viewer: Viewer, person_id: str, today: date) -> Path:
    """Give the path of somebody new whom the viewer may see; it only reads.

    Raises NotFoundError for anybody else, InvalidError while no programme is adopted.
    """
    now = parts.now()
    with parts.store.read() as db:
        found = directory.profile(db, scope(viewer, "people", "read"), person_id)
        if found is None or found.joined is None or not may_see(viewer, found, today):
            raise NotFoundError(phrase("There is no such path."))
        joined = datetime.combine(found.joined, time(), UTC)
        horizon = Horizon(monday_of(found.joined), WEEKS)
        until = joined + timedelta(weeks=WEEKS)
        since = min(joined, now) - timedelta(days=1)
        brief = near.near(db, Scope(frozenset({person_id})), now=now, since=since, until=until)
    steps = first_days(needs_of(brief, horizon), brief.activities, joined, person_id)
    seats = {
        place.need: session
        for session in brief.published
        if session.status is Status.PLANNED
        for place in session.places
        if place.person_id == person_id and place.need
    }
    open_ = tuple(s for s in steps if s.need.key not in seats or seats[s.need.key].ends_utc > now)
    keys = {step.need.key for step in open_}
    groups = {code for code, activity in brief.activities.items() if activity.kind is not Kind.COACHING}
    over = (s for s in brief.published if s.ends_utc <= now and person_id in s.people and s.activity in groups)
    done = tuple(sorted((s for s in over if (s.id, person_id) not in brief.absent), key=lambda s: s.starts_utc))
    return Path(
        person_id, found.name, found.zone, found.joined, open_, {k: s for k, s in seats.items() if k in keys}, done
    )
