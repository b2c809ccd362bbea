"""Group-time effects: the figures of diff-diff, of the definition differentiated, and of R's rules about who counts."""

import warnings
from typing import Any

import numpy as np
import pytest

from devsys.core.improvement.group_time import Base, Control, GroupTime, group_time, influence

CONTROLS: tuple[tuple[Control, str], ...] = (("notyet", "not_yet_treated"), ("never", "never_treated"))


def a_panel(seed: int, units: int = 50, *, late: bool = True) -> tuple[Any, Any, Any, Any]:
    """Outcomes, uneven times, starts and clusters; some start before, between and (if `late`) after all times."""
    rng = np.random.default_rng(seed)
    times = np.cumsum(rng.integers(1, 3, int(rng.integers(4, 9)))).astype(float)
    kinds = [*rng.choice(np.arange(times[0], times[-1] + 1), 4), *([times[-1] + 2, np.inf] if late else [])]
    starts = rng.choice(kinds, units)
    starts[: len(kinds)] = kinds
    y = rng.normal(size=(units, len(times))).cumsum(axis=1) + 2 * (times[None, :] >= starts[:, None])
    return y, times, starts, rng.integers(0, 7, units)


def by_diff_diff(y: Any, times: Any, starts: Any, clusters: Any, control: str) -> Any:
    import diff_diff
    import pandas as pd

    # it keeps who started in the first period, and calls a start beyond the end a group: R's did does neither
    stays = starts > times[0]
    y, starts, clusters = y[stays], np.where(starts > times[-1], np.inf, starts)[stays], clusters[stays]
    frame = pd.DataFrame(
        {
            "unit": np.repeat(np.arange(len(starts)), len(times)),
            "time": np.tile(times, len(starts)),
            "start": np.repeat(np.where(np.isinf(starts), 0, starts), len(times)),
            "y": y.ravel(),
            "cluster": np.repeat(clusters, len(times)),
        }
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        estimator = diff_diff.CallawaySantAnna(control_group=control, cluster=None)
        clustered = diff_diff.CallawaySantAnna(control_group=control, cluster="cluster")
        names = {"outcome": "y", "unit": "unit", "time": "time", "first_treat": "start", "aggregate": "all"}
        return estimator.fit(frame, **names), clustered.fit(frame, **names)


def close(ours: float, theirs: float, tolerance: float) -> bool:
    return bool(np.isnan(ours) and np.isnan(theirs)) or ours == pytest.approx(theirs, rel=tolerance, abs=tolerance)


def agrees(ours: GroupTime, theirs: Any, widened: float = 1.0) -> None:
    cells = {(c.group, c.time): c for c in ours.cells}
    assert ours.simple.att == pytest.approx(theirs.overall_att, abs=1e-8)
    assert ours.simple.se * widened == pytest.approx(theirs.overall_se, rel=1e-6)
    for key, cell in theirs.group_time_effects.items():
        assert close(cells[key].att, cell["effect"], 1e-8)
        assert close(cells[key].se * widened, cell["se"], 1e-6)
    for point in ours.group:
        assert point.att == pytest.approx(theirs.group_effects[point.at]["effect"], abs=1e-8)
        assert close(point.se * widened, theirs.group_effects[point.at]["se"], 1e-6)
    for point in ours.dynamic:
        other = theirs.event_study_effects[point.at]
        assert close(point.att, other["effect"], 1e-8)
        assert close(point.se * widened, other["se"], 1e-6)


@pytest.mark.parametrize(("control", "named"), CONTROLS)
@pytest.mark.parametrize("seed", range(8))
def test_cells_and_aggregates_are_those_of_diff_diff(seed: int, control: Control, named: str) -> None:
    y, times, starts, clusters = a_panel(seed)
    plain, clustered = by_diff_diff(y, times, starts, clusters, named)
    agrees(group_time(y, times, starts, None, control=control), plain)
    among = len(np.unique(clusters[starts > times[0]]))
    # diff-diff widens for few clusters, R's did does not
    agrees(group_time(y, times, starts, clusters, control=control), clustered, float(np.sqrt(among / (among - 1))))


def weighed(y: Any, times: Any, starts: Any, w: Any, *, control: Control, base: Base) -> dict[tuple[Any, ...], complex]:
    """Every figure from its definition, with a weight per unit, in plain loops; weights may be complex."""
    last = np.inf if np.isinf(starts).any() else starts.max()
    times = times[times < last]
    groups = [g for g in np.unique(starts) if np.isfinite(g) and g < last]
    pool = np.where(starts == last, np.inf, starts) if control == "never" else starts
    cells: dict[tuple[float, float], complex] = {}
    for g in groups:
        for k, t in enumerate(times):
            before = max(j for j, s in enumerate(times) if s < g)
            b = before if base == "universal" or t >= g else k - 1
            if b < 0:
                continue
            inside = starts == g
            outside = np.isinf(pool) if control == "never" else (starts > max(t, times[b])) & ~inside
            change = y[:, k] - y[:, b]
            mean = [(w[s] * change[s]).sum() / w[s].sum() for s in (inside, outside)]
            cells[g, t] = mean[0] - mean[1]
    share = {g: w[starts == g].sum() for g in groups}
    after = [(g, t) for g, t in cells if t >= g]

    def over(keys: list[tuple[float, float]]) -> complex:
        return sum(share[g] * cells[g, t] for g, t in keys) / sum(share[g] for g, _ in keys)

    found: dict[tuple[Any, ...], complex] = {("cell", g, t): att for (g, t), att in cells.items()}
    found["simple",] = over(after)
    own = {g: np.mean([cells[k] for k in after if k[0] == g]) for g in groups if any(k[0] == g for k in after)}
    found |= {("group", g): att for g, att in own.items()}
    found["group",] = sum(share[g] * att for g, att in own.items()) / sum(share[g] for g in own)
    for name, at in (("dynamic", lambda g, t: t - g), ("calendar", lambda _, t: t)):
        keys = list(cells) if name == "dynamic" else after
        places = sorted({at(g, t) for g, t in keys})
        parts = {e: over([k for k in keys if at(*k) == e]) for e in places}
        found |= {(name, e): att for e, att in parts.items()}
        found[name,] = np.mean([att for e, att in parts.items() if name == "calendar" or e >= 0])
    return found


def flat(found: GroupTime) -> dict[tuple[Any, ...], tuple[float, float]]:
    out: dict[tuple[Any, ...], tuple[float, float]] = {("cell", c.group, c.time): (c.att, c.se) for c in found.cells}
    for name in ("group", "dynamic", "calendar"):
        out |= {(name, p.at): (p.att, p.se) for p in getattr(found, name)}
        overall = getattr(found, f"{name}_overall")
        out[name,] = (overall.att, overall.se)
    return out | {("simple",): (found.simple.att, found.simple.se)}


@pytest.mark.parametrize("base", ["varying", "universal"])
@pytest.mark.parametrize("control", ["notyet", "never"])
@pytest.mark.parametrize(("seed", "late"), [(21, True), (22, True), (24, False), (29, False)])
def test_every_figure_and_error_follows_from_the_definition(
    seed: int, *, late: bool, control: Control, base: Base
) -> None:
    """The influence of a unit is the derivative of a figure by its weight, here exact by complex steps."""
    y, times, starts, clusters = a_panel(seed, units=24, late=late)
    ours = flat(group_time(y, times, starts, None, control=control, base=base))
    grouped = flat(group_time(y, times, starts, clusters, control=control, base=base))
    stays = starts > times[0]
    y, starts, clusters = y[stays], np.where(starts > times[-1], np.inf, starts)[stays], clusters[stays]
    n = len(starts)
    expected = weighed(y, times, starts, np.ones(n), control=control, base=base)
    slopes = []
    for i in range(n):
        w = np.ones(n, dtype=complex)
        w[i] += 1e-30j
        slopes.append(weighed(y, times, starts, w, control=control, base=base))
    assert ours.keys() == expected.keys()
    for key, (att, se) in ours.items():
        assert att == pytest.approx(np.real(expected[key]), abs=1e-9)
        psi = np.array([np.imag(slope[key]) / 1e-30 for slope in slopes])
        summed = np.array([psi[clusters == c].sum() for c in np.unique(clusters)])
        for error, part in ((se, psi), (grouped[key][1], summed)):
            right = float(np.sqrt((part**2).sum()))
            assert error == pytest.approx(right, rel=1e-6) if right > 1e-6 else np.isnan(error)


def test_influence_gives_the_errors_of_the_cells() -> None:
    y, times, starts, _ = a_panel(3)
    cells, psi = influence(y, times, starts)
    errors = np.sqrt((psi**2).mean(axis=0) / len(psi))
    assert [c.se for c in group_time(y, times, starts).cells] == pytest.approx(list(errors), rel=1e-12)
    assert np.abs(psi.mean(axis=0)).max() < 1e-12
    assert len(cells) == psi.shape[1]


def test_who_started_in_the_first_period_is_left_out_and_counted() -> None:
    y, times, starts, _ = a_panel(4)
    early = np.vstack([y, y[:3] + 100]), times, np.append(starts, [times[0], times[0] - 1, times[0]])
    before = group_time(y, times, starts)
    found = group_time(*early)
    assert found.cells == before.cells
    assert found.dropped == before.dropped + 3
    assert found.units == before.units


def test_the_last_cohort_is_control_until_it_starts_when_nobody_is_left() -> None:
    y, _, _, _ = a_panel(5, units=40)
    y, times = y[:, :4], np.arange(1.0, 5.0)
    starts = np.repeat([2.0, 4.0], 20)
    for control in ("notyet", "never"):
        found = group_time(y, times, starts, control=control)
        assert {c.group for c in found.cells} == {2.0}
        assert found.times == (1.0, 2.0, 3.0)


def test_a_panel_without_anybody_to_compare_is_refused() -> None:
    y = np.zeros((4, 3))
    for starts in ([2.0] * 4, [1.0] * 4, [np.inf] * 4):
        with pytest.raises(ValueError, match=r"nobody starts|no cohort"):
            group_time(y, np.arange(1.0, 4.0), np.array(starts))


@pytest.mark.parametrize("spoilt", ["gap", "order", "shape", "start", "empty"])
def test_arrays_that_do_not_fit_are_misuse(spoilt: str) -> None:
    y, times, starts = np.ones((4, 3)), np.arange(1.0, 4.0), np.array([2.0, 3, np.inf, np.inf])
    if spoilt == "gap":
        y[1, 1] = np.nan
    elif spoilt == "order":
        times = times[::-1]
    elif spoilt == "start":
        starts[0] = np.nan
    elif spoilt == "shape":
        y = y[:, :2]
    else:
        y, starts = y[:0], starts[:0]
    with pytest.raises(ValueError, match=r"outcomes|no units"):
        group_time(y, times, starts)
