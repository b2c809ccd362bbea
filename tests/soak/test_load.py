"""Eight hours of mixed load on one process, played as fast as they are answered: nothing grows, nothing breaks (L3).

The clock is moved instead of waited for. Each hour every role opens every page that needs no id, people choose and
change, a plan is drawn and published, the worker does what is due; in the fourth hour, at night, a backup is made.
"""

import gc
import resource
from pathlib import Path
from typing import Any

import pytest

from devsys.actions.backup import back_up
from devsys.actions.parts import Parts
from devsys.core.model.access import Role
from devsys.faces.jobs.worker import Worker
from tests.proved import Proved
from tests.stories import acts
from tests.web import scenes

HOURS = 8
ROUNDS = 3  # of all pages by all roles in an hour
MOST_WAL = 64 * 1024 * 1024
GROWTH = 1.05
NIGHT = 3  # the hour of the backup
BROKEN = 500  # the first status that says so
LEAVING = ("/sign-out", "/sign-in")


def _pages(app: Any) -> list[str]:
    found = [r.rule for r in app.url_map.iter_rules() if "GET" in (r.methods or ()) and not r.arguments]
    return sorted(p for p in found if not p.startswith(LEAVING) and not p.startswith("/api/"))


def _memory() -> int:
    """Give the bytes this process has in memory."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * resource.getpagesize()


def _files() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def _asked(app: Any, visitors: list[Any], timing: str) -> int:
    """Let everybody open every page and change something; give how many pages were opened."""
    pages = _pages(app)
    for visitor in visitors:
        for path in pages:
            status = visitor.get(path).status_code
            assert status < BROKEN, (path, visitor.person_id, status)
        assert visitor.post("/account/letters", {"timing": timing, "calendar": "link"}).status_code < BROKEN
    return len(pages) * len(visitors)


@pytest.mark.soak
def test_eight_hours_of_mixed_load_leave_it_as_it_was(
    *, app: Any, sign_in: Any, parts: Parts, clock: Any, tmp_path: Path, proved: Proved
) -> None:
    scenes.plan_and_publish(parts)
    visitors = [sign_in(role) for role in Role]
    worker = Worker(parts)
    memory, files, wal = [], [], []
    for hour in range(HOURS):
        clock.move(hours=1)
        for _ in range(ROUNDS):
            proved(pages=_asked(app, visitors, ("feed", "morning")[hour % 2]), writes=len(visitors))
        acts.publish(parts, acts.draw(parts, weeks=2))
        proved(replans=1)
        for _ in range(12):  # what is due this hour, one after the other
            worker.tick()
            worker.wait()
        if hour == NIGHT:
            back_up(parts, tmp_path / "night.db")
        memory.append(_memory())
        files.append(_files())
        wal.append(Path(f"{parts.store.file}-wal").stat().st_size)
    worker.lay_down()
    proved.note(memory_growth=memory[-1] / memory[0], most_wal=max(wal), files=files[-1])
    assert memory[-1] < GROWTH * memory[0], memory
    assert max(files[1:]) <= files[0] + 2, files
    assert max(wal) <= MOST_WAL
