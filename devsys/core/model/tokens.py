"""Words of tokens of the API: what one may be good for."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from devsys.base.words import to_phrase
from devsys.core.model.access import Viewer

Kind = Literal["person", "integration"]
# What a token is asked for, in the order pages show it: a group of nouns, and what it holds.
GROUPS: Final = {
    "people": to_phrase("People and rosters"),
    "absences": to_phrase("Absences"),
    "requirement": to_phrase("Staffing requirement"),
    "programmes": to_phrase("Programmes"),
    "plans": to_phrase("Drafts, published plans and runs"),
    "sessions": to_phrase("Sessions and attendance"),
    "measures": to_phrase("Measures and readings"),
    "feeds": to_phrase("Calendar links"),
}
SCOPES: Final = tuple(f"{group}:{way}" for group in GROUPS for way in ("read", "write"))
DAYS: Final = (30, 90, 180, 365)  # how long a token may live


@dataclass(frozen=True, slots=True)
class Token:
    """A token as its owner and administrators see it; its secret is nowhere."""

    id: str
    kind: Kind
    name: str
    owner_id: str
    owner: str
    scopes: tuple[str, ...]
    created: datetime
    expires: datetime
    used: datetime | None


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who a living token stands for, and what it is good for."""

    token_id: str
    viewer: Viewer
    scopes: frozenset[str]
    used: datetime | None
