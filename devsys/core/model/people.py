"""The organisation as the planner and the pages see it: plain values, no database.

Every thing has a random `id` (addresses, links) and a `code` (what people write in their files).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time


@dataclass(frozen=True, slots=True)
class Site:
    """A place with one IANA zone and the public holidays of its country (and region)."""

    id: str
    code: str
    name: str
    zone: str
    country: str = ""
    region: str = ""


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue of a site, with what is needed to turn call volumes into agents.

    `handle_seconds` mean handle time; `service_percent` of calls answered within `answer_seconds`;
    `occupancy_percent` cap; `shrinkage_percent` of paid time not on the queue; `minimum` agents required in every
    half hour in which somebody is rostered and no requirement is known.
    """

    id: str
    code: str
    name: str
    site_id: str
    handle_seconds: int = 240
    service_percent: float = 80.0
    answer_seconds: int = 20
    occupancy_percent: float = 90.0
    shrinkage_percent: float = 30.0
    minimum: int = 0


@dataclass(frozen=True, slots=True)
class Team:
    """People of one site who work together; a case round belongs to one team."""

    id: str
    code: str
    name: str
    site_id: str


@dataclass(frozen=True, slots=True)
class Room:
    """A room of a site with its seats."""

    id: str
    code: str
    name: str
    site_id: str
    seats: int


@dataclass(frozen=True, slots=True)
class Shift:
    """One stretch of work on a day of a pattern: local times, `end` after `start`, 24:00 as None.

    `week` counts from 1 within the pattern's cycle, `weekday` from 0 (Monday). Lunch may be None.
    """

    week: int
    weekday: int
    start: time
    end: time | None
    lunch_start: time | None = None
    lunch_end: time | None = None


@dataclass(frozen=True, slots=True)
class ShiftPattern:
    """A cycle of `weeks` weeks; week 1 is the ISO week of `anchor` (a Monday) and every `weeks`-th after and before."""

    id: str
    code: str
    weeks: int
    anchor: date
    shifts: tuple[Shift, ...]


@dataclass(frozen=True, slots=True)
class Absence:
    """Local time away, start included, end not; `end` None: not known yet. The reason is not asked, not kept (R9)."""

    person_id: str
    start: datetime
    end: datetime | None


@dataclass(frozen=True, slots=True)
class Closure:
    """Local time in which a room cannot be used, start included, end not; `end` None: not known yet."""

    room_id: str
    start: datetime
    end: datetime | None


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the organisation. `queue_id` None: counts for no queue. `left` is the first day no longer here.

    `own_will` says whether they left by own will, None where nobody said; why is never asked.
    """

    id: str
    code: str
    name: str
    email: str
    team_id: str | None
    queue_id: str | None
    pattern_id: str | None
    joined: date | None = None
    left: date | None = None
    own_will: bool | None = None


@dataclass(frozen=True, slots=True)
class Stay:
    """One person's time: of which site, the first day, and the first day no longer here if there is one.

    `own_will` says whether leaving was by own will; None: nobody said, which counts as by own will.
    """

    person_id: str
    site_id: str
    joined: date
    left: date | None
    own_will: bool | None


@dataclass(frozen=True, slots=True)
class Facilitator:
    """A person who leads sessions: the sites served, the qualifications held, the most hours a week."""

    person_id: str
    site_ids: tuple[str, ...]
    qualifications: frozenset[str]
    weekly_hours: float


@dataclass(frozen=True, slots=True)
class Held:
    """Evidence that a person holds an activity: earlier learning, or a session attended."""

    person_id: str
    activity: str
    day: date


@dataclass(frozen=True, slots=True)
class Requirement:
    """Agents required on a queue.

    `profile[weekday][half_hour]` is the typical week in local time, 7 x 48 figures; `days` holds dates that
    differ, each 48 figures.
    """

    queue_id: str
    profile: tuple[tuple[int, ...], ...]
    days: Mapping[date, tuple[int, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Emergency:
    """Local time in which a queue needs `agents` more than its requirement says, start included, end not."""

    queue_id: str
    start: datetime
    end: datetime
    agents: int


@dataclass(frozen=True, slots=True)
class Relief:
    """Agents a queue needs fewer from a local day on, since a fix was checked: off the typical week alone, 7 x 48."""

    fix_id: str
    queue_id: str
    start: date
    less: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Organisation:
    """All of it at one moment; `revision` grows with every change that a plan depends on.

    `busy` is local time that people's own calendars say is taken: nobody is at work then, but nobody wrote it here.
    """

    sites: tuple[Site, ...]
    queues: tuple[Queue, ...]
    teams: tuple[Team, ...]
    rooms: tuple[Room, ...]
    patterns: tuple[ShiftPattern, ...]
    people: tuple[Person, ...]
    absences: tuple[Absence, ...]
    facilitators: tuple[Facilitator, ...]
    held: tuple[Held, ...]
    requirements: tuple[Requirement, ...]
    holidays: Mapping[str, Mapping[date, str]] = field(default_factory=dict)
    revision: int = 0
    closures: tuple[Closure, ...] = ()
    emergencies: tuple[Emergency, ...] = ()
    busy: tuple[Absence, ...] = ()
    reliefs: tuple[Relief, ...] = ()
