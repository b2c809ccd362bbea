"""What people are asked and may say yes or no to: to lead instead, to take a free place, to swap places."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from devsys.adapters.store.tables.kept import kept
from devsys.base.words import to_phrase


class AskRow(SQLModel, table=True):
    """One person asked one thing. `kind` is substitute, seat or swap; `by_id` who asks, empty for devsys itself.

    `session_id` is the session it is about, `other_id` for a swap the one the asker has a place in. `need` is the key
    a free place would answer. `state`: open, accepted, declined, withdrawn (also: others came first), lapsed.
    """

    __tablename__ = "ask"
    __table_args__ = kept("personal", person="person_id", retention=to_phrase("75 days after the session"))
    id: str = Field(primary_key=True)
    kind: str
    session_id: str = Field(foreign_key="session.id", index=True)
    other_id: str | None = Field(default=None, foreign_key="session.id")
    person_id: str = Field(foreign_key="person.id", index=True)
    by_id: str | None = Field(default=None, foreign_key="person.id", index=True)
    need: str = ""
    state: str = "open"
    made: datetime
    until: datetime
    ended: datetime | None = None


class WaitRow(SQLModel, table=True):
    """Somebody waits for a place in a session, for a need of theirs, since a moment: that is the order of the list."""

    __tablename__ = "wait"
    __table_args__ = kept("personal", person="person_id", retention=to_phrase("75 days after the session"))
    session_id: str = Field(primary_key=True, foreign_key="session.id")
    person_id: str = Field(primary_key=True, foreign_key="person.id", index=True)
    need: str
    since: datetime
