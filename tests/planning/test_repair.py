"""A calendar made true again after a change."""

import pytest

from devsys.core.planning.change import Away, Change, changed
from devsys.core.planning.check import check
from devsys.core.planning.choices import Way, apply_choices, choices
from devsys.core.planning.problem import DAY, Problem, Session
from devsys.core.planning.repair import repair
from tests.planning.builders import a_need, a_problem, a_session, change_facilitator
from tests.planning.changes import a_case, wrong


def two_rounds() -> tuple[Problem, tuple[Session, ...]]:
    """Give a team of three in a round on Monday."""
    return a_problem([a_need(f"p{i}") for i in range(3)]), (a_session(att=(0, 1, 2)),)


def test_what_still_holds_stays_as_it_is() -> None:
    problem, sessions = two_rounds()
    found = repair(problem, sessions, now=0)
    assert found.sessions == sessions
    assert (found.certificate.moved, found.certificate.sentence) == (0, "Nobody moves.")


def test_who_is_away_leaves_and_the_others_meet() -> None:
    problem, sessions = two_rounds()
    after = changed(problem, Change(0, absent=(Away("p1", 0, 2 * DAY),)))
    found = repair(after, sessions, now=0, before=problem)
    assert found.sessions == (a_session(att=(0, 2)),)
    assert (found.freed, found.owed, check(after, found.sessions)) == ((1,), (1,), ())


def test_a_sick_facilitator_is_replaced_at_the_same_time() -> None:
    problem, sessions = two_rounds()
    problem = change_facilitator(problem, "trainer", quals=frozenset({"round", "listening"}))
    after = changed(problem, Change(0, absent=(Away("lead", 0),)))
    (affected,) = choices(after, sessions, now=0)
    assert affected.suggestion.way is Way.SUBSTITUTE
    repaired = apply_choices(sessions, [affected.suggestion])
    assert [(s.fac, s.start, s.att) for s in repaired] == [("trainer", sessions[0].start, (0, 1, 2))]
    assert check(after, repaired) == ()


@pytest.mark.parametrize("seed", range(25))
def test_every_repair_holds_and_is_the_same_again(seed: int) -> None:
    problem, after, sessions, change = a_case(seed)
    narrow = repair(after, sessions, now=change.now, before=problem)
    wide = repair(after, sessions, now=change.now)
    for found in (narrow, wide):
        assert wrong(after, sessions, found.sessions, change.now) == []
    assert repair(after, sessions, now=change.now, before=problem) == narrow
