"""The four verdicts about an effect, and the sentence that says one with its figures."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from devsys.core.improvement.effect import (
    FIRST_QUARTER,
    RETAINED,
    Effect,
    Panel,
    Window,
    against_half,
    effect,
    errors_by_team,
)
from devsys.core.improvement.estimable import Design, Reason, estimable
from devsys.core.improvement.rollout import By


class Phrase(StrEnum):
    """All that is ever said of an effect."""

    HOLDING = "improved and holding"
    FADING = "improved, fading"
    NO_IMPROVEMENT = "no improvement shown"
    TOO_LITTLE = "too little data to tell"


@dataclass(frozen=True, slots=True)
class Seen:
    """One window: its effect, or why there is none."""

    window: Window
    effect: Effect | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The phrase, the window it rests on (None when nothing can be estimated), and the sentence for people."""

    phrase: Phrase
    window: Window | None
    sentence: str


@dataclass(frozen=True, slots=True)
class Study:
    """All that may be said of one rollout and one measure: every window, the share retained, the verdict.

    `retained` is gain(window) / gain(first quarter) by window, only where the first quarter's interval leaves 0 out.
    """

    seen: tuple[Seen, ...]
    retained: Mapping[str, float]
    verdict: Verdict


def study(
    design: Design, panel: Panel, least_gain: float, unit: str, taught: NDArray[np.float64] | None = None
) -> Study:
    """Give what may be said; `least_gain` > 0 is the smallest worthwhile one, `unit` is printed behind figures."""
    if not least_gain > 0:
        raise ValueError("the smallest worthwhile gain is above 0")
    by_team = errors_by_team(panel, drawn_by_team=design.by is By.TEAM)
    seen = []
    for window in (FIRST_QUARTER, *RETAINED):
        reasons = estimable(design, panel, window, taught)
        seen.append(Seen(window, None if reasons else effect(panel, window, by_team=by_team), reasons))
    first = seen[0].effect
    retained = {}
    if first is not None and first.clear():
        retained = {one.window.key: one.effect.gain / first.gain for one in seen[1:] if one.effect is not None}
    return Study(tuple(seen), retained, verdict(tuple(seen), panel, least_gain, unit))


def verdict(seen: tuple[Seen, ...], panel: Panel, least_gain: float, unit: str) -> Verdict:
    """Give the verdict from the latest window that can be estimated; the first of `seen` is the first quarter."""
    first = seen[0].effect
    if first is None:
        why = "; ".join(seen[0].reasons)
        return Verdict(Phrase.TOO_LITTLE, None, f"Too little data to tell: {why}.")
    words = f"{span(first.low, first.high)}{unit} in {first.window.words}"
    if first.low <= 0 and first.high >= least_gain:
        return Verdict(Phrase.TOO_LITTLE, first.window, f"Too little data to tell: between {words}.")
    if first.high < 0:
        sentence = f"No improvement shown: worse by {-first.gain:.1f}{unit} ({words})."
        return Verdict(Phrase.NO_IMPROVEMENT, first.window, sentence)
    if first.high < least_gain:
        sentence = f"No improvement shown: {words}, less than the {least_gain:g}{unit} worth having."
        return Verdict(Phrase.NO_IMPROVEMENT, first.window, sentence)
    begun = f"improved by {first.gain:.1f}{unit} ({within(first)}) in {first.window.words}"
    last = next((one.effect for one in reversed(seen[1:]) if one.effect is not None), None)
    if last is None:
        return Verdict(Phrase.TOO_LITTLE, first.window, f"{begun.capitalize()}; whether it lasts cannot be told yet.")
    now = f"{last.gain:+.1f}{unit} ({within(last)}) {last.window.words}"
    share = f"{max(last.gain / first.gain, 0):.0%} of it left"
    if against_half(last, first, panel)[1] < 0:
        return Verdict(Phrase.FADING, last.window, f"Improved, fading: {begun}, {now}: {share}.")
    if last.low > 0 and last.gain >= first.gain / 2:
        return Verdict(Phrase.HOLDING, last.window, f"Improved and holding: {begun}, {now}: {share}.")
    sentence = f"Too little data to tell: {begun}; whether it lasts cannot be told ({now})."
    return Verdict(Phrase.TOO_LITTLE, last.window, sentence)


def span(low: float, high: float) -> str:
    """Give an interval in words, with signs: what stands behind "between"."""
    return f"{low:+.1f} and {high:+.1f}"


def within(one: Effect) -> str:
    """Give an effect's interval as it stands in brackets."""
    return f"{one.low:+.1f} to {one.high:+.1f}"
