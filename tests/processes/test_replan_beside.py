"""Twenty people on pages while a plan is drawn by another process: every page comes, and hardly later (L2).

By default it is counted that all pages come, and that they come before the plan is drawn: some for each of the people,
many more where nobody has to wait. At night ten plans are drawn, and the slow pages are set beside those of the same
people without one.
"""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest

from devsys.actions import draw_plan
from devsys.actions.adopt_programme import adopt_shipped
from devsys.actions.parts import Parts
from devsys.adapters.store.queries import plans, runs
from devsys.core.model.access import Role
from tests.processes.killing import Killer
from tests.proved import Proved

PEOPLE = 20
PAGES = ("/", "/week", "/month", "/year", "/account", "/feeds", "/improvement/")
SLOWER = 2.0
EACH = 5  # pages that come for each of the people before the plan is drawn; where all but the first wait, one or two


@pytest.fixture
def killer() -> Iterator[Killer]:
    made = Killer()
    yield made
    made.end()


@pytest.fixture
def file(parts: Parts) -> Path:
    """Give the database that the process opens."""
    if parts.store.file is None:
        pytest.skip("the process that draws is one for SQLite files")
    return parts.store.file


def _everybody(
    visitors: list[tuple[Any, list[str]]], goes_on: Callable[[int], bool]
) -> tuple[list[int], list[float], int]:
    """Let everybody open page after page of theirs; give the statuses, how long each took, how many came in time."""
    codes: list[int] = []
    took: list[float] = []
    in_time: list[bool] = []

    def look(visitor: Any, pages: list[str], first: int) -> None:
        number = 0
        going = goes_on(number)
        while going:
            began = perf_counter()
            codes.append(visitor.get(pages[(first + number) % len(pages)]).status_code)
            took.append(perf_counter() - began)
            number += 1
            going = goes_on(number)
            in_time.append(going)

    threads = [threading.Thread(target=look, args=(*v, i)) for i, v in enumerate(visitors)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return codes, took, sum(in_time)


def _theirs(visitor: Any) -> list[str]:
    """Give the pages that are there for somebody."""
    found = [path for path in PAGES if visitor.get(path).status_code == 200]
    assert len(found) > 2
    return found


def _p95(took: list[float]) -> float:
    return sorted(took)[int(len(took) * 0.95)]


@pytest.mark.parametrize("times", [1, pytest.param(10, marks=pytest.mark.soak)])
def test_pages_come_while_a_plan_is_drawn(
    *, sign_in: Any, parts: Parts, file: Path, killer: Killer, times: int, proved: Proved
) -> None:
    adopt_shipped(parts, ("case_rounds",))
    theirs = {role: _theirs(sign_in(role)) for role in list(Role)[:5]}
    visitors = [(sign_in(role), theirs[role]) for role in list(theirs) * (PEOPLE // len(theirs))]
    free: list[float] = []
    beside: list[float] = []
    for number in range(times):
        with parts.store.write() as db:
            run_id = runs.ask(db, draw_plan.JOB, period=f"asked-{number}", now=parts.now())
            runs.take(db, parts.now())
        if times > 1:
            codes, took, _ = _everybody(visitors, lambda n: n < len(PAGES))
            assert set(codes) == {200}
            free += took
        drawing = threading.Thread(target=killer.go, args=(file, "draw half a year", run_id))
        drawing.start()
        codes, took, in_time = _everybody(visitors, lambda n, drawing=drawing: not n or drawing.is_alive())
        drawing.join()
        assert set(codes) == {200}
        assert in_time >= EACH * PEOPLE, "pages that come once it is drawn prove nothing of those who look meanwhile"
        beside += took
        with parts.store.read() as db:
            assert runs.get(db, run_id).state == "done"
            assert len(plans.open_drafts(db)) == number + 1
        proved(pages_beside=in_time, replans=1)
    if times > 1:
        proved.note(p95_ratio=_p95(beside) / _p95(free))
        assert _p95(beside) <= SLOWER * _p95(free)
