"""Geometry of control charts: one drawing for wide pages and paper, one for phones, and a line for lists."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from devsys.base.words import phrase
from devsys.core.improvement import charts
from devsys.core.improvement.blocks import DAYS, block_of, first_day
from devsys.core.improvement.board import Board, BoardPoint
from devsys.faces.web.chart_words import LABELS, days_text, value_text
from devsys.faces.web.drawing import MONTHS, number

_SHAPES: Final = {
    charts.IMPROVEMENT: "up",
    charts.CONCERN: "dn",
    charts.NEUTRAL_HIGH: "ne",
    charts.NEUTRAL_LOW: "ne",
}
_SIZE: Final = 4
_NAME: Final = 120  # room for the word of a band
_APART: Final = 48  # two numbers with a dash need as much


@dataclass(frozen=True, slots=True)
class Band:
    """Something that lasted: where it begins, how wide it is, its word."""

    x: float
    w: float
    words: str


@dataclass(frozen=True, slots=True)
class Dot:
    """A point: where it is, its shape (a path), class and title."""

    path: str
    css: str
    title: str


@dataclass(frozen=True, slots=True)
class Flag:
    """A mark: where it stands and its number in the list below."""

    x: float
    words: str


@dataclass(frozen=True, slots=True)
class Text:
    """Words at a place."""

    x: float
    y: float
    words: str
    css: str = ""
    anchor: str = "start"


@dataclass(frozen=True, slots=True)
class Line:
    """A level line between two places."""

    x1: float
    x2: float
    y: float
    css: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart as finished numbers, in the units of its own viewBox."""

    css: str
    width: float
    height: float
    top: float
    bottom: float
    words: str
    lines: tuple[Line, ...]
    texts: tuple[Text, ...]
    bands: tuple[Band, ...]
    gaps: tuple[Band, ...]
    flags: tuple[Flag, ...]
    path: str
    dots: tuple[Dot, ...]


@dataclass(frozen=True, slots=True)
class _Frame:
    css: str
    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float


_DESK: Final = _Frame("desk", 880, 300, 52, 752, 44, 262)
_PHONE: Final = _Frame("phone", 358, 250, 40, 346, 40, 214)


def draw_charts(found: Board, red: Iterable[tuple[date, date | None, str]], today: date) -> tuple[Drawing, Drawing]:
    """Give the chart of a board for wide pages and for phones; `red` are conditions: since, until (None: now), word."""
    stretches = tuple(red)
    return _draw(found, stretches, today, _DESK), _draw(found, stretches, today, _PHONE)


class _Scale:
    """From blocks and values to places."""

    def __init__(self, found: Board, frame: _Frame) -> None:
        self.frame = frame
        blocks = [p.block for p in found.points] + [g.block for g in found.gaps]
        self.first, self.last = min(blocks), max(blocks)
        self.step = (frame.right - frame.left) / (self.last - self.first + 1)
        levels = [p.value for p in found.points]
        for group in found.groups:
            levels += [x for x in (group.limits.lower, group.limits.upper, group.limits.centre) if not math.isnan(x)]
        low, high = min(levels), max(levels)
        most = found.measure.at_most
        room = (high - low) * 0.08 or abs(high) * 0.05 or 1.0
        self.low = max(0.0, low - room) if low >= 0 else low - room
        top = found.measure.shown(most) if most is not None else math.inf
        self.high = min(top, high + room) if high <= top else high + room
        if self.high <= self.low:
            self.low, self.high = self.low - 1, self.high + 1

    def x(self, block: float) -> float:
        """Give the middle of a block."""
        return number(self.frame.left + (block - self.first + 0.5) * self.step)

    def edge(self, block: float) -> float:
        """Give where a block begins."""
        return number(self.frame.left + (block - self.first) * self.step)

    def y(self, value: float) -> float:
        """Give the height of a value, kept within the frame."""
        share = (value - self.low) / (self.high - self.low)
        return number(self.frame.bottom - max(0.0, min(1.0, share)) * (self.frame.bottom - self.frame.top))


def _draw(found: Board, red: tuple[tuple[date, date | None, str], ...], today: date, frame: _Frame) -> Drawing:
    scale = _Scale(found, frame)
    lines, texts = _grid(found, scale)
    wide = frame is _DESK
    more_lines, more_texts = _limits(found, scale, wide=wide)
    bands = tuple(_band(scale, since, until or today, words) for since, until, words in red)
    shown = tuple(band for band in bands if band.w > 0)
    texts += [_named(b, frame) for b in shown if wide]
    flags = _flags(found, scale)
    return Drawing(
        frame.css,
        frame.width,
        frame.height,
        frame.top,
        frame.bottom,
        _said(found),
        (*lines, *more_lines),
        (*texts, *more_texts),
        shown,
        tuple(
            Band(scale.edge(g.block), number(scale.step), f"{days_text(g.first, g.last)}: {g.why}") for g in found.gaps
        ),
        flags,
        _path(found.points, scale),
        tuple(_dot(found, point, scale) for point in found.points),
    )


def _flags(found: Board, scale: _Scale) -> tuple[Flag, ...]:
    """Give the marks by their numbers in the list below; those that stand close together share a line."""
    flags: list[tuple[float, int, int]] = []
    for i, mark in enumerate(found.marks, 1):
        place = _place(mark.day)
        if scale.first <= place <= scale.last + 1:
            x = scale.edge(place)
            if flags and x - flags[-1][0] < _APART:
                flags[-1] = (flags[-1][0], flags[-1][1], i)
            else:
                flags.append((x, i, i))
    return tuple(Flag(x, f"{a}" if a == b else f"{a}\N{EN DASH}{b}") for x, a, b in flags)


def _place(day: date) -> float:
    """Give a day as a block and the part of it that is past."""
    block = block_of(day)
    return block + (day.toordinal() - first_day(block).toordinal()) / DAYS


def _band(scale: _Scale, since: date, until: date, words: str) -> Band:
    begins, ends = max(_place(since), scale.first), min(_place(until), scale.last + 1)
    return Band(scale.edge(begins), number(max(0.0, (ends - begins) * scale.step)), words)


def _named(band: Band, frame: _Frame) -> Text:
    """Set the word of a band before it, where no limit has its name; behind it where there is no room before."""
    if band.x - frame.left < _NAME:
        return Text(number(band.x + band.w + 6), frame.bottom - 6, band.words, "condt", "start")
    return Text(number(band.x - 6), frame.bottom - 6, band.words, "condt", "end")


def _grid(found: Board, scale: _Scale) -> tuple[list[Line], list[Text]]:
    frame = scale.frame
    lines: list[Line] = []
    texts: list[Text] = []
    for level in _levels(scale.low, scale.high):
        y = scale.y(level)
        lines.append(Line(frame.left, frame.right, y, "gl"))
        texts.append(Text(frame.left - 6, y + 4, f"{level:g}", "", "end"))
    blocks = sorted({p.block for p in found.points} | {g.block for g in found.gaps})
    wanted = 7 if frame is _DESK else 3
    every = max(1, math.ceil(len(blocks) / wanted))
    year = 0
    for block in blocks[::every]:
        day = first_day(block)
        words = MONTHS[day.month - 1][:3] + (f" {day.year}" if day.year != year else "")
        year = day.year
        texts.append(Text(scale.x(block), frame.bottom + 22, words, "", "middle"))
    return lines, texts


def _levels(low: float, high: float) -> list[float]:
    """Give three to six round levels between two values."""
    rough = (high - low) / 4
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * m for m in (1, 2, 2.5, 5, 10) if power * m >= rough)
    first = math.ceil(low / step - 1e-9)
    return [round(i * step, 10) for i in range(first, math.floor(high / step + 1e-9) + 1)]


def _limits(found: Board, scale: _Scale, *, wide: bool) -> tuple[list[Line], list[Text]]:
    lines: list[Line] = []
    texts: list[Text] = []
    for i, group in enumerate(found.groups):
        x1 = scale.edge(group.first)
        x2 = scale.edge(found.groups[i + 1].first if i + 1 < len(found.groups) else scale.last + 1)
        css = "" if group.frozen else " trial"
        lines.append(Line(x1, x2, scale.y(group.limits.centre), "ctr" + css))
        if group.limits.known:
            lines += [Line(x1, x2, scale.y(y), "liml" + css) for y in (group.limits.lower, group.limits.upper)]
        words = phrase("baseline, frozen") if group.frozen else phrase("trial limits")
        texts.append(Text(number(x1 + 2), 16, words if wide or not i else "", ""))
    if wide and found.groups:
        texts += _ends(found, scale)
    return lines, [text for text in texts if text.words]


def _ends(found: Board, scale: _Scale) -> list[Text]:
    """Give what stands at the right ends of the lines, apart where they would lie on one another."""
    limits = found.groups[-1].limits
    wanted = [(limits.centre, phrase("%(value)s centre", value=value_text(found.measure, limits.centre)), "hd")]
    if limits.known:
        wanted += [
            (x, phrase("%(value)s limit", value=value_text(found.measure, x)), "") for x in (limits.lower, limits.upper)
        ]
    last = found.points[-1]
    wanted.append((last.value, phrase("%(value)s last", value=value_text(found.measure, last.value)), "hd"))
    placed: list[Text] = []
    lowest = -math.inf
    for value, words, css in sorted(wanted, key=lambda one: scale.y(one[0])):
        y = max(scale.y(value) + 4, lowest + 15)
        lowest = y
        placed.append(Text(scale.frame.right + 8, number(y), words, css))
    return placed


def _path(points: tuple[BoardPoint, ...], scale: _Scale) -> str:
    """Give the line through the points; it is broken where a block is missing."""
    parts: list[str] = []
    before: int | None = None
    for point in points:
        joined = before is not None and point.block == before + 1
        parts.append(f"{'L' if joined else 'M'}{scale.x(point.block)} {scale.y(point.value)}")
        before = point.block
    return " ".join(parts)


def _dot(found: Board, point: BoardPoint, scale: _Scale) -> Dot:
    x, y, r = scale.x(point.block), scale.y(point.value), _SIZE
    css = _SHAPES.get(point.type, "")
    if css == "dn":  # a diamond
        path = f"M{x} {number(y - r - 1)}l{r + 1} {r + 1}l{-r - 1} {r + 1}l{-r - 1} {-r - 1}z"
    elif css:  # a square
        path = f"M{number(x - r)} {number(y - r)}h{2 * r}v{2 * r}h{-2 * r}z"
    else:  # a circle
        path = f"M{number(x - r)} {y}a{r} {r} 0 1 0 {2 * r} 0a{r} {r} 0 1 0 {-2 * r} 0z"
    label = f", {LABELS[point.label]}" if point.label else ""
    return Dot(path, css, f"{days_text(point.first, point.last)}: {value_text(found.measure, point.value)}{label}")


def _said(found: Board) -> str:
    places = {"measure": found.measure.name, "points": len(found.points), "gaps": len(found.gaps)}
    if found.gaps:
        return phrase(
            "Control chart of %(measure)s: %(points)s four-week points, %(gaps)s missing. The table below has every "
            "figure.",
            **places,
        )
    return phrase(
        "Control chart of %(measure)s: %(points)s four-week points. The table below has every figure.", **places
    )


@dataclass(frozen=True, slots=True)
class Spark:
    """A small line of a list: its path, and where it ends."""

    path: str
    x: float
    y: float


def spark(found: Board) -> Spark | None:
    """Give the points of a board as a small line, 104 by 28; None without points."""
    if not found.points:
        return None
    low, high = (pick(p.value for p in found.points) for pick in (min, max))
    first, last = found.points[0].block, max(found.points[-1].block, found.points[0].block + 1)
    parts: list[str] = []
    before: int | None = None
    x = y = 0.0
    for point in found.points:
        x = number(4 + 96 * (point.block - first) / (last - first))
        y = number(24 - 20 * ((point.value - low) / (high - low) if high > low else 0.5))
        parts.append(f"{'L' if before == point.block - 1 else 'M'}{x} {y}")
        before = point.block
    return Spark(" ".join(parts), x, y)
