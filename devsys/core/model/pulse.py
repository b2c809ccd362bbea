"""The pulse: five statements a month, answered from 1 to 5 by nobody in particular (improvement.md section 6).

An answer belongs to a team and a month, never to a person: who has answered is kept elsewhere, with the month only.
Once a month is over its answers become figures of groups and go.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from devsys.base.ids import new_token
from devsys.base.words import to_phrase

STATEMENTS: Final = 5
LEVELS: Final = (
    (5, to_phrase("Fully")),
    (4, to_phrase("Mostly")),
    (3, to_phrase("In part")),
    (2, to_phrase("Hardly")),
    (1, to_phrase("Not at all")),
)
# A month is still this month somewhere on Earth for half a day after it ended in UTC.
LAG: Final = timedelta(hours=12)
EVERYBODY: Final = "all"


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement: its code and its words."""

    code: str
    words: str


@dataclass(frozen=True, slots=True)
class Pulse:
    """What is asked: a heading, a sentence above the statements, and the five of them."""

    title: str
    lead: str
    statements: tuple[Statement, ...]


def wording(statement: Statement) -> str:
    """Give the mark of a statement's words: other words are another measure, with a baseline of its own."""
    return hashlib.sha256(statement.words.encode()).hexdigest()[:8]


@dataclass(frozen=True, slots=True)
class Said:
    """One answer to one statement: of a team, in a month, 1 to 5; its id says nothing to who lacks the receipt."""

    id: str
    team_id: str
    item: str
    wording: str
    answer: int


@dataclass(frozen=True, slots=True)
class PulseFigure:
    """What is let out of one month and statement for a unit: `all`, `site:ID` or `team:ID`; the sum and the number."""

    month: str
    item: str
    wording: str
    unit: str
    total: int
    count: int

    @property
    def mean(self) -> float:
        """Give the mean, from 1 to 5."""
        return self.total / self.count


def unit_of_site(site_id: str) -> str:
    """Give the unit of a site."""
    return f"site:{site_id}"


def unit_of_team(team_id: str) -> str:
    """Give the unit of a team."""
    return f"team:{team_id}"


def month_of(day: date) -> str:
    """Give the month of a day as 2026-03."""
    return f"{day:%Y-%m}"


def over_before(now: datetime) -> str:
    """Give the month before which every month is over for everybody, wherever they are."""
    return month_of((now.astimezone(UTC) - LAG).date())


def new_receipt() -> str:
    """Give the secret by which somebody finds their own answers again; it is kept nowhere."""
    return new_token()


def id_by(receipt: str, item: str) -> str:
    """Give the id of the answer to a statement under a receipt: the five have nothing in common for anybody else."""
    return hashlib.sha256(f"{receipt}/{item}".encode()).hexdigest()[:20]


def by_receipt(receipt: str, answers: Iterable[tuple[Statement, int]], team_id: str) -> tuple[Said, ...]:
    """Give the answers of somebody as they are kept."""
    return tuple(Said(id_by(receipt, s.code), team_id, s.code, wording(s), answer) for s, answer in answers)
