from datetime import UTC, datetime, timedelta

from devsys.core.feeds.names import first_stamps, later, next_revised, next_stamps, own_sequence
from devsys.core.feeds.vevent import Stamps

NOON = datetime(2026, 1, 12, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def test_first_stamps_are_the_sessions_and_never_before_it_was_created() -> None:
    assert first_stamps(3, NOON, NOON - SECOND) == Stamps(3, NOON)
    assert first_stamps(0, NOON - SECOND, NOON) == Stamps(0, NOON)


def test_next_stamps_take_the_time_of_the_session_when_it_changed() -> None:
    assert next_stamps(Stamps(1, NOON), 2, NOON + SECOND, NOON + 9 * SECOND) == Stamps(2, NOON + SECOND)


def test_next_stamps_take_the_moment_when_the_session_did_not_change() -> None:
    assert next_stamps(Stamps(1, NOON), 1, NOON - SECOND, NOON + 9 * SECOND) == Stamps(1, NOON + 9 * SECOND)


def test_next_stamps_never_fall() -> None:
    assert next_stamps(Stamps(5, NOON), 2, NOON - SECOND, NOON - SECOND) == Stamps(5, NOON + SECOND)
    assert next_stamps(Stamps(5, NOON), 5, NOON, NOON) == Stamps(5, NOON + SECOND)


def test_own_sequence_grows_with_each_turn() -> None:
    assert [own_sequence(4, turns) for turns in range(3)] == [4, 5, 6]


def test_next_revised_is_whole_seconds_and_strictly_increases() -> None:
    assert next_revised(NOON, NOON + 2.5 * SECOND) == NOON + 2 * SECOND
    assert next_revised(NOON, NOON + 0.4 * SECOND) == NOON + SECOND
    assert next_revised(NOON, NOON - 5 * SECOND) == NOON + SECOND
    assert later(NOON, NOON) == NOON + SECOND
