"""`devsys run` as people start it: two processes that live and die together, one worker that works."""

import contextlib
import os
import signal
import socket
import sqlite3
from collections.abc import Callable
from pathlib import Path

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
from tests.processes.program import PATIENCE, Program, until


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


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
