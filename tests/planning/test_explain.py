"""Reasons: the right one is named, relaxing it lets the need fit, and what was tried is true."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from devsys.base.words import speaking
from devsys.core.planning.draw import draw
from devsys.core.planning.explain import REASONS, Owed, explain
from devsys.core.planning.problem import DAY, WEEK, Need, Plan, Problem, Rules, Series
from devsys.core.planning.relax import Relax
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

ROUNDS = tuple(a_need(f"p{i}") for i in range(3))
LATER = tuple(a_need(f"p{i}", latest=4 * WEEK) for i in range(3))


def reason(problem: Problem) -> Owed:
    """Give the reason of the first need a drawn plan leaves owed."""
    plan = draw(problem)
    assert plan.owed
    return explain(problem, plan)[0]


def lead_one_round(problem: Problem) -> Problem:
    return change_facilitator(problem, "lead", work=((at(0, 9), at(0, 10)),))


def busy_room(problem: Problem) -> Problem:
    problem = replace(problem, pinned=(a_session("listening", att=(2, 3), id_="held"),))
    return replace(problem, facilitators=(*problem.facilitators, replace(problem.facilitators[0], id="second")))


def listening(people: int = 2) -> tuple[Need, ...]:
    return tuple(
        a_need(f"p{i}", "listening", earliest=at(0, 9), due=at(0, 9.5), latest=at(0, 9.5)) for i in range(people)
    )


CASES: list[tuple[str, Problem, Callable[[Problem], Problem]]] = [
    (
        "window",
        replace(a_problem([a_need(f"p{i}", latest=WEEK) for i in range(3)]), frozen_until=WEEK),
        lambda p: replace(p, frozen_until=0),
    ),
    (
        "at_work",
        change_agent(a_problem(ROUNDS), "p0", work=()),
        lambda p: change_agent(p, "p0", work=office(4)),
    ),
    (
        "facilitator",
        change_facilitator(a_problem(ROUNDS), "lead", quals=frozenset()),
        lambda p: change_facilitator(p, "lead", quals=frozenset({"round"})),
    ),
    (
        "facilitator",
        change_facilitator(a_problem(ROUNDS), "lead", work=office(4, first=17, end=22, lunch=20)),
        lambda p: change_facilitator(p, "lead", work=office(4)),
    ),
    (
        "room",
        change_activity(a_problem([a_need(f"p{i}", "listening") for i in range(6)]), "listening", gmin=5, gmax=6),
        lambda p: change_activity(p, "listening", gmin=2),
    ),
    (
        "coverage",
        a_problem(ROUNDS, required=6),
        lambda p: replace(p, pools=(replace(p.pools[0], required=(3,) * p.slots),)),
    ),
    (
        "prerequisite",
        change_agent(a_problem([a_need(f"p{i}", "listening") for i in range(3)]), "p0", holds=frozenset()),
        lambda p: change_agent(p, "p0", holds=frozenset({"boundaries"})),
    ),
    (
        "spacing",
        change_agent(a_problem([a_need(f"p{i}", latest=WEEK) for i in range(3)]), "p0", last=(("review", -1),)),
        lambda p: change_agent(p, "p0", last=()),
    ),
    (
        "dose",
        a_problem(ROUNDS, rules=Rules(day_slots=1)),
        lambda p: replace(p, rules=Rules(day_slots=4)),
    ),
    (
        "companions",
        a_problem([a_need("p0"), a_need("p4")]),
        lambda p: change_agent(p, "p4", team="north"),
    ),
    (
        "series",
        replace(
            change_agent(
                a_problem([Need("p0", "coaching", 0, WEEK, 4 * WEEK, "c", k) for k in range(2)]),
                "p0",
                work=((at(0, 9), at(0, 10)), (at(1, 9), at(1, 10))),
            ),
            series=(Series("c", "p0"),),
        ),
        lambda p: replace(p, rules=replace(p.rules, coach_gap_days=(1, 21))),
    ),
    (
        "rooms_taken",
        busy_room(a_problem([*listening(), *(a_need(f"p{i}", "listening") for i in (2, 3))])),
        lambda p: replace(p, pinned=()),
    ),
    (
        "leaders_taken",
        change_facilitator(
            a_problem([a_need(f"p{i}", "coaching", due=WEEK, latest=WEEK) for i in range(3)]), "coach", weekly_slots=2
        ),
        lambda p: change_facilitator(p, "coach", weekly_slots=3),
    ),
    (
        "others_placed",
        change_activity(
            change_facilitator(a_problem(ROUNDS), "lead", work=((at(0, 9), at(0, 10)), (at(1, 9), at(1, 10)))),
            "round",
            gmax=2,
        ),
        lambda p: change_activity(p, "round", gmax=3),
    ),
]


@pytest.mark.parametrize(("code", "problem", "relaxed"), CASES, ids=[f"{c}-{i}" for i, (c, _, _) in enumerate(CASES)])
def test_the_reason_is_the_one_that_binds(code: str, problem: Problem, relaxed: Callable[[Problem], Problem]) -> None:
    found = reason(problem)
    assert (found.code, found.code in REASONS) == (code, True)
    eased = relaxed(problem)
    assert found.need not in draw(eased).owed


def one_spare_hour(*, coaches: int) -> Problem:
    """Give three who want coaching, a queue that can spare one of them on Monday from 9 to 10, and some coaches."""
    needs = [a_need(f"p{i}", "coaching", due=WEEK, latest=WEEK) for i in range(3)]
    required = tuple(5 if at(0, 9) <= s < at(0, 10) else 9 for s in range(4 * WEEK))
    problem = a_problem(needs)
    more = tuple(replace(problem.facilitators[2], id=f"more{i}") for i in range(coaches - 1))
    pools = (replace(problem.pools[0], required=required),)
    return replace(problem, pools=pools, facilitators=(*problem.facilitators, *more))


def test_what_the_queue_can_spare_is_taken() -> None:
    found = reason(one_spare_hour(coaches=2))
    assert found.code == "queue_taken"
    assert found.sentence == (
        "What Billing can spare is taken by other sessions whenever all else would fit, "
        "from Mon 5 January to Sun 11 January; on Mon 5 January 09:00 it is a one-to-one of Mon 5 January 09:00."
    )
    assert found.would_fit.splitlines() == [
        "Would fit on Mon 5 January 08:00 if Billing needed four fewer.",
        "Would fit on Mon 5 January 09:00 if a one-to-one of Mon 5 January 09:00 was at another time.",
    ]


def test_one_session_that_takes_both_queue_and_coach_is_one_reason() -> None:
    """To need one fewer would not help: the coach is taken as well."""
    found = reason(one_spare_hour(coaches=1))
    assert found.code == "competition"
    assert found.sentence == (
        "Other sessions came first whenever Leila Haddad could come, from Mon 5 January to Sun 11 January; "
        "on Mon 5 January 09:00 it is a one-to-one of Mon 5 January 09:00: what Billing can spare is taken by other "
        "sessions and everybody who can lead Coaching is taken or has led enough."
    )


def test_a_smaller_group_is_tried() -> None:
    found = reason(a_problem([a_need("p0", latest=WEEK)]))
    assert (found.code, found.would_fit) == (
        "companions",
        "Would fit with a group of 1 instead of 2, Mon 5 January 08:00.",
    )


def test_a_later_time_is_tried() -> None:
    problem = change_agent(a_problem([a_need("p0", "coaching", latest=WEEK)]), "p0", work=office(4)[12:])
    found = reason(problem)
    assert (found.code, found.would_fit.splitlines()) == (
        "at_work",
        ["Would fit from Tue 13 January 08:00.", "Would fit on Mon 5 January 08:00 if Ana Ruiz were at work."],
    )


def test_nothing_is_tried_once_stopped_but_reasons_stand() -> None:
    problem = a_problem([a_need("p0", latest=WEEK)])
    (found,) = explain(problem, draw(problem), lambda: True)
    assert (found.code, found.would_fit) == ("companions", "")


def test_a_stop_with_very_much_owed_ends_the_search_for_reasons() -> None:
    needs = [a_need("p0", latest=WEEK)] * 520
    problem = a_problem(needs)
    owed = Plan((), tuple(range(520)), draw(a_problem()).figures)
    codes = [o.code for o in explain(problem, owed, lambda: True)]
    assert codes == ["companions"] * 500 + ["stopped"] * 20


def test_steps_after_a_missing_number_wait_for_it() -> None:
    problem = replace(a_problem([Need("p0", "coaching", 0, WEEK, WEEK, "c", 1)]), series=(Series("c", "p0"),))
    assert reason(problem).sentence == "An earlier step of this series is not among the needs."


def test_recovery_is_a_reason() -> None:
    needs = [a_need("p0", "heavy", due=DAY, latest=DAY), a_need("p0", "heavy", due=DAY, latest=DAY)]
    problem = a_problem(needs, rules=Rules(day_slots=8))
    assert reason(problem).code == "recovery"


def test_a_coach_who_does_not_lead_the_next_step_is_a_reason() -> None:
    other = replace(a_problem().activities[5], id="writing", name="Coaching in writing")
    needs = [Need("p0", "coaching", 0, WEEK, WEEK, "c", 0), Need("p0", "writing", WEEK, 2 * WEEK, 3 * WEEK, "c", 1)]
    problem = replace(a_problem(needs), series=(Series("c", "p0"),))
    writer = replace(problem.facilitators[2], id="writer", quals=frozenset({"writing"}))
    problem = replace(problem, activities=(*problem.activities, other), facilitators=(*problem.facilitators, writer))
    found = reason(problem)
    assert (found.need, found.code) == (1, "series")
    assert found.sentence == "Ilse and Ana Ruiz have no common time 5 to 21 days after the step before."


def test_a_window_after_the_planned_weeks_is_said() -> None:
    beyond = Need("p0", "coaching", 9 * WEEK, 9 * WEEK, 10 * WEEK)
    assert reason(a_problem([beyond])).sentence == "Its window begins after the planned weeks."
    assert reason(a_problem([Need("p0", "coaching", 9, 9, 9)])).sentence == "Its window is too short for the session."


def test_a_window_that_closed_before_anything_new_may_start_is_said() -> None:
    problem = replace(a_problem([a_need(f"p{i}", latest=WEEK) for i in range(3)]), frozen_until=WEEK)
    found = reason(problem)
    assert found.sentence == "Its window closed on Sun 11 January, before anything new may start."
    assert found.proof is not None
    assert found.proof.relaxes == (Relax("window"),)
    # Of the three, whose windows have all closed, nobody else waits for a session later.
    assert found.would_fit == ""


def test_what_is_longer_than_anybody_may_learn_is_said() -> None:
    found = reason(a_problem(ROUNDS, rules=Rules(day_slots=1)))
    assert found.sentence == "Case round takes 1 h, more than anybody may learn in a day or a week."
    assert found.proof is not None
    assert found.proof.relaxes == (Relax("dose", amount=2),)
    assert found.would_fit == "Would fit on Mon 5 January 08:00 if everybody could learn 1 h at a time."


def test_what_is_too_long_and_whose_window_has_closed_has_both_reasons() -> None:
    """Either alone would leave it without a start: nothing new may start in its window."""
    needs = [a_need(f"p{i}", latest=WEEK) for i in range(2)]
    problem = replace(a_problem(needs, rules=Rules(day_slots=1)), frozen_until=WEEK)
    found = reason(problem)
    assert found.code == "dose+window"
    assert found.sentence == (
        "Case round takes 1 h, more than anybody may learn in a day or a week. "
        "Its window closed on Sun 11 January, before anything new may start."
    )
    assert found.proof is not None
    assert found.proof.relaxes == (Relax("dose", amount=2), Relax("window"))


def test_a_place_after_the_window_is_found_for_what_is_too_long() -> None:
    """One may learn for an hour at a time, and later: the others wait then."""
    needs = [a_need("p0", latest=WEEK), *(a_need(f"p{i}", earliest=WEEK, due=2 * WEEK) for i in (1, 2))]
    problem = replace(a_problem(needs, rules=Rules(day_slots=1)), frozen_until=WEEK)
    found = explain(problem, draw(problem))[0]
    assert found.code == "dose+window+companions"
    assert found.would_fit == "Would fit on Mon 12 January 08:00 if everybody could learn 1 h at a time."


def test_a_window_without_a_start_is_let_go_also_where_everything_is_frozen() -> None:
    problem = replace(a_problem([Need("p0", "coaching", 9, 9, 9)]), frozen_until=4 * WEEK)
    found = reason(problem)
    assert (found.code, found.proof is None) == ("window", False)


def test_what_stands_together_is_said_together() -> None:
    """Nobody is qualified, which alone leaves no start; beside it nobody else waits."""
    problem = change_facilitator(a_problem([a_need("p0", latest=WEEK)]), "lead", quals=frozenset())
    found = reason(problem)
    assert found.code == "facilitator+companions"
    assert found.sentence == (
        "Nobody is qualified to lead Case round at Lisbon. "
        "Too few others can come when Ana Ruiz can: 1 at best, the group needs 2."
    )
    assert found.would_fit == (
        "Would fit on Mon 5 January 08:00 if 1 were enough for a group and one more could lead Case round."
    )


def test_a_place_that_is_left_is_said() -> None:
    problem = a_problem(ROUNDS)
    (found, *_) = explain(problem, Plan((), (0, 1, 2), draw(a_problem()).figures))
    assert (found.code, found.fits) == ("open", ())
    assert found.sentence == "A place is left on Mon 5 January 08:00; drawing the plan again looks for it."


def test_a_full_group_would_fit_one_more() -> None:
    case = next(problem for code, problem, _ in CASES if code == "others_placed")
    assert "Would fit if Case round of Mon 5 January 09:00 took 3 instead of 2." in reason(case).would_fit


def test_hours_of_who_leads_are_raised_by_what_is_missing() -> None:
    case = next(problem for code, problem, _ in CASES if code == "leaders_taken")
    found = reason(case)
    assert found.would_fit.splitlines()[0] == (
        "Would fit on Mon 5 January 09:00 if Ilse could lead 30 minutes more that week."
    )
    assert found.proof is not None
    assert found.proof.relaxes == (Relax("leaders_taken", who="coach", first=at(0, 9), amount=1),)


def test_a_session_in_the_way_is_moved_where_it_can_be() -> None:
    """The only hour in which both p0 and the room are free holds another session, which could be the day after."""
    needs = [a_need(f"p{i}", "listening", latest=DAY, due=DAY) for i in (0, 1)]
    needs += [a_need(f"p{i}", "listening", latest=WEEK) for i in (2, 3)]
    problem = change_activity(a_problem(needs), "listening", gmax=2)
    second = replace(problem.facilitators[0], id="second", name="Irma")
    problem = replace(problem, facilitators=(*problem.facilitators, second))
    for agent in ("p0", "p1"):
        problem = change_agent(problem, agent, work=((at(0, 9), at(0, 10)),))
    plan = Plan((a_session("listening", at(0, 9), (2, 3)),), (0, 1), draw(a_problem()).figures)
    found = explain(problem, plan)[0]
    assert found.code == "rooms_taken"
    assert found.would_fit.splitlines() == [
        "Would fit if Hear fully of Mon 5 January 09:00 took 3 instead of 2.",
        "Would fit on Mon 5 January 09:00 if Hear fully of Mon 5 January 09:00 moved to Mon 5 January 08:00.",
        "Would fit on Mon 5 January 09:00 if room Tagus were free (Hear fully of Mon 5 January 09:00 is in it).",
    ]
    (taken,) = found.fits[1].relaxes
    assert (taken.gone, [s.start for s in taken.put]) == (("s1",), [at(0, 8)])


def test_an_open_seat_later_is_found() -> None:
    needs = [a_need("p0", latest=WEEK), *(a_need(f"p{i}", earliest=WEEK, due=2 * WEEK) for i in (1, 2))]
    found = reason(change_agent(a_problem(needs), "p0", work=tuple(s for s in office(4) if s[0] >= WEEK)))
    # At work in her window would not help alone: the others' windows open a week later.
    assert found.code == "at_work+companions"
    assert found.would_fit.startswith("Would fit in the session of Mon 12 January ")


@pytest.mark.parametrize(("code", "problem"), [(c, p) for c, p, _ in CASES], ids=range(len(CASES)))
def test_a_reason_in_german_has_the_same_code_and_asks_for_the_same(code: str, problem: Problem) -> None:
    plan = draw(problem)
    with speaking("de"):
        german = explain(problem, plan)
    for here, there in zip(explain(problem, plan), german, strict=True):
        assert (there.code, [f.relaxes for f in there.fits]) == (here.code, [f.relaxes for f in here.fits])
        assert [f.session for f in there.fits] == [f.session for f in here.fits]
        assert there.sentence != here.sentence
        assert not re.search(
            r"\b(the|is|from|whenever|would|needs|on)\b", f"{there.sentence} {there.would_fit}", re.IGNORECASE
        )
    assert code in german[0].code
