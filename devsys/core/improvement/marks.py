"""Marks on a chart: what happened to the work of a team, and where limits begin anew."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final


class MarkKind(StrEnum):
    """What happened."""

    SESSION = "session"
    REFRESHER = "refresher"
    WAVE = "wave"
    FIX = "fix"
    CONDITION = "condition"
    DEFINITION = "definition"
    OTHER = "other"


# What happened to the process or to how it is counted may change its limits; learning is what is to be seen.
REBASING: Final = frozenset({MarkKind.FIX, MarkKind.CONDITION, MarkKind.DEFINITION})


@dataclass(frozen=True, slots=True)
class Mark:
    """One mark: of a team, on one measure or on all ("").

    `rebase`: limits begin anew with the first block that begins on that day or later, for the `reason` a person gave.
    """

    id: str
    team_id: str
    measure: str
    day: date
    kind: MarkKind
    words: str
    rebase: bool
    reason: str
