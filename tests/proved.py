"""What a test proved, in numbers: kills inside, writes answered, requests made. One that proved nothing fails."""

import json
from collections import Counter
from collections.abc import Iterator

import pytest

KEY = pytest.StashKey[dict[str, float]]()


class Proved:
    """Counts of one test; `proved(kills_inside=7)` adds, `note(worst_ratio=1.2)` says a figure that is no count."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.figures: dict[str, float] = {}

    def __call__(self, **counts: int) -> None:
        self.counts.update(counts)

    def note(self, **figures: float) -> None:
        """Keep figures beside the counts, as they are."""
        self.figures.update({name: round(value, 3) for name, value in figures.items()})


@pytest.fixture
def proved(request: pytest.FixtureRequest) -> Iterator[Proved]:
    """Take what the test proved; every count named has to be more than nothing, and there has to be one."""
    made = Proved()
    yield made
    report = {**made.counts, **made.figures}
    request.node.stash[KEY] = report
    request.node.user_properties.append(("proved", json.dumps(report)))
    if not request.node.stash.get(FAILED, False):
        assert made.counts, "this test proved nothing"
        assert not [name for name, number in made.counts.items() if not number], f"this proved nothing: {report}"


FAILED = pytest.StashKey[bool]()
