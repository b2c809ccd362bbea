"""When a theme is taught again: the cadence a fade asks for, a due week drawn around it, and the reason in words.

A cadence moves carefully: shrunk towards the present one, never beyond half or double of it, at most once a quarter,
and only where the fade's interval leaves the present one out. Weeks count from Monday 1 January 2001.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from devsys.base import written
from devsys.base.words import phrase
from devsys.base.written import decimal
from devsys.core.improvement.fading import BOUNDS, CADENCE_OF_HALF_LIFE, PRIOR_SD, Fade
from devsys.core.improvement.rollout import lot

FIRST_MONDAY: Final = date(2001, 1, 1)
SPREAD: Final = 3  # weeks to either side, among which the due week is drawn
REVERSED_WITHIN: Final = 6  # weeks, for a team that went back
LATEST_AFTER: Final = 14  # days from the due Sunday until the need is given up
BETWEEN_CHANGES: Final = 13  # weeks, at least, between two changes of one cadence


def monday(week: int) -> date:
    """Give the Monday of a week."""
    return FIRST_MONDAY + timedelta(weeks=week)


def week_of(day: date) -> int:
    """Give the week a day is in."""
    return (day - FIRST_MONDAY).days // 7


@dataclass(frozen=True, slots=True)
class Theme:
    """What is taught again: its present cadence in weeks, the week that last changed, and the fade of its gain.

    `measure` and `unit` are printed ("CSAT", " points"); without a fade the cadence stays.
    """

    key: str
    cadence: int
    measure: str
    unit: str = ""
    fade: Fade | None = None
    changed: int | None = None


@dataclass(frozen=True, slots=True)
class Taught:
    """A cohort that had a theme last in `week`; `reversed` says its chart went back, `first` what else must come first.

    `planned` is the week the next one stands in so far; without it the present cadence says so.
    """

    theme: str
    cohort: str
    week: int
    people: int
    planned: int | None = None
    reversed: bool = False
    first: str = ""


@dataclass(frozen=True, slots=True)
class Refresher:
    """A refresher a cohort is asked to have in `due_week`; `waits` says for what decision, empty if for none."""

    theme: str
    cohort: str
    due_week: int
    weight: float
    why: str
    waits: str = ""

    @property
    def earliest(self) -> date:
        """The Monday of the due week."""
        return monday(self.due_week)

    @property
    def due(self) -> date:
        """Its Sunday."""
        return self.earliest + timedelta(days=6)

    @property
    def latest(self) -> date:
        """When the need is given up."""
        return self.due + timedelta(days=LATEST_AFTER)


def cadence(theme: Theme, today: int) -> int:
    """Give the cadence a theme should have from the week `today` on; the present one unless the fade says otherwise."""
    fade = theme.fade
    present = theme.cadence
    if fade is None or fade.kappa <= 0 or (theme.changed is not None and today - theme.changed < BETWEEN_CHANGES):
        return present
    if fade.low <= math.log(2) * CADENCE_OF_HALF_LIFE / present <= fade.high:
        return present
    weeks = CADENCE_OF_HALF_LIFE * math.exp(shrunk(fade, present))
    return round(min(max(weeks, BOUNDS[0] * present), BOUNDS[1] * present))


def shrunk(fade: Fade, present: int) -> float:
    """Give the logarithm of the half-life, the estimate and the present cadence weighed by their precision."""
    spread = max(fade.se / fade.kappa, 1e-6)
    own, prior = spread**-2, PRIOR_SD**-2
    estimate, expected = math.log(math.log(2) / fade.kappa), math.log(present / CADENCE_OF_HALF_LIFE)
    return (own * estimate + prior * expected) / (own + prior)


def refreshers(themes: Mapping[str, Theme], taught: Iterable[Taught], today: int, seed: int) -> tuple[Refresher, ...]:
    """Give the refreshers that fading gains and teams that went back ask for, heaviest first.

    A cohort whose date stays where it is asks for none. The due week is drawn within 3 weeks of the cadence's, by the
    stored seed, so that the refreshers' own effect can be known later. What is overdue is spread over the next seven
    weeks by the same lot.
    """
    found = [one for cohort in taught if (one := _one(themes[cohort.theme], cohort, today, seed)) is not None]
    return tuple(sorted(found, key=lambda one: (-one.weight, one.theme, one.cohort)))


def _one(theme: Theme, cohort: Taught, today: int, seed: int) -> Refresher | None:
    drawn = int(lot(seed, f"{theme.key} {cohort.cohort}") * (2 * SPREAD + 1)) - SPREAD
    before = cohort.planned if cohort.planned is not None else cohort.week + theme.cadence
    new = cadence(theme, today)
    if cohort.reversed:
        due = today + SPREAD + max(drawn, 1 - SPREAD)
        reason = phrase("%(measure)s: the gain was there and went back below where it began.", measure=theme.measure)
    elif new == theme.cadence or theme.fade is None:
        return None
    else:
        due = cohort.week + new + drawn
        if due <= today:  # overdue: over the next weeks by the same lot, not all at once
            due = today + 1 + SPREAD + drawn
        reason = _fading(theme, theme.fade, due - cohort.week)
    if due == before or (cohort.reversed and before <= due and before > today):
        return None
    was, will = monday(before), monday(due)
    said = written.short_plain_day if was.year == will.year else written.short_full_day
    days = {"reason": reason, "before": said(was), "after": said(will)}
    if due < before:
        words = phrase("%(reason)s Brought forward from %(before)s to %(after)s.", **days)
    else:
        words = phrase("%(reason)s Put off from %(before)s to %(after)s.", **days)
    return Refresher(theme.key, cohort.cohort, due, _weight(theme, cohort, due), words, cohort.first)


def _weight(theme: Theme, cohort: Taught, due: int) -> float:
    """Give what is expected to be lost per week from then on, times people."""
    fade = theme.fade
    if fade is None or fade.kappa <= 0:
        return 0.0
    return fade.beta * fade.kappa * fade.left(due - cohort.week) * cohort.people


def _fading(theme: Theme, fade: Fade, age: int) -> str:
    half = fade.half_life or math.inf
    low, high = fade.half_life_span
    if math.isfinite(high):
        span = phrase("%(low)s to %(high)s", low=f"{low:.0f}", high=f"{high:.0f}")
    else:
        span = phrase("%(least)s or more", least=f"{low:.0f}")
    return phrase(
        "%(measure)s: half of the gain of %(gain)s%(unit)s is gone after %(half)s weeks (%(span)s); "
        "%(left)s of the gain is left then.",
        measure=theme.measure,
        gain=decimal(fade.beta, 1),
        unit=theme.unit,
        half=f"{half:.0f}",
        span=span,
        left=f"{fade.left(age):.0%}",
    )
