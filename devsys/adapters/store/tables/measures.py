"""Measures: how files of a source are read, readings of teams, a person's own readings, marks on charts."""

from datetime import date, datetime

from sqlmodel import Field, SQLModel

from devsys.adapters.store.tables.kept import kept
from devsys.base.words import to_phrase

_STAY = to_phrase("while the organisation uses it")


class SourceRow(SQLModel, table=True):
    """How the files of one source become readings: a mapping as YAML text."""

    __tablename__ = "source"
    __table_args__ = kept("internal", retention=_STAY)
    code: str = Field(primary_key=True)
    title: str
    text: str
    changed: datetime


class ReadingRow(SQLModel, table=True):
    """Sums of one measure and team over the days of one week, with the number of people behind them; never who."""

    __tablename__ = "reading"
    __table_args__ = kept("internal", retention=_STAY)
    measure: str = Field(primary_key=True)
    team_id: str = Field(primary_key=True, foreign_key="team.id")
    first: date = Field(primary_key=True)
    last: date
    numerator: float
    denominator: float
    people: int


class OwnReadingRow(SQLModel, table=True):
    """Sums of one measure and person over the days of one week, for that person."""

    __tablename__ = "own_reading"
    __table_args__ = kept("personal", person="person_id", retention=to_phrase("36 months"))
    measure: str = Field(primary_key=True)
    person_id: str = Field(primary_key=True, foreign_key="person.id", index=True)
    team_id: str = Field(primary_key=True, foreign_key="team.id")
    first: date = Field(primary_key=True)
    last: date
    numerator: float
    denominator: float


class MarkRow(SQLModel, table=True):
    """Something that happened to a team's work, drawn on its charts; `rebase` opens new limits there, with a reason.

    `measure` is empty for all of them.
    """

    __tablename__ = "mark"
    __table_args__ = kept("internal", person="by_id", retention=_STAY)
    id: str = Field(primary_key=True)
    team_id: str = Field(foreign_key="team.id", index=True)
    measure: str
    day: date
    kind: str
    words: str
    rebase: bool
    reason: str
    by_id: str = Field(foreign_key="person.id")
    at: datetime
