"""Effects judged by their goals in fresh worlds, and what they cost beside diff-diff, SQLite and numpy, in one run."""

import sqlite3
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from devsys.core.improvement.effect import WINDOWS, Panel, effect
from devsys.core.improvement.fading import fade
from devsys.core.improvement.group_time import group_time
from tests.improvement import simulation, world

pytestmark = pytest.mark.bench

FRESH = 100_000


def say(*lines: object) -> None:
    for line in lines:
        print(line)  # noqa: T201 -- figures are what a bench is for


def cost(work: Callable[[], object], tries: int = 3) -> float:
    """Give the least CPU seconds of one `work`."""
    found = []
    for _ in range(tries):
        start = time.process_time()
        work()
        found.append(time.process_time() - start)
    return min(found)


@pytest.mark.soak
def test_effects_hold_their_goals_in_two_thousand_fresh_worlds() -> None:
    lines = simulation.first_quarter(range(FRESH, FRESH + 2000))
    say("", simulation.HEAD, *lines)
    for line in lines:
        assert abs(line.bias) <= 0.1, line
        assert 0.93 <= line.covered <= 0.97, line
        if not line.truth:
            assert line.gains <= 0.04, line
            assert line.gains + line.harms <= 0.06, line
            assert line.naive > 0.9, line


@pytest.mark.soak
def test_retained_windows_hold_their_goals_in_a_thousand_fresh_worlds() -> None:
    lines = simulation.retained(range(FRESH, FRESH + 1000))
    say("", simulation.HEAD, *lines)
    for line in lines:
        assert abs(line.bias) <= 0.1, line
        assert 0.93 <= line.covered <= 0.97, line


@pytest.mark.soak
def test_fades_hold_their_goals_in_four_hundred_fresh_worlds() -> None:
    found = simulation.fades(range(FRESH, FRESH + 400))
    say("", *found)
    quick, slow, lasting = found
    assert quick.median == pytest.approx(13, rel=0.1)
    assert slow.median == pytest.approx(26, rel=0.1)
    assert min(quick.covered, slow.covered) >= 0.9
    assert lasting.called_fading <= 0.05


def test_verdicts_in_four_hundred_fresh_worlds() -> None:
    for half_life in (None, simulation.LASTING, 13.0):
        say("", half_life, simulation.verdicts(range(FRESH, FRESH + 400), half_life))


def test_group_time_effects_cost_a_fifth_of_diff_diffs_or_less() -> None:
    import diff_diff
    import pandas as pd

    one = world.a_world(1)
    starts = world.by_lot(one, world.EARLY_WAVES, never=0.15)
    y = world.with_gain(one.y, starts)
    weeks = np.arange(1.0, 105.0)
    frame = pd.DataFrame(
        {
            "who": np.repeat(np.arange(300), 104),
            "week": np.tile(weeks, 300),
            "start": np.repeat(np.where(np.isinf(starts), 0, starts + 1), 104),
            "y": y.ravel(),
        }
    )
    names: dict[str, Any] = {"outcome": "y", "unit": "who", "time": "week", "first_treat": "start"}

    def theirs() -> object:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return diff_diff.CallawaySantAnna(control_group="not_yet_treated").fit(frame, **names, aggregate="all")

    ratio = cost(theirs) / cost(lambda: group_time(y, weeks, starts + 1))
    say("", f"diff-diff's cells and event study: {ratio:.1f} x the cost of ours")
    assert ratio >= 5


def test_effects_and_fades_cost_little_beside_summing_the_same_rows_in_sqlite() -> None:
    """1,000 people x 104 weeks x 5 measures."""
    panels = []
    for seed in range(5):
        one = world.a_world(seed, people=1000, teams=100)
        starts = world.by_lot(one, world.EARLY_WAVES, never=0.15)
        panels.append(Panel(world.with_gain(one.y, starts), starts, one.teams, np.zeros(1000, dtype=np.intp)))
    db = sqlite3.connect(":memory:")
    db.execute("CREATE TABLE reading (measure INTEGER, team INTEGER, person INTEGER, week INTEGER, a REAL, b REAL)")
    for measure, panel in enumerate(panels):
        rows = (
            (measure, int(panel.teams[i]), i, week, value, 1.0)
            for i, row in enumerate(panel.y.tolist())
            for week, value in enumerate(row)
        )
        db.executemany("INSERT INTO reading VALUES (?, ?, ?, ?, ?, ?)", rows)
    query = "SELECT measure, team, week, SUM(a), SUM(b) FROM reading GROUP BY measure, team, week"
    summed = cost(lambda: db.execute(query).fetchall())
    effects = cost(lambda: [effect(panel, window, by_team=True) for panel in panels for window in WINDOWS])
    fading = cost(lambda: [fade(panel.y, panel.starts, panel.teams) for panel in panels])
    say("", f"20 effects: {effects / summed:.2f} x of SQLite's sums; 5 fades: {fading / summed:.2f} x")
    assert effects <= 0.3 * summed
    assert fading <= 3 * summed


def test_importing_costs_at_most_half_as_much_again_as_numpy() -> None:
    parts = ("group_time", "effect", "verdict", "fading", "refreshers", "power", "charts", "signals")
    code = "import time\nstart = time.process_time()\n{}\nprint(time.process_time() - start)"
    ours = "; ".join(f"import devsys.core.improvement.{part}" for part in parts)

    def spent(imports: str) -> float:
        run = [sys.executable, "-c", code.format(imports)]
        return min(float(subprocess.run(run, capture_output=True, text=True, check=True).stdout) for _ in range(5))

    ratio = spent(ours) / spent("import numpy")
    say("", f"importing improvement: {ratio:.2f} x numpy")
    assert ratio <= 1.5
