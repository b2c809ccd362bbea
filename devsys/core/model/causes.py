"""Why a difficulty happens and what is done about it; and the causes that stand beside changes nobody made by hand.

Of the latter: as everybody a change concerns may read them. Never who is away, and never why (product.md R9): an
absence is printed as what follows from it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from devsys.base.words import phrase, to_keep, to_phrase

FOR_THE_QUEUE: Final = to_phrase("for the queue")  # takes development time back, in the ledger's own column
FACILITATOR_CHANGED: Final = to_phrase("facilitator changed")
ROOM_CHANGED: Final = to_phrase("room changed")
NO_FACILITATOR: Final = to_phrase("no facilitator is free")
NO_ROOM: Final = to_phrase("no room is free")
SOMEBODY: Final = to_phrase("somebody cannot come")
JOINED: Final = to_phrase("people came from another session")
NO_LONGER_FITS: Final = to_phrase("it no longer fits")
OTHER_DATE: Final = to_phrase("somebody chose another date")
PLANNED: Final = to_keep("planned")
PLANNED_AGAIN: Final = to_keep("planned again")
ROLLED_ON: Final = to_keep("the horizon rolled on by a week")
AGREED: Final = to_keep("1:1 times agreed")
AS_IT_IS: Final = to_keep("as things are")
_GIVEN: Final = frozenset(
    (
        FOR_THE_QUEUE,
        FACILITATOR_CHANGED,
        ROOM_CHANGED,
        NO_FACILITATOR,
        NO_ROOM,
        SOMEBODY,
        JOINED,
        NO_LONGER_FITS,
        OTHER_DATE,
        PLANNED,
        PLANNED_AGAIN,
        ROLLED_ON,
        AGREED,
        AS_IT_IS,
    )
)

OTHER_CONTACTS: Final = "other"  # in a file of contact causes: contacts of no cause that is named


def of_repair(causes: Iterable[str]) -> str:
    """Give the cause of a version that a repair made, as it is kept: in English, to be said by `cause_words`."""
    said = ", ".join(causes)  # a join takes constants as they stand in the code
    return f"repair: {said}" if said else "repair"


def of_answer(cause: str) -> str:
    """Give the cause of a version that somebody's answer made, as it is kept."""
    return "answer: " + cause  # as it stands in the code: a format would say it in the language spoken


def cause_words(kept: str) -> str:
    """Say a kept cause in the language spoken: one that nobody wrote; what somebody wrote stays as it is."""
    if kept in _GIVEN:
        return phrase(kept)
    if kept == "repair":
        return phrase("repair")
    head, _, rest = kept.partition(": ")
    causes = rest.split(", ")
    if head not in ("repair", "answer") or not _GIVEN.issuperset(causes):
        return kept
    said = ", ".join(phrase(cause) for cause in causes)
    if head == "repair":
        return phrase("repair: %(causes)s", causes=said)
    return phrase("answer: %(cause)s", cause=said)


class Cause(StrEnum):
    """Why a difficulty happens; the cause gate (core/causes.py) says what follows from each."""

    PROCESS = "process"
    TOOL = "tool"
    POLICY = "policy"
    INFORMATION = "information"
    SKILL = "skill"
    CONDITION = "condition"


class FixState(StrEnum):
    """How far a fix is; each may go back to an earlier one."""

    OPEN = "open"
    DOING = "doing"
    DONE = "done"
    CHECKED = "checked"


@dataclass(frozen=True, slots=True)
class Fix:
    """An entry of the register of fixes: something broken that no session can mend.

    `key` is its short name in files of contact causes. `queue_id` None: no queue's contacts come of it; `team_id` None:
    it is no single team's. `due` is a day. `done` is the day from which it should be felt, `checked` the instant
    somebody looked whether it is, and `found` what they saw.
    """

    id: str
    key: str
    title: str
    what: str
    cause: Cause
    owner_id: str
    due: date
    created: datetime
    state: FixState = FixState.OPEN
    queue_id: str | None = None
    team_id: str | None = None
    by_id: str | None = None
    done: date | None = None
    checked: datetime | None = None
    found: str = ""

    @property
    def over(self) -> bool:
        """Say whether nothing is to be done any more."""
        return self.state in (FixState.DONE, FixState.CHECKED)

    def overdue(self, today: date) -> bool:
        """Say whether its day has passed and it is not done."""
        return not self.over and self.due < today


@dataclass(frozen=True, slots=True)
class Contacts:
    """How many contacts of a week (its Monday) a queue had for one cause.

    `cause` is the key of a fix, one of the causes, or `OTHER_CONTACTS`; a contact counts once, under the first of them.
    """

    week: date
    queue_id: str
    cause: str
    contacts: int
