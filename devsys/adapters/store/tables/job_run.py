"""The ledger of runs: what the worker does, did, and has to do."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from devsys.adapters.store.tables.kept import kept
from devsys.base.words import to_phrase


class RunRow(SQLModel, table=True):
    """One piece of work. `period` is the due time for clock work, the thing it answers for asked work.

    `state`: waiting, running, done, failed, skipped. `beat` is the last sign of life of a running one. `progress`
    and `result` are JSON; `stop` asks it to end with the best it has.
    """

    __tablename__ = "job_run"
    __table_args__ = (
        UniqueConstraint("job", "period"),
        kept("internal", person="asked_by", retention=to_phrase("90 days")),
    )
    id: str = Field(primary_key=True)
    job: str = Field(index=True)
    period: str
    state: str = Field(default="waiting", index=True)
    asked_by: str | None = Field(default=None, foreign_key="person.id")
    args: str = "{}"
    created: datetime
    started: datetime | None = None
    beat: datetime | None = None
    finished: datetime | None = None
    tries: int = 0
    stop: bool = False
    progress: str = "{}"
    result: str = "{}"
    error: str = ""
