"""A row of each kind of file as a value: codes as people write them, not ids."""

from dataclasses import dataclass, field
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One row: its number as a sheet shows it (the header is row 1) and its cells as they were written."""

    row: int
    cells: tuple[str, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class SiteLine(Line):
    """A place; `country` and `region` may be empty: no public holidays."""

    code: str
    name: str
    zone: str
    country: str
    region: str


@dataclass(frozen=True, slots=True)
class QueueLine(Line):
    """A queue with its service goal."""

    code: str
    name: str
    site: str
    handle_seconds: int
    service_percent: float
    answer_seconds: int
    occupancy_percent: float
    shrinkage_percent: float
    minimum: int


@dataclass(frozen=True, slots=True)
class TeamLine(Line):
    """A team of a site."""

    code: str
    name: str
    site: str


@dataclass(frozen=True, slots=True)
class RoomLine(Line):
    """A room with its seats."""

    code: str
    name: str
    site: str
    seats: int


@dataclass(frozen=True, slots=True)
class PersonLine(Line):
    """Somebody; `team`, `queue` and `pattern` may be empty, `left` is the first day no longer here.

    `own_will` says whether they left by own will, None where the file does not say.
    """

    code: str
    name: str
    email: str
    team: str
    queue: str
    pattern: str
    joined: date | None
    left: date | None
    own_will: bool | None = None


@dataclass(frozen=True, slots=True)
class ShiftLine(Line):
    """A stretch of work on a day of a pattern, in minutes after midnight; no start and no end is a day off."""

    pattern: str
    week: int
    weekday: int
    start: int | None
    end: int | None
    lunch_start: int | None
    lunch_end: int | None
    anchor: date | None = None


@dataclass(frozen=True, slots=True)
class AbsenceLine(Line):
    """Local time away, its end not included, None while it is not known; `withdrawn` takes it back."""

    person: str
    start: datetime
    end: datetime | None
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class FacilitatorLine(Line):
    """A person who leads sessions."""

    person: str
    sites: tuple[str, ...]
    qualifications: tuple[str, ...]
    weekly_hours: float


@dataclass(frozen=True, slots=True)
class HeldLine(Line):
    """What a person has learnt already, and when."""

    person: str
    activity: str
    day: date


@dataclass(frozen=True, slots=True)
class RequirementLine(Line):
    """Agents required in one half hour (0 to 47) of a weekday (Monday 0) or of a date."""

    queue: str
    day: int | date
    half: int
    agents: int


@dataclass(frozen=True, slots=True)
class VolumeLine(Line):
    """Calls that came in one half hour."""

    queue: str
    start: datetime
    calls: int


@dataclass(frozen=True, slots=True)
class ContactLine(Line):
    """Contacts of a week (its Monday) for one cause."""

    week: date
    queue: str
    cause: str
    contacts: int
