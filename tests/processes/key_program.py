"""Change the key again and again, killed at the n-th step of it, every so many steps; tell how it stood.

A step is a statement of the store or something done to a file of a key. Each run is a child of its own (fork), killed
by SIGKILL from within, so that nothing of it is tidied up. Prints one JSON object.
"""

import json
import os
import shutil
import signal
import sys
from pathlib import Path

from sqlalchemy import event

from devsys.actions.change_key import WORDS, change_key
from devsys.actions.doctor import examine
from devsys.actions.parts import Parts
from devsys.adapters.store.queries import second_step
from devsys.adapters.store.store import Store
from devsys.base.config import Settings
from devsys.base.keys import Keyring, mark_of


def opened(home: Path) -> Parts:
    settings = Settings(home=home, database_url=f"sqlite:///{home / 'devsys.db'}")
    return Parts(settings, Store(settings.url, home / "key"))


def run(home: Path, last: int) -> bool:
    """Change the key in a child that is killed at its step `last`; say whether it was."""
    child = os.fork()
    if child == 0:
        parts, seen = opened(home), [0]

        def step(*_: object) -> None:
            seen[0] += 1
            if seen[0] == last:
                os.kill(os.getpid(), signal.SIGKILL)

        def file_step(name: str, args: tuple[object, ...]) -> None:
            if name in ("os.link", "os.rename", "os.remove") and any("key" in Path(str(a)).name for a in args[:2]):
                step()

        event.listen(parts.store.engine, "before_cursor_execute", step)
        event.listen(parts.store.engine, "commit", step)
        sys.addaudithook(file_step)
        change_key(parts, WORDS)
        (home / "steps").write_text(str(seen[0]))
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if not os.WIFSIGNALED(status) and os.waitstatus_to_exitcode(status) != 0:
        raise SystemExit("a child broke")
    return os.WIFSIGNALED(status)


def texts(home: Path) -> dict[str, str]:
    parts = opened(home)
    try:
        with parts.store.read() as db:
            people = db.connection().exec_driver_sql("SELECT person_id FROM second_step").scalars().all()
            found = {one: second_step.of_person(db, one) for one in sorted(people)}
        return {one: step.secret for one, step in found.items() if step is not None}
    finally:
        parts.store.close()


def standing(home: Path) -> str:
    """Say how a home stands: not begun, begun, sealed anew, done."""
    parts = opened(home)
    try:
        with parts.store.read() as db:
            mark = db.connection().exec_driver_sql("SELECT value FROM house WHERE key = 'sealing_key'").scalar()
        check = next(one for one in examine(parts) if one.name == "key")
        keys = Keyring(home / "key")
        present = mark_of(keys.key() or b"").hex() == mark
        if keys.changing() != (check.state == "warning"):
            raise SystemExit(f"doctor says {check}")
        return ("begun" if present else "sealed anew") if keys.changing() else "done" if present else "lost"
    finally:
        parts.store.close()


def main() -> None:
    first, work = Path(sys.argv[1]), Path(sys.argv[2])
    before = texts(first)
    was = mark_of(Keyring(first / "key").key() or b"")
    shutil.copytree(first, work / "whole")
    run(work / "whole", 0)
    steps, stride = int((work / "whole" / "steps").read_text()), int(sys.argv[3])
    stood, kills = [], 0
    for last in sorted({*range(1, steps - 3, stride), *range(steps - 3, steps + 1)}):
        home = work / str(last)
        shutil.copytree(first, home)
        kills += run(home, last)
        stood.append(standing(home))
        if texts(home) != before:
            raise SystemExit(f"texts differ after step {last}")
        if mark_of(Keyring(home / "key").key() or b"") == was:
            parts = opened(home)
            change_key(parts, WORDS)
            parts.store.close()
        now = Keyring(home / "key")
        if mark_of(now.key() or b"") == was or now.changing() or texts(home) != before or standing(home) != "done":
            raise SystemExit(f"not done after step {last}")
        shutil.rmtree(home)
    print(json.dumps({"kills": kills, "runs": len(stood), "stood": stood}))  # noqa: T201 -- read by the test


main()
