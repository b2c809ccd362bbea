"""What could be done about sessions that cannot stand."""

from dataclasses import replace

import pytest

from devsys.core.planning.board import Board
from devsys.core.planning.check import check
from devsys.core.planning.choices import apply_choice, apply_choices, choices
from devsys.core.planning.look import Scope, short_slots
from devsys.core.planning.problem import Problem, Session
from devsys.core.planning.repair import repair
from tests.planning.changes import a_case, wrong


def by_rule(problem: Problem, sessions: tuple[Session, ...]) -> tuple[set[object], dict[tuple[str, int], int]]:
    """Give what a calendar breaks, and by how much each queue is short in each slot."""
    found = check(replace(problem, frozen_until=0), sessions)
    board = Board(problem, sessions, ())
    board.load_all()
    rules = {(v.rule, v.who, v.sessions) for v in found if v.rule != "coverage"}
    return rules, short_slots(board, Scope(everything=True), 0)


@pytest.mark.parametrize("seed", range(30, 50))
def test_suggestions_hold_together_and_each_by_itself(seed: int) -> None:
    problem, after, sessions, change = a_case(seed)
    found = choices(after, sessions, now=change.now, before=problem)
    together = apply_choices(sessions, [a.suggestion for a in found])
    assert together == repair(after, sessions, now=change.now, before=problem, wanted=()).sessions
    assert wrong(after, sessions, together, change.now) == []
    broken, short = by_rule(after, sessions)
    for one in found:
        rules, left = by_rule(after, apply_choice(sessions, one.suggestion))
        assert rules <= broken
        assert all(count <= short.get(key, 0) for key, count in left.items())
        assert not [r for r in rules if isinstance(r, tuple) and one.session.id in r[2]]
