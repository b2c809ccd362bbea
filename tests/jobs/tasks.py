"""Work for processes, which import it by its name: a letter a task, and what becomes of who carries it out."""

import os
import signal
from dataclasses import dataclass
from pathlib import Path

from devsys.core.planning.crew import Line
from devsys.core.planning.problem import Progress

BEGUN = Progress("First plan", 0, 0, 1, 1.0, 0)


@dataclass(frozen=True)
class Letter:
    """A task: it ends its process as long as its file has fewer than `deaths` bytes, one for each time."""

    place: int
    word: str
    deaths: int = 0
    file: Path | None = None

    @property
    def places(self) -> tuple[int, ...]:
        return (self.place,)


def spell(letter: Letter, line: Line) -> str:
    """Give the word of a task in capitals, if the process lives that long."""
    line.say(letter.place, BEGUN)
    if letter.file is not None and len(letter.file.read_bytes()) < letter.deaths:
        with letter.file.open("ab") as file:
            file.write(b".")
        os.kill(os.getpid(), signal.SIGKILL)
    return letter.word.upper()


def number(letter: Letter, _line: Line) -> str:
    """Give the id of the process a task was carried out in."""
    return f"{letter.place} {os.getpid()}"


def wait_for_stop(letter: Letter, line: Line) -> str:
    """Go on until somebody says stop."""
    line.say(letter.place, BEGUN)
    while not line.stopped():
        pass
    return letter.word
