"""`devsys spc`: rows come back labelled in their place, or the file is refused by line and column."""

import csv
import io

import pytest

from devsys.base.errors import InvalidError
from devsys.core.improvement.chart_file import labelled_file
from tests.improvement.plain_charts import oracle_rows
from tests.loud import shared_file

HEADER = "case,date,y,improvement_direction,rebase_here,fix_after_n_points,screen_outliers,target\n"


def _rows(text: str) -> list[dict[str, str]]:
    found, _ = labelled_file(text.encode(), "series.csv")
    return [dict(zip(found[0], row, strict=True)) for row in found[1:]]


def _faults(text: str) -> list[str]:
    with pytest.raises(InvalidError) as refused:
        labelled_file(text.encode(), "series.csv")
    return [str(fault) for fault in refused.value.faults]


def test_rows_keep_their_place_and_are_labelled_by_date_within_their_case() -> None:
    days = [f"2026-01-{day:02}" for day in range(1, 8)]
    rising = [(f"b,{day},{value},increase,0,12,TRUE,") for value, day in enumerate(days)]
    mixed = "\n".join(reversed(rising)) + "\na,2026-01-01,4,decrease,0,,FALSE,\n"
    rows = _rows(HEADER + mixed)
    assert [(row["case"], row["date"]) for row in rows] == [*(("b", day) for day in reversed(days)), ("a", days[0])]
    assert {row["special_cause_type"] for row in rows[:7]} == {"Above UCL", "Below LCL", "7 Point Trend (Increasing)"}
    assert rows[7] == {
        "case": "a",
        "date": "2026-01-01",
        "rebase_group": "0",
        "mean": "4",
        "lpl": "",
        "upl": "",
        "special_cause_type": "Common Cause",
        "point_type": "common_cause",
    }


def test_rebase_groups_are_counted_and_whole_numbers_stay_whole() -> None:
    rows = _rows(HEADER + "a,2026-01-01,1,,1,,,\na,2026-01-02,3,,0,,,\na,2026-01-03,5,,1,,,\na,2026-01-04,8.5,,,,,\n")
    assert [row["rebase_group"] for row in rows] == ["1", "1", "2", "2"]
    assert [row["mean"] for row in rows] == ["2", "2", "6.75", "6.75"]
    assert [float(row["upl"]) for row in rows] == pytest.approx([2 + 5.32, 2 + 5.32, 6.75 + 9.31, 6.75 + 9.31])


def test_counts_and_marks_may_be_written_as_decimals() -> None:
    points = "a,2026-01-01,1,,0.0,2.0,True,\na,2026-01-02,3,,0.0,2.0,True,\na,2026-01-03,9,,1.0,2.0,True,\n"
    rows = _rows(HEADER + points)
    assert [(row["rebase_group"], row["mean"]) for row in rows] == [("0", "2"), ("0", "2"), ("1", "9")]


def test_a_period_without_a_value_is_no_point_and_keeps_its_row() -> None:
    rows = _rows(HEADER + "a,2026-01-01,1,,,,,\na,2026-01-02,,,1,,,\na,2026-01-03,NA,,,,,\na,2026-01-04,5,,,,,\n")
    assert [(row["rebase_group"], row["mean"], row["point_type"]) for row in rows] == [
        ("0", "1", "common_cause"),
        ("1", "", ""),
        ("1", "", ""),
        ("1", "5", "common_cause"),
    ]


def test_columns_may_stand_in_another_order_with_semicolons_and_decimal_commas() -> None:
    rows = _rows("y;case;date;more\n1,5;a;2026-01-01;x\n2,5;a;2026-01-02;x\n")
    assert [row["mean"] for row in rows] == ["2", "2"]


def test_every_fault_is_named_by_line_and_column() -> None:
    bad = (
        "a,2026-13-01,1,increase,0,,TRUE,\n"
        "a,2026-01-02,1 %,increase,0,,TRUE,\n"
        "a,2026-01-03,nan,upwards,2,0,perhaps,high\n"
    )
    assert _faults(HEADER + bad) == [
        "line 2, column date: a date as 2026-01-05, or a time as 2026-01-05T09:00; not '2026-13-01'",
        "line 3, column y: a number, or nothing where a period has none; not '1 %'",
        "line 4, column y: a number, or nothing where a period has none; not 'nan'",
        "line 4, column improvement_direction: increase, decrease or neutral; not 'upwards'",
        "line 4, column rebase_here: 1 where a new group begins, else 0; not '2'",
        "line 4, column fix_after_n_points: a whole number of points from 1 on, or nothing; not '0'",
        "line 4, column screen_outliers: TRUE or FALSE; not 'perhaps'",
        "line 4, column target: a number, or nothing; not 'high'",
    ]


def test_a_date_twice_and_options_that_change_within_a_case_are_refused() -> None:
    bad = "a,2026-01-01,1,increase,0,,TRUE,\na,2026-01-01,2,decrease,0,12,FALSE,\nb,2026-01-01,2,decrease,0,12,FALSE,\n"
    assert _faults(HEADER + bad) == [
        "line 3, column date: each date once; 2026-01-01 is in line 2 too",
        "line 3, column improvement_direction: one for all rows of a case; line 2 says otherwise",
        "line 3, column fix_after_n_points: one for all rows of a case; line 2 says otherwise",
        "line 3, column screen_outliers: one for all rows of a case; line 2 says otherwise",
    ]


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("", "series.csv"),
        ("case,date,y\n", "line 2"),
        ("case,when,y\na,2026-01-01,1\n", "line 1"),
        ("case,date,y,y\na,2026-01-01,1,2\n", "line 1, column 'y'"),
        ("case,date,y\na,2026-01-01\n", "line 2"),
        ('case,date,y\na,2026-01-01,"1\n', "line 2"),
        ("case,date,y\na,2026-01-01,\0\n", "series.csv"),
    ],
)
def test_files_of_another_shape_are_refused_with_the_place(text: str, where: str) -> None:
    assert _faults(text)[0].startswith(where + ": ")


def test_the_public_series_are_labelled_as_a_plain_reading_of_the_algorithm_labels_them() -> None:
    data = shared_file("data/spc_series.csv").read_bytes()
    found, series = labelled_file(data, "spc_series.csv")
    given = list(csv.DictReader(io.StringIO(data.decode())))
    assert (series, len(found) - 1) == (174, 6124)
    assert [row[:2] for row in found[1:]] == [(row["case"], row["date"]) for row in given]
    assert sorted({row[6] for row in found[1:]}) == sorted(_ALL)
    assert [tuple(row) for row in found[1:]] == oracle_rows(given)


_ALL = {
    "Above UCL",
    "Below LCL",
    "7 Point Trend (Increasing)",
    "7 Point Trend (Decreasing)",
    "2 in 3 Above CL",
    "2 in 3 Below CL",
    "7 Points Above CL",
    "7 Points Below CL",
    "Common Cause",
}
