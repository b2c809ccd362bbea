"""The simulation that judges effects: how often intervals hold the truth, and how often nothing is called a gain."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np

from devsys.core.improvement.effect import FIRST_QUARTER, WINDOWS, Effect, Panel, effect, errors_by_team
from devsys.core.improvement.estimable import Design
from devsys.core.improvement.fading import fade
from devsys.core.improvement.rollout import By, Order
from devsys.core.improvement.verdict import Phrase, study
from tests.improvement import world

LASTING = float("inf")


@dataclass(frozen=True)
class Line:
    """What a design did over many worlds: shares of them, in points where not said otherwise."""

    design: str
    worlds: int
    truth: float
    bias: float
    spread: float
    error: float
    covered: float
    gains: float
    harms: float
    naive: float

    def __str__(self) -> str:
        return (
            f"{self.design:<34}{self.worlds:>6}{self.truth:>7.2f}{self.bias:>+8.3f}{self.spread:>7.2f}{self.error:>7.2f}"
            f"{self.covered:>9.1%}{self.gains:>8.1%}{self.harms:>8.1%}"
            + (f"{self.naive:>8.1%}" if np.isfinite(self.naive) else f"{'':>8}")
        )


HEAD = f"{'design':<34}{'worlds':>6}{'truth':>7}{'bias':>8}{'sd':>7}{'se':>7}" + "".join(
    f"{word:>{width}}" for word, width in (("covered", 9), ("gain", 8), ("harm", 8), ("naive", 8))
)


def designs(one: world.World) -> Iterator[tuple[str, world.Floats, bool, bool]]:
    """Give the orders of rollout: name, starts, strata compared, drawn by team."""
    yield "by person, inside teams", world.by_lot(one), False, False
    yield "by team, 30 teams", world.by_lot(one, by=By.TEAM), False, True
    yield "within frozen strata", world.by_lot(one, strata=True), True, False


def first_quarter(seeds: Iterable[int]) -> list[Line]:
    """Every design with the gain and without any, in the same worlds; the naive rival beside it."""
    rows: dict[tuple[str, bool], list[tuple[Effect, float]]] = {}
    for seed in seeds:
        one = world.a_world(seed)
        for name, starts, strata, drawn in designs(one):
            for gain in (True, False):
                y = world.with_gain(one.y, starts) if gain else one.y
                panel = world.panel(one, y, starts, strata=strata)
                found = effect(panel, FIRST_QUARTER, by_team=errors_by_team(panel, drawn_by_team=drawn))
                assert found is not None
                rows.setdefault((name, gain), []).append((found, world.naive(y, starts)))
    return [_line(name, world.TRUE_QUARTER if gain else 0.0, found) for (name, gain), found in rows.items()]


def retained(seeds: Iterable[int]) -> list[Line]:
    """Windows up to twelve months on, 15 % never treated."""
    rows: dict[str, list[tuple[Effect, float]]] = {}
    for seed in seeds:
        one = world.a_world(seed)
        starts = world.by_lot(one, world.EARLY_WAVES, never=0.15)
        panel = world.panel(one, world.with_gain(one.y, starts), starts)
        for window in WINDOWS:
            found = effect(panel, window, by_team=True)
            assert found is not None
            rows.setdefault(window.words, []).append((found, float("nan")))
    truth = {
        w.words: world.GAIN * float(np.mean(0.5 ** (np.arange(w.first, w.end) / world.HALF_LIFE))) for w in WINDOWS
    }
    return [_line(name, truth[name], found) for name, found in rows.items()]


def _line(name: str, truth: float, found: list[tuple[Effect, float]]) -> Line:
    gains = np.array([one.gain for one, _ in found])
    low, high = (np.array([getattr(one, side) for one, _ in found]) for side in ("low", "high"))
    naive = np.array([t for _, t in found])
    return Line(
        name,
        len(found),
        truth,
        float(gains.mean()) - truth,
        float(gains.std(ddof=1)),
        float(np.mean([one.se for one, _ in found])),
        float(((low <= truth) & (truth <= high)).mean()),
        float((low > 0).mean()),
        float((high < 0).mean()),
        float("nan") if np.isnan(naive).any() else float((naive > 1.96).mean()),
    )


@dataclass(frozen=True)
class Fading:
    """Fades found over many worlds for one true half-life."""

    half_life: float
    worlds: int
    median: float
    covered: float
    called_fading: float


def fades(seeds: Iterable[int], half_lives: tuple[float, ...] = (13.0, 26.0, LASTING)) -> list[Fading]:
    """12 waves from week 26, 10 % never treated."""
    rows: dict[float, list[tuple[float, float, float]]] = {half: [] for half in half_lives}
    for seed, half in product(seeds, half_lives):
        one = world.a_world(seed)
        starts = world.by_lot(one, world.EARLY_WAVES, never=0.1)
        found = fade(world.with_gain(one.y, starts, half_life=half), starts, one.teams)
        rows[half].append((found.kappa, found.low, found.high))
    answer = []
    for half, found_all in rows.items():
        kappa, low, high = np.array(found_all).T
        true = np.log(2) / half
        median = float(np.log(2) / np.median(kappa)) if np.median(kappa) > 0 else LASTING
        covered, called = float(((low <= true) & (true <= high)).mean()), float((low > 0).mean())
        answer.append(Fading(half, len(kappa), median, covered, called))
    return answer


def verdicts(seeds: Iterable[int], half_life: float | None) -> dict[Phrase, float]:
    """Shares of the four phrases at six months, 15 % never treated; without a half-life there is no effect."""
    counts = dict.fromkeys(Phrase, 0)
    total = 0
    for seed in seeds:
        one = world.a_world(seed)
        starts = world.by_lot(one, world.EARLY_WAVES, never=0.15)
        y = one.y if half_life is None else world.with_gain(one.y, starts, half_life=half_life)
        panel: Panel = world.panel(one, y[:, :78], starts)
        counts[study(Design(Order.LOT, seed, By.PERSON), panel, 1.0, "").verdict.phrase] += 1
        total += 1
    return {phrase: count / total for phrase, count in counts.items()}
