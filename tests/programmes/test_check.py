from dataclasses import replace

import pytest

from devsys.base.errors import Fault, NotFoundError
from devsys.core.model.programme import Cadence, Kind, Rhythm
from devsys.core.programmes.check import check_demand, check_files, check_programmes, family_of
from tests.programmes.made import COACHING, GATE, HEAVY, ROUND, activity, programme, ring

FILE = """\
programme: {code}
title: {code}
aim: People learn.
activities:
  - code: {activity}
    title: {activity}
    kind: skill
    aim: People do it better.
    minutes: 60
    group: {{least: 4, most: 12}}
    cadence:
      rhythm: every
      weeks: 4
    prerequisites: [{needs}]
    qualification: skill
"""
BOUNDARIES = """\
programme: gate
title: Gate
aim: Distance.
activities:
  - code: boundaries
    title: Boundaries
    kind: boundaries
    aim: Distance.
    minutes: 120
    group: {least: 1, most: 12}
    cadence: {rhythm: once, weeks: 3}
    qualification: boundaries
"""


def lines(*faults: Fault) -> list[str]:
    return [str(f) for f in faults]


def test_a_sound_programme_has_no_faults() -> None:
    assert check_programmes((programme(GATE, ROUND, HEAVY, COACHING, *ring("listen", "ask")),)) == ()


def test_an_unknown_prerequisite_is_named() -> None:
    found = check_programmes((programme(GATE, activity("listen", prerequisites=("boundaries", "breathing"))),))
    assert lines(*found) == ["support/listen: Listen needs breathing, which is not here"]


def test_a_loop_is_drawn_as_a_chain_of_names() -> None:
    given = programme(
        GATE,
        activity("listen", prerequisites=("boundaries", "explain")),
        activity("ask", prerequisites=("listen",)),
        activity("explain", prerequisites=("ask",)),
        activity("own", prerequisites=("boundaries", "explain")),
    )
    assert lines(*check_programmes((given,))) == ["support/ask: Ask needs Listen needs Explain needs Ask"]


def test_two_loops_are_both_named() -> None:
    given = programme(
        GATE,
        activity("listen", prerequisites=("boundaries", "ask")),
        activity("ask", prerequisites=("boundaries", "listen")),
        activity("own", prerequisites=("boundaries", "own")),
    )
    assert lines(*check_programmes((given,))) == [
        "support/ask: Ask needs Listen needs Ask",
        "support/own: Own needs Own",
    ]


@pytest.mark.parametrize("kind", [Kind.SKILL, Kind.DIGITAL, Kind.CROSS_CULTURAL, Kind.EMOTIONAL_SUPPORT, Kind.COACHING])
def test_a_technique_without_boundaries_is_a_fault(kind: Kind) -> None:
    open_ = activity("listen", kind, prerequisites=())
    assert lines(*check_programmes((programme(GATE, open_),))) == [
        "support/listen: Listen can be reached without boundaries; add boundaries to its prerequisites"
    ]


def test_the_gate_holds_by_way_of_prerequisites() -> None:
    first = activity("listen")
    second = activity("ask", prerequisites=("listen",))
    assert check_programmes((programme(GATE, first, second),)) == ()
    found = check_programmes((programme(GATE, replace(first, prerequisites=()), second),))
    assert [f.where for f in found] == ["support/listen", "support/ask"]


def test_a_round_is_open_to_all_unless_it_is_heavy() -> None:
    heavy = replace(ROUND, intensity=HEAVY.intensity, recovery_minutes=30)
    assert check_programmes((programme(GATE, ROUND),)) == ()
    assert [f.where for f in check_programmes((programme(GATE, heavy),))] == ["support/case_round"]


def test_without_any_boundaries_the_fault_says_what_to_adopt() -> None:
    found = check_programmes((programme(activity("listen", prerequisites=())),))
    assert lines(*found) == [
        "support/listen: Listen can be reached without boundaries; adopt professional boundaries with it"
    ]


def test_members_of_a_rotation_agree_on_cadence() -> None:
    listen, ask = ring("listen", "ask")
    slower = replace(ask, cadence=replace(ask.cadence, weeks=6))
    assert lines(*check_programmes((programme(GATE, listen, slower),))) == [
        "support/ask: takes turns with Listen in the rotation skills, but their cadences differ; make them the same"
    ]


def test_a_rotation_has_a_name_of_its_own() -> None:
    found = check_programmes((programme(GATE, *ring("listen", "ask", rotation="ask")),))
    assert [f.what for f in found] == ["the rotation ask has the name of an activity; give it another"] * 2


def test_members_of_a_rotation_do_not_need_each_other() -> None:
    listen, ask = ring("listen", "ask")
    found = check_programmes((programme(GATE, listen, replace(ask, prerequisites=("boundaries", "listen"))),))
    assert lines(*found) == ["support/ask: Ask needs Listen, but the two take turns: for some teams it comes first"]


def test_a_prerequisite_that_is_only_asked_for_is_a_fault() -> None:
    found = check_programmes((programme(GATE, COACHING, activity("ask", prerequisites=("coaching_calls",))),))
    assert lines(*found) == ["support/ask: Ask needs Coaching calls, which comes only when asked for"]


def test_a_prerequisite_must_be_for_the_same_teams() -> None:
    narrow = replace(GATE, teams=("billing",))
    assert lines(*check_programmes((programme(narrow, activity("listen")),))) == [
        "support/listen: Listen is for everybody and needs Boundaries, which is for billing only"
    ]
    assert lines(*check_programmes((programme(narrow, activity("listen", teams=("billing", "claims"))),))) == [
        "support/listen: Listen is for claims and needs Boundaries, which is for billing only"
    ]
    assert check_programmes((programme(narrow, activity("listen", teams=("billing",))),)) == ()


def test_codes_are_unique_over_programmes() -> None:
    one, two = programme(GATE, ROUND, code="one"), programme(ROUND, code="two")
    assert lines(*check_programmes((one, two))) == [
        "two/case_round: a second activity of the code case_round; the first is in one"
    ]
    assert lines(*check_programmes((programme(GATE), programme(ROUND)))) == [
        "support: a second programme of the code support; give one another code"
    ]


def test_unknown_includes_and_circles_of_includes_are_named() -> None:
    one = programme(GATE, code="one", includes=("two", "three"))
    two = programme(ROUND, code="two", includes=("one",))
    assert lines(*check_programmes((one, two))) == [
        "one: includes three, which is not here",
        "one: one includes two includes one",
    ]


def test_files_are_checked_together_and_faults_name_the_line() -> None:
    files = {
        "gate.yaml": BOUNDARIES,
        "one.yaml": FILE.format(code="one", activity="listen", needs="boundaries, ask"),
        "two.yaml": FILE.format(code="two", activity="ask", needs="listen, humming"),
    }
    checked = check_files(files)
    assert [p.code for p in checked.programmes] == ["gate", "one", "two"]
    assert lines(*checked.faults) == [
        "two.yaml:14: ask needs humming, which is not here",
        "two.yaml:14: ask needs listen needs ask",
    ]


def test_a_second_file_of_a_code_names_both() -> None:
    text = FILE.format(code="one", activity="listen", needs="boundaries")
    checked = check_files({"gate.yaml": BOUNDARIES, "one.yaml": text, "copy.yaml": "\n" + text})
    assert lines(*checked.faults) == ["copy.yaml:2: a second programme of the code one; the first is at one.yaml:1"]


def test_a_file_that_cannot_be_read_is_the_only_fault() -> None:
    checked = check_files({"gate.yaml": "a: [", "one.yaml": FILE.format(code="one", activity="x", needs="boundaries")})
    assert [p.code for p in checked.programmes] == ["one"]
    assert [f.where for f in checked.faults] == ["gate.yaml:1"]


def test_demand_within_the_hours_is_no_fault() -> None:
    # 26 rounds of an hour are half an hour a week and person.
    assert check_demand((programme(ROUND),), 100, 50.0) == ()


def test_demand_above_the_hours_says_by_how_much_and_where_most_goes() -> None:
    skill = activity("listen", cadence=Cadence(Rhythm.EVERY, weeks=4))
    found = check_demand((programme(ROUND, skill),), 100, 60.0)
    assert [f.where for f in found] == ["hours"]
    assert found[0].what.startswith(
        "75 hours a week are asked of 100 people, the queues can spare 60 hours; most goes to round (50 hours)"
    )
    assert found[0].what.endswith("make it shorter or rarer, or limit its teams")


def test_demand_at_the_start_is_judged_too() -> None:
    # Two hours within three weeks are 40 minutes a week and person, on top of the 30 of the rounds.
    given = (programme(GATE, ROUND),)
    assert check_demand(given, 60, 70.0) == ()
    (found,) = check_demand(given, 60, 69.0)
    assert found.where == "hours"
    assert found.what.startswith(
        "at the start 70 hours are asked in week 1, the queues can spare 69 hours: give what is held once more "
    )


def test_a_family_is_a_programme_with_all_it_includes() -> None:
    given = (
        programme(code="all", includes=("one", "two")),
        programme(code="one", includes=("three",)),
        programme(code="two", includes=("three", "all")),
        programme(code="three"),
        programme(code="apart"),
    )
    assert [p.code for p in family_of("all", given)] == ["all", "one", "two", "three"]
    assert [p.code for p in family_of("three", given)] == ["three"]
    with pytest.raises(NotFoundError, match=r"There is no programme four. Known are all, apart, one"):
        family_of("four", given)
