"""What a new plan changes, for whom, and which session continues which."""

from dataclasses import replace

import pytest

from devsys.core.planning.diff import diff, keep_ids
from devsys.core.planning.draw import draw
from tests.planning.builders import a_need, a_problem, a_random_problem, a_session, at

PROBLEM = a_problem([a_need(f"p{i}") for i in range(6)])
FIRST = a_session(att=(0, 1))
SECOND = a_session(start=at(1, 9), att=(3, 4), id_="s2")


def test_nothing_changed_tells_nobody() -> None:
    found = diff(PROBLEM, (FIRST, SECOND), (SECOND, FIRST))
    assert found.empty
    assert (found.concerned, found.untouched) == ((), ("p0", "p1", "p3", "p4"))


def test_new_and_cancelled_sessions_concern_their_people() -> None:
    found = diff(PROBLEM, (FIRST,), (SECOND,))
    assert [c.after for c in found.new] == [SECOND]
    assert [c.before for c in found.cancelled] == [FIRST]
    assert (found.concerned, found.untouched) == (("p0", "p1", "p3", "p4"), ())


def test_a_moved_session_concerns_all_its_people() -> None:
    moved = replace(FIRST, start=at(0, 10), fac="other")
    found = diff(PROBLEM, (FIRST, SECOND), (moved, SECOND))
    assert [(c.what, c.people) for c in found.moved] == [(("start", "facilitator"), ("p0", "p1"))]
    assert found.untouched == ("p3", "p4")


def test_who_joins_or_leaves_is_concerned_and_who_stays_is_not() -> None:
    found = diff(PROBLEM, (FIRST, SECOND), (replace(FIRST, att=(0, 2)), SECOND))
    assert [(c.what, c.people) for c in found.changed] == [(("people",), ("p1", "p2"))]
    assert (found.concerned, found.untouched) == (("p1", "p2"), ("p0", "p3", "p4"))


@pytest.mark.parametrize(("changes", "what"), [({"fac": "other"}, "facilitator"), ({"room": "tagus"}, "room")])
def test_another_leader_or_room_concerns_everybody(changes: dict[str, str], what: str) -> None:
    (found,) = diff(PROBLEM, (FIRST,), (replace(FIRST, **changes),)).changed  # type: ignore[arg-type]
    assert (found.what, found.people) == ((what,), ("p0", "p1"))


def test_a_session_keeps_its_id_when_it_moves() -> None:
    drawn = (replace(FIRST, id="n1", start=at(2, 9)), replace(SECOND, id="n2"))
    assert [s.id for s in keep_ids((FIRST, SECOND), drawn)] == ["s1", "s2"]


def test_the_one_with_more_shared_needs_continues_a_session() -> None:
    drawn = (replace(FIRST, id="n1", att=(0,)), replace(FIRST, id="n2", start=at(2, 9), att=(1, 2)))
    whole = replace(FIRST, att=(0, 1, 2))
    assert [s.id for s in keep_ids((whole,), drawn)] == ["n1", "s1"]


def test_a_new_session_does_not_take_an_id_of_the_calendar() -> None:
    drawn = (replace(SECOND, id="s1"), replace(SECOND, id="r00001", att=(5,)))
    assert [s.id for s in keep_ids((FIRST,), drawn)] == ["r00001", "r00002"]


def test_a_plan_drawn_again_keeps_all_ids() -> None:
    problem = a_random_problem(5)
    sessions = draw(problem, rounds=1).sessions
    renamed = tuple(replace(s, id=f"u-{s.id}") for s in sessions)
    assert keep_ids(renamed, sessions) == renamed
    assert diff(problem, renamed, keep_ids(renamed, sessions)).empty
