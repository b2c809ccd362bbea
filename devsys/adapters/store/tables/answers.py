"""What people answered: whether they come, and who was asked to lead instead."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from devsys.adapters.store.tables.kept import kept
from devsys.base.words import to_phrase


class AnswerRow(SQLModel, table=True):
    """Whether somebody comes to a session, as they last said: `says` is yes or cannot.

    It is about the session as it was at `sequence`: one that moved since is asked again. No reason is kept.
    """

    __tablename__ = "answer"
    __table_args__ = kept("personal", person="person_id", retention=to_phrase("75 days after the session"))
    session_id: str = Field(primary_key=True, foreign_key="session.id")
    person_id: str = Field(primary_key=True, foreign_key="person.id", index=True)
    says: str
    sequence: int
    given: datetime
