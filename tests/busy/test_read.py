"""Busy periods against figures worked out by hand: one test for each word that a calendar may use."""

from datetime import UTC, datetime

import pytest

from devsys.base.errors import InvalidError
from devsys.core.busy.read import read_busy
from tests.busy.calendars import BERLIN, END, START, a_calendar, an_event, busy, words

# Berlin is UTC+1 until 29 March 2026, 02:00, then UTC+2 until 25 October 2026, 03:00.
MONDAYS = ("DTSTART;TZID=Europe/Berlin:20260323T090000", "DTEND;TZID=Europe/Berlin:20260323T100000")


def test_one_event_takes_its_time():
    assert busy(an_event("DTSTART:20260105T080000Z", "DTEND:20260105T093000Z")) == ["2026-01-05T08:00/09:30"]


def test_a_series_keeps_its_wall_time_over_a_clock_change():
    assert busy(an_event(*MONDAYS, "RRULE:FREQ=WEEKLY;COUNT=3")) == [
        "2026-03-23T08:00/09:00",
        "2026-03-30T07:00/08:00",
        "2026-04-06T07:00/08:00",
    ]


def test_a_night_of_a_series_ends_by_the_wall():
    night = ("DTSTART;TZID=Europe/Berlin:20260327T220000", "DTEND;TZID=Europe/Berlin:20260328T060000")
    assert busy(an_event(*night, "RRULE:FREQ=DAILY;COUNT=3")) == [
        "2026-03-27T21:00/03-28T05:00",
        "2026-03-28T21:00/03-29T04:00",
        "2026-03-29T20:00/03-30T04:00",
    ]


def test_a_rule_ends_where_it_says():
    assert busy(an_event(*MONDAYS, "RRULE:FREQ=WEEKLY;UNTIL=20260330T070000Z")) == [
        "2026-03-23T08:00/09:00",
        "2026-03-30T07:00/08:00",
    ]
    assert busy(an_event(*MONDAYS, "RRULE:FREQ=WEEKLY;UNTIL=20260330T065959Z")) == ["2026-03-23T08:00/09:00"]
    assert len(busy(an_event(*MONDAYS, "RRULE:FREQ=WEEKLY;UNTIL=20260330"))) == 2


def test_dates_are_added_and_taken_out():
    found = busy(
        an_event(
            *MONDAYS,
            "RRULE:FREQ=WEEKLY;COUNT=3",
            "RDATE:20260402T120000Z",
            "RDATE;VALUE=PERIOD:20260403T120000Z/20260403T150000Z,20260404T120000Z/PT30M",
            "EXDATE;TZID=Europe/Berlin:20260330T090000",
        )
    )
    assert found == [
        "2026-03-23T08:00/09:00",
        "2026-04-02T12:00/13:00",
        "2026-04-03T12:00/15:00",
        "2026-04-04T12:00/12:30",
        "2026-04-06T07:00/08:00",
    ]


def test_a_date_taken_out_takes_out_its_whole_day():
    assert busy(an_event(*MONDAYS, "RRULE:FREQ=WEEKLY;COUNT=2", "EXDATE;VALUE=DATE:20260330")) == [
        "2026-03-23T08:00/09:00"
    ]


def test_the_first_date_can_be_taken_out():
    assert busy(an_event(*MONDAYS, "RRULE:FREQ=WEEKLY;COUNT=2", "EXDATE:20260323T080000Z")) == [
        "2026-03-30T07:00/08:00"
    ]


def test_a_rule_of_an_older_program_takes_out_what_it_names():
    assert busy(an_event(*MONDAYS, "RRULE:FREQ=WEEKLY;COUNT=3", "EXRULE:FREQ=WEEKLY;INTERVAL=2")) == [
        "2026-03-23T08:00/09:00",
        "2026-03-30T07:00/08:00",
    ]


def test_one_repetition_is_moved():
    moved = an_event(
        "RECURRENCE-ID;TZID=Europe/Berlin:20260330T090000",
        "DTSTART;TZID=Europe/Berlin:20260331T140000",
        "DTEND;TZID=Europe/Berlin:20260331T150000",
    )
    expected = ["2026-03-23T08:00/09:00", "2026-03-31T12:00/13:00", "2026-04-06T07:00/08:00"]
    series = an_event(*MONDAYS, "RRULE:FREQ=WEEKLY;COUNT=3")
    assert busy(series, moved) == expected
    assert busy(moved, series) == expected


def test_a_repetition_moved_into_the_time_asked_for_counts():
    moved = an_event("RECURRENCE-ID:20260406T070000Z", "DTSTART:20260324T070000Z", "DTEND:20260324T080000Z")
    series = an_event(*MONDAYS, "RRULE:FREQ=WEEKLY;COUNT=3")
    found = busy(series, moved, start=datetime(2026, 3, 24, tzinfo=UTC), end=datetime(2026, 3, 25, tzinfo=UTC))
    assert found == ["2026-03-24T07:00/08:00"]


def test_one_repetition_is_cancelled_or_free():
    series = an_event(*MONDAYS, "RRULE:FREQ=WEEKLY;COUNT=2")
    for word in ("STATUS:CANCELLED", "TRANSP:TRANSPARENT"):
        off = an_event(
            "RECURRENCE-ID;TZID=Europe/Berlin:20260330T090000",
            "DTSTART;TZID=Europe/Berlin:20260330T090000",
            "DURATION:PT1H",
            word,
        )
        assert busy(series, off) == ["2026-03-23T08:00/09:00"]


def test_a_date_names_the_repetition_of_its_day():
    off = an_event("RECURRENCE-ID;VALUE=DATE:20260330", "DTSTART:20260330T070000Z", "STATUS:CANCELLED")
    assert busy(an_event(*MONDAYS, "RRULE:FREQ=WEEKLY;COUNT=2"), off) == ["2026-03-23T08:00/09:00"]


def test_this_and_future_moves_all_that_follow():
    onward = an_event(
        "RECURRENCE-ID;TZID=Europe/Berlin;RANGE=THISANDFUTURE:20260330T090000",
        "DTSTART;TZID=Europe/Berlin:20260330T110000",
        "DTEND;TZID=Europe/Berlin:20260330T113000",
    )
    single = an_event("RECURRENCE-ID:20260413T070000Z", "DTSTART:20260413T180000Z", "DURATION:PT2H")
    assert busy(an_event(*MONDAYS, "RRULE:FREQ=WEEKLY;COUNT=4"), onward, single) == [
        "2026-03-23T08:00/09:00",
        "2026-03-30T09:00/09:30",
        "2026-04-06T09:00/09:30",
        "2026-04-13T18:00/20:00",
    ]


def test_this_and_future_cancelled_ends_a_series():
    onward = an_event(
        "RECURRENCE-ID;TZID=Europe/Berlin;RANGE=THISANDFUTURE:20260330T090000",
        "DTSTART;TZID=Europe/Berlin:20260330T090000",
        "DURATION:PT1H",
        "STATUS:CANCELLED",
    )
    assert busy(an_event(*MONDAYS, "RRULE:FREQ=WEEKLY;COUNT=4"), onward) == ["2026-03-23T08:00/09:00"]


@pytest.mark.parametrize("name", ["W. Europe Standard Time", "/mozilla.org/20050126_1/Europe/Berlin", "europe/berlin"])
def test_other_names_of_a_zone_are_known(name):
    assert busy(an_event(f'DTSTART;TZID="{name}":20260706T090000', "DURATION:PT1H"), zone="Asia/Tokyo") == [
        "2026-07-06T07:00/08:00"
    ]


OWN_ZONE = """BEGIN:VTIMEZONE
TZID:Customized Time Zone
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE"""


def test_a_zone_that_the_file_describes_is_used():
    events = [
        an_event(f"DTSTART;TZID=Customized Time Zone:{when}", "DURATION:PT30M", uid=when)
        for when in ("20260105T090000", "20260706T090000", "20260329T023000", "20261025T023000")
    ]
    # 29 March 02:30 is left out: the offset before the gap holds. 25 October 02:30 comes twice: the first counts.
    assert busy(OWN_ZONE, *events, zone="Asia/Tokyo") == [
        "2026-01-05T08:00/08:30",
        "2026-03-29T01:30/02:00",
        "2026-07-06T07:00/07:30",
        "2026-10-25T00:30/01:00",
    ]


def test_a_zone_that_nothing_knows_is_said_and_read_in_the_persons_own():
    data = a_calendar(an_event("DTSTART;TZID=Middle Earth:20260105T090000", "DURATION:PT1H"))
    found = read_busy(data, START, END, BERLIN)
    assert words(found) == ["2026-01-05T08:00/09:00"]
    assert found.unknown == ("'Middle Earth'",)


def test_floating_times_and_whole_days_are_the_persons_own():
    floating = an_event("DTSTART:20260105T090000", "DTEND:20260105T100000", uid="f")
    day = an_event("DTSTART;VALUE=DATE:20260706", uid="d")
    days = an_event("DTSTART;VALUE=DATE:20260708", "DTEND;VALUE=DATE:20260710", uid="e")
    assert busy(floating, day, days) == [
        "2026-01-05T08:00/09:00",
        "2026-07-05T22:00/07-06T22:00",
        "2026-07-07T22:00/07-09T22:00",
    ]
    assert busy(floating, zone="America/New_York") == ["2026-01-05T14:00/15:00"]


def test_a_whole_day_has_the_hours_it_has():
    assert busy(an_event("DTSTART;VALUE=DATE:20260329", "RRULE:FREQ=YEARLY;COUNT=1")) == [
        "2026-03-28T23:00/03-29T22:00"
    ]


def test_a_duration_counts_days_by_the_wall_and_hours_as_they_pass():
    start = "DTSTART;TZID=Europe/Berlin:20260328T120000"
    assert busy(an_event(start, "DURATION:P1D")) == ["2026-03-28T11:00/03-29T10:00"]
    assert busy(an_event(start, "DURATION:PT24H")) == ["2026-03-28T11:00/03-29T11:00"]
    assert busy(an_event(start, "DURATION:P1W")) == ["2026-03-28T11:00/04-04T10:00"]


def test_what_is_cancelled_or_transparent_or_has_no_length_blocks_nothing():
    when = ("DTSTART:20260105T080000Z", "DTEND:20260105T090000Z")
    assert busy(an_event(*when, "STATUS:CANCELLED")) == []
    assert busy(an_event(*when, "TRANSP:TRANSPARENT")) == []
    assert busy(an_event(*when), head="METHOD:CANCEL") == []
    assert busy(an_event("DTSTART:20260105T080000Z")) == []
    assert busy(an_event("DTSTART:20260105T080000Z", "DTEND:20260105T070000Z")) == []
    assert busy(an_event(*when, "STATUS:TENTATIVE", "TRANSP:OPAQUE")) == ["2026-01-05T08:00/09:00"]


def test_only_time_that_is_not_free_counts_in_a_free_busy_component():
    found = busy(
        "BEGIN:VFREEBUSY\nUID:f\nDTSTART:20260101T000000Z\nDTEND:20260201T000000Z\n"
        "FREEBUSY:20260105T080000Z/PT1H,20260105T083000Z/20260105T100000Z\n"
        "FREEBUSY;FBTYPE=FREE:20260106T080000Z/PT1H\n"
        "FREEBUSY;FBTYPE=BUSY-UNAVAILABLE:20260107T080000Z/PT1H\nEND:VFREEBUSY"
    )
    assert found == ["2026-01-05T08:00/10:00", "2026-01-07T08:00/09:00"]


def test_what_stands_within_an_event_is_not_its_own():
    alarm = "BEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:-PT15M\nDURATION:PT5H\nREPEAT:2\nEND:VALARM"
    assert busy(an_event("DTSTART:20260105T080000Z", "DURATION:PT1H", alarm)) == ["2026-01-05T08:00/09:00"]


def test_tasks_and_journals_take_no_time():
    todo = "BEGIN:VTODO\nUID:t\nDTSTART:20260105T080000Z\nDUE:20260105T090000Z\nEND:VTODO"
    assert busy(todo) == []


def test_a_fold_may_lie_within_a_character_and_within_a_name():
    event = an_event("DTSTART:20260105T080000Z", "DTEND:20260105T090000Z")
    data = a_calendar(event).replace(b"SUMMARY:Nobody's", "SUMMARY:Prüfung".encode())
    data = (
        data.replace(b"\xc3\xbc", b"\xc3\r\n \xbc").replace(b"DTEND", b"DT\r\n\tEND").replace(b"0000Z", b"00\r\n 00Z")
    )
    assert words(read_busy(data, START, END, BERLIN)) == ["2026-01-05T08:00/09:00"]


def test_bare_line_ends_and_a_byte_order_mark_are_taken():
    data = a_calendar(an_event("DTSTART:20260105T080000Z", "DTEND:20260105T090000Z"))
    for other in (data.replace(b"\r\n", b"\n"), data.replace(b"\r\n", b"\r"), b"\xef\xbb\xbf" + data):
        assert words(read_busy(other, START, END, BERLIN)) == ["2026-01-05T08:00/09:00"]


def test_the_later_state_of_an_event_counts():
    old = an_event("SEQUENCE:1", "DTSTART:20260105T080000Z", "DTEND:20260105T090000Z")
    new = an_event("SEQUENCE:2", "DTSTART:20260106T080000Z", "DTEND:20260106T090000Z")
    assert busy(new, old) == ["2026-01-06T08:00/09:00"]


def test_events_without_a_uid_are_each_their_own():
    events = [f"BEGIN:VEVENT\nDTSTART:2026010{day}T080000Z\nDURATION:PT1H\nEND:VEVENT" for day in (5, 6)]
    assert busy(*events) == ["2026-01-05T08:00/09:00", "2026-01-06T08:00/09:00"]


def test_our_own_sessions_that_come_back_are_passed_over():
    data = a_calendar(an_event("DTSTART:20260105T080000Z", "DURATION:PT1H", uid="ours"))
    assert read_busy(data, START, END, BERLIN, ours=frozenset({"ours"})).periods == ()
    assert len(read_busy(data, START, END, BERLIN, ours=frozenset({"others"})).periods) == 1


def test_periods_are_cut_to_what_was_asked_for():
    event = an_event("DTSTART:20251231T220000Z", "DTEND:20260101T010000Z")
    assert busy(event) == ["2026-01-01T00:00/01:00"]
    assert busy(event, start=datetime(2026, 1, 1, 1, tzinfo=UTC)) == []


def test_a_series_that_began_long_ago_is_the_same_today():
    old = an_event("DTSTART:18010105T080000Z", "DURATION:PT1H", "RRULE:FREQ=MONTHLY;BYDAY=1MO;BYMONTH=1,7")
    assert busy(old) == ["2026-01-05T08:00/09:00", "2026-07-06T08:00/09:00"]


@pytest.mark.parametrize(
    ("lines", "line"),
    [
        (("DTSTART:20260230T080000Z", "DURATION:PT1H"), 8),
        (("DTSTART:20260105T250000Z", "DURATION:PT1H"), 8),
        (("DTSTART:20260105T080000Z", "DURATION:1 hour"), 9),
        (("DTSTART:20260105T080000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY;INTERVAL=0"), 10),
        (("DTSTART:20260105T080000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY;FREQ=WEEKLY"), 10),
        (("DTSTART:20260105T080000Z", "DURATION:PT1H", "RRULE:INTERVAL=2"), 10),
        (("DTSTART:20260105T080000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY;BYMONTH=13"), 10),
        (("DTSTART:20260105T080000Z", "DURATION:PT1H", "RDATE:tomorrow"), 10),
        (("DTSTART:20260105T080000Z", "DURATION:PT1H", "RDATE;VALUE=PERIOD:20260105T080000Z/"), 10),
    ],
)
def test_what_cannot_be_read_is_refused_by_line(lines, line):
    with pytest.raises(InvalidError) as refused:
        busy(an_event(*lines))
    assert refused.value.faults[0].where == f"line {line}"


def test_a_title_is_in_no_refusal():
    with pytest.raises(InvalidError) as refused:
        busy(an_event("DTSTART:Nobody's business"))
    assert "SUMMARY" not in refused.value.message
