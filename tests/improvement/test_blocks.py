"""Weeks on one grid of four: whole weeks only, sums over sums, people behind them."""

from datetime import date, timedelta

from devsys.core.improvement.blocks import TeamDays, block_of, cells_of, first_day, last_block
from devsys.core.improvement.cells import let_out

MONDAY = date(2021, 1, 4)  # block 261 begins
DAY, WEEK = timedelta(days=1), timedelta(days=7)


def _week(team: str, week: int, people: int = 6, above: float = 5, below: float = 10) -> TeamDays:
    first = MONDAY + week * WEEK
    return TeamDays(team, first, first + 6 * DAY, above, below, people)


def test_blocks_begin_on_mondays_of_one_grid() -> None:
    assert (block_of(date(2001, 1, 1)), block_of(date(2001, 1, 28)), block_of(date(2001, 1, 29))) == (0, 0, 1)
    assert (block_of(MONDAY), first_day(261), block_of(MONDAY - DAY)) == (261, MONDAY, 260)


def test_a_block_is_past_when_its_last_day_and_the_delay_are() -> None:
    assert last_block(MONDAY + 4 * WEEK) == 261
    assert last_block(MONDAY + 4 * WEEK - DAY) == 260
    assert last_block(MONDAY + 4 * WEEK, 7) == 260
    assert last_block(MONDAY + 5 * WEEK, 7) == 261


def test_weeks_add_up_by_sums_and_the_fullest_week_says_how_many_people() -> None:
    found = cells_of([_week("a", 0, 5, 1, 10), _week("a", 1, 7, 3, 30), _week("a", 4)], {}, 300)
    assert [(block, cell.numerator, cell.denominator, len(cell.people)) for block, (cell,) in found.items()] == [
        (261, 4, 40, 7),
        (262, 5, 10, 6),
    ]


def test_a_cut_week_waits_until_its_other_days_come() -> None:
    first, rest = (
        TeamDays("a", MONDAY, MONDAY + 2 * DAY, 1, 4, 5),
        TeamDays("a", MONDAY + 3 * DAY, MONDAY + 6 * DAY, 2, 6, 6),
    )
    assert cells_of([first], {}, 300) == {}
    assert cells_of([first, _week("a", 1)], {}, 300)[261][0].denominator == 10
    joined = cells_of([first, rest], {}, 300)[261][0]
    assert (joined.numerator, joined.denominator, len(joined.people)) == (3, 10, 6)


def test_what_is_not_past_is_no_point() -> None:
    assert cells_of([_week("a", 4)], {}, 261) == {}


def test_teams_of_a_site_are_parts_of_it_and_leave_through_the_one_way_out() -> None:
    cells = cells_of([_week("a", 0, 6), _week("b", 0, 3), _week("c", 0, 8)], dict.fromkeys("abc", "site"), 300)[261]
    assert [(c.key, len(c.people), c.denominator, c.whole) for c in cells] == [
        ("site", 17, 30, ""),
        ("a", 6, 10, "site"),
        ("b", 3, 10, "site"),
        ("c", 8, 10, "site"),
    ]
    assert [figure.key for figure in let_out(cells, 5) if not figure.hidden] == ["site", "c"]
