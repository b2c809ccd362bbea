"""Reasons in words: why a need is owed, why a session stands where it does, why not elsewhere."""

from collections.abc import Callable
from dataclasses import dataclass

from devsys.core.planning.problem import Plan, Problem


@dataclass(frozen=True, slots=True)
class Owed:
    """One need that is not placed: a code, one sentence, and what was tried and would let it fit (or "")."""

    need: int
    code: str
    sentence: str
    would_fit: str = ""


def explain(problem: Problem, plan: Plan, stop: Callable[[], bool] = lambda: False) -> tuple[Owed, ...]:
    """Give a reason for every need that the plan leaves unplaced."""
    raise NotImplementedError


def why_here(problem: Problem, plan: Plan, session_id: str) -> tuple[str, ...]:
    """Give in sentences why a session stands where it does."""
    raise NotImplementedError


def why_not(problem: Problem, plan: Plan, session_id: str, start: int) -> tuple[str, ...]:
    """Give in sentences what stands against moving a session to another start; empty when nothing does."""
    raise NotImplementedError
