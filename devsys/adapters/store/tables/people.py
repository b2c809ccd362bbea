"""The organisation: sites, queues, teams, people, shifts, absences, facilitators, rooms, requirement."""

from datetime import date, time

from pydantic import NaiveDatetime
from sqlmodel import Field, SQLModel

from devsys.adapters.store.tables.kept import kept
from devsys.base.words import to_phrase

_STAY = to_phrase("while the organisation uses it")
_EMPLOYED = to_phrase("until the person is erased")


class SiteRow(SQLModel, table=True):
    """A place with one zone."""

    __tablename__ = "site"
    __table_args__ = kept("internal", retention=_STAY)
    id: str = Field(primary_key=True)
    code: str = Field(unique=True)
    name: str
    zone: str
    country: str = ""
    region: str = ""


class HolidayRow(SQLModel, table=True):
    """A public holiday of a site."""

    __tablename__ = "holiday"
    __table_args__ = kept("public", retention=_STAY)
    site_id: str = Field(primary_key=True, foreign_key="site.id")
    day: date = Field(primary_key=True)
    name: str


class QueueRow(SQLModel, table=True):
    """A queue of a site with its service goal."""

    __tablename__ = "queue"
    __table_args__ = kept("internal", retention=_STAY)
    id: str = Field(primary_key=True)
    code: str = Field(unique=True)
    name: str
    site_id: str = Field(foreign_key="site.id")
    handle_seconds: int = 240
    service_percent: float = 80.0
    answer_seconds: int = 20
    occupancy_percent: float = 90.0
    shrinkage_percent: float = 30.0
    minimum: int = 0


class RequirementRow(SQLModel, table=True):
    """Agents required on a queue: `day` is mon..sun or an ISO date; `agents` 48 figures parted by spaces."""

    __tablename__ = "requirement"
    __table_args__ = kept("internal", retention=_STAY)
    queue_id: str = Field(primary_key=True, foreign_key="queue.id")
    day: str = Field(primary_key=True)
    agents: str


class EmergencyRow(SQLModel, table=True):
    """Local time in which a queue needs more agents than its requirement says."""

    __tablename__ = "emergency"
    __table_args__ = kept("internal", retention=_STAY)
    queue_id: str = Field(primary_key=True, foreign_key="queue.id")
    start: NaiveDatetime = Field(primary_key=True)
    end: NaiveDatetime
    agents: int


class TeamRow(SQLModel, table=True):
    """A team of a site."""

    __tablename__ = "team"
    __table_args__ = kept("internal", retention=_STAY)
    id: str = Field(primary_key=True)
    code: str = Field(unique=True)
    name: str
    site_id: str = Field(foreign_key="site.id")


class RoomRow(SQLModel, table=True):
    """A room with seats."""

    __tablename__ = "room"
    __table_args__ = kept("internal", retention=_STAY)
    id: str = Field(primary_key=True)
    code: str = Field(unique=True)
    name: str
    site_id: str = Field(foreign_key="site.id")
    seats: int


class ClosureRow(SQLModel, table=True):
    """Local time in which a room cannot be used; `end` empty while it is not known."""

    __tablename__ = "closure"
    __table_args__ = kept("internal", retention=_STAY)
    room_id: str = Field(primary_key=True, foreign_key="room.id")
    start: NaiveDatetime = Field(primary_key=True)
    end: NaiveDatetime | None = None


class PatternRow(SQLModel, table=True):
    """A cycle of weeks of shifts."""

    __tablename__ = "pattern"
    __table_args__ = kept("internal", retention=_STAY)
    id: str = Field(primary_key=True)
    code: str = Field(unique=True)
    weeks: int
    anchor: date


class ShiftRow(SQLModel, table=True):
    """A stretch of work in a pattern; `end` None means 24:00."""

    __tablename__ = "shift"
    __table_args__ = kept("internal", retention=_STAY)
    pattern_id: str = Field(primary_key=True, foreign_key="pattern.id")
    week: int = Field(primary_key=True)
    weekday: int = Field(primary_key=True)
    start: time = Field(primary_key=True)
    end: time | None = None
    lunch_start: time | None = None
    lunch_end: time | None = None


class PersonRow(SQLModel, table=True):
    """Somebody of the organisation."""

    __tablename__ = "person"
    __table_args__ = kept("personal", person="id", retention=_EMPLOYED)
    id: str = Field(primary_key=True)
    code: str = Field(unique=True)
    name: str
    email: str = Field(index=True)
    team_id: str | None = Field(default=None, foreign_key="team.id", index=True)
    queue_id: str | None = Field(default=None, foreign_key="queue.id", index=True)
    pattern_id: str | None = Field(default=None, foreign_key="pattern.id")
    joined: date | None = None
    left: date | None = None
    own_will: bool | None = None


class AbsenceRow(SQLModel, table=True):
    """Local time away, `end` empty while it is not known; no reason is kept."""

    __tablename__ = "absence"
    __table_args__ = kept("personal", person="person_id", retention=_EMPLOYED)
    person_id: str = Field(primary_key=True, foreign_key="person.id")
    start: NaiveDatetime = Field(primary_key=True)
    end: NaiveDatetime | None = None


class FacilitatorRow(SQLModel, table=True):
    """A person who leads sessions; sites and qualifications parted by `|`."""

    __tablename__ = "facilitator"
    __table_args__ = kept("personal", person="person_id", retention=_EMPLOYED)
    person_id: str = Field(primary_key=True, foreign_key="person.id")
    site_ids: str
    qualifications: str
    weekly_hours: float


class HeldRow(SQLModel, table=True):
    """Evidence of earlier learning."""

    __tablename__ = "held"
    __table_args__ = kept("personal", person="person_id", retention=_EMPLOYED)
    person_id: str = Field(primary_key=True, foreign_key="person.id")
    activity: str = Field(primary_key=True)
    day: date


class MeetingLinkRow(SQLModel, table=True):
    """Where somebody meets who leads sessions online: their sessions without a room carry it."""

    __tablename__ = "meeting_link"
    __table_args__ = kept("personal", person="person_id", retention=to_phrase("until the person takes it away"))
    person_id: str = Field(primary_key=True, foreign_key="person.id")
    address: str
