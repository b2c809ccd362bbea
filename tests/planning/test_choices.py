"""What could be done about sessions that cannot stand."""

from dataclasses import replace

import pytest

from devsys.base.words import speaking
from devsys.core.planning.board import Board
from devsys.core.planning.change import Away, Change, changed
from devsys.core.planning.change_scope import Scope
from devsys.core.planning.check import check
from devsys.core.planning.choices import Way, apply_choice, apply_choices, choices
from devsys.core.planning.problem import DAY, Problem, Session
from devsys.core.planning.repair import repair
from devsys.core.planning.short_queues import short_slots
from tests.planning.builders import a_need, a_problem, a_session, at, change_facilitator
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


def test_choices_are_ranked_by_whom_they_disturb() -> None:
    problem = a_problem([a_need(f"p{i}") for i in range(3)])
    problem = change_facilitator(problem, "trainer", quals=frozenset({"round", "listening"}))
    after = changed(problem, Change(0, absent=(Away("lead", 0, DAY),)))
    (one,) = choices(after, (a_session(att=(0, 1, 2)),), now=0, before=problem)
    assert (one.rule, one.who) == ("facilitator", ("lead",))
    assert one.why == "Otto is not at work for Case round, Mon 5 January 09:00."
    assert [c.way for c in one.choices][:2] == [Way.SUBSTITUTE, Way.SHIFT]
    assert one.choices[-1].way is Way.CANCEL
    assert [len(c.disturbed) for c in one.choices] == sorted(len(c.disturbed) for c in one.choices)
    assert one.suggestion.words == "Vera leads instead of Otto."
    assert one.suggestion.queue == (("billing", 3),)


def test_a_choice_is_the_same_in_any_language_but_for_its_words() -> None:
    problem = a_problem([a_need(f"p{i}") for i in range(3)])
    problem = change_facilitator(problem, "trainer", quals=frozenset({"round", "listening"}))
    after = changed(problem, Change(0, absent=(Away("lead", 0, DAY),)))
    (one,) = choices(after, (a_session(att=(0, 1, 2)),), now=0, before=problem)
    with speaking("de"):
        (other,) = choices(after, (a_session(att=(0, 1, 2)),), now=0, before=problem)
        moved = repair(after, (a_session(att=(0, 1, 2)),), now=0, before=problem).certificate
    assert other.why.startswith("Otto ist nicht bei der Arbeit: Case round, ")
    assert other.choices[0].words == "Vera leitet statt Otto."
    assert [replace(c, words="") for c in other.choices] == [replace(c, words="") for c in one.choices]
    assert moved.sentence == "Für niemanden ändert sich die Zeit."


def test_one_substitute_for_a_whole_day_is_offered() -> None:
    problem = a_problem([a_need(f"p{i}") for i in range(6)])
    problem = change_facilitator(problem, "trainer", quals=frozenset({"round"}))
    sessions = (a_session(att=(0, 1, 2)), a_session("round", at(0, 11), (3, 4, 5), "s2"))
    after = changed(problem, Change(0, absent=(Away("lead", 0, DAY),)))
    found = choices(after, sessions, now=0, before=problem)
    whole = [c for c in found[0].choices if c.solves == ("s1", "s2")]
    assert [c.words for c in whole] == ["Vera leads all 2 sessions of the day instead of Otto."]
    assert {s.fac for s in apply_choice(sessions, whole[0])} == {"trainer"}


def test_sessions_that_stand_have_no_choices() -> None:
    problem = a_problem([a_need("p0"), a_need("p1")])
    assert choices(problem, (a_session(),), now=0) == ()
