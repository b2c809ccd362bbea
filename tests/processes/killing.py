"""What kills: a process acts on a database and is killed at a moment of its act; what it had answered is known."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

ROOT = Path(__file__).resolve().parent.parent.parent
FEW, MANY = 10, 200
INSIDE = 0.6  # of the kills have to come while it acts


@dataclass(frozen=True, slots=True)
class Went:
    """How an act went: whether it was killed before it was done, how many seconds it went on, what it had answered.

    `cpu` is the processor's time of one that was done.
    """

    inside: bool
    took: float
    kept: int
    cpu: float = 0.0


class Killer:
    """Lets acts be done by processes forked off for them, and kills those when it is told to."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "tests.processes.child"]
        self._parent = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def _say(self, line: str) -> None:
        assert self._parent.stdin is not None
        self._parent.stdin.write(f"{line}\n")
        self._parent.stdin.flush()

    def _said(self) -> str:
        assert self._parent.stdout is not None
        return self._parent.stdout.readline().rstrip()

    def go(self, file: Path, act: str, given: str = "", *, after: float | None = None) -> Went:
        """Let an act be done on a database file; with `after` kill it so many seconds after it began."""
        self._say(json.dumps([f"sqlite:///{file}", act, given]))
        word, _, pid = self._said().partition(" ")
        assert word == "ready", word
        self._say("go")
        assert self._said() == "begun"
        started = monotonic()
        if after is not None:
            sleep(after)  # the moment of the kill is what these tests are about
            with contextlib.suppress(ProcessLookupError):  # it was done before
                os.kill(int(pid), signal.SIGKILL)
        said: list[str] = []
        took = 0.0
        while not said or said[-1] != "ended":
            said.append(self._said())
            assert said[-1], f"nothing was said after {said}"
            took = took or (monotonic() - started if said[-1].startswith("done") else 0.0)
        done = [one for one in said if one.startswith("done")]
        assert done or after is not None, f"{act} broke: {said}"
        kept = sum(one.startswith("kept") for one in said)
        return Went(not done, took or monotonic() - started, kept, float(done[0].split()[1]) if done else 0.0)

    def end(self) -> None:
        """End the process that all were forked off from."""
        assert self._parent.stdin is not None
        assert self._parent.stdout is not None
        self._parent.stdin.close()
        self._parent.wait()
        self._parent.stdout.close()


class Moments:
    """Spreads kills over an act, whose length is learned as it goes: the machine may be slower or faster by then."""

    def __init__(self, took: float, times: int) -> None:
        self._took = took
        self._times = times
        self.inside = 0

    def of(self, number: int) -> float:
        """Give after how many seconds the next one is killed."""
        return self._took * (number + 0.5) / self._times

    def was(self, went: Went) -> None:
        """Learn from how it went: one that came too late says how long an act takes by now."""
        self.inside += went.inside
        if not went.inside:
            self._took = min(self._took, went.took) * 0.9

    def proved(self) -> int:
        """Give how many came inside. Fails when they were too few to prove anything."""
        assert self.inside >= INSIDE * self._times, f"{self.inside} of {self._times} kills came in time: too few"
        return self.inside
