"""What was done by whom: append-only."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from devsys.adapters.store.tables.kept import kept
from devsys.base.words import to_phrase


class AuditRow(SQLModel, table=True):
    """One act: publish, import, a change of roles, a revoked feed. `what` names ids, never content.

    `about_id` is whose confidential record it is about: the line stands in that person's own list too.
    """

    __tablename__ = "audit"
    __table_args__ = kept("internal", person="by_id", retention=to_phrase("24 months"))
    id: int | None = Field(default=None, primary_key=True)
    at: datetime
    by_id: str | None = Field(default=None, foreign_key="person.id", index=True)
    act: str
    what: str = ""
    about_id: str | None = Field(default=None, foreign_key="person.id", index=True)
