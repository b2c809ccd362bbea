"""Absences and closures beside one another: joined, ended, never lost."""

from datetime import datetime, timedelta

from devsys.core.model.absences import Laid, apart, back, laid, without_end
from devsys.core.model.people import Absence, Closure

NOW = datetime(2026, 3, 9, 9)
DAY = timedelta(days=1)


def away(first: int, last: int | None = None, hour: int = 0) -> Absence:
    """Give an absence from a day of March to before another; without one its end is not known."""
    end = None if last is None else datetime(2026, 3, last)
    return Absence("ana", datetime(2026, 3, first, hour), end)


def test_what_overlaps_or_touches_is_one() -> None:
    assert apart([away(9, 12), away(2, 4), away(11, 14), away(4, 5)]) == (away(2, 5), away(9, 14))


def test_what_lies_apart_stays_apart() -> None:
    assert apart([away(9, 10), away(11, 12)]) == (away(9, 10), away(11, 12))


def test_one_without_an_end_begins_where_a_known_one_is_over() -> None:
    assert apart([away(9, 12), away(10)]) == (away(9, 12), away(12))


def test_of_two_without_an_end_the_first_stands() -> None:
    assert apart([away(10), away(9), away(20, 24)]) == (away(9), away(20, 24))


def test_a_new_absence_takes_in_what_it_meets() -> None:
    found = laid([away(9, 10), away(20, 24)], away(10, 12), NOW)
    assert found == Laid((away(9, 10),), (away(9, 12),))


def test_the_same_absence_again_is_no_news() -> None:
    assert not laid([away(9, 12)], away(10, 11), NOW)
    assert not laid([away(9)], away(10), NOW)


def test_an_end_that_becomes_known_ends_what_goes_on() -> None:
    assert laid([away(2)], away(9, 12), NOW) == Laid((away(2),), (away(2, 12),))


def test_a_holiday_later_stays_beside_what_goes_on() -> None:
    """Somebody is ill and will be on holiday in two weeks: both are known, and both stay."""
    assert laid([away(2)], away(23, 28), NOW) == Laid((), (away(23, 28),))


def test_back_ends_what_holds_the_moment_and_leaves_the_rest() -> None:
    since = datetime(2026, 3, 9, 13)
    found = back([away(2), away(23, 28)], since)
    assert found == Laid((away(2),), (Absence("ana", datetime(2026, 3, 2), since),))
    assert not back([away(2, 4), away(23, 28)], since)


def test_back_at_the_start_takes_it_back_whole() -> None:
    assert back([away(9, 12)], datetime(2026, 3, 9)) == Laid((away(9, 12),), ())


def test_a_room_is_closed_in_the_same_way() -> None:
    closed = Closure("mewa", NOW, None)
    assert laid([closed], Closure("mewa", NOW, NOW + DAY), NOW) == Laid((closed,), (Closure("mewa", NOW, NOW + DAY),))


def test_without_end_asks_for_one_that_has_begun() -> None:
    assert without_end([away(9)], NOW)
    assert not without_end([away(10), away(2, 28)], NOW)
