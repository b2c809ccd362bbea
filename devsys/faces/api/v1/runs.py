"""Runs: what the worker has to do, does and did, with how far it is."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from devsys.adapters.store.queries import runs
from devsys.faces.api.operations import Noun, Out
from devsys.faces.api.paging import NEXT, PageQuery, cut, moment_of
from devsys.faces.web.here import now, parts

noun = Noun("runs", "plans")


class Run(Out):
    """One run; `progress` and `result` are what the work says of itself."""

    id: str
    job: str
    state: Literal["waiting", "running", "done", "failed", "skipped"]
    by: str
    created: datetime
    started: datetime | None
    finished: datetime | None
    stop: bool
    progress: dict[str, Any]
    result: dict[str, Any]
    error: str


class Runs(Out):
    """A page of runs, newest first."""

    items: list[Run]
    next: str = Field(description=NEXT)


def given(found: runs.Run) -> Run:
    """Give a run as it is shown."""
    return Run(
        id=found.id,
        job=found.job,
        state=found.state,  # type: ignore[arg-type]
        by=found.by,
        created=found.created,
        started=found.started,
        finished=found.finished,
        stop=found.stop,
        progress=dict(found.progress),
        result=dict(found.result),
        error=found.error,
    )


@noun.op("GET", "/runs", "runs", query=PageQuery, gives=Runs)
def listed(asked: PageQuery) -> Runs:
    """List runs."""
    after = moment_of("runs", asked.cursor)
    with parts().store.read() as db:
        found = runs.listed(db, after=after, limit=asked.limit + 1)
    rows, further = cut("runs", found, asked.limit, lambda r: (r.created.isoformat(), r.id))
    return Runs(items=[given(run) for run in rows], next=further)


@noun.op("GET", "/runs/<run_id>", "runs", gives=Run)
def show(run_id: str) -> Run:
    """Show one run."""
    with parts().store.read() as db:
        return given(runs.get(db, run_id))


@noun.op("POST", "/runs/<run_id>/stop", "runs", "write", gives=Run)
def stop(run_id: str) -> Run:
    """Ask a run to end with the best it has.

    One that has not begun is skipped; a running one ends when it looks next: `stop` says that it was asked. 409 when it
    is over already.
    """
    with parts().store.write() as db:
        runs.ask_to_stop(db, run_id, now())
        return given(runs.get(db, run_id))
