"""Coaching in values: what is asked for, what is proposed, what is agreed. Confidential words are not among them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from devsys.base.words import to_phrase


class State(StrEnum):
    """Where a request stands."""

    DRAFT = "draft"
    WAITING = "waiting"  # nobody is free; it says when somebody will be
    PROPOSED = "proposed"
    ASKED = "asked"  # a proposal was accepted, its coach has not answered
    RUNNING = "running"
    OVER = "over"


OPEN: Final = (State.WAITING, State.PROPOSED, State.ASKED, State.RUNNING)
UNMATCHED: Final = (State.WAITING, State.PROPOSED)


class Course(StrEnum):
    """How a plan of two people stands."""

    RUNNING = "running"
    FINISHED = "finished"
    LEFT = "left"


class Outcome(StrEnum):
    """How a goal was met, by the person's own word."""

    MET = "met"
    PARTLY = "partly"
    NOT = "not"


class Declined(StrEnum):
    """Why a coach declined: for who coordinates, never for who asked."""

    LOAD = "load"
    TIMES = "times"
    THEME = "theme"
    NEAR = "near"  # too near to the person to be their coach
    OTHER = "other"


DECLINED_WORDS: Final[Mapping[Declined, str]] = MappingProxyType(
    {
        Declined.LOAD: to_phrase("I have as many people as I can do well by"),
        Declined.TIMES: to_phrase("The times do not suit me"),
        Declined.THEME: to_phrase("It is not what I am good at"),
        Declined.NEAR: to_phrase("I am too near to the person"),
        Declined.OTHER: to_phrase("Something else"),
    }
)


@dataclass(frozen=True, slots=True)
class Offer:
    """A proposal: a coach and the instants at which the sessions would begin.

    `anchor` is the instant the windows of the steps count from; `steps`, `wished` and `spare` as in coaching.match.
    """

    key: str
    coach_id: str
    starts: tuple[datetime, ...]
    anchor: datetime
    steps: int
    wished: int
    spare: int


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody asked for, without what they hope for. The fields are those of the table."""

    id: str
    person_id: str
    state: State
    activity: str
    principle: str
    preferred: tuple[tuple[int, time, time], ...]
    made: datetime
    changed: datetime
    language: str = ""
    former_id: str | None = None
    not_lead: bool = False
    tell_lead: bool = False
    ended: datetime | None = None
    offers: tuple[Offer, ...] = ()
    passed: tuple[str, ...] = ()
    promised: bool = False
    opens: datetime | None = None
    why: str = ""
    coach_id: str | None = None
    plan_id: str | None = None
    served: datetime | None = None

    @property
    def accepted(self) -> Offer | None:
        """The proposal that waits for its coach: the only one left then."""
        return self.offers[0] if self.state is State.ASKED and self.offers else None


@dataclass(frozen=True, slots=True)
class Desk:
    """What a coach says of themselves."""

    person_id: str
    most: int
    paused: bool
    languages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What two people work on, without their words; `series` are its stretches in the planner, in order."""

    id: str
    person_id: str
    coach_id: str | None
    activity: str
    state: Course
    series_id: str
    begun: datetime
    ended: datetime | None
    look_back: date | None
    series: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Words:
    """What the two wrote into their plan: empty where nothing yet."""

    goal: str = ""
    baseline: str = ""
    measure: str = ""
    mid: str = ""
    outcome: str = ""
    helped: str = ""
    looked: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """A line that both read: `kind` is step or note."""

    id: str
    kind: str
    text: str
    author_id: str | None
    at: datetime
    done: bool = False
