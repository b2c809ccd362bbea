"""What keeps causing trouble: lessons with their cause, fixes, contacts by cause, requirements that became lower."""

from datetime import date, datetime

from sqlmodel import Field, SQLModel

from devsys.adapters.store.tables.kept import kept
from devsys.base.words import to_phrase

_FIXES = to_phrase("36 months after it was checked")


class FixRow(SQLModel, table=True):
    """Something broken that no session can mend: who owns it, by when, how far it is. No names of customers."""

    __tablename__ = "fix"
    __table_args__ = kept("internal", person="owner_id", retention=_FIXES)
    id: str = Field(primary_key=True)
    key: str = Field(unique=True)
    title: str
    what: str = ""
    cause: str
    queue_id: str | None = Field(default=None, foreign_key="queue.id", index=True)
    team_id: str | None = Field(default=None, foreign_key="team.id", index=True)
    owner_id: str = Field(foreign_key="person.id", index=True)
    by_id: str | None = Field(default=None, foreign_key="person.id", index=True)
    due: date
    state: str = Field(default="open", index=True)
    created: datetime
    done: date | None = None
    checked: datetime | None = None
    found: str = ""


class FixStepRow(SQLModel, table=True):
    """One thing that happened to a fix, in words, with who did it and when."""

    __tablename__ = "fix_step"
    __table_args__ = kept("internal", person="by_id", retention=_FIXES)
    fix_id: str = Field(primary_key=True, foreign_key="fix.id", ondelete="CASCADE")
    number: int = Field(primary_key=True)
    at: datetime
    by_id: str | None = Field(default=None, foreign_key="person.id", index=True)
    words: str


class ContactRow(SQLModel, table=True):
    """Contacts of a week (its Monday) on a queue for one cause: a fix's key, one of the causes, or other."""

    __tablename__ = "contact"
    __table_args__ = kept("internal", retention=to_phrase("36 months"))
    week: date = Field(primary_key=True)
    queue_id: str = Field(primary_key=True, foreign_key="queue.id")
    cause: str = Field(primary_key=True)
    contacts: int


class ReliefRow(SQLModel, table=True):
    """Agents a queue needs fewer since a fix was checked, as a coordinator confirmed it; `ended` takes it back.

    `less` are 7 x 48 figures parted by spaces, Monday first; `saved` contacts a week it was worked out from.
    """

    __tablename__ = "relief"
    __table_args__ = kept("internal", person="by_id", retention=_FIXES)
    id: str = Field(primary_key=True)
    fix_id: str = Field(foreign_key="fix.id", index=True, ondelete="CASCADE")
    queue_id: str = Field(foreign_key="queue.id", index=True)
    start: date
    less: str
    saved: float
    by_id: str | None = Field(default=None, foreign_key="person.id", index=True)
    made: datetime
    ended: datetime | None = None
    why_ended: str = ""


class LessonRow(SQLModel, table=True):
    """What a round, or a person by themselves, found to keep causing trouble; it lands as a need, a fix or a condition.

    `session_id` is the round it came from, `by_id` who reported it otherwise. `landing` is empty until the cause is
    decided; then need, fix or condition, with `activity`, `fix_id` or `condition_id`. `closed` once nothing is open.
    """

    __tablename__ = "lesson"
    __table_args__ = kept("internal", person="by_id", retention=_FIXES)
    id: str = Field(primary_key=True)
    words: str
    session_id: str | None = Field(default=None, foreign_key="session.id", index=True)
    team_id: str | None = Field(default=None, foreign_key="team.id", index=True)
    by_id: str | None = Field(default=None, foreign_key="person.id", index=True)
    guess: str = ""
    cause: str = ""
    landing: str = ""
    activity: str = ""
    fix_id: str | None = Field(default=None, foreign_key="fix.id", index=True)
    condition_id: str | None = None
    owner_id: str | None = Field(default=None, foreign_key="person.id", index=True)
    due: date | None = None
    created: datetime
    decided: datetime | None = None
    closed: datetime | None = None
