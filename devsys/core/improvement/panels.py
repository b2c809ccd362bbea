"""From readings of persons to the panel effects are worked out on: people x weeks, turned so that more is better."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from devsys.core.improvement.charts import Good
from devsys.core.improvement.effect import Panel
from devsys.core.improvement.metrics import Measure
from devsys.core.improvement.refreshers import week_of

LEAST_WEEKS: Final = 26  # of a history by which the weaker half is told


@dataclass(frozen=True, slots=True)
class PersonDays:
    """Sums of one measure and person over days of one week."""

    person_id: str
    first: date
    numerator: float
    denominator: float


def values(
    rows: Iterable[PersonDays], people: Sequence[str], weeks: tuple[int, int], measure: Measure
) -> NDArray[np.float64]:
    """Give people x weeks from the first of `weeks` to before the second, NaN where nothing was counted.

    Weeks count from Monday 1 January 2001; values are in the measure's unit, turned round where less is better.
    """
    place = {person: k for k, person in enumerate(people)}
    first, end = weeks
    sums = np.zeros((2, len(people), max(end - first, 0)))
    for row in rows:
        week = week_of(row.first)
        who = place.get(row.person_id)
        if who is not None and first <= week < end:
            sums[0, who, week - first] += row.numerator
            sums[1, who, week - first] += row.denominator
    found = np.full(sums.shape[1:], np.nan)
    np.divide(sums[0], sums[1], out=found, where=sums[1] > 0)
    return found * (measure.shown(1.0) * (-1 if measure.good is Good.DOWN else 1))


def means(y: NDArray[np.float64], people: Sequence[str]) -> dict[str, float]:
    """Give each person's mean over the last 26 weeks of a panel; who has values in less than half of them lacks."""
    last = y[:, -LEAST_WEEKS:]
    there = ~np.isnan(last)
    count = there.sum(axis=1)
    sums = np.where(there, last, 0.0).sum(axis=1)
    return {person: float(sums[k] / count[k]) for k, person in enumerate(people) if 2 * count[k] >= LEAST_WEEKS}


def filled(y: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give a panel without gaps: a week somebody has no value in gets what person and week have on average.

    That pulls a fade towards none, never away from it; it serves dates, not verdicts.
    """
    there = ~np.isnan(y)
    zeroed = np.where(there, y, 0.0)
    whole = zeroed.sum() / max(int(there.sum()), 1)
    person = np.where(there.any(axis=1), zeroed.sum(axis=1) / np.maximum(there.sum(axis=1), 1), whole)
    apart = np.where(there, y - person[:, None], 0.0)
    week = apart.sum(axis=0) / np.maximum(there.sum(axis=0), 1)
    return np.where(there, y, person[:, None] + week[None, :])


def panel_of(y: NDArray[np.float64], starts: Sequence[float], teams: Sequence[str], strata: Sequence[int]) -> Panel:
    """Give the panel of people x weeks with each person's first week, team (by name) and stratum."""
    numbers = {team: k for k, team in enumerate(sorted(set(teams)))}
    return Panel(
        y,
        np.array(starts, dtype=float),
        np.array([numbers[team] for team in teams], dtype=np.intp),
        np.array(strata, dtype=np.intp),
    )


def weeks_held(
    people: Sequence[str], held: Iterable[tuple[str, int]]
) -> tuple[NDArray[np.float64], tuple[int | None, ...]]:
    """Give each person's first week of something, infinite for not yet, and their last, None for not yet."""
    first: dict[str, int] = {}
    last: dict[str, int] = {}
    for person, week in held:
        first[person] = min(week, first.get(person, week))
        last[person] = max(week, last.get(person, week))
    return np.array([first.get(person, np.inf) for person in people]), tuple(last.get(person) for person in people)


def middle_week(weeks: Sequence[int | None]) -> int | None:
    """Give the middle of the weeks that are known; None unless most are."""
    known = sorted(week for week in weeks if week is not None)
    return known[len(known) // 2] if 2 * len(known) > len(weeks) else None
