"""The week's values: gaps of shifts, nights, zones between half hours, clock changes, who is away."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
import pytest

from devsys.adapters.store.queries.calendar_figures import Seat
from devsys.core.model.calendar import Horizon
from devsys.core.model.capacity import coverage_of
from devsys.core.model.hours import hours_of
from devsys.core.model.people import Absence
from devsys.faces.web.drawing_week import Off
from devsys.faces.web.staffing import Shortage, Staffing, halves_of, load, shortages, spare_hours_by_week
from devsys.faces.web.week_values import Frame, Row, coverage_days, frame_of, free_times, grid_row
from tests.builders import MONDAY, an_organisation, id_of

LISBON, NEPAL = "Europe/Lisbon", "Asia/Kathmandu"
ABSENT = Absence(id_of("ana.correia"), datetime(2026, 1, 6, 10), datetime(2026, 1, 6, 13))


def staffed(*, absences=(), busy=(), start=MONDAY, weeks=2):
    organisation = replace(an_organisation(absences=absences), busy=busy)
    horizon = Horizon(start, weeks)
    works = hours_of(organisation, horizon)
    return Staffing(horizon, organisation, works, coverage_of(organisation, horizon, works))


def row_of(found, code):
    return Row(id_of(code), code, works=found.works[id_of(code)])


def frame(found, code, zone=LISBON):
    return frame_of(found.horizon.start, zone, found, (row_of(found, code),), ())


def seat(code, queue, day, hour, hours=1):
    starts = datetime.combine(day, time(hour), UTC)
    return Seat("s", id_of(code), id_of(queue), "case_round", starts, starts + timedelta(hours=hours))


def test_the_frame_holds_the_shifts_and_leaves_the_free_weekend_out():
    found = staffed()
    assert frame(found, "ana.correia") == Frame(LISBON, tuple(MONDAY + timedelta(days=i) for i in range(5)), 480, 960)


def test_the_frame_of_nobody_is_a_usual_day():
    assert frame_of(MONDAY, LISBON, staffed(), (), ()).opens == 480


def test_lunch_and_off_shift_are_told_apart():
    found = staffed()
    row = grid_row(row_of(found, "ana.correia"), frame(found, "ana.correia"), found, ())
    tuesday = [off for off in row.off if off.starts.date() == date(2026, 1, 6)]
    assert [(f"{o.starts:%H:%M}", f"{o.ends:%H:%M}", o.kind) for o in tuesday] == [
        ("00:00", "08:00", "off"),
        ("12:00", "12:30", "lunch"),
        ("16:00", "00:00", "off"),
    ]


def test_an_absence_is_away_and_the_rest_stays_what_it_is():
    found = staffed(absences=(ABSENT,))
    row = grid_row(row_of(found, "ana.correia"), frame(found, "ana.correia"), found, (ABSENT,))
    tuesday = [off for off in row.off if off.starts.date() == date(2026, 1, 6)]
    assert ("10:00", "13:00", "away") in [(f"{o.starts:%H:%M}", f"{o.ends:%H:%M}", o.kind) for o in tuesday]
    assert "lunch" not in {o.kind for o in tuesday}


def test_a_room_is_always_there():
    found = staffed()
    assert grid_row(Row("tejo", "Tejo"), frame(found, "ana.correia"), found, ()).off == ()


def test_recovery_stands_beside_the_shifts():
    found = staffed()
    gap = Off(datetime(2026, 1, 6, 11), datetime(2026, 1, 6, 11, 30), "recovery", "recovery")
    row = grid_row(row_of(found, "ana.correia"), frame(found, "ana.correia"), found, (), (gap,))
    assert row.off[-1] == gap


def test_at_utc_plus_5_45_a_local_half_hour_touches_two_slots():
    """Kathmandu's 09:00 is 03:15 UTC: half of the slot of 03:00, half of that of 03:30."""
    found = staffed()
    first, last = halves_of(found, date(2026, 1, 6), NEPAL)[18]
    assert (first, last) == (48 + 6, 48 + 7)


def test_the_slot_with_less_to_spare_stands_for_a_local_half_hour():
    """Nepal's shift begins at 09:00, so 08:30 is staffed for its second half alone: nothing is promised there."""
    found = staffed()
    queue = id_of("technical")
    nothing = np.zeros(found.horizon.weeks * 336, np.int32)
    shown = coverage_days(frame(found, "prakash.rai", NEPAL), found, queue, nothing, nothing)[1]
    assert [(s.required, s.left) for s in shown.slots[17:21]] == [(2, 0), (2, 0), (2, 5), (2, 5)]


@pytest.mark.parametrize(("day", "slots"), [(date(2026, 3, 29), 46), (date(2026, 10, 25), 50), (date(2026, 3, 30), 48)])
def test_a_day_with_a_clock_change_has_48_half_hours_of_its_own_slots(day, slots):
    found = staffed(start=day - timedelta(days=day.weekday() + 7))
    halves = halves_of(found, day, LISBON)
    assert len(halves) == 48
    assert halves[-1][1] - halves[0][0] + 1 == slots


def test_a_day_nobody_is_rostered_on_is_closed():
    found = staffed(start=date(2026, 3, 30))
    nothing = np.zeros(found.horizon.weeks * 336, np.int32)
    days = coverage_days(frame(found, "ana.correia"), found, id_of("billing"), nothing, nothing)
    assert [bool(day.slots) for day in days] == [True, True, True, True, False]  # Good Friday, 3 April


def test_free_is_at_work_and_leading_nothing():
    found = staffed()
    busy = [(datetime(2026, 1, 6, 9), datetime(2026, 1, 6, 10))]
    works = found.works[id_of("tiago.lopes")]
    free = free_times(works, busy, date(2026, 1, 6), frame(found, "tiago.lopes"), found)
    assert [(f"{a:%H:%M}", f"{b:%H:%M}") for a, b in free] == [
        ("08:00", "09:00"),
        ("10:00", "12:00"),
        ("12:30", "16:00"),
    ]


def test_only_who_is_at_work_is_missed_on_the_queue():
    """Ana is away on Tuesday from 10 to 13: her seat at 11 takes nobody, and is told; Bruno's takes one."""
    found = staffed(absences=(ABSENT,))
    tuesday = date(2026, 1, 6)
    seats = [seat("ana.correia", "billing", tuesday, 11), seat("bruno.matos", "billing", tuesday, 11)]
    result = load(found, seats, {})
    line = result.taken[id_of("billing")]
    assert (int(line[48 + 22]), int(line.sum())) == (1, 2)
    assert [s.person_id for s in result.away] == [id_of("ana.correia")]


def test_who_leads_while_away_is_told():
    gone = Absence(id_of("tiago.lopes"), datetime(2026, 1, 6), datetime(2026, 1, 7))
    found = staffed(absences=(gone,))
    leading = [seat("tiago.lopes", "", date(2026, 1, day), 11) for day in (6, 7)]
    assert load(found, (), {}, leading).leaders_away == (leading[0],)


def test_a_shortage_is_named_once_a_run_and_only_from_now_on():
    """Required is two of six on Billing at 11: five away leave one, one short; four are just right."""
    found = staffed()
    tuesday = date(2026, 1, 6)
    people = ("ana.correia", "bruno.matos", "catarina.leal", "diogo.faria", "elif.kaya")
    taken = load(found, [seat(code, "billing", tuesday, 11) for code in people], {}).taken
    starts = datetime(2026, 1, 6, 11, tzinfo=UTC)
    assert shortages(found, taken, starts - timedelta(days=1)) == (Shortage(id_of("billing"), starts, 2, 1),)
    assert shortages(found, taken, starts + timedelta(hours=2)) == ()
    enough = load(found, [seat(code, "billing", tuesday, 11) for code in people[:4]], {}).taken
    assert shortages(found, enough, starts) == ()


def test_hours_to_spare_by_week():
    found = staffed()
    both = spare_hours_by_week(found)
    parts = [spare_hours_by_week(found, [queue]) for queue in found.coverage]
    assert len(both) == 2
    assert both == tuple(pytest.approx(sum(week)) for week in zip(*parts, strict=True))
    assert both[0] > 0


def test_a_night_shift_opens_the_whole_day():
    """From 22:00 to 06:00: two stretches of two days, and the hours between them off."""
    found = staffed()
    night = ((48 * 8 + 44, 48 * 9 + 12),)  # Tuesday 13 January 22:00 to Wednesday 06:00, UTC as in Lisbon
    row = Row("night", "Night watch", works=night)
    shown = frame_of(date(2026, 1, 12), LISBON, found, (row,), ())
    assert (shown.opens, shown.closes) == (0, 1440)
    off = [o for o in grid_row(row, shown, found, ()).off if o.starts.date() in (date(2026, 1, 13), date(2026, 1, 14))]
    assert [(f"{o.starts:%a %H:%M}", f"{o.ends:%a %H:%M}") for o in off] == [
        ("Tue 00:00", "Tue 22:00"),
        ("Wed 06:00", "Thu 00:00"),
    ]


def test_an_absence_that_begins_in_the_evening_parts_the_gap():
    """Away from 20:00: off shift until then, away from then on."""
    gone = Absence(id_of("ana.correia"), datetime(2026, 1, 6, 20), datetime(2026, 1, 6, 22))
    found = staffed(absences=(gone,))
    row = grid_row(row_of(found, "ana.correia"), frame(found, "ana.correia"), found, (gone,))
    evening = [o for o in row.off if o.starts >= datetime(2026, 1, 6, 16) and o.starts < datetime(2026, 1, 7)]
    assert [(f"{o.starts:%H:%M}", f"{o.ends:%H:%M}", o.kind) for o in evening] == [
        ("16:00", "20:00", "off"),
        ("20:00", "22:00", "away"),
        ("22:00", "00:00", "off"),
    ]


def test_time_taken_by_the_own_calendar_is_called_busy():
    found = staffed(busy=(ABSENT,))
    row = grid_row(row_of(found, "ana.correia"), frame(found, "ana.correia"), found, (), busy=(ABSENT,))
    assert {(o.kind, o.words) for o in row.off if o.kind == "away"} == {("away", "busy")}
