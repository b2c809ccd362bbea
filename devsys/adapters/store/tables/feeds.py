"""Feeds and the fragments kept for them."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from devsys.adapters.store.tables.kept import kept
from devsys.base.words import to_phrase


class FeedRow(SQLModel, table=True):
    """An address that gives a calendar.

    `kind` is person, team, facilitator or room; `target_id` what it shows, `owner_id` as whom it is read. Only the
    hash of the token is kept. `kinds` filters activity kinds, parted by `|`, empty for all; `titles` shows
    the owner's own coaching by name. `revision` grows with every change of its content, at `revised`.
    """

    __tablename__ = "feed"
    __table_args__ = kept("personal", person="owner_id", retention=to_phrase("until revoked, then 30 days"))
    id: str = Field(primary_key=True)
    kind: str
    target_id: str = Field(index=True)
    owner_id: str = Field(foreign_key="person.id", index=True)
    name: str
    token_hash: str = Field(unique=True)
    kinds: str = ""
    titles: bool = False
    created: datetime
    revision: int = 1
    revised: datetime
    fetched: datetime | None = None
    client: str = ""
    revoked: datetime | None = None


class FragmentRow(SQLModel, table=True):
    """One VEVENT as kept: its stamps, a hash of what it says, and its bytes once somebody has fetched it.

    `body` holds what is said as JSON until the first fetch renders it, the bytes of the VEVENT from then on.
    `person_id` is empty but where the view is one person's own: after a turn, and the farewell of one taken off.
    `zone` is the TZID it names, empty when its times are in UTC; `cancelled` when it became a tombstone; `size` the
    most bytes it can take.
    """

    __tablename__ = "fragment"
    __table_args__ = (
        Index("ix_fragment_person", "person_id"),
        kept("personal", person="person_id", retention=to_phrase("as long as its session is in a feed's window")),
    )
    session_id: str = Field(primary_key=True, foreign_key="session.id")
    person_id: str = Field(default="", primary_key=True)
    view: str = Field(primary_key=True)
    kind: str
    content_hash: str
    sequence: int
    stamped: datetime
    starts_utc: datetime
    ends_utc: datetime
    zone: str = ""
    cancelled: datetime | None = None
    size: int
    body: bytes


class ShownRow(SQLModel, table=True):
    """What a feed shows at its revision: the key of one fragment. A body is read from here, never worked out anew.

    Where a feed began to show another view of a session than before, `extra` is added to the SEQUENCE of that view
    and its stamps are `since` at least, so that neither falls for those who read this feed.
    """

    __tablename__ = "shown"
    __table_args__ = (
        Index("ix_shown_session", "session_id"),
        kept("personal", person="person_id", retention=to_phrase("as long as the feed shows the session")),
    )
    feed_id: str = Field(primary_key=True, foreign_key="feed.id", ondelete="CASCADE")
    session_id: str = Field(primary_key=True, foreign_key="session.id")
    person_id: str = ""
    view: str
    extra: int = 0
    since: datetime | None = None
