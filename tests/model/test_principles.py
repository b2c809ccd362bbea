"""How often a cohort meets each of the five principles, in sessions and in cases."""

from devsys.core.model.principles import use_of
from devsys.core.model.programme import Principle
from tests.programmes.made import activity

LISTEN, QUESTION, EXPLAIN, OWN, FOLLOW_UP = Principle
ACTIVITIES = {
    "hear": activity("hear", principles=(LISTEN, QUESTION)),
    "call": activity("call", principles=(OWN,)),
    "none": activity("none"),
}


def test_sessions_and_cases_count_for_the_principles_they_name_and_what_nothing_names_is_unused() -> None:
    held = [("a", "hear", 3), ("a", "none", 4), ("b", "call", 1), ("b", "gone", 9)]
    cases = [("a", FOLLOW_UP), ("a", FOLLOW_UP), ("a", LISTEN)]
    first, second, third = use_of(("a", "b", "c"), held, cases, ACTIVITIES)
    assert {p: first.count(p) for p in Principle} == {LISTEN: 4, QUESTION: 3, EXPLAIN: 0, OWN: 0, FOLLOW_UP: 2}
    assert first.cases == {FOLLOW_UP: 2, LISTEN: 1}
    assert first.unused == (EXPLAIN, OWN)
    assert second.unused == (LISTEN, QUESTION, EXPLAIN, FOLLOW_UP)
    assert third.unused == tuple(Principle)
