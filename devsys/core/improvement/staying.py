"""How long people stay, by site: what of the Kaplan-Meier curve may be shown of a group (improvement.md section 6).

A curve shows every single leaving as a step. So only the share at a few lengths of time leaves, for sites with at least
five leavings by own will, as long as at least five people are still watched, and counts are rounded down to fives.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from devsys.core.improvement.cells import Cell, K, let_out
from devsys.core.improvement.retention import Watched, at_risk, curve
from devsys.core.model.people import Stay

MONTHS: Final = (3, 6, 12, 18, 24, 36, 48, 60)
DAYS_A_MONTH: Final = 365.25 / 12
EVERYBODY: Final = ""
_ALL: Final = "all"


@dataclass(frozen=True, slots=True)
class StayPoint:
    """The share still here after so many months, its 95 % interval, how many were watched, rounded down to fives."""

    months: int
    share: float
    lower: float
    upper: float
    watched: int


@dataclass(frozen=True, slots=True)
class Staying:
    """What is shown of a site (EVERYBODY: of all): points, the months after which half have left, or why nothing."""

    site_id: str
    points: tuple[StayPoint, ...]
    median: int | None
    hidden: str


def staying(stays: Iterable[Stay], since: date, today: date) -> tuple[Staying, ...]:
    """Give what is shown of everybody, then of each site by id; leavings are on record from `since` on.

    Who had left before is not watched, and who was here at `since` from the tenure reached then on.
    """
    watched = [s for s in stays if max(s.joined, since) < min(s.left or today, today)]
    by_site: dict[str, list[Stay]] = defaultdict(list)
    for stay in watched:
        by_site[stay.site_id].append(stay)
    everybody = _leavers(watched, today)
    cells = [Cell(_ALL, everybody, len(everybody), 1)]
    for site_id, some in by_site.items():
        gone = _leavers(some, today)
        cells.append(Cell(f"site:{site_id}", gone, len(gone), 1, _ALL))
    hidden = {figure.key: figure.hidden for figure in let_out(cells, least=1)}
    groups: Mapping[str, list[Stay]] = {EVERYBODY: watched, **dict(sorted(by_site.items()))}
    return tuple(
        _shown(key, some, since, today, hidden[f"site:{key}" if key else _ALL]) for key, some in groups.items()
    )


def _leavers(stays: Iterable[Stay], today: date) -> frozenset[str]:
    return frozenset(s.person_id for s in stays if _went(s, today))


def _went(stay: Stay, today: date) -> bool:
    return stay.left is not None and stay.left <= today and stay.own_will is not False


def _shown(site_id: str, stays: list[Stay], since: date, today: date, hidden: str) -> Staying:
    if hidden:
        return Staying(site_id, (), None, hidden)
    people = Watched(
        np.array([max(0, (since - s.joined).days) for s in stays], dtype=np.float64),
        np.array([(min(s.left or today, today) - s.joined).days for s in stays], dtype=np.float64),
        np.array([_went(s, today) for s in stays]),
    )
    line = curve(people)
    risk = at_risk(people, np.array([m * DAYS_A_MONTH for m in MONTHS]))
    points = []
    for months, count in zip(MONTHS, risk, strict=True):
        if count >= K:
            share, lower, upper = line.at(months * DAYS_A_MONTH)
            points.append(StayPoint(months, share, lower, upper, int(count) // K * K))
    return Staying(site_id, tuple(points), _median(points), "")


def _median(points: list[StayPoint]) -> int | None:
    """Give the first of the shown lengths at which half or fewer are still here: never the day of one leaving."""
    return next((p.months for p in points if p.share <= 1 / 2), None)
