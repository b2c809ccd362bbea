"""The whole run: a plan at once, then cheap exact moves, with the bound beside it."""

from collections.abc import Callable, Mapping

from devsys.core.planning.problem import Figures, Plan, Problem, Progress


def never() -> bool:
    """Say that nobody asked to stop."""
    return False


def silent(_progress: Progress) -> None:
    """Take a progress report and do nothing with it."""


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

    The same problem, seed and rounds give the same plan. `progress` is called at least once a second.
    """
    raise NotImplementedError


def draw_document(
    document: Mapping[str, object],
    *,
    seed: int = 0,
    rounds: int = 3,
    stop: Callable[[], bool] = never,
    progress: Callable[[Progress], None] = silent,
    construct_only: bool = False,
) -> tuple[dict[str, object], Figures]:
    """Give the plan document and the figures for an instance document.

    Raises InvalidError when the document is not an instance.
    """
    raise NotImplementedError
