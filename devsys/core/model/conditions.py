"""The conditions people work under: five checks per team, targets with their direction, what may be decided alone.

Training cannot repair a condition; so each is looked at, dated and owned (product.md S6).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from devsys.base.words import grouped, phrase, to_phrase


class Check(StrEnum):
    """The five things that are looked at in every team."""

    VOLUME = "volume"
    STAFFING = "staffing"
    CONTROL = "control"
    PERMISSION = "permission"
    TARGETS = "targets"


@dataclass(frozen=True, slots=True)
class Question:
    """What a check is called, and what is asked about the team."""

    title: str
    asks: str


QUESTIONS: Final[Mapping[Check, Question]] = MappingProxyType(
    {
        Check.VOLUME: Question(
            to_phrase("Volume over resolution"), to_phrase("Is resolving counted at least as much as handling?")
        ),
        Check.STAFFING: Question(
            to_phrase("Staffing"), to_phrase("Are there enough people for the queue and for learning?")
        ),
        Check.CONTROL: Question(
            to_phrase("Control"), to_phrase("Are people trusted to work without a script and without being timed?")
        ),
        Check.PERMISSION: Question(
            to_phrase("Permission"), to_phrase("May an agent decide alone what most cases need?")
        ),
        Check.TARGETS: Question(
            to_phrase("Contradictory targets"), to_phrase("Can all targets be met at the same time?")
        ),
    }
)


class State(StrEnum):
    """How a condition stands; the order is from good to bad."""

    FINE = "fine"
    STRAINED = "strained"
    RED = "red"


@dataclass(frozen=True, slots=True)
class Look:
    """Somebody looked at one condition of a team: what they found, and when it is looked at again.

    `number` grows with every look; `at` is when it was written (UTC), `on` the day of it, `since` the day from which
    the state holds; `by` and `owner` are names.
    """

    number: int
    team_id: str
    check: Check
    state: State
    since: date
    on: date
    at: datetime
    by: str
    owner_id: str
    owner: str
    next_look: date
    note: str


class Measure(StrEnum):
    """What a target may be set for."""

    HANDLE_TIME = "handle_time"
    CONTACTS = "contacts"
    UTILISATION = "utilisation"
    SERVICE = "service"
    FIRST_CONTACT = "first_contact"
    PERSONAL = "personal"
    SATISFACTION = "satisfaction"
    FOLLOW_UP = "follow_up"
    DEVELOPMENT = "development"


class Unit(StrEnum):
    """In what a target is set."""

    SECONDS = "s"
    MINUTES = "min"
    AN_HOUR = "per_hour"
    PERCENT = "percent"
    QUARTER = "min_quarter"


class Direction(StrEnum):
    """Which way a target pulls."""

    AT_MOST = "at_most"
    AT_LEAST = "at_least"


STATES: Final[Mapping[State, str]] = MappingProxyType(
    {State.FINE: to_phrase("fine"), State.STRAINED: to_phrase("strained"), State.RED: to_phrase("red")}
)
# What each measure is called, and the units it may be set in.
MEASURES: Final[Mapping[Measure, tuple[str, tuple[Unit, ...]]]] = MappingProxyType(
    {
        Measure.HANDLE_TIME: (to_phrase("Handle time"), (Unit.SECONDS, Unit.MINUTES)),
        Measure.CONTACTS: (to_phrase("Contacts handled"), (Unit.AN_HOUR,)),
        Measure.UTILISATION: (to_phrase("Utilisation"), (Unit.PERCENT,)),
        Measure.SERVICE: (to_phrase("Answered within the queue's time"), (Unit.PERCENT,)),
        Measure.FIRST_CONTACT: (to_phrase("Resolved at first contact"), (Unit.PERCENT,)),
        Measure.PERSONAL: (to_phrase("Personal service"), (Unit.PERCENT,)),
        Measure.SATISFACTION: (to_phrase("Customers satisfied"), (Unit.PERCENT,)),
        Measure.FOLLOW_UP: (to_phrase("Follow-ups kept"), (Unit.PERCENT,)),
        Measure.DEVELOPMENT: (to_phrase("Development time"), (Unit.QUARTER,)),
    }
)
UNITS: Final[Mapping[Unit, str]] = MappingProxyType(
    {
        Unit.SECONDS: to_phrase("seconds"),
        Unit.MINUTES: to_phrase("minutes"),
        Unit.AN_HOUR: to_phrase("an agent and hour"),
        Unit.PERCENT: to_phrase("per cent"),
        Unit.QUARTER: to_phrase("minutes a person and quarter"),
    }
)
DIRECTIONS: Final[Mapping[Direction, str]] = MappingProxyType(
    {Direction.AT_MOST: to_phrase("at most"), Direction.AT_LEAST: to_phrase("at least")}
)
# What counts how much is handled, and what counts whether it helped.
OF_VOLUME: Final = frozenset((Measure.HANDLE_TIME, Measure.CONTACTS))
OF_RESOLUTION: Final = frozenset((Measure.FIRST_CONTACT, Measure.PERSONAL, Measure.SATISFACTION, Measure.FOLLOW_UP))


@dataclass(frozen=True, slots=True)
class Target:
    """One target of a team: a measure with its unit, which way it pulls, and the value."""

    id: str
    team_id: str
    measure: Measure
    unit: Unit
    direction: Direction
    value: float

    def __str__(self) -> str:
        """As it is quoted: "Handle time at most 240 seconds"."""
        return phrase(
            "%(measure)s %(direction)s %(value)s %(unit)s",
            measure=MEASURES[self.measure][0],
            direction=DIRECTIONS[self.direction],
            value=grouped(f"{self.value:g}"),
            unit=UNITS[self.unit],
        )


@dataclass(frozen=True, slots=True)
class Leave:
    """One line of the permission list: what an agent may decide alone, and up to which amount.

    `amount` None: without a limit; `unit` is what the amount counts ("EUR", "days").
    """

    id: str
    team_id: str
    what: str
    amount: float | None
    unit: str

    @property
    def limit(self) -> str:
        """How far it reaches: "up to 50 EUR", "without a limit"."""
        return (
            phrase("without a limit")
            if self.amount is None
            else phrase("up to %(amount)s", amount=f"{grouped(f'{self.amount:g}')} {self.unit}".rstrip())
        )
