"""Student's t as scipy gives it."""

import math

import pytest
from scipy import stats

from devsys.core.improvement.quantiles import t_cdf, t_quantile

DEGREES = (1, 2, 3, 4.5, 7, 15, 29, 79, 80, 299, 1e4, 1e6, 1e9)


@pytest.mark.parametrize("df", DEGREES)
def test_t_quantile_is_scipys(df: float) -> None:
    for p in (1e-6, 0.025, 0.2, 0.4999, 0.51, 0.8, 0.95, 0.975, 0.995, 1 - 1e-6):
        assert t_quantile(p, df) == pytest.approx(stats.t.ppf(p, df), rel=1e-9)


@pytest.mark.parametrize("df", DEGREES)
def test_t_cdf_is_scipys(df: float) -> None:
    for x in (-40.0, -3.3, -1.0, -1e-3, 0.0, 0.4, 1.7, 2.0, 12.0):
        assert t_cdf(x, df) == pytest.approx(stats.t.cdf(x, df), rel=1e-9)


def test_without_end_of_degrees_it_is_the_normal_distribution() -> None:
    assert t_quantile(0.975, math.inf) == pytest.approx(stats.norm.ppf(0.975), rel=1e-12)
    assert t_quantile(0.5, 3) == 0
    assert t_cdf(1.0, math.inf) == pytest.approx(stats.norm.cdf(1.0), rel=1e-12)


@pytest.mark.parametrize(("p", "df"), [(0.0, 3.0), (1.0, 3.0), (0.5, 0.0), (math.nan, 3.0)])
def test_a_question_without_answer_is_misuse(p: float, df: float) -> None:
    with pytest.raises(ValueError, match="needs"):
        t_quantile(p, df)
    with pytest.raises(ValueError, match="needs"):
        t_cdf(math.nan, 3)
