"""Sessions, their revisions, who has a place in them, who was there.

A session's content lives in revisions. A revision belongs to a draft until it is published: then `since` is the
first plan version that shows it and `until` the first that no longer does. The published calendar is every revision
with `since` set and `until` empty; the content of version n is `since <= n < until`. Published rows never change
but for that closing figure, so that versions are immutable (trust.md R8).
"""

from datetime import datetime

from pydantic import NaiveDatetime
from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from devsys.adapters.store.tables.kept import kept
from devsys.base.words import to_phrase

_PLAN = to_phrase("as long as plans are kept")


class SessionRow(SQLModel, table=True):
    """A session for life: its UID, when it was first published, whether it is pinned."""

    __tablename__ = "session"
    __table_args__ = kept("internal", retention=_PLAN)
    id: str = Field(primary_key=True)
    uid: str = Field(unique=True)
    created: datetime
    pinned: bool = False


class RevisionRow(SQLModel, table=True):
    """One state of a session: in a draft, published, or past."""

    __tablename__ = "revision"
    __table_args__ = (
        Index("ix_revision_published", "until", "starts_utc"),
        Index("ix_revision_draft", "draft_id", "since"),
        Index("ix_revision_activity", "activity", "site_id", "until", "starts_utc"),
        kept("internal", person="facilitator_id", retention=_PLAN),
    )
    id: str = Field(primary_key=True)
    session_id: str = Field(foreign_key="session.id", index=True)
    draft_id: str | None = Field(default=None, foreign_key="draft.id")
    since: int | None = None
    until: int | None = None
    activity: str
    starts: NaiveDatetime
    zone: str
    minutes: int
    starts_utc: datetime
    ends_utc: datetime
    facilitator_id: str | None = Field(default=None, foreign_key="person.id", index=True)
    room_id: str | None = Field(default=None, foreign_key="room.id", index=True)
    site_id: str = Field(foreign_key="site.id")
    team_id: str | None = Field(default=None, foreign_key="team.id", index=True)
    status: str = "planned"
    series: str = ""
    sequence: int = 0
    changed: datetime
    cause: str = ""


class PlaceRow(SQLModel, table=True):
    """A person's seat in one revision, with the need it answers and when that was due."""

    __tablename__ = "place"
    __table_args__ = (
        Index("ix_place_person", "person_id", "revision_id"),  # what a team has is found without reading seats
        kept("personal", person="person_id", retention=_PLAN),
    )
    revision_id: str = Field(primary_key=True, foreign_key="revision.id", ondelete="CASCADE")
    person_id: str = Field(primary_key=True, foreign_key="person.id")
    need: str = ""


class TurnRow(SQLModel, table=True):
    """How often a person left or came back to a published session; `gone` while they are off it (feeds.md V04)."""

    __tablename__ = "turn"
    __table_args__ = kept("personal", person="person_id", retention=to_phrase("14 days after the session"))
    session_id: str = Field(primary_key=True, foreign_key="session.id")
    person_id: str = Field(primary_key=True, foreign_key="person.id")
    turns: int = 0
    gone: datetime | None = None
    changed: datetime


class AttendanceRow(SQLModel, table=True):
    """Whether a person was there, as the facilitator marked it."""

    __tablename__ = "attendance"
    __table_args__ = kept("personal", person="person_id", retention=_PLAN)
    session_id: str = Field(primary_key=True, foreign_key="session.id")
    person_id: str = Field(primary_key=True, foreign_key="person.id", index=True)
    present: bool
    marked_by: str | None = Field(default=None, foreign_key="person.id")
    marked: datetime
