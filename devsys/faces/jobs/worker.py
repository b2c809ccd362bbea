"""The worker: one leader by lock; a tick that asks for due work, takes runs, notes signs of life.

APScheduler only wakes us. What is due and what was done stands in the ledger (trust.md R9), so a second worker, a
late tick or a repeated hour changes nothing.
"""

import contextlib
import logging
import os
import signal
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from apscheduler.schedulers.background import BackgroundScheduler

from devsys.actions import send_webhooks
from devsys.actions.parts import Parts
from devsys.actions.read_replies import read_replies, wanted
from devsys.actions.send_letters import has_work, send_letters
from devsys.adapters.store.leader import DeposedError, Lead, begin_term, in_term, leadership
from devsys.adapters.store.queries import runs
from devsys.adapters.store.queries.runs import Run
from devsys.adapters.store.store import Db
from devsys.base.errors import DevsysError, UnavailableError
from devsys.base.ids import new_id
from devsys.base.words import speak
from devsys.faces.jobs.due import RHYTHMS, Rhythm, due
from devsys.faces.jobs.executor import crew_of
from devsys.faces.jobs.work import WORK, Job, LeftOut, Work

TICK_SECONDS: Final = 1
BEAT_EVERY: Final = timedelta(seconds=2)
SEEN_EVERY: Final = timedelta(minutes=1)
READ_EVERY: Final = timedelta(minutes=2)  # the mailbox of answers
GRACE_SECONDS: Final = 5.0
LOWER: Final = 5  # how much nicer processes that draw plans are than those that answer people

log = logging.getLogger("devsys.worker")

Ending = Callable[[Db, datetime], None]


class _LaidDown(BaseException):
    """The worker is stopped while a run goes on; not an Exception, so that no work mistakes it for its own."""


class _Current:
    """The run under way: its thread, what it said last, what it was asked, how it ended; `parts` are of its term."""

    def __init__(self, run: Run, parts: Parts) -> None:
        self.run = run
        self.parts = parts
        self.stop = threading.Event()
        self.laid_down = threading.Event()
        self.said: Mapping[str, Any] | None = None
        self.beat: datetime | None = None
        self.ending: Ending | None = None
        self.thread: threading.Thread | None = None

    def should_stop(self) -> bool:
        if self.laid_down.is_set():
            raise _LaidDown
        return self.stop.is_set()

    def say(self, progress: Mapping[str, Any]) -> None:
        if self.laid_down.is_set():
            raise _LaidDown
        self.said = progress


class Worker:
    """One worker: `tick` is called again and again by one thread; one run at a time goes on in a thread of its own.

    Letters leave by another thread beside it: a plan may take long to draw, and what is near cannot wait for it.
    """

    def __init__(self, parts: Parts, work: Mapping[str, Work] = WORK, rhythms: tuple[Rhythm, ...] = RHYTHMS) -> None:
        self.parts = parts
        self.leads = False
        self._mine = parts  # while it leads: the store asks in each write whether it still does
        self._work = work
        self._rhythms = rhythms
        self._current: _Current | None = None
        self._held = contextlib.ExitStack()
        self._hold: Lead | None = None
        self._seen: datetime | None = None
        self._post: threading.Thread | None = None
        self._post_stops = threading.Event()
        self._hooks: threading.Thread | None = None
        self._read: datetime | None = None
        self._reads = False

    def tick(self) -> None:
        """Do what is to be done now, quickly: lead, ask for due work, note a beat, end a run, begin the next.

        A database that is locked is tried again with the next tick.
        """
        speak(self.parts.settings.language)
        try:
            if self._lead():
                self._note_alive()
                self._ask_for_due()
                self._look_after()
                self._begin()
                self._send()
                self._tell()
        except DeposedError:
            self._lose("Another worker began to lead")
        except UnavailableError as error:
            log.warning("The worker waits: %s", error.message)

    def _lead(self) -> bool:
        if self.leads and self._hold is not None and not self._hold.stands():
            self._lose("The lock of the leader went with its connection")
        if not self.leads:
            with contextlib.ExitStack() as held:
                hold = held.enter_context(leadership(self.parts.store))
                if not hold:
                    return False
                with self.parts.store.write() as db:
                    term = begin_term(db)
                    left = runs.take_over(db, self.parts.now())
                self._held = held.pop_all()
            self._hold = hold
            self._mine = replace(self.parts, store=self.parts.store.guarded(in_term(term)))
            self.leads = True
            log.info("This worker leads.")
            for run in left:
                log.warning("Run %s (%s) was left by a worker that is gone; it is %s.", run.id, run.job, run.state)
        return True

    def _lose(self, why: str) -> None:
        """Lead no more: whoever leads next takes over the run under way, so nothing is written down of it here."""
        log.warning("%s; this worker leads no more.", why)
        if self._current is not None:
            self._current.laid_down.set()
            self._current = None
        self._post_stops.set()
        self._post_stops = threading.Event()
        self._held.close()
        self.leads = False

    def _note_alive(self) -> None:
        now = self.parts.now()
        if self._seen is None or not self._seen <= now < self._seen + SEEN_EVERY:
            with self._mine.store.write() as db:
                runs.note_worker(db, now)
            self._seen = now

    def _ask_for_due(self) -> None:
        now = self.parts.now()
        with self._mine.store.read() as db:
            found = tuple(due(now, runs.last_periods(db), self._rhythms))
        if found:
            with self._mine.store.write() as db:
                for one in found:
                    if one.skip:
                        runs.skip(db, one.job, period=one.period, why=one.skip, now=now)
                    else:
                        runs.ask(db, one.job, period=one.period, now=now)

    def _look_after(self) -> None:
        current = self._current
        if current is None:
            return
        now = self.parts.now()
        if current.thread is not None and not current.thread.is_alive():
            if current.ending is None:
                raise DeposedError("The run was taken over.")
            with self._mine.store.write() as db:
                current.ending(db, now)
                runs.tell(db, current.run.id, now)
            self._current = None
        elif current.beat is None or not current.beat <= now < current.beat + BEAT_EVERY:
            with self._mine.store.write() as db:
                if runs.beat(db, current.run.id, now, current.said):
                    current.stop.set()
            current.beat = now

    def _begin(self) -> None:
        if self._current is not None:
            return
        with self._mine.store.read() as db:
            if not runs.is_waiting(db):
                return
        with self._mine.store.write() as db:
            run = runs.take(db, self.parts.now())
        if run is not None:
            current = self._current = _Current(run, self._mine)
            current.stop.set() if run.stop else None
            current.thread = threading.Thread(
                target=self._carry_out, args=(current,), name=f"run-{run.id}", daemon=True
            )
            log.info("Run %s (%s) begins.", run.id, run.job)
            current.thread.start()

    def _send(self) -> None:
        if self._post is not None and self._post.is_alive():
            return
        now = self.parts.now()
        reads = self._read is None or not self._read <= now < self._read + READ_EVERY
        if reads:
            self._read = now
            reads = wanted(self._mine)
        if reads or has_work(self._mine):
            self._reads = reads
            self._post = threading.Thread(target=self._send_letters, name="letters", daemon=True)
            self._post.start()

    def _send_letters(self) -> None:
        speak(self.parts.settings.language)
        try:
            if self._reads:
                with contextlib.suppress(UnavailableError):  # kept for Health; letters do not wait for a mailbox
                    read_replies(self._mine, self._post_stops.is_set)
            send_letters(self._mine, self._post_stops.is_set)
        except UnavailableError as error:
            log.warning("Letters wait: %s", error.message)
        except Exception:  # a letter that breaks must not take the worker with it
            log.exception("Incident %s: sending letters broke.", new_id()[:8])

    def _tell(self) -> None:
        """Tell other programs in a thread of its own: one that hangs must hold up no letter."""
        if not (self._hooks is not None and self._hooks.is_alive()) and send_webhooks.has_work(self._mine):
            self._hooks = threading.Thread(target=self._send_webhooks, name="webhooks", daemon=True)
            self._hooks.start()

    def _send_webhooks(self) -> None:
        speak(self.parts.settings.language)
        try:
            send_webhooks.send_webhooks(self._mine, self._post_stops.is_set)
        except UnavailableError as error:
            log.warning("Webhooks wait: %s", error.message)
        except Exception:  # what breaks here must not take the worker with it
            log.exception("Incident %s: telling other programs broke.", new_id()[:8])

    def _carry_out(self, current: _Current) -> None:
        speak(self.parts.settings.language)
        run = current.run
        work = self._work.get(run.job)
        if work is None:
            current.ending = _failing(run.id, f"This version of devsys does not know the job {run.job!r}.")
            return
        try:
            result = work(Job(current.parts, run, current.should_stop, current.say))
        except _LaidDown:
            current.ending = lambda db, _now: runs.put_back(db, run.id)  # the try does not count
        except DeposedError:
            log.warning("Run %s (%s) was taken over by another worker; nothing was written.", run.id, run.job)
        except LeftOut as reason:
            current.ending = _leaving_out(run.id, str(reason))
        except UnavailableError as error:
            again = run.tries < runs.MOST_TRIES
            current.ending = _waiting_again(run.id) if again else _failing(run.id, error.message)
        except DevsysError as error:
            words = "\n".join([error.message, *map(str, error.faults[:20])])
            current.ending = _failing(run.id, words)
            log.warning("Run %s (%s) failed: %s", run.id, run.job, error.message)
        except Exception as error:  # noqa: BLE001 -- a run that breaks must not take the worker with it
            current.ending = self._broken(run, error)
        else:
            current.ending = lambda db, now: runs.finish(db, run.id, now, result)
            log.info("Run %s (%s) is done.", run.id, run.job)

    def _broken(self, run: Run, error: Exception) -> Ending:
        incident = new_id()[:8]
        log.error("Incident %s: run %s (%s) broke.", incident, run.id, run.job, exc_info=error)
        return _failing(run.id, f"Something in devsys broke (incident {incident}); the log of the worker says more.")

    def wait(self, seconds: float = 60.0) -> None:
        """Wait until the run under way has ended and letters have left; the next tick writes down the run."""
        self.wait_for_letters(seconds)
        if self._current is not None and self._current.thread is not None:
            self._current.thread.join(seconds)

    def wait_for_letters(self, seconds: float = 60.0) -> None:
        """Wait until the letters that are due have left."""
        if self._post is not None:
            self._post.join(seconds)

    def lay_down(self, seconds: float = GRACE_SECONDS) -> bool:
        """Stop the run under way and put it back to waiting; say whether it ended in time.

        One that did not stays `running` in the ledger: whoever leads next takes it over.
        """
        current = self._current
        ended = True
        self._post_stops.set()
        if current is not None and current.thread is not None:
            current.laid_down.set()
            current.thread.join(seconds)
            ended = not current.thread.is_alive()
            with contextlib.suppress(UnavailableError):
                self._look_after()
        if self._post is not None:
            self._post.join(seconds)
            ended = ended and not self._post.is_alive()
        if self._hooks is not None:
            self._hooks.join(seconds)
            ended = ended and not self._hooks.is_alive()
        self._held.close()
        self.leads = False
        return ended


def _failing(run_id: str, words: str) -> Ending:
    return lambda db, now: runs.fail(db, run_id, now, words)


def _waiting_again(run_id: str) -> Ending:
    return lambda db, _now: runs.wait_again(db, run_id)


def _leaving_out(run_id: str, why: str) -> Ending:
    return lambda db, now: runs.leave_out(db, run_id, now, why)


def run_worker(parts: Parts, begin: Callable[[], None] = lambda: None) -> None:
    """Work until SIGTERM or SIGINT; ends within seconds, whatever is going on.

    `begin` is called once the signals are in hand: threads begun earlier would die by them. Plans are drawn by whom
    the settings name, with less claim on the processors than the pages have.
    """
    settings = parts.settings
    parts = replace(parts, crew=crew_of(settings.executor, settings.plan_workers, lower=LOWER))
    signals = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)  # before any thread, so that only sigwait below sees them
    begin()
    worker = Worker(parts)
    scheduler = BackgroundScheduler(timezone=UTC)
    scheduler.add_job(
        worker.tick, "interval", seconds=TICK_SECONDS, misfire_grace_time=None, coalesce=True, max_instances=1
    )
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # a tick every second is not worth a line
    scheduler.start()
    signal.sigwait(signals)
    scheduler.shutdown()
    ended = worker.lay_down()
    parts.store.close()
    log.info("The worker has stopped.")
    if not ended:
        logging.shutdown()
        os._exit(0)
