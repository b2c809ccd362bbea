"""Somebody is away, a room is closed, a queue needs its people: written as it becomes known, taken back when over.

No reason is asked and none is kept (R9). What of the published calendar cannot stand then is for
`repair_absence.py`; here only the organisation changes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from devsys.actions.parts import Parts
from devsys.adapters.store.queries import audit, people
from devsys.adapters.store.store import Db
from devsys.base.errors import Fault, InvalidError, NotFoundError
from devsys.base.words import phrase
from devsys.base.written import number
from devsys.core.model.absences import Laid, back, laid
from devsys.core.model.access import Viewer
from devsys.core.model.hours import local, sites_of
from devsys.core.model.people import Absence, Closure, Emergency, Organisation
from devsys.core.policy import scope

LONGEST_EMERGENCY: Final = timedelta(days=7)
MOST_AGENTS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Clock:
    """Whose clock a time is in: the zone of the person's, room's or queue's site, and the wall time there now."""

    zone: str
    now: datetime


def clock_of_person(organisation: Organisation, person_id: str, now: datetime) -> Clock:
    """Give the clock a person works by: that of the site; UTC for somebody without one."""
    zones = {s.id: s.zone for s in organisation.sites}
    zone = zones.get(sites_of(organisation).get(person_id, ""), "UTC")
    return Clock(zone, local(now, zone))


def clock_of_site(organisation: Organisation, site_id: str, now: datetime) -> Clock:
    """Give the clock of a site."""
    zone = next((s.zone for s in organisation.sites if s.id == site_id), "UTC")
    return Clock(zone, local(now, zone))


def may_record(viewer: Viewer, team_id: str | None) -> bool:
    """Say whether the viewer writes absences of people of a team: a coordinator, or the lead of it.

    What somebody may say of themselves ("can't come") is another story.
    """
    reach = scope(viewer, "absences", "write")
    return reach.everything or (team_id is not None and team_id in reach.team_ids)


def record(parts: Parts, viewer: Viewer, absence: Absence) -> bool:
    """Write that somebody is away; say whether that is news. Times are in the person's own clock.

    Raises NotFoundError for somebody the viewer may not write of, InvalidError for an end that is no end.
    """
    _ends_later(absence.start, absence.end)

    def write(standing: tuple[Absence, ...], now: datetime) -> Laid[Absence]:
        return laid(standing, absence, now)

    return _of_person(parts, viewer, absence.person_id, "record absence", write)


def record_back(parts: Parts, viewer: Viewer, person_id: str, since: datetime) -> bool:
    """Write that somebody is back at work since a moment of their own clock; say whether they were away then.

    Raises NotFoundError as `record` does.
    """

    def write(standing: tuple[Absence, ...], _now: datetime) -> Laid[Absence]:
        return back(standing, since)

    return _of_person(parts, viewer, person_id, "record return", write)


def take_back(parts: Parts, viewer: Viewer, person_id: str, start: datetime) -> bool:
    """Take an absence back that was written by mistake; say whether it stood. Raises NotFoundError."""

    def write(standing: tuple[Absence, ...], _now: datetime) -> Laid[Absence]:
        return Laid(tuple(a for a in standing if a.start == start), ())

    return _of_person(parts, viewer, person_id, "take absence back", write)


def _of_person(
    parts: Parts,
    viewer: Viewer,
    person_id: str,
    act: str,
    write: Callable[[tuple[Absence, ...], datetime], Laid[Absence]],
) -> bool:
    now = parts.now()
    with parts.store.write() as db:
        organisation = people.organisation(db)
        person = next((p for p in organisation.people if p.id == person_id), None)
        if person is None or not may_record(viewer, person.team_id):
            raise NotFoundError(phrase("There is no such person."))
        clock = clock_of_person(organisation, person_id, now)
        found = write(tuple(a for a in organisation.absences if a.person_id == person_id), clock.now)
        if found:
            people.write_organisation(db, people.only(absences=found.new), today=now.date(), gone=found.gone)
            audit.record(db, at=now, by_id=viewer.person_id, act=act, what=f"person {person_id}")
    return bool(found)


def close_room(parts: Parts, viewer: Viewer, closure: Closure) -> bool:
    """Write that a room cannot be used; say whether that is news. Times are those of the site.

    Raises NotFoundError for a room that does not stand or a viewer who may not, InvalidError for an end that is none.
    """
    _ends_later(closure.start, closure.end)

    def write(standing: tuple[Closure, ...], now: datetime) -> Laid[Closure]:
        return laid(standing, closure, now)

    return _of_room(parts, viewer, closure.room_id, "close room", write)


def open_room(parts: Parts, viewer: Viewer, room_id: str, since: datetime) -> bool:
    """Write that a room is in use again since a moment; say whether it was closed then. Raises NotFoundError."""

    def write(standing: tuple[Closure, ...], _now: datetime) -> Laid[Closure]:
        return back(standing, since)

    return _of_room(parts, viewer, room_id, "open room", write)


def _of_room(
    parts: Parts,
    viewer: Viewer,
    room_id: str,
    act: str,
    write: Callable[[tuple[Closure, ...], datetime], Laid[Closure]],
) -> bool:
    now = parts.now()
    with parts.store.write() as db:
        organisation = people.organisation(db)
        room = next((r for r in organisation.rooms if r.id == room_id), None)
        if room is None or not scope(viewer, "draft", "write").everything:
            raise NotFoundError(phrase("There is no such room."))
        clock = clock_of_site(organisation, room.site_id, now)
        found = write(tuple(c for c in organisation.closures if c.room_id == room_id), clock.now)
        if found:
            people.write_closures(db, found.new, found.gone)
            audit.record(db, at=now, by_id=viewer.person_id, act=act, what=f"room {room_id}")
    return bool(found)


def call_emergency(parts: Parts, viewer: Viewer, emergency: Emergency) -> None:
    """Write that a queue needs more agents for a while; times are those of the site.

    Raises NotFoundError for a queue that does not stand or a viewer who may not, InvalidError for a stretch or a figure
    that cannot be.
    """
    _ends_later(emergency.start, emergency.end)
    faults = []
    if emergency.end - emergency.start > LONGEST_EMERGENCY:
        faults.append(
            Fault(
                "until",
                phrase("At most %(days)s days; bring a new requirement for longer", days=LONGEST_EMERGENCY.days),
            )
        )
    if not 1 <= emergency.agents <= MOST_AGENTS:
        faults.append(Fault("agents", phrase("A whole number from 1 to %(most)s", most=number(MOST_AGENTS))))
    if faults:
        raise InvalidError(phrase("This emergency cannot be."), tuple(faults))
    now = parts.now()
    with parts.store.write() as db:
        _may_call(db, viewer, emergency.queue_id)
        people.write_emergencies(db, (emergency,))
        what = f"queue {emergency.queue_id}, {emergency.agents} more"
        audit.record(db, at=now, by_id=viewer.person_id, act="call emergency", what=what)


def end_emergency(parts: Parts, viewer: Viewer, queue_id: str) -> bool:
    """Write that a queue needs no more than usual from now on; say whether it did until now. Raises NotFoundError."""
    now = parts.now()
    with parts.store.write() as db:
        organisation = _may_call(db, viewer, queue_id)
        queue = next(q for q in organisation.queues if q.id == queue_id)
        clock = clock_of_site(organisation, queue.site_id, now)
        going_on = [e for e in organisation.emergencies if e.queue_id == queue_id and e.end > clock.now]
        # What was needed until now stays written: it is why sessions were cancelled for the queue.
        kept = [Emergency(e.queue_id, e.start, clock.now, e.agents) for e in going_on if e.start < clock.now]
        if going_on:
            people.write_emergencies(db, kept, gone=going_on)
            audit.record(db, at=now, by_id=viewer.person_id, act="end emergency", what=f"queue {queue_id}")
    return bool(going_on)


def _may_call(db: Db, viewer: Viewer, queue_id: str) -> Organisation:
    organisation = people.organisation(db)
    stands = any(q.id == queue_id for q in organisation.queues)
    if not stands or not scope(viewer, "requirement", "write").everything:
        raise NotFoundError(phrase("There is no such queue."))
    return organisation


def _ends_later(start: datetime, end: datetime | None) -> None:
    if end is not None and end <= start:
        raise InvalidError(phrase("It ends before it begins."), (Fault("until", phrase("Later than it begins")),))
