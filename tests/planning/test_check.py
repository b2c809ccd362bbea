"""Every hard rule, where it binds and where it does not."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from devsys.base.errors import InvalidError
from devsys.base.words import speaking
from devsys.core.planning.check import RULES, check, judge_move
from devsys.core.planning.problem import DAY, WEEK, Need, Problem, Room, Rules, Session, Site
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

PAIR = (a_need("p0"), a_need("p1"))


def broken(problem: Problem, *sessions: Session) -> list[str]:
    return sorted({v.rule for v in check(problem, sessions)})


def test_a_good_session_breaks_nothing() -> None:
    assert broken(a_problem(PAIR), a_session()) == []


def test_every_violation_speaks_and_names_its_rule() -> None:
    problem = change_agent(a_problem(PAIR), "p0", work=())
    (found,) = check(problem, [a_session()])
    assert found.what == "Ana Ruiz is not at work for the whole of Case round, Mon 5 January 09:00."
    assert (found.who, found.sessions, found.name) == ("p0", ("s1",), RULES["at_work"])


def test_a_violation_is_said_in_the_language_spoken_under_the_same_code() -> None:
    problem = change_agent(a_problem(PAIR), "p0", work=())
    with speaking("de"):
        (found,) = check(problem, [a_session()])
    assert found.what.startswith("Ana Ruiz ist nicht die ganze Zeit bei der Arbeit: Case round, ")
    assert (found.rule, found.who) == ("at_work", "p0")


@pytest.mark.parametrize(("end", "rules"), [(at(0, 9.5), ["at_work"]), (at(0, 10), [])])
def test_people_are_at_work_for_the_whole_session(end: int, rules: list[str]) -> None:
    problem = change_agent(a_problem(PAIR), "p1", work=((at(0, 9), end),))
    assert broken(problem, a_session()) == rules


def test_spans_that_touch_are_one_stretch_of_work() -> None:
    problem = change_agent(a_problem(PAIR), "p1", work=((at(0, 9), at(0, 9.5)), (at(0, 9.5), at(0, 10))))
    assert broken(problem, a_session()) == []


@pytest.mark.parametrize(("required", "rules"), [(5, ["coverage"]), (4, [])])
def test_the_queue_keeps_what_it_requires(required: int, rules: list[str]) -> None:
    assert broken(a_problem(PAIR, required=required), a_session()) == rules


def test_a_shortage_is_told_in_one_sentence() -> None:
    (found,) = check(a_problem(PAIR, required=5), [a_session()])
    assert found.what == "Billing is 1 short for 1 h from Mon 5 January 09:00."


def test_a_requirement_above_the_roster_takes_nothing_below_zero() -> None:
    (found,) = check(a_problem(PAIR, required=60), [a_session()])
    assert found.what == "Billing is 2 short for 1 h from Mon 5 January 09:00."


@pytest.mark.parametrize(("start", "rules"), [(at(0, 9.5), ["one_place_person"]), (at(0, 10), [])])
def test_a_person_is_in_one_place(start: int, rules: list[str]) -> None:
    needs = (*PAIR, a_need("p0", "digital"), a_need("p1", "digital"))
    problem = replace(a_problem(needs), rules=Rules(day_slots=20, week_slots=20))
    assert broken(problem, a_session(), a_session("digital", start, (2, 3), "s2")) == rules


@pytest.mark.parametrize(("start", "rules"), [(at(0, 9.5), ["one_place"]), (at(0, 10), [])])
def test_a_facilitator_is_in_one_place(start: int, rules: list[str]) -> None:
    problem = a_problem((*PAIR, a_need("p4"), a_need("p5")))
    assert broken(problem, a_session(), a_session(start=start, att=(2, 3), id_="s2")) == rules


@pytest.mark.parametrize(("start", "rules"), [(at(0, 9.5), ["one_place"]), (at(0, 10), [])])
def test_a_room_holds_one_session(start: int, rules: list[str]) -> None:
    needs = tuple(a_need(f"p{i}", "listening") for i in range(4))
    problem = a_problem(needs)
    other = replace(problem.facilitators[0], id="second")
    problem = replace(problem, facilitators=(*problem.facilitators, other))
    second = replace(a_session("listening", start, (2, 3), "s2"), fac="second")
    assert broken(problem, a_session("listening"), second) == rules


@pytest.mark.parametrize(("start", "rules"), [(at(0, 10), ["changeover"]), (at(0, 10.5), [])])
def test_a_room_needs_time_between_sessions(start: int, rules: list[str]) -> None:
    needs = tuple(a_need(f"p{i}", "listening") for i in range(4))
    problem = a_problem(needs, rules=Rules(changeover_slots=1))
    other = replace(problem.facilitators[0], id="second")
    problem = replace(problem, facilitators=(*problem.facilitators, other))
    second = replace(a_session("listening", start, (2, 3), "s2"), fac="second")
    assert broken(problem, a_session("listening"), second) == rules


@pytest.mark.parametrize(("start", "rules"), [(at(0, 10), ["changeover"]), (at(0, 10.5), [])])
def test_a_facilitator_needs_time_to_change_rooms(start: int, rules: list[str]) -> None:
    needs = (a_need("p0", "listening"), a_need("p1", "listening"), a_need("p2", "digital"), a_need("p3", "digital"))
    problem = a_problem(needs, rules=Rules(changeover_slots=1))
    assert broken(problem, a_session("listening"), a_session("digital", start, (2, 3), "s2")) == rules


def test_a_facilitator_stays_in_a_place_without_change_over() -> None:
    needs = tuple(a_need(f"p{i}", "digital") for i in range(4))
    problem = a_problem(needs, rules=Rules(changeover_slots=1))
    assert broken(problem, a_session("digital"), a_session("digital", at(0, 10.5), (2, 3), "s2")) == []


@pytest.mark.parametrize(
    ("changes", "rules"),
    [
        ({"quals": frozenset()}, ["facilitator"]),
        ({"sites": ()}, ["facilitator"]),
        ({"work": ((at(0, 9), at(0, 9.5)),)}, ["facilitator"]),
        ({"work": ((at(0, 9), at(0, 10)),)}, []),
        ({"weekly_slots": 1}, ["facilitator"]),
        ({"weekly_slots": 2}, []),
    ],
)
def test_a_facilitator_is_qualified_there_and_within_hours(changes: dict[str, object], rules: list[str]) -> None:
    assert broken(change_facilitator(a_problem(PAIR), "lead", **changes), a_session()) == rules


def test_a_session_without_a_known_facilitator_is_named() -> None:
    assert broken(a_problem(PAIR), replace(a_session(), fac="nobody")) == ["facilitator"]


def test_hours_led_count_by_week() -> None:
    needs = tuple(a_need(f"p{i}", due=4 * WEEK, latest=4 * WEEK) for i in range(4))
    problem = change_facilitator(a_problem(needs), "lead", weekly_slots=2)
    assert broken(problem, a_session(), a_session(start=at(1, 9), att=(2, 3), id_="s2")) == ["facilitator", "group"]
    assert broken(problem, a_session(), a_session(start=at(7, 9), att=(2, 3), id_="s2")) == ["group"]


@pytest.mark.parametrize(
    ("people", "rules"),
    [((0,), ["group"]), ((0, 1), []), ((0, 1, 2), ["group"]), ((0, 3), ["group"])],
)
def test_a_group_has_its_size_and_one_team(people: tuple[int, ...], rules: list[str]) -> None:
    problem = change_activity(a_problem([a_need(f"p{i}") for i in range(6)]), "round", gmax=2)
    assert broken(problem, a_session(att=people)) == rules


def test_teams_may_mix_where_the_activity_allows() -> None:
    assert broken(a_problem([a_need(f"p{i}", "digital") for i in (0, 5)]), a_session("digital")) == []


def test_a_person_takes_one_seat() -> None:
    assert broken(a_problem((a_need("p0"), a_need("p0"))), a_session()) == ["group", "one_place_person", "spacing"]


def test_people_of_two_sites_do_not_meet() -> None:
    problem = a_problem([a_need("p0", "digital"), a_need("p1", "digital")])
    porto = Site("porto", rooms=(Room("douro", 4),))
    problem = change_agent(replace(problem, sites=(*problem.sites, porto)), "p1", site="porto")
    problem = change_facilitator(problem, "trainer", sites=("lisbon", "porto"))
    assert broken(problem, a_session("digital")) == ["group"]


@pytest.mark.parametrize(
    ("room", "rules"), [("tagus", []), (None, ["room"]), ("attic", ["room"]), ("small", ["room"]), ("douro", ["room"])]
)
def test_a_room_is_of_the_site_and_large_enough(room: str | None, rules: list[str]) -> None:
    problem = a_problem([a_need("p0", "listening"), a_need("p1", "listening")])
    lisbon = replace(problem.sites[0], rooms=(*problem.sites[0].rooms, Room("small", 1)))
    problem = replace(problem, sites=(lisbon, Site("porto", rooms=(Room("douro", 4),))))
    assert broken(problem, replace(a_session("listening"), room=room)) == rules


def test_an_activity_online_needs_no_room() -> None:
    problem = change_activity(
        a_problem([a_need("p0", "listening"), a_need("p1", "listening")]), "listening", online=True
    )
    assert broken(problem, replace(a_session("listening"), room=None)) == []


@pytest.mark.parametrize(
    ("earliest", "latest", "rules"),
    [
        (at(0, 9), at(0, 9.5), []),
        (at(0, 9.5), WEEK, ["window"]),
        (0, at(0, 9), ["window"]),
    ],
)
def test_a_session_starts_inside_the_window(earliest: int, latest: int, rules: list[str]) -> None:
    needs = (a_need("p0", earliest=earliest, latest=latest), a_need("p1"))
    assert broken(a_problem(needs), a_session()) == rules


@pytest.mark.parametrize(("day", "rules"), [(6, ["spacing"]), (7, [])])
def test_sessions_of_a_kind_keep_their_distance(day: int, rules: list[str]) -> None:
    needs = (*PAIR, a_need("p0", latest=4 * WEEK), a_need("p1", latest=4 * WEEK))
    problem = replace(a_problem(needs), agents=tuple(replace(a, work=((0, 4 * WEEK),)) for a in a_problem().agents))
    problem = change_facilitator(problem, "lead", work=((0, 4 * WEEK),))
    assert broken(problem, a_session(), a_session(start=at(day, 9), att=(2, 3), id_="s2")) == rules


@pytest.mark.parametrize(("last", "rules"), [(at(-7, 9.5), ["spacing"]), (at(-7, 9), [])])
def test_spacing_holds_over_the_edge_of_the_horizon(last: int, rules: list[str]) -> None:
    problem = change_agent(a_problem(PAIR), "p0", last=(("review", last),))
    assert broken(problem, a_session()) == rules


@pytest.mark.parametrize(("limit", "rules"), [(4, ["dose"]), (5, [])])
def test_learning_time_of_a_day_is_limited(limit: int, rules: list[str]) -> None:
    needs = (*PAIR, a_need("p0", "digital"), a_need("p1", "digital"))
    problem = a_problem(needs, rules=Rules(day_slots=limit, week_slots=9))
    assert broken(problem, a_session(), a_session("digital", at(0, 13), (2, 3), "s2")) == rules


@pytest.mark.parametrize(("limit", "rules"), [(4, ["dose"]), (5, [])])
def test_learning_time_of_a_week_is_limited(limit: int, rules: list[str]) -> None:
    needs = (*PAIR, a_need("p0", "digital"), a_need("p1", "digital"))
    problem = a_problem(needs, rules=Rules(day_slots=4, week_slots=limit))
    assert broken(problem, a_session(), a_session("digital", at(4, 13), (2, 3), "s2")) == rules


@pytest.mark.parametrize(("start", "rules"), [(at(0, 10.5), ["recovery"]), (at(0, 11), [])])
def test_recovery_is_free_of_sessions(start: int, rules: list[str]) -> None:
    problem = a_problem((a_need("p0", "heavy"), a_need("p0"), a_need("p1")))
    assert broken(problem, a_session("heavy", att=(0,)), a_session(start=start, att=(1, 2), id_="s2")) == rules


@pytest.mark.parametrize(("day", "rules"), [(0, ["recovery"]), (1, [])])
def test_one_intense_session_a_day(day: int, rules: list[str]) -> None:
    problem = a_problem((a_need("p0", "heavy"), a_need("p0", "heavy")), rules=Rules())
    assert broken(problem, a_session("heavy", att=(0,)), a_session("heavy", at(day, 14), (1,), "s2")) == rules


def test_recovery_counts_as_time_off_the_queue() -> None:
    short = tuple(6 if at(0, 10) <= s < at(0, 11) else 0 for s in range(4 * WEEK))
    problem = a_problem((a_need("p0", "heavy"),))
    problem = replace(problem, pools=(replace(problem.pools[0], required=short),))
    (found,) = check(problem, [a_session("heavy", att=(0,))])
    assert found.what == "Billing is 1 short for 1 h from Mon 5 January 10:00."


def test_recovery_after_the_shift_takes_nothing_from_the_queue() -> None:
    problem = a_problem((a_need("p0", "heavy"),), required=5)
    assert broken(problem, a_session("heavy", at(0, 15.5), (0,))) == []


@pytest.mark.parametrize(("start", "rules"), [(at(0, 10.5), ["prerequisite"]), (at(0, 13), [])])
def test_a_prerequisite_has_ended_first(start: int, rules: list[str]) -> None:
    needs = (a_need("p0", "boundaries"), a_need("p0", "listening"), a_need("p1", "listening"))
    problem = change_agent(a_problem(needs, rules=Rules(day_slots=9)), "p0", holds=None)
    first = a_session("boundaries", at(0, 13) if start < at(0, 11) else at(0, 9), (0,))
    assert broken(problem, first, a_session("listening", start, (1, 2), "s2")) == rules


def test_a_prerequisite_nobody_asks_for_is_held() -> None:
    needs = (a_need("p0", "listening"), a_need("p1", "listening"))
    problem = change_agent(a_problem(needs), "p0", holds=None)
    assert broken(problem, a_session("listening")) == []


def test_what_a_person_does_not_hold_binds() -> None:
    needs = (a_need("p0", "listening"), a_need("p1", "listening"))
    problem = change_agent(a_problem(needs), "p0", holds=frozenset())
    assert broken(problem, a_session("listening")) == ["prerequisite"]


def coached(*starts: int, coaches: Iterable[str] = ("coach",) * 9) -> list[str]:
    needs = tuple(Need("p0", "coaching", 0, 4 * WEEK, 4 * WEEK, "c", k) for k in range(3))
    problem = a_problem(needs)
    problem = replace(problem, facilitators=(*problem.facilitators, replace(problem.facilitators[2], id="other")))
    rows = zip(starts, coaches, strict=False)
    sessions = [replace(a_session("coaching", t, (k,), f"s{k}"), fac=c) for k, (t, c) in enumerate(rows)]
    return broken(problem, *(s for s in sessions if s.start >= 0))


@pytest.mark.parametrize(("days", "rules"), [((3, 7), ["series"]), ((3, 8), []), ((0, 21), []), ((0, 22), ["series"])])
def test_steps_of_a_series_keep_their_gaps(days: tuple[int, ...], rules: list[str]) -> None:
    assert coached(*(at(d, 9) for d in days)) == rules


def test_a_series_keeps_its_coach() -> None:
    assert coached(at(0, 9), at(7, 9), coaches=("coach", "other")) == ["series"]


def test_a_series_begins_with_its_first_step() -> None:
    assert coached(-1, at(7, 9)) == ["series"]


def test_pinned_sessions_stay() -> None:
    problem = replace(a_problem(PAIR), pinned=(a_session(),))
    assert broken(problem) == ["kept"]
    assert broken(problem, a_session(start=at(0, 10))) == ["kept"]
    assert broken(problem, a_session()) == []


def test_nothing_new_inside_the_freeze_window() -> None:
    problem = replace(a_problem(PAIR), frozen_until=at(0, 9.5))
    assert broken(problem, a_session()) == ["frozen"]
    assert broken(replace(problem, pinned=(a_session(),)), a_session()) == []
    assert broken(replace(problem, frozen_until=at(0, 9)), a_session()) == []


def test_no_session_on_a_holiday() -> None:
    problem = a_problem(PAIR)
    closed = replace(problem, sites=(replace(problem.sites[0], holidays=frozenset({0})),))
    assert broken(closed, a_session()) == ["open_day"]
    assert broken(closed, a_session(start=at(1, 9))) == []


def test_a_need_is_served_once_and_by_its_activity() -> None:
    problem = a_problem((*PAIR, a_need("p2", "digital")))
    again = a_session(start=at(7, 9), id_="s2")
    assert broken(problem, a_session(), again) == ["need"]
    assert broken(problem, a_session(att=(0, 2))) == ["need"]


def test_outside_of_the_horizon() -> None:
    long = ((-WEEK, 5 * WEEK),)
    problem = change_facilitator(a_problem(PAIR), "lead", work=long)
    problem = replace(problem, agents=tuple(replace(a, work=long) for a in problem.agents))
    assert broken(problem, a_session(start=-2)) == ["frozen", "horizon", "window"]
    assert "horizon" in broken(problem, a_session(start=4 * WEEK - 1))


def test_what_nobody_knows_is_named_and_does_not_stop_the_judge() -> None:
    problem = a_problem(PAIR)
    assert broken(problem, replace(a_session(), act="yoga")) == ["known"]
    assert broken(problem, a_session(att=(0, 99))) == ["known"]
    assert broken(problem, a_session(), a_session(start=at(7, 9), att=())) == ["group", "known"]


def test_clock_changes_move_the_day_not_the_slots() -> None:
    # A day of 46 slots: 23:30 local on day 6 and 00:30 on day 7 are two days although two slots apart.
    problem = a_problem((a_need("p0", "heavy"), a_need("p0", "heavy")), rules=Rules(day_slots=2))
    midnights = tuple(d * DAY - (2 if d > 6 else 0) for d in range(29))
    site = replace(problem.sites[0], midnights=midnights)
    problem = change_activity(replace(problem, sites=(site,)), "heavy", recovery=0)
    everywhere = ((0, 4 * WEEK),)
    problem = change_agent(change_facilitator(problem, "trainer", work=everywhere), "p0", work=everywhere)
    first = a_session("heavy", midnights[7] - 4, (0,))
    assert broken(problem, first, a_session("heavy", midnights[7] - 2, (1,), "s2")) == ["dose"]
    assert broken(problem, first, a_session("heavy", midnights[7], (1,), "s2")) == []


def test_a_move_is_judged_by_what_it_causes() -> None:
    needs = tuple(a_need(f"p{i}", latest=4 * WEEK) for i in range(6))
    problem = a_problem(needs, required=5)
    first, second = a_session(att=(0, 1)), a_session(start=at(1, 9), att=(3, 4), id_="s2")
    assert judge_move(problem, (first, second), "s1", at(0, 10)) != ()
    assert {v.rule for v in judge_move(problem, (first, second), "s1", at(1, 9))} == {"one_place", "coverage"}
    calm = a_problem(needs)
    assert judge_move(calm, (first, second), "s1", at(0, 10)) == ()
    assert [v.rule for v in judge_move(calm, (first, second), "s1", at(1, 9))] == ["one_place"]
    assert [v.rule for v in judge_move(calm, (first, second), "s1", at(0, 9), facilitator="coach")] == ["facilitator"]


def test_a_move_is_not_blamed_for_what_was_broken_before() -> None:
    problem = change_agent(a_problem(PAIR), "p0", work=())
    assert judge_move(problem, [a_session()], "s1", at(0, 9)) == ()
    moved = judge_move(problem, [a_session()], "s1", at(0, 10))
    assert [(v.rule, v.who) for v in moved] == [("at_work", "p0")]


def test_a_move_of_no_session_is_refused() -> None:
    with pytest.raises(InvalidError, match="no such session"):
        judge_move(a_problem(PAIR), [], "s1", 0)


def test_the_office_of_the_builders_keeps_lunch_free() -> None:
    assert office(1)[:2] == ((16, 24), (25, 33))
