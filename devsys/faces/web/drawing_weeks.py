"""Contacts per week before and after a fix, as one strip of bars with the two means: plain geometry."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from devsys.base import written
from devsys.base.words import phrase
from devsys.core.causes import WeekOf
from devsys.faces.web.drawing import Box, box, day_month, number

HEIGHT: Final = 64.0
STEP: Final = 14.0
BAR: Final = 10.0


@dataclass(frozen=True, slots=True)
class MeanLine:
    """The mean of one side: from x to x at a height, and its words."""

    x1: float
    x2: float
    y: float
    words: str


@dataclass(frozen=True, slots=True)
class DrawnWeeks:
    """The strip: `width` x 64 units; where a week has no figure there is a gap. `turn` is where the fix was done."""

    width: float
    height: float
    bars: tuple[Box, ...]
    means: tuple[MeanLine, ...]
    limits: tuple[float, ...]
    turn: float | None
    first: str
    last: str
    words: str


def draw_weeks(
    weeks: Sequence[WeekOf],
    before: float | None,
    after: float | None,
    words: str,
    *,
    limits: tuple[float, ...] = (),
) -> DrawnWeeks | None:
    """Draw weeks of contacts; None where there are none. `words` is the finding, for who does not see the drawing.

    `limits` are heights between which chance alone keeps the weeks, in contacts; those below nothing are left out.
    """
    if not weeks:
        return None
    limits = tuple(limit for limit in limits if limit > 0)
    top = max([w.contacts or 0 for w in weeks] + [before or 0.0, after or 0.0, 1.0, *limits])
    bars = tuple(
        box(w.side, (i * STEP + 2, HEIGHT - (h := HEIGHT * w.contacts / top), BAR, h), _says(w.week, w.contacts))
        for i, w in enumerate(weeks)
        if w.contacts is not None
    )
    means = []
    for side, mean in (("before", before), ("after", after)):
        at = [i for i, w in enumerate(weeks) if w.side == side]
        if mean is not None and at:
            y = number(HEIGHT - HEIGHT * mean / top)
            means.append(MeanLine(number(at[0] * STEP), number((at[-1] + 1) * STEP), y, f"{mean:,.0f}"))
    turn = next((i for i, w in enumerate(weeks) if w.side == "during"), None)
    return DrawnWeeks(
        number(len(weeks) * STEP),
        HEIGHT,
        bars,
        tuple(means),
        tuple(number(HEIGHT - HEIGHT * limit / top) for limit in limits),
        None if turn is None else number(turn * STEP + STEP / 2),
        day_month(weeks[0].week),
        day_month(weeks[-1].week),
        words,
    )


def _says(week: date, contacts: int) -> str:
    return phrase("Week of %(week)s: %(contacts)s contacts", week=day_month(week), contacts=written.number(contacts))
