"""Mappings: what can be said, and every fault with its line."""

import pytest

from devsys.base.tree import Faults
from devsys.core.improvement.charts import Good
from devsys.core.improvement.mapping import Condition, Covers, Form, Part, Rows, read_mapping, titles
from devsys.core.improvement.metrics import MEASURES, Unit
from tests.improvement.sources import CALLS, TOTALS, mapping


def test_a_mapping_of_contacts_says_what_becomes_what() -> None:
    found = mapping()
    assert (found.source, found.title, found.rows, found.key) == (
        "support_calls",
        "Calls of the support desk",
        Rows.CONTACT,
        "Call Id",
    )
    assert (found.team_always, found.person, found.keep, found.covers) == ("desk", "Agent", True, Covers.DAY)
    assert found.columns == (
        "Call Id",
        "Date",
        "Agent",
        "Satisfaction rating",
        "Resolved",
        "Answered (Y/N)",
        "AvgTalkDuration",
    )
    assert found.measures[0].measure is MEASURES["csat"]
    assert found.measures[0].numerator == Part((Condition("Satisfaction rating", "in", ("4", "5")),))
    own = found.own_measures
    assert [(m.key, m.name, m.good, m.unit, m.least, m.own) for m in own] == [
        ("resolved", "Resolved on the call", Good.UP, Unit.PERCENT, 30, True)
    ]
    assert titles(found)["Resolved on the call"] == "rows where Resolved is Y, over rows where Answered (Y/N) is Y"
    assert titles(found)["Contacts"] == "rows where Call Id is not empty, over weeks"
    assert titles(found)["Handle time"].startswith("AvgTalkDuration summed where Answered (Y/N) is Y")


def test_a_mapping_of_totals_covers_weeks_and_needs_no_key() -> None:
    found = mapping(TOTALS)
    assert (found.form, found.covers, found.key, found.title) == (Form.ISO_WEEK, Covers.WEEK, "", "weekly")
    assert found.measures[0].numerator == Part((), "Solved")


@pytest.mark.parametrize(
    ("condition", "cell", "holds"),
    [
        (Condition("c", "in", ("4", "5")), "4.0", True),
        (Condition("c", "in", ("4", "5")), "3", False),
        (Condition("c", "=", ("Y",)), "Y", True),
        (Condition("c", "=", ("Y",)), "y", False),
        (Condition("c", "=", ("Y",)), "", False),
        (Condition("c", ">=", ("4",)), "4", True),
        (Condition("c", ">=", ("4",)), "3,9", False),
        (Condition("c", ">=", ("4",)), "", False),
        (Condition("c", "empty"), "", True),
        (Condition("c", "empty"), "0", False),
        (Condition("c", "not empty"), "0", True),
        (Condition("c", "not empty"), "", False),
    ],
)
def test_a_condition_holds_or_not(condition: Condition, cell: str, holds: object) -> None:
    assert condition.holds(cell, ",") is holds


def test_a_condition_that_wants_a_number_refuses_a_word() -> None:
    with pytest.raises(ValueError, match="many"):
        Condition("c", ">=", ("4",)).holds("many", ",")


def _faults(old: str, new: str, text: str = CALLS) -> list[str]:
    assert old in text
    found, faults = read_mapping(text.replace(old, new))
    assert found is None
    return [str(fault) for fault in faults]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("key: Call Id\n", "", "mapping:1: key: is missing"),
        ("key: Call Id\n", "kee: Call Id\n", "mapping:4: the key “kee” is unknown; did you mean “key”?"),
        ("date: Date", "form: whenever", "mapping:5: form: one of 2026-01-31"),
        ("team: {always: desk}", "team: {always: desk, column: Team}", "mapping:6: team: either column or always"),
        ("team: {always: desk}", "zone: Europe/Lisbon", None),
        ("person: {column: Agent}\n", "", None),
        ("in: [4, 5]", "like: 4", "mapping:10: the key “like” is unknown"),
        ("in: [4, 5]", "in: [4], empty: yes", "mapping:10: column and exactly one of =, in, >=, empty, not empty"),
        ("in: [4, 5]", '">=": four', "mapping:10: >=: a number, with a point"),
        ("not empty: yes", "not empty: no", "mapping:11: not empty: yes"),
        ("good: up", "good: higher", "mapping:14: good: one of up, down, neither"),
        ("own: yes", "context: yes\n    own: yes", "own: no: context is never kept of single people"),
        ("measure: csat", "measure: csat\n    least: 3", "mapping:10: least: is fixed for csat"),
        ("measure: resolved", "measure: csat", "mapping:12: measure: “csat” a second time"),
        ("{each: week}", "{each: month}", "each: week, and nothing beside it"),
        ("{each: week}", "{sum: x}", "denominator: {each: week} for what is counted by the week, and only there"),
        ('{sum: AvgTalkDuration, where: [{column: Answered (Y/N), "=": Y}]}', "{}", "numerator"),
        ("measures:", "measures: []\nmore:", "measures: is missing; at least one measure"),
        ("{column: Agent}", "Agent", "mapping:7: person: wants column, keep"),
        ("{always: desk}", "desk", "mapping:6: team: wants column, always"),
        ("{sum: AvgTalkDuration, where", "{each: week, where", "numerator: each belongs to a denominator"),
        ('[{column: Resolved, "=": Y}]', "[Resolved]", "a condition is a mapping with column and one of"),
    ],
)
def test_what_cannot_be_is_said_with_its_line(old: str, new: str, said: str | None) -> None:
    if said is None:
        assert read_mapping(CALLS.replace(old, new))[0] is not None
    else:
        assert any(said in fault for fault in _faults(old, new)), _faults(old, new)


def test_totals_are_summed_and_a_week_is_no_day() -> None:
    assert any("rows of totals are summed" in f for f in _faults("{sum: Solved}", "{where: []}", TOTALS))
    assert any("covers: a week" in f for f in _faults("rows: total", "rows: total\ncovers: day", TOTALS))
    assert any("team: is missing" in f for f in _faults("team: {column: Team}\n", "", TOTALS))


@pytest.mark.parametrize("text", ["", "- a", "source: [", "source: a\nsource: b", "&a b", "measures: [4]"])
def test_any_text_ends_as_faults(text: str) -> None:
    found, faults = read_mapping(text)
    assert found is None
    assert faults
    assert isinstance(Faults("x").found(), tuple)
