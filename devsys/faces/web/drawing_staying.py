"""The share still here after some months, as dots with their intervals: plain geometry."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from devsys.base.words import phrase
from devsys.core.improvement.staying import StayPoint
from devsys.faces.web.drawing import number

WIDTH: Final = 320.0
HEIGHT: Final = 96.0


@dataclass(frozen=True, slots=True)
class Whisker:
    """One length of time: where it stands, the share, and the ends of its interval (the same where not known)."""

    x: float
    y: float
    top: float
    bottom: float
    words: str


@dataclass(frozen=True, slots=True)
class DrawnStaying:
    """The drawing, 320 x 96 units: all at the top, nobody at the bottom, half in the middle."""

    width: float
    height: float
    half: float
    line: str
    whiskers: tuple[Whisker, ...]
    first: str
    last: str
    words: str


def draw_staying(points: Sequence[StayPoint], words: str) -> DrawnStaying:
    """Draw at least one point; `words` is the finding, for who does not see the drawing."""
    longest = points[-1].months
    whiskers = tuple(
        Whisker(
            number(WIDTH * p.months / longest),
            number(_height(p.share)),
            number(_height(p.upper if math.isfinite(p.upper) else p.share)),
            number(_height(p.lower if math.isfinite(p.lower) else p.share)),
            phrase("%(months)s months: %(share)s", months=p.months, share=f"{100 * p.share:.0f} %"),
        )
        for p in points
    )
    line = " ".join(["0,0", *(f"{w.x},{w.y}" for w in whiskers)])
    return DrawnStaying(
        WIDTH,
        HEIGHT,
        number(_height(0.5)),
        line,
        whiskers,
        phrase("the first day"),
        phrase("%(months)s months", months=longest),
        words,
    )


def _height(share: float) -> float:
    return HEIGHT * (1 - share)
