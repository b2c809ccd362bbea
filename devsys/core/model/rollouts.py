"""A rollout as it is kept: how it was drawn, its waves, what it asks for later."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Rollout:
    """How a rollout of an activity was drawn; `draw` is lot or weakest, `unit` person or team, `seed` "" without a lot.

    `measure` is the key of what shall get better, `least_gain` the smallest gain worth having in its unit.
    """

    id: str
    activity: str
    measure: str
    least_gain: float
    draw: str
    unit: str
    seed: str
    strata: bool
    frozen: datetime
    drawn: datetime
    by_id: str
    by: str = ""
    changed: datetime | None = None
    ended: datetime | None = None


@dataclass(frozen=True, slots=True)
class RolloutPlace:
    """One person in one wave; `stratum` 0 is the weaker half, `starts` a Monday."""

    person_id: str
    code: str
    name: str
    team_id: str
    team: str
    stratum: int
    wave: int
    late: bool
    starts: date


class RefresherState(StrEnum):
    """Where a refresher stands."""

    OPEN = "open"
    WAITS = "waits"  # a condition or a fix comes first; a coordinator decides
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class KeptRefresher:
    """A refresher a wave is asked to have, with its reason in words and who decided what about it."""

    id: str
    rollout_id: str
    activity: str
    wave: int
    earliest: date
    due: date
    latest: date
    instead: date | None
    why: str
    waits: str
    weight: float
    state: RefresherState
    made: datetime
    reason: str = ""
    by: str = ""
