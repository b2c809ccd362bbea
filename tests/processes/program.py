"""A devsys process of a test: started, listened to, ended by its own pid at the latest."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE = 60.0


def until(found: Callable[[], Any], what: str, patience: float = PATIENCE) -> Any:
    """Wait until something is found; fail after a while."""
    deadline = monotonic() + patience
    while monotonic() < deadline:
        value = found()
        if value:
            return value
        sleep(0.05)  # another process is waited for
    return pytest.fail(f"waited {patience:.0f} s in vain for {what}")


class Program:
    """A devsys process with what it said, ended by the test's own pid at the latest."""

    def __init__(self, home: Path, *words: str, port: int = 0, more: Mapping[str, str] | None = None) -> None:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("DEVSYS_")}  # noqa: TID251 -- for a child
        self.port = port
        self.lines: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, "-m", "devsys", *words],
            cwd=home.parent,
            env={
                **kept,
                "DEVSYS_HOME": str(home),
                "DEVSYS_PORT": str(port or 8000),
                "PYTHONPATH": str(ROOT),
                **(more or {}),
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip())

    @property
    def said(self) -> str:
        return "\n".join(self.lines)

    def until_said(self, words: str, patience: float = PATIENCE) -> None:
        until(lambda: words in self.said or self.process.poll() is not None, f"{words!r}", patience)
        assert words in self.said, self.said

    def stop(self, number: int = signal.SIGTERM) -> int:
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(number)
        code = self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        return code

    def children(self) -> dict[str, int]:
        """Give the pids of the web and worker processes."""
        found = {}
        path = f"/proc/{self.process.pid}/task/{self.process.pid}/children"
        for pid in Path(path).read_text("ascii").split():
            words = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
            found[words[words.index("devsys") + 1]] = int(pid)
        return found

    def get(self, path: str) -> int:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            with error:
                return error.code
