"""kill -9 at moments spread over an action: afterwards the state is the old one or the new one, and work goes on."""

import os
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
from sqlalchemy import inspect, text

from devsys.actions.adopt_programme import adopt_shipped
from devsys.actions.bring_up import bring_up
from devsys.actions.parts import Parts
from devsys.adapters.store.store import Store
from tests import builders

ROOT = Path(__file__).resolve().parent.parent.parent
FEW, MANY = 5, 200

FILE = "person,from,to\n" + "".join(
    f"{code},2026-{month:02}-{day:02},2026-{month:02}-{day + 1:02}\n"
    for code in ("ana.correia", "deepa.thapa", "kofi.mensah", "helena.vaz", "elif.kaya")
    for month in range(2, 9)
    for day in range(2, 26, 3)
)


@pytest.fixture
def whole(tmp_path: Path, sqlite_settings: Any, clock: Any) -> Path:
    """A database file with Northgate, a programme and an open draft of two sessions; no process has it open."""
    file = tmp_path / "whole.db"
    store = Store(f"sqlite:///{file}")
    parts = Parts(sqlite_settings, store, clock)
    bring_up(parts)
    builders.settle(store)
    adopt_shipped(parts, ("case_rounds",))
    other = builders.a_session("round-2", room=None, people=("goncalo.reis", "helena.vaz", "ivan.hrytsenko"))
    belem = replace(other, team_id=builders.id_of("belem"), facilitator_id=builders.id_of("tiago.lopes"))
    builders.a_draft(parts, builders.a_session(room=None), belem)
    store.close()
    return file


def _begin(url: str, act: str, given: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.processes.child", url, act, given]
    child = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    return child


def _go(child: "subprocess.Popen[str]", seconds: float | None) -> tuple[bool, float]:
    """Let it act, kill it after `seconds`; give whether it was killed before it was done, and how long it went on."""
    assert child.stdin is not None
    assert child.stdout is not None
    started = monotonic()
    child.stdin.write("go\n")
    child.stdin.flush()
    if seconds is None:
        said = child.stdout.readline()
    else:
        sleep(seconds)  # the moment of the kill is what this test is about
        os.kill(child.pid, signal.SIGKILL)
        said = child.stdout.read()
    took = monotonic() - started
    child.wait()
    child.stdin.close()
    child.stdout.close()
    return "done" not in said, took


def _digest(file: Path) -> list[Any]:
    store = Store(f"sqlite:///{file}")
    try:
        with store.read() as db:
            assert db.execute(text("PRAGMA integrity_check")).scalar() == "ok"
            assert db.execute(text("PRAGMA foreign_key_check")).all() == []
            tables = sorted(inspect(db.connection()).get_table_names())
            rows = {t: db.execute(text(f'SELECT count(*) FROM "{t}"')).scalar() for t in tables}
            if "revision" in rows:
                counts = "SELECT count(since), count(until) FROM revision"
                rows["published"] = tuple(db.execute(text(counts)).one())
                rows["pointer is"] = db.execute(text("SELECT max(number) FROM pointer")).scalar()
            return sorted(rows.items(), key=str)
    finally:
        store.close()


def _killed(tmp_path: Path, whole: Path | None, act: str, given: str, times: int) -> None:
    def fresh(name: str) -> Path:
        file = tmp_path / f"{name}.db"
        if whole is not None:
            shutil.copyfile(whole, file)
        return file

    clean = fresh("clean")
    before = _digest(fresh("untouched"))
    _, took = _go(_begin(f"sqlite:///{clean}", act, given), None)
    after = _digest(clean)
    assert before != after
    inside, seen = 0, []
    for i in range(times):
        file = fresh(f"killed-{i}")
        was_inside, _ = _go(_begin(f"sqlite:///{file}", act, given), took * (i + 0.5) / times)
        inside += was_inside
        seen.append(_digest(file))
        # Whoever starts next finishes what was begun, or finds it done.
        if seen[-1] == before:
            _go(_begin(f"sqlite:///{file}", act, given), None)
            assert _digest(file) == after
    assert inside, "no kill came in time: this proved nothing"
    assert [found for found in seen if found not in (before, after)] == []


@pytest.mark.parametrize("times", [FEW, pytest.param(MANY, marks=pytest.mark.soak)])
def test_killed_while_publishing(times: int, tmp_path: Path, whole: Path) -> None:
    _killed(tmp_path, whole, "publish", builders.id_of("draft draft"), times)


@pytest.mark.parametrize("times", [FEW, pytest.param(MANY, marks=pytest.mark.soak)])
def test_killed_while_importing(times: int, tmp_path: Path, whole: Path) -> None:
    file = tmp_path / "absences.csv"
    file.write_text(FILE, "utf-8")
    _killed(tmp_path, whole, "import", str(file), times)


@pytest.mark.parametrize("times", [FEW, pytest.param(MANY, marks=pytest.mark.soak)])
def test_killed_while_migrating(times: int, tmp_path: Path) -> None:
    _killed(tmp_path, None, "migrate", "", times)
