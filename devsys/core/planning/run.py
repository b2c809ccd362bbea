"""One run over one problem: a plan at once, then cheap exact moves, with the bound beside it."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from random import Random
from threading import Lock

from devsys.core.planning.around import settle_around
from devsys.core.planning.booked import canonical, lay_out, sessions_in, written
from devsys.core.planning.bound import Bound, bound, relaxed
from devsys.core.planning.check import check
from devsys.core.planning.closing import close
from devsys.core.planning.construct import construct
from devsys.core.planning.even import even_out
from devsys.core.planning.exact import settle_stretches
from devsys.core.planning.grid import Grid
from devsys.core.planning.improve import merge, sweep
from devsys.core.planning.layout import Layout
from devsys.core.planning.parts import numbered
from devsys.core.planning.problem import Figures, Plan, Problem, Progress, Session
from devsys.core.planning.quality import fairness
from devsys.core.planning.relaxation import Relaxation
from devsys.core.planning.series import place_series
from devsys.core.planning.solver import Purse
from devsys.core.planning.unravel import Patience, unravel

# Tries in one round: enough for a queue with little to spare, and a share of the needs where there are many.
_FEWEST, _A_NEED, _TRIES, _NEEDS_A_TRY = 400, 4, 2000, 8
_SWEEPS = 4
# Where there are at most so many needs the solver looks once more. What it has to choose among grows with their square;
# so does its effort in a round, within limits.
_FEW, _A_PAIR, _LEAST_EFFORT, _MOST_EFFORT = 2000, 5e-6, 0.05, 3.0
_PATIENCE = 4


# Ticks between two reports where there are thousands a second; while the solver works each one is a report.
_UNREPORTED = 7

# The stages of a run in their order, as people read them.
STAGES = (
    "Reading the organisation",
    "First plan",
    "Finding what is possible at most",
    "Finding places for the rest",
    "Finding later places",
    "Finding places by planning days anew",
    "Joining small groups",
    "Evening out",
    "Finding a proof",
    "Checking",
)
READING, FIRST_PLAN, BOUND, PROMPT, LATER, ANEW, JOINING, EVENING, PROVING, CHECKING = STAGES
_SLOW = frozenset({READING, ANEW, PROVING, CHECKING})


def never() -> bool:
    """Say that nobody asked to stop."""
    return False


def silent(_progress: Progress) -> None:
    """Take a progress report and do nothing with it."""


@dataclass(slots=True)
class _AtWork:
    """How many runs go on in this process, one within another or side by side."""

    runs: int = 0
    lock: Lock = field(default_factory=Lock)


_AT_WORK = _AtWork()


@contextmanager
def unswept() -> Iterator[None]:
    """Let what a run has built be set aside for the collector of garbage, until the last of the runs at work has ended.

    A run builds many objects that live as long as it does and hold no cycles. Looking through all of them again and
    again costs more in a larger organisation; so what is there is set aside at the beginning and at each stage. No plan
    depends on it.
    """
    with _AT_WORK.lock:
        _AT_WORK.runs += 1
        gc.freeze()
    try:
        yield
    finally:
        with _AT_WORK.lock:
            _AT_WORK.runs -= 1
            if not _AT_WORK.runs:
                gc.unfreeze()


class Run:
    """One run over a problem: its state, whom to tell, and when to stop.

    `state` is what an earlier run over the same problem had booked, see `booked.written`. `unshared` is the problem
    with all that it may have at most, where it shares its facilitators with others: the bound is said of that. A
    `patient` run, of a problem that is no part of a larger one, takes more effort for what is nearly at its bound.
    """

    def __init__(
        self,
        problem: Problem,
        stop: Callable[[], bool],
        progress: Callable[[Progress], None],
        seed: int,
        state: bytes = b"",
        *,
        unshared: Problem | None = None,
        patient: bool = False,
    ) -> None:
        self.problem = problem
        self.patient = patient
        self.unshared = unshared
        self.stop = stop
        self.progress = progress
        self.rng = Random(seed)  # noqa: S311 -- a draw that can be repeated, no secret
        self.grid = Grid(Layout(problem))
        lay_out(self.grid, state)
        self.bound = float(len(problem.needs))
        self.most = Bound(self.bound, frozenset(), {})
        self.relaxation: Relaxation | None = None
        self.stage = READING
        self.stopped = False
        self._ticks = 0
        self._reported = ""

    def tick(self) -> bool:
        """Report where the run stands, at each stage and then now and again, and say whether it should end."""
        self._ticks -= 1
        if self._ticks < 0 or self.stage != self._reported:
            if self.stage != self._reported:
                gc.freeze()
            self._ticks, self._reported = 0 if self.stage in _SLOW else _UNREPORTED, self.stage
            grid = self.grid
            owed = len(grid.owed)
            self.progress(Progress(self.stage, grid.placed, grid.on_time, owed, self.bound, len(grid.meetings)))
        self.stopped = self.stopped or self.stop()
        return self.stopped

    def construct(self) -> None:
        """Place what can be placed at once: what others wait for, coaching series, then all groups."""
        self.stage = FIRST_PLAN
        if self.tick():
            return
        construct(self.grid, self.tick, gates=True)
        if not self.stopped:
            place_series(self.grid, self.tick)
        if not self.stopped:
            construct(self.grid, self.tick, gates=False)
        canonical(self.grid)

    def go_on(self, rounds: int, *, construct_only: bool) -> None:
        """Do all that follows the first plan."""
        if not self.stopped:
            self.find_bound()
        if not construct_only and not self.stopped:
            self.improve(rounds)

    def find_bound(self) -> None:
        """Find how many needs any plan could serve on time."""
        self.stage = BOUND
        if not self.tick():
            lay = self.grid.lay if self.unshared is None else Layout(self.unshared)
            self.most = bound(lay, self.tick)
            self.bound = self.most.on_time

    def improve(self, rounds: int) -> None:
        """Serve what was left over, on time first, then late."""
        needs = len(self.problem.needs)
        budget = max(min(_TRIES, _FEWEST + _A_NEED * needs), needs // _NEEDS_A_TRY)
        for prompt, stage in ((True, PROMPT), (False, LATER)):
            self.stage = stage
            self._sweeps(prompt=prompt, budget=budget)
            patience: Patience | None = None
            for _ in range(rounds):
                if self.stopped or self.done():
                    break
                before = self.grid.worth
                if patience is None or prompt:
                    patience = Patience()
                unravel(self.grid, self.most, self.tick, prompt=prompt, rng=self.rng, budget=budget, patience=patience)
                self._sweeps(prompt=prompt, budget=budget)
                if self.grid.worth == before:
                    break
        self._plan_anew(rounds)
        self.stage = JOINING
        if not self.stopped:
            merge(self.grid, self.tick)
        self.grid.settle()
        self.stage = EVENING
        if not self.stopped:
            even_out(self.grid, self.tick, budget=max(_FEWEST, needs))
        # Joining groups and evening out may have opened a place for somebody.
        self._sweeps(prompt=False, budget=budget)
        self.stage = PROVING
        self._close(rounds)

    def _plan_anew(self, rounds: int) -> None:
        """Let the solver plan stretches of days anew for those whom cheap moves did not serve, where they are few."""
        self.stage = ANEW
        self._close(rounds * (_PATIENCE if self.patient else 1))
        if self._few() and not self.stopped and not self.done():
            settle_around(self.grid, self.most, self.tick, self._purse(rounds), self.rng)
            before = self.grid.worth
            settle_stretches(self.grid, self.most, self.tick, self._purse(rounds))
            if self.grid.worth > before:
                settle_around(self.grid, self.most, self.tick, self._purse(rounds), self.rng)
            self.grid.settle()

    def _close(self, rounds: int) -> None:
        """Settle for single needs whether more can be on time at all, where needs are few."""
        if not self._few() or self.stopped or self.done() or self.grid.on_time >= self.bound or self.tick():
            return
        self.relaxation = self.relaxation or relaxed(self.grid.lay, self.tick, apart=True)
        if self.relaxation is not None:
            close(self.grid, self.relaxation, self._purse(rounds), self.tick)
            # What is proved of a share of somebody's time says nothing of all of it.
            if self.unshared is None:
                self.bound = min(self.bound, float(self.relaxation.on_time()))
                self.most = replace(self.most, on_time=self.bound)

    def _few(self) -> bool:
        return len(self.problem.needs) <= _FEW

    def _purse(self, rounds: int) -> Purse:
        return Purse(rounds * max(_LEAST_EFFORT, min(_MOST_EFFORT, _A_PAIR * len(self.problem.needs) ** 2)))

    def _sweeps(self, *, prompt: bool, budget: int) -> None:
        for _ in range(_SWEEPS):
            if self.stopped or self.done():
                return
            before = self.grid.worth
            budget = sweep(self.grid, self.tick, prompt=prompt, budget=budget)
            self.grid.settle()
            if self.grid.worth == before:
                return

    def done(self) -> bool:
        """Say whether nothing is left to gain."""
        return not self.grid.owed and (not self.grid.late or self.grid.on_time >= int(self.bound))

    def state(self) -> bytes:
        """Give what is booked, to go on elsewhere or to be read as sessions."""
        return written(self.grid)

    def figures(self) -> Figures:
        """Give the figures of the plan as it stands, judged by the plain verifier."""
        return self.plan().figures

    def plan(self) -> Plan:
        """Give the plan as it stands, judged by the plain verifier."""
        self.stage = CHECKING
        self.tick()
        grid, needs = self.grid, len(self.problem.needs)
        owed = tuple(sorted(grid.owed))
        sessions = sessions_of(grid)
        figures = Figures(
            needs=needs,
            placed=needs - len(owed),
            on_time=grid.on_time,
            late=needs - len(owed) - grid.on_time,
            owed=len(owed),
            sessions=len(sessions),
            bound=self.bound,
            share=round(grid.on_time / self.bound, 6) if self.bound else 1.0,
            violations=len(check(self.problem, sessions, self.tick)),
            even=fairness(self.problem, sessions),
            out_of_reach=self.most.out_of_reach,
        )
        return Plan(sessions, owed, figures)


def sessions_of(grid: Grid) -> tuple[Session, ...]:
    """Give the sessions by start: pinned ones verbatim, new ones under ids that are free."""
    problem = grid.lay.problem
    return numbered(problem, sessions_in(problem, written(grid)))
