"""What charts cost beside SQLite's sums over the same rows, in one run."""

import sqlite3
import time
from datetime import timedelta

import numpy as np
import pytest

from devsys.core.improvement.blocks import TeamDays, cells_of, first_day
from devsys.core.improvement.board import board, figures_of
from devsys.core.improvement.charts import Good, chart
from devsys.core.improvement.metrics import MEASURES
from devsys.core.improvement.signals import signal

pytestmark = pytest.mark.bench

FIRST = 300
QUERY = "SELECT measure, team, week, SUM(a), SUM(b), COUNT(*) FROM reading GROUP BY measure, team, week"


def _cpu(work):
    found = []
    for _ in range(3):
        start = time.process_time()
        work()
        found.append(time.process_time() - start)
    return min(found)


def test_charts_of_a_hundred_teams_cost_little_beside_summing_their_rows() -> None:
    """1,000 people in 100 teams, 104 weeks, 5 measures: the charts alone, and whole boards with cells let out."""
    rng = np.random.default_rng(3)
    good = rng.binomial(9, 0.78, (5, 1000, 104)).tolist()
    db = sqlite3.connect(":memory:")
    db.execute("CREATE TABLE reading (measure INTEGER, team INTEGER, person INTEGER, week INTEGER, a REAL, b REAL)")
    rows = (
        (m, person // 10, person, week, value, 9.0)
        for m, people in enumerate(good)
        for person, weeks in enumerate(people)
        for week, value in enumerate(weeks)
    )
    db.executemany("INSERT INTO reading VALUES (?, ?, ?, ?, ?, ?)", rows)
    summed = _cpu(lambda: db.execute(QUERY).fetchall())
    days = {m: [] for m in range(5)}
    for m, team, week, above, below, people in db.execute(QUERY):
        monday = first_day(FIRST) + timedelta(7 * week)
        days[m].append(TeamDays(f"t{team}", monday, monday + timedelta(6), above, below, people))
    sites = {f"t{team}": f"s{team // 20}" for team in range(100)}
    series = np.array(good, dtype=float).reshape(5, 100, 10, 26, 4).sum(axis=(2, 4)).reshape(500, 26) / 360
    places = np.arange(26)

    def charts() -> None:
        for values in series:
            found = chart(values, freeze=13)
            signal(values, places, found, baseline=13, good=Good.UP, last_place=25)

    def boards() -> None:
        for measure in days.values():
            figures = figures_of(cells_of(measure, sites, FIRST + 25), MEASURES["csat"])
            for team in sites:
                board(MEASURES["csat"], team, figures, last=FIRST + 25)

    alone, whole = _cpu(charts) / summed, _cpu(boards) / summed
    print(f"\n500 charts: {alone:.2f} x of SQLite's sums; 500 boards with cells: {whole:.2f} x")  # noqa: T201
    assert alone <= 0.15
    assert whole <= 1
