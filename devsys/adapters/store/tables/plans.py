"""Plan versions, the pointer to the published one, drafts, and what is owed."""

from datetime import date, datetime

from sqlmodel import Field, SQLModel

from devsys.adapters.store.tables.kept import kept
from devsys.base.words import to_phrase

_PLAN = to_phrase("as long as plans are kept")


class DraftRow(SQLModel, table=True):
    """A plan that tells nobody; `state` is open, supposed, published or discarded. `figures`: JSON of model Figures.

    `edits` grows with every change of what it holds, so that it names one state of the draft.
    """

    __tablename__ = "draft"
    __table_args__ = kept("internal", person="by_id", retention=_PLAN)
    id: str = Field(primary_key=True)
    base: int
    state: str = "open"
    created: datetime
    by_id: str | None = Field(default=None, foreign_key="person.id")
    cause: str = ""
    start: date
    weeks: int
    figures: str = "{}"
    edits: int = Field(default=0, sa_column_kwargs={"server_default": "0"})


class VersionRow(SQLModel, table=True):
    """A published plan: never changed after it is written. `changes` is JSON: counts of new, moved, cancelled."""

    __tablename__ = "version"
    __table_args__ = kept("internal", person="by_id", retention=_PLAN)
    number: int = Field(primary_key=True)
    draft_id: str = Field(foreign_key="draft.id", unique=True)
    published: datetime
    by_id: str | None = Field(default=None, foreign_key="person.id")
    cause: str = ""
    start: date
    weeks: int
    figures: str = "{}"
    changes: str = "{}"


class PointerRow(SQLModel, table=True):
    """The one row that says which version is published; 0 before the first. Changed by compare-and-swap only."""

    __tablename__ = "pointer"
    __table_args__ = kept("internal", retention=_PLAN)
    id: int = Field(default=1, primary_key=True)
    number: int = 0


class CrossedRow(SQLModel, table=True):
    """A session that a draft changes and version `number` changed otherwise: somebody has to look at it."""

    __tablename__ = "crossed"
    __table_args__ = kept("internal", retention=_PLAN)
    draft_id: str = Field(primary_key=True, foreign_key="draft.id")
    session_id: str = Field(primary_key=True, foreign_key="session.id")
    number: int


class StepRow(SQLModel, table=True):
    """One change of a draft by hand, to be undone and done again; `before` and `after` are JSON of a session.

    `drafted_before` and `drafted_after` say whether the draft spoke of the session then; where it does not, the session
    is as published, or not there (`after` empty). `crossed` is the version that had changed it otherwise before.
    """

    __tablename__ = "draft_step"
    __table_args__ = kept("personal", person="by_id", retention=to_phrase("until the draft is published or dropped"))
    draft_id: str = Field(primary_key=True, foreign_key="draft.id")
    number: int = Field(primary_key=True)
    kind: str
    session_id: str
    before: str
    after: str
    drafted_before: bool
    drafted_after: bool
    crossed: int | None = None
    undone: bool = False
    at: datetime
    by_id: str | None = Field(default=None, foreign_key="person.id")


class SetAsideRow(SQLModel, table=True):
    """A warning that somebody looked at and set aside, with the reason; `key` names what it says (model/issues.py)."""

    __tablename__ = "set_aside"
    __table_args__ = kept("internal", person="by_id", retention=to_phrase("24 months"))
    key: str = Field(primary_key=True)
    reason: str
    by_id: str | None = Field(default=None, foreign_key="person.id")
    at: datetime


class OwedRow(SQLModel, table=True):
    """A need the plan of a draft could not place, with the rule and the reason in words."""

    __tablename__ = "owed"
    __table_args__ = kept("personal", person="person_id", retention=_PLAN)
    draft_id: str = Field(primary_key=True, foreign_key="draft.id")
    need: str = Field(primary_key=True)
    person_id: str = Field(foreign_key="person.id", index=True)
    activity: str
    earliest: datetime
    due: datetime
    latest: datetime
    rule: str
    reason: str
    would_fit: str = ""
