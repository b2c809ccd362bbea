"""One ledger for a run of benches; at the end the table, and docs/benchmarks.md when every row of it is there."""

from collections.abc import Callable
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


@pytest.fixture
def take(ledger: Ledger) -> Take:
    """Give the result of one planner on the instance of a case; leaves the test out where it cannot be run."""

    def found(case: Case, what: str, again: int = 0) -> dict[str, Any]:
        return take_job(ledger, case.job(what, again))

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
