"""The weeks of tests/stories/test_life.py from many seeds: other people fall ill, other dates are taken."""

import pytest

from tests.stories.life import Life
from tests.stories.test_life import life, play

__all__ = ["life"]

pytestmark = [pytest.mark.soak, pytest.mark.timeout(900)]


@pytest.fixture(params=range(100, 116))
def seed(request: pytest.FixtureRequest) -> int:
    return int(request.param)


def test_weeks_of_life_from_any_seed_end_with_every_calendar_as_published(life: Life) -> None:
    try:
        play(life)
    finally:
        print("\n" + "\n".join(life.journal))  # noqa: T201 -- which story it was
