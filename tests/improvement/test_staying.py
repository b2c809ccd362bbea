"""Sites: shares at set months where twenty are watched; old hands count from where the record begins."""

from datetime import date, timedelta

import pytest

from devsys.core.improvement.staying import LEAST, Stay, record_of, staying

TODAY = date(2026, 1, 5)


def _stay(days_ago: int, days: int | None = None) -> Stay:
    joined = TODAY - timedelta(days_ago)
    return Stay(joined, None if days is None else joined + timedelta(days))


def test_the_record_begins_the_day_before_the_first_known_leaving_or_with_the_house() -> None:
    stays = [_stay(900), _stay(800, 100), _stay(700, 300)]
    assert record_of(stays, TODAY) == TODAY - timedelta(701)
    assert record_of([_stay(900)], TODAY) == TODAY
    assert record_of(stays, TODAY - timedelta(900)) == TODAY - timedelta(900)


def test_shares_stand_at_set_months_with_how_many_are_watched() -> None:
    stays = [_stay(800) for _ in range(36)] + [_stay(800, 200) for _ in range(4)]
    found = staying(stays, TODAY - timedelta(900), TODAY)
    assert found.people == 40
    assert [(s.months, round(s.share, 3), s.at_risk) for s in found.shares] == [
        (3, 1, 40),
        (6, 1, 40),
        (12, 0.9, 36),
        (24, 0.9, 36),
    ]
    assert found.shares[2].lower < 0.9 < found.shares[2].upper
    assert [round(share, 3) for _, share in found.steps] == [0.9]
    assert found.median is None


def test_old_hands_count_from_where_the_record_begins() -> None:
    hands = [_stay(3000) for _ in range(40)]
    joiners = [_stay(300, 100) for _ in range(20)] + [_stay(300) for _ in range(20)]
    found = staying(hands + joiners, TODAY - timedelta(400), TODAY)
    assert [(s.months, s.share, s.at_risk) for s in found.shares][:2] == [(3, 1, 40), (6, 0.5, 20)]
    assert found.median == pytest.approx(100 / 365.25 * 12)


@pytest.mark.parametrize("count", [0, 4, LEAST - 1])
def test_fewer_than_twenty_show_nothing(count: int) -> None:
    found = staying([_stay(400) for _ in range(count)], TODAY - timedelta(900), TODAY)
    assert (found.people, found.shares, found.steps, found.median) == (count, (), (), None)


def test_who_left_before_the_record_or_has_not_joined_is_left_out() -> None:
    stays = [_stay(400) for _ in range(20)] + [_stay(800, 10), _stay(-5)]
    assert staying(stays, TODAY - timedelta(500), TODAY).people == 20


def test_somebody_who_will_leave_is_still_here() -> None:
    stays = [_stay(400) for _ in range(20)] + [_stay(400, 500)]
    found = staying(stays, TODAY - timedelta(500), TODAY)
    assert found.people == 21
    assert found.steps == ()


def test_the_curve_ends_with_the_last_month_before_fewer_than_twenty_are_watched() -> None:
    found = staying([_stay(500, 100 + 10 * i) for i in range(25)], TODAY - timedelta(600), TODAY)
    assert [s.months for s in found.shares] == [3]
    assert len(found.steps) == 3  # on days 100, 110 and 120; 150 days on 19 are left, and month 4 is the last with 20
    assert found.median is None


def test_what_lies_behind_a_stretch_with_few_is_not_shown() -> None:
    """A young record: joiners of the last months, and old hands of five years; nobody in between."""
    stays = [_stay(200) for _ in range(30)] + [_stay(1800) for _ in range(40)]
    found = staying(stays, TODAY - timedelta(365), TODAY)
    assert [s.months for s in found.shares] == [3, 6]
