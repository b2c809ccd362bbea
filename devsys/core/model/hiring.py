"""The hiring card: four criteria, what was heard, levels with words. No sum, no order of people, no niceness."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Final

LEVELS: Final = (1, 2, 3, 4)
MOST_QUESTIONS: Final = 8
LEAST_ASSESSORS: Final = 2


class Criterion(StrEnum):
    """What is looked for; the four are fixed."""

    CALM = "calm"
    SOLVING = "solving"
    SAYS_NO = "says_no"
    CURIOUS = "curious"


@dataclass(frozen=True, slots=True)
class Guide:
    """One criterion as assessors are told it: what it means, what is asked, the words of the levels 1 to 4."""

    criterion: Criterion
    title: str
    means: str
    questions: tuple[str, ...]
    levels: tuple[str, str, str, str]


Guides = Mapping[Criterion, Guide]


@dataclass(frozen=True, slots=True)
class Vacancy:
    """A place to be filled in a team: who leads there, who assesses, what is asked of everybody. No candidate in it."""

    id: str
    title: str
    team_id: str
    lead_id: str
    assessors: frozenset[str]
    questions: Mapping[Criterion, tuple[str, ...]]
    opened: date
    closed: date | None = None


@dataclass(frozen=True, slots=True)
class Rating:
    """One criterion as one assessor found it: what was asked, what was heard, and the level its words fit."""

    asked: str
    heard: str
    level: int


@dataclass(frozen=True, slots=True)
class Card:
    """What one assessor found about one candidate; `submitted` empty while it is still theirs to change."""

    candidate_id: str
    assessor_id: str
    ratings: Mapping[Criterion, Rating] = field(default_factory=dict)
    submitted: datetime | None = None


class Outcome(StrEnum):
    """What was decided."""

    YES = "yes"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided about a candidate, with a reason for each criterion; `by` is a name."""

    outcome: Outcome
    reasons: Mapping[Criterion, str]
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who asked for the place. `erase_on` is the day on which all about them is taken away."""

    id: str
    vacancy_id: str
    name: str
    contact: str
    added: datetime
    decided: datetime | None
    erase_on: date
    person_id: str | None = None
