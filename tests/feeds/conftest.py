"""What the feed tests share: readers that are installed once, golden files."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.feeds import readers

GOLDEN = Path(__file__).parent.parent / "golden" / "feeds"


@pytest.fixture(scope="session")
def ical_js(pytestconfig: pytest.Config) -> Path:
    """The folder in which ical.js reads for us; left out loudly where it cannot be had."""
    return readers.node_modules(pytestconfig.cache.mkdir("devsys-readers"))


@pytest.fixture
def golden(update_golden: bool) -> Callable[[str, bytes], None]:  # noqa: FBT001 -- a fixture
    """Compare bytes with a golden file: `golden("person.ics", body)`; rewritten only with --update-golden."""

    def compare(name: str, found: bytes) -> None:
        path = GOLDEN / name
        if update_golden:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(found)
        assert path.exists(), f"{name} is not there yet: run with --update-golden and look at it"
        assert found == path.read_bytes(), f"{name} differs: look at the difference, then --update-golden"

    return compare
