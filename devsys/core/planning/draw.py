"""The whole run: a plan at once, then cheap exact moves, with the bound beside it."""

from collections.abc import Callable, Mapping
from random import Random

from devsys.core.planning.bound import Bound, bound
from devsys.core.planning.check import check
from devsys.core.planning.construct import construct
from devsys.core.planning.even import even_out
from devsys.core.planning.exchange import read_problem, write_session
from devsys.core.planning.grid import Grid
from devsys.core.planning.improve import merge, sweep
from devsys.core.planning.layout import Layout
from devsys.core.planning.problem import Figures, Plan, Problem, Progress, Session
from devsys.core.planning.quality import fairness
from devsys.core.planning.series import place_series
from devsys.core.planning.unravel import unravel

# Tries in one round: enough for a queue with little to spare, and a share of the needs where there are many.
_FEWEST, _A_NEED, _TRIES, _NEEDS_A_TRY = 400, 4, 2000, 8
_SWEEPS = 4


def never() -> bool:
    """Say that nobody asked to stop."""
    return False


def silent(_progress: Progress) -> None:
    """Take a progress report and do nothing with it."""


class Run:
    """One run over a problem: its state, whom to tell, and when to stop."""

    def __init__(
        self, problem: Problem, stop: Callable[[], bool], progress: Callable[[Progress], None], seed: int
    ) -> None:
        self.problem = problem
        self.stop = stop
        self.progress = progress
        self.rng = Random(seed)  # noqa: S311 -- a draw that can be repeated, no secret
        self.grid = Grid(Layout(problem))
        self.bound = float(len(problem.needs))
        self.most = Bound(self.bound, frozenset(), {})
        self.stage = "Reading the organisation"
        self.stopped = False

    def tick(self) -> bool:
        """Report where the run stands, and say whether it should end."""
        grid = self.grid
        owed = len(grid.owed)
        self.progress(Progress(self.stage, grid.placed, grid.on_time, owed, self.bound, len(grid.meetings)))
        self.stopped = self.stopped or self.stop()
        return self.stopped

    def construct(self) -> None:
        """Place what can be placed at once: what others wait for, coaching series, then all groups."""
        self.stage = "First plan"
        if self.tick():
            return
        construct(self.grid, self.tick, gates=True)
        if not self.stopped:
            place_series(self.grid, self.tick)
        if not self.stopped:
            construct(self.grid, self.tick, gates=False)
        self.grid.settle()

    def find_bound(self) -> None:
        """Find how many needs any plan could serve on time."""
        self.stage = "Finding what is possible at most"
        if not self.tick():
            self.most = bound(self.grid.lay, self.tick)
            self.bound = self.most.on_time

    def improve(self, rounds: int) -> None:
        """Serve what was left over, on time first, then late."""
        needs = len(self.problem.needs)
        budget = max(min(_TRIES, _FEWEST + _A_NEED * needs), needs // _NEEDS_A_TRY)
        for prompt, stage in ((True, "Finding places for the rest"), (False, "Finding later places")):
            self.stage = stage
            self._sweeps(prompt=prompt, budget=budget)
            for _ in range(rounds):
                if self.stopped or self.done():
                    break
                before = self.grid.worth
                unravel(self.grid, self.most, self.tick, prompt=prompt, rng=self.rng, budget=budget)
                self._sweeps(prompt=prompt, budget=budget)
                if self.grid.worth == before:
                    break
        self.stage = "Joining small groups"
        if not self.stopped:
            merge(self.grid, self.tick)
        self.grid.settle()
        self.stage = "Evening out"
        if not self.stopped:
            even_out(self.grid, self.tick, budget=max(_FEWEST, needs))

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

    def plan(self) -> Plan:
        """Give the plan as it stands."""
        sessions = sessions_of(self.grid)
        grid, needs = self.grid, len(self.problem.needs)
        owed = tuple(sorted(grid.owed))
        limit = min(float(needs), max(self.bound, float(grid.on_time)))
        figures = Figures(
            needs=needs,
            placed=needs - len(owed),
            on_time=grid.on_time,
            late=needs - len(owed) - grid.on_time,
            owed=len(owed),
            sessions=len(sessions),
            bound=limit,
            share=round(grid.on_time / limit, 6) if limit else 1.0,
            violations=len(check(self.problem, sessions, self.tick)),
            even=fairness(self.problem, sessions),
        )
        return Plan(sessions, owed, figures)


def draw(
    problem: Problem,
    *,
    seed: int = 0,
    rounds: int = 3,
    stop: Callable[[], bool] = never,
    progress: Callable[[Progress], None] = silent,
    construct_only: bool = False,
) -> Plan:
    """Give a plan for `problem`; when `stop()` turns true the best plan so far, always a valid one.

    The same problem, seed and rounds give the same plan. `progress` and `stop` are called many times a second;
    who listens decides what to show.
    """
    run = Run(problem, stop, progress, seed)
    run.construct()
    if not run.stopped:
        run.find_bound()
    if not construct_only and not run.stopped:
        run.improve(rounds)
    run.stage = "Checking"
    return run.plan()


def sessions_of(grid: Grid) -> tuple[Session, ...]:
    """Give the sessions by start: pinned ones verbatim, new ones under ids that are free."""
    lay = grid.lay
    problem = lay.problem
    kept = {s.id for s in problem.pinned}
    new = sorted(
        (m for m in grid.meetings.values() if not m.pinned), key=lambda m: (m.start, m.act, m.site, m.team, m.fac)
    )
    out = list(problem.pinned)
    number = 0
    for m in new:
        number += 1
        while f"n{number:05d}" in kept:
            number += 1
        out.append(
            Session(
                id=f"n{number:05d}",
                act=problem.activities[m.act].id,
                start=m.start,
                fac=problem.facilitators[m.fac].id,
                room=lay.rooms[m.room].id if m.room >= 0 else None,
                site=problem.sites[m.site].id,
                att=tuple(sorted(m.att)),
            )
        )
    return tuple(sorted(out, key=lambda s: (s.start, s.id)))


def draw_document(
    document: Mapping[str, object],
    *,
    seed: int = 0,
    rounds: int = 3,
    stop: Callable[[], bool] = never,
    progress: Callable[[Progress], None] = silent,
    construct_only: bool = False,
) -> tuple[dict[str, object], Figures]:
    """Give the plan document and the figures for an instance document; pinned sessions come back verbatim.

    Raises InvalidError when the document is not an instance.
    """
    problem = read_problem(document)
    plan = draw(problem, seed=seed, rounds=rounds, stop=stop, progress=progress, construct_only=construct_only)
    given = document.get("pinned")
    rows = list(given) if isinstance(given, list) else []
    verbatim = {s.id: row for s, row in zip(problem.pinned, rows, strict=True)}
    sessions = [verbatim.get(s.id) or write_session(s) for s in plan.sessions]
    return {"sessions": sessions, "owed": list(plan.owed)}, plan.figures
