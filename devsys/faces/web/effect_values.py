"""What pages of effects show: the sentence, each window as a bar on one scale with its figures, refreshers."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from devsys.base.words import phrase, to_phrase
from devsys.base.written import decimal, full_day
from devsys.core.improvement.metrics import MEASURES
from devsys.core.improvement.verdict import signed
from devsys.core.model.rollouts import KeptRefresher, RefresherState, Rollout
from devsys.faces.web.rollout_values import unit_words
from devsys.faces.web.words import first_up

WIDE: Final = 200.0
HIGH: Final = 24.0
TAGS: Final[Mapping[str, tuple[str, str]]] = {
    "improved and holding": ("ok", "circle-check"),
    "improved, fading": ("warn", "triangle-alert"),
    "no improvement shown": ("", "circle-dashed"),
    "too little data to tell": ("", "circle-dashed"),
}
ASSUMED: Final = (
    to_phrase("Everybody counts in the wave drawn, also who came late or never."),
    to_phrase(
        "Compared are the changes of people of the same half who were still waiting at the end of the weeks looked at."
    ),
    to_phrase(
        "Without the activity both sides would have changed alike; the lot makes it so, but for "
        "chance: the bar shows it."
    ),
    to_phrase("Persons weigh equally; somebody counts with readings in at least half of the weeks."),
    to_phrase("What one person learns is taken not to change the figures of another who waits."),
)


@dataclass(frozen=True, slots=True)
class Bar:
    """One interval on a scale of 200 x 24: where no effect, the least gain, the interval and the gain lie."""

    zero: float
    least: float
    begin: float
    width: float
    gain: float
    words: str


@dataclass(frozen=True, slots=True)
class Row:
    """One window: its figures and bar, or why nothing is told."""

    words: str
    gain: str = ""
    between: str = ""
    treated: int = 0
    controls: int = 0
    left: str = ""
    bar: Bar | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """What was found of one rollout, as a page shows it."""

    phrase: str
    tone: str
    icon: str
    sentence: str
    rows: tuple[Row, ...]
    fade: str
    weeks: int
    at: str


def told(rollout: Rollout, kept: tuple[datetime, str]) -> Told:
    """Give what was found, from the JSON kept."""
    at, text = kept
    found: dict[str, Any] = json.loads(text)
    tone, icon = TAGS[found["phrase"]]
    unit = unit_words(rollout.measure)
    return Told(
        phrase(found["phrase"]),
        tone,
        icon,
        found["sentence"],
        tuple(_rows(found["windows"], found["retained"], rollout.least_gain, unit)),
        _fade(found["fade"], unit),
        int(found["weeks"]),
        full_day(at.date()),
    )


def _rows(
    windows: Sequence[Mapping[str, Any]], retained: Mapping[str, float], least: float, unit: str
) -> Iterable[Row]:
    figures = [one["figures"] for one in windows if one["figures"] is not None]
    low = min([0.0, *(f["low"] for f in figures)])
    high = max([least, *(f["high"] for f in figures)])
    margin = (high - low) * 0.06
    low, scale = low - margin, WIDE / (high - low + 2 * margin)
    for one in windows:
        words = first_up(phrase(one["words"]))
        f = one["figures"]
        if f is None:
            yield Row(words, why="; ".join(phrase(reason) for reason in one["reasons"]))
            continue
        between = phrase("%(low)s to %(high)s", low=signed(f["low"]), high=signed(f["high"]))
        bar = Bar(
            round((0 - low) * scale, 1),
            round((least - low) * scale, 1),
            round((f["low"] - low) * scale, 1),
            round((f["high"] - f["low"]) * scale, 1),
            round((f["gain"] - low) * scale, 1),
            phrase(
                "%(gain)s%(unit)s, between %(low)s and %(high)s",
                gain=signed(f["gain"]),
                unit=unit,
                low=signed(f["low"]),
                high=signed(f["high"]),
            ),
        )
        left = f"{max(retained[one['key']], 0):.0%}" if one["key"] in retained else ""
        yield Row(words, signed(f["gain"]), between, f["treated"], f["controls"], left, bar)


def _fade(fade: Mapping[str, float] | None, unit: str) -> str:
    """Say how fast a gain goes back; it sets dates, never a verdict."""
    if fade is None:
        return ""
    if fade["kappa"] <= 0:
        return phrase("No fade is seen.")
    half = 0.6931471805599453 / fade["kappa"]
    return phrase(
        "By its fade, half of a gain of %(gain)s%(unit)s is gone after about %(weeks)s weeks. That sets dates only.",
        gain=decimal(fade["beta"], 1),
        unit=unit,
        weeks=f"{half:.0f}",
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """One refresher: of which wave, when, why, and what was decided."""

    id: str
    wave: str
    when: str
    why: str
    waits: str
    said: str
    open: bool
    declined: bool


def asked(found: Iterable[KeptRefresher]) -> tuple[Asked, ...]:
    """Give the refreshers of a rollout."""
    rows = []
    for one in found:
        declined = one.state is RefresherState.DECLINED
        when = phrase("week of %(earliest)s", earliest=full_day(one.earliest))
        rows.append(
            Asked(
                one.id,
                phrase("Wave %(wave)s", wave=one.wave),
                when,
                one.why,
                one.waits,
                _decided(one),
                one.state is RefresherState.OPEN,
                declined,
            )
        )
    return tuple(rows)


def _decided(one: KeptRefresher) -> str:
    """Say who declined or took a refresher, and why."""
    if one.state is RefresherState.DECLINED:
        if one.by:
            return phrase("Declined by %(by)s: %(reason)s", by=one.by, reason=one.reason)
        return phrase("Declined: %(reason)s", reason=one.reason)
    return phrase("Taken by %(by)s.", by=one.by) if one.by else ""


def heading(rollout: Rollout, title: str) -> str:
    """Give the finding's subject: what shall improve by what."""
    return f"{title}: {MEASURES[rollout.measure].name}"
