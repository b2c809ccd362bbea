"""Absences of one person: dates alone, as pages show and take them. A reason is not asked and not kept."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from pydantic import Field, NaiveDatetime

from devsys.actions import record_absence
from devsys.adapters.store.queries import busy, directory
from devsys.base.errors import NotFoundError
from devsys.base.limits import LIST_ROWS
from devsys.core.busy.read import merged
from devsys.core.model.people import Absence as Away
from devsys.core.policy import Extent
from devsys.core.policy import scope as scope_of
from devsys.faces.api.operations import In, Noun, Out
from devsys.faces.web.here import now, parts, scope, viewer

noun = Noun("absences", "absences")
BUSY_AHEAD: Final = timedelta(weeks=4)
Span = tuple[datetime, datetime | None]
_NEVER: Final = datetime(9999, 12, 31)  # noqa: DTZ001 -- of a local clock, as absences are kept
_LOCAL: dict[str, Any] = {"format": "local", "pattern": r"^20\d\d-\d\d-\d\dT\d\d:\d\d(:\d\d)?$"}


class AbsenceIn(In):
    """When somebody is away, by the clock of their site; no end: not known yet."""

    start: NaiveDatetime = Field(json_schema_extra=_LOCAL)
    end: NaiveDatetime | None = None


class BeginIn(In):
    """Which absence: its start."""

    start: NaiveDatetime = Field(json_schema_extra=_LOCAL)


class Absence(Out):
    """When somebody is away, by the clock of their site."""

    start: datetime = Field(json_schema_extra={"format": "local"})
    end: datetime | None = Field(json_schema_extra={"format": "local"})


class Absences(Out):
    """Absences that are not over, soonest first, 200 at most.

    `full` is false for who may know only that the time is taken: absences and what the person's own calendars take in
    the next four weeks are joined, and which is which is not said.
    """

    full: bool
    zone: str
    items: list[Absence]


class Kept(Out):
    """Whether it changed anything."""

    changed: bool


@noun.op("GET", "/people/<person_id>/absences", "absences", gives=Absences)
def listed(person_id: str) -> Absences:
    """List the absences of a person that are not over."""
    with parts().store.read() as db:
        person = directory.profile(db, scope_of(viewer(), "people", "read"), person_id)
        full = person is not None and scope().covers(person_id=person.id, team_id=person.team_id)
        if person is None or not (full or Extent.BUSY in scope().extents):
            raise NotFoundError("There is no such person.")
        zone = ZoneInfo(person.zone)
        found = directory.absences(db, person.id, now().astimezone(zone).replace(tzinfo=None), LIST_ROWS)
        taken = () if full else busy.periods(db, person.id, now(), now() + BUSY_AHEAD)
    spans = found if full else _joined(found, taken, zone)
    return Absences(full=full, zone=person.zone, items=[Absence(start=start, end=end) for start, end in spans])


def _joined(away: Iterable[Span], taken: Iterable[tuple[datetime, datetime]], zone: ZoneInfo) -> list[Span]:
    """Give taken times, joined where they touch; nothing comes behind one without an end."""
    local = ((a.astimezone(zone).replace(tzinfo=None), b.astimezone(zone).replace(tzinfo=None)) for a, b in taken)
    known = ((start, end or _NEVER) for start, end in away)
    return [(a, None if b == _NEVER else b) for a, b in merged((*known, *local))][:LIST_ROWS]


@noun.op("POST", "/people/<person_id>/absences", "absences", "write", body=AbsenceIn, gives=Kept)
def record(person_id: str, given: AbsenceIn) -> Kept:
    """Record that somebody is away; repairs follow as from the page."""
    return Kept(changed=record_absence.record(parts(), viewer(), Away(person_id, _minute(given.start), _end(given))))


@noun.op("POST", "/people/<person_id>/absences/take-back", "absences", "write", body=BeginIn, gives=Kept)
def take_back(person_id: str, given: BeginIn) -> Kept:
    """Take back an absence that was recorded by mistake."""
    return Kept(changed=record_absence.take_back(parts(), viewer(), person_id, _minute(given.start)))


def _minute(value: datetime) -> datetime:
    return value.replace(second=0, microsecond=0)


def _end(given: AbsenceIn) -> datetime | None:
    return _minute(given.end) if given.end else None
