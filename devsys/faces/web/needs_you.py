"""What of the published calendar no longer holds: queues left short, facilitators and people away from sessions.

Absences and requirements change after publishing; each session they touch is an issue at once (product.md R3).
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from flask import url_for

from devsys.adapters.store.queries import calendar_figures, programme
from devsys.adapters.store.queries.calendar_figures import Seat
from devsys.adapters.store.store import Db
from devsys.base.text import count_of
from devsys.core.model.calendar import Horizon
from devsys.core.model.hours import monday_of, slot_from, slot_of
from devsys.faces.web.asked import week_code
from devsys.faces.web.filters import day, local
from devsys.faces.web.staffing import WEEK, Shortage, Staffing, clipped, shortages, staffing, taken
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
    seats = calendar_figures.seats(db, now, now + timedelta(weeks=WEEKS_AHEAD))
    short = shortages(staffed, taken(staffed, seats, programme.activities(db)), now)
    return things(db, staffed, seats, short, zone=zone, now=now)


def things(
    db: Db, staffed: Staffing, seats: Iterable[Seat], short: tuple[Shortage, ...], *, zone: str, now: datetime
) -> tuple[Thing, ...]:
    """Give what no longer holds over the horizon of `staffed`: one read."""
    return (
        *_leaders_away(db, staffed, now, zone),
        *_short(staffed, short, zone),
        *_people_away(staffed, seats, zone),
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


def _away(staffed: Staffing, seat: Seat) -> bool:
    """Say whether somebody is not at work for the whole of a session."""
    first, end = slot_of(seat.starts_utc, staffed.horizon), slot_from(seat.ends_utc, staffed.horizon)
    if first < 0 or end > staffed.horizon.weeks * WEEK:
        return False
    return sum(b - a for a, b in clipped(staffed.works.get(seat.person_id, ()), first, end)) < end - first


def _leaders_away(db: Db, staffed: Staffing, now: datetime, zone: str) -> Iterable[Thing]:
    names = {person.id: person.name for person in staffed.organisation.people}
    last = now + timedelta(weeks=staffed.horizon.weeks)
    found: dict[str, list[Seat]] = defaultdict(list)
    for seat in calendar_figures.led(db, now, last):
        if _away(staffed, seat):
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


def _people_away(staffed: Staffing, seats: Iterable[Seat], zone: str) -> Iterable[Thing]:
    found = sorted((s for s in seats if _away(staffed, s)), key=lambda s: (s.starts_utc, s.session_id))
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
