"""Feedback: who has answered, and what was answered, in two tables that nothing joins."""

from sqlmodel import Field, SQLModel

from devsys.adapters.store.tables.kept import kept
from devsys.base.words import to_phrase


class FeedbackGivenRow(SQLModel, table=True):
    """That somebody has answered about a session, never what; `open` until answers of its activity are let out.

    Neither table has a row number: the order in which rows came would tell who gave which answer.
    """

    __tablename__ = "feedback_given"
    __table_args__ = {
        **kept("personal", person="person_id", retention=to_phrase("120 days after the session, or until let out")),
        "sqlite_with_rowid": False,
    }
    session_id: str = Field(primary_key=True, foreign_key="session.id")
    person_id: str = Field(primary_key=True, foreign_key="person.id", index=True)
    stage: str = Field(primary_key=True)
    activity: str = Field(index=True)
    open: bool = True


class FeedbackRow(SQLModel, table=True):
    """One set of answers under a random id: no person, no session, no time finer than the month.

    `answers` is JSON, question to answer; `batch` is 0 until it is let out together with those of at least four others,
    and the batch it went with from then on: a batch comes and goes whole.
    """

    __tablename__ = "feedback"
    __table_args__ = {**kept("internal", retention=to_phrase("12 months, by batches")), "sqlite_with_rowid": False}
    id: str = Field(primary_key=True)
    activity: str = Field(index=True)
    stage: str
    month: str
    answers: str
    batch: int = 0
