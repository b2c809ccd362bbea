"""When nothing may be told: each reason where it binds, and a design where none does."""

import math
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from devsys.core.improvement.effect import BASE_WEEKS, FIRST_QUARTER, RETAINED, Panel
from devsys.core.improvement.estimable import LATEST_TAUGHT, LEAST_ARM, MOST_ASTRAY, Design, Reason, estimable
from devsys.core.improvement.rollout import LEAST_TEAMS, By, Order
from devsys.core.improvement.verdict import Phrase, study

LOT = Design(Order.LOT, 7, By.PERSON)
QUARTER, YEAR = FIRST_QUARTER, RETAINED[2]


def a_panel(starts: list[float] | None = None, *, weeks: int = 90, teams: int = 20) -> Panel:
    given = starts or [26.0] * 20 + [30.0] * 20 + [math.inf] * 20
    n = len(given)
    rng = np.random.default_rng(3)
    return Panel(rng.normal(80, 2, (n, weeks)), np.array(given), np.arange(n) % teams, np.zeros(n, dtype=np.intp))


def test_a_lot_with_controls_and_time_is_estimable_in_every_window() -> None:
    panel = a_panel()
    taught = panel.starts + 1
    assert [estimable(LOT, panel, window, taught) for window in (QUARTER, *RETAINED)] == [(), (), (), ()]
    assert estimable(replace(LOT, by=By.TEAM), a_panel(teams=16), QUARTER) == ()


@pytest.mark.parametrize(
    ("design", "panel", "window", "reason"),
    [
        (replace(LOT, order=Order.WEAKEST, seed=None), a_panel(), QUARTER, Reason.NOT_BY_LOT),
        (replace(LOT, seed=None), a_panel(), QUARTER, Reason.NOT_BY_LOT),
        (replace(LOT, changed=True), a_panel(), QUARTER, Reason.CHANGED),
        (replace(LOT, frozen=False), a_panel(), QUARTER, Reason.NOT_FROZEN),
        (replace(LOT, per_person=False), a_panel(), QUARTER, Reason.PER_TEAM),
        (replace(LOT, by=By.TEAM), a_panel(teams=15), QUARTER, Reason.FEW_TEAMS),
        (LOT, a_panel([25.0] * 20 + [math.inf] * 20), QUARTER, Reason.SHORT_BEFORE),
        (LOT, a_panel([math.inf] * 40), QUARTER, Reason.SHORT_BEFORE),
        (LOT, a_panel(weeks=38), QUARTER, Reason.NOT_PAST),
        (LOT, a_panel(weeks=84), YEAR, Reason.NOT_PAST),
        (LOT, a_panel([26.0] * 30 + [84.0] * 30), YEAR, Reason.NO_CONTROLS),  # a late wave one week too early
        (LOT, a_panel([26.0] * 19 + [math.inf] * 41), QUARTER, Reason.FEW_PEOPLE),
        (LOT, a_panel([26.0] * 41 + [math.inf] * 19), QUARTER, Reason.FEW_PEOPLE),
    ],
)
def test_each_reason_stands_alone_and_leaves_no_figure(
    design: Design, panel: Panel, window: Any, reason: Reason
) -> None:
    assert estimable(design, panel, window) == (reason,)
    found = study(design, panel, 1.0, " points")
    seen = next(one for one in found.seen if one.window == window)
    assert (seen.effect, seen.reasons) == (None, (reason,))
    assert window.key not in found.retained
    if window == QUARTER:
        assert found.verdict.phrase == Phrase.TOO_LITTLE
        assert not any(sign.isdigit() and sign in found.verdict.sentence.replace(reason, "") for sign in "0123456789")


def test_a_late_wave_in_time_makes_a_year_estimable() -> None:
    assert estimable(LOT, a_panel([26.0] * 30 + [85.0] * 30), YEAR) == ()


def test_reasons_add_up() -> None:
    found = estimable(replace(LOT, seed=None, changed=True), a_panel([25.0] * 30 + [math.inf] * 30), QUARTER)
    assert found == (Reason.NOT_BY_LOT, Reason.CHANGED, Reason.SHORT_BEFORE)


@pytest.mark.parametrize(
    ("early", "late", "untold", "astray"),
    [(2, 0, 0, False), (3, 0, 0, True), (0, 2, 0, False), (1, 2, 0, True), (0, 0, 3, True), (0, 1, 1, False)],
)
def test_a_wave_of_which_a_tenth_went_astray_tells_nothing(early: int, late: int, untold: int, astray: bool) -> None:  # noqa: FBT001
    panel = a_panel()
    taught = panel.starts.copy()
    taught[:early] -= 1
    taught[early : early + late] += 5
    taught[early + late : early + late + untold] = math.inf
    assert (Reason.ASTRAY in estimable(LOT, panel, QUARTER, taught)) == astray


def test_who_is_to_stay_untreated_and_was_taught_goes_astray_too() -> None:
    panel = a_panel()
    taught = panel.starts + 0.0
    taught[-3:] = 50
    assert estimable(LOT, panel, QUARTER, taught) == (Reason.ASTRAY,)


def test_a_wave_that_has_just_begun_is_not_late_yet() -> None:
    panel = a_panel([26.0] * 20 + [86.0] * 20 + [math.inf] * 20)
    taught = np.where(panel.starts == 86, math.inf, panel.starts)
    assert estimable(LOT, panel, QUARTER, taught) == ()


def test_the_numbers_that_reasons_name_are_those_that_bind() -> None:
    said = {
        Reason.FEW_TEAMS: [LEAST_TEAMS],
        Reason.SHORT_BEFORE: [BASE_WEEKS],
        Reason.FEW_PEOPLE: [LEAST_ARM],
        Reason.ASTRAY: [round(MOST_ASTRAY * 100), LATEST_TAUGHT],
    }
    for reason, numbers in said.items():
        assert [int(n) for n in re.findall(r"\d+", reason.value)] == numbers
