"""One measure of one unit: points, gaps with their reasons, limits, runs, marks, words; nothing of small groups."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from devsys.core.improvement import charts
from devsys.core.improvement.blocks import TeamDays, cells_of, first_day
from devsys.core.improvement.board import NOTHING, Board, board, figures_of, progress
from devsys.core.improvement.cells import FEW_PEOPLE
from devsys.core.improvement.marks import Mark, MarkKind
from devsys.core.improvement.metrics import MEASURES
from devsys.core.improvement.signals import Word

CSAT = MEASURES["csat"]
FIRST = 300
BASE = [80, 82] * 6 + [81]


def made(
    values: list[float | None],
    *,
    people: int = 6,
    marks: tuple[Mark, ...] = (),
    key: str = "csat",
    last: int | None = None,
    unit: str = "a",
) -> Board:
    """Give the board of a team whose blocks have these values out of a hundred ratings; None: no readings."""
    rows = [
        TeamDays(
            "a",
            first_day(FIRST + i) + timedelta(week * 7),
            first_day(FIRST + i) + timedelta(week * 7 + 6),
            value / 4,
            25,
            people,
        )
        for i, value in enumerate(values)
        if value is not None
        for week in range(4)
    ]
    end = FIRST + len(values) - 1 if last is None else last
    measure = MEASURES[key]
    figures = figures_of(cells_of(rows, {"a": "site"}, end), measure)
    return board(measure, unit, figures, marks, last=end)


def test_a_baseline_of_thirteen_blocks_is_frozen_and_a_gain_is_sustained() -> None:
    found = made(BASE + [88] * 8)
    assert [p.baseline for p in found.points] == [True] * 13 + [False] * 8
    assert (found.groups[0].limits.centre, found.groups[0].frozen) == (81, True)
    assert (found.before, found.recent) == (81, 88)
    assert found.signal is not None
    assert found.signal.word is Word.SUSTAINED
    assert found.since == first_day(FIRST + 13)
    assert [(f.label, f.count, f.outside) for f in found.fired] == [(charts.ABOVE_LIMIT, 8, 8)]


def test_points_carry_days_sums_and_people() -> None:
    point = made([80]).points[0]
    assert (point.first, point.last) == (first_day(FIRST), first_day(FIRST) + timedelta(27))
    assert (point.numerator, point.denominator, point.people, point.value) == (80, 100, 6, 80)


def test_fewer_blocks_have_trial_limits_and_say_how_far_they_are() -> None:
    found = made(BASE[:5])
    assert not found.groups[0].frozen
    assert found.signal is not None
    assert found.signal.word is Word.TOO_LITTLE
    assert progress(found) == "5 of 13 blocks; a status is possible from 12 + 7"
    assert progress(made([*BASE, 80, 82])) == "2 of 7 blocks since the baseline"


def test_a_missing_block_is_a_gap_also_at_the_end() -> None:
    found = made([80, None, 82], last=FIRST + 3)
    assert [(g.block, g.why) for g in found.gaps] == [(FIRST + 1, NOTHING), (FIRST + 3, NOTHING)]
    assert [p.block for p in found.points] == [FIRST, FIRST + 2]


def test_too_few_people_leave_no_number_anywhere() -> None:
    found = made(BASE, people=4)
    assert found == Board(CSAT, "a", (), (), (), (), (), None, None, None, FEW_PEOPLE)


def test_a_unit_without_readings_is_empty_and_hides_nothing() -> None:
    assert made(BASE, unit="elsewhere") == Board(CSAT, "elsewhere", (), (), (), (), (), None, None, None, "")


def test_a_site_of_one_team_says_what_the_team_says() -> None:
    assert made(BASE, unit="site").points == made(BASE).points


def _mark(day: date, *, rebase: bool = True, measure: str = "") -> Mark:
    return Mark("m", "a", measure, day, MarkKind.FIX, "Refund page", rebase, "fewer contacts")


def test_limits_begin_anew_with_the_first_block_after_a_rebasing_mark() -> None:
    day = first_day(FIRST + 6) + timedelta(1)
    found = made(BASE + [88] * 6, marks=(_mark(day),))
    assert [(g.first, g.last) for g in found.groups] == [(FIRST, FIRST + 6), (FIRST + 7, FIRST + 18)]
    on_monday = made(BASE + [88] * 6, marks=(_mark(first_day(FIRST + 6)),))
    assert on_monday.groups[1].first == FIRST + 6


def test_a_mark_without_a_rebase_or_of_another_measure_moves_no_limit() -> None:
    day = first_day(FIRST + 6)
    kept, other = _mark(day, rebase=False), _mark(day, measure="fcr")
    found = made(BASE, marks=(kept, other))
    assert len(found.groups) == 1
    assert found.marks == (kept,)
    assert len(made(BASE, marks=(_mark(first_day(FIRST + 90)),)).groups) == 1


def test_context_has_points_and_neither_limits_nor_words() -> None:
    found = made([1000.0, 1200.0], key="handle_time")
    assert (found.groups, found.fired, found.signal, found.before) == ((), (), None, None)
    assert [p.label for p in found.points] == ["", ""]
    assert found.recent == pytest.approx(11)
    assert progress(found) == ""


def test_runs_name_the_side_and_count_what_is_outside() -> None:
    found = made([*BASE, 81.5, 81.5, 89, 81.5, 81.5, 81.5, 81.5, 80, 75])
    assert [(f.label, f.count, f.outside) for f in found.fired] == [
        (charts.SIDE_ABOVE, 7, 1),
        (charts.BELOW_LIMIT, 1, 1),
    ]


def test_a_measure_where_less_is_better_is_turned_round() -> None:
    found = made(BASE + [70] * 8, key="escalation")
    assert found.signal is not None
    assert found.signal.word is Word.SUSTAINED
    assert found.points[-1].type == charts.IMPROVEMENT


def test_own_measures_may_have_no_better_way() -> None:
    from devsys.core.improvement.charts import Good

    measure = replace(CSAT, key="mix", good=Good.NEITHER)
    rows = [TeamDays("a", first_day(FIRST), first_day(FIRST) + timedelta(6), 10, 20, 6)]
    found = board(measure, "a", figures_of(cells_of(rows, {}, FIRST), measure), last=FIRST)
    assert found.signal is None
    assert len(found.points) == 1
