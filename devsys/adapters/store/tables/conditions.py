"""The conditions register: looks (never changed, so the history is all of them), targets, what may be decided alone."""

from datetime import date, datetime

from sqlmodel import Field, SQLModel

from devsys.adapters.store.tables.kept import kept
from devsys.base.words import to_phrase

_STAY = to_phrase("while the organisation uses it")


class ConditionLookRow(SQLModel, table=True):
    """One look at one of the five conditions of a team; the last one is how it stands. No customer is named."""

    __tablename__ = "condition_look"
    __table_args__ = kept("internal", person="by_id", retention=_STAY)
    id: int | None = Field(default=None, primary_key=True)
    team_id: str = Field(foreign_key="team.id", index=True)
    what: str
    state: str
    since: date
    looked: date
    at: datetime
    by_id: str = Field(foreign_key="person.id")
    owner_id: str = Field(foreign_key="person.id", index=True)
    next_look: date
    note: str = ""


class TargetRow(SQLModel, table=True):
    """A target of a team; `ended` when it was taken back, so that what stood once can be read."""

    __tablename__ = "target"
    __table_args__ = kept("internal", person="by_id", retention=_STAY)
    id: str = Field(primary_key=True)
    team_id: str = Field(foreign_key="team.id", index=True)
    measure: str
    unit: str
    direction: str
    value: float
    by_id: str = Field(foreign_key="person.id")
    since: date
    ended: date | None = None


class LeaveRow(SQLModel, table=True):
    """What an agent of a team may decide alone; `amount` empty: without a limit; `ended` when it was taken back."""

    __tablename__ = "decides_alone"
    __table_args__ = kept("internal", person="by_id", retention=_STAY)
    id: str = Field(primary_key=True)
    team_id: str = Field(foreign_key="team.id", index=True)
    what: str
    amount: float | None = None
    unit: str = ""
    by_id: str = Field(foreign_key="person.id")
    since: date
    ended: date | None = None
