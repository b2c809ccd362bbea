"""Wall time into slots: every kind of clock change, and rounding inward where half hours do not fit."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from devsys.base.errors import InvalidError
from devsys.core.model import hours
from devsys.core.model.calendar import Horizon
from devsys.core.model.people import Absence, Shift, ShiftPattern
from tests import builders

CLOCK_CHANGES = (
    # zone, Monday before, day, its length in half hours
    ("Europe/Berlin", date(2026, 3, 23), date(2026, 3, 29), 46),
    ("Europe/Berlin", date(2026, 10, 19), date(2026, 10, 25), 50),
    ("America/New_York", date(2026, 3, 2), date(2026, 3, 8), 46),
    ("America/New_York", date(2026, 10, 26), date(2026, 11, 1), 50),
    ("Australia/Sydney", date(2026, 3, 30), date(2026, 4, 5), 50),
    ("Australia/Sydney", date(2026, 9, 28), date(2026, 10, 4), 46),
    ("America/Santiago", date(2026, 3, 30), date(2026, 4, 4), 50),  # 23:00 to 24:00 twice
    ("America/Santiago", date(2026, 8, 31), date(2026, 9, 6), 46),  # begins at 01:00
    ("Australia/Lord_Howe", date(2026, 3, 30), date(2026, 4, 5), 49),
    ("Australia/Lord_Howe", date(2026, 9, 28), date(2026, 10, 4), 47),
    ("Africa/Casablanca", date(2026, 2, 9), date(2026, 2, 15), 50),  # Ramadan begins
    ("Africa/Casablanca", date(2026, 3, 16), date(2026, 3, 22), 46),
    ("Asia/Kathmandu", date(2026, 3, 23), date(2026, 3, 29), 48),
    ("Pacific/Chatham", date(2026, 3, 30), date(2026, 4, 5), 50),
    ("Pacific/Apia", date(2011, 12, 26), date(2011, 12, 30), 0),  # the day that was left out
)

WEEKS = tuple((zone, monday) for zone, monday, _, _ in CLOCK_CHANGES)


def a_pattern(*shifts: Shift, weeks: int = 1, anchor: date = date(2024, 1, 1)) -> ShiftPattern:
    return ShiftPattern("p1", "early", weeks, anchor, shifts)


def every_day(start: time, end: time | None, lunch: tuple[time, time] | None = None) -> ShiftPattern:
    begin, back = lunch or (None, None)
    return a_pattern(*(Shift(1, day, start, end, begin, back) for day in range(7)))


ROUND_THE_CLOCK = every_day(time(0), None)


def slots(spans: tuple[hours.Span, ...]) -> set[int]:
    return {slot for first, end in spans for slot in range(first, end)}


def walked(pattern: ShiftPattern, zone: str, horizon: Horizon) -> set[int]:
    """Slots at work found the slow way: each minute of each slot looked up on the wall clock."""
    tz, found = ZoneInfo(zone), set()
    for slot in range(horizon.weeks * 336):
        start = datetime.combine(horizon.start, time(), UTC) + timedelta(minutes=30 * slot)
        walls = [(start + timedelta(minutes=m)).astimezone(tz).replace(tzinfo=None) for m in range(30)]
        if all(at_work(pattern, wall) for wall in walls):
            found.add(slot)
    return found


def at_work(pattern: ShiftPattern, wall: datetime) -> bool:
    for shift in pattern.shifts:
        if (shift.week, shift.weekday) != (hours.cycle_week(pattern, wall.date()), wall.weekday()):
            continue
        lunch = shift.lunch_start is not None and shift.lunch_start <= wall.time() < (shift.lunch_end or time.max)
        if shift.start <= wall.time() and (shift.end is None or wall.time() < shift.end) and not lunch:
            return True
    return False


@pytest.mark.parametrize(("zone", "monday", "day", "length"), CLOCK_CHANGES)
def test_days_are_as_long_as_the_clocks_make_them(zone: str, monday: date, day: date, length: int) -> None:
    found = hours.midnights(zone, Horizon(monday, 2))
    i = (day - monday).days
    assert found[i + 1] - found[i] == length
    assert list(found) == sorted(found)


def test_midnights_reach_two_days_past_the_horizon_and_round_up() -> None:
    found = hours.midnights("Asia/Kathmandu", Horizon(date(2026, 1, 5), 1))
    assert len(found) == 9
    assert found[:2] == (-11, 37)  # 18:15 UTC of the day before lies in slot -12; the next slot is the first whole one


@pytest.mark.parametrize(("zone", "monday"), WEEKS)
def test_office_hours_agree_with_the_wall_clock(zone: str, monday: date) -> None:
    pattern = every_day(time(8, 30), time(17), (time(12, 15), time(13)))
    horizon = Horizon(monday, 1)
    assert slots(hours.slots_at_work(pattern, zone, horizon)) == walked(pattern, zone, horizon)


@pytest.mark.parametrize(("zone", "monday"), WEEKS)
def test_nights_agree_with_the_wall_clock(zone: str, monday: date) -> None:
    nights = [Shift(1, d, time(22), None) for d in range(7)] + [Shift(1, d, time(0), time(6)) for d in range(7)]
    horizon = Horizon(monday, 1)
    pattern = a_pattern(*nights)
    assert slots(hours.slots_at_work(pattern, zone, horizon)) == walked(pattern, zone, horizon)


@pytest.mark.parametrize(("zone", "monday"), WEEKS)
def test_who_always_works_works_every_slot(zone: str, monday: date) -> None:
    assert hours.slots_at_work(ROUND_THE_CLOCK, zone, Horizon(monday, 1)) == ((0, 336),)


def test_a_night_is_one_span_and_an_hour_longer_when_the_clocks_go_back() -> None:
    pattern = a_pattern(Shift(1, 5, time(22), None), Shift(1, 6, time(0), time(6)))
    usual = hours.slots_at_work(pattern, "Europe/Berlin", Horizon(date(2026, 10, 12), 1))
    longer = hours.slots_at_work(pattern, "Europe/Berlin", Horizon(date(2026, 10, 19), 1))
    shorter = hours.slots_at_work(pattern, "Europe/Berlin", Horizon(date(2026, 3, 23), 1))
    assert [end - first for ((first, end),) in (usual, longer, shorter)] == [16, 18, 14]


def test_slots_round_inward_where_half_hours_lie_across_them() -> None:
    pattern = every_day(time(9), time(17))
    (first, *_) = hours.slots_at_work(pattern, "Asia/Kathmandu", Horizon(date(2026, 1, 5), 1))
    assert first == (7, 22)  # 03:15 to 11:15 UTC: whole slots from 03:30 to 11:00


def test_lunch_is_not_at_work_and_rounds_outward() -> None:
    pattern = a_pattern(Shift(1, 0, time(8), time(16), time(12, 10), time(12, 40)))
    assert hours.slots_at_work(pattern, "UTC", Horizon(date(2026, 1, 5), 1)) == ((16, 24), (26, 32))


def test_a_cycle_counts_its_weeks_from_the_anchor_backward_too() -> None:
    pattern = a_pattern(
        Shift(1, 0, time(8), time(9)), Shift(3, 0, time(12), time(13)), weeks=3, anchor=date(2026, 2, 2)
    )
    found = hours.slots_at_work(pattern, "UTC", Horizon(date(2026, 1, 5), 5))
    weeks = [(first // 336, first % 336, end - first) for first, end in found]
    assert weeks == [(0, 24, 2), (1, 16, 2), (3, 24, 2), (4, 16, 2)]


def test_public_holidays_are_off_by_the_local_day_the_shift_is_written_on() -> None:
    pattern = a_pattern(Shift(1, 0, time(22), None), Shift(1, 1, time(0), time(6)))
    horizon = Horizon(date(2026, 1, 5), 1)
    found = hours.slots_at_work(pattern, "UTC", horizon, holidays=frozenset({date(2026, 1, 6)}))
    assert found == ((44, 48),)


def test_absences_take_every_slot_they_touch() -> None:
    away = Absence("a", datetime(2026, 1, 5, 9, 10), datetime(2026, 1, 5, 9, 50))
    found = hours.slots_at_work(every_day(time(8), time(12)), "UTC", Horizon(date(2026, 1, 5), 1), absences=(away,))
    assert found[:3] == ((16, 18), (20, 24), (64, 72))


def test_an_absence_over_a_clock_change_is_local() -> None:
    away = Absence("a", datetime(2026, 3, 28), datetime(2026, 3, 30))
    found = hours.slots_at_work(ROUND_THE_CLOCK, "Europe/Berlin", Horizon(date(2026, 3, 23), 2), absences=(away,))
    assert found == ((0, 5 * 48 - 2), (7 * 48 - 4, 672))


def test_nobody_works_before_joining_or_after_leaving() -> None:
    horizon = Horizon(date(2026, 1, 5), 1)
    found = hours.slots_at_work(
        ROUND_THE_CLOCK, "America/New_York", horizon, joined=date(2026, 1, 6), left=date(2026, 1, 8)
    )
    assert found == ((48 + 10, 3 * 48 + 10),)
    assert hours.slots_at_work(ROUND_THE_CLOCK, "UTC", horizon, joined=date(2026, 1, 5), left=date(2026, 1, 12)) == (
        (0, 336),
    )


def test_without_a_pattern_nobody_is_at_work() -> None:
    assert hours.slots_at_work(None, "UTC", Horizon(date(2026, 1, 5), 1)) == ()


def test_a_time_that_the_clocks_leave_out_is_refused_for_sessions_and_moved_for_shifts() -> None:
    wall = datetime(2026, 3, 29, 2, 30)
    with pytest.raises(InvalidError, match="03:30"):
        hours.instant(wall, "Europe/Berlin")
    assert hours.instant_forward(wall, "Europe/Berlin") == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    with pytest.raises(InvalidError, match="does not exist"):
        hours.instant(datetime(2026, 9, 6, 0, 0), "America/Santiago")
    with pytest.raises(InvalidError, match="02:40"):
        hours.instant(datetime(2026, 10, 4, 2, 10), "Australia/Lord_Howe")


def test_a_time_in_a_repeated_hour_is_its_first_pass() -> None:
    assert hours.instant(datetime(2026, 10, 25, 2, 30), "Europe/Berlin") == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert hours.repeated("Europe/Berlin", Horizon(date(2026, 10, 19), 2)) == ((6 * 48 + 2, 6 * 48 + 4),)
    assert hours.repeated("Australia/Lord_Howe", Horizon(date(2026, 3, 30), 2)) == ((5 * 48 + 30, 5 * 48 + 31),)
    assert hours.repeated("America/Santiago", Horizon(date(2026, 3, 30), 1)) == ((6 * 48 + 6, 6 * 48 + 8),)
    assert hours.repeated("Asia/Kathmandu", Horizon(date(2026, 3, 30), 2)) == ()


def test_shifts_whose_borders_lie_in_clock_changes_keep_one_rule() -> None:
    pattern = a_pattern(Shift(1, 6, time(0), time(2, 30)), Shift(1, 6, time(2, 30), time(5)))
    back = hours.slots_at_work(pattern, "Europe/Berlin", Horizon(date(2026, 10, 19), 1))
    ahead = hours.slots_at_work(pattern, "Europe/Berlin", Horizon(date(2026, 3, 23), 1))
    assert back == ((6 * 48 - 4, 6 * 48 + 8),)
    assert ahead == ((6 * 48 - 2, 6 * 48 + 6),)
    lost = a_pattern(Shift(1, 6, time(2, 30), time(3, 15)))
    assert hours.slots_at_work(lost, "Europe/Berlin", Horizon(date(2026, 3, 23), 1)) == ()


def test_local_is_the_wall_clock_of_an_instant() -> None:
    assert hours.local(datetime(2026, 1, 5, 9, tzinfo=UTC), "Asia/Kathmandu") == datetime(2026, 1, 5, 14, 45)


def test_slots_and_instants_are_two_sides() -> None:
    horizon = Horizon(date(2026, 1, 5), 1)
    moment = datetime(2026, 1, 5, 9, 10, tzinfo=UTC)
    assert (hours.slot_of(moment, horizon), hours.slot_from(moment, horizon)) == (18, 19)
    assert hours.instant_of(18, horizon) == datetime(2026, 1, 5, 9, tzinfo=UTC)
    before = datetime(2026, 1, 4, 23, 50, tzinfo=UTC)
    assert (hours.slot_of(before, horizon), hours.slot_from(before, horizon)) == (-1, 0)


@pytest.mark.parametrize("name", ["Europe/Atlantis", "../../etc/passwd", "localtime", "", "A" * 5000, "europe/berlin"])
def test_only_known_zones_are_taken(name: str) -> None:
    with pytest.raises(InvalidError, match="no time zone"):
        hours.zone_of(name)


def test_without_takes_spans_out_and_shares_the_rest() -> None:
    spans = ((0, 4), (6, 8), (10, 14))
    assert hours.without(spans, [(4, 6), (8, 10)]) == spans
    assert hours.without(spans, [(2, 11)]) == ((0, 2), (11, 14))
    assert hours.without(spans, [(11, 12), (1, 2)]) == ((0, 1), (2, 4), (6, 8), (10, 11), (12, 14))
    assert hours.without(spans, [(-5, 50)]) == ()
    assert hours.without(spans, [])[0] is spans[0]


def test_everybody_works_by_the_clock_of_their_own_site() -> None:
    organisation = builders.an_organisation(
        absences=(Absence(builders.id_of("ana.correia"), datetime(2026, 1, 5), datetime(2026, 1, 6)),)
    )
    found = hours.hours_of(organisation, Horizon(builders.MONDAY, 1))
    ana, bruno, deepa = (found[builders.id_of(c)] for c in ("ana.correia", "bruno.matos", "deepa.thapa"))
    assert bruno[:2] == ((16, 24), (25, 32))
    assert ana == bruno[2:]
    assert deepa[:2] == ((7, 14), (16, 22))  # 09:00 to 13:00 and 13:30 to 17:00 at UTC+5:45
    assert found[builders.id_of("olivia.brandt")] == ()
    assert len(deepa) == 10
    assert sum(b - a for a, b in bruno) == 5 * 15
