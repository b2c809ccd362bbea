"""Two real workers on one PostgreSQL database: whoever was cut off writes nothing once the other leads."""

import queue
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text

from devsys.actions.parts import Parts
from devsys.adapters.store.queries import runs
from devsys.adapters.store.store import Store
from tests.processes.program import PATIENCE, ROOT

pytestmark = pytest.mark.postgres
CUT = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objid = 4270002 AND granted"


class Leader:
    """A worker in a process of its own that does as it is told."""

    def __init__(self, url: str, name: str) -> None:
        self.lines: queue.Queue[str] = queue.Queue()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.processes.leader", url, name],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.put(line.strip())

    def tell(self, word: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{word}\n")
        self.process.stdin.flush()

    def said(self) -> str:
        return self.lines.get(timeout=PATIENCE)

    def tick(self) -> set[str]:
        """Tick once; give what it said until the tick was over."""
        self.tell("tick")
        said = {self.said()}
        while not said & {"leads", "waits"}:
            said.add(self.said())
        return said

    def end(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        self.process.stdout.close()


@pytest.fixture
def pair(pg_url: str) -> Iterator[tuple[Leader, Leader]]:
    made = Leader(pg_url, "first"), Leader(pg_url, "second")
    yield made
    for one in made:
        one.end()


def test_of_two_workers_the_one_that_was_cut_off_writes_nothing(
    pair: tuple[Leader, Leader], pg_url: str, settings: Any, clock: Any
) -> None:
    parts = Parts(settings, Store(pg_url), clock)
    with parts.store.write() as db:
        run_id = runs.ask(db, "draw plan", period="asked", now=parts.now())
    first, second = pair
    said = first.tick()
    assert "leads" in said
    assert "inside" in said or first.said() == "inside"
    assert second.tick() == {"waits"}
    with parts.store.engine.connect() as connection:
        assert connection.execute(text(CUT)).scalar()
    said = second.tick()
    while "waits" in said:  # a lock goes a moment after its connection was told to end
        said = second.tick()
    assert "inside" in said or second.said() == "inside"
    first.tell("go")  # it has not ticked since: it does not know yet
    assert first.said() == "refused: Another worker leads since. Nothing was written."
    second.tell("go")
    assert second.said() == "written"
    assert second.tick() == {"leads"}
    assert first.tick() == {"waits"}
    with parts.store.read() as db:
        run = runs.get(db, run_id)
        effects = db.execute(text("SELECT what FROM audit WHERE act = 'effect'")).scalars().all()
    assert (run.state, run.result, run.tries) == ("done", {"by": "second"}, 2)
    assert effects == ["second"]
    parts.store.close()
