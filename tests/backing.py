"""Restores and backups again and again, each killed (SIGKILL) at another step of it: URL HOME COPY OLD FOLDER TIMES.

A step is a statement, a commit, or a batch of rows copied; a child of its own (fork) is killed at it from within.
Before each restore the database is as in OLD, COPY is what it is to become; backups go into FOLDER. Prints one JSON
object: what was found after each.
"""

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Engine, event, text

from devsys.actions.backup import back_up, manifest_of, restore
from devsys.actions.parts import Parts
from devsys.adapters.store.digest import digest
from devsys.adapters.store.store import KEY_NAME, Store
from devsys.base.config import Settings
from tests.builders import NOW
from tests.processes.program import until

URL, HOME = sys.argv[1], Path(sys.argv[2])
SETTINGS = Settings(home=HOME, database_url=URL)


def opened() -> Parts:
    """Give the installation with connections of its own."""
    return Parts(SETTINGS, Store(SETTINGS.url, HOME / KEY_NAME), lambda: NOW)


def found() -> str:
    """Give the digest, once the server has noticed that a killed process is gone."""
    parts = opened()
    others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    try:
        with parts.store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            until(lambda: connection.execute(text(others)).scalar() == 0, "the server to notice")
        with parts.store.read() as db:
            return digest(db)
    finally:
        parts.store.close()


def child(act: Callable[[Parts, Callable[..., None]], object], last: int) -> int:
    """Act in a child that is killed at its step `last`; give the steps it took, -1 when it was killed."""
    ours, theirs = os.pipe()
    pid = os.fork()
    if pid == 0:
        parts, seen = opened(), 0

        def step(*_: object) -> None:
            nonlocal seen
            seen += 1
            if seen == last:
                os.kill(os.getpid(), signal.SIGKILL)

        event.listen(Engine, "before_cursor_execute", step)
        event.listen(Engine, "commit", step)
        act(parts, step)
        os.write(theirs, str(seen).encode())
        os._exit(0)
    os.close(theirs)
    with os.fdopen(ours) as said:
        steps = said.read()
    status = os.waitpid(pid, 0)[1]
    if not (os.WIFSIGNALED(status) or os.waitstatus_to_exitcode(status) == 0):
        raise SystemExit("a child broke")
    return int(steps) if steps else -1


def restores(copy: Path, old: Path, times: int) -> dict[str, object]:
    """Kill restores of `copy`; the last steps, its commit and what follows, are always among those."""
    steps, seen = child(lambda parts, note: restore(parts, copy, note), 0), []
    new = stands = found()
    for number in range(times):
        if stands == new:
            parts = opened()
            restore(parts, old)
            parts.store.close()
        last = steps - number if number < 2 else max(1, round(steps * (number - 1.5) / (times - 2)))
        if child(lambda parts, note: restore(parts, copy, note), last) != -1:
            raise SystemExit(f"not killed at step {last}")
        stands = found()
        seen.append(stands)
    return {"steps": steps, "new": new, "seen": seen}


def backups(folder: Path, times: int) -> dict[str, object]:
    """Kill backups; after each the next one of the same name is whole."""
    steps, seen, wrong = child(lambda parts, note: back_up(parts, folder / "whole.db", note), 0), [], []
    for number in range(times):
        path = folder / f"copy-{number}.db"
        if (
            child(lambda parts, note, path=path: back_up(parts, path, note), round(steps * (number + 0.5) / times))
            != -1
        ):
            raise SystemExit("not killed")
        if path.exists() != manifest_of(path).exists():
            wrong.append(path.name)
        if not path.exists():
            parts = opened()
            seen.append(back_up(parts, path).digest)
            parts.store.close()
    return {"steps": steps, "seen": seen, "wrong": wrong, "left": [p.name for p in folder.glob(".*")]}


def main() -> None:
    """Kill restores, then backups of what they left."""
    copy, old, folder, times = Path(sys.argv[3]), Path(sys.argv[4]), Path(sys.argv[5]), int(sys.argv[6])
    told = {"restores": restores(copy, old, times), "backups": backups(folder, times // 2)}
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()
