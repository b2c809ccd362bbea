"""Which causes keep returning: a row per cause, a square per quarter whose area says how often."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from devsys.faces.web.drawing import Box, box, number

CELL: Final = 34.0
LEFT: Final = 86.0


@dataclass(frozen=True, slots=True)
class Label:
    """A word of the drawing at x, y."""

    x: float
    y: float
    words: str


@dataclass(frozen=True, slots=True)
class DrawnPatterns:
    """The drawing: squares to scale by their area, the words of rows and columns."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    rows: tuple[Label, ...]
    columns: tuple[Label, ...]
    figures: tuple[Label, ...]


def draw_patterns(rows: Sequence[tuple[str, Sequence[int]]], columns: Sequence[str]) -> DrawnPatterns:
    """Draw how often each cause returned in each period."""
    most = max((n for _, counts in rows for n in counts), default=0)
    boxes, figures = [], []
    for r, (word, counts) in enumerate(rows):
        for c, count in enumerate(counts):
            if count:
                side = (CELL - 4) * math.sqrt(count / most)
                x, y = LEFT + c * CELL * 1.6 + (CELL - side) / 2, r * CELL + (CELL - side) / 2
                boxes.append(box("often", (x, y, side, side), f"{word}, {columns[c]}: {count}"))
                figures.append(Label(number(LEFT + c * CELL * 1.6 + CELL + 3), number(r * CELL + 21), str(count)))
    return DrawnPatterns(
        number(LEFT + len(columns) * CELL * 1.6),
        number(len(rows) * CELL + 20),
        tuple(boxes),
        tuple(Label(0, number(r * CELL + 21), word) for r, (word, _) in enumerate(rows)),
        tuple(
            Label(number(LEFT + c * CELL * 1.6 + CELL / 2), number(len(rows) * CELL + 14), word)
            for c, word in enumerate(columns)
        ),
        tuple(figures),
    )
