"""A worker of a test, a tick at a time: URL NAME; takes `tick` and `go` from standard input, answers each by a line.

Its one job says `inside`, waits for `go`, writes one row and ends its run in the same transaction, as `draw plan` does.
"""

import sys
import threading
from collections.abc import Mapping
from typing import Any

from devsys.actions.parts import Parts
from devsys.adapters.store.presence import present
from devsys.adapters.store.queries import audit, runs
from devsys.adapters.store.store import Store
from devsys.base.config import Settings
from devsys.base.errors import UnavailableError
from devsys.faces.jobs.work import Job
from devsys.faces.jobs.worker import Worker
from tests import builders


def say(words: str) -> None:
    """Answer by a line."""
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def main() -> None:
    """Do what is asked until the end of the input."""
    url, name = sys.argv[1:]
    parts = Parts(Settings(database_url=url), Store(url), lambda: builders.NOW)
    free = threading.Event()

    def effect(job: Job) -> Mapping[str, Any]:
        say("inside")
        free.wait()
        try:
            with job.parts.store.write() as db:
                audit.record(db, at=job.parts.now(), by_id=None, act="effect", what=name)
                runs.finish(db, job.run.id, job.parts.now(), {"by": name})
        except UnavailableError as error:
            say(f"refused: {error.message}")
            raise
        say("written")
        return {"by": name}

    worker = Worker(parts, {"draw plan": effect}, ())
    with present(parts.store):
        for line in sys.stdin:
            if line == "tick\n":
                worker.tick()
                say("leads" if worker.leads else "waits")
            elif line == "go\n":
                free.set()
                worker.wait()
        worker.lay_down()
    parts.store.close()


if __name__ == "__main__":
    main()
