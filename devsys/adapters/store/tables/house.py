"""Facts about this database itself."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from devsys.adapters.store.tables.kept import kept
from devsys.base.words import to_phrase


class HouseRow(SQLModel, table=True):
    """A named fact: demo mark, feed epoch, epoch of cadences, revision of the organisation, name of it."""

    __tablename__ = "house"
    __table_args__ = kept("internal", retention=to_phrase("as long as the database"))
    key: str = Field(primary_key=True)
    value: str


class UploadRow(SQLModel, table=True):
    """A file brought for import, kept between the dry run and Confirm; `text` is its whole content."""

    __tablename__ = "upload"
    __table_args__ = kept("personal", person="by_id", retention=to_phrase("1 day"))
    id: str = Field(primary_key=True)
    by_id: str = Field(foreign_key="person.id")
    kind: str
    name: str
    text: str
    created: datetime
