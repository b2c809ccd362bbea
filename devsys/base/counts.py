"""Counts that several processes keep and one reads together: a small file for each process, mapped into memory.

A count is one addition in memory; what a process counted outlives it, because the file does. A start of the whole
program empties the folder: to whoever reads them the counts begin again at 0, as counters may.
"""

import mmap
import os
import secrets
import struct
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Final

_SIZE: Final = 8
ENDING: Final = ".counts"


class Counts:
    """A fixed set of named counts, kept in `folder`; None counts nothing. Files of other sets are passed over."""

    def __init__(self, folder: Path | None, names: tuple[str, ...]) -> None:
        self._folder = folder
        self._names = names
        self._at = {name: i * _SIZE for i, name in enumerate(names)}
        self._lock = threading.Lock()
        self._pid = 0
        self._map: mmap.mmap | None = None

    def add(self, name: str, count: int = 1) -> None:
        """Count. Raises KeyError for a name that is not among them (misuse)."""
        at = self._at[name]
        if self._folder is None:
            return
        with self._lock:
            held = self._held(self._folder)
            (now,) = struct.unpack_from("<Q", held, at)
            struct.pack_into("<Q", held, at, now + count)

    def _held(self, folder: Path) -> mmap.mmap:
        """Give this process's own file; after a fork it is another one."""
        if self._map is None or self._pid != os.getpid():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            path = folder / f"{os.getpid()}-{secrets.token_hex(4)}{ENDING}"
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                os.ftruncate(handle, _SIZE * len(self._names))
                self._map = mmap.mmap(handle, _SIZE * len(self._names))
            finally:
                os.close(handle)
            self._pid = os.getpid()
        return self._map

    def all(self) -> Mapping[str, int]:
        """Give each count, over all processes that ever counted since the folder was emptied."""
        sums = dict.fromkeys(self._names, 0)
        if self._folder is None or not self._folder.is_dir():
            return sums
        for path in self._folder.glob(f"*{ENDING}"):
            data = path.read_bytes()
            if len(data) == _SIZE * len(self._names):
                for name, at in self._at.items():
                    sums[name] += struct.unpack_from("<Q", data, at)[0]
        return sums


def empty(folder: Path) -> None:
    """Let all counts begin at 0: no process that counts may be alive."""
    for path in folder.glob(f"*{ENDING}"):
        path.unlink(missing_ok=True)
