"""What pages of effects show: the sentence, each window as a bar on one scale with its figures, refreshers."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from devsys.base.written import full_day
from devsys.core.improvement.metrics import MEASURES
from devsys.core.model.rollouts import KeptRefresher, RefresherState, Rollout
from devsys.faces.web.rollout_values import unit_words

WIDE: Final = 200.0
HIGH: Final = 24.0
TAGS: Final[Mapping[str, tuple[str, str]]] = {
    "improved and holding": ("ok", "circle-check"),
    "improved, fading": ("warn", "triangle-alert"),
    "no improvement shown": ("", "circle-dashed"),
    "too little data to tell": ("", "circle-dashed"),
}
ASSUMED: Final = (
    "Everybody counts in the wave drawn, also who came late or never.",
    "Compared are the changes of people of the same half who were still waiting at the end of the weeks looked at.",
    "Without the activity both sides would have changed alike; the lot makes it so, but for chance: the bar shows it.",
    "Persons weigh equally; somebody counts with readings in at least half of the weeks.",
    "What one person learns is taken not to change the figures of another who waits.",
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
        found["phrase"],
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
        words = one["words"][0].upper() + one["words"][1:]
        f = one["figures"]
        if f is None:
            yield Row(words, why="; ".join(one["reasons"]))
            continue
        between = f"{f['low']:+.1f} to {f['high']:+.1f}"
        bar = Bar(
            round((0 - low) * scale, 1),
            round((least - low) * scale, 1),
            round((f["low"] - low) * scale, 1),
            round((f["high"] - f["low"]) * scale, 1),
            round((f["gain"] - low) * scale, 1),
            f"{f['gain']:+.1f}{unit}, between {f['low']:+.1f} and {f['high']:+.1f}",
        )
        left = f"{max(retained[one['key']], 0):.0%}" if one["key"] in retained else ""
        yield Row(words, f"{f['gain']:+.1f}", between, f["treated"], f["controls"], left, bar)


def _fade(fade: Mapping[str, float] | None, unit: str) -> str:
    """Say how fast a gain goes back; it sets dates, never a verdict."""
    if fade is None:
        return ""
    if fade["kappa"] <= 0:
        return "No fade is seen."
    half = 0.6931471805599453 / fade["kappa"]
    gain = f"half of a gain of {fade['beta']:.1f}{unit} is gone after about {half:.0f} weeks"
    return f"By its fade, {gain}. That sets dates only."


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
        by = f" by {one.by}" if one.by else ""
        declined = one.state is RefresherState.DECLINED
        said = f"Declined{by}: {one.reason}" if declined else f"Taken{by}." if one.by else ""
        when = f"week of {full_day(one.earliest)}"
        rows.append(
            Asked(
                one.id, f"Wave {one.wave}", when, one.why, one.waits, said, one.state is RefresherState.OPEN, declined
            )
        )
    return tuple(rows)


def heading(rollout: Rollout, title: str) -> str:
    """Give the finding's subject: what shall improve by what."""
    return f"{title}: {MEASURES[rollout.measure].name}"
