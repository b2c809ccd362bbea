"""The plain verifier: it judges any plan with no code of the planner."""

from collections.abc import Iterable
from dataclasses import dataclass

from devsys.core.planning.problem import Problem, Session


@dataclass(frozen=True, slots=True)
class Violation:
    """One rule that is broken: `rule` is a code such as `coverage`, `who` an id, `what` a sentence for people.

    `sessions` are the ids of the sessions concerned.
    """

    rule: str
    who: str
    what: str
    sessions: tuple[str, ...] = ()


def check(problem: Problem, sessions: Iterable[Session]) -> tuple[Violation, ...]:
    """Give every violation of the hard rules; an empty tuple says that the plan holds."""
    raise NotImplementedError


def judge_move(
    problem: Problem,
    sessions: Iterable[Session],
    session_id: str,
    start: int,
    facilitator: str | None = None,
    room: str | None = None,
) -> tuple[Violation, ...]:
    """Give only the violations that moving one session to `start` would cause."""
    raise NotImplementedError
