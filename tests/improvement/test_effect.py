"""Windowed differences in differences: the figures of their definition, in plain loops, and who counts."""

import math
from typing import Any

import numpy as np
import pytest
from scipy import stats

from devsys.core.improvement.effect import (
    FIRST_QUARTER,
    RETAINED,
    WINDOWS,
    Effect,
    Panel,
    Window,
    against_half,
    effect,
    errors_by_team,
)


def a_panel(seed: int, people: int = 120, weeks: int = 100, *, holes: float = 0.2) -> Panel:
    rng = np.random.default_rng(seed)
    y = rng.normal(80, 3, (people, weeks)) + rng.normal(0, 2, people)[:, None]
    y[rng.random(y.shape) < holes] = np.nan
    y[:3, 20:40] = np.nan
    starts = rng.choice([0.0, 20, 26, 30, 34, 60, 99, np.inf], people)
    return Panel(y, starts, rng.integers(0, 9, people), rng.integers(0, 2, people))


def by_hand(panel: Panel, window: Window, *, by_team: bool) -> tuple[float, float, int, Any]:
    """Give estimate, error, degrees of freedom and influence as the definition says, person by person."""
    who = [i for i, start in enumerate(panel.starts) if start > 0]
    n, weeks = len(who), panel.y.shape[1]

    def mean(i: int, first: int, end: int) -> float | None:
        values = [v for v in panel.y[i, first:end] if not math.isnan(v)]
        return sum(values) / len(values) if 2 * len(values) >= end - first else None

    cells = []
    for c in sorted({int(s) for s in panel.starts if 26 <= s < weeks}):
        if c + window.end > weeks:
            continue
        change = {}
        for i in who:
            before, after = mean(i, c - 26, c), mean(i, c + window.first, c + window.end)
            if before is not None and after is not None:
                change[i] = after - before
        for z in (0, 1):
            inside = [i for i in change if panel.starts[i] == c and panel.strata[i] == z]
            outside = [i for i in change if panel.starts[i] >= c + window.end and panel.strata[i] == z]
            if len(inside) >= 2 and len(outside) >= 10:
                means = [sum(change[i] for i in side) / len(side) for side in (inside, outside)]
                cells.append((inside, outside, means, change))
    p = [len(inside) / n for inside, *_ in cells]
    atts = [means[0] - means[1] for *_, means, _ in cells]
    estimate = sum(x * a for x, a in zip(p, atts, strict=True)) / sum(p)
    psi = np.zeros(len(panel.starts))
    for (inside, outside, means, change), share, att in zip(cells, p, atts, strict=True):
        for side, middle, sign in ((inside, means[0], 1), (outside, means[1], -1)):
            size = len(side)
            for i in side:
                psi[i] += share / sum(p) * sign * n / size * math.sqrt(size / (size - 1)) * (change[i] - middle)
        for i in who:
            psi[i] += ((i in inside) - share) * (att - estimate) / sum(p)
    if not by_team:
        return estimate, math.sqrt(sum(psi[i] ** 2 for i in who)) / n, n - 1, psi
    teams = sorted({int(panel.teams[i]) for i in who})
    sums = [sum(psi[i] for i in who if panel.teams[i] == team) for team in teams]
    m = len(teams)
    return estimate, math.sqrt(m / (m - 1) * sum(s * s for s in sums)) / n, m - 1, psi


@pytest.mark.parametrize("by_team", [False, True])
@pytest.mark.parametrize("window", WINDOWS, ids=lambda window: window.key)
def test_effect_is_its_definition(window: Window, by_team: bool) -> None:  # noqa: FBT001 -- a parameter of the test
    panel = a_panel(7)
    found = effect(panel, window, by_team=by_team)
    gain, se, degrees, psi = by_hand(panel, window, by_team=by_team)
    assert found is not None
    assert found.gain == pytest.approx(gain, rel=1e-10)
    assert found.se == pytest.approx(se, rel=1e-10)
    assert found.psi == pytest.approx(psi, abs=1e-9)
    assert found.high - found.gain == pytest.approx(stats.t.ppf(0.975, degrees) * se, rel=1e-9)
    assert found.clusters == degrees + 1


def test_what_is_left_beyond_half_has_the_error_of_both_together() -> None:
    panel = a_panel(8)
    first, later = (effect(panel, window, by_team=False) for window in (FIRST_QUARTER, RETAINED[0]))
    assert first is not None
    assert later is not None
    low, high = against_half(later, first, panel)
    n = int((panel.starts > 0).sum())
    psi = later.psi - first.psi / 2
    assert (low + high) / 2 == pytest.approx(later.gain - first.gain / 2)
    assert high - low == pytest.approx(2 * stats.t.ppf(0.975, n - 1) * math.sqrt((psi**2).sum()) / n, rel=1e-9)


def plain(starts: list[float], weeks: int = 60, strata: list[int] | None = None) -> Panel:
    n = len(starts)
    y = np.random.default_rng(0).normal(size=(n, weeks))
    levels = np.array(strata) if strata else np.zeros(n, dtype=np.intp)
    return Panel(y, np.array(starts), np.arange(n) % 5, levels)


NEVER = math.inf


def figures(found: Effect | None) -> tuple[int, int] | None:
    return None if found is None else (found.treated, found.controls)


@pytest.mark.parametrize(
    ("panel", "seen"),
    [
        (plain([30.0] * 2 + [NEVER] * 10), (2, 10)),
        (plain([30.0] * 1 + [NEVER] * 10), None),  # one treated
        (plain([30.0] * 2 + [NEVER] * 9), None),  # nine controls
        (plain([25.0] * 2 + [NEVER] * 10), None),  # 25 weeks before
        (plain([26.0] * 2 + [NEVER] * 10), (2, 10)),
        (plain([47.0] * 2 + [NEVER] * 10), (2, 10)),
        (plain([48.0] * 2 + [NEVER] * 10), None),  # the window is not over
        (plain([30.0] * 2 + [43.0] * 10), (2, 10)),  # untreated to the end of the window
        (plain([30.0] * 2 + [42.0] * 10), None),  # treated in its last week
        (plain([30.0] * 2 + [NEVER] * 10, strata=[0, 0, *[1] * 10]), None),  # controls of another stratum
        (plain([0.0] * 5 + [30.0] * 2 + [NEVER] * 10), (2, 10)),
    ],
)
def test_a_cell_needs_people_on_both_sides_and_weeks_before_and_after(
    panel: Panel, seen: tuple[int, int] | None
) -> None:
    assert figures(effect(panel, FIRST_QUARTER, by_team=False)) == seen


def test_who_has_values_in_less_than_half_the_weeks_does_not_count() -> None:
    panel = plain([30.0] * 3 + [NEVER] * 11)
    panel.y[0, 4:17] = np.nan  # 13 of 26 weeks before are left
    panel.y[3, 30:36] = np.nan  # 7 of 13 after
    assert figures(effect(panel, FIRST_QUARTER, by_team=False)) == (3, 11)
    panel.y[0, 17] = np.nan
    panel.y[3, 36] = np.nan
    assert figures(effect(panel, FIRST_QUARTER, by_team=False)) == (2, 10)


def test_people_treated_in_the_first_week_change_nothing() -> None:
    panel = plain([30.0] * 4 + [NEVER] * 12)
    more = Panel(
        np.vstack([panel.y, panel.y[:3] + 50]),
        np.append(panel.starts, [0.0, 0, -1]),
        np.append(panel.teams, [0, 1, 2]),
        np.append(panel.strata, [0, 0, 0]),
    )
    for by_team in (False, True):
        one, other = (effect(x, FIRST_QUARTER, by_team=by_team) for x in (panel, more))
        assert one is not None
        assert other is not None
        assert (one.gain, one.low, one.high) == pytest.approx((other.gain, other.low, other.high), rel=1e-12)


def test_one_team_tells_nothing_of_teams() -> None:
    panel = plain([30.0] * 4 + [NEVER] * 12)
    one = Panel(panel.y, panel.starts, np.zeros(16, dtype=np.intp), panel.strata)
    found = effect(one, FIRST_QUARTER, by_team=True)
    assert found is not None
    assert not found.clear()
    assert math.isinf(found.high)


def test_errors_are_by_team_when_teams_were_drawn_or_there_are_sixteen() -> None:
    starts = [30.0] * 8 + [NEVER] * 8
    panels = [Panel(np.zeros((16, 60)), np.array(starts), np.arange(16) % m, np.zeros(16, np.intp)) for m in (15, 16)]
    assert [errors_by_team(panel, drawn_by_team=False) for panel in panels] == [False, True]
    assert errors_by_team(panels[0], drawn_by_team=True)


def test_a_panel_of_another_shape_is_misuse() -> None:
    with pytest.raises(ValueError, match="people x weeks"):
        Panel(np.zeros((3, 4)), np.zeros(3), np.zeros(2, np.intp), np.zeros(3, np.intp))
