"""What was seen of somebody, by principle: no score, no level, nothing about keeping to a script."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Observation:
    """One card without its words: of whom, by whom, on which day, in which session (empty: in a contact).

    `shared_id` is the coach the observed person lets read it, None while they keep it for themselves.
    """

    id: str
    person_id: str
    author_id: str
    day: date
    at: datetime
    session_id: str | None = None
    shared_id: str | None = None
