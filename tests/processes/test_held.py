"""Somebody holds the database: writers wait as long as they are asked to, then are told when to try again (K4).

By default all times are short; at night they are the real ones: five seconds of patience, three and thirty of a lock.
"""

import threading
from collections.abc import Callable
from time import perf_counter
from typing import Any

import pytest

from devsys.actions.parts import Parts
from devsys.adapters.store import store as store_module
from devsys.adapters.store.queries import readers
from devsys.adapters.store.store import Store
from devsys.core.letters.when import Timing
from tests.proved import Proved

WRITERS = ("employee", "lead", "coach", "facilitator")
READS = 100  # without the lock; with it as many as are asked meanwhile


class Holder:
    """Somebody else who holds the lock of the writers until they are let go."""

    def __init__(self, parts: Parts) -> None:
        self._held, self._free = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._hold, args=(parts.settings.url,))
        self._thread.start()
        assert self._held.wait(60)

    def _hold(self, url: str) -> None:
        store = Store(url)
        with store.write():
            self._held.set()
            self._free.wait(120)
        store.close()

    def let_go(self, seconds: float = 0.0) -> None:
        """Let it go, at once or after a while."""
        threading.Event().wait(seconds)  # how long it is held is what this is about
        self._free.set()
        self._thread.join()


def _all_write(visitors: list[Any], timing: Timing) -> tuple[list[Any], Callable[[], None]]:
    """Let everybody choose at once; give where their answers come, and what waits for them."""
    answers: list[Any] = []

    def write(visitor: Any) -> None:
        answers.append(visitor.post("/account/letters", {"timing": timing.value, "calendar": "link"}))

    threads = [threading.Thread(target=write, args=(visitor,)) for visitor in visitors]
    for thread in threads:
        thread.start()

    def wait() -> None:
        for thread in threads:
            thread.join()

    return answers, wait


def _chosen(parts: Parts, visitors: list[Any]) -> list[Timing]:
    with parts.store.read() as db:
        return [readers.choice_of(db, v.person_id).timing for v in visitors]


def _read(visitor: Any, took: list[float]) -> None:
    began = perf_counter()
    assert visitor.get("/account").status_code == 200
    took.append(perf_counter() - began)


def _p99(took: list[float]) -> float:
    return sorted(took)[int(len(took) * 0.99)]


@pytest.mark.parametrize(
    ("times", "patience", "short", "long"), [(1, 1, 0.3, 0.0), pytest.param(20, 5, 3.0, 30.0, marks=pytest.mark.soak)]
)
def test_a_held_lock_is_waited_for_and_then_said(  # noqa: PLR0917 -- fixtures
    monkeypatch: pytest.MonkeyPatch, sign_in: Any, parts: Parts, times: int, patience: int, short: float, long: float,
    proved: Proved,
) -> None:  # fmt: skip
    monkeypatch.setattr(store_module, "LOCK_SECONDS", patience)
    parts.store.engine.dispose()  # each connection keeps the patience it was made with
    visitors = [sign_in(role) for role in WRITERS]
    reader = sign_in("coordinator")
    free: list[float] = []
    held: list[float] = []
    for number in range(times):
        wanted, other = (Timing.MORNING, Timing.FEED) if number % 2 else (Timing.FEED, Timing.MORNING)
        for _ in range(READS):
            _read(reader, free)
        holder = Holder(parts)
        answers, wait = _all_write(visitors, wanted)
        holder.let_go(short)
        wait()
        assert [one.status_code for one in answers] == [303] * len(visitors)
        assert _chosen(parts, visitors) == [wanted] * len(visitors)
        holder = Holder(parts)
        began = perf_counter()
        answers, wait = _all_write(visitors, other)
        while len(answers) < len(visitors) or perf_counter() - began < long:
            _read(reader, held)
        wait()
        holder.let_go()
        assert [one.status_code for one in answers] == [503] * len(visitors)
        assert all(int(one.headers["Retry-After"]) > 0 for one in answers)
        assert _chosen(parts, visitors) == [wanted] * len(visitors)
        proved(written=len(visitors), refused=len(answers), reads_beside=len(held))
    proved.note(reads_p99_ratio=_p99(held) / _p99(free))
    if times > 1:  # one round says nothing about a percentile
        assert _p99(held) <= 2 * _p99(free)
