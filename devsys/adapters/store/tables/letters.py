"""Letters: what waits to be sent and was, which version of the plan each person was told of, what they chose to get."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from devsys.adapters.store.tables.kept import kept
from devsys.base.words import to_phrase


class LetterRow(SQLModel, table=True):
    """One letter to one person. `kind` says what `about` names: a version of the plan, a day, an ask, a session.

    `state`: waiting (its words are found when it is due), sealed (words and Message-ID are fixed, it may have left),
    sent, kept (of a demo: to be read here alone), failed. `told` is the version its words bring the person to, `before`
    the one they were at. `message` is the whole mail while it is sealed; `subject` and `text` stay to be read.
    """

    __tablename__ = "letter"
    __table_args__ = (
        UniqueConstraint("person_id", "kind", "about"),
        Index("ix_letter_due", "state", "due"),
        kept("personal", person="person_id", retention=to_phrase("90 days")),
    )
    id: str = Field(primary_key=True)
    person_id: str = Field(foreign_key="person.id")
    kind: str
    about: str
    state: str = "waiting"
    opened: datetime
    due: datetime
    tries: int = 0
    told: int | None = None
    before: int | None = None
    recipient: str = ""
    subject: str = ""
    text: str = ""
    message: bytes | None = None
    ended: datetime | None = None
    error: str = ""


class ToldRow(SQLModel, table=True):
    """The version of the plan a person was last told of; without a row, that of when letters began."""

    __tablename__ = "told"
    __table_args__ = kept("personal", person="person_id", retention=to_phrase("until the person is erased"))
    person_id: str = Field(primary_key=True, foreign_key="person.id")
    version: int


class LetterChoiceRow(SQLModel, table=True):
    """What a person chose to get; without a row, what is usual."""

    __tablename__ = "letter_choice"
    __table_args__ = kept("personal", person="person_id", retention=to_phrase("until the person is erased"))
    person_id: str = Field(primary_key=True, foreign_key="person.id")
    timing: str = "soon"
    reminders: bool = True
    invitations: bool = False
    feedback: bool = True


class InvitedRow(SQLModel, table=True):
    """What a person's calendar program was told of a session by mail.

    `base` is the session's SEQUENCE for them then, `sequence` the one that was sent; `stands` whether it is there.
    """

    __tablename__ = "invited"
    __table_args__ = kept("personal", person="person_id", retention=to_phrase("until the session is over"))
    person_id: str = Field(primary_key=True, foreign_key="person.id")
    session_id: str = Field(primary_key=True, foreign_key="session.id")
    base: int
    sequence: int
    stands: bool
