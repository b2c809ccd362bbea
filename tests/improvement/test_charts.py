"""XmR charts: every rule where it binds and where it does not, the published order of rules, limits, icons."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from devsys.core.improvement import charts
from devsys.core.improvement.charts import Good, assurance, chart, exact_mean, variation

LETTERS = {
    charts.COMMON: ".",
    charts.ABOVE_LIMIT: "U",
    charts.BELOW_LIMIT: "L",
    charts.RISING: "I",
    charts.FALLING: "D",
    charts.TWO_ABOVE: "h",
    charts.TWO_BELOW: "l",
    charts.SIDE_ABOVE: "a",
    charts.SIDE_BELOW: "b",
}
BASE = "0 2 " * 6  # frozen at 12: centre 1, limits -4.32 and 6.32


def numbers(text: str) -> np.ndarray:
    return np.array([float(word) for word in text.split()])


def drawn(text: str, **options: object) -> str:
    return "".join(LETTERS[label] for label in chart(numbers(text), **options).labels)


@pytest.mark.parametrize(
    ("series", "wanted"),
    [
        ("1 2 3 4 5 6 7 6 5 4 3 2 1", "LIIIIIUDDDDDL"),
        ("1 2 3 4 5 6 7 7 8 9 10 11 12 13", "LLLLIIDIIIUUUU"),
        ("5 5 5 5 5 9 5 5 5 5 5 5", "LLLLLULLLLLL"),
    ],
)
def test_chart_gives_the_published_labels(series: str, wanted: str) -> None:
    assert drawn(series) == wanted


def test_chart_without_screening_gives_the_published_labels() -> None:
    assert drawn("5 5 5 5 5 9 5 5 5 5 5 5", screen=False) == ".....U......"


@pytest.mark.parametrize(
    ("after", "wanted"),
    [
        ("1 2 3 4 5 6 7 8", "IIIIIIUU"),
        ("5 1.5 5 0 -3 0.5 -3", "h.h.l.l"),
        ("5 7 5 0", "hUh."),
        ("5 7 1.5 0", ".U.."),
        ("5 0.5 5 0", "...."),
        ("1 1 1 1 1 1 1", "......."),
    ],
)
def test_chart_of_a_frozen_base_gives_the_published_labels(after: str, wanted: str) -> None:
    assert drawn(BASE + after, freeze=12) == "." * 12 + wanted


def test_a_run_above_the_centre_takes_in_the_last_point_of_the_base() -> None:
    assert drawn(BASE + "1.5 1.2 1.5 1.2 1.5 1.2 1.5", freeze=12) == "." * 11 + "a" * 8


def test_a_constant_base_has_no_limits_and_sides_still_count() -> None:
    found = chart(numbers("5 " * 12 + "6 7 6 7 6 7 6"), freeze=12)
    assert drawn("5 " * 12 + "6 7 6 7 6 7 6", freeze=12) == "." * 12 + "a" * 7
    assert not found.groups[0].limits.known
    assert found.groups[0].limits.centre == 5


def test_a_constant_base_unscreened_has_its_limits_on_the_centre() -> None:
    limits = chart(numbers("5 5 5 6"), freeze=3, screen=False).groups[0].limits
    assert (limits.lower, limits.centre, limits.upper) == (5, 5, 5)
    assert drawn("5 5 5 6", freeze=3, screen=False) == "...U"


@pytest.mark.parametrize("count", [0, 1, 2])
def test_series_too_short_for_any_rule_are_common_cause(count: int) -> None:
    assert drawn("3 4 "[: 2 * count]) == "." * count


def test_limits_of_a_base_are_mean_and_2_66_mean_ranges() -> None:
    limits = chart(numbers(BASE), freeze=12).groups[0].limits
    assert limits.centre == 1
    assert (limits.lower, limits.upper) == pytest.approx((-4.32, 6.32), rel=1e-12)
    assert (limits.near_lower, limits.near_upper) == pytest.approx((1 - 2 * 5.32 / 3, 1 + 2 * 5.32 / 3), rel=1e-12)


def test_a_point_on_a_limit_is_inside_and_one_beyond_it_outside() -> None:
    upper = chart(numbers(BASE), freeze=12).groups[0].limits.upper
    on = chart(np.array([*numbers(BASE), upper]), freeze=12)
    beyond = chart(np.array([*numbers(BASE), math.nextafter(upper, 9)]), freeze=12)
    assert (on.labels[-1], beyond.labels[-1]) == (charts.COMMON, charts.ABOVE_LIMIT)


def test_six_steps_up_are_a_trend_and_a_tie_breaks_it() -> None:
    frozen = {"freeze": 12}
    assert drawn(BASE + "0 .5 1.4 1.6 1.8 1.9 1.95", **frozen)[12:] == "IIIIIII"
    assert drawn(BASE + "0 .5 1.4 1.6 1.6 1.9 1.95", **frozen)[12:] == "......."
    assert drawn(BASE + "2.1 1.9 1.8 1.6 1.4 .5 0", **frozen)[12:] == "DDDDDDD"
    assert drawn(BASE + "2.1 1.9 1.8 1.6 1.4 .5 .6", **frozen)[12:] == "......."


def test_six_points_on_one_side_are_none_and_a_point_on_the_centre_breaks_seven() -> None:
    frozen = {"freeze": 12}
    assert drawn(BASE + "0 1.5 1.2 1.5 1.2 1.5 1.2 0", **frozen)[12:] == "........"
    assert drawn(BASE + "0 1.5 1.2 1.5 1 1.5 1.2 1.5 0", **frozen)[12:] == "........."
    assert drawn(BASE + "0 .5 .8 .5 .8 .5 .8 2", **frozen)[12:] == "bbbbbbb."


def test_two_of_three_needs_all_three_on_one_side() -> None:
    frozen = {"freeze": 12}
    assert drawn(BASE + "0 5 5 2 0", **frozen)[12:] == ".hh.."
    assert drawn(BASE + "0 5 1 5 0", **frozen)[12:] == "....."  # one on the centre
    assert drawn(BASE + "0 5 2 0 5", **frozen)[12:] == "....."  # one far of three


def test_a_rebase_opens_a_group_whose_limits_and_rules_are_its_own() -> None:
    values = numbers("1 2 3 4 5 6 7")
    rebase = [False] * 4 + [True] + [False] * 2
    found = chart(values, rebase=rebase)
    assert [(g.first, g.end, g.limits.centre) for g in found.groups] == [(0, 4, 2.5), (4, 7, 6.0)]
    assert found.labels == (charts.COMMON,) * 7  # seven rising points, cut
    assert [(g.first, g.end) for g in chart(values, rebase=[True] + [False] * 6).groups] == [(0, 7)]


def test_a_freeze_holds_for_each_group_anew() -> None:
    found = chart(numbers("0 2 9 9 10 12 0 0"), rebase=[i == 4 for i in range(8)], freeze=2)
    assert [g.limits.centre for g in found.groups] == [1, 11]


def test_types_follow_the_better_way() -> None:
    series = numbers("1 2 3 4 5 6 7 6 5 4 3 2 1")
    up, down, neither = (chart(series, good=good).types for good in (Good.UP, Good.DOWN, Good.NEITHER))
    assert up[:8] == (charts.CONCERN, *(charts.IMPROVEMENT,) * 6, charts.CONCERN)
    assert down[:8] == (charts.IMPROVEMENT, *(charts.CONCERN,) * 6, charts.IMPROVEMENT)
    assert neither[:8] == (charts.NEUTRAL_LOW, *(charts.NEUTRAL_HIGH,) * 6, charts.NEUTRAL_LOW)
    assert chart(numbers(BASE)).types == (charts.COMMON_TYPE,) * 12


def test_icons_come_from_the_last_point_and_the_last_limits() -> None:
    found = chart(numbers(BASE + "7"), freeze=12)
    assert variation(found) == charts.IMPROVEMENT
    way = [(good, target) for good in (Good.UP, Good.DOWN) for target in (7, -5, 1)]
    assert [assurance(found, target, good) for good, target in way] == [
        charts.FAIL,
        charts.PASS,
        charts.INCONSISTENT,
        charts.PASS,
        charts.FAIL,
        charts.INCONSISTENT,
    ]
    assert assurance(found, None, Good.UP) is None
    assert assurance(found, 7, Good.NEITHER) is None
    assert assurance(chart(numbers("5 5 5")), 7, Good.UP) == charts.INCONSISTENT
    assert assurance(chart(numbers("")), 7, Good.UP) is None


def test_an_empty_chart_has_no_variation() -> None:
    with pytest.raises(ValueError, match="no last point"):
        variation(chart(numbers("")))


@pytest.mark.parametrize(
    ("values", "options", "said"),
    [
        ([1.0, math.nan], {}, "missing"),
        ([1.0, math.inf], {}, "missing"),
        ([1.0], {"freeze": 0}, "freeze"),
        ([1.0], {"rebase": [True, False]}, "rebase"),
    ],
)
def test_misuse_is_refused(values: list[float], options: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        chart(np.array(values), **options)


@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=30))
def test_the_mean_is_the_double_nearest_to_the_true_one(values: list[float]) -> None:
    assert exact_mean(np.array(values)) == float(sum(map(Fraction, values)) / len(values))


@given(st.lists(st.integers(0, 9), max_size=40), st.sampled_from([None, 3, 12]), st.sampled_from([True, False]))
def test_a_chart_turned_upside_down_has_the_opposite_labels(
    values: list[int], freeze: int | None, screen: object
) -> None:
    turned = {
        "Above UCL": "Below LCL",
        "2 in 3 Above CL": "2 in 3 Below CL",
        "7 Points Above CL": "7 Points Below CL",
        "7 Point Trend (Increasing)": "7 Point Trend (Decreasing)",
    }
    turned |= {b: a for a, b in turned.items()} | {charts.COMMON: charts.COMMON}
    series = np.array(values, dtype=float)
    found = chart(series, freeze=freeze, screen=bool(screen)).labels
    other = chart(-series, freeze=freeze, screen=bool(screen)).labels
    steps = [0.0, *np.sign(np.diff(series)), 0.0]
    for i, (one, two) in enumerate(zip(found, other, strict=True)):
        trend = "Trend" in one and "Trend" in two
        if not (trend and 0.0 in steps[i : i + 2]):  # a tie beside a trend reads as falling, whichever way up
            assert two == turned[one]
