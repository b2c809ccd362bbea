"""Weeks become points: four-week blocks on one grid, sums over sums, the same for every team and measure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from devsys.core.improvement.cells import Cell

ANCHOR: Final = date(2001, 1, 1)  # a Monday
DAYS: Final = 28
WEEK_DAYS: Final = 7


def block_of(day: date) -> int:
    """Give the block a day is in, counted from the one of 1 January 2001."""
    return (day - ANCHOR).days // DAYS


def first_day(block: int) -> date:
    """Give the Monday a block begins on."""
    return ANCHOR + timedelta(days=block * DAYS)


def last_block(today: date, delay_days: int = 0) -> int:
    """Give the last block that is past, and of which all is known `delay_days` after its end."""
    return block_of(today - timedelta(days=delay_days)) - 1


@dataclass(frozen=True, slots=True)
class TeamDays:
    """Sums of one measure and team over days of one week, and how many people are behind them."""

    team_id: str
    first: date
    last: date
    numerator: float
    denominator: float
    people: int


def cells_of(days: Iterable[TeamDays], wholes: Mapping[str, str], until: int) -> Mapping[int, tuple[Cell, ...]]:
    """Give the cells of one measure by block, up to block `until`: of each team, and of each whole teams belong to.

    `wholes` maps a team's id to the key of its site. Only whole weeks count; a week of which only some days are known
    waits for the others. Behind a team stand as many people as in its fullest week. Everybody is counted in one team
    only, so nobody is twice behind a site.
    """
    sums: dict[int, dict[str, _Sums]] = defaultdict(dict)
    cut: dict[tuple[str, int], list[TeamDays]] = defaultdict(list)  # weeks of which only some days came at once
    for row in days:
        number = (row.first - ANCHOR).days
        if (row.last - row.first).days == WEEK_DAYS - 1:
            _add(sums[number // DAYS], row.team_id, row.numerator, row.denominator, row.people)
        else:
            cut[row.team_id, number // WEEK_DAYS].append(row)
    for (team, week), rows in cut.items():
        if sum((row.last - row.first).days + 1 for row in rows) == WEEK_DAYS:
            above, below = sum(row.numerator for row in rows), sum(row.denominator for row in rows)
            _add(sums[week * WEEK_DAYS // DAYS], team, above, below, max(row.people for row in rows))
    return {block: _cells(teams, wholes) for block, teams in sorted(sums.items()) if block <= until and teams}


_Sums = tuple[float, float, int]  # numerator, denominator, people


def _add(teams: dict[str, _Sums], team: str, above: float, below: float, people: int) -> None:
    before = teams.get(team, (0.0, 0.0, 0))
    teams[team] = (before[0] + above, before[1] + below, max(before[2], people))


def _cells(teams: Mapping[str, _Sums], wholes: Mapping[str, str]) -> tuple[Cell, ...]:
    parts: list[Cell] = []
    inside: dict[str, list[Cell]] = defaultdict(list)
    for team, (above, below, people) in sorted(teams.items()):
        whole = wholes.get(team, "")
        cell = Cell(team, frozenset(f"{team}/{i}" for i in range(people)), above, below, whole)
        parts.append(cell)
        inside[whole].append(cell)
    found = [
        Cell(
            whole,
            frozenset().union(*(cell.people for cell in cells)),
            sum(cell.numerator for cell in cells),
            sum(cell.denominator for cell in cells),
        )
        for whole, cells in sorted(inside.items())
        if whole
    ]
    return (*found, *parts)
