"""Effects in sixty simulated organisations whose truth is known; tests/bench judges a thousand fresh ones by the goals.

Sixty worlds cannot tell 95 % from 90: the bounds here are what chance leaves of the goals.
"""

import numpy as np
import pytest

from devsys.core.improvement.effect import FIRST_QUARTER
from devsys.core.improvement.estimable import Design, Reason, estimable
from devsys.core.improvement.rollout import By, Order
from devsys.core.improvement.verdict import Phrase, study
from tests.improvement import simulation, world

SEEDS = range(60)


def test_effects_of_the_first_quarter_hold_the_truth_and_placebos_show_nothing() -> None:
    for line in simulation.first_quarter(SEEDS):
        assert abs(line.bias) <= 3 * line.spread / np.sqrt(60), line
        assert line.covered >= 0.9, line
        assert line.error == pytest.approx(line.spread, rel=0.25), line
        if line.truth:
            assert line.gains >= 0.95, line
        else:
            assert line.gains <= 0.07, line
            assert line.gains + line.harms <= 0.1, line
            assert line.naive > 0.9, line  # what everybody else would claim in the same worlds, in which nothing is


def test_retained_windows_hold_the_truth() -> None:
    for line in simulation.retained(SEEDS):
        assert abs(line.bias) <= 3 * line.spread / np.sqrt(60), line
        assert line.covered >= 0.88, line


def test_the_naive_bars_claim_a_gain_by_weakness_and_devsys_refuses() -> None:
    claimed = []
    for seed in SEEDS:
        one = world.a_world(seed)
        starts = world.weakest_first(one.y)
        claimed.append(world.naive(one.y, starts) > 1.96)
        if seed < 10:
            panel = world.panel(one, one.y, starts)
            design = Design(Order.WEAKEST, None, By.PERSON)
            assert Reason.NOT_BY_LOT in estimable(design, panel, FIRST_QUARTER)
            found = study(design, panel, 1.0, " points")
            assert all(one.effect is None for one in found.seen)
            assert found.verdict.phrase == Phrase.TOO_LITTLE
    assert np.mean(claimed) > 0.9


def test_fades_are_found_and_a_lasting_gain_is_not_called_fading() -> None:
    quick, lasting = simulation.fades(range(20), (13.0, simulation.LASTING))
    assert quick.median == pytest.approx(13, rel=0.15)
    assert quick.covered >= 0.85
    assert lasting.called_fading <= 0.1


def test_verdicts_at_six_months() -> None:
    nothing, lasting = (simulation.verdicts(range(30), half) for half in (None, simulation.LASTING))
    assert nothing[Phrase.HOLDING] + nothing[Phrase.FADING] <= 0.1
    assert lasting[Phrase.HOLDING] >= 0.9
    assert lasting[Phrase.FADING] == 0
