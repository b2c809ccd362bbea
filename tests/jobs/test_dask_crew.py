"""Plans drawn by a real Dask scheduler with worker processes on this machine, one of which is killed on the way."""

import contextlib
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from distributed import Client

from devsys.base.errors import UnavailableError
from devsys.core.planning.draw import draw
from devsys.core.planning.parts import split
from devsys.core.planning.problem import Problem, Progress
from devsys.faces.jobs.dask_crew import DaskCrew
from devsys.faces.jobs.executor import crew_of
from tests.jobs.tasks import Letter, spell
from tests.jobs.test_executor import Office
from tests.planning.builders import side_by_side

# A task that has ended a worker is blamed at once, where Dask would wait for four.
STRICT = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0"}
ROOT = Path(__file__).resolve().parents[2]


@dataclass
class House:
    """A scheduler on a free port of 127.0.0.1; workers by order of their coming."""

    folder: Path
    scheduler: subprocess.Popen[bytes]
    address: str
    workers: list[subprocess.Popen[bytes]]

    def start_workers(self, count: int) -> None:
        """Start workers, each one process with one thread and nobody to bring it back, and wait for them."""
        before = len(self.workers)
        for i in range(count):
            words = ("--no-nanny", "--nthreads", "1", "--memory-limit", "0", "--local-directory", str(self.folder))
            self.workers.append(_start(self.folder / f"worker{before + i}", "worker", f"tcp://{self.address}", *words))
        with Client(f"tcp://{self.address}", set_as_default=False) as client:
            client.wait_for_workers(sum(w.poll() is None for w in self.workers), timeout=60)

    def end(self) -> None:
        """End everybody that was started here."""
        for process in (*self.workers, self.scheduler):
            process.terminate()
            process.wait(60)


def _start(log: Path, what: str, *words: str, **more: str) -> subprocess.Popen[bytes]:
    program = [sys.executable, "-m", f"distributed.cli.dask_{what}", *words, "--no-dashboard"]
    with log.open("wb") as out:
        return subprocess.Popen(program, stdout=out, stderr=out, cwd=ROOT, env={"PYTHONPATH": str(ROOT), **more})


@contextlib.contextmanager
def _house(folder: Path, **more: str) -> Iterator[House]:
    log = folder / "scheduler"
    scheduler = _start(log, "scheduler", "--host", "127.0.0.1", "--port", "0", **more)
    house = House(folder, scheduler, "", [])
    try:
        while not house.address:
            assert scheduler.poll() is None, log.read_text("utf-8")
            found = [line for line in log.read_text("utf-8").splitlines() if "Scheduler at:" in line]
            house.address = found[0].rpartition("tcp://")[2].strip() if found else ""
        yield house
    finally:
        house.end()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with _house(tmp_path_factory.mktemp("dask")) as made:
        made.start_workers(2)
        yield made


@pytest.fixture(scope="module")
def problem() -> Problem:
    made = side_by_side(5, 3)
    assert len(split(made)) >= 3
    return made


def test_a_plan_arrives_identical_though_a_worker_is_killed(house: House, problem: Problem) -> None:
    seen: list[Progress] = []
    victim = house.workers[-1]

    def kill(found: Progress) -> None:
        seen.append(found)
        if found.placed and victim.poll() is None:
            victim.send_signal(signal.SIGKILL)

    crew = crew_of(f"dask://{house.address}")
    assert isinstance(crew, DaskCrew)
    plan = draw(problem, rounds=1, crew=crew, progress=kill)
    assert victim.wait(60) == -signal.SIGKILL
    assert plan == draw(problem, rounds=1)
    assert plan.notes == ()
    assert all(p.placed + p.owed == len(problem.needs) for p in seen)
    house.start_workers(1)


def test_a_stop_is_heard_by_workers(house: House, problem: Problem) -> None:
    plan = draw(problem, crew=DaskCrew(house.address), stop=lambda: True)
    assert plan.figures.violations == 0
    assert plan.figures.placed + plan.figures.owed == len(problem.needs)
    # Nobody looked for a bound any more.
    assert plan.figures.bound == len(problem.needs)


def test_a_single_part_is_drawn_by_dask_as_well(house: House, problem: Problem) -> None:
    (part, *_) = split(problem)
    assert draw(part.problem, rounds=0, crew=DaskCrew(house.address)) == draw(part.problem, rounds=0)


def test_a_run_that_breaks_off_takes_its_tasks_back(house: House, problem: Problem) -> None:
    def break_off(found: Progress) -> None:
        if found.placed:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        draw(problem, crew=DaskCrew(house.address), progress=break_off)


def test_a_task_that_takes_every_worker_with_it_is_given_up(tmp_path: Path) -> None:
    file = tmp_path / "deaths"
    file.touch()
    with _house(tmp_path, **STRICT) as house:
        house.start_workers(2)
        office = Office(spell)
        office.foreman.away(DaskCrew(house.address), [Letter(0, "a", 99, file), Letter(1, "b")], 2)
    assert office.results["a"] == "given up"
    assert office.results["b"] == "B"


@pytest.mark.soak
def test_what_is_left_is_planned_here_when_the_scheduler_goes(tmp_path: Path, problem: Problem) -> None:
    with _house(tmp_path) as house:
        house.start_workers(1)

        def end(found: Progress) -> None:
            if found.placed and house.scheduler.poll() is None:
                house.end()

        plan = draw(problem, rounds=0, crew=DaskCrew(house.address), progress=end)
    alone = draw(problem, rounds=0)
    assert (plan.sessions, plan.figures) == (alone.sessions, alone.figures)
    assert [note.partition(" at ")[0] for note in plan.notes] == ["The Dask scheduler"]


def test_a_scheduler_that_does_not_answer_is_named() -> None:
    with pytest.raises(UnavailableError, match=r"No Dask scheduler answers at 127\.0\.0\.1:1\."):
        DaskCrew("127.0.0.1:1", patience=0.5).wire(1).__enter__()


def test_a_scheduler_without_workers_is_named(tmp_path: Path) -> None:
    with (
        _house(tmp_path) as house,
        pytest.raises(UnavailableError, match="has no worker"),
        DaskCrew(house.address).wire(1),
    ):
        pass
