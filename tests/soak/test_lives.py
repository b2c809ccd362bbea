"""Two weeks of life from many seeds: others fall ill, other dates are taken than in tests/stories/test_life.py."""

import pytest

from tests.stories import life_events as what
from tests.stories.life import Life
from tests.stories.test_life import WEEKS, life, play

__all__ = ["life"]

pytestmark = [pytest.mark.soak, pytest.mark.timeout(900)]


LONGER = (
    WEEKS[0],
    (
        (what.the_horizon_rolls, what.a_facilitator_is_ill, what.somebody_cannot_come),
        (what.the_mail_server_is_away, what.an_agent_is_ill),
        (what.somebody_leaves, what.a_session_is_handed_over),
        (what.nobody_knows_how_long, what.there_and_back, what.a_session_moves),
        (what.somebody_cannot_come, what.somebody_chooses_invitations),
    ),
)


@pytest.fixture(params=range(100, 117))
def seed(request: pytest.FixtureRequest) -> int:
    return int(request.param)


def test_weeks_of_life_from_any_seed_end_with_every_calendar_as_published(life: Life) -> None:
    try:
        play(life, LONGER)
    finally:
        print("\n" + "\n".join(life.journal))  # noqa: T201 -- which story it was
