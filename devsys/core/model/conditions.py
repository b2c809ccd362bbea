"""The conditions people work under: five checks per team, targets with their direction, what may be decided alone.

Training cannot repair a condition; so each is looked at, dated and owned (product.md S6).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final


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
        Check.VOLUME: Question("Volume over resolution", "Is resolving counted at least as much as handling?"),
        Check.STAFFING: Question("Staffing", "Are there enough people for the queue and for learning?"),
        Check.CONTROL: Question("Control", "Are people trusted to work without a script and without being timed?"),
        Check.PERMISSION: Question("Permission", "May an agent decide alone what most cases need?"),
        Check.TARGETS: Question("Contradictory targets", "Can all targets be met at the same time?"),
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


# What each measure is called, and the units it may be set in.
MEASURES: Final[Mapping[Measure, tuple[str, tuple[Unit, ...]]]] = MappingProxyType(
    {
        Measure.HANDLE_TIME: ("Handle time", (Unit.SECONDS, Unit.MINUTES)),
        Measure.CONTACTS: ("Contacts handled", (Unit.AN_HOUR,)),
        Measure.UTILISATION: ("Utilisation", (Unit.PERCENT,)),
        Measure.SERVICE: ("Answered within the queue's time", (Unit.PERCENT,)),
        Measure.FIRST_CONTACT: ("Resolved at first contact", (Unit.PERCENT,)),
        Measure.PERSONAL: ("Personal service", (Unit.PERCENT,)),
        Measure.SATISFACTION: ("Customers satisfied", (Unit.PERCENT,)),
        Measure.FOLLOW_UP: ("Follow-ups kept", (Unit.PERCENT,)),
        Measure.DEVELOPMENT: ("Development time", (Unit.QUARTER,)),
    }
)
UNITS: Final[Mapping[Unit, str]] = MappingProxyType(
    {
        Unit.SECONDS: "seconds",
        Unit.MINUTES: "minutes",
        Unit.AN_HOUR: "an agent and hour",
        Unit.PERCENT: "per cent",
        Unit.QUARTER: "minutes a person and quarter",
    }
)
DIRECTIONS: Final[Mapping[Direction, str]] = MappingProxyType(
    {Direction.AT_MOST: "at most", Direction.AT_LEAST: "at least"}
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
        return f"{MEASURES[self.measure][0]} {DIRECTIONS[self.direction]} {self.value:g} {UNITS[self.unit]}"


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
        return "without a limit" if self.amount is None else f"up to {self.amount:g} {self.unit}".rstrip()
