"""What can be measured: the table of measures, and what an organisation adds to it.

A reading is a numerator over a denominator, so that weeks and teams add up by summing both; ratios are never averaged.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from devsys.base.words import to_keep, to_phrase
from devsys.core.improvement.charts import Good


class Unit(StrEnum):
    """What a value is shown in."""

    PERCENT = "%"
    POINTS = to_keep("points of 100")
    MEAN = to_keep("mean of 1-5")
    SECONDS = to_keep("seconds")
    A_WEEK = to_keep("a week")


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure.

    `numerator` and `denominator` say in words what is counted, `least` is the denominator below which a block is not
    shown, `delay_days` how long a contact is watched before its week counts. `own`: a person's readings may be kept,
    for that person. `level` is Kirkpatrick's (2 learning, 3 behaviour, 4 results), 0 what the system does to people.
    `context` measures stand beside the others and never become a target or a verdict.
    """

    key: str
    name: str
    good: Good
    unit: Unit
    numerator: str
    denominator: str
    least: float
    level: int
    own: bool = False
    delay_days: int = 0
    context: bool = False

    def shown(self, value: float) -> float:
        """Give a value (numerator over denominator) in its unit."""
        return value * 100 if self.unit in (Unit.PERCENT, Unit.POINTS) else value

    @property
    def at_most(self) -> float | None:
        """Give what numerator over denominator can be at most, None for no bound."""
        return {Unit.PERCENT: 1.0, Unit.POINTS: 1.0, Unit.MEAN: 5.0}.get(self.unit)

    @property
    def at_least(self) -> float:
        """Give what numerator over denominator is at least."""
        return 1.0 if self.unit is Unit.MEAN else 0.0


_SHIPPED: Final = (
    Measure(
        "csat",
        to_phrase("Satisfied customers"),
        Good.UP,
        Unit.PERCENT,
        to_phrase("ratings of 4 or 5"),
        to_phrase("ratings received"),
        20,
        4,
        own=True,
    ),
    Measure(
        "fcr",
        to_phrase("First-contact resolution"),
        Good.UP,
        Unit.PERCENT,
        to_phrase("closed contacts without reopening, transfer or new contact on the same topic within 7 days"),
        to_phrase("closed contacts"),
        30,
        4,
        own=True,
        delay_days=7,
    ),
    Measure(
        "qa",
        to_phrase("Quality reviews"),
        Good.UP,
        Unit.POINTS,
        to_phrase("shares of the rubric's points reached, added up"),
        to_phrase("reviews of contacts drawn at random"),
        5,
        3,
        own=True,
    ),
    Measure(
        "escalation",
        to_phrase("Escalations"),
        Good.DOWN,
        Unit.PERCENT,
        to_phrase("contacts passed up or into complaints"),
        to_phrase("contacts handled"),
        30,
        4,
        own=True,
    ),
    Measure(
        "preventable",
        to_phrase("Preventable contacts"),
        Good.DOWN,
        Unit.PERCENT,
        to_phrase("contacts whose cause is a process"),
        to_phrase("contacts with a decided cause"),
        30,
        0,
    ),
    Measure(
        "wellbeing",
        to_phrase("Wellbeing"),
        Good.UP,
        Unit.MEAN,
        to_phrase("sum of answers"),
        to_phrase("answers of the anonymous pulse"),
        5,
        4,
    ),
    Measure(
        "handle_time",
        to_phrase("Handle time"),
        Good.NEITHER,
        Unit.SECONDS,
        to_phrase("seconds of talk and after-work"),
        to_phrase("contacts handled"),
        30,
        0,
        context=True,
    ),
    Measure(
        "volume",
        to_phrase("Contacts"),
        Good.NEITHER,
        Unit.A_WEEK,
        to_phrase("contacts"),
        to_phrase("weeks"),
        1,
        0,
        context=True,
    ),
    Measure(
        "occupancy",
        to_phrase("Occupancy"),
        Good.NEITHER,
        Unit.PERCENT,
        to_phrase("busy time"),
        to_phrase("time on the queue"),
        1,
        0,
        context=True,
    ),
)
MEASURES: Final[Mapping[str, Measure]] = MappingProxyType({measure.key: measure for measure in _SHIPPED})
