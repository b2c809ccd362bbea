"""When people's own calendars say that they are busy: merged periods, never a title."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from devsys.adapters.store.sealed import Sealed
from devsys.adapters.store.tables.kept import kept
from devsys.base.words import to_phrase

_WISHED = to_phrase("until the person takes it away")


class BusySourceRow(SQLModel, table=True):
    """A calendar that a person gave: a file once, or an https address that the worker looks at again.

    `address` is a secret like a feed's: sealed, shown to nobody, in no log; `name` says which calendar it is.
    `tag` and `dated` are what its server said of the last good copy; `read` is when that was read, `until` how far,
    `tried` the last try, `trouble` why it failed (empty: it did not).
    """

    __tablename__ = "busy_source"
    __table_args__ = kept(
        "confidential", person="person_id", retention=_WISHED, clear=("name", "tag", "dated", "note", "trouble")
    )
    id: str = Field(primary_key=True)
    person_id: str = Field(foreign_key="person.id", index=True)
    name: str
    address: bytes | None = Field(default=None, sa_type=Sealed)
    created: datetime
    read: datetime
    until: datetime
    tried: datetime
    tag: str = ""
    dated: str = ""
    note: str = ""
    trouble: str = ""


class BusyRow(SQLModel, table=True):
    """A period in which a person is busy by one of their calendars, in UTC."""

    __tablename__ = "busy"
    __table_args__ = kept("personal", person="person_id", retention=_WISHED)
    source_id: str = Field(primary_key=True, foreign_key="busy_source.id", ondelete="CASCADE")
    starts_utc: datetime = Field(primary_key=True)
    ends_utc: datetime
    person_id: str = Field(foreign_key="person.id", index=True)
