"""One ledger for a run of benches; at the end the table, and docs/benchmarks.md when every row of it is there."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.bench.cases import Case, Job
from tests.bench.ledger import Ledger, Unavailable

_LEDGER = Ledger()
Take = Callable[[Case, str], dict[str, Any]]


@pytest.fixture(scope="session")
def ledger() -> Ledger:
    """The results of this machine and this code."""
    return _LEDGER


def wanted(items: list[pytest.Item]) -> Iterator[Job]:
    """Give the peers' jobs of the tests that were chosen: they are limited, so they may run beside each other."""
    for item in items:
        case = getattr(item, "callspec", None) and item.callspec.params.get("case")  # type: ignore[attr-defined]
        if isinstance(case, Case):
            theirs = ("Timefold",) if "timefold" in item.name else tuple(p for p in case.peers if p != "Timefold")
            yield from (case.job(p) for p in theirs)


@pytest.fixture(scope="session")
def prepared(ledger: Ledger, request: pytest.FixtureRequest) -> Ledger:
    """The ledger once the peers have run."""
    ledger.prepare(wanted(request.session.items))
    return ledger


@pytest.fixture
def take(prepared: Ledger) -> Take:
    """Give the result of one planner on the instance of a case; leaves the test out where it cannot be run."""

    def found(case: Case, what: str, again: int = 0) -> dict[str, Any]:
        return take_job(prepared, case.job(what, again))

    return found


def take_job(ledger: Ledger, job: Job) -> dict[str, Any]:
    """Give the result of a job, or leave the test out loudly."""
    try:
        return ledger.result(job)
    except Unavailable as error:
        pytest.skip(str(error))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not _LEDGER.used:
        return
    from tests.bench.report import table, write_pages

    terminalreporter.section("planner benches")
    for line in table(_LEDGER):
        terminalreporter.write_line(line)
    for line in write_pages(_LEDGER):
        terminalreporter.write_line(line)
