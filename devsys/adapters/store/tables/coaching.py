"""Coaching: who asks for it, what was agreed, what the two write down, and what only the coach sees.

A series of the planner (programme.SeriesRow) is one stretch with one coach. A plan holds several where the coach
changes: it lasts, and what is shared lasts with it.
"""

from datetime import date, datetime

from sqlmodel import Field, SQLModel

from devsys.adapters.store.sealed import Sealed
from devsys.adapters.store.tables.kept import kept
from devsys.base.words import to_phrase

_KEPT = to_phrase("24 months after the last session")


class CoachRow(SQLModel, table=True):
    """What a coach says of themselves: how many series at a time, whether they pause, languages parted by `|`."""

    __tablename__ = "coach"
    __table_args__ = kept("personal", person="person_id", retention=to_phrase("while the person coaches"))
    person_id: str = Field(primary_key=True, foreign_key="person.id")
    most: int
    paused: bool = False
    languages: str = ""
    changed: datetime


class CoachingRequestRow(SQLModel, table=True):
    """What somebody asked for. `hope` is read by the coach whose proposal was accepted, and by nobody else.

    `state`: draft, waiting (nobody is free), proposed, asked (one proposal was accepted, its coach has not answered),
    running, over (withdrawn, or the plan ended). `preferred` is JSON as of SeriesRow, `offers` of what is proposed,
    `passed` JSON: coaches and times not to be proposed again. `promised` says that an accepted proposal fell through.
    `opens` is the first date that opens where nobody is free, `why` the code of what is missing.
    """

    __tablename__ = "coaching_request"
    __table_args__ = kept(
        "confidential",
        person="person_id",
        retention=_KEPT,
        clear=("state", "activity", "principle", "language", "preferred", "offers", "passed", "why"),
    )
    id: str = Field(primary_key=True)
    person_id: str = Field(foreign_key="person.id", index=True)
    state: str = Field(index=True)
    activity: str = ""
    principle: str = ""
    hope: bytes | None = Field(default=None, sa_type=Sealed)
    preferred: str = "[]"
    language: str = ""
    former_id: str | None = Field(default=None, foreign_key="person.id")
    not_lead: bool = False
    tell_lead: bool = False
    made: datetime
    changed: datetime
    ended: datetime | None = None
    offers: str = "[]"
    passed: str = "[]"
    promised: bool = False
    opens: datetime | None = None
    why: str = ""
    coach_id: str | None = Field(default=None, foreign_key="person.id", index=True)
    plan_id: str | None = Field(default=None, foreign_key="coaching_plan.id")
    served: datetime | None = None


class CoachingHoldRow(SQLModel, table=True):
    """A start that is held for an accepted proposal until its coach answers: no coach is held twice for one start."""

    __tablename__ = "coaching_hold"
    __table_args__ = kept("personal", person="coach_id", retention=to_phrase("until the coach has answered"))
    coach_id: str = Field(primary_key=True, foreign_key="person.id")
    starts_utc: datetime = Field(primary_key=True)
    request_id: str = Field(foreign_key="coaching_request.id", index=True)


class CoachingDeclineRow(SQLModel, table=True):
    """A coach declined a request; `reason` is one of a few words, for who coordinates. Whose request is not in it."""

    __tablename__ = "coaching_decline"
    __table_args__ = kept("personal", person="coach_id", retention=to_phrase("24 months"))
    id: str = Field(primary_key=True)
    coach_id: str = Field(foreign_key="person.id", index=True)
    activity: str
    reason: str
    at: datetime


class CoachingPlanRow(SQLModel, table=True):
    """What two people work on: goal with its own baseline and measure, mid-check, end, look back after eight weeks.

    `state`: running, finished, left. `series_id` is the stretch that runs, `coach_id` its coach. `outcome`: met, partly
    or not. All of it is the two people's alone.
    """

    __tablename__ = "coaching_plan"
    __table_args__ = kept("confidential", person="person_id", retention=_KEPT, clear=("state", "activity", "series_id"))
    id: str = Field(primary_key=True)
    person_id: str = Field(foreign_key="person.id", index=True)
    coach_id: str | None = Field(default=None, foreign_key="person.id", index=True)
    series_id: str
    activity: str
    state: str = "running"
    begun: datetime
    ended: datetime | None = None
    look_back: date | None = None
    goal: bytes | None = Field(default=None, sa_type=Sealed)
    baseline: bytes | None = Field(default=None, sa_type=Sealed)
    measure: bytes | None = Field(default=None, sa_type=Sealed)
    mid: bytes | None = Field(default=None, sa_type=Sealed)
    outcome: bytes | None = Field(default=None, sa_type=Sealed)
    helped: bytes | None = Field(default=None, sa_type=Sealed)
    looked: bytes | None = Field(default=None, sa_type=Sealed)


class CoachingPartRow(SQLModel, table=True):
    """Which stretches of the planner a plan consists of, in the order they began."""

    __tablename__ = "coaching_part"
    __table_args__ = kept("personal", person="coach_id", retention=_KEPT)
    series_id: str = Field(primary_key=True)
    plan_id: str = Field(foreign_key="coaching_plan.id", index=True)
    coach_id: str | None = Field(default=None, foreign_key="person.id")
    since: datetime


class CoachingNoteRow(SQLModel, table=True):
    """What both read and write: `kind` is step (agreed, `done` or not) or note."""

    __tablename__ = "coaching_note"
    __table_args__ = kept("confidential", person="person_id", retention=_KEPT, clear=("kind",))
    id: str = Field(primary_key=True)
    plan_id: str = Field(foreign_key="coaching_plan.id", index=True)
    person_id: str = Field(foreign_key="person.id", index=True)
    author_id: str | None = Field(default=None, foreign_key="person.id")
    kind: str
    text: bytes = Field(sa_type=Sealed)
    done: bool = False
    at: datetime


class CoachingPrivateRow(SQLModel, table=True):
    """What a coach writes for themselves: their own; it stays with them and is in no answer to anybody else."""

    __tablename__ = "coaching_private"
    __table_args__ = kept("confidential", person="coach_id", retention=_KEPT)
    id: str = Field(primary_key=True)
    plan_id: str = Field(foreign_key="coaching_plan.id", index=True)
    coach_id: str = Field(foreign_key="person.id", index=True)
    text: bytes = Field(sa_type=Sealed)
    at: datetime


class ReadingsConsentRow(SQLModel, table=True):
    """That a person lets the coach of one plan see what is counted of that person's own work; gone when taken back."""

    __tablename__ = "readings_consent"
    __table_args__ = kept(
        "personal", person="person_id", retention=to_phrase("until it is taken back or the coaching ends")
    )
    plan_id: str = Field(primary_key=True, foreign_key="coaching_plan.id")
    person_id: str = Field(foreign_key="person.id", index=True)
    coach_id: str = Field(foreign_key="person.id")
    since: datetime
