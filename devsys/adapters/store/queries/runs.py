"""Runs: the ledger of what the worker has to do, does, and did. UNIQUE(job, period) makes each due work one row."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, delete, func, insert, select, update
from sqlmodel import col

from devsys.adapters.store.queries import house, webhooks
from devsys.adapters.store.queries.rows import behind, table
from devsys.adapters.store.store import Db
from devsys.adapters.store.tables.job_run import RunRow
from devsys.adapters.store.tables.people import PersonRow
from devsys.base.errors import ConflictError, NotFoundError
from devsys.base.ids import new_id
from devsys.base.limits import LIST_ROWS
from devsys.base.words import phrase

WAITING: Final = "waiting"
RUNNING: Final = "running"
DONE: Final = "done"
FAILED: Final = "failed"
SKIPPED: Final = "skipped"
MOST_TRIES: Final = 3  # a run that took its worker with it so often is failed, not tried again
_ERROR_LENGTH: Final = 2_000
_WORKER: Final = "worker_seen"

_RUN = table(RunRow)


@dataclass(frozen=True, slots=True)
class Run:
    """One piece of work for the worker.

    `period` is the due time for clock work, the thing it answers for asked work; `args` is the JSON text it was asked
    with; `by` the name of who asked, "devsys" for clock work. `beat` is the last sign of life; `progress` and
    `result` are what the work itself said. `error` is a sentence for people.
    """

    id: str
    job: str
    period: str
    state: str
    asked_by: str | None
    by: str
    args: str
    created: datetime
    started: datetime | None
    beat: datetime | None
    finished: datetime | None
    tries: int
    stop: bool
    progress: Mapping[str, Any]
    result: Mapping[str, Any]
    error: str

    @property
    def over(self) -> bool:
        """Say whether nothing more will happen to it."""
        return self.state in (DONE, FAILED, SKIPPED)


def ask(db: Db, job: str, *, period: str, now: datetime, args: str = "{}", by_id: str | None = None) -> str:
    """Leave a run waiting; give its id. The same job and period asked again give the run that is there."""
    found = db.execute(select(_RUN.c.id).where(_RUN.c.job == job, _RUN.c.period == period)).scalar()
    if found is not None:
        return str(found)
    run_id = new_id()
    db.execute(insert(_RUN).values(id=run_id, job=job, period=period, asked_by=by_id, args=args, created=now))
    return run_id


def skip(db: Db, job: str, *, period: str, why: str, now: datetime) -> None:
    """Write down that due work was left out, and why; nothing happens when the run is there already."""
    if db.execute(select(_RUN.c.id).where(_RUN.c.job == job, _RUN.c.period == period)).scalar() is None:
        db.execute(
            insert(_RUN).values(
                id=new_id(), job=job, period=period, state=SKIPPED, created=now, finished=now, error=why[:_ERROR_LENGTH]
            )
        )


def last_periods(db: Db) -> Mapping[str, str]:
    """Give the latest due time of each job in the ledger as an ISO instant; asked work has none."""
    clockwork = _RUN.c.period.like("2%T%")
    rows = db.execute(select(_RUN.c.job, func.max(_RUN.c.period)).where(clockwork).group_by(_RUN.c.job))
    return {str(job): str(period) for job, period in rows}


def note_worker(db: Db, now: datetime) -> None:
    """Note that the leading worker is alive."""
    house.set_fact(db, _WORKER, now.isoformat())


def worker_seen(db: Db) -> datetime | None:
    """Give when the leading worker was last alive, None when there never was one."""
    said = house.fact(db, _WORKER)
    return datetime.fromisoformat(said) if said else None


def is_waiting(db: Db) -> bool:
    """Say whether any run waits."""
    return db.execute(select(_RUN.c.id).where(_RUN.c.state == WAITING).limit(1)).scalar() is not None


def take(db: Db, now: datetime) -> "Run | None":
    """Take the oldest waiting run, asked work before clock work; None when there is none."""
    oldest = select(_RUN.c.id).where(_RUN.c.state == WAITING)
    first = oldest.order_by(_RUN.c.asked_by.is_(None), _RUN.c.created, _RUN.c.id).limit(1)
    run_id = db.execute(first).scalar()
    if run_id is None:
        return None
    db.execute(
        update(_RUN)
        .where(_RUN.c.id == run_id)
        .values(state=RUNNING, started=now, beat=now, finished=None, tries=_RUN.c.tries + 1, error="")
    )
    return get(db, run_id)


def beat(db: Db, run_id: str, now: datetime, progress: Mapping[str, Any] | None = None) -> bool:
    """Note a sign of life, with how far the work is; say whether it was asked to stop."""
    values: dict[str, Any] = {"beat": now}
    if progress is not None:
        values["progress"] = json.dumps(dict(progress))
    db.execute(update(_RUN).where(_RUN.c.id == run_id, _RUN.c.state == RUNNING).values(**values))
    return should_stop(db, run_id)


def should_stop(db: Db, run_id: str) -> bool:
    """Say whether somebody asked a run to end with the best it has."""
    return bool(db.execute(select(_RUN.c.stop).where(_RUN.c.id == run_id)).scalar())


def ask_to_stop(db: Db, run_id: str, now: datetime) -> None:
    """Ask a run to end with the best it has; one that has not begun is skipped.

    Raises NotFoundError, and ConflictError when it is over already.
    """
    found = get(db, run_id)
    if found.over:
        raise ConflictError(phrase("This run is over already."))
    values: dict[str, Any] = {"stop": True}
    if found.state == WAITING:
        values |= {"state": SKIPPED, "finished": now, "error": "Stopped before it began."}
    db.execute(update(_RUN).where(_RUN.c.id == run_id).values(**values))


def finish(db: Db, run_id: str, now: datetime, result: Mapping[str, Any] | None = None) -> None:
    """Write down that a run is done and what came of it; meant for the transaction that writes its effect."""
    _end(db, run_id, state=DONE, finished=now, result=json.dumps(dict(result or {})))


def fail(db: Db, run_id: str, now: datetime, error: str) -> None:
    """Write down that a run failed, in a sentence for people."""
    _end(db, run_id, state=FAILED, finished=now, error=error[:_ERROR_LENGTH])


def leave_out(db: Db, run_id: str, now: datetime, why: str) -> None:
    """Write down that a run found nothing to do, and why."""
    _end(db, run_id, state=SKIPPED, finished=now, error=why[:_ERROR_LENGTH])


def tell(db: Db, run_id: str, now: datetime) -> None:
    """Tell other programs that a run somebody asked for has ended; meant for the transaction that ends it."""
    query = select(_RUN.c.job, _RUN.c.state, _RUN.c.asked_by).where(_RUN.c.id == run_id)
    row = db.execute(query).first()
    if row is not None and row.asked_by is not None and row.state in (DONE, FAILED, SKIPPED):
        webhooks.tell(db, webhooks.RUN_ENDED, {"run": run_id, "job": row.job, "state": row.state}, now)


def put_back(db: Db, run_id: str) -> None:
    """Let a run wait again because its worker is stopped; the try does not count."""
    _end(db, run_id, state=WAITING, started=None, beat=None, progress="{}", tries=_RUN.c.tries - 1)


def wait_again(db: Db, run_id: str) -> None:
    """Let a run wait again because something it needs was not to be had; the try counts."""
    _end(db, run_id, state=WAITING, started=None, beat=None, progress="{}")


def _end(db: Db, run_id: str, **values: Any) -> None:
    db.execute(update(_RUN).where(_RUN.c.id == run_id, _RUN.c.state == RUNNING).values(**values))


def take_over(db: Db, now: datetime) -> tuple[Run, ...]:
    """Deal with runs left running by a worker that is gone; give them as they are after.

    Only the leader may call this: no other worker lives then. A run waits again, or is failed with a sentence when it
    has been tried MOST_TRIES times.
    """
    left = tuple(db.execute(select(_RUN.c.id, _RUN.c.tries).where(_RUN.c.state == RUNNING)))
    for run_id, tries in left:
        if tries < MOST_TRIES:
            wait_again(db, run_id)
        else:
            fail(db, run_id, now, f"The worker was stopped {tries} times while doing this, so it is not tried again.")
    return tuple(get(db, run_id) for run_id, _ in left)


_READ = select(_RUN, col(PersonRow.name).label("name")).join(
    PersonRow, col(PersonRow.id) == _RUN.c.asked_by, isouter=True
)


def _run(row: Row[Any]) -> Run:
    return Run(
        id=row.id,
        job=row.job,
        period=row.period,
        state=row.state,
        asked_by=row.asked_by,
        by=row.name or "devsys",
        args=row.args,
        created=row.created,
        started=row.started,
        beat=row.beat,
        finished=row.finished,
        tries=row.tries,
        stop=row.stop,
        progress=json.loads(row.progress),
        result=json.loads(row.result),
        error=row.error,
    )


def get(db: Db, run_id: str) -> Run:
    """Give a run. Raises NotFoundError."""
    row = db.execute(_READ.where(_RUN.c.id == run_id)).one_or_none()
    if row is None:
        raise NotFoundError(phrase("There is no such run."))
    return _run(row)


def latest(db: Db, job: str) -> Run | None:
    """Give the newest run of a job, None when there never was one."""
    row = db.execute(_READ.where(_RUN.c.job == job).order_by(_RUN.c.created.desc(), _RUN.c.id).limit(1)).one_or_none()
    return None if row is None else _run(row)


def listed(
    db: Db, *, states: tuple[str, ...] = (), after: tuple[datetime, str] | None = None, limit: int = LIST_ROWS
) -> tuple[Run, ...]:
    """Give runs, newest first; only those in some states, or those behind one (created, id), when asked."""
    query = _READ.order_by(_RUN.c.created.desc(), _RUN.c.id).limit(limit)
    if states:
        query = query.where(_RUN.c.state.in_(states))
    if after is not None:
        query = query.where(behind(_RUN.c.created, _RUN.c.id, after))
    return tuple(_run(row) for row in db.execute(query))


def counts(db: Db) -> Mapping[str, int]:
    """Give how many runs are in each state."""
    rows = db.execute(select(_RUN.c.state, func.count()).group_by(_RUN.c.state))
    return {str(state): int(number) for state, number in rows}


def counts_by_job(db: Db) -> Mapping[tuple[str, str], int]:
    """Give how many runs of each job are in each state."""
    rows = db.execute(select(_RUN.c.job, _RUN.c.state, func.count()).group_by(_RUN.c.job, _RUN.c.state))
    return {(str(job), str(state)): int(number) for job, state, number in rows}


def forget_old(db: Db, before: datetime) -> int:
    """Take runs out of the ledger that were over before an instant; give how many."""
    over = delete(_RUN).where(_RUN.c.state.in_((DONE, FAILED, SKIPPED)), _RUN.c.finished < before)
    return len(db.execute(over.returning(_RUN.c.id)).all())
