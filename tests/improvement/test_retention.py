"""Staying: a published table, an exact reckoning with fractions, left truncation, edges."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from devsys.core.improvement.retention import Watched, at_risk, curve, log_rank

# Freireich and others 1963 (Blood 21:699), as in Kalbfleisch and Prentice: weeks of remission, + still so at the end.
SIX_MP = "6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+"
PLACEBO = "1 1 2 2 3 4 4 5 5 8 8 8 8 11 11 12 12 15 17 22 23"


def people(text: str, entry: str = "") -> Watched:
    words = text.split()
    ends = np.array([float(word.rstrip("+")) for word in words])
    begun = np.array([float(word) for word in entry.split()]) if entry else np.zeros(len(words))
    return Watched(begun, ends, np.array([not word.endswith("+") for word in words]))


def test_the_published_curve_is_found() -> None:
    found = curve(people(SIX_MP))
    assert found.times.tolist() == [6, 7, 10, 13, 16, 22, 23]
    assert found.at_risk.tolist() == [21, 17, 15, 12, 11, 7, 6]
    assert found.leavings.tolist() == [3, 1, 1, 1, 1, 1, 1]
    assert found.share.round(4).tolist() == [0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482]
    assert found.median == 23
    assert found.at(5.9) == (1, 1, 1)
    assert found.at(9)[0] == pytest.approx(0.8067, abs=5e-5)


def test_the_published_intervals_are_found() -> None:
    """Log-log intervals of the same data, as R's survfit(conf.type = "log-log") prints them."""
    found = curve(people(SIX_MP))
    assert found.lower.round(3).tolist() == [0.620, 0.563, 0.503, 0.432, 0.368, 0.268, 0.188]
    assert found.upper.round(3).tolist() == [0.952, 0.923, 0.889, 0.849, 0.805, 0.747, 0.680]


def test_the_published_log_rank_is_found() -> None:
    found = log_rank(people(SIX_MP), people(PLACEBO))
    assert (found.seen, round(found.expected, 2)) == (9, 19.25)
    assert round(found.chi_square, 2) == 16.79
    assert found.p == pytest.approx(4.17e-05, abs=5e-08)


def test_half_is_reached_exactly_and_not_missed_by_a_rounding() -> None:
    assert curve(people("1 2 3 4 5 6 7 8 9 10")).median == 5
    assert curve(people("1 2 3+ 4+ 5+")).median is None


def test_old_hands_are_at_risk_only_from_where_the_record_begins() -> None:
    found = curve(people("30 3 40+ 30", entry="24 0 36 29"))
    assert found.times.tolist() == [3, 30]
    assert found.at_risk.tolist() == [1, 2]
    assert at_risk(people("30", entry="24"), np.array([24, 25, 30, 31])).tolist() == [0, 1, 1, 0]


def test_who_stops_being_watched_at_a_leaving_time_counts_as_there() -> None:
    assert curve(people("6 6+ 6+")).at_risk.tolist() == [3]


def test_where_nobody_is_left_the_interval_is_not_known() -> None:
    found = curve(people("1 2"))
    assert found.share.tolist() == [0.5, 0]
    assert math.isnan(found.lower[1])
    assert math.isnan(found.upper[1])
    assert found.lower[0] < 0.5 < found.upper[0]


def test_a_curve_without_leavings_is_empty_and_everybody_is_here() -> None:
    found = curve(people("5+ 6+"))
    assert (len(found.times), found.median, found.at(9)) == (0, None, (1, 1, 1))


def test_groups_that_cannot_be_told_apart_have_a_chi_square_of_nought() -> None:
    for first, second in (("5+", "6+"), ("5", "6+ 3"), ("3", "2+")):
        found = log_rank(people(first), people(second))
        assert 0 <= found.chi_square < 2
        assert 0 < found.p <= 1
    assert log_rank(people("3"), people("2+")).p == 1


@pytest.mark.parametrize(("text", "entry"), [("5", "5"), ("5", "6"), ("inf", "0"), ("5", "nan"), ("5 6", "1")])
def test_people_who_leave_before_they_enter_are_misuse(text: str, entry: str) -> None:
    with pytest.raises(ValueError, match="watched"):
        people(text, entry)


_PERSON = st.tuples(st.integers(0, 12), st.integers(1, 12), st.booleans())


def _watched(rows: list[tuple[int, int, bool]]) -> Watched:
    entry = np.array([float(begun) for begun, _, _ in rows])
    return Watched(entry, entry + [float(span) for _, span, _ in rows], np.array([left for _, _, left in rows]))


@given(st.lists(_PERSON, min_size=1, max_size=25), st.lists(_PERSON, min_size=1, max_size=25))
def test_curve_and_log_rank_are_those_of_an_exact_reckoning(
    rows: list[tuple[int, int, bool]], others: list[tuple[int, int, bool]]
) -> None:
    def risk(group: list[tuple[int, int, bool]], t: int) -> int:
        return sum(begun < t <= begun + span for begun, span, _ in group)

    def gone(group: list[tuple[int, int, bool]], t: int) -> int:
        return sum(left and begun + span == t for begun, span, left in group)

    found = curve(_watched(rows))
    share, spread = Fraction(1), Fraction(0)
    for place, t in enumerate(int(t) for t in found.times):
        n, d = risk(rows, t), gone(rows, t)
        share *= 1 - Fraction(d, n)
        assert found.share[place] == pytest.approx(float(share), rel=1e-9, abs=1e-15)
        if n == d:
            break
        spread += Fraction(d, n * (n - d))
        width = 1.96 * math.sqrt(spread) / math.log(share)
        assert found.lower[place] == pytest.approx(float(share) ** math.exp(-width), rel=1e-9)
        assert found.upper[place] == pytest.approx(float(share) ** math.exp(width), rel=1e-9)
    expected, variance, seen = Fraction(0), Fraction(0), 0
    for t in range(1, 30):
        one, n = risk(rows, t), risk(rows, t) + risk(others, t)
        d = gone(rows, t) + gone(others, t)
        if d:
            seen += gone(rows, t)
            expected += Fraction(d * one, n)
            variance += Fraction(d * one * (n - one) * (n - d), n * n * (n - 1)) if n > 1 else 0
    answer = log_rank(_watched(rows), _watched(others))
    wanted = float((seen - expected) ** 2 / variance) if variance else 0
    assert answer.chi_square == pytest.approx(wanted, rel=1e-9, abs=1e-12)
    assert answer.p == pytest.approx(math.erfc(math.sqrt(wanted / 2)), rel=1e-6)


@given(st.lists(_PERSON, min_size=3, max_size=25), st.lists(_PERSON, min_size=3, max_size=25))
def test_curve_and_log_rank_are_those_of_scipy_where_all_are_watched_from_the_start(
    rows: list[tuple[int, int, bool]], others: list[tuple[int, int, bool]]
) -> None:
    from scipy import stats

    def censored(group: list[tuple[int, int, bool]]) -> stats.CensoredData:
        ends = [float(span) for _, span, left in group if left]
        return stats.CensoredData(uncensored=ends, right=[float(span) for _, span, left in group if not left])

    def watched(group: list[tuple[int, int, bool]]) -> Watched:
        return _watched([(0, span, left) for _, span, left in group])

    found = curve(watched(rows))
    if len(found.times):
        theirs = stats.ecdf(censored(rows)).sf
        assert found.share == pytest.approx(theirs.evaluate(found.times), rel=1e-9, abs=1e-12)
    both = rows + others
    if any(left for _, _, left in rows) and any(left for _, _, left in others) and len({s for _, s, _ in both}) > 1:
        answer = log_rank(watched(rows), watched(others))
        if answer.chi_square > 0:
            theirs = stats.logrank(censored(rows), censored(others))
            assert answer.chi_square == pytest.approx(theirs.statistic**2, rel=1e-9)
            assert answer.p == pytest.approx(theirs.pvalue, rel=1e-9)
