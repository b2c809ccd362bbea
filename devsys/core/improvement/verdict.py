"""The four verdicts about an effect, and the sentence that says one with its figures."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from devsys.base.words import grouped, phrase, to_keep
from devsys.base.written import decimal
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

    HOLDING = to_keep("improved and holding")
    FADING = to_keep("improved, fading")
    NO_IMPROVEMENT = to_keep("no improvement shown")
    TOO_LITTLE = to_keep("too little data to tell")


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
        why = "; ".join(phrase(reason.value) for reason in seen[0].reasons)
        return Verdict(Phrase.TOO_LITTLE, None, phrase("Too little data to tell: %(why)s.", why=why))
    figures = {"low": signed(first.low), "high": signed(first.high), "unit": unit, "window": phrase(first.window.words)}
    if first.low <= 0 and first.high >= least_gain:
        told = phrase("Too little data to tell: between %(low)s and %(high)s%(unit)s in %(window)s.", **figures)
        return Verdict(Phrase.TOO_LITTLE, first.window, told)
    if first.high < 0:
        told = phrase(
            "No improvement shown: worse by %(loss)s%(unit)s (%(low)s and %(high)s%(unit)s in %(window)s).",
            loss=decimal(-first.gain, 1),
            **figures,
        )
        return Verdict(Phrase.NO_IMPROVEMENT, first.window, told)
    if first.high < least_gain:
        told = phrase(
            "No improvement shown: %(low)s and %(high)s%(unit)s in %(window)s, less than the %(least)s%(unit)s "
            "worth having.",
            least=grouped(f"{least_gain:g}"),
            **figures,
        )
        return Verdict(Phrase.NO_IMPROVEMENT, first.window, told)
    return _lasting(seen, panel, first, {**figures, "gain": decimal(first.gain, 1), "within": within(first)})


def _lasting(seen: tuple[Seen, ...], panel: Panel, first: Effect, figures: Mapping[str, str]) -> Verdict:
    """Give the verdict where the first quarter shows a gain: whether it lasts."""
    last = next((one.effect for one in reversed(seen[1:]) if one.effect is not None), None)
    if last is None:
        told = phrase(
            "Improved by %(gain)s%(unit)s (%(within)s) in %(window)s; whether it lasts cannot be told yet.", **figures
        )
        return Verdict(Phrase.TOO_LITTLE, first.window, told)
    figures = {
        **figures,
        "now": f"{signed(last.gain)}{figures['unit']} ({within(last)}) {phrase(last.window.words)}",
        "share": grouped(f"{max(last.gain / first.gain, 0):.0%}"),
    }
    if against_half(last, first, panel)[1] < 0:
        told = phrase(
            "Improved, fading: improved by %(gain)s%(unit)s (%(within)s) in %(window)s, %(now)s: %(share)s of it left.",
            **figures,
        )
        return Verdict(Phrase.FADING, last.window, told)
    if last.low > 0 and last.gain >= first.gain / 2:
        told = phrase(
            "Improved and holding: improved by %(gain)s%(unit)s (%(within)s) in %(window)s, %(now)s: "
            "%(share)s of it left.",
            **figures,
        )
        return Verdict(Phrase.HOLDING, last.window, told)
    told = phrase(
        "Too little data to tell: improved by %(gain)s%(unit)s (%(within)s) in %(window)s; whether it lasts cannot be "
        "told (%(now)s).",
        **figures,
    )
    return Verdict(Phrase.TOO_LITTLE, last.window, told)


def signed(value: float) -> str:
    """Give a difference with its sign and one place."""
    return grouped(f"{value:+.1f}")


def within(one: Effect) -> str:
    """Give an effect's interval as it stands in brackets."""
    return phrase("%(low)s to %(high)s", low=signed(one.low), high=signed(one.high))
