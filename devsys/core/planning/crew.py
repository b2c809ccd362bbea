"""Who carries out the tasks of a run: this process, other processes, other machines.

A task is a value; the work is a function of the module level that gives the same result for it wherever it is
carried out. So a task that is lost with its process is simply done again. While tasks go on they say how far they
are, and hear of a stop, over a `Line`.
"""

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Executor, Future, wait
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from devsys.base.errors import UnavailableError
from devsys.base.words import phrase
from devsys.core.planning.problem import Progress

POLL_SECONDS = 0.25
# Losses of its process after which a task goes on alone, to find out whose fault it is; and after which it is given up.
_SUSPECT, _GUILTY = 2, 3


class Line(Protocol):
    """A task's end of the line to its run; it can be pickled."""

    def say(self, place: int, progress: Progress) -> None:
        """Say how far the part at a place is; cheap enough for many times a second."""

    def stopped(self) -> bool:
        """Say whether the best so far is wanted; cheap as well."""


class Wire(Protocol):
    """The run's end of the line."""

    @property
    def line(self) -> Line:
        """The other end."""

    def heard(self) -> Mapping[int, Progress]:
        """Give what was said last, by place."""

    def stop(self) -> None:
        """Ask for the best so far."""


class Crew(Protocol):
    """People with hands, to whom tasks are given behind the standard library's `Executor`."""

    @property
    def hands(self) -> int:
        """How many tasks go on at a time."""

    @property
    def least(self) -> int:
        """From how many needs on a task is worth its way; a run with a single task stays here unless this is 0."""

    @property
    def lost(self) -> tuple[type[BaseException], ...]:
        """Errors that say that a process is gone, besides those of the standard library."""

    @property
    def guilty(self) -> tuple[type[BaseException], ...]:
        """Errors that say that a task took several processes with it."""

    def wire(self, places: int) -> AbstractContextManager[Wire]:
        """Open a line for so many parts. Raises UnavailableError when nobody can be reached."""

    def hire(self) -> AbstractContextManager[Executor]:
        """Give an executor; on leaving with an error whatever goes on is ended. Raises UnavailableError."""


class Task(Protocol):
    """A piece of a run; `places` are those of its parts."""

    @property
    def places(self) -> tuple[int, ...]:
        """The parts it is about."""


T = TypeVar("T", bound=Task)
R = TypeVar("R")


@dataclass(slots=True)
class _Given(Generic[T]):
    """A task with the times its process was lost."""

    task: T
    losses: int = 0


@dataclass(frozen=True, slots=True)
class Foreman(Generic[T, R]):
    """Has tasks carried out and looks after those that are lost.

    `work(task, line)` carries one out; `then(task, result)` takes its result and may give a task that follows, which
    goes to the end of the queue. `own` is the line of what is done in this process. `told` takes what was heard and
    says whether to stop. `give_up(task)` gives a result for a task that takes every process with it. `note` takes a
    sentence about what went wrong.
    """

    work: Callable[[T, Line], R]
    then: Callable[[T, R], T | None]
    own: Line
    told: Callable[[Mapping[int, Progress]], bool]
    give_up: Callable[[T], R]
    note: Callable[[str], None]

    def here(self, tasks: Iterable[T]) -> None:
        """Carry out all tasks in this process, one after another."""
        queue = deque(tasks)
        while queue:
            task = queue.popleft()
            after = self.then(task, self.work(task, self.own))
            if after is not None:
                queue.append(after)

    def away(self, crew: Crew, tasks: Iterable[T], places: int) -> None:
        """Have the tasks carried out by a crew; what it loses is given out again, and done here when it is gone.

        Raises UnavailableError when the crew cannot be reached at all.
        """
        queue = deque(_Given(task) for task in tasks)
        with crew.wire(places) as wire:
            while queue:
                try:
                    with crew.hire() as executor:
                        _Shift(self, crew, executor, wire, queue).go_on()
                except UnavailableError as error:
                    self.note(f"{error.message} What was left was planned in one process.")
                    break
        self.here(given.task for given in queue)


class _Shift(Generic[T, R]):
    """The time with one executor: until all is done or a process is lost."""

    def __init__(
        self, foreman: Foreman[T, R], crew: Crew, executor: Executor, wire: Wire, queue: deque[_Given[T]]
    ) -> None:
        self.foreman = foreman
        self.crew = crew
        self.executor = executor
        self.wire = wire
        self.queue = queue
        self.gone: tuple[type[BaseException], ...] = (BrokenExecutor, CancelledError, *crew.lost)
        self.flying: dict[Future[R], _Given[T]] = {}
        self.lost: list[_Given[T]] = []
        self.taken = 0

    def go_on(self) -> None:
        """Give out tasks and take results. Raises UnavailableError when nobody is there any more, or even begins."""
        try:
            self._listen()  # a stop that is known already is heard by the first task too
            while not self.lost and (self.queue or self.flying):
                self._give_out()
                done, _ = wait(self.flying, POLL_SECONDS, FIRST_COMPLETED)
                self._listen()
                for future in done:
                    self._take(future, self.flying.pop(future))
        except UnavailableError:
            self.queue.extendleft(reversed(self.flying.values()))
            raise
        except BaseException:
            self.wire.stop()  # what cannot be ended should at least end soon
            raise
        self.lost += self.flying.values()
        begun = self.wire.heard().keys()
        idle = self.lost and not self.taken and all(begun.isdisjoint(g.task.places) for g in self.lost)
        for given in reversed(self.lost):
            self._give_back(given)
        if idle:
            raise UnavailableError(phrase("No process for planning can be started."))

    def _listen(self) -> None:
        if self.foreman.told(self.wire.heard()):
            self.wire.stop()

    def _give_out(self) -> None:
        """Keep all hands busy; a task under suspicion goes on alone."""
        while self.queue and len(self.flying) < self.crew.hands:
            alone = self.queue[0].losses >= _SUSPECT or any(g.losses >= _SUSPECT for g in self.flying.values())
            if alone and self.flying:
                return
            given = self.queue.popleft()
            try:
                self.flying[self.executor.submit(self.foreman.work, given.task, self.wire.line)] = given
            except (BrokenExecutor, OSError):
                self.lost.append(given)
                return

    def _take(self, future: Future[R], given: _Given[T]) -> None:
        try:
            result = future.result()
        except self.crew.guilty:
            result = self.foreman.give_up(given.task)
        except self.gone:
            self.lost.append(given)
            return
        self.taken += 1
        self._follow(given.task, result)

    def _follow(self, task: T, result: R) -> None:
        after = self.foreman.then(task, result)
        if after is not None:
            self.queue.append(_Given(after))

    def _give_back(self, given: _Given[T]) -> None:
        """Put a lost task back, one under suspicion last."""
        given.losses += 1
        if given.losses >= _GUILTY:
            self._follow(given.task, self.foreman.give_up(given.task))
        elif given.losses >= _SUSPECT:
            self.queue.append(given)
        else:
            self.queue.appendleft(given)
