from datetime import UTC, date, datetime, timedelta

from devsys.base.limits import FEED_BYTES
from devsys.core.feeds.window import FRAME_BYTES, FULL, Candidate, choose, stands

TODAY = date(2026, 1, 5)
NINE = datetime(2026, 1, 5, 9, tzinfo=UTC)
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)


def a_candidate(days: float, *, cancelled: bool = False, size: int = 700, code: str = "") -> Candidate:
    start = NINE + timedelta(days=days)
    return Candidate(code or f"{days:+09.2f}", "", "own", start, start + HOUR, cancelled, size)


def between(start: datetime, end: datetime) -> Candidate:
    return Candidate("a", "", "own", start, end, cancelled=False, size=700)


def names(found: tuple[Candidate, ...]) -> list[str]:
    return [c.session_id for c in found]


def test_a_session_stands_from_400_days_before_to_60_days_after() -> None:
    assert stands(a_candidate(400), TODAY)
    assert not stands(a_candidate(401), TODAY)
    assert stands(a_candidate(-60), TODAY)
    assert not stands(a_candidate(-61), TODAY)


def test_the_edges_of_the_window_are_midnights_in_utc() -> None:
    midnight = datetime(2025, 11, 6, tzinfo=UTC)
    ends_at_midnight = between(midnight - HOUR, midnight)
    assert not stands(ends_at_midnight, TODAY)
    assert stands(between(midnight - HOUR, midnight + SECOND), TODAY)
    far = datetime(2027, 2, 10, tzinfo=UTC)
    assert not stands(between(far, far + HOUR), TODAY)
    assert stands(between(far - SECOND, far + HOUR), TODAY)


def test_a_tombstone_ends_14_days_after_its_session() -> None:
    assert stands(a_candidate(-14, cancelled=True), TODAY)
    assert not stands(a_candidate(-15, cancelled=True), TODAY)


def test_choose_shows_a_cancelled_session_only_where_it_was_seen() -> None:
    found = [a_candidate(3, cancelled=True), a_candidate(4)]
    assert names(choose(found, frozenset(), TODAY)) == names((found[1],))
    assert names(choose(found, {found[0].session_id}, TODAY)) == names(tuple(found))


def test_choose_gives_them_in_order_of_start() -> None:
    found = [a_candidate(9), a_candidate(-3), a_candidate(2, code="b"), a_candidate(2, code="a")]
    assert names(choose(found, (), TODAY)) == [found[1].session_id, "a", "b", found[0].session_id]


def test_choose_gives_a_feed_near_one_megabyte_a_shorter_future() -> None:
    found = [a_candidate(day, size=9_000) for day in range(200)]
    shown = choose(found, (), TODAY)
    assert sum(c.size for c in shown) + FRAME_BYTES <= FULL
    assert names(shown) == names(tuple(found[: len(shown)]))
    assert len(shown) == (FULL - FRAME_BYTES) // 9_000


def test_choose_never_takes_back_what_was_shown_at_the_far_edge() -> None:
    found = [a_candidate(day, size=9_000) for day in range(200)]
    first = choose(found, (), TODAY)
    more = [a_candidate(day + 0.5, size=9_000, code=f"new-{day}") for day in range(5)]
    second = choose([*found, *more], names(first), TODAY)
    assert set(names(first)) | {c.session_id for c in more} == set(names(second))
    assert sum(c.size for c in second) + FRAME_BYTES <= FEED_BYTES


def test_choose_moves_the_far_edge_on_only_where_there_is_room() -> None:
    found = [a_candidate(day, size=9_000) for day in range(200)]
    first = choose(found, (), TODAY)
    third = choose(found, names(first), TODAY + timedelta(days=70))
    assert set(names(first)) - set(names(third)) == {
        c.session_id for c in found if c.ends_utc < NINE + timedelta(days=10)
    }
    assert len(third) == len(first)


def test_choose_drops_the_far_end_when_the_whole_is_too_large() -> None:
    found = [a_candidate(day, size=9_000) for day in range(98)]
    first = choose(found, names(tuple(found)), TODAY)
    more = [a_candidate(day + 0.5, size=9_000, code=f"new-{day}") for day in range(40)]
    second = choose([*found, *more], names(first), TODAY)
    assert {c.session_id for c in more} <= set(names(second))
    assert sum(c.size for c in second) + FRAME_BYTES <= FULL
