"""People, shift patterns and absences: who fits where, cycles and nights, overlaps and withdrawals."""

from dataclasses import replace
from datetime import date, datetime, time

import pytest

from devsys.core.intake.export import export_rows
from devsys.core.intake.resolve import EMPTY, after, judge
from devsys.core.model.people import Absence, Organisation, Person, Shift, ShiftPattern
from tests.intake import files

OVERLAP = "no overlap with another absence of this person:"


def person(organisation: Organisation, code: str) -> Person:
    return next(p for p in organisation.people if p.code == code)


def test_people_carry_ids_of_what_they_belong_to() -> None:
    organisation = files.brought()
    ana, mira = person(organisation, "1042"), person(organisation, "2008")
    places = (organisation.teams[0].id, organisation.queues[0].id, organisation.patterns[0].id)
    assert (ana.team_id, ana.queue_id, ana.pattern_id) == places
    assert (ana.joined, ana.left) == (date(2024, 9, 2), None)
    assert (mira.team_id, mira.queue_id, mira.pattern_id) == (None, None, None)


def test_the_same_people_again_change_nothing_and_a_move_says_so() -> None:
    organisation = files.brought()
    assert files.bring("people", files.FILES["people"], organisation).counts["same"] == 6
    row = "1042,Ana Ruiz,ana.ruiz@example.com,BILL-2,BILL,night,2024-09-02,"
    outcome = files.bring("people", files.with_rows("people", row), organisation)
    assert [c.detail for c in outcome.changed] == ["team: BILL-1 → BILL-2, pattern: early → night"]
    assert outcome.upserts[0] == replace(
        person(organisation, "1042"), team_id=organisation.teams[1].id, pattern_id=organisation.patterns[1].id
    )


def test_leaving_is_said_with_nothing_before() -> None:
    row = "1042,Ana Ruiz,ana.ruiz@example.com,BILL-1,BILL,early,2024-09-02,2026-04-01"
    outcome = files.bring("people", files.with_rows("people", row), files.brought())
    assert [c.detail for c in outcome.changed] == ["left: nothing → 2026-04-01"]


@pytest.mark.parametrize(
    ("rows", "refused"),
    [
        (
            ["9,Ann,ann@example.com,BILL-1,BILL,early,,", "9,Ann,ann2@example.com,BILL-1,BILL,early,,"],
            (3, "code", "9", "each code once; row 2 has it already"),
        ),
        (
            ["9,Ann,Ana.Ruiz@example.com,BILL-1,BILL,early,,"],
            (2, "email", "Ana.Ruiz@example.com", "an address of this person's own; Ana Ruiz (1042) has it already"),
        ),
        (
            ["8,Ann,ann@example.com,BILL-1,BILL,early,,", "9,Ann,ANN@example.com,BILL-1,BILL,early,,"],
            (3, "email", "ANN@example.com", "an address of this person's own; row 2 has it already"),
        ),
        (["9,Ann,ann@example.com,X,,,,"], (2, "team", "X", "a code that stands among the teams")),
        (["9,Ann,ann@example.com,BILL-1,X,early,,"], (2, "queue", "X", "a code that stands among the queues")),
        (["9,Ann,ann@example.com,,,x,,"], (2, "pattern", "x", "a code that stands among the shift patterns")),
        (["9,Ann,ann@example.com,,BILL,early,,"], (2, "team", "", "the team of a person who works on a queue")),
        (
            ["9,Ann,ann@example.com,TECH-1,BILL,early,,"],
            (2, "queue", "BILL", "a queue of the team's site; TECH-1 is at KTM"),
        ),
        (
            ["2007,Jonas Keller,jonas.keller@example.com,BILL-1,BILL,early,,"],
            (2, "queue", "BILL", "nothing: this person leads sessions, and a facilitator counts for no queue"),
        ),
        (
            ["9,Ann,ann@example.com,,,,2026-03-01,2026-03-01"],
            (2, "left", "2026-03-01", "the first day no longer here, after the first day, 2026-03-01"),
        ),
        (["9,Ann,ann@example.com,,,,2026-03-01,,yes"], (2, "own_will", "yes", "nothing: this person has not left")),
        (["9,Ann,ann@example.com,,,,2036-01-06,"], (2, "joined", "2036-01-06", "a date at most 10 years ahead")),
    ],
)
def test_people_who_do_not_fit_are_refused(rows: list[str], refused: tuple[int, str, str, str]) -> None:
    assert files.refusals("people", files.brought(), *rows) == [refused]


def test_two_people_may_swap_addresses_in_one_file() -> None:
    rows = (
        "1042,Ana Ruiz,bruno.weiss@example.com,BILL-1,BILL,early,2024-09-02,",
        "1043,Bruno Weiß,ana.ruiz@example.com,BILL-1,BILL,early,,2026-10-01",
    )
    assert files.bring("people", files.with_rows("people", *rows), files.brought()).counts["changed"] == 2


def test_ten_years_ahead_is_the_last_date_taken() -> None:
    row = files.with_rows("people", "9,Ann,ann@example.com,,,,2036-01-05,")
    assert files.bring("people", row, files.brought()).refused == ()
    leap = judge("people", files.with_rows("people", "9,Ann,ann@example.com,,,,2038-02-28,"), EMPTY, date(2028, 2, 29))
    assert leap.refused == ()


def test_a_queue_without_a_pattern_is_a_warning() -> None:
    row = files.with_rows("people", "9,Ann Weir,ann@example.com,BILL-1,BILL,,,")
    outcome = files.bring("people", row, files.brought())
    said = "Ann Weir is never at work without a pattern: nothing can be planned"
    assert [(w.row, w.column, w.value, w.what) for w in outcome.warnings] == [(2, "pattern", "", said)]
    assert outcome.writes


def test_patterns_are_made_of_their_rows() -> None:
    early, night = files.brought().patterns
    lunch = (time(12), time(12, 30))
    assert replace(early, id="") == ShiftPattern(
        "",
        "early",
        1,
        date(2024, 1, 1),
        (Shift(1, 0, time(8), time(16, 30), *lunch), Shift(1, 1, time(8), time(16, 30), *lunch)),
    )
    shifts = (Shift(1, 0, time(22), None), Shift(1, 1, time(0), time(6)))
    assert replace(night, id="") == ShiftPattern("", "night", 2, date(2026, 1, 12), shifts)


def test_a_pattern_in_the_file_is_replaced_and_others_stay() -> None:
    organisation = files.brought()
    rows = ("night,1,mon,21:00,24:00,,,", "night,2,mon,21:00,24:00,,,", "night,2,tue,00:00,05:00,,,")
    outcome = files.bring("shifts", files.with_rows("shifts", *rows), organisation)
    assert [c.detail for c in outcome.changed] == [
        "2 shifts → 3 shifts in 2 weeks; the present cycle began on Monday 2025-12-29"
    ]
    now = after(organisation, outcome).patterns
    assert now[0] == organisation.patterns[0]
    assert (now[1].id, now[1].anchor, len(now[1].shifts)) == (organisation.patterns[1].id, date(2026, 1, 12), 3)
    assert files.bring("shifts", files.with_rows("shifts", *rows), after(organisation, outcome)).counts["same"] == 1


@pytest.mark.parametrize(
    ("rows", "refused"),
    [
        (
            ["n,1,mon,22:00,06:00,,,"],
            (
                2,
                "end",
                "06:00",
                "an end after the start; for a night write two rows, mon 22:00-24:00 and tue 00:00-06:00",
            ),
        ),
        (
            ["n,1,sun,22:00,00:00,,,"],
            (2, "end", "00:00", "an end after the start; for a night write one row, sun 22:00-24:00"),
        ),
        (
            ["n,1,sun,22:00,06:00,,,"],
            (
                2,
                "end",
                "06:00",
                "an end after the start; for a night write two rows, sun 22:00-24:00 and mon 00:00-06:00",
            ),
        ),
        (["n,1,mon,08:00,,,,"], (2, "end", "", "start and end, or neither for a day off")),
        (["n,1,mon,,16:00,,,"], (2, "start", "", "start and end, or neither for a day off")),
        (["n,1,mon,,,12:00,12:30,"], (2, "lunch_start", "12:00", "nothing on a day off")),
        (["n,1,mon,08:00,16:00,12:00,,"], (2, "lunch_end", "", "start and end of lunch, or neither")),
        (["n,1,mon,08:00,16:00,,12:00,"], (2, "lunch_start", "", "start and end of lunch, or neither")),
        (
            ["n,1,mon,08:00,16:00,07:30,08:30,"],
            (2, "lunch_start", "07:30", "a lunch within the shift, 08:00 to 16:00"),
        ),
        (
            ["n,1,mon,08:00,16:00,12:30,12:00,"],
            (2, "lunch_start", "12:30", "a lunch within the shift, 08:00 to 16:00"),
        ),
        (
            ["n,1,mon,08:00,12:00,,,", "n,1,mon,11:30,16:00,,,"],
            (3, "start", "11:30", "a start after row 2 has ended, 12:00"),
        ),
        (
            ["n,1,mon,08:00,18:00,,,", "n,1,mon,09:00,10:00,,,", "n,1,tue,09:00,10:00,,,"],
            (3, "start", "09:00", "a start after row 2 has ended, 18:00"),
        ),
        (
            ["n,1,mon,,,,,", "n,1,mon,09:00,10:00,,,"],
            (3, "weekday", "mon", "a day off or shifts, not both; row 2 is the same day"),
        ),
        (
            ["n,1,mon,09:00,10:00,,,", "n,3,mon,09:00,10:00,,,"],
            (
                2,
                "week",
                "n",
                (
                    "a row for each week up to 3; week 2 has none "
                    "(if nobody works in it, give one row without start and end)"
                ),
            ),
        ),
        (
            ["n,1,mon,09:00,10:00,,,2026-01-06"],
            (2, "anchor", "2026-01-06", "a Monday; the one of that week is 2026-01-05"),
        ),
        (
            ["n,1,mon,09:00,10:00,,,2026-01-05", "n,1,tue,09:00,10:00,,,2026-01-12"],
            (3, "anchor", "2026-01-12", "the same Monday in all rows of a pattern; row 2 has another"),
        ),
        (
            ["Early,1,mon,09:00,10:00,,,"],
            (2, "pattern", "Early", "a code that differs by more than capitals from “early”, which stands"),
        ),
    ],
)
def test_shifts_that_make_no_sense_are_refused(rows: list[str], refused: tuple[int, str, str, str]) -> None:
    assert files.refusals("shifts", files.brought(), *rows) == [refused]


def test_two_new_patterns_may_not_differ_by_capitals_alone() -> None:
    rows = ("Split,1,fri,08:00,12:00,,,", "split,1,fri,08:00,12:00,,,")
    assert files.refusals("shifts", EMPTY, *rows) == [
        (3, "pattern", "split", "a code that differs by more than capitals from “Split”, which stands")
    ]


def test_shifts_of_a_day_may_touch_and_keep_any_minute() -> None:
    rows = ("split,1,fri,12:10,16:55,,,", "split,1,fri,08:05,12:10,,,")
    (pattern,) = files.bring("shifts", files.with_rows("shifts", *rows)).upserts
    assert isinstance(pattern, ShiftPattern)
    assert [s.start for s in pattern.shifts] == [time(8, 5), time(12, 10)]


def test_a_lunch_may_reach_midnight() -> None:
    (pattern,) = files.bring("shifts", files.with_rows("shifts", "late,1,fri,16:00,24:00,23:30,24:00,")).upserts
    assert isinstance(pattern, ShiftPattern)
    assert pattern.shifts == (Shift(1, 4, time(16), None, time(23, 30), None),)


def absences(organisation: Organisation, *rows: str) -> tuple[Organisation, dict[str, int]]:
    outcome = files.bring("absences", files.with_rows("absences", *rows), organisation)
    return after(organisation, outcome), dict(outcome.counts)


def test_absences_are_local_and_end_open() -> None:
    organisation = files.brought()
    ana = person(organisation, "1042").id
    assert organisation.absences[:2] == (
        Absence(ana, datetime(2026, 8, 3), datetime(2026, 8, 15)),
        Absence(ana, datetime(2026, 9, 21, 13), datetime(2026, 9, 21, 15, 30)),
    )


def test_the_same_absence_is_the_same_however_it_is_written() -> None:
    _, counts = absences(files.brought(), "1042,2026-08-03T00:00,2026-08-15T00:00,")
    assert counts == {"new": 0, "changed": 0, "same": 1, "refused": 0, "warnings": 0}


def test_an_absence_with_another_end_is_changed() -> None:
    organisation = files.brought()
    outcome = files.bring("absences", files.with_rows("absences", "1042,2026-08-03,2026-08-21,"), organisation)
    assert [c.detail for c in outcome.changed] == ["end: 2026-08-15 00:00 → 2026-08-22 00:00"]
    assert len(after(organisation, outcome).absences) == 3


def test_an_absence_is_taken_back_once() -> None:
    organisation = files.brought()
    row = files.with_rows("absences", "1042,2026-08-03,2026-08-14,yes")
    outcome = files.bring("absences", row, organisation)
    assert ([c.detail for c in outcome.changed], outcome.upserts) == (["withdrawn"], ())
    assert outcome.removals == (organisation.absences[0],)
    again = files.bring("absences", row, after(organisation, outcome))
    assert (again.counts["same"], again.writes) == (1, False)
    assert [w.what for w in again.warnings] == [
        "no absence of this person stands with these times: nothing to take back"
    ]


def test_the_only_absence_of_somebody_is_taken_back() -> None:
    organisation, counts = absences(files.brought(), "1043,2026-02-02,2026-02-02,yes")
    assert (counts["changed"], len(organisation.absences)) == (1, 2)


def test_standing_absences_that_overlap_are_nobodys_fault_in_the_file() -> None:
    organisation = files.brought()
    ana = person(organisation, "1042").id
    more = Absence(ana, datetime(2026, 8, 10), datetime(2026, 8, 12))
    _, counts = absences(replace(organisation, absences=(*organisation.absences, more)), "1042,2026-10-05,2026-10-06,")
    assert (counts["new"], counts["refused"]) == (1, 0)


def test_taking_back_other_times_leaves_the_standing_absence_to_judge_by() -> None:
    rows = ("1042,2026-08-03,2026-08-10,yes", "1042,2026-08-12,2026-08-20,")
    assert [r[:2] for r in files.refusals("absences", files.brought(), *rows)] == [(3, "from")]


def test_an_absence_may_be_taken_back_and_given_anew_in_one_file() -> None:
    rows = ("1042,2026-08-03,2026-08-14,yes", "1042,2026-08-05,2026-08-20,")
    organisation, counts = absences(files.brought(), *rows)
    assert (counts["new"], counts["changed"], counts["refused"]) == (1, 1, 0)
    assert len(organisation.absences) == 3


@pytest.mark.parametrize(
    ("rows", "refused"),
    [
        (["4711,2026-08-03,2026-08-14,"], [(2, "person", "4711", "a code that stands among the people")]),
        (
            ["1042,2026-03-02,2026-03-01,"],
            [(2, "to", "2026-03-01", "an end after its start, 2026-03-02 00:00")],
        ),
        (
            ["1042,2026-03-02T10:00,2026-03-02T10:00,"],
            [(2, "to", "2026-03-02T10:00", "an end after its start, 2026-03-02 10:00")],
        ),
        (
            ["1042,2026-08-14,2026-08-20,"],
            [
                (
                    2,
                    "from",
                    "2026-08-14",
                    f"{OVERLAP} one that stands, 2026-08-03 to 2026-08-14",
                )
            ],
        ),
        (
            ["1042,2026-08-01,2026-08-03,"],
            [
                (
                    2,
                    "from",
                    "2026-08-01",
                    f"{OVERLAP} one that stands, 2026-08-03 to 2026-08-14",
                )
            ],
        ),
        (
            ["1043,2026-03-01,2026-03-31,", "1043,2026-03-05,2026-03-06,", "1043,2026-03-30,2026-04-02,"],
            [
                (
                    row,
                    "from",
                    day,
                    f"{OVERLAP} row 2, 2026-03-01 to 2026-03-31",
                )
                for row, day in ((3, "2026-03-05"), (4, "2026-03-30"))
            ],
        ),
        (
            ["1043,2026-03-01,2026-03-02,", "1043,2026-03-01,2026-03-03,"],
            [(3, "from", "2026-03-01", "each start of an absence once; row 2 has it already")],
        ),
    ],
)
def test_absences_that_cannot_stand_are_refused(rows: list[str], refused: list[tuple[int, str, str, str]]) -> None:
    assert files.refusals("absences", files.brought(), *rows) == refused


def test_absences_may_touch() -> None:
    _, counts = absences(files.brought(), "1042,2026-08-15,2026-08-16,", "1042,2026-07-31,2026-08-02,")
    assert (counts["new"], counts["refused"]) == (2, 0)


def test_a_refused_row_counts_as_refused_alone() -> None:
    rows = ("1043,2026-03-01,2026-03-31,", "1043,2026-03-05,2026-03-06,")
    outcome = files.bring("absences", files.with_rows("absences", *rows), files.brought())
    assert dict(outcome.counts) == {"new": 1, "changed": 0, "same": 0, "refused": 1, "warnings": 0}
    assert [change.row for change in outcome.new] == [2]


def test_absences_are_named_as_files_write_them() -> None:
    rows = ("1043,2026-05-04,2026-05-08,", "1043,2026-05-11,2026-05-11,", "1043,2026-05-12T09:00,2026-05-12T12:00,")
    outcome = files.bring("absences", files.with_rows("absences", *rows), files.brought())
    assert [change.name.split("), ")[1] for change in outcome.new] == [
        "2026-05-04 to 2026-05-08",
        "2026-05-11",
        "2026-05-12 09:00 to 2026-05-12 12:00",
    ]


def test_an_absence_without_an_end_goes_out_and_comes_back_the_same() -> None:
    organisation, counts = absences(files.brought(), "1043,2026-03-09T12:00,,")
    assert counts["new"] == 1
    assert organisation.absences[-1].end is None
    assert "1043,2026-03-09T12:00,,\r\n" in export_rows("absences", organisation)
    _, again = absences(organisation, "1043,2026-03-09T12:00,,")
    assert (again["new"], again["changed"], again["same"]) == (0, 0, 1)


def test_what_is_known_of_later_days_may_stand_beside_one_without_an_end() -> None:
    organisation, _ = absences(files.brought(), "1042,2026-07-01,,")
    assert files.refusals("absences", organisation, "1042,2026-10-05,2026-10-06,") == []
    assert [r[:2] for r in files.refusals("absences", files.brought(), "1042,2026-08-05,,")] == [(2, "from")]


def test_an_end_that_becomes_known_is_a_change() -> None:
    organisation, _ = absences(files.brought(), "1043,2026-03-09,,")
    after_, counts = absences(organisation, "1043,2026-03-09,2026-03-11,")
    assert counts["changed"] == 1
    assert after_.absences[-1].end == datetime(2026, 3, 12)


def test_what_was_said_of_a_leaving_stays_where_a_file_says_nothing() -> None:
    row = "1043,Bruno Weiß,bruno.weiss@example.com,BILL-1,BILL,early,,2026-10-0"
    standing = files.brought()
    for more, wanted in (("1,yes", True), ("2", True), ("2,no", False), ("2,", False)):
        standing = after(standing, files.bring("people", files.with_rows("people", row + more), standing))
        assert person(standing, "1043").own_will is wanted
    back = files.with_rows("people", "1043,Bruno Weiß,bruno.weiss@example.com,BILL-1,BILL,early,,")
    assert person(after(standing, files.bring("people", back, standing)), "1043").own_will is None
