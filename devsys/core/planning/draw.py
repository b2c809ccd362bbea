"""The whole plan: a problem is taken apart, its parts are drawn here or by a crew, and put together again."""

from collections.abc import Callable, Mapping

from devsys.core.planning.crew import Crew
from devsys.core.planning.exchange import read_problem, write_session
from devsys.core.planning.parts import TOGETHER, split
from devsys.core.planning.problem import Figures, Plan, Problem, Progress
from devsys.core.planning.run import Run, never, sessions_of, silent, unswept
from devsys.core.planning.whole import Terms, Whole

__all__ = ["draw", "draw_document", "never", "sessions_of", "silent"]


def draw(
    problem: Problem,
    *,
    seed: int = 0,
    rounds: int = 3,
    stop: Callable[[], bool] = never,
    progress: Callable[[Progress], None] = silent,
    construct_only: bool = False,
    crew: Crew | None = None,
    together: int = TOGETHER,
) -> Plan:
    """Give a plan for `problem`; when `stop()` turns true the best plan so far, always a valid one.

    The same problem, seed and rounds give the same plan, whoever draws it: without a `crew` this process. `progress`
    and `stop` are called many times a second; who listens decides what to show. Raises UnavailableError when a crew
    cannot be reached. `together` is that of `split`.
    """
    with unswept():
        parts = split(problem, together)
        if len(parts) > 1 or (crew is not None and not crew.least):
            terms = Terms(seed, rounds, construct_only)
            return Whole(parts, terms, stop, progress).draw(problem, crew)
        run = Run(problem, stop, progress, seed, patient=True)
        run.construct()
        run.go_on(rounds, construct_only=construct_only)
        return run.plan()


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
    kept = verbatim(problem, document)
    plan = draw(problem, seed=seed, rounds=rounds, stop=stop, progress=progress, construct_only=construct_only)
    return plan_document(plan, kept), plan.figures


def verbatim(problem: Problem, document: Mapping[str, object]) -> dict[str, object]:
    """Give the pinned sessions of an instance document as they are written there, by id."""
    given = document.get("pinned")
    rows = list(given) if isinstance(given, list) else []
    return {s.id: row for s, row in zip(problem.pinned, rows, strict=True)}


def plan_document(plan: Plan, kept: Mapping[str, object]) -> dict[str, object]:
    """Give the document of a plan; sessions in `kept` as they are written there."""
    return {"sessions": [kept.get(s.id) or write_session(s) for s in plan.sessions], "owed": list(plan.owed)}
