"""Rollouts: how one was drawn, who is in which wave, what was found of its effect, the refreshers it asks for."""

from datetime import date, datetime

from sqlmodel import Field, SQLModel

from devsys.adapters.store.tables.kept import kept
from devsys.base.words import to_phrase

_STAY = to_phrase("while the organisation uses it")


class RolloutRow(SQLModel, table=True):
    """One rollout of an activity: everything the draw rests on, so that anybody can repeat it.

    `measure` is what shall get better, `least_gain` the smallest gain worth having. `draw` is lot or weakest, `unit`
    person or team, `seed` a decimal number (empty without a lot). `frozen` is when the strata were fixed, `changed`
    when somebody changed the order by hand after the draw.
    """

    __tablename__ = "rollout"
    __table_args__ = kept("internal", person="by_id", retention=_STAY)
    id: str = Field(primary_key=True)
    activity: str = Field(index=True)
    measure: str
    least_gain: float
    draw: str
    unit: str
    seed: str
    strata: bool
    frozen: datetime
    drawn: datetime
    by_id: str = Field(foreign_key="person.id")
    changed: datetime | None = None
    ended: datetime | None = None


class RolloutPlaceRow(SQLModel, table=True):
    """One person in one wave, as it was drawn; `starts` is a Monday, `stratum` 0 the weaker half."""

    __tablename__ = "rollout_place"
    __table_args__ = kept("personal", person="person_id", retention=to_phrase("36 months after the wave"))
    rollout_id: str = Field(primary_key=True, foreign_key="rollout.id")
    person_id: str = Field(primary_key=True, foreign_key="person.id", index=True)
    team_id: str
    stratum: int
    wave: int
    late: bool
    starts: date


class EffectRow(SQLModel, table=True):
    """What was found of a rollout's effect when it was last looked at: figures of groups, as JSON."""

    __tablename__ = "effect"
    __table_args__ = kept("internal", retention=to_phrase("until the next look"))
    rollout_id: str = Field(primary_key=True, foreign_key="rollout.id")
    at: datetime
    found: str


class RefresherRow(SQLModel, table=True):
    """A refresher a wave is asked to have. `state`: open, waits (for a decision), declined; `instead` what it replaces.

    Days as of the need: earliest a Monday, due its Sunday.
    """

    __tablename__ = "refresher"
    __table_args__ = kept("internal", person="by_id", retention=_STAY)
    id: str = Field(primary_key=True)
    rollout_id: str = Field(foreign_key="rollout.id", index=True)
    wave: int
    earliest: date
    due: date
    latest: date
    instead: date | None = None
    why: str
    waits: str = ""
    weight: float
    state: str
    reason: str = ""
    by_id: str | None = Field(default=None, foreign_key="person.id")
    made: datetime
    decided: datetime | None = None
