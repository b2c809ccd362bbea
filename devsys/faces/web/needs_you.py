"""What of the published calendar no longer holds: queues left short, facilitators and people away from sessions.

Absences and requirements change after publishing; each session they touch is an issue at once (product.md R3).
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flask import url_for

from devsys.adapters.store.queries import programme
from devsys.adapters.store.queries.calendar_figures import Seat
from devsys.adapters.store.store import Db
from devsys.base.text import count_of
from devsys.core.model.calendar import Horizon
from devsys.core.model.hours import monday_of
from devsys.faces.web.asked import week_code
from devsys.faces.web.filters import day, local
from devsys.faces.web.staffing import Load, Shortage, Staffing, published_load, shortages, staffing
from devsys.faces.web.words import spoken

WEEKS_AHEAD: Final = 12  # how far Home looks


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing that needs somebody: what happened, what is ready, where to go with which verb."""

    icon: str
    what: str
    ready: str
    href: str
    verb: str


def things_ahead(db: Db, zone: str, url: str, now: datetime) -> tuple[Thing, ...]:
    """Give what no longer holds in the next weeks, most urgent first; `url` is the database's address. For Home."""
    staffed = staffing(db, url, Horizon(monday_of(now.date()), WEEKS_AHEAD))
    found = published_load(db, url, staffed, programme.activities(db))
    return things(staffed, found, shortages(staffed, found.taken, now), zone=zone, now=now)


def things(
    staffed: Staffing, found: Load, short: tuple[Shortage, ...], *, zone: str, now: datetime
) -> tuple[Thing, ...]:
    """Give what no longer holds from now on over the horizon of `staffed`."""
    return (
        *_leaders_away(staffed, [s for s in found.leaders_away if s.ends_utc > now], zone),
        *_short(staffed, short, zone),
        *_people_away([s for s in found.away if s.ends_utc > now], zone),
    )


def short_words(short: Shortage, names: dict[str, str], zone: str) -> str:
    """Give "Billing, Thu 11 March 14:00"."""
    at = local(short.starts, zone)
    return f"{names.get(short.queue_id, 'a queue')}, {day(at.date())} {at:%H:%M}"


def _short(staffed: Staffing, short: tuple[Shortage, ...], zone: str) -> Iterable[Thing]:
    names = {queue.id: queue.name for queue in staffed.organisation.queues}
    by_queue: dict[str, list[Shortage]] = defaultdict(list)
    for one in short:
        by_queue[one.queue_id].append(one)
    for queue_id, found in by_queue.items():
        first, halves = found[0], sum(s.slots for s in found)
        at = local(first.starts, zone)
        yield Thing(
            "triangle-alert",
            f"{names[queue_id]} is {spoken(first.short)} short, {day(at.date())} {at:%H:%M}",
            f"Sessions take too many in {count_of(halves, 'half hour')}.",
            url_for("week.show", week=week_code(monday_of(at.date())), day=at.date().isoformat(), queue=queue_id),
            "See the week",
        )


def _leaders_away(staffed: Staffing, away: Iterable[Seat], zone: str) -> Iterable[Thing]:
    names = {person.id: person.name for person in staffed.organisation.people}
    found: dict[str, list[Seat]] = defaultdict(list)
    for seat in away:
        found[seat.person_id].append(seat)
    for person_id, seats in found.items():
        at = local(seats[0].starts_utc, zone)
        yield Thing(
            "user-round-x",
            f"{names[person_id]} is away and leads {count_of(len(seats), 'session')}",
            f"The first is on {day(at.date())} at {at:%H:%M}.",
            url_for(
                "week.show",
                week=week_code(monday_of(at.date())),
                day=at.date().isoformat(),
                facilitator=person_id,
                session=seats[0].session_id,
            ),
            "See the week",
        )


def _people_away(found: list[Seat], zone: str) -> Iterable[Thing]:
    if found:
        at = local(found[0].starts_utc, zone)
        people, sessions = len({s.person_id for s in found}), len({s.session_id for s in found})
        who = "One person is" if people == 1 else f"{people:,} people are"
        yield Thing(
            "users-round",
            f"{who} away from {count_of(sessions, 'session')}",
            f"The first is on {day(at.date())} at {at:%H:%M}. Drawing the plan again frees the places.",
            url_for("sessions.show", session_id=found[0].session_id),
            "See the session",
        )
