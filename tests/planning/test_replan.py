"""Plan documents repaired after change documents."""

import json
from typing import Any

import pytest

from devsys.base.errors import InvalidError
from devsys.core.planning.draw import draw_document
from devsys.core.planning.exchange import write_problem, write_sessions
from devsys.core.planning.problem import WEEK
from devsys.core.planning.replan import replan_document
from tests.planning.builders import a_need, a_problem, a_random_problem, a_session, at
from tests.planning.changes import judged


def a_case() -> tuple[dict[str, Any], dict[str, Any]]:
    """Give a team of three in a round on Monday, and one in another on Tuesday a week later, as documents."""
    needs = [a_need(f"p{i}", due=2 * WEEK) for i in range(3)]
    plan = write_sessions([a_session(att=(0, 1, 2))]) | {"owed": []}
    return write_problem(a_problem(needs)), plan


def test_a_new_plan_says_what_became_of_the_old_one() -> None:
    instance, plan = a_case()
    plan["sessions"][0]["remark"] = "kept"
    found = replan_document(instance, plan, {"now": 0, "absent": [{"who": "p1", "from": 0, "to": at(3, 0)}]}).document
    assert [s["att"] for s in found["sessions"]] == [[0, 2]]
    said = {key: found[key] for key in found if key != "sessions"}
    assert said == {
        "moved": [],
        "refacilitated": [],
        "dropped": [],
        "opened": [],
        "freed": [1],
        "left_out": [1],
        "ended": [],
        "owed": [1],
        "certificate": {
            "moved": 1,
            "bound": 1,
            "proved": True,
            "sentence": "1 person moves, without a place for now; no plan moves fewer.",
        },
    }


def test_sessions_that_do_not_change_come_back_to_the_letter() -> None:
    instance, plan = a_case()
    plan["sessions"][0]["remark"] = "kept"
    assert replan_document(instance, plan, {"now": 0}).document["sessions"] == plan["sessions"]


def test_a_plan_whose_leader_is_sick_moves_as_a_whole() -> None:
    instance, plan = a_case()
    found = replan_document(instance, plan, {"now": 0, "absent": [{"who": "lead", "from": 0, "to": at(2, 0)}]})
    document = found.document
    assert (document["moved"], document["dropped"], found.broken) == ([{"session": "s1", "people": 3}], [], ())
    (session,) = found.repaired.sessions
    assert (session.id, session.start >= at(2, 0), session.att) == ("s1", True, (0, 1, 2))


def test_new_needs_get_a_place_where_nobody_moves_for_it() -> None:
    instance, plan = a_case()
    instance["demands"].append(["p3", "round", 0, 2 * WEEK, 2 * WEEK, None, 0])
    instance["agents"][3]["team"] = "north"
    found = replan_document(instance, plan, {"now": 0}).document
    assert [s["att"] for s in found["sessions"]] == [[0, 1, 2, 3]]
    assert (found["freed"], found["owed"]) == ([], [])
    # A need that the plan lists as owed is no news.
    assert replan_document(instance, plan | {"owed": [3]}, {"now": 0}).document["owed"] == [3]


def test_what_may_not_change_and_cannot_stand_is_said() -> None:
    instance, plan = a_case()
    instance["pinned"] = [dict(plan["sessions"][0])]
    found = replan_document(instance, plan, {"now": 0, "leavers": ["p1"]})
    assert found.document["sessions"] == plan["sessions"]
    assert [v.rule for v in found.broken] == [v.rule for v in found.repaired.left] == ["at_work"]


@pytest.mark.parametrize(
    ("plan", "where"),
    [
        ({}, "sessions"),
        ({"sessions": [{}]}, "sessions[0].id"),
        ({"sessions": [{"id": "a", "act": "x", "start": 0, "fac": "lead", "att": []}]}, "sessions[0].act"),
        ({"sessions": [{"id": "a", "act": "round", "start": 0, "fac": "lead", "att": [9]}]}, "sessions[0].att"),
        ({"sessions": [{"id": "a", "act": "round", "start": 0, "fac": "lead", "att": []}] * 2}, "sessions"),
        ({"sessions": [], "owed": "none"}, "owed"),
    ],
)
def test_a_wrong_plan_is_refused_with_its_place(plan: dict[str, Any], where: str) -> None:
    with pytest.raises(InvalidError) as refused:
        replan_document(a_case()[0], plan, {"now": 0})
    assert refused.value.faults[0].where == where
    assert refused.value.message.startswith("The plan file cannot be used: ")


@pytest.mark.parametrize("seed", range(4))
def test_the_outside_judge_finds_nothing_wrong(seed: int) -> None:
    problem = a_random_problem(seed, plain=True)
    instance = write_problem(problem)
    plan, _ = draw_document(json.loads(json.dumps(instance)), rounds=1)
    now = WEEK
    change = {
        "now": now,
        "absent": [
            {"who": problem.agents[seed].id, "from": now, "to": now + 200},
            {"who": problem.facilitators[seed].id, "from": now, "to": now + 100},
        ],
        "leavers": [problem.agents[-1].id],
    }
    found = replan_document(instance, plan, change).document
    violations, figures = judged(instance, change, plan, found)
    assert violations == []
    assert figures["past_changed"] == 0
    assert figures["moved"] == len(found["moved"])
    assert figures["refacilitated"] == len(found["refacilitated"])
    assert figures["dropped"] == len(found["dropped"])
