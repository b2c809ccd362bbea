"""What a rollout will be able to show, said before the draw: the gain found in 80 % of cases, window by window.

The spread comes from the organisation's own past: its weeks are laid end to end, forwards and backwards, from a few
random weeks on, under the starts that are planned, and the standard error is what such a past without any effect gives.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from devsys.core.improvement.effect import WINDOWS, Panel, Window, effect, errors_by_team
from devsys.core.improvement.estimable import Design, Reason, estimable
from devsys.core.improvement.quantiles import t_quantile
from devsys.core.improvement.rollout import By, lot

LEAST_HISTORY: Final = (26, 52)  # weeks, for the windows of the first half year and for those beyond
_DRAWS: Final = 12


@dataclass(frozen=True, slots=True)
class Foreseen:
    """One window: the least gain found in 80 % of cases, or why nothing will be told; people on either side."""

    window: Window
    gain: float | None
    reasons: tuple[Reason, ...]
    treated: int = 0
    controls: int = 0


def foresee(design: Design, history: Panel, seed: int) -> tuple[Foreseen, ...]:
    """Give what each window will show; `history.starts` count weeks from the first of `history.y`, and lie beyond it.

    Where the history is too short to give the spread, a window's gain is None, without a reason.
    """
    finite = history.starts[np.isfinite(history.starts)]
    if not len(finite):
        raise ValueError("nobody is to start")
    weeks = int(finite.max()) + WINDOWS[-1].end
    begins = (lot(seed, f"past {number}") for number in range(_DRAWS))
    pasts = [Panel(_laid(history.y, weeks, at), history.starts, history.teams, history.strata) for at in begins]
    had = history.y.shape[1]
    known = {window.key: had >= LEAST_HISTORY[window.end > LEAST_HISTORY[0]] for window in WINDOWS}
    return tuple(_foreseen(design, pasts, window, known=known[window.key]) for window in WINDOWS)


def _foreseen(design: Design, pasts: list[Panel], window: Window, *, known: bool) -> Foreseen:
    reasons = estimable(design, pasts[0], window)
    if reasons:
        return Foreseen(window, None, reasons)
    by_team = errors_by_team(pasts[0], drawn_by_team=design.by is By.TEAM)
    found = [one for one in (effect(past, window, by_team=by_team) for past in pasts) if one is not None]
    gain = None
    if known:
        se = math.sqrt(sum(one.se**2 for one in found) / len(found))
        degrees = found[0].clusters - 1
        gain = se * (t_quantile(0.975, degrees) + t_quantile(0.8, degrees))
    return Foreseen(window, gain, (), found[0].treated, found[0].controls)


def _laid(y: NDArray[np.float64], weeks: int, at: float) -> NDArray[np.float64]:
    """Give `weeks` weeks of a past: a history forwards and backwards in turn, from the share `at` of it on.

    Persons keep their own weeks, so slow waves stay whole, and no seam jumps.
    """
    apart = y - _by_week(y)
    there_and_back = np.concatenate([apart, apart[:, ::-1]], axis=1)
    begin = int(at * there_and_back.shape[1])
    return there_and_back[:, (begin + np.arange(weeks)) % there_and_back.shape[1]]


def _by_week(y: NDArray[np.float64]) -> NDArray[np.float64]:
    there = ~np.isnan(y)
    mean: NDArray[np.float64] = np.where(there, y, 0.0).sum(axis=0) / np.maximum(there.sum(axis=0), 1)
    return mean
