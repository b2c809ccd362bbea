"""Refreshers: when a date moves, how far, why, and when it does not."""

import math
from dataclasses import replace
from datetime import date

import pytest

from devsys.core.improvement.fading import CADENCE_OF_HALF_LIFE, Fade
from devsys.core.improvement.refreshers import (
    Taught,
    Theme,
    cadence,
    monday,
    refreshers,
    shrunk,
    week_of,
)

TODAY = week_of(date(2026, 5, 4))


def a_fade(half_life: float, se: float = 0.005) -> Fade:
    kappa = math.log(2) / half_life
    return Fade(3.0, kappa, se, kappa - 2 * se, kappa + 2 * se, 20)


THEME = Theme("digital", 26, "Satisfied customers", " points", a_fade(13))
TAUGHT = Taught("digital", "north", week_of(date(2026, 3, 9)), 40)


def test_the_refresher_is_due_when_seven_tenths_are_left() -> None:
    assert a_fade(13).left(13 * CADENCE_OF_HALF_LIFE) == pytest.approx(0.7)


def test_half_lives_are_weighed_by_precision() -> None:
    sure, unsure = (shrunk(a_fade(20, se), 26) for se in (1e-9, 10.0))
    assert math.exp(sure) == pytest.approx(20, rel=1e-6)
    assert math.exp(unsure) == pytest.approx(26 / CADENCE_OF_HALF_LIFE, rel=1e-3)
    spread = 0.01 / (math.log(2) / 20)
    middle = (math.log(20) / spread**2 + math.log(26 / CADENCE_OF_HALF_LIFE) / 0.25) / (1 / spread**2 + 4)
    assert shrunk(a_fade(20, 0.01), 26) == pytest.approx(middle)


@pytest.mark.parametrize(
    ("theme", "weeks"),
    [
        (THEME, 13),  # 7 weeks would be right; half of the present is the least
        (replace(THEME, fade=a_fade(30, 0.002)), 16),
        (replace(THEME, fade=a_fade(200, 0.0005)), 52),  # never more than double
        (replace(THEME, fade=a_fade(50)), 26),  # its interval holds the present cadence
        (replace(THEME, fade=a_fade(30, 0.02)), 26),
        (replace(THEME, fade=Fade(3.0, -0.01, 0.001, -0.012, -0.008, 20)), 26),
        (replace(THEME, fade=None), 26),
        (replace(THEME, changed=TODAY - 12), 26),  # once a quarter
        (replace(THEME, changed=TODAY - 13), 13),
    ],
)
def test_a_cadence_moves_carefully(theme: Theme, weeks: int) -> None:
    assert cadence(theme, TODAY) == weeks


def test_a_fading_gain_brings_the_refresher_forward_and_says_why() -> None:
    (found,) = refreshers({"digital": THEME}, [TAUGHT], TODAY, seed=1)
    assert abs(found.due_week - (TAUGHT.week + 13)) <= 3
    assert (found.earliest.weekday(), (found.due - found.earliest).days, (found.latest - found.due).days) == (0, 6, 14)
    old, new = (f"{day.day} {day:%b}" for day in (monday(TAUGHT.week + 26), found.earliest))
    assert found.why == (
        "Satisfied customers: half of the gain of 3.0 points is gone after 13 weeks (11 to 16); "
        f"{0.5 ** ((found.due_week - TAUGHT.week) / 13):.0%} of the gain is left then. "
        f"Brought forward from {old} to {new}."
    )
    kappa = math.log(2) / 13
    assert found.weight == pytest.approx(40 * 3 * kappa * math.exp(-kappa * (found.due_week - TAUGHT.week)))
    assert found.waits == ""


def test_due_weeks_are_drawn_around_the_cadence_and_the_draw_repeats() -> None:
    taught = [replace(TAUGHT, cohort=f"c{i}") for i in range(200)]
    found = refreshers({"digital": THEME}, taught, TODAY, seed=4)
    weeks = [one.due_week - TAUGHT.week - 13 for one in found]
    assert set(weeks) == {-3, -2, -1, 0, 1, 2, 3}
    assert all(weeks.count(k) >= 12 for k in range(-3, 4))
    assert found == refreshers({"digital": THEME}, reversed(taught), TODAY, seed=4)
    assert [one.weight for one in found] == sorted((one.weight for one in found), reverse=True)


def test_a_gain_that_lasts_longer_puts_the_refresher_off() -> None:
    (found,) = refreshers({"digital": replace(THEME, fade=a_fade(200, 0.0005))}, [TAUGHT], TODAY, seed=1)
    assert "Put off from 7 Sep 2026 to 29 Mar 2027." in found.why
    assert "(173 to 236)" not in found.why


def test_a_cadence_that_stays_asks_for_nothing() -> None:
    assert refreshers({"digital": replace(THEME, fade=None)}, [TAUGHT], TODAY, seed=1) == ()


def test_a_team_that_went_back_has_its_refresher_within_six_weeks() -> None:
    back = [replace(TAUGHT, cohort=f"c{i}", reversed=True) for i in range(50)]
    found = refreshers({"digital": replace(THEME, fade=None)}, back, TODAY, seed=2)
    assert {one.due_week - TODAY for one in found} == {1, 2, 3, 4, 5, 6}
    assert all("went back" in one.why for one in found)
    soon = replace(TAUGHT, reversed=True, planned=TODAY + 1)
    assert refreshers({"digital": replace(THEME, fade=None)}, [soon], TODAY, seed=2) == ()


def test_what_is_overdue_is_spread_over_the_next_seven_weeks() -> None:
    long_ago = [replace(TAUGHT, cohort=f"c{i}", week=TODAY - 60, planned=TODAY + 30) for i in range(60)]
    found = refreshers({"digital": THEME}, long_ago, TODAY, seed=1)
    assert {one.due_week - TODAY for one in found} == {1, 2, 3, 4, 5, 6, 7}


def test_a_condition_or_fix_comes_first_and_the_refresher_waits() -> None:
    (found,) = refreshers({"digital": THEME}, [replace(TAUGHT, first="the tool is slow since 3 May")], TODAY, seed=1)
    assert found.waits == "the tool is slow since 3 May"
