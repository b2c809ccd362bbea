"""Processes and the folder they work in."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from tests.processes.program import PATIENCE, Program


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def start(home: Path) -> Iterator[Callable[..., Program]]:
    started: list[Program] = []

    def begin(*words: str, port: int = 0, at: Path = home, more: Mapping[str, str] | None = None) -> Program:
        started.append(Program(at, *words, port=port, more=more))
        return started[-1]

    yield begin
    for program in started:
        if program.process.poll() is None:
            program.process.kill()
        program.process.wait()
        program._reader.join(PATIENCE)
        assert program.process.stdout is not None
        program.process.stdout.close()
