"""Simulated organisations in which the truth is known: what statistics of improvement are judged by.

Points by person and week, one seeded generator a world: seasons, drift, a fix that lifts everybody, common weekly
noise, slow waves of persons and teams, and the noise of a few ratings a week. A world is made once without any effect;
the effect of a rollout is laid on it by `with_gain`.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from devsys.core.improvement.effect import Panel
from devsys.core.improvement.rollout import By, draw_waves

Floats = NDArray[np.float64]
GAIN = 3.0  # at the start
HALF_LIFE = 26.0
TRUE_QUARTER = 3.0 * float(np.mean(0.5 ** (np.arange(13) / HALF_LIFE)))  # 2.57
WAVES = tuple(range(39, 87, 4))
EARLY_WAVES = tuple(range(26, 74, 4))


@dataclass(frozen=True)
class World:
    """People x weeks without effect; `teams` are numbers from 0, `rng` goes on after the noise."""

    seed: int
    y: Floats
    teams: NDArray[np.intp]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(f"p{i:04d}" for i in range(len(self.y)))

    def strata(self) -> NDArray[np.intp]:
        """The weaker half by weeks 0 to 25, before any wave: 0; the others 1."""
        order = np.argsort(self.y[:, :26].mean(axis=1), kind="stable")
        found = np.ones(len(order), dtype=np.intp)
        found[order[: len(order) // 2]] = 0
        return found


def a_world(seed: int, people: int = 300, teams: int = 30, weeks: int = 104) -> World:
    rng = np.random.default_rng(seed)
    team = np.repeat(np.arange(teams), people // teams)
    w = np.arange(weeks)
    common = 3 * np.sin(2 * np.pi * (w + rng.integers(52)) / 52) + 2 * w / 52 + 4 * (w >= 60)
    common = common + rng.normal(0, 0.7, weeks)
    level = 80 + rng.normal(0, 4, people) + rng.normal(0, 2, teams)[team]
    slow = ar1(rng, 0.8, 3, (people, weeks)) + ar1(rng, 0.8, 1, (teams, weeks))[team]
    ratings = rng.poisson(8, (people, weeks)) + 1
    noise = rng.normal(size=(people, weeks)) * 100 * np.sqrt(0.8 * 0.2 / ratings)
    return World(seed, level[:, None] + common + slow + noise, team)


def ar1(rng: np.random.Generator, rho: float, sd: float, shape: tuple[int, int]) -> Floats:
    """Rows of a stationary AR(1) of standard deviation `sd`."""
    steps = rng.normal(0, sd, shape)
    steps[:, 1:] *= np.sqrt(1 - rho**2)
    for k in range(1, shape[1]):
        steps[:, k] += rho * steps[:, k - 1]
    return steps


def with_gain(y: Floats, starts: Floats, gain: float = GAIN, half_life: float = HALF_LIFE) -> Floats:
    """Lay a gain on a world that halves in `half_life` weeks from each person's start (infinite: it lasts)."""
    age = np.arange(y.shape[1])[None, :] - starts[:, None]
    return y + np.where(age >= 0, gain * 0.5 ** (np.maximum(age, 0) / half_life), 0.0)


def by_lot(
    world: World, weeks: tuple[int, ...] = WAVES, by: By = By.PERSON, *, strata: bool = False, never: float = 0.0
) -> Floats:
    """Starts as devsys draws them; a share `never` waits beyond all weeks."""
    stratum = world.strata() if strata else np.zeros(len(world.y), dtype=int)
    teams = {name: f"t{team}" for name, team in zip(world.names, world.teams, strict=True)}
    levels = {name: int(level) for name, level in zip(world.names, stratum, strict=True)}
    late = (1000, round(never * len(world.y))) if never else None
    waves = draw_waves(world.names, teams, levels, weeks, late, by=by, seed=world.seed)
    return starts_of(waves, world.names)


def starts_of(waves: Any, names: tuple[str, ...]) -> Floats:
    """Each person's first week; the late wave's is infinite."""
    week = {name: np.inf if wave.late else float(wave.week) for wave in waves for name in wave.people}
    return np.array([week[name] for name in names])


def weakest_first(y: Floats, weeks: tuple[int, ...] = WAVES) -> Floats:
    """At each wave those with the lowest mean of the last 8 weeks among who waits."""
    starts = np.full(len(y), np.inf)
    for week in weeks:
        recent = np.where(np.isinf(starts), y[:, week - 8 : week].mean(axis=1), np.inf)
        starts[np.argsort(recent)[: len(y) // len(weeks)]] = week
    return starts


def panel(world: World, y: Floats, starts: Floats, *, strata: bool = False) -> Panel:
    levels = world.strata() if strata else np.zeros(len(y), dtype=np.intp)
    return Panel(y, starts, world.teams, levels)


def naive(y: Floats, starts: Floats) -> float:
    """The rival: t of the mean of 13 weeks after the start minus 13 before, over persons."""
    sums = np.pad(y.cumsum(axis=1), ((0, 0), (1, 0)))
    there = np.isfinite(starts) & (starts >= 13) & (starts + 13 <= y.shape[1])
    who, s = np.flatnonzero(there), starts[there].astype(int)
    change = (sums[who, s + 13] - 2 * sums[who, s] + sums[who, s - 13]) / 13
    return float(change.mean() / (change.std(ddof=1) / np.sqrt(len(change))))
