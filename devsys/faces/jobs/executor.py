"""Who draws the parts of a plan: processes of this machine, threads for want of them, or Dask on many machines.

Behind each stands the standard library's `Executor`; beside it runs a line on which tasks say how far they are and
hear of a stop. On one machine that line is a file in memory which all processes map.
"""

import contextlib
import os
import signal
import struct
import tempfile
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from mmap import mmap
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

from devsys.base.errors import InvalidError
from devsys.base.words import phrase
from devsys.core.planning.crew import Crew, Wire
from devsys.core.planning.problem import Progress

DASK: Final = "dask://"
LEAST_NEEDS: Final = 1500  # a task of fewer costs less than half a second, about what it takes to start a process

# A row of the board: a number that is odd while it is written, then bound, counts and stage.
_ROW: Final = struct.Struct("<qdqqqq64s")
_FLAG: Final = 64  # bytes before the first row; the first says stop
_LOOKS: Final = 50


def crew_of(executor: str, workers: int = 0, *, lower: int = 0) -> Crew | None:
    """Give who carries out tasks, by the setting DEVSYS_EXECUTOR; None for this process alone.

    `workers` of 0 means one for each processor; `lower` lowers the priority of processes, as nice does.
    """
    hands = workers or processors()
    if executor.startswith(DASK):
        try:
            from devsys.faces.jobs.dask_crew import DaskCrew  # noqa: PLC0415 -- an extra, and slow to import
        except ImportError:
            raise InvalidError(
                phrase(
                    "DEVSYS_EXECUTOR is %(executor)s, but Dask is not installed: pip install 'devsys[dask]'",
                    executor=executor,
                )
            ) from None
        return DaskCrew(executor.removeprefix(DASK))
    if executor == "thread":
        return ThreadCrew(hands)
    if executor == "process" and hands > 1:
        return ProcessCrew(hands, lower=lower)
    return None


def processors() -> int:
    """Give the processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Board:
    """The line between processes of one machine: a row for each part, in a file that all map."""

    def __init__(self, path: Path, places: int) -> None:
        self.line = BoardLine(path)
        self._places = places
        self._map = _mapped(path)

    def heard(self) -> Mapping[int, Progress]:
        """Give the rows that were written."""
        found: dict[int, Progress] = {}
        for place in range(self._places):
            row = self._row(place)
            if row is not None:
                found[place] = row
        return found

    def _row(self, place: int) -> Progress | None:
        """Give a row as it was at one moment; None when it is empty, or was never seen still."""
        for _ in range(_LOOKS):
            first = _ROW.unpack_from(self._map, _FLAG + place * _ROW.size)
            turn, bound, placed, on_time, owed, sessions, stage = first
            if turn == 0:
                return None
            if turn % 2 == 0 and first == _ROW.unpack_from(self._map, _FLAG + place * _ROW.size):
                return Progress(stage.rstrip(b"\0").decode(errors="ignore"), placed, on_time, owed, bound, sessions)
        return None

    def stop(self) -> None:
        """Ask for the best so far."""
        self._map[0] = 1


class BoardLine:
    """The end of a task; it travels as the path of the file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._map: mmap | None = None

    def __reduce__(self) -> tuple[object, ...]:
        """Travel as the path."""
        return BoardLine, (self.path,)

    def _open(self) -> mmap:
        if self._map is None:
            self._map = _mapped(self.path)
        return self._map

    def say(self, place: int, progress: Progress) -> None:
        """Write the row of a part."""
        p, here, board = progress, _FLAG + place * _ROW.size, self._open()
        (turn,) = struct.unpack_from("<q", board, here)
        row = (p.bound, p.placed, p.on_time, p.owed, p.sessions, p.stage.encode()[:64])
        # Odd while it is written, and after a writer that died in the middle.
        turn += 1 + turn % 2
        struct.pack_into("<q", board, here, turn)
        _ROW.pack_into(board, here, turn, *row)
        struct.pack_into("<q", board, here, turn + 1)

    def stopped(self) -> bool:
        """Look at the flag."""
        return self._open()[0] == 1


def _mapped(path: Path) -> mmap:
    with path.open("r+b") as file:
        return mmap(file.fileno(), 0)


@dataclass(frozen=True, slots=True)
class ProcessCrew:
    """Processes of this machine, begun anew and with nothing of this one."""

    hands: int
    least: int = LEAST_NEEDS
    lower: int = 0
    lost: tuple[type[BaseException], ...] = ()
    guilty: tuple[type[BaseException], ...] = ()

    @contextlib.contextmanager
    def wire(self, places: int) -> Iterator[Wire]:
        """Open a board."""
        with tempfile.TemporaryDirectory(prefix="devsys-run-") as folder:
            path = Path(folder) / "board"
            path.write_bytes(bytes(_FLAG + places * _ROW.size))
            yield Board(path, places)

    @contextlib.contextmanager
    def hire(self) -> Iterator[Executor]:
        """Start a pool. Its processes end when this one does, however that comes, and at once when a run breaks off."""
        context = get_context("spawn")  # threads of the worker go on meanwhile, so a fork would not be safe
        theirs, ours = context.Pipe(duplex=False)
        pool = ProcessPoolExecutor(self.hands, context, _begin, (theirs, self.lower))
        try:
            yield pool
        except BaseException:
            ours.close()
            raise
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
            ours.close()
            theirs.close()


def _begin(end: Connection, lower: int) -> None:
    """Begin as a process of a pool: it ends with its parent, and a Ctrl-C is the parent's to answer."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # The worker holds signals back, and what it starts inherits that: a pool could not end its processes.
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    if lower:
        os.nice(lower)
    threading.Thread(target=_watch, args=(end,), daemon=True).start()


def _watch(end: Connection) -> None:
    with contextlib.suppress(OSError):
        end.poll(None)
    os._exit(1)


class Spoken:
    """Both ends of a line within one process."""

    def __init__(self) -> None:
        self.line = self
        self._heard: dict[int, Progress] = {}
        self._stopped = False

    def say(self, place: int, progress: Progress) -> None:
        """Keep what is said."""
        self._heard[place] = progress

    def stopped(self) -> bool:
        """Say whether the best so far is wanted."""
        return self._stopped

    def heard(self) -> Mapping[int, Progress]:
        """Give what was said last."""
        return dict(self._heard)

    def stop(self) -> None:
        """Ask for the best so far."""
        self._stopped = True


@dataclass(frozen=True, slots=True)
class ThreadCrew:
    """Threads of this process: no faster, since one of them computes at a time, but without any other process."""

    hands: int
    least: int = LEAST_NEEDS
    lost: tuple[type[BaseException], ...] = ()
    guilty: tuple[type[BaseException], ...] = ()

    @contextlib.contextmanager
    def wire(self, places: int) -> Iterator[Wire]:  # noqa: ARG002 -- any number is as good
        """Open a line within this process."""
        yield Spoken()

    @contextlib.contextmanager
    def hire(self) -> Iterator[Executor]:
        """Start the threads; a run that breaks off waits for them."""
        with ThreadPoolExecutor(self.hands, thread_name_prefix="planning") as pool:
            yield pool
