"""Case rounds: whose turn it was, cards with sealed texts, situations from the library, when a round was closed."""

from datetime import date, datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from devsys.adapters.store.sealed import Sealed
from devsys.adapters.store.tables.kept import kept
from devsys.base.words import to_phrase


class RoundRow(SQLModel, table=True):
    """A round that was closed, by whom and when; `library` are codes of situations taken from it, parted by `|`."""

    __tablename__ = "case_round"
    __table_args__ = kept("internal", person="closed_by", retention=to_phrase("36 months"))
    session_id: str = Field(primary_key=True, foreign_key="session.id")
    library: str = ""
    closed: datetime | None = None
    closed_by: str | None = Field(default=None, foreign_key="person.id", index=True)


class PresenterRow(SQLModel, table=True):
    """What was settled of somebody's turn in a round: `does` is skips, gives (to `other_id`) or presented."""

    __tablename__ = "presenter"
    __table_args__ = kept("personal", person="person_id", retention=to_phrase("15 months"))
    session_id: str = Field(primary_key=True, foreign_key="session.id")
    person_id: str = Field(primary_key=True, foreign_key="person.id", index=True)
    does: str = Field(primary_key=True)
    other_id: str | None = Field(default=None, foreign_key="person.id")


class CardRow(SQLModel, table=True):
    """A situation somebody brings to a round. Its texts go when the wiping clock says so; principles stay.

    `waived` are the marked pieces that its writer lets stand, one a line. `shared` is when those who come may read it.
    """

    __tablename__ = "case_card"
    __table_args__ = (
        UniqueConstraint("session_id", "person_id"),
        kept(
            "confidential",
            person="person_id",
            retention=to_phrase("texts: setting card_days after the round; the rest 15 months"),
            clear=("principles",),
        ),
    )
    id: str = Field(primary_key=True)
    session_id: str = Field(foreign_key="session.id", index=True)
    person_id: str = Field(foreign_key="person.id", index=True)
    situation: bytes | None = Field(default=None, sa_type=Sealed)
    did: bytes | None = Field(default=None, sa_type=Sealed)
    customer: bytes | None = Field(default=None, sa_type=Sealed)
    me: bytes | None = Field(default=None, sa_type=Sealed)
    blocked: bytes | None = Field(default=None, sa_type=Sealed)
    waived: bytes | None = Field(default=None, sa_type=Sealed)
    principles: str = ""
    shared: datetime | None = None
    changed: datetime
    wiped: datetime | None = None


class CardReadRow(SQLModel, table=True):
    """That somebody else read a card, and when first: its writer sees it in their own list."""

    __tablename__ = "case_card_read"
    __table_args__ = kept("personal", person="reader_id", retention=to_phrase("15 months"))
    card_id: str = Field(primary_key=True, foreign_key="case_card.id", ondelete="CASCADE")
    reader_id: str = Field(primary_key=True, foreign_key="person.id", index=True)
    at: datetime


class AskedNeedRow(SQLModel, table=True):
    """A need that no cadence brings: a lesson asked for it. `id` is the lesson's; `ended` takes it back."""

    __tablename__ = "asked_need"
    __table_args__ = kept("personal", person="person_id", retention=to_phrase("24 months after it was due"))
    id: str = Field(primary_key=True)
    person_id: str = Field(primary_key=True, foreign_key="person.id", index=True)
    activity: str
    asked: date
    due: date
    why: str
    ended: datetime | None = None
