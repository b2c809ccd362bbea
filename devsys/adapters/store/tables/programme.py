"""Adopted programmes: their canonical YAML, which is also what export gives."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from devsys.adapters.store.tables.kept import kept
from devsys.base.words import to_phrase


class ProgrammeRow(SQLModel, table=True):
    """One adopted programme; `revision` counts its changes."""

    __tablename__ = "programme"
    __table_args__ = kept("internal", person="by_id", retention=to_phrase("while the organisation uses it"))
    code: str = Field(primary_key=True)
    text: str
    adopted: datetime
    by_id: str | None = Field(default=None, foreign_key="person.id")
    revision: int = 1


class SeriesRow(SQLModel, table=True):
    """A coaching series a person asked for; `preferred` is JSON: [[weekday, from, to], ...] in local HH:MM.

    `steps` is how many sessions it has, 0: as many as its activity says.
    """

    __tablename__ = "series"
    __table_args__ = kept("personal", person="person_id", retention=to_phrase("24 months after the last session"))
    id: str = Field(primary_key=True)
    person_id: str = Field(foreign_key="person.id", index=True)
    activity: str
    requested: datetime
    preferred: str = "[]"
    withdrawn: datetime | None = None
    steps: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
