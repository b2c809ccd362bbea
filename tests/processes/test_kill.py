"""kill -9 at moments spread over an action: the state is the old one or the new one, what was answered is there (C1).

The states are compared by how many rows each table has and how many values, and different ones, each column: ids are
drawn anew each time. A kill that came before the action began or after it was done does not count, and where fewer than
six of ten count, the test fails.
"""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from sqlalchemy import inspect, text

from devsys.actions import draw_plan, erase_person
from devsys.actions.adopt_programme import adopt_shipped
from devsys.actions.bring_up import bring_up
from devsys.actions.parts import Parts
from devsys.adapters.store.queries import runs
from devsys.adapters.store.store import Store
from devsys.base.ids import token_hash
from tests import builders
from tests.processes.killing import FEW, MANY, Killer, Moments
from tests.proved import Proved

LEAVER = "elif.kaya"
PRESSES = 24  # sessions whose attendance is marked, one after the other
MEDIAN, WORST = 1.5, 3.0  # of the processor's time of a clean start, how much one after a kill may take

FILE = "person,from,to\n" + "".join(
    f"{code},2026-{month:02}-{day:02},2026-{month:02}-{day + 1:02}\n"
    for code in ("ana.correia", "deepa.thapa", "kofi.mensah", "helena.vaz", "elif.kaya")
    for month in range(2, 9)
    for day in range(2, 26, 3)
)
State = tuple[tuple[Any, ...], ...]
SIZES = pytest.mark.parametrize("times", [FEW, pytest.param(MANY, marks=pytest.mark.soak)])


@pytest.fixture(scope="module")
def killer() -> Iterator[Killer]:
    made = Killer()
    yield made
    made.end()


@pytest.fixture
def whole(tmp_path: Path, sqlite_settings: Any, clock: Any) -> Path:
    """A folder with a database: Northgate, a programme and an open draft of two sessions; no process has it open."""
    home = tmp_path / "whole"
    home.mkdir()
    parts = Parts(sqlite_settings, Store(f"sqlite:///{home / 'devsys.db'}"), clock)
    bring_up(parts)
    builders.settle(parts.store)
    adopt_shipped(parts, ("case_rounds",))
    other = builders.a_session("round-2", room=None, people=("goncalo.reis", "helena.vaz", "ivan.hrytsenko"))
    belem = replace(other, team_id=builders.id_of("belem"), facilitator_id=builders.id_of("tiago.lopes"))
    builders.a_draft(parts, builders.a_session(room=None), belem)
    parts.store.close()
    return home


def _opened(home: Path, settings: Any, clock: Any) -> Parts:
    return Parts(
        settings.model_copy(update={"home": home}), Store(f"sqlite:///{home / 'devsys.db'}", home / "key"), clock
    )


def _state(home: Path) -> State:
    """Give what a database holds, ids aside; the file has to be whole."""
    store = Store(f"sqlite:///{home / 'devsys.db'}")
    try:
        with store.read() as db:
            assert db.execute(text("PRAGMA integrity_check")).scalar() == "ok"
            assert db.execute(text("PRAGMA foreign_key_check")).all() == []
            found = []
            looked = inspect(db.connection())
            for table in sorted(looked.get_table_names()):
                names = [f'"{c["name"]}"' for c in looked.get_columns(table)]
                counts = ", ".join(f"count({n}), count(DISTINCT {n})" for n in names)
                found.append((table, *db.execute(text(f'SELECT count(*), {counts} FROM "{table}"')).one()))
            return tuple(found)
    finally:
        store.close()


class Trial:
    """An act done on copies of one database: once to its end, then killed at moments spread over it."""

    def __init__(self, killer: Killer, folder: Path, whole: Path | None, act: str, given: str) -> None:
        self._killer, self._folder, self._whole = killer, folder, whole
        self._act, self._given = act, given
        self.clean = self.fresh("clean")
        before = self.fresh("untouched")
        self.before = _state(before)
        self.took = self.go(self.clean).took
        self.after = _state(self.clean)
        assert self.before != self.after
        self._homes = {self.before: before, self.after: self.clean}
        self._starts: dict[State, float] = {}

    def fresh(self, name: str) -> Path:
        """Give a copy of the database in a folder of its own."""
        home = self._folder / name
        shutil.rmtree(home, ignore_errors=True)
        if self._whole is None:
            home.mkdir()
        else:
            shutil.copytree(self._whole, home)
        return home

    def go(self, home: Path, after: float | None = None) -> Any:
        """Let it act, whole or killed."""
        return self._killer.go(home / "devsys.db", self._act, self._given, after=after)

    def _started(self, home: Path) -> float:
        copy = Path(shutil.copytree(home, self._folder / "start"))
        cpu = float(self._killer.go(copy / "devsys.db", "start").cpu)
        shutil.rmtree(copy)
        return cpu

    def start(self, left: Path, state: State) -> float:
        """Start on what a kill left; give how many times a clean start from the same state it takes."""
        if state not in self._starts:
            self._starts[state] = median(self._started(self._homes[state]) for _ in range(7))
        return self._started(left) / self._starts[state]

    def killed(self, times: int, proved: Proved, settled: Callable[[Path], None] = lambda _home: None) -> None:
        """Kill it; each time the old or the new state stands, what was answered is there, and the next one goes on.

        `settled` is what the next start, or its worker, does about an act that was cut off.
        """
        moments, ratios = Moments(self.took, times), []
        for number in range(times):
            home = self.fresh("killed")
            went = self.go(home, moments.of(number))
            moments.was(went)
            left = Path(shutil.copytree(home, self._folder / "left"))  # opening it would mend its log
            settled(home)
            state = _state(home)
            assert state in (self.before, self.after)
            assert went.inside or state == self.after, "an answered write was lost"
            if times == MANY:  # a few say nothing about a median
                ratios.append(self.start(left, state))
            shutil.rmtree(left)
            if state == self.before and (times == MANY or not number % 4):
                self.go(home)
                assert _state(home) == self.after
        proved(kills_inside=moments.proved())
        if ratios:
            proved.note(start_median=median(ratios), start_worst=max(ratios))
            assert median(ratios) <= MEDIAN
            assert max(ratios) <= WORST


@SIZES
def test_killed_while_publishing(times: int, tmp_path: Path, whole: Path, killer: Killer, proved: Proved) -> None:
    Trial(killer, tmp_path, whole, "publish", builders.id_of("draft draft")).killed(times, proved)


@SIZES
def test_killed_while_replanning(
    *, times: int, tmp_path: Path, whole: Path, killer: Killer, sqlite_settings: Any, clock: Any, proved: Proved
) -> None:
    """The draft and the end of its run are there together, or the run is still to be taken over."""
    parts = _opened(whole, sqlite_settings, clock)
    with parts.store.write() as db:
        run_id = runs.ask(db, draw_plan.JOB, period="asked-1", now=parts.now())
        runs.take(db, parts.now())
    parts.store.close()
    Trial(killer, tmp_path, whole, "replan", run_id).killed(times, proved)


@SIZES
def test_killed_while_importing(times: int, tmp_path: Path, whole: Path, killer: Killer, proved: Proved) -> None:
    file = tmp_path / "absences.csv"
    file.write_text(FILE, "utf-8")
    Trial(killer, tmp_path, whole, "import", str(file)).killed(times, proved)


@SIZES
def test_killed_while_attendance_is_marked(
    *, times: int, tmp_path: Path, whole: Path, killer: Killer, sqlite_settings: Any, clock: Any, proved: Proved
) -> None:
    """Each press is answered by itself: those that were are there, and of the one under way all marks or none."""
    parts = _opened(whole, sqlite_settings, clock)
    day = datetime(2026, 1, 20, 14)
    held = [builders.a_session(f"held-{i}", room=None, starts=day + timedelta(days=i)) for i in range(PRESSES)]
    builders.publish_now(parts, *held, code="held")
    parts.store.close()
    trial = Trial(killer, tmp_path, whole, "attendance", "")
    moments = Moments(trial.took, times)
    for number in range(times):
        home = trial.fresh("killed")
        went = trial.go(home, moments.of(number))
        moments.was(went)
        parts = _opened(home, sqlite_settings, clock)
        with parts.store.read() as db:
            marks = (
                "SELECT count(*), min(present), max(present) FROM attendance GROUP BY session_id ORDER BY session_id"
            )
            found = db.execute(text(marks)).all()
        parts.store.close()
        assert went.kept <= len(found) <= went.kept + 1
        assert [tuple(row) for row in found] == [(3, i % 2, i % 2) for i in range(len(found))]
        proved(answered=went.kept)
    proved(kills_inside=moments.proved())


@SIZES
def test_killed_while_erasing(
    *, times: int, tmp_path: Path, whole: Path, killer: Killer, sqlite_settings: Any, clock: Any, proved: Proved
) -> None:
    """Erased whole or not at all; who is erased is known by the list, and the next worker writes the file anew."""
    leaver = builders.id_of(LEAVER)

    def settled(home: Path) -> None:
        parts = _opened(home, sqlite_settings, clock)
        with parts.store.read() as db:
            gone = db.execute(text("SELECT count(*) FROM person WHERE id = :id"), {"id": leaver}).scalar() == 0
        if gone:
            assert token_hash(leaver) in (home / erase_person.LIST).read_text("ascii").split()
            assert erase_person.clear_away(parts)
            parts.store.close()
            assert [p.name for p in home.iterdir() if leaver.encode() in p.read_bytes()] == []
        parts.store.close()

    Trial(killer, tmp_path, whole, "erase", LEAVER).killed(times, proved, settled)


@SIZES
def test_killed_while_migrating(times: int, tmp_path: Path, killer: Killer, proved: Proved) -> None:
    Trial(killer, tmp_path, None, "migrate", "").killed(times, proved)
