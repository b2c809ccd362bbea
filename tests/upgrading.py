"""Upgrades again and again, each killed (SIGKILL) at another step of it, the last one left to end: URL HOME TIMES.

A step is a statement or a commit. An SQLite file is as it was before each; in PostgreSQL the killed upgrade itself has
to see to that. Prints one JSON object: step of the schema and digest of what the first step holds, after each.
"""

import json
import shutil
import sys
from pathlib import Path

from devsys.actions.bring_up import bring_up
from devsys.actions.parts import Parts
from devsys.adapters.store import inspection
from devsys.adapters.store.digest import digest
from devsys.adapters.store.store import KEY_NAME, Store
from devsys.base.config import Settings
from tests import olden
from tests.killed import killed_at, quiet

SETTINGS = Settings(home=Path(sys.argv[2]), database_url=sys.argv[1])


def opened() -> Parts:
    """Give the installation with connections of its own."""
    return Parts(SETTINGS, Store(SETTINGS.url, SETTINGS.home / KEY_NAME))


def main() -> None:
    """Kill, look, go on."""
    times, file = int(sys.argv[3]), SETTINGS.home / "devsys.db"
    parts = opened()
    with parts.store.read() as db:
        step = inspection.step(db)
        tables = [t for t in olden.lasting(olden.tables_of(db), step) if t.name != "house"]
    parts.store.close()
    if parts.store.sqlite:
        shutil.copyfile(file, file.with_name("whole"))
    steps, seen = 700, []
    for number in range(times):
        took = killed_at(lambda _note: bring_up(opened()), max(1, round(steps * (number + 0.5) / times)))
        if took != -1:
            raise SystemExit(f"it took {took} steps")
        parts = opened()
        if not parts.store.sqlite:
            quiet(parts.store)
        with parts.store.read() as db:
            seen.append((inspection.step(db), digest(db, whole=True, tables=tables)))
        parts.store.close()
        if parts.store.sqlite:
            for ending in ("-wal", "-shm"):
                Path(f"{file}{ending}").unlink(missing_ok=True)
            shutil.copyfile(file.with_name("whole"), file)
    took = killed_at(lambda _note: bring_up(opened()), 0)
    sys.stdout.write(json.dumps({"steps": took, "seen": seen}))


if __name__ == "__main__":
    main()
