"""Changes: what they do to a problem, and documents that are refused with the place of each fault."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devsys.base.errors import Fault, InvalidError
from devsys.core.planning.change import Away, Change, Closed, Leaver, More, changed, read_change
from devsys.core.planning.problem import DAY, WEEK
from tests.planning.builders import a_need, a_problem, at

PROBLEM = a_problem([a_need()])
SLOTS = 4 * WEEK


def test_what_is_not_touched_stays_the_same_object() -> None:
    after = changed(PROBLEM, Change(0, absent=(Away("p0", 0, DAY),)))
    assert [a is b for a, b in zip(after.agents, PROBLEM.agents, strict=True)] == [False] + [True] * 5
    assert (after.sites[0], after.pools[0]) == (PROBLEM.sites[0], PROBLEM.pools[0])
    assert after.sites[0] is PROBLEM.sites[0]
    assert changed(PROBLEM, Change(0)) == PROBLEM


def test_who_is_away_does_not_work_then() -> None:
    after = changed(PROBLEM, Change(0, absent=(Away("p0", at(0, 9), at(0, 10)), Away("lead", at(1, 0)))))
    assert after.agents[0].work[:3] == ((16, 18), (20, 24), (25, 33))
    # Nobody knows until when: to the end of the horizon.
    assert after.facilitators[1].work == tuple(s for s in PROBLEM.facilitators[1].work if s[0] < DAY)


def test_what_has_happened_stays() -> None:
    after = changed(
        PROBLEM,
        Change(
            at(0, 9),
            absent=(Away("p0", 0, at(0, 10)),),
            rooms_closed=(Closed("tagus", 0, DAY),),
            required=(More("billing", 0, DAY, 2),),
        ),
    )
    assert after.agents[0].work[:2] == ((16, 18), (20, 24))
    assert after.sites[0].rooms[0].closed == ((18, DAY),)
    assert after.pools[0].required[17:19] == (0, 2)


def test_a_requirement_grows_and_shrinks_but_never_below_nothing() -> None:
    more = (More("billing", 10, 12, 3), More("billing", 11, None, -2))
    required = changed(PROBLEM, Change(0, required=more)).pools[0].required
    assert (required[9:13], required[-1], len(required)) == ((0, 3, 1, 0), 0, SLOTS)


def test_who_leaves_does_not_come_back() -> None:
    after = changed(PROBLEM, Change(0, leavers=(Leaver("p1", DAY),)))
    assert after.agents[1].work == ((16, 24), (25, 33))


def test_a_whole_document_is_read() -> None:
    document = {
        "now": 5,
        "absent": [{"who": "p0", "from": 7}, {"who": "lead", "from": 7, "to": 9}],
        "rooms_closed": ["tagus", {"room": "tagus", "from": 9, "to": 11}],
        "required": [{"pool": "billing", "from": 7, "to": 9, "add": -1}],
        "leavers": ["p1", {"who": "p2", "from": 40}, {"who": "p3"}],
    }
    assert read_change(document, PROBLEM) == Change(
        5,
        (Away("p0", 7), Away("lead", 7, 9)),
        (Closed("tagus", 5), Closed("tagus", 9, 11)),
        (More("billing", 7, 9, -1),),
        (Leaver("p1", 5), Leaver("p2", 40), Leaver("p3", 5)),
    )
    assert read_change({"now": 0}, PROBLEM) == Change(0)


@pytest.mark.parametrize(
    ("document", "where", "what"),
    [
        ([], "file", "an object is wanted, not a list"),
        ({}, "now", "a whole number is wanted, not nothing"),
        ({"now": -1}, "now", "a whole number from 0 to 1344 is wanted, not -1"),
        ({"now": "soon"}, "now", "a whole number is wanted, not the text 'soon'"),
        ({"now": 0, "sick": []}, "sick", "unknown; now, absent, rooms_closed, required and leavers are read"),
        ({"now": 0, "absent": {}}, "absent", "a list is wanted, not an object"),
        ({"now": 0, "absent": ["p0"]}, "absent[0]", "an object is wanted, not the text 'p0'"),
        ({"now": 0, "absent": [{"who": "px", "from": 1}]}, "absent[0].who", "there is no agent or facilitator 'px'"),
        ({"now": 0, "absent": [{"who": "p0"}]}, "absent[0].from", "a whole number is wanted, not nothing"),
        (
            {"now": 0, "absent": [{"who": "p0", "from": 5, "to": 5}]},
            "absent[0].to",
            "a slot after `from` (5) is wanted, not 5",
        ),
        ({"now": 0, "absent": [{"from": 1}]}, "absent[0].who", "a text of 1 to 200 characters is wanted, not nothing"),
        ({"now": 0, "rooms_closed": ["attic"]}, "rooms_closed[0]", "there is no room 'attic'"),
        ({"now": 0, "rooms_closed": [7]}, "rooms_closed[0]", "an object is wanted, not the number 7"),
        ({"now": 0, "rooms_closed": [{"room": "x", "from": 0}]}, "rooms_closed[0].room", "there is no room 'x'"),
        ({"now": 0, "required": [{"pool": "x", "from": 0, "add": 1}]}, "required[0].pool", "there is no pool 'x'"),
        (
            {"now": 0, "required": [{"pool": "billing", "from": 0}]},
            "required[0].add",
            "a whole number is wanted, not nothing",
        ),
        ({"now": 0, "leavers": ["px"]}, "leavers[0]", "there is no agent or facilitator 'px'"),
        ({"now": 0, "leavers": [None]}, "leavers[0]", "an object is wanted, not nothing"),
        ({"now": 0, "leavers": [{"who": "p0", "from": -4}]}, "leavers[0].from", "from 0 to"),
    ],
)
def test_a_wrong_field_is_named(document: Any, where: str, what: str) -> None:
    with pytest.raises(InvalidError) as refused:
        read_change(document, PROBLEM)
    fault = next(f for f in refused.value.faults if f.where == where)
    assert what in fault.what
    assert refused.value.message.startswith("The change file cannot be used: ")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5) | st.just("p0"),
    lambda x: st.lists(x, max_size=3) | st.dictionaries(st.sampled_from(["who", "from", "to", "now", "add"]), x),
    max_leaves=12,
)
KEYS = st.sampled_from(["now", "absent", "rooms_closed", "required", "leavers", "x"])


@given(st.dictionaries(KEYS, JSON))
def test_no_document_breaks_the_reader(document: dict[str, Any]) -> None:
    faults: tuple[Fault, ...] = ()
    found = None
    try:
        found = read_change(document, PROBLEM)
    except InvalidError as refused:
        faults = refused.faults
    assert (found is None) == bool(faults)
    if found is not None:
        assert changed(PROBLEM, found).needs == PROBLEM.needs
