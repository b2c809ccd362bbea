"""Several workers in processes of their own: each due time is one row and one effect, whoever is killed, whenever.

The clock is told to each with its tick, so that hours go by as fast as they are worked off.
"""

import multiprocessing
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from random import Random

import pytest
from sqlalchemy import text

from devsys.adapters.store.queries import runs
from devsys.adapters.store.store import Store
from tests.builders import NOW
from tests.processes.ticking import JOB, work
from tests.proved import Proved

HOUR = timedelta(hours=1)
PLACES = ("before", "inside", "after")


MAKER = multiprocessing.get_context("forkserver")  # each begins at once: what it imports is loaded already
MAKER.set_forkserver_preload(["tests.processes.ticking"])


class Workers:
    """Worker processes on one database; who is killed is followed by another when it is asked for."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.store = Store(url)
        self._live: list[tuple[ForkServerProcess, Connection]] = []
        self._begun = 0

    def begin(self) -> None:
        """Start one more."""
        mine, its = MAKER.Pipe()
        process = MAKER.Process(target=work, args=(self.url, f"worker-{self._begun}", its))
        process.start()
        its.close()
        self._live.append((process, mine))
        self._begun += 1

    def tick(self, now: datetime, where: str = "") -> list[str]:
        """Let all tick at the same time, and take what died out; give what each said."""
        for _, line in self._live:
            line.send((now, where))
        said = []
        for one in tuple(self._live):
            try:
                said.append(one[1].recv())
            except (EOFError, ConnectionResetError):
                said.append("died")
                self._end(one)
        return said

    def _end(self, one: tuple[ForkServerProcess, Connection]) -> None:
        process, line = one
        line.close()
        process.join()
        process.close()
        self._live.remove(one)

    def stop(self, many: int | None = None) -> None:
        """Let the first of them, or all, end in order."""
        for one in tuple(self._live[:many]):
            self._end(one)

    def ledger(self) -> dict[str, str]:
        """Give the state of each period; none may stand twice."""
        with self.store.read() as db:
            found = [(r.period, r.state, r.error) for r in runs.listed(db, limit=10_000) if r.job == JOB]
        assert len({period for period, *_ in found}) == len(found)
        assert all(error for _, state, error in found if state == "skipped")
        return {period: state for period, state, _ in found}

    def effects(self) -> Counter[str]:
        """Give how often the effect of each period was written."""
        with self.store.read() as db:
            rows = db.execute(text("SELECT what FROM audit WHERE act = 'effect'")).scalars()
            return Counter(str(what).split(" ")[0] for what in rows)


@pytest.fixture
def workers(database_url: str) -> Iterator[Workers]:
    made = Workers(database_url)
    yield made
    made.stop()
    made.store.close()


@pytest.mark.parametrize("many", [2, 4])
@pytest.mark.parametrize("hours", [25, pytest.param(500, marks=pytest.mark.soak)])
def test_as_many_rows_as_due_times_whoever_leads(workers: Workers, hours: int, many: int, proved: Proved) -> None:
    """All are told the hour at once; every tenth hour the first of them ends and another begins."""
    for _ in range(many):
        workers.begin()
    workers.tick(NOW)
    for hour in range(1, hours + 1):
        now = NOW + hour * HOUR
        assert sum(said == "leads" for said in workers.tick(now)) <= 1
        for _ in range(runs.MOST_TRIES):  # who was just begun may lead with its second tick only
            if workers.ledger().get(now.isoformat()) != "done":
                workers.tick(now)
        if not hour % 10:
            workers.stop(1)
            workers.begin()
    wanted = {(NOW + hour * HOUR).isoformat() for hour in range(1, hours + 1)}
    assert workers.ledger() == {NOW.isoformat(): "skipped", **dict.fromkeys(wanted, "done")}
    assert workers.effects() == Counter(dict.fromkeys(wanted, 1))
    proved(due_times=hours)


@pytest.mark.parametrize("times", [5, pytest.param(200, marks=pytest.mark.soak)])
def test_killed_in_a_job_clocks_that_jump_and_days_without_any(workers: Workers, times: int, proved: Proved) -> None:
    """Each time a worker dies in its job, then the clock goes an hour back or on, or nobody works for 36 hours."""
    random = Random(7)  # noqa: S311 -- the same story in every run
    now = NOW
    workers.begin()
    workers.tick(now)
    first = now
    for number in range(times):
        now += HOUR
        where = PLACES[number % len(PLACES)]
        workers.begin()
        assert "died" in workers.tick(now, where)
        proved(killed=1)
        jump = random.choice((-HOUR, HOUR, 36 * HOUR, timedelta()))
        if jump > HOUR:
            workers.stop()
        workers.begin()
        now += jump
        for _ in range(3):  # what was left is taken over, then what is due is done
            workers.tick(now)
        if jump < timedelta():
            now -= jump
    for _ in range(runs.MOST_TRIES):
        workers.tick(now)
    ledger, effects = workers.ledger(), workers.effects()
    last = max(map(datetime.fromisoformat, ledger))
    assert set(ledger) == {(first + n * HOUR).isoformat() for n in range((last - first) // HOUR + 1)}
    assert set(ledger.values()) == {"done", "skipped"}
    assert effects == Counter(period for period, state in ledger.items() if state == "done")
    proved(done=sum(effects.values()))
