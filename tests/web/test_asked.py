"""Weeks, quarters and days as addresses ask for them."""

from datetime import date, timedelta

import pytest
from flask import Flask

from devsys.base.written import several, spoken
from devsys.faces.web import asked
from devsys.faces.web.words import first_up

TODAY = date(2026, 11, 24)


@pytest.fixture
def at():
    app = Flask("asked")

    def visit(query):
        return app.test_request_context(f"/?{query}")

    return visit


@pytest.mark.parametrize(
    ("text", "monday"),
    [
        ("2027-W12", date(2027, 3, 22)),
        ("2026-W53", date(2026, 12, 28)),
        ("2027-W53", None),
        ("2027-W00", None),
        ("2027-03-25", date(2027, 3, 22)),
        ("1999-W10", None),
        ("2037-W10", None),
        ("W12", None),
        ("", None),
    ],
)
def test_a_week(at, text, monday):
    with at(f"week={text}"):
        assert asked.week("week", TODAY) == monday


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("2027-03", date(2027, 3, 1)),
        ("2027-13", date(2026, 11, 1)),
        ("1999-03", date(2026, 11, 1)),
        ("march", date(2026, 11, 1)),
    ],
)
def test_a_month(at, text, first):
    with at(f"month={text}"):
        assert asked.month("month", TODAY) == first


def test_a_day(at):
    with at("day=2027-02-29"):
        assert asked.day("day", TODAY) is None
    with at("day=2028-02-29"):
        assert asked.day("day", TODAY) == date(2028, 2, 29)


def test_the_code_of_a_week_names_its_iso_year():
    assert asked.week_code(date(2027, 1, 1)) == "2026-W53"
    assert asked.week_code(date(2026, 1, 1)) == "2026-W01"


def test_quarters_begin_in_weeks_1_14_27_and_40():
    starts = [asked.quarter_start(date(2026, 1, 1) + timedelta(days=i)) for i in range(0, 363, 7)]
    assert sorted(set(starts)) == [date(2025, 12, 29), date(2026, 3, 30), date(2026, 6, 29), date(2026, 9, 28)]
    assert asked.quarter_start(date(2026, 12, 31)) == date(2026, 9, 28)  # week 53 belongs to the fourth


def test_a_year_from_a_quarter_on_is_52_or_53_weeks():
    assert asked.year_after(date(2026, 9, 28)) == date(2027, 10, 4)  # 53: the ISO year 2026 is a long one
    assert asked.year_after(date(2025, 12, 29)) == date(2027, 1, 4)
    assert asked.year_after(date(2027, 1, 4)) == date(2028, 1, 3)


def test_a_quarter_before_and_after():
    assert asked.quarter_after(date(2026, 9, 28)) == date(2027, 1, 4)
    assert asked.quarter_before(date(2027, 1, 4)) == date(2026, 9, 28)
    assert asked.quarter_after(date(2026, 2, 2)) == date(2026, 3, 30)


def test_words():
    assert [spoken(n) for n in (0, 1, 12, 13, 1304)] == ["no", "one", "twelve", "13", "1,304"]
    assert several(["a"]) == "a"
    assert several(["a", "b", "c"]) == "a, b and c"
    assert first_up("six teams") == "Six teams"
