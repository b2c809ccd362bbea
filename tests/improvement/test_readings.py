"""Files become readings, or are refused by line and column; nothing is half taken."""

import random
from collections import Counter
from datetime import date

import pytest

from devsys.base.errors import InvalidError
from devsys.base.sheet import read_sheet
from devsys.core.improvement.mapping import SourceMapping
from devsys.core.improvement.readings import Reading, Span, Summed, roster_of, sum_up
from tests.improvement.sources import CALLS, TOTALS, mapping, roster
from tests.loud import shared_file

TODAY = date(2026, 6, 1)
HEADER = "Call Id,Agent,Date,Answered (Y/N),Resolved,AvgTalkDuration,Satisfaction rating\n"


def _sum(text: str, given: SourceMapping | None = None, today: date = TODAY, span: Span | None = None) -> Summed:
    sheet = read_sheet(text.encode(), "The file", most_bytes=2**26, most_lines=250_000)
    return sum_up(sheet, given or mapping(), roster(), today, span or Span())


def _faults(text: str, given: SourceMapping | None = None, span: Span | None = None) -> list[str]:
    with pytest.raises(InvalidError) as refused:
        _sum(text, given, span=span)
    return [str(fault) for fault in refused.value.faults]


def test_the_public_calls_give_the_published_sums() -> None:
    text = shared_file("data/support_calls_2021q1.csv").read_text("utf-8")
    found = _sum(text)
    by = {
        key: (
            sum(r.numerator for r in found.readings if r.measure == key),
            sum(r.denominator for r in found.readings if r.measure == key),
        )
        for key in ("csat", "resolved")
    }
    assert by == {"csat": (2023, 4054), "resolved": (3646, 4054)}
    assert (found.first, found.last, found.rows, found.people) == (date(2021, 1, 1), date(2021, 3, 31), 5000, 8)
    weeks = [r for r in found.readings if r.measure == "csat"]
    whole = [r for r in weeks if (r.last - r.first).days == 6]
    assert (len(weeks), len(whole), {r.people for r in whole}) == (14, 12, {8})
    assert [(r.first, r.last) for r in (weeks[0], weeks[-1])] == [
        (date(2021, 1, 1), date(2021, 1, 3)),
        (date(2021, 3, 29), date(2021, 3, 31)),
    ]
    own = [r for r in found.own if r.measure == "csat"]
    assert sum(r.numerator for r in own) == 2023
    assert {r.measure for r in found.own} == {"csat", "resolved"}  # handle time and volume never by person
    contacts = [r for r in found.readings if r.measure == "volume"]
    assert sum(r.numerator for r in contacts) == 5000
    assert sum(r.denominator for r in contacts) == pytest.approx(12 + 6 / 7)
    talk = [r for r in found.readings if r.measure == "handle_time"]
    assert 200 < sum(r.numerator for r in talk) / sum(r.denominator for r in talk) < 240


def test_rows_are_summed_by_week_team_and_person_and_a_cut_week_keeps_its_days() -> None:
    rows = "1,Diane,2026-02-04,Y,Y,0:02:00,4\n2,a1,2026-02-05,Y,N,0:01:00,3.0\n3,DIANE,2026-02-09,N,N,,\n"
    found = _sum(HEADER + rows)
    week = (date(2026, 2, 4), date(2026, 2, 8))
    assert found.readings == (
        Reading("csat", "t-desk", *week, 1, 2, 2),
        Reading("handle_time", "t-desk", *week, 180, 2, 2),
        Reading("resolved", "t-desk", *week, 1, 2, 2),
        Reading("volume", "t-desk", *week, 2, 5 / 7, 2),
        Reading("volume", "t-desk", date(2026, 2, 9), date(2026, 2, 9), 1, 1 / 7, 1),
    )
    assert [(r.measure, r.person_id, r.numerator, r.denominator) for r in found.own] == [
        ("csat", "id-Becky", 0, 1),
        ("csat", "id-Diane", 1, 1),
        ("resolved", "id-Becky", 0, 1),
        ("resolved", "id-Diane", 1, 1),
    ]


def test_the_days_a_file_covers_can_be_said() -> None:
    row = HEADER + "1,Diane,2026-02-04,Y,Y,0:02:00,4\n"
    whole = _sum(row, span=Span(date(2026, 2, 2), date(2026, 2, 8)))
    assert {(r.first, r.last) for r in whole.readings} == {(date(2026, 2, 2), date(2026, 2, 8))}
    assert _faults(row, span=Span(date(2026, 2, 5), None)) == [
        "line 2, column Date: a day within those the file is said to cover; not '2026-02-04'"
    ]


def test_people_can_be_counted_and_not_kept() -> None:
    given = mapping(CALLS.replace("{column: Agent}", "{column: Agent, keep: no}"))
    rows = "1,Somebody,2026-02-04,Y,Y,0:02:00,4\n2,Else,2026-02-05,Y,N,0:01:00,3\n"
    found = _sum(HEADER + rows, given)
    assert found.own == ()
    assert {r.people for r in found.readings} == {2}


def test_without_a_column_of_people_the_team_is_behind_its_figures() -> None:
    given = mapping(CALLS.replace("person: {column: Agent}\n", ""))
    found = _sum(HEADER + "1,x,2026-02-04,Y,Y,0:02:00,4\n", given)
    assert ({r.people for r in found.readings}, found.people) == ({8}, 0)


def test_who_worked_in_two_teams_is_counted_where_they_did_most() -> None:
    given = mapping(CALLS.replace("{always: desk}", "{column: Team}"))
    head = HEADER.replace("Agent,", "Agent,Team,")
    rows = "1,Diane,desk,2026-02-04,Y,Y,0:01:00,4\n2,Diane,back,2026-02-11,Y,Y,0:01:00,4\n"
    rows += "3,Diane,Back office,2026-02-12,Y,Y,0:01:00,4\n"
    found = _sum(head + rows, given)
    assert {(r.team_id, r.people) for r in found.readings} == {("t-desk", 0), ("t-back", 1)}


def test_without_a_column_of_teams_everybody_is_in_their_own() -> None:
    given = mapping(CALLS.replace("team: {always: desk}\n", ""))
    found = _sum(HEADER + "1,Else,2026-02-04,Y,Y,0:02:00,4\n", given)
    assert {r.team_id for r in found.readings} == {"t-back"}


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("1,Nobody,2026-02-04,Y,Y,0:02:00,4", "column Agent: the code, address or full name of one person"),
        ("1,Diane,04.02.2026,Y,Y,0:02:00,4", "column Date: a day as 2026-01-31; not '04.02.2026'"),
        ("1,Diane,2026-07-01,Y,Y,0:02:00,4", "column Date: a day until today, from the year 2000 on"),
        ("1,Diane,1999-07-01,Y,Y,0:02:00,4", "column Date: a day until today, from the year 2000 on"),
        ("1,Diane,2026-02-04T23:30+01:00,Y,Y,0:02:00,4", "a time without an offset, or a mapping that names the zone"),
        ("1,Diane,2026-02-04,Y,Y,12 %,4", "column AvgTalkDuration: a count or a sum; a percentage has no denominator"),
        ("1,Diane,2026-02-04,Y,Y,-3,4", "column AvgTalkDuration: a number that is not negative"),
        ("1,Diane,2026-02-04,Y,Y,1e13,4", "column AvgTalkDuration: a number that is not negative"),
        ("1,Diane,2026-02-04,Y,Y,,4", "column AvgTalkDuration: a number that is not negative"),
        ("1,Diane,2026-02-04,N,Y,,4", "column Resolved: in the numerator of resolved, so in its denominator too"),
        (",Diane,2026-02-04,Y,Y,0:02:00,4", "column Call Id: what tells this row from others"),
    ],
)
def test_a_row_that_cannot_be_is_refused_by_line_and_column(row: str, said: str) -> None:
    found = _faults(HEADER + "0,Diane,2026-02-03,Y,Y,0:02:00,4\n" + row + "\n")
    assert len(found) == 1
    assert found[0].startswith("line 3, ")
    assert said in found[0]


def test_a_contact_twice_is_refused_naming_both_lines() -> None:
    row = "1,Diane,2026-02-04,Y,Y,0:02:00,4\n"
    assert _faults(HEADER + row + row) == ["line 3, column Call Id: each once; line 2 has it too; not '1'"]


def test_times_with_an_offset_fall_on_the_day_of_the_mappings_zone() -> None:
    given = mapping(CALLS + "zone: Europe/Lisbon\n")
    found = _sum(HEADER + "1,Diane,2026-02-09T00:30+02:00,Y,Y,0:02:00,4\n", given)
    assert (found.first, found.last) == (date(2026, 2, 8), date(2026, 2, 8))
    unknown = mapping(CALLS + "zone: Mars/Olympus\n")
    assert _faults(HEADER + "1,Diane,2026-02-09,Y,Y,0:02:00,4\n", unknown) == ["zone: a name such as Europe/Lisbon"]


@pytest.mark.parametrize(
    ("form", "cell"),
    [
        ("31.01.2026", "4.2.2026 10:15"),
        ("31/01/2026", "04/02/2026"),
        ("01/31/2026", "2/4/2026"),
        ("2026-01-31", "2026-02-04 10:15"),
    ],
)
def test_days_are_read_as_the_mapping_says(form: str, cell: str) -> None:
    found = _sum(HEADER + f"1,Diane,{cell},Y,Y,0:02:00,4\n", mapping(CALLS + f"form: {form}\n"))
    assert found.first == date(2026, 2, 4)
    assert "a day as" in _faults(HEADER + "1,Diane,31-31-2026,Y,Y,0:02:00,4\n", mapping(CALLS + f"form: {form}\n"))[0]


def test_totals_come_by_iso_week_with_decimal_commas() -> None:
    text = "Week;Team;Solved;Closed\n2026-W05;desk;30,5;40\n2026-W06;Support desk;20;40\n2026W06;back;1;2\n"
    found = _sum(text, mapping(TOTALS))
    assert [(r.team_id, r.first, r.last, r.numerator, r.people) for r in found.readings] == [
        ("t-back", date(2026, 2, 2), date(2026, 2, 8), 1, 1),
        ("t-desk", date(2026, 1, 26), date(2026, 2, 1), 30.5, 8),
        ("t-desk", date(2026, 2, 2), date(2026, 2, 8), 20, 8),
    ]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (
            "2026-W05,desk,41,40",
            "line 2, column Solved: from 0 to 1 of the denominator in the week of 2026-01-26; 41 over 40",
        ),
        ("2026-W05,desk,85 %,40", "line 2, column Solved: a count or a sum; a percentage"),
        ("2026-W05,nowhere,4,40", "line 2, column Team: the code or name of a team; not 'nowhere'"),
        ("2026-W54,desk,4,40", "line 2, column Week: a day as 2026-W05; not '2026-W54'"),
        ("2026-01-05,desk,4,40", "line 2, column Week: a day as 2026-W05; not '2026-01-05'"),
        ("2026-W23,desk,4,40", "line 2, column Week: a week that is over, from the year 2000 on; not '2026-W23'"),
        ('2026-W05,desk,"1,234",4000', "line 2, column Solved: a number that is not negative"),
        ("2026-W05,desk,4,40\n2026-W05,Support desk,5,50", "line 3, column Week: each once; line 2 has it too"),
    ],
)
def test_a_total_that_cannot_be_is_refused_by_line_and_column(row: str, said: str) -> None:
    found = _faults("Week,Team,Solved,Closed\n" + row + "\n", mapping(TOTALS))
    assert len(found) == 1
    assert found[0].startswith(said)


def test_a_file_of_another_shape_and_a_team_nobody_knows_are_said_first() -> None:
    assert _faults("a,b\n1,2\n")[0] == "line 1: a column Call Id"
    given = mapping(CALLS.replace("always: desk", "always: moon"))
    assert _faults(HEADER + "1,Diane,2026-02-04,Y,Y,0:02:00,4\n", given) == ["team: the code or name of a team"]


def test_the_first_hundred_faults_are_told() -> None:
    rows = "".join(f"{i},Nobody,2026-02-04,Y,Y,0:02:00,4\n" for i in range(300))
    assert len(_faults(HEADER + rows)) == 100


@pytest.mark.parametrize("count", [20_000, pytest.param(200_000, marks=pytest.mark.soak)])
def test_many_rows_come_to_what_counting_them_says(count: int) -> None:
    rng = random.Random(5)  # noqa: S311 -- figures to add up
    names = ("Diane", "Becky", "Greg", "Dan", "Martha")
    rows, wanted = [], Counter()
    for number in range(count):
        day, mark = rng.randrange(1, 28), rng.randrange(1, 6)
        rows.append(f"{number},{names[number % 5]},2026-02-{day:02},Y,N,0:01:00,{mark}\n")
        wanted["good"] += mark >= 4
    given = mapping(CALLS.split("  - measure: resolved")[0])
    found = _sum(HEADER + "".join(rows), given)
    assert sum(r.numerator for r in found.readings) == wanted["good"]
    assert sum(r.denominator for r in found.readings) == count
    assert len(found.own) == 5 * len(found.readings)


def test_a_condition_on_a_number_refuses_a_word_and_a_person_without_a_team_has_none() -> None:
    given = mapping(CALLS.replace("in: [4, 5]", '">=": 4'))
    assert _faults(HEADER + "1,Diane,2026-02-04,Y,Y,0:02:00,good\n", given) == [
        "line 2, column Satisfaction rating: a number, or nothing; not 'good'"
    ]
    alone = roster_of([("id-solo", "solo", "solo@example.org", "Solo", None)], [("t-desk", "desk", "Support desk")])
    sheet = read_sheet(
        (HEADER + "1,Solo,2026-02-04,Y,Y,0:02:00,4\n").encode(), "The file", most_bytes=2**20, most_lines=10
    )
    with pytest.raises(InvalidError) as refused:
        sum_up(sheet, mapping(CALLS.replace("team: {always: desk}\n", "")), alone, TODAY)
    assert str(refused.value.faults[0]) == "line 2, column Agent: somebody who is in a team; not 'Solo'"


def test_a_word_that_two_people_share_names_neither() -> None:
    people = [("a", "a1", "a@x", "Sam", "t"), ("b", "b1", "b@x", "Sam", "t")]
    found = roster_of(people, [("t", "t", "T")])
    assert "sam" not in found.people
    assert (found.people["a1"], found.people["b@x"]) == ("a", "b")
