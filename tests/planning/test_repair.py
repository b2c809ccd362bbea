"""A calendar made true again after a change."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devsys.base.errors import InvalidError
from devsys.core.planning.change import Away, Change, Closed, Leaver, More, changed
from devsys.core.planning.check import check
from devsys.core.planning.choices import Way, apply_choices, choices
from devsys.core.planning.problem import DAY, WEEK, Need, Problem, Room, Series, Session
from devsys.core.planning.repair import Repaired, repair
from tests.planning.builders import (
    a_need,
    a_problem,
    a_session,
    at,
    change_activity,
    change_agent,
    change_facilitator,
    office,
)
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


@pytest.mark.parametrize("seed", range(12))
def test_every_repair_holds_and_is_the_same_again(seed: int) -> None:
    problem, after, sessions, change = a_case(seed)
    narrow = repair(after, sessions, now=change.now, before=problem)
    wide = repair(after, sessions, now=change.now)
    for found in (narrow, wide):
        assert wrong(after, sessions, found.sessions, change.now) == []
    assert repair(after, sessions, now=change.now, before=problem) == narrow


@given(st.integers(1_000, 1_000_000))
@settings(max_examples=25, deadline=None, derandomize=True)
def test_any_change_is_repaired_without_breaking_a_rule(seed: int) -> None:
    problem, after, sessions, change = a_case(seed)
    found = repair(after, sessions, now=change.now, before=problem)
    assert wrong(after, sessions, found.sessions, change.now) == []
    assert found.certificate.bound <= found.certificate.moved == len(found.freed)


@pytest.mark.soak
@pytest.mark.parametrize("block", range(40))
def test_thousands_of_changes_are_repaired_without_breaking_a_rule(block: int) -> None:
    for seed in range(10_000 + 100 * block, 10_100 + 100 * block):
        problem, after, sessions, change = a_case(seed)
        found = repair(after, sessions, now=change.now, before=problem)
        assert wrong(after, sessions, found.sessions, change.now) == []


# ---- one test for each kind of change


def test_who_lost_a_seat_gets_an_open_one_where_nobody_moves() -> None:
    problem = a_problem([a_need(f"p{i}", "digital", due=2 * WEEK) for i in range(5)])
    sessions = (a_session("digital", att=(0, 1, 2)), a_session("digital", at(7, 9), (3, 4), "s2"))
    after = changed(problem, Change(0, absent=(Away("p1", 0, 2 * DAY),)))
    found = repair(after, sessions, now=0, before=problem)
    assert [s.att for s in found.sessions] == [(0, 2), (3, 4, 1)]
    assert (found.people_moved, found.owed, found.moved) == (1, (), ())


def test_a_lost_room_is_replaced_at_the_same_time() -> None:
    problem = a_problem([a_need(f"p{i}", "listening") for i in range(2)])
    site = replace(problem.sites[0], rooms=(*problem.sites[0].rooms, Room("douro", 6)))
    problem = replace(problem, sites=(site,))
    sessions = (a_session("listening"),)
    after = changed(problem, Change(0, rooms_closed=(Closed("tagus", 0, DAY),)))
    found = repair(after, sessions, now=0, before=problem)
    assert found.sessions == (replace(sessions[0], room="douro"),)
    assert found.certificate.sentence == "Nobody moves."


def test_a_room_closed_at_another_time_changes_nothing() -> None:
    problem = a_problem([a_need(f"p{i}", "listening") for i in range(2)])
    sessions = (a_session("listening"),)
    after = changed(problem, Change(0, rooms_closed=(Closed("tagus", DAY, 2 * DAY),)))
    assert repair(after, sessions, now=0, before=problem).sessions == sessions


def test_a_queue_gets_back_as_many_as_it_needs_and_no_more() -> None:
    problem = a_problem([a_need(f"p{i}", "digital", latest=WEEK) for i in range(4)])
    sessions = (a_session("digital", att=(0, 1, 2, 3)),)
    after = changed(problem, Change(0, required=(More("billing", 0, DAY, 4),)))
    found = repair(after, sessions, now=0, before=problem)
    assert len(found.sessions[0].att) == 2
    assert (found.certificate.moved, found.certificate.proved) == (2, True)
    enough = changed(problem, Change(0, required=(More("billing", 0, DAY, 2),)))
    assert repair(enough, sessions, now=0, before=problem).sessions == sessions


def test_an_absence_that_leaves_a_queue_short_lets_somebody_else_go() -> None:
    problem = a_problem([a_need(f"p{i}", "digital", latest=DAY) for i in range(3)], required=3)
    sessions = (a_session("digital", att=(0, 1, 2)),)
    after = changed(problem, Change(0, absent=(Away("p5", 0, DAY),)))
    found = repair(after, sessions, now=0, before=problem)
    assert (len(found.sessions[0].att), found.certificate.moved, found.certificate.proved) == (2, 1, True)


def two_small_groups(needed: int) -> Repaired:
    """Repair two sessions of two on Monday, of whom a queue can spare two at a time, once it needs so many more."""
    problem = a_problem([a_need(f"p{i}", "listening", latest=DAY) for i in range(4)], required=4)
    sessions = (a_session("listening", att=(0, 1)), a_session("listening", at(0, 14), (2, 3), "s2"))
    assert check(problem, sessions) == ()
    after = changed(problem, Change(0, required=(More("billing", 0, DAY, needed),)))
    found = repair(after, sessions, now=0, before=problem)
    assert wrong(after, sessions, found.sessions, 0) == []
    return found


def test_small_groups_at_different_times_are_counted_together() -> None:
    """Each gives one back to the queue, which leaves neither large enough: all four lose their time, provably."""
    found = two_small_groups(1)
    assert (found.sessions, found.certificate.moved, found.certificate.proved) == ((), 4, True)


def test_groups_stay_where_a_queue_has_enough() -> None:
    assert len(two_small_groups(0).sessions) == 2


def test_the_needs_of_who_leaves_are_neither_moved_nor_owed() -> None:
    problem, sessions = two_rounds()
    after = changed(problem, Change(0, leavers=(Leaver("p1", 0),)))
    found = repair(after, sessions, now=0, before=problem)
    assert (found.ended, found.freed, found.owed) == ((1,), (), ())
    assert found.sessions == (a_session(att=(0, 2)),)


def test_a_holiday_moves_the_session_of_that_day_as_a_whole() -> None:
    problem, sessions = two_rounds()
    site = replace(problem.sites[0], holidays=frozenset({0}))
    work = tuple(span for span in office(4) if span[0] >= DAY)
    after = replace(problem, sites=(site,), agents=tuple(replace(a, work=work) for a in problem.agents))
    found = repair(after, sessions, now=0, before=problem)
    assert (found.moved, found.dropped, found.owed) == ((("s1", 3),), (), ())
    assert (found.certificate.moved, found.certificate.proved) == (3, True)


def test_a_change_of_shift_moves_only_who_cannot_come_any_more() -> None:
    problem, sessions = two_rounds()
    after = change_agent(problem, "p2", work=office(4, first=10))
    found = repair(after, sessions, now=0, before=problem)
    assert (found.sessions[0].att, found.freed) == ((0, 1), (2,))


def test_a_joiner_is_placed_and_nobody_moves() -> None:
    problem, sessions = two_rounds()
    north = change_agent(problem, "p3", team="north")
    after = replace(north, needs=(*problem.needs, a_need("p3")))
    found = repair(after, sessions, now=0, before=north)
    assert (found.placed, found.freed) == ((3,), ())
    assert found.sessions == (a_session(att=(0, 1, 2, 3)),)


def test_an_accepted_request_for_coaching_gets_its_steps() -> None:
    problem, sessions = two_rounds()
    steps = tuple(Need("p4", "coaching", k * WEEK, (k + 2) * WEEK, 4 * WEEK, "c", k) for k in range(2))
    after = replace(problem, needs=(*problem.needs, *steps), series=(Series("c", "p4"),))
    found = repair(after, sessions, now=0)
    assert (found.placed, found.freed) == ((3, 4), ())
    assert sessions[0] in found.sessions


def test_a_group_that_a_programme_makes_smaller_lets_go_of_one() -> None:
    problem, sessions = two_rounds()
    found = repair(change_activity(problem, "round", gmax=2), sessions, now=0, before=problem)
    assert (len(found.sessions[0].att), len(found.freed)) == (2, 1)


def test_the_steps_of_a_series_move_only_as_far_as_they_must() -> None:
    steps = [Need("p0", "coaching", 0, 4 * WEEK, 4 * WEEK, "c", k) for k in range(3)]
    problem = replace(a_problem(steps), series=(Series("c", "p0"),))
    sessions = tuple(a_session("coaching", at(7 * k, 9), (k,), f"s{k}") for k in range(3))
    after = changed(problem, Change(0, absent=(Away("coach", at(7, 0), at(8, 0)),)))
    found = repair(after, sessions, now=0, before=problem)
    assert (found.moved, found.owed, found.refacilitated) == ((("s1", 1),), (), ())
    assert (found.sessions[0], found.sessions[2]) == (sessions[0], sessions[2])


def test_what_waits_for_something_lost_goes_with_it() -> None:
    needs = [
        a_need("p0", "boundaries"),
        a_need("p0", "listening", latest=DAY),
        *(a_need(f"p{i}", "listening") for i in (1, 2)),
    ]
    problem = change_agent(a_problem(needs), "p0", holds=frozenset())
    sessions = (a_session("boundaries", at(0, 8), (0,), "first"), a_session("listening", at(0, 14), (1, 2, 3), "then"))
    after = changed(problem, Change(0, absent=(Away("p0", at(0, 8), at(0, 13)),)))
    found = repair(after, sessions, now=0, before=problem)
    assert next(s.att for s in found.sessions if s.id == "then") == (2, 3)
    assert wrong(after, sessions, found.sessions, 0) == []


# ---- what may not change


def test_what_began_and_what_is_pinned_stays_and_is_said() -> None:
    problem, sessions = two_rounds()
    gone = Change(sessions[0].start + 1, absent=(Away("lead", 0),))
    assert repair(changed(problem, gone), sessions, now=gone.now).sessions == sessions
    pinned = replace(changed(problem, Change(0, absent=(Away("lead", 0),))), pinned=sessions)
    found = repair(pinned, sessions, now=0, before=problem)
    assert found.sessions == sessions
    assert [(v.rule, v.sessions) for v in found.left] == [("facilitator", ("s1",))]


def test_nobody_gets_a_new_time_inside_the_freeze_window() -> None:
    problem, sessions = two_rounds()
    after = changed(problem, Change(0, absent=(Away("lead", 0, DAY),)))
    found = repair(replace(after, frozen_until=3 * DAY), sessions, now=0, before=problem)
    assert found.sessions[0].start >= 3 * DAY


def test_only_some_sessions_are_repaired_when_asked() -> None:
    problem = a_problem([a_need(f"p{i}", "round" if i < 3 else "digital") for i in range(6)])
    sessions = (a_session(att=(0, 1, 2)), a_session("digital", at(1, 9), (3, 4, 5), "s2"))
    after = changed(problem, Change(0, absent=(Away("p1", 0, 3 * DAY), Away("p4", 0, 3 * DAY))))
    found = repair(after, sessions, now=0, only={"s1"})
    assert [s.att for s in found.sessions] == [(0, 2), (3, 4, 5)]


def test_a_plan_with_an_id_twice_is_refused() -> None:
    problem, sessions = two_rounds()
    with pytest.raises(InvalidError) as refused:
        repair(problem, sessions * 2, now=0)
    assert [f.what for f in refused.value.faults] == ["the id 's1' is there twice"]


def test_a_stopped_repair_still_holds() -> None:
    problem, after, sessions, change = a_case(7)
    found = repair(after, sessions, now=change.now, before=problem, stop=lambda: True)
    assert wrong(after, sessions, found.sessions, change.now) == []
