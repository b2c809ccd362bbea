"""The worker over a real store: each due time once, runs taken, stopped, failed, taken over."""

import threading
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from devsys.actions.parts import Parts
from devsys.adapters.store.leader import leadership
from devsys.adapters.store.queries import audit, runs
from devsys.adapters.store.queries.runs import Run
from devsys.adapters.store.store import Store
from devsys.base.errors import Fault, InvalidError, UnavailableError
from devsys.faces.jobs.due import FIRST_START, RHYTHMS, TIDY
from devsys.faces.jobs.work import WORK, Job, LeftOut
from devsys.faces.jobs.worker import Worker
from tests.conftest import Frozen

JOB = "draw plan"
CUT = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objid = 4270002 AND granted"


def _nothing(_job: Job) -> Mapping[str, Any]:
    return {"said": "nothing"}


CLOCKWORK = {rhythm.job: _nothing for rhythm in RHYTHMS}


class Hold:
    """Work that goes on until it is told to stop, or let go."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.free = threading.Event()

    def __call__(self, job: Job) -> Mapping[str, Any]:
        job.say({"stage": "placing", "placed": 12})
        self.begun.set()
        while not self.free.wait(0.01):
            if job.stop():
                return {"stopped": True}
        return {"stopped": False}


@pytest.fixture
def hold() -> Iterator[Hold]:
    made = Hold()
    yield made
    made.free.set()


def _ask(parts: Parts, period: str = "asked-1", job: str = JOB) -> str:
    with parts.store.write() as db:
        return runs.ask(db, job, period=period, now=parts.now())


def _run(parts: Parts, run_id: str) -> Run:
    with parts.store.read() as db:
        return runs.get(db, run_id)


def _all(parts: Parts) -> list[tuple[str, str, str]]:
    with parts.store.read() as db:
        return sorted((r.job, r.period, r.state) for r in runs.listed(db))


def _through(worker: Worker) -> None:
    worker.tick()
    worker.wait()
    worker.tick()


def test_every_rhythm_has_work() -> None:
    assert {r.job for r in RHYTHMS} < set(WORK)


def test_asked_work_is_done_and_says_what_came_of_it(parts: Parts) -> None:
    run_id = _ask(parts)
    worker = Worker(parts, {JOB: lambda job: {"args": job.run.args}, **CLOCKWORK})
    _through(worker)
    worker.lay_down()
    found = _run(parts, run_id)
    assert (found.state, found.result, found.tries, found.error) == ("done", {"args": "{}"}, 1, "")
    assert found.over


def test_the_first_start_begins_with_the_next_times(parts: Parts) -> None:
    worker = Worker(parts, CLOCKWORK)
    worker.tick()
    worker.lay_down()
    assert {state for _, _, state in _all(parts)} == {"skipped"}
    with parts.store.read() as db:
        assert {r.error for r in runs.listed(db)} == {FIRST_START}


def test_each_due_time_is_one_row_with_four_workers(parts: Parts, clock: Frozen) -> None:
    stores = [Store(parts.settings.url) for _ in range(3)]
    workers = [Worker(parts, CLOCKWORK), *(Worker(Parts(parts.settings, s, clock), CLOCKWORK) for s in stores)]
    for _ in range(30):
        for worker in workers:
            _through(worker)
        clock.move(minutes=20)
    assert sum(worker.leads for worker in workers) == 1
    for worker in workers:
        worker.lay_down()
    for store in stores:
        store.close()
    hourly = [(period, state) for job, period, state in _all(parts) if job == TIDY]
    assert len(hourly) == len({period for period, _ in hourly}) == 10
    assert [state for _, state in hourly] == ["skipped"] + ["done"] * 9


@pytest.mark.postgres
def test_a_leader_whose_lock_is_cut_leads_no_more_and_the_next_takes_its_run(
    settings: Any, pg_url: str, clock: Frozen, hold: Hold
) -> None:
    settings = settings.model_copy(update={"database_url": pg_url})
    first, second = (Parts(settings, Store(pg_url), clock) for _ in range(2))
    run_id = _ask(first)
    one = Worker(first, {JOB: hold, **CLOCKWORK})
    two = Worker(second, {JOB: lambda _job: {"by": "the second"}, **CLOCKWORK})
    one.tick()
    assert hold.begun.wait(10)
    two.tick()
    assert (one.leads, two.leads) == (True, False)
    _cut(second.store)
    _until(two, lambda: two.leads)
    hold.free.set()
    one.wait()
    one.tick()
    assert (one.leads, two.leads) == (False, True)
    for _ in range(3):
        _through(two)
    found = _run(second, run_id)
    assert (found.state, found.result) == ("done", {"by": "the second"})
    for worker, parts in ((one, first), (two, second)):
        worker.lay_down()
        parts.store.close()


class Effect:
    """Work that writes one row once it is let go, whoever leads by then; each try is let go by itself."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.tries: list[threading.Event] = []
        self.begun = threading.Semaphore(0)
        self.refused: list[str] = []

    def __call__(self, job: Job) -> Mapping[str, Any]:
        free = threading.Event()
        self.tries.append(free)
        self.begun.release()
        assert free.wait(60)
        try:
            with job.parts.store.write() as db:
                audit.record(db, at=job.parts.now(), by_id=None, act="effect", what=self.name)
                runs.finish(db, job.run.id, job.parts.now(), {"by": self.name})
        except UnavailableError as error:
            self.refused.append(type(error).__name__)
            raise
        return {"by": self.name}


def _effects(parts: Parts) -> list[str]:
    with parts.store.read() as db:
        return list(db.execute(text("SELECT what FROM audit WHERE act = 'effect' ORDER BY id")).scalars())


def _cut(store: Store) -> None:
    """Cut the connection that holds the lock of the leader."""
    with store.engine.connect() as connection:
        assert connection.execute(text(CUT)).scalar()


@pytest.mark.postgres
def test_a_lock_whose_connection_came_back_by_itself_is_held_no_more(pg_url: str) -> None:
    store, other = Store(pg_url), Store(pg_url)
    with leadership(store) as lead:
        assert lead.connection is not None
        assert lead.stands()
        _cut(other)
        with pytest.raises(DBAPIError):
            lead.connection.execute(text("SELECT 1"))
        lead.connection.rollback()
        assert lead.connection.execute(text("SELECT 1")).scalar() == 1  # another connection, in its place
        lead.connection.rollback()
        assert not lead.stands()
        with leadership(other) as second:
            assert second
            assert not lead.stands()
    for one in (store, other):
        one.close()


@pytest.mark.postgres
def test_who_leads_anew_after_a_cut_does_not_let_its_former_try_write(
    settings: Any, pg_url: str, clock: Frozen
) -> None:
    parts = Parts(settings.model_copy(update={"database_url": pg_url}), Store(pg_url), clock)
    run_id, effect = _ask(parts), Effect("only")
    worker = Worker(parts, {JOB: effect, **CLOCKWORK})
    worker.tick()
    assert effect.begun.acquire(timeout=60)
    _cut(parts.store)
    _until(worker, lambda: len(effect.tries) == 2)  # it lost, led anew and took its own run over
    former = next(t for t in threading.enumerate() if t.name == f"run-{run_id}")
    effect.tries[0].set()
    former.join(60)
    assert (effect.refused, _effects(parts), _run(parts, run_id).state) == (["DeposedError"], [], "running")
    effect.tries[1].set()
    worker.wait()
    worker.tick()
    found = _run(parts, run_id)
    assert (_effects(parts), found.state, found.tries) == (["only"], "done", 2)
    worker.lay_down()
    parts.store.close()


def test_a_leader_whose_lock_file_is_gone_writes_nothing_once_another_leads(
    sqlite_settings: Any, clock: Frozen
) -> None:
    first, second = (Parts(sqlite_settings, Store(sqlite_settings.url), clock) for _ in range(2))
    run_id, late, early = _ask(first), Effect("late"), Effect("early")
    one, two = Worker(first, {JOB: late, **CLOCKWORK}), Worker(second, {JOB: early, **CLOCKWORK})
    one.tick()
    assert late.begun.acquire(timeout=60)
    (sqlite_settings.home / "devsys.db.leader").unlink()  # somebody tidied up
    two.tick()
    assert early.begun.acquire(timeout=60)
    late.tries[0].set()
    one.wait()
    assert (late.refused, _effects(first)) == (["DeposedError"], [])
    one.tick()
    assert (one.leads, two.leads) == (False, True)
    early.tries[0].set()
    two.wait()
    two.tick()
    found = _run(second, run_id)
    assert (_effects(first), found.state, found.result) == (["early"], "done", {"by": "early"})
    for worker, parts in ((one, first), (two, second)):
        worker.lay_down()
        parts.store.close()


def _until(worker: Worker, done: Any) -> None:
    """Tick until something holds; a lock goes a moment after its connection was told to end."""
    for _ in range(200):
        worker.tick()
        if done():
            return
        threading.Event().wait(0.01)
    raise AssertionError("it never came to that")


def test_a_day_and_a_half_stopped_is_done_once_or_explained(parts: Parts, clock: Frozen) -> None:
    worker = Worker(parts, CLOCKWORK)
    _through(worker)
    clock.move(hours=36)
    for _ in range(4):
        _through(worker)
    worker.lay_down()
    hourly = [state for job, _, state in _all(parts) if job == TIDY]
    assert (hourly.count("done"), hourly.count("skipped")) == (1, 36)
    with parts.store.read() as db:
        assert all(r.error for r in runs.listed(db) if r.state == "skipped")


def test_progress_and_beats_are_written_while_a_run_goes_on(parts: Parts, clock: Frozen, hold: Hold) -> None:
    run_id = _ask(parts)
    worker = Worker(parts, {JOB: hold, **CLOCKWORK})
    worker.tick()
    assert hold.begun.wait(10)
    clock.move(seconds=5)
    worker.tick()
    found = _run(parts, run_id)
    assert (found.state, found.progress, found.beat) == ("running", {"stage": "placing", "placed": 12}, parts.now())
    hold.free.set()
    worker.wait()
    worker.tick()
    worker.lay_down()
    assert _run(parts, run_id).result == {"stopped": False}


def test_stop_and_keep_reaches_the_work(parts: Parts, clock: Frozen, hold: Hold) -> None:
    run_id = _ask(parts)
    worker = Worker(parts, {JOB: hold, **CLOCKWORK})
    worker.tick()
    with parts.store.write() as db:
        runs.ask_to_stop(db, run_id, parts.now())
    clock.move(seconds=5)
    worker.tick()
    worker.wait()
    worker.tick()
    worker.lay_down()
    found = _run(parts, run_id)
    assert (found.state, found.result) == ("done", {"stopped": True})


def test_a_run_stopped_before_it_began_never_begins(parts: Parts, hold: Hold) -> None:
    run_id = _ask(parts)
    with parts.store.write() as db:
        runs.ask_to_stop(db, run_id, parts.now())
    worker = Worker(parts, {JOB: hold, **CLOCKWORK})
    _through(worker)
    worker.lay_down()
    assert (_run(parts, run_id).state, hold.begun.is_set()) == ("skipped", False)


def test_a_stopped_worker_puts_its_run_back(parts: Parts, hold: Hold) -> None:
    run_id = _ask(parts)
    worker = Worker(parts, {JOB: hold, **CLOCKWORK})
    worker.tick()
    assert hold.begun.wait(10)
    assert worker.lay_down()
    found = _run(parts, run_id)
    assert (found.state, found.tries, found.started, found.result) == ("waiting", 0, None, {})
    again = Worker(parts, {JOB: _nothing, **CLOCKWORK})
    _through(again)
    again.lay_down()
    assert _run(parts, run_id).state == "done"


def test_a_run_of_a_worker_that_is_gone_is_done_again(parts: Parts) -> None:
    run_id = _ask(parts)
    with parts.store.write() as db:
        runs.take(db, parts.now())  # and then the worker is killed
    worker = Worker(parts, {JOB: _nothing, **CLOCKWORK})
    _through(worker)
    worker.lay_down()
    found = _run(parts, run_id)
    assert (found.state, found.tries) == ("done", 2)


def test_a_run_that_took_three_workers_with_it_is_failed_in_words(parts: Parts) -> None:
    run_id = _ask(parts)
    for _ in range(runs.MOST_TRIES - 1):
        with parts.store.write() as db:
            runs.take(db, parts.now())
            runs.take_over(db, parts.now())
    with parts.store.write() as db:
        runs.take(db, parts.now())
    worker = Worker(parts, {JOB: _nothing, **CLOCKWORK})
    _through(worker)
    worker.lay_down()
    found = _run(parts, run_id)
    assert found.state == "failed"
    assert found.error == "The worker was stopped 3 times while doing this, so it is not tried again."


def test_a_fault_is_kept_in_words_and_the_next_run_goes_on(parts: Parts) -> None:
    def refuse(_job: Job) -> Mapping[str, Any]:
        raise InvalidError("There is nobody to plan for yet.", (Fault("people", "at least one person"),))

    def broken(_job: Job) -> Mapping[str, Any]:
        raise ZeroDivisionError("never shown")

    def empty(_job: Job) -> Mapping[str, Any]:
        raise LeftOut("Nothing is published yet.")

    first, second, third = _ask(parts), _ask(parts, job="broken"), _ask(parts, job="empty")
    fourth = _ask(parts, job="of a newer devsys")
    worker = Worker(parts, {JOB: refuse, "broken": broken, "empty": empty, **CLOCKWORK})
    for _ in range(4):
        _through(worker)
    worker.lay_down()
    assert _run(parts, first).error == "There is nobody to plan for yet.\npeople: at least one person"
    assert _run(parts, second).state == "failed"
    assert "incident" in _run(parts, second).error
    assert "never shown" not in _run(parts, second).error
    assert (_run(parts, third).state, _run(parts, third).error) == ("skipped", "Nothing is published yet.")
    assert "does not know the job 'of a newer devsys'" in _run(parts, fourth).error


def test_what_is_unavailable_is_tried_three_times(parts: Parts) -> None:
    tries = []

    def locked(_job: Job) -> Mapping[str, Any]:
        tries.append(1)
        raise UnavailableError("Somebody else is writing right now.")

    run_id = _ask(parts)
    worker = Worker(parts, {JOB: locked, **CLOCKWORK})
    for _ in range(6):
        _through(worker)
    worker.lay_down()
    assert (len(tries), _run(parts, run_id).state) == (3, "failed")


def test_asked_work_goes_before_clock_work_and_the_oldest_first(parts: Parts, clock: Frozen) -> None:
    order: list[str] = []

    def note(job: Job) -> Mapping[str, Any]:
        order.append(job.run.period)
        return {}

    from tests import builders

    builders.settle(parts.store)
    with parts.store.write() as db:
        runs.ask(db, TIDY, period="2025-01-01T00:00:00+00:00", now=parts.now() - timedelta(days=1))
        for period in ("asked-2", "asked-1"):
            clock.move(seconds=1)
            runs.ask(db, JOB, period=period, by_id=builders.id_of("olivia.brandt"), now=parts.now())
    worker = Worker(parts, {JOB: note, TIDY: note}, ())
    for _ in range(4):
        _through(worker)
    worker.lay_down()
    assert order == ["asked-2", "asked-1", "2025-01-01T00:00:00+00:00"]
