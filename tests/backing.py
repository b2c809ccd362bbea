"""Restores and backups again and again, each killed (SIGKILL) at another step of it: URL HOME COPY OLD FOLDER TIMES.

A step is a statement, a commit, or a batch of rows copied; a child of its own (fork) is killed at it from within.
Before each restore the database is as in OLD, COPY is what it is to become; backups go into FOLDER. Prints one JSON
object: what was found after each.
"""

import json
import sys
from pathlib import Path

from devsys.actions.backup import back_up, manifest_of, restore
from devsys.actions.parts import Parts
from devsys.adapters.store.digest import digest
from devsys.adapters.store.store import KEY_NAME, Store
from devsys.base.config import Settings
from tests.builders import NOW
from tests.killed import killed_at, quiet

URL, HOME = sys.argv[1], Path(sys.argv[2])
SETTINGS = Settings(home=HOME, database_url=URL)


def opened() -> Parts:
    """Give the installation with connections of its own."""
    return Parts(SETTINGS, Store(SETTINGS.url, HOME / KEY_NAME), lambda: NOW)


def found() -> str:
    """Give the digest, once the server has noticed that a killed process is gone."""
    parts = opened()
    try:
        quiet(parts.store)
        with parts.store.read() as db:
            return digest(db)
    finally:
        parts.store.close()


def restores(copy: Path, old: Path, times: int) -> dict[str, object]:
    """Kill restores of `copy`; the last steps, its commit and what follows, are always among those."""
    steps, seen = killed_at(lambda note: restore(opened(), copy, note), 0), []
    new = stands = found()
    for number in range(times):
        if stands == new:
            parts = opened()
            restore(parts, old)
            parts.store.close()
        last = steps - number if number < 2 else max(1, round(steps * (number - 1.5) / (times - 2)))
        if killed_at(lambda note: restore(opened(), copy, note), last) != -1:
            raise SystemExit(f"not killed at step {last}")
        stands = found()
        seen.append(stands)
    return {"steps": steps, "new": new, "seen": seen}


def backups(folder: Path, times: int) -> dict[str, object]:
    """Kill backups; after each the next one of the same name is whole."""
    steps, seen, wrong = killed_at(lambda note: back_up(opened(), folder / "whole.db", note), 0), [], []
    for number in range(times):
        path = folder / f"copy-{number}.db"
        if (
            killed_at(lambda note, path=path: back_up(opened(), path, note), round(steps * (number + 0.5) / times))
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
