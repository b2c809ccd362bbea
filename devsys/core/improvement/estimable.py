"""Whether an effect may be told at all; where not, the reasons in words, and no figure is worked out."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from devsys.base.words import to_keep
from devsys.core.improvement.effect import BASE_WEEKS, LEAST_CONTROLS, Panel, Window, effect
from devsys.core.improvement.rollout import LEAST_TEAMS, By, Order

LEAST_ARM: Final = 20  # people on either side
MOST_ASTRAY: Final = 0.1  # of a wave, first taught before its start or long after it
LATEST_TAUGHT: Final = 4  # weeks after the start


class Reason(StrEnum):
    """Why nothing can be told; the value is what people read, said by `phrase`."""

    NOT_BY_LOT = to_keep(
        "the order of the waves was not drawn by lot: whoever is chosen for a low figure rises without any programme"
    )
    CHANGED = to_keep("the order was changed by hand after the draw")
    NOT_FROZEN = to_keep("the strata were not frozen before the first wave")
    PER_TEAM = to_keep(
        "there are readings per team only, which are fit for charts; an effect needs readings per person"
    )
    FEW_TEAMS = to_keep("it was drawn by team among fewer than 16 teams")
    SHORT_BEFORE = to_keep("there are fewer than 26 weeks of readings before the first wave")
    NOT_PAST = to_keep("the weeks in question are not over yet")
    NO_CONTROLS = to_keep(
        "nobody comparable was still untreated at the end of these weeks; a late wave would have been"
    )
    FEW_PEOPLE = to_keep("fewer than 20 people on one of the two sides have enough readings")
    ASTRAY = to_keep("in one wave more than 10% were first taught before its start, or more than 4 weeks after it")


@dataclass(frozen=True, slots=True)
class Design:
    """How a rollout was drawn, as stored with it; `changed` is by hand after the draw, `frozen` the strata before."""

    order: Order
    seed: int | None
    by: By
    changed: bool = False
    frozen: bool = True
    per_person: bool = True


def estimable(
    design: Design, panel: Panel, window: Window, taught: NDArray[np.float64] | None = None
) -> tuple[Reason, ...]:
    """Give the reasons why the effect in a window cannot be told; none if it can.

    `taught` is the week of each person's first session of it, infinite for not yet; the panel's weeks are all past.
    """
    found = [*_drawn_wrong(design, panel), *_in_panel(panel, window)]
    if taught is not None and _astray(panel, taught):
        found.append(Reason.ASTRAY)
    return tuple(found)


def _drawn_wrong(design: Design, panel: Panel) -> Sequence[Reason]:
    found = []
    if design.order is not Order.LOT or design.seed is None:
        found.append(Reason.NOT_BY_LOT)
    if design.changed:
        found.append(Reason.CHANGED)
    if not design.frozen:
        found.append(Reason.NOT_FROZEN)
    if not design.per_person:
        found.append(Reason.PER_TEAM)
    if design.by is By.TEAM and len(np.unique(panel.teams)) < LEAST_TEAMS:
        found.append(Reason.FEW_TEAMS)
    return found


def _in_panel(panel: Panel, window: Window) -> Sequence[Reason]:
    """Give what the readings lack for a window."""
    weeks = panel.y.shape[1]
    cohorts = np.unique(panel.starts[np.isfinite(panel.starts)])
    if not len(cohorts) or cohorts[0] < BASE_WEEKS:
        return [Reason.SHORT_BEFORE]
    ends = cohorts + window.end
    if not (ends <= weeks).any():
        return [Reason.NOT_PAST]
    over = [end for end in ends if end <= weeks]
    if all((panel.starts >= end).sum() < LEAST_CONTROLS for end in over):
        return [Reason.NO_CONTROLS]
    found = effect(panel, window, by_team=False)
    if found is None or min(found.treated, found.controls) < LEAST_ARM:
        return [Reason.FEW_PEOPLE]
    return []


def _astray(panel: Panel, taught: NDArray[np.float64]) -> bool:
    """Say whether more than a tenth of a wave was not first taught in its own weeks."""
    weeks = panel.y.shape[1]
    for start in np.unique(panel.starts[np.isfinite(panel.starts)]):
        first = taught[panel.starts == start]
        late = first > start + LATEST_TAUGHT
        wrong = (first < start) | (late & (start + LATEST_TAUGHT < weeks))  # too early to say who is late: not counted
        if wrong.mean() > MOST_ASTRAY:
            return True
    return (
        bool((taught[np.isinf(panel.starts)] < weeks).mean() > MOST_ASTRAY) if np.isinf(panel.starts).any() else False
    )
