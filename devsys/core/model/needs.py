"""Needs: what ought to be held, for whom, in which window, and why."""

from dataclasses import dataclass
from datetime import date, datetime, time


@dataclass(frozen=True, slots=True)
class Need:
    """One person ought to attend one activity between `earliest` and `latest`, best before `due` (aware UTC).

    `key` names it for life, whatever is planned again: `person/activity-or-rotation/period`. `series` groups the
    steps of one coaching series, `step` counts from 0. `why` is one sentence for the person.
    """

    key: str
    person_id: str
    activity: str
    earliest: datetime
    due: datetime
    latest: datetime
    why: str
    series: str = ""
    step: int = 0


@dataclass(frozen=True, slots=True)
class SeriesRequest:
    """A person asked for a coaching series; `preferred` are wished local times: (weekday, Monday is 0; from; to).

    `steps` is how many sessions it has, 0: as many as its activity says.
    """

    id: str
    person_id: str
    activity: str
    requested: datetime
    preferred: tuple[tuple[int, time, time], ...] = ()
    steps: int = 0


@dataclass(frozen=True, slots=True)
class AskedNeed:
    """A need that no cadence brings, of one person: a lesson asked for it. `id` names the lesson, `due` is a day."""

    id: str
    person_id: str
    activity: str
    asked: date
    due: date
    why: str


@dataclass(frozen=True, slots=True)
class Start:
    """The week a person starts an activity in, as a rollout drew it; `day` is its Monday."""

    person_id: str
    activity: str
    day: date


@dataclass(frozen=True, slots=True)
class Recall:
    """A refresher a person is asked to have: earliest, due by and latest as days; `id` names it for life.

    `instead` is the first day of the need it comes in place of, None when it comes besides.
    """

    id: str
    person_id: str
    activity: str
    earliest: date
    due: date
    latest: date
    why: str
    instead: date | None = None
