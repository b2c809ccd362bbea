"""Runs: what the worker has to do, does and did, with how far it is."""

from datetime import datetime
from typing import Any, Literal

from devsys.adapters.store.queries import runs
from devsys.faces.api.operations import Noun, Out
from devsys.faces.web.here import parts

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
    """The newest 200 runs, newest first."""

    items: list[Run]


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


@noun.op("GET", "/runs", "runs", gives=Runs)
def listed() -> Runs:
    """List the newest runs."""
    with parts().store.read() as db:
        return Runs(items=[given(run) for run in runs.listed(db)])


@noun.op("GET", "/runs/<run_id>", "runs", gives=Run)
def show(run_id: str) -> Run:
    """Show one run."""
    with parts().store.read() as db:
        return given(runs.get(db, run_id))
