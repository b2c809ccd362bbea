"""Instance files: read, written, and refused with the place of each fault."""

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devsys.base.errors import InvalidError
from devsys.core.planning.exchange import read_problem, read_sessions, write_problem, write_sessions
from devsys.core.planning.problem import DAY, WEEK, Problem
from devsys.core.planning.shifts import merged, rostered, spans_of
from tests.loud import shared_file
from tests.planning.builders import a_need, a_problem, a_random_problem, a_session

SHIFT = [[[16, 32, 24]] * 5 + [None, None]] * 2


def a_document() -> dict[str, Any]:
    """Give a small instance as the documented format writes it."""
    return {
        "weeks": 2,
        "sites": [{"id": "lisbon", "offset": 2, "holidays": [1], "rooms": [{"id": "tagus", "cap": 6}]}],
        "pools": [{"id": "billing", "site": "lisbon", "required": [0] * (2 * WEEK)}],
        "teams": [{"id": "north", "site": "lisbon"}],
        "agents": [
            {
                "id": "ana",
                "team": "north",
                "site": "lisbon",
                "pool": "billing",
                "start_day": 2,
                "shift": SHIFT,
                "absent": [[4 * DAY, 5 * DAY]],
            }
        ],
        "facilitators": [
            {
                "id": "otto",
                "kind": "lead",
                "sites": ["lisbon"],
                "offset": 2,
                "shift": SHIFT,
                "absent": [],
                "weekly_slots": 8,
                "quals": ["round"],
            }
        ],
        "acts": {"round": {"kind": "review", "len": 2, "gmin": 1, "gmax": 6, "room": 0, "same_team": 1, "prereq": []}},
        "rules": {"min_gap_days": {"review": 7}, "coach_gap_days": [5, 21], "day_slots": 4, "week_slots": 9},
        "series": [{"id": "c", "agent": "ana", "pref": [[0, 18, 22]]}],
        "demands": [["ana", "round", 0, 336, 400, None, 0], ["ana", "round", 0, 336, 400, "c", 0]],
        "pinned": [
            {"id": "s1", "act": "round", "start": 120, "fac": "otto", "room": None, "site": "lisbon", "att": [0]}
        ],
    }


def test_shifts_become_spans_at_work_in_utc() -> None:
    problem = read_problem(a_document())
    # Day 0 is before the start, day 1 a holiday and before the start, day 4 absent; two slots ahead of UTC.
    assert problem.agents[0].work[:4] == ((110, 118), (119, 126), (158, 166), (167, 174))
    assert problem.agents[0].work[4][0] == 7 * DAY + 16 - 2
    # Holidays of a site do not keep its facilitators at home: sessions on them are ruled out by the site.
    assert problem.facilitators[0].work[:2] == ((14, 22), (23, 30))


def test_what_is_not_written_has_defaults() -> None:
    problem = read_problem(a_document())
    assert (problem.frozen_until, problem.first_day, problem.agents[0].holds) == (0, None, None)
    assert (problem.activities[0].recovery, problem.activities[0].online) == (0, False)
    assert problem.rules.changeover_slots == 0


def test_further_keys_are_read() -> None:
    document = a_document()
    document |= {"frozen_until": 48, "first_day": "2026-01-05", "priorities": {"0": 20}, "keys": {"0": "n-1"}}
    document["reasons"] = {"0": "Your team meets every two weeks."}
    document["acts"]["round"] |= {"recovery": 1, "online": 1, "name": "Case round"}
    document["agents"][0] |= {"holds": ["round"], "last": {"review": -40}, "name": "Ana Ruiz"}
    document["rules"] |= {"changeover_slots": 1, "weights": {"review": 30}}
    problem = read_problem(document)
    assert (problem.frozen_until, problem.first_day) == (48, date(2026, 1, 5))
    need = problem.needs[0]
    assert (need.priority, need.key, need.why) == (20, "n-1", "Your team meets every two weeks.")
    assert (problem.activities[0].recovery, problem.activities[0].online, problem.activities[0].label) == (
        1,
        True,
        "Case round",
    )
    agent = problem.agents[0]
    assert (agent.holds, agent.last, agent.label) == (frozenset({"round"}), (("review", -40),), "Ana Ruiz")
    assert (problem.rules.changeover_slots, problem.rules.weight_of("review")) == (1, 30)
    assert read_problem(json.loads(json.dumps(write_problem(problem)))) == problem


@pytest.mark.parametrize("seed", range(8))
def test_what_is_written_reads_the_same(seed: int) -> None:
    problem = a_random_problem(seed)
    assert read_problem(json.loads(json.dumps(write_problem(problem)))) == problem


def test_the_public_instance_reads_and_writes_the_same() -> None:
    problem = read_problem(json.loads(shared_file("data/planning/small.json").read_text()))
    assert (len(problem.agents), len(problem.needs), problem.weeks) == (60, 655, 13)
    assert read_problem(write_problem(problem)) == problem


def test_a_plan_reads_as_it_was_written() -> None:
    sessions = (a_session(), a_session("listening", 40, (1,), "s2"))
    assert read_sessions(json.loads(json.dumps(write_sessions(sessions)))) == sessions


def broken(change: Callable[[dict[str, Any]], object]) -> list[tuple[str, str]]:
    document = a_document()
    change(document)
    with pytest.raises(InvalidError) as caught:
        read_problem(document)
    return [(f.where, f.what) for f in caught.value.faults]


CHANGES: list[tuple[Callable[[dict[str, Any]], object], str, str]] = [
    (lambda d: d.pop("weeks"), "weeks", "a whole number is wanted, not nothing"),
    (lambda d: d.update(weeks=0), "weeks", "a whole number from 1 to 160 is wanted, not 0"),
    (lambda d: d.update(weeks=1.5), "weeks", "a whole number is wanted, not the number 1.5"),
    (lambda d: d.update(sites={}), "sites", "a list is wanted, not an object"),
    (lambda d: d["sites"].append(3), "sites[1]", "an object is wanted, not the number 3"),
    (lambda d: d["sites"].append(d["sites"][0]), "sites", "the id 'lisbon' is there 2 times"),
    (
        lambda d: d["sites"][0].update(midnights=[5, 5]),
        "sites[0].midnights",
        "slots that grow are wanted, at least one",
    ),
    (lambda d: d["pools"][0].update(required=[1]), "pools[0].required", "672 slots are wanted, not 1"),
    (lambda d: d["pools"][0]["required"].__setitem__(3, -1), "pools[0].required[3]", ""),
    (lambda d: d["pools"][0]["required"].__setitem__(3, "x"), "pools[0].required[3]", ""),
    (lambda d: d["pools"][0].update(site="porto"), "pools[0].site", "there is no site 'porto'"),
    (lambda d: d["teams"][0].update(site="porto"), "teams[0].site", "there is no site 'porto'"),
    (lambda d: d["agents"][0].update(pool="x"), "agents[0].pool", "there is no pool 'x'"),
    (lambda d: d["agents"][0].update(team="x"), "agents[0].team", "there is no team 'x'"),
    (lambda d: d["agents"][0].update(site="x"), "agents[0].site", "there is no site 'x'"),
    (lambda d: d["agents"][0].pop("shift"), "agents[0].shift", ""),
    (lambda d: d["agents"][0].update(shift=[SHIFT[0]]), "agents[0].shift", "two weeks are wanted, not 1"),
    (lambda d: d["agents"][0].update(shift=[[1], [None] * 7]), "agents[0].shift[0]", "seven days are wanted, not 1"),
    (lambda d: d["agents"][0].update(shift=[[[1]] * 7] * 2), "agents[0].shift[0][0]", "3 numbers are wanted, not 1"),
    (lambda d: d["agents"][0].update(work=[[1, 2, 3]]), "agents[0].work[0]", "2 numbers are wanted, not 3"),
    (
        lambda d: d["agents"][0].update(id=""),
        "agents[0].id",
        "a text of 1 to 200 characters is wanted, not the text ''",
    ),
    (lambda d: d["facilitators"][0].update(sites=["x"]), "facilitators[0].sites", "there is no site 'x'"),
    (lambda d: d["facilitators"][0].pop("weekly_slots"), "facilitators[0].weekly_slots", ""),
    (lambda d: d["acts"]["round"].update(gmin=7), "acts.round", "gmin 7 is above gmax 6"),
    (lambda d: d["acts"]["round"].update(room="yes"), "acts.round.room", "true or false is wanted, not the text 'yes'"),
    (lambda d: d["acts"]["round"].update(prereq=["x"]), "acts.round.prereq", "there is no activity 'x'"),
    (lambda d: d["acts"]["round"].update(prereq=["round"]), "acts.round.prereq", ""),
    (lambda d: d["acts"].update(extra=None), "acts.extra", "an object is wanted, not nothing"),
    (lambda d: d["rules"].update(coach_gap_days=[9, 2]), "rules.coach_gap_days", ""),
    (lambda d: d["rules"].update(min_gap_days={"review": None}), "rules.min_gap_days.review", ""),
    (lambda d: d["demands"].append([]), "demands[2]", ""),
    (lambda d: d["demands"][0].__setitem__(0, "x"), "demands[0][0]", "there is no agent 'x'"),
    (lambda d: d["demands"][0].__setitem__(1, "x"), "demands[0][1]", "there is no activity 'x'"),
    (lambda d: d["demands"][1].__setitem__(5, "x"), "demands[1][5]", "there is no series 'x'"),
    (lambda d: d["demands"].append(d["demands"][1]), "demands[2][6]", "the series 'c' has step 0 twice"),
    (lambda d: d["series"][0].update(agent="x"), "series[0].agent", "there is no agent 'x'"),
    (lambda d: d["pinned"][0].update(att=[9]), "pinned[0].att", "there is no demand 9"),
    (lambda d: d["pinned"][0].update(act="x"), "pinned[0].act", "there is no activity 'x'"),
    (lambda d: d.update(first_day="soon"), "first_day", "a date such as 2026-01-05 is wanted"),
]


@pytest.mark.parametrize(("change", "where", "what"), CHANGES, ids=[f"{w}-{i}" for i, (_, w, _) in enumerate(CHANGES)])
def test_a_fault_is_named_with_its_place(change: Callable[[dict[str, Any]], object], where: str, what: str) -> None:
    found = dict(broken(change))
    assert where in found
    assert found[where] == (what or found[where])


def test_the_series_of_another_person_is_a_fault() -> None:
    document = a_document()
    document["agents"].append(document["agents"][0] | {"id": "ben"})
    document["demands"][1][0] = "ben"
    with pytest.raises(InvalidError) as caught:
        read_problem(document)
    assert [f.what for f in caught.value.faults] == ["the series 'c' belongs to 'ana'"]


def test_many_faults_end_the_reading() -> None:
    document = a_document() | {"demands": [None] * 500}
    with pytest.raises(InvalidError, match="many faults") as caught:
        read_problem(document)
    assert len(caught.value.faults) == 50


leaves = st.none() | st.booleans() | st.integers(-5, 700) | st.floats(allow_nan=False) | st.text(max_size=5)
values = st.recursive(
    leaves, lambda x: st.lists(x, max_size=3) | st.dictionaries(st.text(max_size=3), x, max_size=3), max_leaves=12
)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.data())
def test_no_document_is_more_than_refused(data: st.DataObject) -> None:
    document: Any = a_document()
    place, key = document, data.draw(st.sampled_from(sorted(document)))
    while isinstance(place[key], dict | list) and place[key] and data.draw(st.booleans()):
        place = place[key]
        key = data.draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(min(len(place), 9))))
    place[key] = data.draw(values)
    refused: InvalidError | None = None
    problem: Problem | None = None
    try:
        problem = read_problem(document)
    except InvalidError as error:
        refused = error
    assert (problem is None) == (refused is not None and bool(refused.faults))


def test_no_document_at_all_is_refused() -> None:
    for value in (None, 3, [], "x"):
        with pytest.raises(InvalidError):
            read_problem(value)
        with pytest.raises(InvalidError):
            read_sessions(value)


def test_spans_join_and_stay_inside_the_horizon() -> None:
    assert merged([(5, 9), (-3, 2), (2, 4), (8, 12), (30, 20), (18, 99)], 20) == [(0, 4), (5, 12), (18, 20)]
    assert spans_of(b"\1\1\0\1") == [(0, 2), (3, 4)]
    assert spans_of(b"\0\0") == []


def test_a_shift_without_lunch_is_one_stretch() -> None:
    week = [(16, 32, None), *[None] * 6]
    assert rostered([week, [None] * 7], [], weeks=2, offset=0) == [(16, 32)]


def test_a_problem_by_hand_is_sound() -> None:
    problem = a_problem([a_need()])
    assert read_problem(write_problem(problem)) == problem
