"""What is said of contacts around a fix, and when it is more than chance."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from devsys.core.causes import effect_of
from devsys.core.model.causes import Cause, Fix, FixState
from devsys.faces.web.drawing_weeks import HEIGHT, draw_weeks
from devsys.faces.web.fix_values import beyond_chance, finding
from tests.builders import MONDAY, NOW

WEEK = timedelta(weeks=1)
FIX = Fix("f", "labels", "Labels print twice", "", Cause.TOOL, "ana", date(2026, 2, 1), NOW, FixState.DONE)
BEFORE = (100, 104, 98, 103, 97, 101, 99, 102)


def around(before, after):
    """Give the effect of a fix done in the week between."""
    turn = MONDAY + len(before) * WEEK
    counts = {MONDAY + n * WEEK: f for n, f in enumerate([*before, 60, *after])}
    return effect_of(replace(FIX, done=turn), counts)


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        (BEFORE, (40, 42, 41, 39), "More than chance: four of four weeks after it"),
        (BEFORE, (101, 99, 100, 98), "No more than chance"),
        (BEFORE, (180, 170, 175, 190), "and the wrong way: four of four weeks"),
        (BEFORE[:5], (40, 42, 41), ""),  # too few weeks before for limits
        (BEFORE, (40, 42), ""),  # too few weeks after for a mean
        ((100,) * 8, (40, 42, 41), ""),  # weeks that never differ give no limits
    ],
)
def test_weeks_after_are_judged_by_the_limits_of_those_before(before, after, says):
    words, limits = beyond_chance(around(before, after))
    assert words.startswith(says) if not says.startswith("and") else says in words
    assert bool(words) is bool(says)
    assert bool(limits) is bool(says)


@pytest.mark.parametrize(
    ("after", "says"),
    [
        ((), "101 contacts a week before; 0 of 3 weeks after it are known."),
        ((50, 50, 50), "101 contacts a week before, 50 after: 51 fewer."),
        ((110, 110, 110), "101 contacts a week before, 110 after: 9 more."),
        ((101, 101, 100), "101 contacts a week before, 101 after: no fewer."),
    ],
)
def test_the_finding_is_made_of_the_figures_that_are_shown(after, says):
    assert finding(around((101,) * 8, after), over=True) == says


def test_the_drawing_is_to_scale_and_leaves_gaps():
    effect = around((100, 50, 100), (25, 25, 25))
    drawn = draw_weeks(effect.weeks, effect.before, effect.after, "words", limits=(-5.0, 100.0))
    assert [b.h for b in drawn.bars] == [HEIGHT, HEIGHT / 2, HEIGHT, HEIGHT * 0.6, 16, 16, 16]
    assert drawn.limits == (0,)
    assert [b.css for b in drawn.bars] == ["before"] * 3 + ["during"] + ["after"] * 3
    assert draw_weeks((), None, None, "") is None
