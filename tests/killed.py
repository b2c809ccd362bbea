"""Acts in a child of this process that is killed (SIGKILL) at a step of it: a statement, a commit, what it notes."""

import os
import signal
from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine, event, text

from devsys.adapters.store.store import Store
from tests.processes.program import until


def killed_at(act: Callable[[Callable[..., None]], object], last: int) -> int:
    """Act in a child that is killed at its step `last`; give the steps it took, -1 when it was killed.

    `act` gets what it may call at steps of its own. Raises SystemExit when the child broke.
    """
    ours, theirs = os.pipe()
    pid = os.fork()
    if pid == 0:
        seen = 0

        def step(*_: Any) -> None:
            nonlocal seen
            seen += 1
            if seen == last:
                os.kill(os.getpid(), signal.SIGKILL)

        event.listen(Engine, "before_cursor_execute", step)
        event.listen(Engine, "commit", step)
        act(step)
        os.write(theirs, str(seen).encode())
        os._exit(0)
    os.close(theirs)
    with os.fdopen(ours) as said:
        steps = said.read()
    status = os.waitpid(pid, 0)[1]
    if not (os.WIFSIGNALED(status) or os.waitstatus_to_exitcode(status) == 0):
        raise SystemExit("a child broke")
    return int(steps) if steps else -1


def quiet(store: Store) -> None:
    """Wait until a PostgreSQL server has noticed that whoever was killed is gone."""
    others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        until(lambda: connection.execute(text(others)).scalar() == 0, "the server to notice")
