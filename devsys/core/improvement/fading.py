"""How fast a gain goes back, and when a refresher is due: it sets a date, never a verdict.

The model is y = person + week + beta exp(-kappa age), age the weeks since the start. Persons and weeks are taken out by
demeaning a balanced panel both ways, in closed form; kappa is then found by profile over a grid, its interval by
leaving out one team at a time.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from devsys.core.improvement.quantiles import t_quantile

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

LEFT_AT_REFRESHER: Final = 0.7  # of the gain, when the refresher is due
CADENCE_OF_HALF_LIFE: Final = math.log2(1 / LEFT_AT_REFRESHER)  # 0.515
PRIOR_SD: Final = 0.5  # of log half-life, around the present cadence
BOUNDS: Final = (0.5, 2.0)  # of the present cadence
_GRID: Final = np.concatenate(
    [np.arange(-0.02, 0.08, 0.0025), np.arange(0.08, 0.16, 0.005), np.arange(0.16, 0.3501, 0.01)]
)


@dataclass(frozen=True, slots=True)
class Fade:
    """A gain `beta` at the start that shrinks by `kappa` a week, with kappa's error and 95 % interval over `teams`."""

    beta: float
    kappa: float
    se: float
    low: float
    high: float
    teams: int

    @property
    def half_life(self) -> float | None:
        """Weeks until half the gain is left; None where no fade is seen."""
        return math.log(2) / self.kappa if self.kappa > 0 else None

    @property
    def half_life_span(self) -> tuple[float, float]:
        """Give the 95 % interval of the half-life in weeks; it may have no end."""
        return tuple(math.log(2) / k if k > 0 else math.inf for k in (self.high, self.low))  # type: ignore[return-value]

    def left(self, age: float) -> float:
        """Give the share of the gain left after so many weeks."""
        return math.exp(-self.kappa * age)


def fade(y: Floats, starts: Floats, teams: Ints) -> Fade:
    """Give the fade of a gain from a balanced panel (people x weeks, more is better), first weeks and teams.

    Raises ValueError for gaps, or when no two teams or no two kinds of starts are there to compare.
    """
    stays = starts > 0
    y, starts, teams = y[stays], starts[stays], teams[stays]
    cohorts, cohort = np.unique(starts, return_inverse=True)
    names, team = np.unique(teams, return_inverse=True)
    if not np.isfinite(y).all() or len(cohorts) < 2 or len(names) < 2:  # noqa: PLR2004
        raise ValueError("a fade needs a panel without gaps, two starts and two teams")
    moments = _Moments(y, cohorts, cohort, team, len(names))
    kappa, beta = _best(*moments.whole())
    m = len(names)
    leaving = np.array([_best(top, bottom)[0] for top, bottom in moments.without_each()])
    se = math.sqrt((m - 1) / m * float(((leaving - leaving.mean()) ** 2).sum()))
    wide = t_quantile(0.975, m - 1) * se
    return Fade(beta, kappa, se, kappa - wide, kappa + wide, m)


class _Moments:
    """Cross products of the fading regressor with itself and the outcome, from sums by team and cohort.

    The regressor depends on cohort and week alone, so all that is needed of people is their rows, summed.
    """

    def __init__(self, y: Floats, cohorts: Floats, cohort: Ints, team: Ints, teams: int) -> None:
        weeks = y.shape[1]
        rows = y - y.mean(axis=1, keepdims=True)
        place = team * len(cohorts) + cohort
        sums = np.zeros((teams * len(cohorts), weeks))
        np.add.at(sums, place, rows)
        self.sums = sums.reshape(teams, len(cohorts), weeks)
        self.counts = np.bincount(place, minlength=teams * len(cohorts)).reshape(teams, len(cohorts)).astype(float)
        age = np.where(np.isfinite(cohorts)[:, None], np.arange(weeks)[None, :] - cohorts[:, None], -1.0)
        shape = np.where(age >= 0, np.exp(-_GRID[:, None, None] * np.maximum(age, 0)), 0.0)
        self.shape = shape - shape.mean(axis=2, keepdims=True)  # grid x cohorts x weeks, demeaned by row
        self.squares = (self.shape**2).sum(axis=2)

    def whole(self) -> tuple[Floats, Floats]:
        """Give, over the grid, the product with the outcome and the square of the regressor, of all people."""
        return self._of(self.sums.sum(axis=0), self.counts.sum(axis=0))

    def without_each(self) -> Iterator[tuple[Floats, Floats]]:
        """Give the same with each team left out in turn."""
        sums, counts = self.sums.sum(axis=0), self.counts.sum(axis=0)
        for team in range(len(self.sums)):
            yield self._of(sums - self.sums[team], counts - self.counts[team])

    def _of(self, sums: Floats, counts: Floats) -> tuple[Floats, Floats]:
        people = counts.sum()
        week = sums.sum(axis=0) / people  # means by week, of rows demeaned already
        top = np.tensordot(self.shape, sums - counts[:, None] * week, axes=2)
        mean = np.tensordot(self.shape, counts, axes=([1], [0])) / people  # grid x weeks
        return top, self.squares @ counts - people * (mean**2).sum(axis=1)


def _best(top: Floats, bottom: Floats) -> tuple[float, float]:
    """Give kappa and beta where the regressor explains most, by a parabola through the three best grid points."""
    explained = np.where(bottom > 0, top * top / np.where(bottom > 0, bottom, 1.0), -np.inf)
    k = int(np.clip(explained.argmax(), 1, len(_GRID) - 2))
    x, f = _GRID[k - 1 : k + 2], explained[k - 1 : k + 2]
    near, far = x[0] - x[1], x[2] - x[1]
    a = (f[0] - f[1]) / near
    b = (f[2] - f[1]) / far
    bend = (b - a) / (far - near)
    kappa = float(x[1])
    if bend < 0:
        kappa = float(np.clip(x[1] - (a - bend * near) / (2 * bend), x[0], x[2]))
    beta = float(np.interp(kappa, _GRID, top / np.where(bottom > 0, bottom, np.inf)))
    return kappa, beta
