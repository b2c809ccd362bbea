"""A worker of a test whose clock is told: an instant and a place are sent, it ticks, and sends back what it is.

Its one job writes a row and ends its run in one transaction, as `draw plan` does. With a place the process kills itself
in the job it takes: before it writes, inside the transaction, or when that is committed and the worker does not know.
"""

import contextlib
import os
import signal
import zoneinfo
from collections.abc import Mapping
from datetime import timedelta
from multiprocessing.connection import Connection
from typing import Any

from devsys.actions.parts import Parts
from devsys.adapters.store.queries import audit, runs
from devsys.adapters.store.store import Store
from devsys.base.config import Settings
from devsys.faces.jobs.due import Rhythm
from devsys.faces.jobs.work import Job
from devsys.faces.jobs.worker import Worker
from tests import builders

JOB = "tidy up"
RHYTHMS = (Rhythm(JOB, builders.NOW.replace(minute=0), timedelta(hours=1)),)


class Told:
    """What the process was told: its time, and where it is to die."""

    def __init__(self) -> None:
        self.now = builders.NOW
        self.where = ""

    def here(self, place: str) -> None:
        """Die, if this is the place."""
        if place == self.where:
            os.kill(os.getpid(), signal.SIGKILL)


def work(url: str, name: str, told_by: Connection) -> None:
    """Tick as told until the other end is closed."""
    zoneinfo.reset_tzpath(to=[])
    told = Told()
    parts = Parts(Settings(database_url=url), Store(url), lambda: told.now)

    def effect(job: Job) -> Mapping[str, Any]:
        told.here("before")
        with job.parts.store.write() as db:
            audit.record(db, at=told.now, by_id=None, act="effect", what=f"{job.run.period} {name}")
            told.here("inside")
            runs.finish(db, job.run.id, told.now, {"by": name})
        told.here("after")
        return {"by": name}

    worker = Worker(parts, {JOB: effect}, RHYTHMS)
    with contextlib.suppress(EOFError):
        while True:
            told.now, told.where = told_by.recv()
            worker.tick()
            worker.wait()
            worker.tick()
            told_by.send("leads" if worker.leads else "waits")
    worker.lay_down()
    parts.store.close()
