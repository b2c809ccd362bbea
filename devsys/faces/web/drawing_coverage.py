"""The coverage strip: what a queue needs, what is left on it, what is spare, half hour by half hour.

Required is a line, left on the queue are bars, the part above the line is solid (spare), what a draft takes is dashed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from devsys.base.words import phrase, to_phrase
from devsys.faces.web.drawing import HALF_HOUR, Bar, Box, box, clock, long_day, signed, step_path

CLOSED_WORD = to_phrase("closed")
HEIGHT = 60.0
SLOT = 10.0
WIDE = 32  # half hours; a longer day shows its figures by the hour


@dataclass(frozen=True, slots=True)
class CoverageSlot:
    """A half hour of one queue, in agents: required, left on it with all sessions held, and taken by a draft.

    `left` already leaves out the `draft` ones: without the draft, left + draft would be there.
    """

    required: int
    left: int
    draft: int = 0


@dataclass(frozen=True, slots=True)
class CoverageDay:
    """A day of one queue from `opens` (minutes after midnight) on, half hour by half hour; no slots: closed."""

    day: date
    opens: int
    slots: tuple[CoverageSlot, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """Figures of one half hour (or hour, on long days): as text, with the class of the spare one."""

    column: int
    columns: int
    time: str
    left: int
    required: int
    spare: str
    css: str


@dataclass(frozen=True, slots=True)
class DrawnCoverage:
    """A day of the coverage strip: `width` x 60 units, its figures, its lowest half hour in words."""

    day: str
    width: float
    columns: int
    boxes: tuple[Box, ...]
    line: str
    least: str
    short: bool
    words: str
    figures: tuple[Figure, ...]
    table: tuple[tuple[str | int, ...], ...]
    hours: tuple[Bar, ...]


def draw_coverage(day: CoverageDay, opens: int, closes: int, top: int = 0) -> DrawnCoverage:
    """Draw one day of a queue between `opens` and `closes` (minutes); `top` agents reach the upper edge, 0: its own."""
    slots = _aligned(day, opens, closes)
    top = top or top_of((day,))
    boxes: list[Box] = []
    for index, slot in enumerate(slots):
        boxes.extend(_slot_boxes(index, slot, top, clock(opens + index * HALF_HOUR)))
    staffed = tuple(slot for slot in slots if slot.required or slot.left)
    least = min((slot.left - slot.required for slot in staffed), default=None)
    words = f"{long_day(day.day)}: {CLOSED_WORD if least is None else _least_words(least)}"
    return DrawnCoverage(
        day=day.day.isoformat(),
        width=len(slots) * SLOT,
        columns=len(slots),
        boxes=tuple(boxes),
        line=step_path([slot.required for slot in slots], SLOT, HEIGHT, top) if staffed else "",
        least=CLOSED_WORD if least is None else phrase("least %(least)s", least=signed(least)),
        short=least is not None and least < 0,
        words=words,
        figures=_figures(slots, opens),
        table=tuple(
            (clock(opens + i * HALF_HOUR), s.required, s.left, signed(s.left - s.required)) for i, s in enumerate(slots)
        ),
        hours=hour_labels(opens, closes),
    )


def hour_labels(opens: int, closes: int) -> tuple[Bar, ...]:
    """Give a label for each full hour, two columns wide."""
    return tuple(Bar("", (hour - opens) // HALF_HOUR + 1, 2, clock(hour)) for hour in range(opens, closes, 60))


def _least_words(least: int) -> str:
    if least < 0:
        return phrase("%(num)s short at the lowest half hour", num=-least)
    return (
        phrase("at least %(least)s to spare", least=least)
        if least
        else phrase("nothing to spare at the lowest half hour")
    )


def top_of(days: Iterable[CoverageDay]) -> int:
    """Give the agents that reach the upper edge when these days share one scale, at least 1."""
    return max((max(s.required, s.left + s.draft) for day in days for s in day.slots), default=1) or 1


def _aligned(day: CoverageDay, opens: int, closes: int) -> tuple[CoverageSlot, ...]:
    first = (opens - day.opens) // HALF_HOUR
    nothing = CoverageSlot(0, 0)
    wanted = range(first, first + (closes - opens) // HALF_HOUR)
    return tuple(day.slots[i] if 0 <= i < len(day.slots) else nothing for i in wanted)


def _slot_boxes(index: int, slot: CoverageSlot, top: int, time: str) -> tuple[Box, ...]:
    """Give left (to the required line), spare above it or what is missing below it, and what the draft takes."""
    x, unit = index * SLOT, HEIGHT / top
    title = phrase(
        "%(time)s: %(left)s left, %(required)s required, %(spare)s to spare",
        time=time,
        left=slot.left,
        required=slot.required,
        spare=signed(slot.left - slot.required),
    )

    def level(css: str, low: int, high: int, inset: float = 0.0) -> Box:
        place = (x + inset, HEIGHT - high * unit, SLOT - 2 * inset, (high - low) * unit)
        return box(css, place, title)

    boxes = [level("alarm", 0, top)] if slot.left < slot.required else []
    boxes.append(level("left", 0, min(slot.left, slot.required)))
    if slot.left > slot.required:
        boxes.append(level("spare", slot.required, slot.left))
    elif slot.left < slot.required:
        boxes.append(level("missing", slot.left, slot.required))
    if slot.draft:
        boxes.append(level("taken", slot.left, slot.left + slot.draft, 0.6))
    return tuple(b for b in boxes if b.h)


def _figures(slots: tuple[CoverageSlot, ...], opens: int) -> tuple[Figure, ...]:
    per = 1 if len(slots) <= WIDE else 2
    figures = []
    for first in range(0, len(slots), per):
        lowest = min(slots[first : first + per], key=lambda s: s.left - s.required)
        spare = lowest.left - lowest.required
        css = "short" if spare < 0 else "zero" if spare == 0 else ""
        time = clock(opens + first * HALF_HOUR)
        figures.append(Figure(first + 1, per, time, lowest.left, lowest.required, signed(spare), css))
    return tuple(figures)
