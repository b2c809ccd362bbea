"""The fade of a gain: exact where there is no noise, the same as least squares where there is noise."""

import math

import numpy as np
import pytest

from devsys.core.improvement.fading import fade
from tests.improvement.world import with_gain


def a_panel(seed: int, *, noise: float, half_life: float = 13.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    starts = np.array([0.0, 10, 14, 18, np.inf] * 8)
    y = rng.normal(80, 4, 40)[:, None] + rng.normal(0, 2, 60)[None, :] + noise * rng.normal(size=(40, 60))
    return with_gain(y, starts, 3.0, half_life), starts, np.arange(40) // 4


def test_without_noise_the_fade_is_found() -> None:
    for half_life in (8.0, 13.0, 40.0, -60.0):
        found = fade(*a_panel(1, noise=0, half_life=half_life))
        assert found.kappa == pytest.approx(math.log(2) / half_life, abs=2e-4)
        assert found.beta == pytest.approx(3.0, abs=0.05)
        assert found.high - found.low < 1e-3
        assert found.teams == 10


def test_the_fade_is_that_of_least_squares_with_a_dummy_for_each_person_and_week() -> None:
    y, starts, teams = a_panel(2, noise=1.0)
    y, starts, teams = (x[starts > 0] for x in (y, starts, teams))
    n, weeks = y.shape
    dummies = np.hstack([np.kron(np.eye(n), np.ones((weeks, 1))), np.kron(np.ones((n, 1)), np.eye(weeks)[:, 1:])])
    span, _ = np.linalg.qr(dummies)
    age = np.arange(weeks)[None, :] - starts[:, None]

    def explained(kappa: float) -> tuple[float, float]:
        x = np.where(age >= 0, np.exp(-kappa * np.maximum(age, 0)), 0.0).ravel()
        x, rest = (v - span @ (span.T @ v) for v in (x, y.ravel()))
        beta = float(x @ rest / (x @ x))
        return -float(((rest - beta * x) ** 2).sum()), beta

    found = fade(y, starts, teams)
    best = max(np.arange(-0.02, 0.35, 0.001), key=lambda kappa: explained(kappa)[0])
    assert found.kappa == pytest.approx(best, abs=0.001)
    assert found.beta == pytest.approx(explained(found.kappa)[1], abs=0.02)


def test_the_error_is_the_jackknife_over_teams() -> None:
    y, starts, teams = a_panel(3, noise=1.0)
    found = fade(y, starts, teams)
    leaving = np.array(
        [fade(y[teams != team], starts[teams != team], teams[teams != team]).kappa for team in range(10)]
    )
    assert found.se == pytest.approx(math.sqrt(0.9 * float(((leaving - leaving.mean()) ** 2).sum())), rel=1e-9)


def test_a_gain_that_does_not_fade_has_no_half_life() -> None:
    found = fade(*a_panel(1, noise=0, half_life=-60.0))
    assert found.half_life is None
    assert found.half_life_span == (math.inf, math.inf)
    assert found.left(10) > 1


@pytest.mark.parametrize("spoilt", ["gap", "one start", "one team"])
def test_what_shows_no_fade_is_misuse(spoilt: str) -> None:
    y, starts, teams = a_panel(1, noise=1)
    if spoilt == "gap":
        y[3, 3] = np.nan
    elif spoilt == "one start":
        starts = np.where(starts > 0, 10.0, 0.0)
    else:
        teams = np.zeros_like(teams)
    with pytest.raises(ValueError, match="a fade needs"):
        fade(y, starts, teams)
