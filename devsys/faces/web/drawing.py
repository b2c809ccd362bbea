"""Geometry of small drawings, and the words all drawings share: plain values in, finished numbers and classes out.

A drawing knows nothing of colours: it names classes of the sheet. Numbers are in the units of its own viewBox, which
the page stretches. The year, the week and the month have modules of their own beside this one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar

import segno

from devsys.base import written
from devsys.base.words import grouped, phrase, to_phrase

T = TypeVar("T")

MONTHS = (
    to_phrase("January"),
    to_phrase("February"),
    to_phrase("March"),
    to_phrase("April"),
    to_phrase("May"),
    to_phrase("June"),
    to_phrase("July"),
    to_phrase("August"),
    to_phrase("September"),
    to_phrase("October"),
    to_phrase("November"),
    to_phrase("December"),
)
KIND_NAMES = {
    "boundaries": to_phrase("Boundaries"),
    "skill": to_phrase("Skill sessions"),
    "round": to_phrase("Case rounds"),
    "digital": to_phrase("Digital"),
    "cross_cultural": to_phrase("Cross-cultural"),
    "emotional_support": to_phrase("Emotional support"),
    "coaching": to_phrase("Coaching"),
}
HALF_HOUR = 30


def number(value: float) -> float:
    """Give `value` with at most two decimals, and as an int where nothing is lost: short attributes."""
    rounded = round(value, 2)
    return int(rounded) if rounded == int(rounded) else rounded


def hours_text(hours: float) -> str:
    """Give hours as people read them: "1,304 h", "0.5 h"."""
    tenths = round(hours, 1)
    whole = hours >= 1 or tenths == int(tenths)
    return phrase("%(hours)s h", hours=grouped(f"{round(hours):,}" if whole else f"{tenths}"))


def signed(count: int) -> str:
    """Give a figure with its sign: "+3", "0", and a true minus sign below it."""
    return f"+{count}" if count > 0 else f"\u2212{-count}" if count < 0 else "0"


def short_day(day: date) -> str:
    """Give "Tue 23"."""
    return phrase("%(weekday)s %(day)s", weekday=written.short_weekday(day), day=day.day)


def day_month(day: date) -> str:
    """Give "23 Mar"."""
    return phrase("%(day)s %(month)s", day=day.day, month=written.short_month(day))


def long_day(day: date) -> str:
    """Give "Tuesday 23 March"."""
    return phrase("%(weekday)s %(day)s %(month)s", weekday=written.weekday(day), day=day.day, month=written.month(day))


def clock(minutes: int) -> str:
    """Give minutes after midnight as "08:30"."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def span_text(starts: datetime, minutes: int) -> str:
    """Give "Tue 23 March, 14:30-15:30" with an en dash."""
    ends = starts + timedelta(minutes=minutes)
    return f"{written.day(starts)}, {starts:%H:%M}\u2013{ends:%H:%M}"


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of a drawing: its class, place and size, and what it says when pointed at."""

    css: str
    x: float
    y: float
    w: float
    h: float
    title: str = ""


def box(css: str, place: tuple[float, float, float, float], title: str = "") -> Box:
    """Give a box with short numbers; `place` is x, y, width, height."""
    x, y, w, h = (number(value) for value in place)
    return Box(css, x, y, w, h, title)


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of columns with a class and words."""

    css: str
    column: int
    columns: int
    words: str = ""


def step_path(levels: Sequence[float], width: float, height: float, top: float) -> str:
    """Give the path of a stepped line: level i starts at x = i * width; `top` lies at y = 0, nothing at `height`."""
    parts: list[str] = []
    for index, level in enumerate(levels):
        y = number(height - height * level / top) if top else number(height)
        parts.append(f"{'M0 ' if not parts else 'V'}{y}H{number((index + 1) * width)}")
    return "".join(parts)


def runs(values: Iterable[T]) -> tuple[tuple[int, int, T], ...]:
    """Give (first index, length, value) of each run of equal neighbours."""
    found: list[tuple[int, int, T]] = []
    for index, value in enumerate(values):
        if found and found[-1][2] == value:
            first, length, _ = found[-1]
            found[-1] = (first, length + 1, value)
        else:
            found.append((index, 1, value))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class LedgerBar:
    """Development time of one team or quarter, to scale: see `draw_ledger`."""

    parts: tuple[Box, ...]
    words: str


def draw_ledger(planned: float, held: float, cancelled: float, owed: float, *, most: float) -> LedgerBar:
    """Draw hours as one bar of 200 x 12: planned outlined, held solid in it, then cancelled; owed dashed behind.

    `most` is the largest planned + owed among the bars that stand together, so that they share a scale.
    """
    scale = 198 / most if most > 0 else 0.0
    parts: list[Box] = []
    for css, start, length, word in (
        ("planned", 0.0, planned, phrase("%(hours)s planned")),
        ("held", 0.0, held, phrase("%(hours)s held")),
        ("cancelled", held, cancelled, phrase("%(hours)s cancelled for the queue")),
        ("owed", planned, owed, phrase("%(hours)s owed")),
    ):
        if length > 0:
            width = max(length * scale, 1.5)
            parts.append(box(css, (1 + start * scale, 1, width, 10), word % {"hours": hours_text(length)}))
    words = ", ".join(part.title for part in parts) or phrase("nothing planned")
    return LedgerBar(tuple(parts), words)


@dataclass(frozen=True, slots=True)
class Gauge:
    """How far a run is, on a track of 1000 units: needs placed, and the most any plan could place on time."""

    got: float
    bound: float
    words: str


def draw_gauge(placed: int, bound: int, needs: int) -> Gauge:
    """Draw the gauge of a run; all three are counts of needs."""
    scale = 1000 / needs if needs > 0 else 0.0
    words = phrase(
        "%(placed)s of %(needs)s needs placed; at most %(bound)s can be on time",
        placed=written.number(placed),
        needs=written.number(needs),
        bound=written.number(bound),
    )
    return Gauge(number(min(placed * scale, 1000)), number(min(bound * scale, 1000)), words)


@dataclass(frozen=True, slots=True)
class QrCode:
    """A QR code as one path of unit squares with its quiet zone; `size` is the side in units."""

    size: int
    path: str


def draw_qr(text: str) -> QrCode:
    """Draw `text` (an address) as a QR code, error correction M, four units of quiet around (ISO/IEC 18004, 6.3.8)."""
    quiet = 4
    rows = [tuple(row) for row in segno.make(text, error="m", micro=False).matrix]
    strokes = [
        f"M{quiet + x} {quiet + y}h{length}v1h-{length}z"
        for y, row in enumerate(rows)
        for x, length, dark in runs(row)
        if dark
    ]
    return QrCode(len(rows) + 2 * quiet, "".join(strokes))
