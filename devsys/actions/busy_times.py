"""A person's own calendars say when they are busy: brought as a file, or looked at again at an address.

Kept are merged periods and a count, never a title (feeds.md I01). What no longer can be read keeps its last good
periods, and says why.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final

from devsys.actions.parts import Parts
from devsys.adapters.fetch import Way, fetch, host_of
from devsys.adapters.store.queries import audit, busy, house, people
from devsys.adapters.store.queries.busy import Address, Period
from devsys.adapters.store.store import Db
from devsys.base import limits
from devsys.base.apart import apart
from devsys.base.errors import Fault, InvalidError, NotFoundError
from devsys.base.ids import new_id
from devsys.base.text import clean
from devsys.base.words import phrase, phrases
from devsys.core.busy.read import Busy, answered_apart, asked_apart, read_apart
from devsys.core.model.access import Viewer
from devsys.core.model.calendar import Horizon
from devsys.core.model.hours import away, hours_of, joined_up, local, monday_of, sites_of, slots_in, without
from devsys.core.model.people import Organisation
from devsys.core.policy import scope

BACK: Final = timedelta(days=1)
AHEAD: Final = timedelta(days=430)  # a year and what a plan looks beyond it
MOST: Final = 5
AGAIN: Final = timedelta(minutes=55)  # how long after a try an address is looked at again
WHOLE: Final = timedelta(days=7)  # after so long an unchanged calendar is read again, so that its window moves on
WEEKS: Final = 12
MOST_OF_WORK: Final = 0.5
_OUTSIDE: Final = Way()


@dataclass(frozen=True, slots=True)
class Added:
    """What came of a calendar: how many busy periods, and of which hours of work in the next weeks."""

    periods: int
    of_work: float


def add_file(parts: Parts, viewer: Viewer, name: str, data: bytes) -> Added:
    """Keep when a file says the viewer is busy; a file of the same name takes the place of the one before.

    Raises InvalidError for what cannot be read, is too much, or looks like a calendar of shifts.
    """
    _may(viewer)
    limits.within(data, limits.ICS_UPLOAD_BYTES, phrase("The calendar"))
    now = parts.now()
    found, brief = _read(parts, viewer.person_id, data, now)
    share = _share_of_work(brief, viewer.person_id, found.periods, now)
    called = clean(name[-limits.TEXT :], limit=limits.TEXT * 3) or "calendar.ics"
    with parts.store.write() as db:
        own = busy.sources(db, viewer.person_id)
        same = next((s for s in own if s.name == called and not s.fetched), None)
        _room_for(own, same is not None)
        values = _values(same.id if same else new_id(), viewer.person_id, called, now, found)
        values["created"] = same.created if same else now
        _keep(db, values, found.periods)
        audit.record(db, at=now, by_id=viewer.person_id, act="add busy times", what=f"source {values['id']}")
    return Added(len(found.periods), share)


def add_address(parts: Parts, viewer: Viewer, address: str, way: Way = _OUTSIDE) -> Added:
    """Fetch a calendar once, keep when it says the viewer is busy, and let the worker look at it from now on.

    Raises NotFoundError where addresses are not taken, InvalidError for what cannot be fetched or read.
    """
    _may(viewer)
    if not parts.settings.busy_addresses:
        raise NotFoundError(phrase("Addresses of calendars are not taken here. Bring a file."))
    address = address.strip()
    host, _ = host_of(address)
    got = fetch(address, way=way)
    now = parts.now()
    found, brief = _read(parts, viewer.person_id, got.data or b"", now)
    share = _share_of_work(brief, viewer.person_id, found.periods, now)
    with parts.store.write() as db:
        _room_for(busy.sources(db, viewer.person_id), replaces=False)
        values = _values(new_id(), viewer.person_id, host, now, found)
        values |= {"address": address, "tag": got.tag, "dated": got.dated}
        _keep(db, values, found.periods)
        audit.record(db, at=now, by_id=viewer.person_id, act="add busy times", what=f"source {values['id']}")
    return Added(len(found.periods), share)


def take_away(parts: Parts, viewer: Viewer, source_id: str) -> None:
    """Forget a calendar of the viewer and all that came of it. Raises NotFoundError for one that is not theirs."""
    _may(viewer)
    now = parts.now()
    with parts.store.write() as db:
        if not busy.drop_source(db, source_id, viewer.person_id):
            raise NotFoundError(phrase("There is no such calendar."))
        house.next_revision(db)
        audit.record(db, at=now, by_id=viewer.person_id, act="take busy times away", what=f"source {source_id}")


def refresh(parts: Parts, way: Way = _OUTSIDE) -> Mapping[str, int]:
    """Look again at every address that is due; give how many were read, unchanged and in trouble. For the worker."""
    told = {"read": 0, "unchanged": 0, "trouble": 0}
    if not parts.settings.busy_addresses:
        return told
    with parts.store.read() as db:
        due = busy.to_look_at(db, parts.now(), parts.now() - AGAIN)
    for one in due:
        try:
            with parts.speaking():  # whose calendar it is reads why much later
                told[_again(parts, one, way)] += 1
        except InvalidError as error:
            told["trouble"] += 1
            with parts.store.write() as db:
                busy.tried(db, one.id, parts.now(), error.message)
    return told


def _again(parts: Parts, one: Address, way: Way) -> str:
    now = parts.now()
    fresh = now - one.read < WHOLE
    got = fetch(one.address, tag=one.tag if fresh else "", dated=one.dated if fresh else "", way=way)
    if got.data is None:
        with parts.store.write() as db:
            busy.tried(db, one.id, now, "")
        return "unchanged"
    found, brief = _read(parts, one.person_id, got.data, now)
    _share_of_work(brief, one.person_id, found.periods, now)
    with parts.store.write() as db:
        own = next((s for s in busy.sources(db, one.person_id) if s.id == one.id), None)
        if own is None:
            return "unchanged"  # taken away meanwhile
        values = _values(one.id, one.person_id, own.name, now, found)
        values |= {"created": own.created, "address": one.address, "tag": got.tag, "dated": got.dated}
        _keep(db, values, found.periods)
    return "read"


def _may(viewer: Viewer) -> None:
    if not scope(viewer, "busy", "write").covers(person_id=viewer.person_id):
        raise NotFoundError(phrase("There is no such page."))


def _room_for(own: tuple[busy.Source, ...], replaces: bool) -> None:  # noqa: FBT001 -- says what it is at each call
    if len(own) >= MOST and not replaces:
        raise InvalidError(
            phrases(
                "You have %(num)s calendar here already, which is the most. Take one away first.",
                "You have %(num)s calendars here already, which is the most. Take one away first.",
                MOST,
            ),
            (Fault("file", phrase("take one away first")),),
        )


def _values(source_id: str, person_id: str, name: str, now: datetime, found: Busy) -> dict[str, Any]:
    unknown = ", ".join(found.unknown[:3])
    return {
        "id": source_id,
        "person_id": person_id,
        "name": name,
        "address": "",
        "created": now,
        "read": now,
        "until": _until(now),
        "tried": now,
        "tag": "",
        "dated": "",
        "note": phrase("No time zone is known as %(names)s: its times were read in your own.", names=unknown)
        if unknown
        else "",
        "trouble": "",
    }


def _until(now: datetime) -> datetime:
    return datetime.combine(now.date(), time(), UTC) + AHEAD


def _keep(db: Db, values: dict[str, Any], periods: Iterable[Period]) -> None:
    """Write what was read; the organisation is at another revision only where a period to come differs."""
    new = tuple(periods)
    now = values["read"]
    before = tuple(p for p in busy.of_source(db, values["id"]) if p[1] > now)
    busy.write_source(db, values, new)
    if before != tuple(p for p in new if p[1] > now):
        house.next_revision(db)


def _read(parts: Parts, person_id: str, data: bytes, now: datetime) -> tuple[Busy, Organisation]:
    """Give when a calendar says a person is busy, read in a process of its own in the zone of the person's site."""
    with parts.store.read() as db:
        organisation = people.organisation(db)
        ours = busy.our_uids(db, now - BACK)
    payload = asked_apart(data, now - BACK, _until(now), _zone(organisation, person_id), ours)
    return answered_apart(apart(read_apart, payload, what=phrase("The calendar"))), organisation


def _zone(organisation: Organisation, person_id: str) -> str:
    site = sites_of(organisation).get(person_id, "")
    return next((s.zone for s in organisation.sites if s.id == site), "UTC")


def _share_of_work(organisation: Organisation, person_id: str, periods: Iterable[Period], now: datetime) -> float:
    """Give how many hours at work of the next weeks a calendar takes.

    Raises InvalidError when it takes most of them: then it holds shifts, and would take its person off every queue.
    """
    horizon = Horizon(monday_of(now.date()), WEEKS)
    person = next((p for p in organisation.people if p.id == person_id), None)
    if person is None:
        return 0.0
    work = hours_of(replace(organisation, busy=()), horizon, (person,))[person_id]
    zone = _zone(organisation, person_id)
    most = slots_in(horizon)
    spans = (away(local(a, zone), local(b, zone), zone, horizon) for a, b in periods)
    inside = joined_up((max(0, first), min(most, end)) for first, end in spans)
    whole, left = (sum(b - a for a, b in some) for some in (work, without(work, inside)))
    if whole and (whole - left) / whole > MOST_OF_WORK:
        raise InvalidError(
            phrase(
                "This calendar is busy in %(share)s of your hours at work in the next %(weeks)s weeks. "
                "It seems to hold your shifts. Bring one that holds only what keeps you from sessions.",
                share=f"{100 * (whole - left) // whole} %",
                weeks=WEEKS,
            ),
            (Fault("file", phrase("a calendar without your shifts")),),
        )
    return (whole - left) / 2
