"""What is due: by rhythms in UTC and the ledger, nothing else."""

from datetime import UTC, datetime, timedelta

import pytest

from devsys.faces.jobs.due import FIRST_START, MOST_MISSED, RHYTHMS, ROLL, TIDY, Due, Rhythm, due

HOURLY = Rhythm(TIDY, datetime(2024, 1, 1, tzinfo=UTC), timedelta(hours=1))
WEEKLY = Rhythm(ROLL, datetime(2024, 1, 1, 3, tzinfo=UTC), timedelta(weeks=1))
NOW = datetime(2026, 1, 5, 9, 20, tzinfo=UTC)


def _at(hour: int, day: int = 5) -> str:
    return datetime(2026, 1, day, hour, tzinfo=UTC).isoformat()


def test_the_horizon_rolls_on_mondays_at_three() -> None:
    weekly = next(r for r in RHYTHMS if r.job == ROLL)
    assert weekly.latest(datetime(2026, 1, 5, 2, 59, tzinfo=UTC)) == datetime(2025, 12, 29, 3, tzinfo=UTC)
    assert weekly.latest(datetime(2026, 1, 5, 3, tzinfo=UTC)) == datetime(2026, 1, 5, 3, tzinfo=UTC)


def test_rhythms_have_jobs_of_their_own() -> None:
    assert len({r.job for r in RHYTHMS}) == len(RHYTHMS)


def test_a_job_never_seen_begins_with_the_next_time() -> None:
    assert list(due(NOW, {}, (HOURLY,))) == [Due(TIDY, _at(9), FIRST_START)]


def test_nothing_is_due_twice() -> None:
    assert list(due(NOW, {TIDY: _at(9)}, (HOURLY,))) == []


def test_the_newest_missed_time_is_done_and_the_others_are_explained() -> None:
    found = list(due(NOW, {TIDY: _at(6)}, (HOURLY,)))
    assert [(d.period, bool(d.skip)) for d in found] == [(_at(7), True), (_at(8), True), (_at(9), False)]
    assert "5 January 2026, 09:00 UTC" in found[0].skip


def test_a_clock_that_went_back_gives_nothing_until_it_has_caught_up() -> None:
    last = {TIDY: _at(9)}
    assert list(due(NOW - timedelta(hours=1), last, (HOURLY,))) == []
    assert [d.period for d in due(NOW + timedelta(hours=1), last, (HOURLY,))] == [_at(10)]


def test_a_very_long_stop_is_explained_for_the_newest_times_only() -> None:
    found = list(due(NOW, {TIDY: _at(9, day=1).replace("2026", "2020")}, (HOURLY,)))
    assert len(found) == MOST_MISSED
    assert [d.skip for d in found if not d.skip] == [""]


@pytest.mark.parametrize("weeks", [1, 13, 30, 47])
def test_weeks_are_exact_over_clock_changes_everywhere(weeks: int) -> None:
    now = NOW + timedelta(weeks=weeks)
    assert [d.period for d in due(now, {ROLL: WEEKLY.latest(now - timedelta(weeks=1)).isoformat()}, (WEEKLY,))] == [
        WEEKLY.latest(now).isoformat()
    ]
    assert WEEKLY.latest(now).weekday() == 0
