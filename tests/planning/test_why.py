"""Why here is counted truly; why not names every rule and the nearest start that works, for any start at all."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devsys.base.errors import InvalidError
from devsys.base.words import speaking
from devsys.core.planning.check import check, judge_move
from devsys.core.planning.draw import draw
from devsys.core.planning.problem import DAY, WEEK, Figures, Need, Plan, Problem, Room, Rules, Series, Session
from devsys.core.planning.why import why_here, why_not
from devsys.core.planning.why_cell import why_not_need
from devsys.core.planning.why_session import SessionStarts
from tests.planning.builders import (
    a_need,
    a_problem,
    a_random_problem,
    a_session,
    at,
    change_activity,
    change_agent,
    change_facilitator,
    draws,
    office,
)

LATER = tuple(a_need(f"p{i}", latest=4 * WEEK) for i in range(3))
few = settings(max_examples=6, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
seeds = st.integers(0, 10**6)


def lead_one_round(problem: Problem) -> Problem:
    return change_facilitator(problem, "lead", work=((at(0, 9), at(0, 10)),))


def a_plan(problem: Problem, *sessions: Session) -> Plan:
    """Give a plan of some sessions by hand; it breaks nothing."""
    assert check(problem, sessions) == ()
    seated = {n for s in sessions for n in s.att}
    owed = tuple(n for n in range(len(problem.needs)) if n not in seated)
    return Plan(tuple(sessions), owed, Figures(0, 0, 0, 0, 0, 0, 0, 0, 0))


# ---- why here


def test_why_here_says_what_was_scarce() -> None:
    problem = lead_one_round(a_problem(LATER))
    plan = draw(problem)
    found = why_here(problem, plan, plan.sessions[0].id)
    assert found.due == "Case round is due for 3 people, first by Sun 11 January."
    assert found.sentence == "the only start with Otto free, from Mon 5 January to Sun 1 February."
    assert (found.there, found.left) == (280, 1)
    assert found.filters == (
        ("all three free of other sessions", 280),
        ("three to spare in Billing", 280),
        ("Otto free", 1),
    )


def test_the_two_scarcest_are_named_the_scarcer_first() -> None:
    required = tuple(3 if at(0, 9) <= s < at(0, 10.5) or at(1, 9) <= s < at(1, 12) else 6 for s in range(4 * WEEK))
    problem = change_facilitator(a_problem(LATER), "lead", work=((at(0, 9), at(0, 10)), (at(2, 9), at(2, 16))))
    problem = replace(problem, pools=(replace(problem.pools[0], required=required),))
    found = why_here(problem, a_plan(problem, a_session(att=(0, 1, 2))), "s1")
    assert found.sentence == (
        "the only start with three to spare in Billing and Otto free, from Mon 5 January to Sun 1 February."
    )
    assert dict(found.filters) == {
        "all three free of other sessions": 280,
        "three to spare in Billing": 7,
        "Otto free": 12,
    }


def test_where_nothing_is_scarce_that_is_said() -> None:
    problem = a_problem(LATER)
    found = why_here(problem, a_plan(problem, a_session(att=(0, 1, 2))), "s1")
    assert found.sentence == (
        "all of 280 starts at which everybody is at work would do, from Mon 5 January to Sun 1 February; "
        "nothing is scarce."
    )


def test_a_room_and_the_days_between_steps_are_counted() -> None:
    needs = [Need("p0", "coaching", 0, WEEK, 4 * WEEK, "c", k) for k in range(2)]
    problem = replace(a_problem(needs), series=(Series("c", "p0"),))
    sessions = (a_session("coaching", at(0, 9), (0,)), a_session("coaching", at(7, 9), (1,), "s2"))
    found = why_here(problem, a_plan(problem, *sessions), "s2")
    starts = [s for a, b in office(4) for s in range(a, b)]
    between = sum(5 * DAY <= s - at(0, 9) <= 21 * DAY for s in starts)
    assert ("5 to 21 days between the steps", between) in found.filters

    problem = a_problem([a_need(f"p{i}", "listening") for i in range(4)])
    second = replace(problem.facilitators[0], id="second")
    problem = replace(problem, facilitators=(*problem.facilitators, second))
    held = replace(a_session("listening", at(0, 9), (2, 3), "held"), fac="second")
    found = why_here(problem, a_plan(problem, held, a_session("listening", at(0, 10))), "s1")
    assert ("room Tagus free", found.there - 3) in found.filters


def test_why_here_says_when_it_no_longer_suits() -> None:
    problem = a_problem(LATER)
    plan = draw(problem)
    changed = change_agent(problem, "p0", work=())
    assert why_here(changed, plan, plan.sessions[0].id).sentence.endswith("no longer suits everybody.")


def test_late_is_said() -> None:
    problem = a_problem([a_need(f"p{i}", due=at(0, 8), latest=WEEK) for i in range(2)])
    plan = draw(problem)
    assert why_here(problem, plan, plan.sessions[0].id).due.endswith("It is late for 2.")


def test_an_empty_session_and_one_without_a_common_window_are_told() -> None:
    needs = (a_need("p0", latest=WEEK), a_need("p1", earliest=WEEK))
    problem = a_problem(needs)
    plan = Plan((a_session(att=()), a_session(id_="odd")), (), draw(a_problem()).figures)
    assert why_here(problem, plan, "s1").sentence == "nobody is seated."
    assert why_here(problem, plan, "odd").sentence.endswith("have no start in common.")


@few
@given(seeds)
def test_starts_are_counted_as_the_verifier_counts_them(seed: int) -> None:
    """A start passes every filter where the verifier finds nothing against the session being there."""
    problem = replace(a_random_problem(seed), frozen_until=0)
    plan = draw(problem, rounds=0)
    for session in draws(seed).sample(plan.sessions, min(1, len(plan.sessions))):
        starts = SessionStarts(problem, plan, session)
        assert starts.suits(session.start)
        # Whatever is barred for somebody not at work needs no verifier; of the others every second one is asked.
        for i in starts.there.nonzero()[0].tolist()[seed % 2 :: 2]:
            found = judge_move(problem, plan.sessions, session.id, starts.first + i)
            assert bool(starts.all[i]) == (not found), found


# ---- why not there, for a session


def test_why_not_names_what_stands_against_and_the_nearest_start() -> None:
    problem = change_facilitator(a_problem(LATER), "lead", work=((at(0, 9), at(0, 10)), (at(3, 9), at(3, 10))))
    plan = a_plan(problem, a_session(att=(0, 1, 2)))
    assert why_not(problem, plan, "s1", at(0, 9)).rules == ()
    found = why_not(problem, plan, "s1", at(1, 9))
    assert found.rules == ("Otto is not at work then.",)
    assert (found.nearest, found.words) == (at(3, 9), "The nearest start that works: Thu 8 January 09:00.")


def test_who_leads_is_not_at_work_then_in_any_language() -> None:
    problem = change_facilitator(a_problem(LATER), "lead", work=((at(0, 9), at(0, 10)), (at(3, 9), at(3, 10))))
    with speaking("de"):
        found = why_not(problem, a_plan(problem, a_session(att=(0, 1, 2))), "s1", at(1, 9))
    assert found.rules == ("Otto ist dann nicht bei der Arbeit.",)


def test_people_who_are_not_at_work_are_named_in_one_sentence() -> None:
    problem = a_problem(LATER)
    found = why_not(problem, a_plan(problem, a_session(att=(0, 1, 2))), "s1", at(1, 7))
    assert found.rules[0] == "Ana Ruiz, Leila Haddad and Tomas Horak are not at work for all of it."
    assert found.rules[1] == "Otto is not at work then."


def test_where_only_another_leader_could_that_is_the_nearest() -> None:
    problem = lead_one_round(a_problem(LATER))
    second = replace(problem.facilitators[1], id="second", name="Irma", work=((at(2, 9), at(2, 10)),))
    problem = replace(problem, facilitators=(*problem.facilitators, second))
    found = why_not(problem, a_plan(problem, a_session(att=(0, 1, 2))), "s1", at(1, 9))
    assert found.words == "The nearest start that works: Wed 7 January 09:00, with Irma leading."


def test_where_no_start_works_that_is_said() -> None:
    problem = lead_one_round(a_problem(LATER))
    found = why_not(problem, a_plan(problem, a_session(att=(0, 1, 2))), "s1", at(1, 9))
    assert (found.nearest, found.words) == (None, "No other start from Mon 5 January to Sun 1 February works for all.")


def test_no_start_is_offered_before_the_beginning() -> None:
    problem = a_problem(LATER)
    plan = a_plan(problem, a_session(att=(0, 1, 2)))
    found = why_not(problem, plan, "s1", at(0, 7), beginning=at(2, 0))
    assert found.nearest == at(2, 8)


def test_of_a_one_to_one_only_the_taken_time_is_said() -> None:
    """Neither its theme nor that it is this coach's, so that nobody can put the two together."""
    needs = [a_need("p0", "coaching"), *LATER, a_need("p0", "digital"), a_need("p1", "digital")]
    problem = a_problem(needs)
    coach = replace(problem.facilitators[1], quals=frozenset({"round", "coaching"}), id="both", name="Ilse")
    problem = replace(problem, facilitators=(*problem.facilitators, coach))
    one = replace(a_session("coaching", at(0, 9), (0,), "one"), fac="both")
    group = replace(a_session("round", at(1, 9), (2, 3), "group"), fac="both")
    mine = a_session("digital", at(2, 9), (4, 5), "mine")
    plan = a_plan(problem, one, group, mine)
    assert why_not(problem, plan, "group", at(0, 9)).rules == ("Ilse is taken then.",)
    (clash,) = why_not(problem, plan, "mine", at(0, 9)).rules
    assert "a one-to-one, Mon 5 January 09:00" in clash
    assert "Coaching" not in clash


@few
@given(seeds)
def test_any_cell_of_the_calendar_is_answered_and_the_nearest_start_is_the_nearest(seed: int) -> None:
    problem = replace(a_random_problem(seed), frozen_until=0)
    plan = draw(problem, rounds=0)
    rng = draws(seed)
    for session in rng.sample(plan.sessions, min(3, len(plan.sessions))):
        asked = rng.randrange(-WEEK, problem.slots + WEEK)
        found = why_not(problem, plan, session.id, asked)
        broken = {v.rule for v in judge_move(problem, plan.sessions, session.id, asked)}
        assert bool(found.rules) == bool(broken)
        if found.nearest is None:
            continue
        starts = SessionStarts(problem, plan, session)
        nearer = [
            s
            for s in range(starts.first, starts.end)
            if abs(s - asked) < abs(found.nearest - asked) and s != session.start
        ]
        if "leading" not in found.words:
            assert not judge_move(problem, plan.sessions, session.id, found.nearest)
            assert all(judge_move(problem, plan.sessions, session.id, s) for s in nearer)


def test_why_of_no_session_is_refused() -> None:
    plan = draw(a_problem())
    for ask in (lambda: why_here(a_problem(), plan, "s9"), lambda: why_not(a_problem(), plan, "s9", 3)):
        with pytest.raises(InvalidError):
            ask()


# ---- why not there, for an owed need


def rules_at(problem: Problem, plan: Plan, start: int, need: int = 0) -> Sequence[str]:
    return why_not_need(problem, plan, need, start).rules


PAIR = (a_need("p0", latest=4 * WEEK), a_need("p1", latest=4 * WEEK))


def test_a_place_that_is_left_has_nothing_against_it() -> None:
    assert rules_at(a_problem(PAIR), a_plan(a_problem(PAIR)), at(0, 9)) == ()


@pytest.mark.parametrize(
    ("problem", "start", "rules"),
    [
        (change_agent(a_problem(PAIR), "p0", work=()), at(0, 9), ["Ana Ruiz is not at work for all of it."]),
        (
            change_facilitator(a_problem(PAIR), "lead", quals=frozenset()),
            at(0, 9),
            ["Nobody is qualified to lead Case round at Lisbon."],
        ),
        (
            change_facilitator(a_problem(PAIR), "lead", work=()),
            at(0, 9),
            ["Otto, who could lead Case round, is not at work."],
        ),
        (
            a_problem(PAIR, required=6),
            at(0, 9),
            ["Billing can spare nobody: 6 at work, 6 required."],
        ),
        (
            a_problem(PAIR, required=5),
            at(0, 9),
            ["Billing can spare only one: 6 at work, 5 required, the group needs 2."],
        ),
        (
            change_activity(a_problem(PAIR), "round", gmin=3),
            at(0, 9),
            ["Only Tomas Horak could come as well; the group needs 3."],
        ),
        (
            change_agent(change_activity(a_problem(PAIR), "round", gmin=2), "p1", work=()),
            at(0, 9),
            ["Nobody else who waits could come (Tomas Horak cannot then); the group needs 2."],
        ),
        (a_problem(PAIR[:1]), at(0, 9), ["Nobody else waits; the group needs 2."]),
        (
            a_problem([a_need(f"p{i}", "round", earliest=WEEK, latest=2 * WEEK) for i in range(2)]),
            at(0, 9),
            ["Its window opens on Mon 12 January.", "Nobody else waits; the group needs 2."],
        ),
        (
            a_problem([a_need(f"p{i}", latest=WEEK) for i in range(2)]),
            at(7, 9),
            ["Its window closed on Sun 11 January.", "Nobody else waits; the group needs 2."],
        ),
        (a_problem(PAIR), -5, ["This lies outside of the weeks in which something new may start."]),
        (
            replace(a_problem(PAIR), sites=(replace(a_problem().sites[0], holidays=frozenset({0})),)),
            at(0, 9),
            ["Mon 5 January is a holiday of Lisbon.", "Nobody else who waits could come (Tomas Horak cannot then); "],
        ),
        (
            change_activity(a_problem([a_need(f"p{i}", "listening") for i in range(5)]), "listening", gmin=5, gmax=6),
            at(0, 9),
            ["Lisbon has no room that seats 5."],
        ),
        (
            replace(
                a_problem([a_need(f"p{i}", "listening") for i in range(2)]),
                sites=(
                    replace(a_problem().sites[0], rooms=(Room("tagus", 4, "Tagus", closed=((at(0, 0), at(1, 0)),)),)),
                ),
            ),
            at(0, 9),
            ["Tagus is closed."],
        ),
        (
            change_agent(a_problem([a_need(f"p{i}", "listening") for i in range(2)]), "p0", holds=frozenset()),
            at(0, 9),
            ["Ana Ruiz needs Professional boundaries first."],
        ),
        (
            change_agent(a_problem(PAIR), "p0", last=(("review", -1),)),
            at(0, 9),
            ["Ana Ruiz has a session before the planned weeks, less than 7 days away."],
        ),
        (
            a_problem([a_need("p0", "coaching")], rules=Rules(day_slots=4, week_slots=4)),
            at(0, 9),
            [],
        ),
    ],
)
def test_a_rule_is_named_with_who_and_what(problem: Problem, start: int, rules: list[str]) -> None:
    found = rules_at(problem, a_plan(problem), start)
    assert len(found) == len(rules)
    assert all(said.startswith(wanted) for said, wanted in zip(found, rules, strict=True)), found


def test_what_others_take_is_named() -> None:
    """The lead, the room and the queue are taken by sessions; each is said with the session."""
    needs = [a_need("p0", latest=4 * WEEK), a_need("p1", latest=4 * WEEK), a_need("p2"), a_need("p3"), a_need("p4")]
    needs += [a_need("p4", "listening"), a_need("p5", "listening")]
    problem = a_problem(needs, required=3)
    problem = change_agent(problem, "p3", team="north")
    taken = a_session("round", at(0, 9), (2, 3), "taken")
    learning = a_session("listening", at(0, 9), (5, 6), "learning")
    plan = a_plan(replace(problem, pools=(replace(problem.pools[0], required=(2,) * problem.slots),)), taken, learning)
    assert rules_at(problem, plan, at(0, 9)) == (
        "What Billing can spare is taken by Case round of Mon 5 January 09:00 and Hear fully of Mon 5 January 09:00.",
        "Otto leads Case round of Mon 5 January 09:00.",
    )


def test_a_room_that_is_taken_is_named() -> None:
    needs = [a_need(f"p{i}", "listening") for i in range(4)]
    problem = a_problem(needs)
    second = replace(problem.facilitators[0], id="second", name="Irma")
    problem = replace(problem, facilitators=(*problem.facilitators, second))
    plan = a_plan(problem, a_session("listening", at(0, 9), (2, 3)))
    assert rules_at(problem, plan, at(0, 9)) == ("Room Tagus is taken by Hear fully of Mon 5 January 09:00.",)


def test_a_leader_of_a_one_to_one_is_only_taken() -> None:
    needs = [*PAIR, a_need("p2", "coaching")]
    problem = change_facilitator(a_problem(needs), "lead", quals=frozenset({"round", "coaching"}))
    plan = a_plan(problem, replace(a_session("coaching", at(0, 9), (2,)), fac="lead"))
    assert rules_at(problem, plan, at(0, 9)) == ("Otto is taken.",)


def test_hours_that_are_led_are_named() -> None:
    needs = [*PAIR, a_need("p2"), a_need("p2", latest=4 * WEEK)]
    needs += [a_need("p3")]
    problem = change_facilitator(a_problem(needs), "lead", weekly_slots=3)
    problem = replace(
        problem, agents=(*problem.agents[:3], replace(problem.agents[3], team="north"), *problem.agents[4:])
    )
    plan = a_plan(problem, a_session("round", at(0, 9), (2, 4)))
    assert rules_at(problem, plan, at(1, 9)) == ("Otto has led 1.5 h of that week, all there is.",)


def test_the_persons_own_calendar_is_named() -> None:
    needs = [a_need("p0", "coaching"), a_need("p0", "heavy"), a_need("p0", "digital"), a_need("p1", "digital")]
    problem = a_problem(needs, rules=Rules(min_gap_days={"adv": 7}, day_slots=3, week_slots=5))
    plan = a_plan(problem, a_session("digital", at(0, 9), (2, 3)))
    assert rules_at(problem, plan, at(0, 9)) == (
        "Ana Ruiz is in Digital service of Mon 5 January 09:00.",
        "Ana Ruiz would learn 2 h that day, 1.5 h are allowed.",
    )
    assert rules_at(problem, plan, at(2, 9), need=1) == (
        "Ana Ruiz has Digital service of Mon 5 January 09:00, less than 7 days away.",
    )
    light = replace(problem, rules=Rules(day_slots=9, week_slots=3))
    assert rules_at(light, plan, at(2, 9), need=1) == ("Ana Ruiz would learn 2.5 h that week, 1.5 h are allowed.",)


def test_recovery_is_named() -> None:
    needs = [a_need("p0", "heavy"), a_need("p0", "coaching")]
    problem = a_problem(needs)
    plan = a_plan(problem, a_session("heavy", at(0, 9), (0,)))
    assert rules_at(problem, plan, at(0, 10), need=1) == (
        "Ana Ruiz needs time to recover beside Emotional support of Mon 5 January 09:00.",
    )


def test_the_steps_of_a_series_are_named() -> None:
    needs = [Need("p0", "coaching", 0, WEEK, 4 * WEEK, "c", k) for k in range(3)]
    problem = replace(a_problem(needs), series=(Series("c", "p0"),))
    problem = change_facilitator(problem, "coach", work=((at(0, 9), at(0, 10)), (at(7, 9), at(7, 10))))
    plan = a_plan(problem, a_session("coaching", at(0, 9), (0,)))
    assert rules_at(problem, plan, at(1, 9), need=1)[0] == (
        "The step before is on Mon 5 January 09:00; the next comes 5 to 21 days after it."
    )
    assert rules_at(problem, plan, at(8, 9), need=1) == ("Ilse, the coach of this series, is not at work.",)
    assert rules_at(problem, plan, at(7, 9), need=2)[0].startswith("An earlier step of the series is not placed")


def test_a_session_that_could_take_one_more_is_full() -> None:
    needs = [a_need("p0", latest=4 * WEEK), a_need("p1"), a_need("p2")]
    problem = change_activity(a_problem(needs), "round", gmax=2)
    plan = a_plan(problem, a_session("round", at(0, 9), (1, 2)))
    found = why_not_need(problem, plan, 0, at(0, 9), joinable=("s1",))
    assert found.rules == ("Case round of Mon 5 January 09:00 is full: 2 of 2 places are taken.",)


def test_the_nearest_start_works_as_it_stands_or_with_one_change() -> None:
    problem = change_facilitator(a_problem(PAIR), "lead", work=((at(3, 9), at(3, 10)),))
    found = why_not_need(problem, a_plan(problem), 0, at(1, 9))
    assert (found.nearest, found.words) == (at(3, 9), "The nearest start that works: Thu 8 January 09:00.")
    alone = a_problem(PAIR[:1])
    found = why_not_need(alone, a_plan(alone), 0, at(1, 9))
    assert (found.nearest, found.words) == (
        None,
        "The nearest that works with one change. Would fit with a group of 1 instead of 2, Tue 6 January 09:00.",
    )
    nobody = change_agent(change_facilitator(alone, "lead", quals=frozenset()), "p0", work=())
    assert why_not_need(nobody, a_plan(nobody), 0, at(1, 9)).words.startswith("Nothing in its window works")


def test_a_need_that_is_not_owed_is_refused() -> None:
    problem = a_problem(PAIR)
    plan = a_plan(problem, a_session())
    for need in (0, 7, -1):
        with pytest.raises(InvalidError):
            why_not_need(problem, plan, need, at(0, 9))


@few
@given(seeds)
def test_any_cell_is_answered_for_owed_needs(seed: int) -> None:
    """Whatever half hour is asked for, rules are named, unless a seat there breaks nothing."""
    problem = a_random_problem(seed)
    plan = draw(problem, rounds=0, construct_only=True)
    rng = draws(seed)
    joinable = {s.id for s in plan.sessions}
    for need in rng.sample(plan.owed, min(4, len(plan.owed))):
        for asked in (rng.randrange(-WEEK, problem.slots + WEEK), rng.randrange(problem.slots)):
            found = why_not_need(problem, plan, need, asked, joinable=joinable)
            assert all(said.endswith(".") and said[0].isupper() for said in found.rules)
            assert bool(found.rules) == bool(found.words)
            if found.nearest is not None:
                assert why_not_need(problem, plan, need, found.nearest, joinable=joinable).rules == ()
