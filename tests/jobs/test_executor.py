"""Tasks in other processes and threads: the same results, and what happens when a process is lost."""

import multiprocessing
import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from devsys.base.config import Settings
from devsys.base.errors import InvalidError, UnavailableError
from devsys.core.planning.check import check
from devsys.core.planning.crew import Crew, Foreman, Line, Wire
from devsys.core.planning.draw import draw
from devsys.core.planning.parts import split
from devsys.core.planning.problem import Problem, Progress
from devsys.faces.jobs.executor import Board, ProcessCrew, Spoken, ThreadCrew, crew_of, processors
from tests.jobs.tasks import BEGUN, Letter, number, spell, wait_for_stop
from tests.planning.builders import side_by_side


@pytest.fixture(scope="module")
def problem() -> Problem:
    """Three parts at least, so that with two hands one waits."""
    made = side_by_side(5, 3)
    assert len(split(made)) >= 3
    return made


class Office:
    """Who gives tasks out and keeps what comes back."""

    def __init__(self, work: Callable[[Letter, Line], str], stop_after: int = -1) -> None:
        self.results: dict[str, str] = {}
        self.given_up: list[str] = []
        self.notes: list[str] = []
        self.heard: dict[int, Progress] = {}
        self.stop_after = stop_after
        self.foreman: Foreman[Letter, str] = Foreman(
            work, self.then, Spoken(), self.told, self.give_up, self.notes.append
        )

    def then(self, letter: Letter, result: str) -> None:
        self.results[letter.word] = result

    def told(self, heard: Mapping[int, Progress]) -> bool:
        self.heard |= heard
        return len(self.heard) == self.stop_after

    def give_up(self, letter: Letter) -> str:
        self.given_up.append(letter.word)
        return "given up"


def letters(*words: str) -> list[Letter]:
    return [Letter(i, word) for i, word in enumerate(words)]


# ---- a plan


def test_threads_and_processes_draw_the_plan_that_one_process_draws(problem: Problem) -> None:
    alone = draw(problem, rounds=1)
    assert draw(problem, rounds=1, crew=ThreadCrew(2, least=1)) == alone
    assert draw(problem, rounds=1, crew=ProcessCrew(2, least=1)) == alone
    # With a hand for each part none waits, and each is drawn in one go.
    assert draw(problem, rounds=1, crew=ThreadCrew(8, least=1)) == alone


def test_a_plan_arrives_though_a_process_is_killed(problem: Problem) -> None:
    killed: list[int] = []

    def kill(found: Progress) -> None:
        if found.placed and not killed:
            victim = multiprocessing.active_children()[0]
            killed.append(victim.pid or 0)
            victim.kill()

    # As the worker does it: what is started inherits that signals are held back.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    try:
        plan = draw(problem, rounds=1, crew=ProcessCrew(2, least=1), progress=kill)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    assert killed
    assert plan == draw(problem, rounds=1)
    assert multiprocessing.active_children() == []


def test_a_stop_reaches_every_process(problem: Problem) -> None:
    plan = draw(problem, crew=ProcessCrew(2, least=1), stop=lambda: True)
    assert (plan.sessions, plan.figures.placed, plan.figures.bound) == ((), 0, len(problem.needs))
    assert check(problem, plan.sessions) == ()


def test_small_parts_go_together_and_a_single_task_stays_here(problem: Problem) -> None:
    seen: list[Progress] = []

    def nobody(found: Progress) -> None:
        seen.append(found)
        assert multiprocessing.active_children() == []

    draw(problem, rounds=0, construct_only=True, crew=ProcessCrew(2), progress=nobody)
    assert [p.stage for p in (seen[0], seen[-1])] == ["Reading the organisation", "Checking"]
    assert all(p.placed + p.owed == len(problem.needs) for p in seen)


# ---- what happens to tasks


def test_a_task_whose_process_is_lost_is_done_again(tmp_path: Path) -> None:
    file = tmp_path / "deaths"
    file.touch()
    office = Office(spell)
    tasks = [*letters("a", "b"), Letter(2, "c", 2, file)]
    office.foreman.away(ProcessCrew(2), tasks, 3)
    assert office.results == {"a": "A", "b": "B", "c": "C"}
    assert (office.given_up, office.notes) == ([], [])
    assert file.read_bytes() == b".."


def test_a_task_that_takes_every_process_with_it_is_given_up(tmp_path: Path) -> None:
    file = tmp_path / "deaths"
    file.touch()
    office = Office(spell)
    tasks = [Letter(0, "a", 99, file), Letter(1, "b"), Letter(2, "c")]
    office.foreman.away(ProcessCrew(2), tasks, 3)
    assert office.results == {"a": "given up", "b": "B", "c": "C"}
    assert file.read_bytes() == b"..."


def test_a_run_that_breaks_off_leaves_no_process(problem: Problem) -> None:
    def break_off(found: Progress) -> None:
        if found.placed:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        draw(problem, crew=ProcessCrew(2, least=1), progress=break_off)
    assert multiprocessing.active_children() == []


def test_threads_hear_that_a_run_breaks_off() -> None:
    office = Office(wait_for_stop)

    def told(heard: Mapping[int, Progress]) -> bool:
        if len(heard) == 2:
            raise KeyboardInterrupt
        return False

    foreman: Foreman[Letter, str] = Foreman(wait_for_stop, office.then, Spoken(), told, office.give_up, print)
    with pytest.raises(KeyboardInterrupt):
        foreman.away(ThreadCrew(2), letters("a", "b"), 2)


def test_a_stop_is_heard_by_tasks_that_go_on() -> None:
    office = Office(wait_for_stop, stop_after=2)
    office.foreman.away(ProcessCrew(2), letters("a", "b"), 2)
    assert office.results == {"a": "a", "b": "b"}


ORPHANS = """
import os, signal, sys
from tests.jobs.tasks import Letter, wait_for_stop
from devsys.core.planning.crew import Foreman
from devsys.faces.jobs.executor import ProcessCrew, Spoken
import multiprocessing

def told(heard):
    if len(heard) == 2:
        print(*(p.pid for p in multiprocessing.active_children()), flush=True)
        sys.stdin.read()
    return False

if __name__ == "__main__":
    foreman = Foreman(wait_for_stop, lambda *_: None, Spoken(), told, lambda _: None, print)
    foreman.away(ProcessCrew(2), [Letter(0, "a"), Letter(1, "b")], 2)
"""


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="needs process descriptors, as Linux has them")
def test_processes_end_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "orphans.py"
    script.write_text(ORPHANS, "utf-8")
    root = Path(__file__).resolve().parents[2]
    with subprocess.Popen(
        [sys.executable, str(script)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={"PYTHONPATH": str(root), "PATH": os.defpath},
    ) as parent:
        assert parent.stdout is not None
        children = [int(word) for word in parent.stdout.readline().split()]
        watched = [os.pidfd_open(pid) for pid in children]
        parent.kill()
        ended = set[int]()
        while len(ended) < len(watched):
            ready, _, _ = select.select([fd for fd in watched if fd not in ended], [], [], 60)
            assert ready, "a process outlived its parent"
            ended.update(ready)
        for fd in watched:
            os.close(fd)
    assert len(children) == 2


@dataclass(frozen=True)
class NoCrew:
    """A crew that is there when it is called and gone when it is wanted: `shifts` times somebody comes."""

    shifts: list[int]
    hands: int = 2
    least: int = 1
    lost: tuple[type[BaseException], ...] = ()
    guilty: tuple[type[BaseException], ...] = (ZeroDivisionError,)

    @contextmanager
    def wire(self, places: int) -> Iterator[Wire]:
        with ThreadCrew(2).wire(places) as wire:
            yield wire

    @contextmanager
    def hire(self) -> Iterator[Executor]:
        if not self.shifts:
            raise UnavailableError("Nobody is there.")
        self.shifts.pop()
        with ThreadCrew(2).hire() as executor:
            executor.shutdown()
            yield executor


def test_tasks_are_done_here_when_nobody_comes() -> None:
    office = Office(number)
    office.foreman.away(NoCrew([]), letters("a", "b"), 2)
    assert office.results == {"a": f"0 {os.getpid()}", "b": f"1 {os.getpid()}"}
    assert office.notes == ["Nobody is there. What was left was planned in one process."]


def divided(letter: Letter, line: Line) -> str:
    line.say(letter.place, BEGUN)
    return str(1 // letter.place)


def test_an_error_that_blames_the_task_gives_it_up_at_once() -> None:
    @dataclass(frozen=True)
    class Strict(ThreadCrew):
        guilty: tuple[type[BaseException], ...] = (ZeroDivisionError,)

    office = Office(divided)
    office.foreman.away(Strict(2), letters("a", "b"), 2)
    assert office.results == {"a": "given up", "b": "1"}


def test_an_error_of_the_work_itself_comes_through() -> None:
    with pytest.raises(ZeroDivisionError):
        Office(divided).foreman.away(ThreadCrew(2), letters("a", "b"), 2)


# ---- the line


def test_a_board_tells_what_was_said_last() -> None:
    with ProcessCrew(2).wire(2) as board:
        assert isinstance(board, Board)
        assert board.heard() == {}
        line = board.line
        said = Progress("x" * 63 + "é", 3, 2, 1, 2.5, 4)
        line.say(1, BEGUN)
        line.say(1, said)
        assert board.heard() == {1: Progress("x" * 63, 3, 2, 1, 2.5, 4)}
        assert not line.stopped()
        board.stop()
        assert line.stopped()


def test_a_row_that_is_being_written_is_not_taken() -> None:
    with ProcessCrew(2).wire(1) as board:
        assert isinstance(board, Board)
        board.line.say(0, BEGUN)
        halfway = bytearray(board.line.path.read_bytes())
        halfway[64] += 1
        board.line.path.write_bytes(halfway)
        assert board.heard() == {}
        board.line.say(0, BEGUN)
        assert board.heard() == {0: BEGUN}


# ---- the setting


def test_the_setting_says_who_draws() -> None:
    crews: dict[str, Crew | None] = {
        "inline": None,
        "process": ProcessCrew(3, lower=4),
        "thread": ThreadCrew(3),
    }
    assert {name: crew_of(name, 3, lower=4) for name in crews} == crews
    assert crew_of("process", 1) is None
    assert crew_of("thread") == ThreadCrew(processors())


def test_only_executors_that_are_there_can_be_set() -> None:
    for good in ("process", "thread", "inline", "dask://127.0.0.1:8786", "dask://plan.example.com:8786"):
        assert Settings(executor=good).executor == good
    for bad in ("", "dask", "dask://", "dask://host", "tcp://host:1", "processes"):
        with pytest.raises(ValueError, match="executor"):
            Settings(executor=bad)


def test_without_dask_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    monkeypatch.delitem(sys.modules, "devsys.faces.jobs.dask_crew", raising=False)
    with pytest.raises(InvalidError, match=r"pip install 'devsys\[dask\]'"):
        crew_of("dask://127.0.0.1:8786")
