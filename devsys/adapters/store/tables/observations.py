"""Observations: what a coach or a facilitator saw of one person, by principle."""

from datetime import date, datetime

from sqlmodel import Field, SQLModel

from devsys.adapters.store.sealed import Sealed
from devsys.adapters.store.tables.kept import kept
from devsys.base.words import to_phrase


class ObservationRow(SQLModel, table=True):
    """One card: read by the observed person and its author, and by the coach the observed person shares it with.

    A column of words for each principle, empty where nothing was noted. There is no column that could rank anybody.
    """

    __tablename__ = "observation"
    __table_args__ = kept("confidential", person="person_id", retention=to_phrase("24 months"))
    id: str = Field(primary_key=True)
    person_id: str = Field(foreign_key="person.id", index=True)
    author_id: str = Field(foreign_key="person.id", index=True)
    shared_id: str | None = Field(default=None, foreign_key="person.id", index=True)
    session_id: str | None = Field(default=None, foreign_key="session.id")
    day: date
    at: datetime
    seen_listen: bytes | None = Field(default=None, sa_type=Sealed)
    seen_question: bytes | None = Field(default=None, sa_type=Sealed)
    seen_explain: bytes | None = Field(default=None, sa_type=Sealed)
    seen_own: bytes | None = Field(default=None, sa_type=Sealed)
    seen_follow_up: bytes | None = Field(default=None, sa_type=Sealed)
