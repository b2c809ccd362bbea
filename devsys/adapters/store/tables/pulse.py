"""The pulse: single answers for the month they were given in, who has answered, and the figures that were let out."""

from sqlmodel import Field, SQLModel

from devsys.adapters.store.tables.kept import kept
from devsys.base.words import to_phrase


class PulseRow(SQLModel, table=True):
    """One answer to one statement under an id only its receipt finds: no person, no time, no order (no row number)."""

    __tablename__ = "pulse"
    __table_args__ = {**kept("internal", retention=to_phrase("until its month is over")), "sqlite_with_rowid": False}
    id: str = Field(primary_key=True)
    month: str = Field(index=True)
    team_id: str = Field(foreign_key="team.id")
    item: str
    wording: str
    answer: int


class PulseGivenRow(SQLModel, table=True):
    """That somebody has answered in a month, never what."""

    __tablename__ = "pulse_given"
    __table_args__ = {
        **kept("personal", person="person_id", retention=to_phrase("until its month is over")),
        "sqlite_with_rowid": False,
    }
    month: str = Field(primary_key=True)
    person_id: str = Field(primary_key=True, foreign_key="person.id", index=True)


class PulseFigureRow(SQLModel, table=True):
    """What was let out of a month: the sum of the answers of a unit and how many, at least five."""

    __tablename__ = "pulse_figure"
    __table_args__ = kept("internal", retention=to_phrase("36 months"))
    month: str = Field(primary_key=True)
    item: str = Field(primary_key=True)
    wording: str = Field(primary_key=True)
    unit: str = Field(primary_key=True)
    total: int
    count: int
