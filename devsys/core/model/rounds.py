"""Case rounds: cards that people bring, situations that lie ready, and what a round found."""

from dataclasses import dataclass
from datetime import date, datetime

from devsys.base.words import to_phrase
from devsys.core.model.causes import Cause
from devsys.core.model.programme import Principle

PRESENTERS = 2  # situations a round has time for
SHOWN = 3  # people the rota names: those who present, and one who stands by


@dataclass(frozen=True, slots=True)
class CardText:
    """What a card says, in five short texts of the person who brings it."""

    situation: str = ""
    did: str = ""
    customer: str = ""
    me: str = ""
    blocked: str = ""

    @property
    def all(self) -> tuple[tuple[str, str], ...]:
        """Give (field, text) of each, in order."""
        return tuple((name, getattr(self, name)) for name in FIELDS)


FIELDS = ("situation", "did", "customer", "me", "blocked")
LABELS = {
    "situation": to_phrase("The situation"),
    "did": to_phrase("What I did"),
    "customer": to_phrase("How it went for the customer"),
    "me": to_phrase("How it went for me"),
    "blocked": to_phrase("What blocked me"),
}


@dataclass(frozen=True, slots=True)
class Card:
    """A card of one person for one round; `text` is None once it is wiped."""

    id: str
    session_id: str
    person_id: str
    text: CardText | None
    principles: tuple[Principle, ...]
    waived: frozenset[str]
    shared: datetime | None
    changed: datetime


@dataclass(frozen=True, slots=True)
class Situation:
    """A situation that lies ready for a round to which nobody brings one."""

    code: str
    title: str
    principles: tuple[Principle, ...]
    situation: str
    ask: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lesson:
    """What a round, or somebody by themselves, found to keep causing trouble.

    `landing` is "" until its cause is decided, then need, fix or condition. `closed` once nothing of it is open.
    """

    id: str
    words: str
    created: datetime
    session_id: str | None = None
    team_id: str | None = None
    by_id: str | None = None
    guess: str = ""
    cause: Cause | None = None
    landing: str = ""
    activity: str = ""
    fix_id: str | None = None
    condition_id: str | None = None
    owner_id: str | None = None
    due: date | None = None
    decided: datetime | None = None
    closed: datetime | None = None

    @property
    def open(self) -> bool:
        """Say whether something of it is still to be done."""
        return self.closed is None
