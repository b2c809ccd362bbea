"""What is in the calendar: sessions, the people in them, plan versions, drafts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from devsys.base.words import phrase, phrases


class Status(StrEnum):
    """A session is on or it is off; a cancelled one keeps its place in feeds for a while."""

    PLANNED = "planned"
    CANCELLED = "cancelled"


class View(StrEnum):
    """How much of a session a feed or page shows."""

    OWN = "own"
    TEAM = "team"
    MASKED = "masked"


@dataclass(frozen=True, slots=True)
class Place:
    """One person's seat in a session, and the need it answers (empty: none)."""

    person_id: str
    need: str = ""


@dataclass(frozen=True, slots=True)
class Session:
    """One activity, one group, one period, perhaps a room; `uid` for life.

    Attended time is `starts` (naive local wall time) in `zone` for `minutes`; `starts_utc` is the instant derived
    from it. `sequence` counts changes of time, place or status (RFC 5546 section 2.1.4); `changed` is the instant
    of the last change of what is shown.
    """

    id: str
    uid: str
    activity: str
    starts: datetime
    zone: str
    minutes: int
    starts_utc: datetime
    facilitator_id: str | None
    room_id: str | None
    site_id: str
    places: tuple[Place, ...]
    team_id: str | None = None
    status: Status = Status.PLANNED
    pinned: bool = False
    series: str = ""
    sequence: int = 0
    created: datetime | None = None
    changed: datetime | None = None
    cause: str = ""

    @property
    def ends(self) -> datetime:
        """Local wall time of the end: the zone's own clock, so a session over a clock change is found in UTC."""
        return self.starts + timedelta(minutes=self.minutes)

    @property
    def ends_utc(self) -> datetime:
        """The instant of the end."""
        return self.starts_utc + timedelta(minutes=self.minutes)

    @property
    def people(self) -> frozenset[str]:
        """Ids of the people who come."""
        return frozenset(p.person_id for p in self.places)


@dataclass(frozen=True, slots=True)
class Owed:
    """A need the plan could not place, with the rule that stopped it and what would make it fit, in words."""

    person_id: str
    activity: str
    need: str
    earliest: datetime
    due: datetime
    latest: datetime
    rule: str
    reason: str
    would_fit: str = ""


@dataclass(frozen=True, slots=True)
class Evenness:
    """How evenly a plan serves, as it was drawn; of single people only what the worst-served one gets, never who.

    `person` and `team`: needs on time, and needs, of the person and of the team with the smallest share; `team_id` is
    that team's, of those with five people or more ("" without one). `seats`, and of them those that start `early`,
    `late` and on a `friday`; `above`: the most seats anybody has in such hours above an even share. `apart`: how far
    the loads of two facilitators with the same qualifications and sites are apart at most, as shares of the hours they
    can lead.
    """

    person: tuple[int, int] = (0, 0)
    team: tuple[int, int] = (0, 0)
    team_id: str = ""
    seats: int = 0
    early: int = 0
    late: int = 0
    friday: int = 0
    above: float = 0.0
    apart: float = 0.0


@dataclass(frozen=True, slots=True)
class Figures:
    """How good a plan is: counts of needs and sessions; `bound` is what no plan can exceed on time.

    `proved` says that the plan reaches it, and `out_of_reach` how many needs no plan serves at all: both were found
    for the needs of the drawing. `even` is as the plan was drawn: what is changed by hand later is not counted in it.
    """

    needs: int
    placed: int
    on_time: int
    owed: int
    sessions: int
    bound: int
    late: int = 0
    hours: float = 0.0
    even: Evenness | None = None
    out_of_reach: int = 0
    proved: bool = False


def bound_words(on_time: int, bound: float, *, proved: bool, out_of_reach: int) -> str:
    """Say how near a plan is to what any could reach; empty where there is nothing to say."""
    more = int(bound) - on_time
    words = [phrase("No plan has more on time: proved.")] if proved and on_time else []
    if more > 0:
        words = [phrases("At most %(num)s more could be on time.", "At most %(num)s more could be on time.", more)]
    if out_of_reach:
        words.append(
            phrases("No plan can serve %(num)s of the needs.", "No plan can serve %(num)s of the needs.", out_of_reach)
        )
    return " ".join(words)


@dataclass(frozen=True, slots=True)
class Horizon:
    """How far we plan: from `start` (a Monday, UTC midnight) over `weeks` weeks."""

    start: date
    weeks: int

    @property
    def end(self) -> date:
        """First day no longer planned."""
        return self.start + timedelta(weeks=self.weeks)


@dataclass(frozen=True, slots=True)
class Version:
    """A published plan: immutable, numbered from 1, with who published it, when and why."""

    number: int
    published: datetime
    by: str
    cause: str
    figures: Figures
    horizon: Horizon
    changes: Mapping[str, int] = field(default_factory=dict)
