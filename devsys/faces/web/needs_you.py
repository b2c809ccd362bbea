"""What needs a coordinator now: drafts that wait, queues left short, people away from sessions, runs that failed."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from flask import url_for

from devsys.adapters.store.queries import calendar_figures, plans, programme, runs
from devsys.adapters.store.queries.calendar_figures import Seat
from devsys.adapters.store.store import Db
from devsys.base.text import count_of
from devsys.core.model.access import Viewer
from devsys.core.model.calendar import Horizon
from devsys.core.model.hours import monday_of, slot_from, slot_of
from devsys.core.policy import scope
from devsys.faces.web.asked import week_code
from devsys.faces.web.filters import day, local
from devsys.faces.web.staffing import Shortage, Staffing, clipped, shortages, staffing, taken
from devsys.faces.web.words import spoken

DRAW_JOB: Final = "draw plan"
WEEKS_AHEAD: Final = 12  # how far Home looks


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing that needs somebody: what happened, what is ready, where to go with which verb."""

    icon: str
    what: str
    ready: str
    href: str
    verb: str
    draft_id: str = ""
    count: int = 0


def things_ahead(db: Db, viewer: Viewer, url: str, now: datetime) -> tuple[Thing, ...]:
    """Give what needs the viewer in the next weeks, most urgent first; for Home."""
    if not scope(viewer, "draft", "write"):
        return ()
    staffed = staffing(db, url, Horizon(monday_of(now.date()), WEEKS_AHEAD))
    seats = calendar_figures.seats(db, now, now + timedelta(weeks=WEEKS_AHEAD))
    short = shortages(staffed, taken(staffed, seats, programme.activities(db)), now)
    return things(db, viewer, staffed, seats, short, now=now)


def things(
    db: Db, viewer: Viewer, staffed: Staffing, seats: Iterable[Seat], short: tuple[Shortage, ...], *, now: datetime
) -> tuple[Thing, ...]:
    """Give what needs the viewer, most urgent first; nothing to those who change no plans."""
    if not scope(viewer, "draft", "write"):
        return ()
    return (
        *_leaders_away(db, staffed, now, viewer.zone),
        *_short(staffed, short, viewer.zone),
        *_people_away(staffed, seats, viewer.zone),
        *_run(db),
        *_drafts(db, viewer.zone),
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
    if first < 0 or end > staffed.horizon.weeks * 336:
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


def _run(db: Db) -> Iterable[Thing]:
    last = runs.latest(db, DRAW_JOB)
    if last is not None and last.state == runs.FAILED:
        yield Thing(
            "circle-alert",
            "The last plan could not be drawn",
            last.error or "It was stopped.",
            url_for("plans.run", run_id=last.id),
            "See the run",
        )


def _drafts(db: Db, zone: str) -> Iterable[Thing]:
    sizes = plans.draft_sizes(db)
    for draft in plans.open_drafts(db):
        count = sizes.get(draft.id, 0)
        since = day(local(draft.created, zone).date())
        if count:
            yield Thing(
                "pencil-line",
                f"A draft waits since {since}",
                f"{count_of(count, 'change')} by {draft.by}. Nobody is told before it is published.",
                url_for("publish.show", draft_id=draft.id),
                "Review",
                draft.id,
                count,
            )
