"""The means of one statement over twelve months, as a line from 1 to 5 with gaps: plain geometry."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from devsys.faces.web.drawing import number

STEP: Final = 20.0
HEIGHT: Final = 48.0
LOWEST, HIGHEST = 1.0, 5.0


@dataclass(frozen=True, slots=True)
class DrawnPulse:
    """The strip, `width` x 48 units: `runs` are the points of stretches without a gap, `dots` those of all months."""

    width: float
    height: float
    middle: float
    runs: tuple[str, ...]
    dots: tuple[tuple[float, float], ...]
    words: str


def draw_pulse(means: Sequence[float | None], words: str) -> DrawnPulse:
    """Draw one mean a month, None where nothing is shown; `words` is the finding, for who does not see the drawing."""
    runs: list[list[str]] = [[]]
    dots = []
    for i, mean in enumerate(means):
        if mean is None:
            runs.append([])
            continue
        x, y = number(i * STEP + STEP / 2), number(_height(mean))
        runs[-1].append(f"{x},{y}")
        dots.append((x, y))
    joined = tuple(" ".join(run) for run in runs if len(run) > 1)
    return DrawnPulse(len(means) * STEP, HEIGHT, number(_height(3)), joined, tuple(dots), words)


def _height(mean: float) -> float:
    return HEIGHT - HEIGHT * (mean - LOWEST) / (HIGHEST - LOWEST)
