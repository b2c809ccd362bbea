"""What of the published calendar no longer holds: queues left short, facilitators and people away from sessions.

Absences and requirements change after publishing; each session they touch is an issue at once (product.md R3).
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from flask import url_for

from devsys.actions.repair_absence import OPEN_ENDED
from devsys.adapters.store.queries import calendar_figures, programme
from devsys.adapters.store.queries.calendar_figures import RoomTime, Seat
from devsys.adapters.store.store import Db
from devsys.base.words import phrase, phrase_as, phrases
from devsys.base.written import clock, day, spoken
from devsys.core.model.absences import without_end
from devsys.core.model.calendar import Horizon
from devsys.core.model.hours import away, monday_of, slot_from, slot_of
from devsys.faces.web.asked import week_code
from devsys.faces.web.filters import local
from devsys.faces.web.staffing import Load, Shortage, Staffing, published_load, shortages, staffing

WEEKS_AHEAD: Final = 12  # how far Home looks


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing that needs somebody: what happened, what is ready, where to go with which verb."""

    icon: str
    what: str
    ready: str
    href: str
    verb: str


def things_ahead(db: Db, zone: str, url: str, now: datetime, *, repairs: bool, site_id: str = "") -> tuple[Thing, ...]:
    """Give what no longer holds in the next weeks, most urgent first; `url` is the database's address. For Home.

    With `site_id` of the people and queues of that site.

    `repairs` says that the viewer may publish repairs: then each thing leads to them.
    """
    staffed = staffing(db, url, Horizon(monday_of(now.date()), WEEKS_AHEAD), site_id)
    found = published_load(db, url, staffed, programme.activities(db))
    short = shortages(staffed, found.taken, now)
    rooms = calendar_figures.in_rooms(db, now, now + timedelta(weeks=WEEKS_AHEAD), _closed(staffed))
    return things(staffed, found, short, zone=zone, now=now, repairs=repairs, rooms=rooms)


def _closed(staffed: Staffing) -> frozenset[str]:
    return frozenset(c.room_id for c in staffed.organisation.closures)


def things(
    staffed: Staffing,
    found: Load,
    short: tuple[Shortage, ...],
    *,
    zone: str,
    now: datetime,
    repairs: bool = False,
    rooms: tuple[RoomTime, ...] = (),
) -> tuple[Thing, ...]:
    """Give what no longer holds from now on over the horizon of `staffed`."""
    to_come = [s for s in found.leaders_away if s.starts_utc > now]
    return (
        *_leaders_away(staffed, to_come, zone, now, repairs=repairs),
        *_short(staffed, short, zone, repairs=repairs),
        *_people_away([s for s in found.away if s.starts_utc > now], zone, repairs=repairs),
        *_rooms_closed(staffed, rooms, zone, repairs=repairs),
    )


def short_words(short: Shortage, names: dict[str, str], zone: str) -> str:
    """Give "Billing, Thu 11 March 14:00"."""
    at = local(short.starts, zone)
    return f"{names.get(short.queue_id) or phrase('a queue')}, {day(at.date())} {clock(at)}"


def _short(staffed: Staffing, short: tuple[Shortage, ...], zone: str, *, repairs: bool) -> Iterable[Thing]:
    names = {queue.id: queue.name for queue in staffed.organisation.queues}
    by_queue: dict[str, list[Shortage]] = defaultdict(list)
    for one in short:
        by_queue[one.queue_id].append(one)
    for queue_id, found in by_queue.items():
        first, halves = found[0], sum(s.slots for s in found)
        at = local(first.starts, zone)
        week = url_for("week.show", week=week_code(monday_of(at.date())), day=at.date().isoformat(), queue=queue_id)
        yield Thing(
            "triangle-alert",
            phrase(
                "%(queue)s is %(short)s short, %(day)s %(time)s",
                queue=names[queue_id],
                short=spoken(first.short),
                day=day(at.date()),
                time=clock(at),
            ),
            phrases(
                "Sessions take too many in %(num)s half hour.", "Sessions take too many in %(num)s half hours.", halves
            ),
            url_for("repairs.show", queue=queue_id) if repairs else week,
            phrase("See who can return") if repairs else phrase("See the week"),
        )


def _first(seat: Seat, zone: str) -> str:
    at = local(seat.starts_utc, zone)
    return phrase("The first is on %(day)s at %(time)s.", day=day(at.date()), time=clock(at))


def _leaders_away(
    staffed: Staffing, away: Iterable[Seat], zone: str, now: datetime, *, repairs: bool
) -> Iterable[Thing]:
    """Give who leads sessions and is away; of those without a known end, what is far off waits."""
    names = {person.id: person.name for person in staffed.organisation.people}
    found: dict[str, list[Seat]] = defaultdict(list)
    for seat in away:
        found[seat.person_id].append(seat)
    for person_id, seats in found.items():
        open_ended = without_end(
            (a for a in staffed.organisation.absences if a.person_id == person_id),
            local(now + OPEN_ENDED, zone).replace(tzinfo=None),
        )
        near = [s for s in seats if not (open_ended and s.starts_utc >= now + OPEN_ENDED)]
        later = len(seats) - len(near)
        said = [_first((near or seats)[0], zone)]
        if repairs:
            said.append(phrase("What can be done is ready."))
        if later:
            said.append(
                phrases(
                    "%(num)s later one waits until they are back.",
                    "%(num)s later ones wait until they are back.",
                    later,
                )
            )
        at = local(seats[0].starts_utc, zone)
        week = url_for(
            "week.show",
            week=week_code(monday_of(at.date())),
            day=at.date().isoformat(),
            facilitator=person_id,
            session=seats[0].session_id,
        )
        if near:
            href = url_for("repairs.show", person=person_id) if repairs else week
            verb = phrase_as("verb", "Repair") if repairs else phrase("See the week")
            what = phrases(
                "%(num)s session cannot stand since %(who)s is away",
                "%(num)s sessions cannot stand since %(who)s is away",
                len(near),
                who=names[person_id],
            )
            yield Thing("user-round-x", what, " ".join(said), href, verb)
        else:
            href = url_for("repairs.show", person=person_id, far=1) if repairs else week
            what = phrases(
                "%(num)s session waits until %(who)s is back",
                "%(num)s sessions wait until %(who)s is back",
                later,
                who=names[person_id],
            )
            verb = phrase("Repair now") if repairs else phrase("See the week")
            yield Thing(
                "clock",
                what,
                f"{_first(seats[0], zone)} {phrase('When the return is known, say it.')}",
                href,
                verb,
            )


def _people_away(found: list[Seat], zone: str, *, repairs: bool) -> Iterable[Thing]:
    if found:
        people, sessions = len({s.person_id for s in found}), len({s.session_id for s in found})
        what = phrases(
            "%(num)s session cannot stand since one of their people is away",
            "%(num)s sessions cannot stand since one of their people is away",
            sessions,
        )
        if people > 1:
            crowd = phrases("%(num)s person is away", "%(num)s people are away", people)
            what = phrases(
                "%(num)s session cannot stand since %(crowd)s",
                "%(num)s sessions cannot stand since %(crowd)s",
                sessions,
                crowd=crowd,
            )
        ready = phrase("What can be done is ready.") if repairs else phrase("A repair frees the places.")
        yield Thing(
            "users-round",
            what,
            f"{_first(found[0], zone)} {ready}",
            url_for("repairs.show") if repairs else url_for("sessions.show", session_id=found[0].session_id),
            phrase_as("verb", "Repair") if repairs else phrase("See the session"),
        )


def _rooms_closed(staffed: Staffing, rooms: tuple[RoomTime, ...], zone: str, *, repairs: bool) -> Iterable[Thing]:
    o = staffed.organisation
    zones = {s.id: s.zone for s in o.sites}
    for room in o.rooms:
        spans = [away(c.start, c.end, zones[room.site_id], staffed.horizon) for c in o.closures if c.room_id == room.id]
        hit = [
            r
            for r in rooms
            if r.room_id == room.id
            and any(
                slot_of(r.starts_utc, staffed.horizon) < end and first < slot_from(r.ends_utc, staffed.horizon)
                for first, end in spans
            )
        ]
        if hit:
            at = local(hit[0].starts_utc, zone)
            yield Thing(
                "map-pin",
                phrases(
                    "%(num)s session cannot stand since %(room)s is closed",
                    "%(num)s sessions cannot stand since %(room)s is closed",
                    len(hit),
                    room=room.name,
                ),
                phrase("The first is on %(day)s at %(time)s.", day=day(at.date()), time=clock(at)),
                url_for("repairs.show", room=room.id)
                if repairs
                else url_for("sessions.show", session_id=hit[0].session_id),
                phrase_as("verb", "Repair") if repairs else phrase("See the session"),
            )
