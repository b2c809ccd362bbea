"""The four phrases, each at its border."""

import math

import numpy as np
import pytest

from devsys.core.improvement.effect import FIRST_QUARTER, RETAINED, Effect, Panel, Window
from devsys.core.improvement.estimable import Design, Reason
from devsys.core.improvement.quantiles import t_quantile
from devsys.core.improvement.rollout import By, Order
from devsys.core.improvement.verdict import Phrase, Seen, study, verdict

N = 1000
PANEL = Panel(np.zeros((N, 1)), np.full(N, math.inf), np.arange(N), np.zeros(N, dtype=np.intp))
WIDE = t_quantile(0.975, N - 1)


def an_effect(window: Window, gain: float, half_width: float, part: int = 0) -> Effect:
    """An effect with an interval of gain -/+ half_width; effects of other `part`s rest on other people."""
    psi = np.zeros(N)
    psi[part * 400 : part * 400 + 400] = half_width / WIDE * N / 20
    low, high = gain - half_width, gain + half_width
    return Effect(window, gain, half_width / WIDE, low, high, 400, 400, N, by_team=False, psi=psi)


def seen(
    first: tuple[float, float], later: tuple[float, float] | None, window: Window = RETAINED[1]
) -> tuple[Seen, ...]:
    other = None if later is None else an_effect(window, *later, part=1)
    reasons = () if later else (Reason.NOT_PAST,)
    return (Seen(FIRST_QUARTER, an_effect(FIRST_QUARTER, *first), ()), Seen(window, other, reasons))


@pytest.mark.parametrize(
    ("first", "later", "phrase", "words"),
    [
        ((0.5, 0.6), (3.0, 0.1), Phrase.TOO_LITTLE, "between -0.1 and +1.1 points in the first 13 weeks"),
        ((0.9, 0.9), (3.0, 0.1), Phrase.TOO_LITTLE, "between +0.0 and +1.8"),  # its lower bound is 0
        ((0.5, 0.4), (3.0, 0.1), Phrase.NO_IMPROVEMENT, "+0.1 and +0.9 points in the first 13 weeks, less than the 1"),
        ((0.0, 0.9), (3.0, 0.1), Phrase.NO_IMPROVEMENT, "-0.9 and +0.9"),
        ((-2.0, 1.0), None, Phrase.NO_IMPROVEMENT, "worse by 2.0 points"),
        ((2.0, 0.5), None, Phrase.TOO_LITTLE, "Improved by 2.0 points (+1.5 to +2.5) in the first 13 weeks; whether"),
        ((2.0, 0.5), (2.0, 0.5), Phrase.HOLDING, "+2.0 points (+1.5 to +2.5) 6 months on: 100% of it left"),
        ((2.0, 0.5), (1.0, 0.5), Phrase.HOLDING, "50% of it left"),
        ((2.0, 0.5), (0.99, 0.5), Phrase.TOO_LITTLE, "whether it lasts cannot be told"),
        ((2.0, 0.5), (1.2, 1.2), Phrase.TOO_LITTLE, "whether it lasts cannot be told"),
        ((2.0, 0.5), (0.1, 0.5), Phrase.FADING, "6 months on: 5% of it left"),
        ((2.0, 0.5), (-0.4, 0.5), Phrase.FADING, ": 0% of it left"),
        ((2.0, 0.5), (0.5, 0.5), Phrase.TOO_LITTLE, "whether it lasts cannot be told"),  # 0.25 + 0.5 is above half
    ],
)
def test_verdict(first: tuple[float, float], later: tuple[float, float] | None, phrase: Phrase, words: str) -> None:
    found = verdict(seen(first, later), PANEL, 1.0, " points")
    assert found.phrase == phrase
    assert words in found.sentence
    assert found.sentence.lower().startswith((phrase, "improved by"))


def test_the_latest_window_that_can_be_estimated_decides_and_is_named() -> None:
    early, late = (Seen(window, an_effect(window, 2.0, 0.5, part=1), ()) for window in RETAINED[:2])
    first = Seen(FIRST_QUARTER, an_effect(FIRST_QUARTER, 2.0, 0.5), ())
    year = Seen(RETAINED[2], None, (Reason.NO_CONTROLS,))
    assert verdict((first, early, late, year), PANEL, 1.0, "").window == RETAINED[1]
    gone = Seen(RETAINED[2], an_effect(RETAINED[2], -1.0, 0.2, part=1), ())
    assert verdict((first, early, late, gone), PANEL, 1.0, "").phrase == Phrase.FADING


def test_nothing_estimable_has_reasons_and_no_figure() -> None:
    found = verdict((Seen(FIRST_QUARTER, None, (Reason.CHANGED,)),), PANEL, 1.0, " points")
    assert (found.phrase, found.window) == (Phrase.TOO_LITTLE, None)
    assert found.sentence == f"Too little data to tell: {Reason.CHANGED}."


def test_the_share_retained_needs_a_first_quarter_that_leaves_0_out() -> None:
    rng = np.random.default_rng(1)
    starts = np.repeat([26.0, 30.0, math.inf], 40)
    y = rng.normal(0, 1, (120, 70))
    design = Design(Order.LOT, 1, By.PERSON)
    treated = np.arange(70)[None, :] >= starts[:, None]
    for gain, shown in ((3.0, {"3", "6"}), (0.0, set())):
        panel = Panel(y + gain * treated, starts, np.arange(120) % 8, np.zeros(120, dtype=np.intp))
        assert set(study(design, panel, 1.0, "").retained) == shown


def test_a_gain_worth_having_is_above_0() -> None:
    with pytest.raises(ValueError, match="worthwhile"):
        study(Design(Order.LOT, 1, By.PERSON), PANEL, 0.0, "")
