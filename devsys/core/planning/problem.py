"""One picture of all that a plan depends on, and the plan itself, as plain frozen values.

Time is a line of half-hour slots in UTC; slot 0 is the start of the horizon and a slot is an index, never a
float. A span is `(first, end)`, its end not included. Local days come from the site (see `Site.day_of`), so a
site with clock changes has days of 46 to 50 slots. Weeks, where hours are counted, are 336 slots of that line.
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import MappingProxyType

from devsys.base import written
from devsys.base.words import phrase
from devsys.core.model.calendar import Evenness

DAY = 48
WEEK = 336

Span = tuple[int, int]

# The order of wishes among kinds when not everything fits. Any two needs outweigh any one: the count of people
# served comes first, the kind decides between equals.
KIND_WEIGHTS: Mapping[str, int] = MappingProxyType(
    {"boundaries": 16, "refresher": 14, "coach": 13, "review": 12, "skill": 11, "adv": 10}
)
OTHER_WEIGHT = 10


@dataclass(frozen=True, slots=True)
class Room:
    """A room of a site and how many people it seats; nothing can be held there in the spans `closed`."""

    id: str
    cap: int
    name: str = ""
    closed: tuple[Span, ...] = ()

    @property
    def label(self) -> str:
        """The name people know, else the id."""
        return self.name or self.id


@dataclass(frozen=True, slots=True)
class Site:
    """A place with its own calendar.

    `offset` is local time less UTC in slots; a site with clock changes gives `midnights` instead, the UTC slot of
    each local midnight from local day 0. `holidays` are local day numbers; day 0 is a Monday unless the problem's
    `first_day` says otherwise. `minutes` is added when a slot is spoken (15 for a zone such as UTC+5:45, whose
    half hours do not fall on the slots of UTC).
    """

    id: str
    offset: int = 0
    midnights: tuple[int, ...] | None = None
    holidays: frozenset[int] = frozenset()
    rooms: tuple[Room, ...] = ()
    name: str = ""
    minutes: int = 0

    @property
    def label(self) -> str:
        """The name people know, else the id."""
        return self.name or self.id

    def day_of(self, slot: int) -> int:
        """Give the local day number of a UTC slot."""
        if self.midnights is not None:
            return bisect_right(self.midnights, slot) - 1
        return (slot + self.offset) // DAY

    def minute_of(self, slot: int) -> int:
        """Give the local time of day at which a slot starts, in minutes after midnight.

        On a day of another length than 48 slots the clock is taken to change before three in the morning.
        """
        if self.midnights is None:
            return ((slot + self.offset) % DAY * 30 + self.minutes) % 1440
        day = bisect_right(self.midnights, slot) - 1
        if day < 0 or day + 1 >= len(self.midnights):
            base = self.midnights[max(day, 0)] if self.midnights else 0
            return ((slot - base) % DAY * 30 + self.minutes) % 1440
        since = slot - self.midnights[day]
        length = self.midnights[day + 1] - self.midnights[day]
        local = since if since < 6 else since + DAY - length  # noqa: PLR2004 -- six slots are three hours
        return (local * 30 + self.minutes) % 1440


@dataclass(frozen=True, slots=True)
class Pool:
    """A queue of a site and the agents it requires in each slot of the horizon."""

    id: str
    site: str
    required: tuple[int, ...]
    name: str = ""

    @property
    def label(self) -> str:
        """The name people know, else the id."""
        return self.name or self.id


@dataclass(frozen=True, slots=True)
class Team:
    """A team of a site."""

    id: str
    site: str
    name: str = ""

    @property
    def label(self) -> str:
        """The name people know, else the id."""
        return self.name or self.id


@dataclass(frozen=True, slots=True)
class Agent:
    """A person who works on a queue and learns.

    `work` are the spans at work in UTC slots, sorted and apart: shifts without lunch, absences, holidays, the time
    before the first and after the last day. `holds` are the activities the person holds already; None means that
    every prerequisite for which the person has no need is held. `last` is the latest start of a session of each
    kind before the horizon (a negative slot), so that spacing holds across its edge.
    """

    id: str
    team: str
    site: str
    pool: str
    work: tuple[Span, ...]
    holds: frozenset[str] | None = None
    last: tuple[tuple[str, int], ...] = ()
    name: str = ""

    @property
    def label(self) -> str:
        """The name people know, else the id."""
        return self.name or self.id


@dataclass(frozen=True, slots=True)
class Facilitator:
    """Somebody who leads sessions: coach, trainer, specialist or lead; `quals` are activities, `work` UTC spans."""

    id: str
    sites: tuple[str, ...]
    work: tuple[Span, ...]
    weekly_slots: int
    quals: frozenset[str]
    name: str = ""

    @property
    def label(self) -> str:
        """The name people know, else the id."""
        return self.name or self.id


@dataclass(frozen=True, slots=True)
class Activity:
    """One kind of thing in a programme.

    `length` in slots; `gmin` to `gmax` people; `room` says that a room is needed; `same_team` that all come from
    one team; `prereq` are activities that must have ended before. `recovery` are the slots after the session in
    which each person is still off the queue and in no other session.
    """

    id: str
    kind: str
    length: int
    gmin: int
    gmax: int
    room: bool = False
    same_team: bool = False
    prereq: tuple[str, ...] = ()
    recovery: int = 0
    online: bool = False
    name: str = ""

    @property
    def label(self) -> str:
        """The name people know, else the id."""
        return self.name or self.id


@dataclass(frozen=True, slots=True)
class Series:
    """A coaching series of one person; `pref` are wished times `(weekday, from, to)` in local slots, Monday 0."""

    id: str
    agent: str
    pref: tuple[tuple[int, int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Need:
    """Something that ought to be held for one person: it may start in `[earliest, latest)`, on time before `due`.

    A need is known by its position in `Problem.needs`. `k` is its step where it belongs to a `series`. `priority`
    replaces the weight of its kind; `key` is whatever the caller knows it by; `why` is a sentence for people.
    """

    agent: str
    act: str
    earliest: int
    due: int
    latest: int
    series: str | None = None
    k: int = 0
    priority: int | None = None
    key: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Rules:
    """The figures of the hard rules.

    `min_gap_days`: days between the starts of two sessions of a kind for one person; `coach_gap_days`: least and
    most days between two steps of a series; `day_slots`, `week_slots`: dose of one person; `changeover_slots`: for
    a facilitator between sessions in different rooms, and for a room between two sessions; `weights`: by kind.
    """

    min_gap_days: Mapping[str, int] = field(default_factory=dict)
    coach_gap_days: tuple[int, int] = (5, 21)
    day_slots: int = 4
    week_slots: int = 9
    changeover_slots: int = 0
    weights: Mapping[str, int] = field(default_factory=dict)

    def weight_of(self, kind: str) -> int:
        """Give the weight of a need of this kind; more is more urgent."""
        return self.weights.get(kind, KIND_WEIGHTS.get(kind, OTHER_WEIGHT))


@dataclass(frozen=True, slots=True)
class Session:
    """One activity, one group, one period: `att` are the positions of the needs it serves, `room` None without one."""

    id: str
    act: str
    start: int
    fac: str
    room: str | None
    site: str
    att: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """All that a plan depends on. Sessions in `pinned` are kept; nothing new starts before `frozen_until`.

    `first_day` is the date of local day 0, used only to speak of days.
    """

    weeks: int
    sites: tuple[Site, ...]
    pools: tuple[Pool, ...]
    teams: tuple[Team, ...]
    agents: tuple[Agent, ...]
    facilitators: tuple[Facilitator, ...]
    activities: tuple[Activity, ...]
    rules: Rules
    needs: tuple[Need, ...]
    series: tuple[Series, ...] = ()
    pinned: tuple[Session, ...] = ()
    frozen_until: int = 0
    first_day: date | None = None

    @property
    def slots(self) -> int:
        """The number of slots in the horizon."""
        return self.weeks * WEEK


@dataclass(frozen=True, slots=True)
class Figures:
    """What a plan reaches, counted: `share` is on time over `bound`, `violations` by the plain verifier.

    `even` is how evenly it serves, where that was counted. `out_of_reach` are the needs that no plan serves at all.
    """

    needs: int
    placed: int
    on_time: int
    late: int
    owed: int
    sessions: int
    bound: float
    share: float
    violations: int
    even: Evenness | None = None
    out_of_reach: int = 0

    @property
    def proved(self) -> bool:
        """Say whether no plan has more on time; one that breaks a rule, such as by what is pinned, is no plan."""
        return self.on_time == self.bound and not self.violations


@dataclass(frozen=True, slots=True)
class Plan:
    """Sessions chosen (pinned ones included, verbatim), needs left unplaced by position, and the figures.

    `notes` say what did not go as it should while it was drawn, one sentence each.
    """

    sessions: tuple[Session, ...]
    owed: tuple[int, ...]
    figures: Figures
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a run stands: a stage in words and the best plan so far in figures."""

    stage: str
    placed: int
    on_time: int
    owed: int
    bound: float
    sessions: int


_A_MONDAY = date(2026, 1, 5)


def say_slot(problem: Problem, site: Site, slot: int) -> str:
    """Give a slot in words, local to `site`: `Tue 14 April 10:00`, or `Tue of week 15, 10:00` without dates."""
    minute = site.minute_of(slot)
    clock = f"{minute // 60:02d}:{minute % 60:02d}"
    day = site.day_of(slot)
    if problem.first_day is None:
        return phrase("%(date)s, %(time)s", date=_undated(day), time=clock)
    return phrase("%(day)s %(time)s", day=written.day(problem.first_day + timedelta(days=day)), time=clock)


def say_day(problem: Problem, site: Site, slot: int) -> str:
    """Give the local day of a slot in words: `Tue 14 April`, or `Tue of week 15` without dates."""
    day = site.day_of(slot)
    return _undated(day) if problem.first_day is None else written.day(problem.first_day + timedelta(days=day))


def _undated(day: int) -> str:
    weekday = written.short_weekday(_A_MONDAY + timedelta(days=day % 7))
    return phrase("%(weekday)s of week %(week)s", weekday=weekday, week=day // 7 + 1)
