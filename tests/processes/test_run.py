"""`devsys run` as people start it: two processes that live and die together, one worker that works."""

import contextlib
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest

from devsys.actions.adopt_programme import adopt_shipped
from devsys.actions.bring_up import bring_up
from devsys.actions.parts import Parts
from devsys.adapters.store.queries import plans, runs
from devsys.adapters.store.store import Store
from devsys.base.clock import utc_now
from devsys.base.config import Settings
from devsys.base.ids import token_hash
from tests import builders

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE = 60.0


def until(found: Callable[[], Any], what: str) -> Any:
    """Wait until something is found; fail after PATIENCE seconds."""
    deadline = monotonic() + PATIENCE
    while monotonic() < deadline:
        value = found()
        if value:
            return value
        sleep(0.05)  # another process is waited for
    return pytest.fail(f"waited {PATIENCE:.0f} s in vain for {what}")


class Program:
    """A devsys process with what it said, ended by the test's own pid at the latest."""

    def __init__(self, home: Path, *words: str, port: int = 0) -> None:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("DEVSYS_")}  # noqa: TID251 -- for a child
        self.port = port
        self.lines: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, "-m", "devsys", *words],
            cwd=home.parent,
            env={**kept, "DEVSYS_HOME": str(home), "DEVSYS_PORT": str(port or 8000), "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip())

    @property
    def said(self) -> str:
        return "\n".join(self.lines)

    def until_said(self, words: str) -> None:
        until(lambda: words in self.said or self.process.poll() is not None, f"{words!r} in:\n{self.said}")
        assert words in self.said, self.said

    def stop(self, number: int = signal.SIGTERM) -> int:
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(number)
        code = self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        return code

    def children(self) -> dict[str, int]:
        """Give the pids of the web and worker processes."""
        found = {}
        path = f"/proc/{self.process.pid}/task/{self.process.pid}/children"
        for pid in Path(path).read_text("ascii").split():
            words = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
            found[words[words.index("devsys") + 1]] = int(pid)
        return found

    def get(self, path: str) -> int:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            with error:
                return error.code


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def start(home: Path) -> Iterator[Callable[..., Program]]:
    started: list[Program] = []

    def begin(*words: str, port: int = 0) -> Program:
        started.append(Program(home, *words, port=port))
        return started[-1]

    yield begin
    for program in started:
        if program.process.poll() is None:
            program.process.kill()
        program.process.wait()
        program._reader.join(PATIENCE)
        assert program.process.stdout is not None
        program.process.stdout.close()


def _parts(home: Path) -> Parts:
    settings = Settings.model_validate({"home": home, "database_url": ""})
    home.mkdir(exist_ok=True)
    parts = Parts(settings, Store(settings.url))
    bring_up(parts)
    return parts


def _alive(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text("ascii").rpartition(")")[2].split()[0] != "Z"


def test_it_says_where_it_is_serves_and_stops_together(home: Path, start: Callable[..., Program]) -> None:
    program = start("run", port=_free_port())
    program.until_said("Ctrl-C")
    assert f"devsys is at http://127.0.0.1:{program.port}." in program.said
    assert f"http://127.0.0.1:{program.port}/setup/" in program.said
    assert program.get("/sign-in") == 200
    children = program.children()
    assert sorted(children) == ["web", "worker"]
    program.until_said("This worker leads")
    assert program.stop() == 0
    assert "devsys has stopped." in program.said
    assert not any(_alive(pid) for pid in children.values())
    assert "Traceback" not in program.said
    assert (home / "address").read_text("ascii") == f"http://127.0.0.1:{program.port}\n"
    assert not (home / "run.pid").exists()
    assert [p.name for p in home.iterdir() if p.stat().st_mode & 0o077] == []


def test_logs_hold_no_token_and_no_address(start: Callable[..., Program]) -> None:
    program = start("run", port=_free_port())
    program.until_said("Ctrl-C")
    token = "q3Jx0cF1m2ZpT4s6Vb8Yd0Ha"
    assert program.get(f"/feed/{token}.ics") == 404
    assert program.get("/people?search=Ana+Correia") in (200, 404)
    program.until_said("GET /people")
    program.stop()
    assert token not in program.said
    assert f"/feed/{token_hash(token)[:8]}.ics 404" in program.said, program.said
    assert "Ana" not in program.said


@pytest.mark.parametrize("name", ["web", "worker"])
def test_when_one_is_killed_the_other_is_stopped(name: str, start: Callable[..., Program]) -> None:
    program = start("run", port=_free_port())
    program.until_said("Ctrl-C")
    children = program.children()
    os.kill(children[name], signal.SIGKILL)
    assert program.process.wait(PATIENCE) == 1
    program.until_said(f"The {name} ended by itself")
    until(lambda: not any(_alive(pid) for pid in children.values()), "the other to stop")


def test_when_it_is_killed_itself_nothing_is_left_running(start: Callable[..., Program]) -> None:
    program = start("run", port=_free_port())
    program.until_said("Ctrl-C")
    children = program.children()
    program.stop(signal.SIGKILL)
    until(lambda: not any(_alive(pid) for pid in children.values()), "web and worker to end with it")
    again = start("run", port=program.port)
    again.until_said("Ctrl-C")
    assert again.get("/sign-in") == 200
    assert again.stop(signal.SIGINT) == 0


def test_a_port_in_use_is_said_before_anything_starts(start: Callable[..., Program]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        program = start("run", port=int(taken.getsockname()[1]))
        assert program.process.wait(PATIENCE) == 1
        program.until_said("cannot be used")
        assert "Traceback" not in program.said


def test_two_workers_do_each_run_once_and_one_takes_over(home: Path, start: Callable[..., Program]) -> None:
    parts = _parts(home)
    store = parts.store

    def ask(count: int) -> None:
        with store.write() as db:
            for number in range(count):
                runs.ask(db, "tidy up", period=f"asked-{utc_now().isoformat()}-{number}", now=utc_now())

    def listed() -> list[runs.Run]:
        with store.read() as db:
            return [run for run in runs.listed(db) if run.period.startswith("asked")]

    ask(6)
    workers = [start("worker"), start("worker")]
    until(lambda: all(run.state == "done" for run in listed()), "six runs to be done")
    first = until(lambda: next((w for w in workers if "This worker leads" in w.said), None), "a leader")
    second = next(worker for worker in workers if worker is not first)
    assert "This worker leads" not in second.said
    ask(6)
    first.process.kill()
    second.until_said("This worker leads")
    until(lambda: all(run.state == "done" for run in listed()), "twelve runs to be done")
    assert second.stop() == 0
    assert len(listed()) == 12
    assert max(run.tries for run in listed()) <= 2  # the one under way when the first was killed
    store.close()
    with contextlib.closing(sqlite3.connect(home / "devsys.db")) as raw:
        assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_plan_stopped_by_ctrl_c_keeps_the_best_so_far(home: Path, start: Callable[..., Program]) -> None:
    parts = _parts(home)
    builders.settle(parts.store, now=utc_now())
    adopt_shipped(parts)
    planning = start("plan", "--weeks", "52")
    planning.until_said("placed")  # the first stage was shown
    assert planning.stop(signal.SIGINT) == 0
    assert "Stopping with the best plan so far" in planning.said
    assert "Draft " in planning.said
    assert "Traceback" not in planning.said
    with parts.store.read() as db:
        (draft,) = plans.open_drafts(db)
    assert draft.figures.placed + draft.figures.owed == draft.figures.needs
    parts.store.close()


def test_a_worker_stops_within_seconds_of_being_told(home: Path, start: Callable[..., Program]) -> None:
    _parts(home).store.close()
    worker = start("worker")
    worker.until_said("This worker leads")
    assert worker.stop() == 0
    assert "The worker has stopped." in worker.said
