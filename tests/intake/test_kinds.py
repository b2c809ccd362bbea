"""Each kind of file by itself: the template, and what a cell may hold."""

from datetime import date, datetime

import pytest

from devsys.base.errors import Fault, NotFoundError
from devsys.core.intake import lines
from devsys.core.intake.kinds import KINDS, MOST_FAULTS, kind_of, read_rows, template
from devsys.core.intake.resolve import EMPTY, after
from devsys.core.intake.values import Refused, Warned
from tests.intake import files

SITE = "BER,Berlin,{zone},{country},"


def cells(kind: str, *rows: str) -> list[tuple[int, str, str]]:
    return [(f.row, f.column, f.wanted) for f in read_rows(kind, files.with_rows(kind, *rows)).faults]


def test_the_order_of_import_is_the_order_of_the_kinds() -> None:
    assert tuple(KINDS) == (
        "sites",
        "queues",
        "teams",
        "shifts",
        "people",
        "absences",
        "facilitators",
        "rooms",
        "held",
        "requirement",
        "volumes",
        "contacts",
    )


def test_templates_brought_in_order_make_an_organisation() -> None:
    organisation = EMPTY
    for kind in KINDS:
        outcome = files.bring(kind, template(kind), organisation)
        assert (kind, outcome.refused) == (kind, ())
        assert outcome.writes
        assert kind != "contacts" or after(organisation, outcome) == organisation  # counted apart from it
        organisation = after(organisation, outcome)
    assert [p.name for p in organisation.people] == ["Ana Ruiz", "Jonas Keller"]


def test_templates_need_no_guard_and_name_every_column() -> None:
    for code, kind in KINDS.items():
        assert template(code).splitlines()[0] == ",".join(kind.header)
        assert all(column.wanted for column in kind.columns)


def test_an_unknown_kind_names_those_there_are() -> None:
    with pytest.raises(NotFoundError, match="sites, queues, teams"):
        kind_of("payroll")


def test_rows_become_values_with_codes() -> None:
    (row,) = read_rows("people", files.with_rows("people", "1042,Ana Ruiz,Ana.Ruiz@Example.com,B,,,2024-02-29,")).rows
    assert row == lines.PersonLine(
        row=2,
        code="1042",
        name="Ana Ruiz",
        email="ana.ruiz@example.com",
        team="B",
        queue="",
        pattern="",
        joined=date(2024, 2, 29),
        left=None,
        own_will=None,
    )
    assert row.cells[2] == "Ana.Ruiz@Example.com"


def test_a_date_is_a_whole_day_away_and_a_time_is_to_the_minute() -> None:
    reading = read_rows("absences", "person,from,to\n1,2026-03-14,2026-03-14\n1,2026-03-15 9:30,2026-03-16T24:00\n")
    spans = [(r.start, r.end) for r in reading.rows if isinstance(r, lines.AbsenceLine)]
    assert spans == [
        (datetime(2026, 3, 14), datetime(2026, 3, 15)),
        (datetime(2026, 3, 15, 9, 30), datetime(2026, 3, 17)),
    ]


@pytest.mark.parametrize(
    ("kind", "row", "column", "wanted"),
    [
        ("sites", "BER,Berlin,Berlin,,", "zone", "an IANA time zone, such as Europe/Berlin"),
        ("sites", "BER,Berlin,../../etc/passwd,,", "zone", "an IANA time zone, such as Europe/Berlin"),
        ("sites", ",Berlin,UTC,,", "code", "a short code, unique among its kind"),
        ("sites", "A|B,Berlin,UTC,,", "code", "a code of at most 60 characters, without “|”"),
        ("sites", f"BER,{'B' * 201},UTC,,", "name", "at most 200 characters"),
        ("sites", f"BER,Berlin,UTC,{'D' * 61},", "country", "a code such as DE"),
        ("queues", "Q,Queue,BER,9,,,,,", "handle_seconds", "a whole number from 10 to 7,200"),
        ("queues", "Q,Queue,BER,240.5,,,,,", "handle_seconds", "a whole number from 10 to 7,200"),
        ("queues", "Q,Queue,BER,,100,,,,", "service_percent", "a number from 1 to 99, with a point before decimals"),
        ("queues", 'Q,Queue,BER,,"80,5",,,,', "service_percent", "a number from 1 to 99, with a point before decimals"),
        ("queues", "Q,Queue,BER,,,,,,-1", "minimum", "a whole number from 0 to 10,000"),
        ("queues", "Q,Queue,BER,٢٤٠,,,,,", "handle_seconds", "a whole number from 10 to 7,200"),
        ("people", "1,Ana,ana.ruiz,,,,,", "email", "an e-mail address, such as ana.ruiz@example.com"),
        ("people", "1,Ana,a@b..c,,,,,", "email", "an e-mail address, such as ana.ruiz@example.com"),
        ("people", "1,Ana,=?x?=@example.com,,,,,", "email", "an e-mail address without “=?”"),
        ("people", "1,Ana,a@example.com,,,,2026-02-29,", "joined", "a day of the calendar; 2026 has no 29 February"),
        ("people", "1,Ana,a@example.com,,,,2026-04-31,", "joined", "a day of the calendar"),
        ("people", "1,Ana,a@example.com,,,,14.03.2026,", "joined", "a date written year-month-day, such as 2026-03-14"),
        ("people", "1,Ana,a@example.com,,,,20260314,", "joined", "a date written year-month-day, such as 2026-03-14"),
        ("people", "1,Ana,a@example.com,,,,1999-12-31,", "joined", "a date from 2000-01-01 on"),
        ("people", "1,Ana,a@example.com,,,,9999-12-31,", "joined", "a date at most 10 years ahead"),
        ("people", "1,Ana,a@example.com,,,,0000-01-01,", "joined", "a day of the calendar"),
        ("shifts", "early,0,mon,,,,,", "week", "a whole number from 1 to 8"),
        ("shifts", "early,1,monday,,,,,", "weekday", "one of mon, tue, wed, thu, fri, sat, sun"),
        ("shifts", "early,1,mon,24:30,,,,", "start", "a time from 00:00 to 24:00, such as 08:30"),
        ("shifts", "early,1,mon,08:60,,,,", "start", "a time from 00:00 to 24:00, such as 08:30"),
        ("shifts", "early,1,mon,8h,,,,", "start", "a time from 00:00 to 24:00, such as 08:30"),
        ("absences", "1,soon,2026-01-01,", "from", "a date (2026-03-14) or a local date and time (2026-03-14T09:00)"),
        ("absences", "1,2026-01-01,2026-01-01T25:00,", "to", "a time from 00:00 to 24:00, such as 08:30"),
        ("absences", "1,2026-01-01,2026-01-02,x", "withdrawn", "yes, or nothing"),
        ("facilitators", "1,BER,,10", "qualifications", "at least one, as programmes name them"),
        ("facilitators", "1,BER,|,10", "qualifications", "at least one code; part several by “|”"),
        (
            "facilitators",
            "1,BER,Listen Fully,10",
            "qualifications",
            "a code as in the programme: small letters, figures and “_”, such as listen_fully",
        ),
        ("facilitators", "1,BER,skill,0", "weekly_hours", "a number from 0.5 to 60, with a point before decimals"),
        ("rooms", "R,Room,BER,0", "seats", "a whole number from 1 to 500"),
        ("requirement", "BILL,someday,08:00,3", "day", "mon to sun for the typical week, or a date"),
        ("requirement", "BILL,mon,08:15,3", "start", "the start of a half hour, from 00:00 to 23:30"),
        ("requirement", "BILL,mon,24:00,3", "start", "the start of a half hour, from 00:00 to 23:30"),
        ("requirement", "BILL,mon,noon,3", "start", "the start of a half hour, from 00:00 to 23:30"),
        ("requirement", "BILL,mon,08:00,2.5", "agents", "a whole number from 0 to 10,000"),
        ("volumes", "BILL,2025-11-03T08:15,86", "start", "the start of a half hour: minutes 00 or 30"),
        ("volumes", "BILL,2025-11-03,86", "start", "the local start of a half hour, such as 2026-03-14T09:30"),
        ("volumes", "BILL,2025-02-29T08:00,86", "start", "a day of the calendar; 2025 has no 29 February"),
        ("volumes", "BILL,2025-11-03T08:00,-3", "calls", "a whole number from 0 to 20,000"),
    ],
)
def test_a_cell_that_cannot_be_taken_says_what_is_wanted(kind: str, row: str, column: str, wanted: str) -> None:
    assert cells(kind, row) == [(2, column, wanted)]


def test_codes_hold_nothing_unseen() -> None:
    (row,) = read_rows("teams", files.with_rows("teams", "BI\u200bLL\xa0 1\ufeff,Billing 1,\u2060BER")).rows
    assert isinstance(row, lines.TeamLine)
    assert (row.code, row.site) == ("BILL 1", "BER")
    assert cells("teams", "\u200b,Billing 1,BER") == [(2, "code", "a code that can be seen")]


def test_every_bad_cell_of_a_row_is_named() -> None:
    assert [(row, column) for row, column, _ in cells("rooms", ",,,many", "R,Room,BER,8", ",Room,BER,8")] == [
        (2, "code"),
        (2, "name"),
        (2, "site"),
        (2, "seats"),
        (4, "code"),
    ]


def test_weekdays_and_yes_may_have_capitals() -> None:
    assert cells("requirement", "BILL,Mon,08:00,3") == []
    assert cells("absences", "1,2026-01-01,2026-01-02,YES", "1,2026-02-01,2026-02-02,no") == []


def test_reading_stops_naming_faults_when_there_are_too_many() -> None:
    reading = read_rows("rooms", files.with_rows("rooms", *(f"R{i},Room,BER,none" for i in range(900))))
    assert len(reading.faults) == MOST_FAULTS + 1
    assert (reading.faults[-1].row, reading.faults[-1].wanted[:20]) == (0, "There are 900 faults")


def test_faults_read_as_sentences() -> None:
    assert Refused(0, "", "", "The file is empty.").fault == Fault("the file", "The file is empty.")
    assert Refused(3, "", "a,b", "3 cells").fault == Fault("row 3", "3 cells")
    assert Refused(3, "seats", "x" * 70, "8").fault == Fault("row 3, column seats", f"found “{'x' * 59}…”; wanted: 8")
    assert Refused(3, "seats", "", "8").fault == Fault("row 3, column seats", "found nothing; wanted: 8")
    assert Warned(3, "seats", "1", "few seats").fault == Fault("row 3, column seats", "few seats")
