"""Forms read with types: what is right comes back typed, what is wrong stands beside its field."""

from datetime import date

import pytest

from devsys.base.errors import Fault, InvalidError
from devsys.faces.web.forms import Form

TODAY = date(2026, 1, 5)


def a_form(**values):
    return Form({name: value if isinstance(value, list) else [value] for name, value in values.items()})


def test_text_is_cleaned_at_entry():
    form = a_form(title="  Ask\u202e to\x07 the\u0301 point ", note="a\r\nb\tc")
    assert form.text("title") == "Ask to th\u00e9 point"
    assert form.text("note", long=True) == "a\nb\tc"
    assert form.text("note") == "a  b c"
    assert form


@pytest.mark.parametrize(
    ("value", "more", "said"),
    [("", {}, "Fill this in."), ("x" * 201, {}, "too long"), ("x" * 10_001, {"long": True}, "too long")],
)
def test_text_that_cannot_be_taken(value, more, said):
    form = a_form(title=value)
    assert form.text("title", **more) == ""
    assert said in form.faults["title"]
    assert not form


def test_missing_text_may_be_left_out_where_it_is_optional():
    form = a_form()
    assert form.text("title", required=False) == ""
    assert form.typed("title", "as it was") == "as it was"
    assert form


def test_the_first_word_about_a_field_stands():
    form = a_form()
    form.fault("title", "first")
    form.fault("title", "second")
    assert form.faults == {"title": "first"}


@pytest.mark.parametrize("value", ["x", "1.5", "٣", "", "-1", "101", "9" * 30, "0x10", "1_0" * 9])
def test_numbers_out_of_bounds_are_named_with_them(value):
    form = a_form(weeks=value)
    assert form.number("weeks", least=1, most=100) == 1
    assert form.faults["weeks"]


def test_numbers_within_bounds():
    form = a_form(weeks="52", share="97,5", none="")
    assert form.number("weeks", least=1, most=100) == 52
    assert form.decimal("share", least=0, most=100) == 97.5
    assert form.number("none", least=1, most=9, default=4) == 4
    assert form.decimal("none", least=1, most=9, default=2.5) == 2.5
    assert form


@pytest.mark.parametrize("value", ["nan", "inf", "-1", "101", "many", ""])
def test_odd_decimals_are_refused(value):
    form = a_form(share=value)
    assert form.decimal("share", least=0, most=100) == 0
    assert form.faults["share"] in ("A number from 0 to 100.", "Fill this in.")


@pytest.mark.parametrize("value", ["2026-02-30", "1999-12-31", "2037-01-01", "tomorrow", "", "31.3.2026"])
def test_odd_days_are_refused(value):
    form = a_form(day=value)
    assert form.day("day", today=TODAY) == TODAY
    assert form.faults


def test_days():
    form = a_form(day="2028-02-29", none="")
    assert form.day("day", today=TODAY) == date(2028, 2, 29)
    assert form.day("none", today=TODAY, default=date(2026, 6, 1)) == date(2026, 6, 1)
    assert form


def test_choices():
    form = a_form(theme="dark", odd="pink", many=["b", "x", "a"], tick="1")
    assert form.choice("theme", ("light", "dark")) == "dark"
    assert form.choice("none", ("light", "dark"), default="light") == "light"
    assert form.several("many", ("a", "b", "c")) == ("a", "b")
    assert form.all("many") == ("b", "x", "a")
    assert (form.tick("tick"), form.tick("none")) == (True, False)
    assert form
    assert form.choice("odd", ("light", "dark")) == ""
    assert form.choice("empty", ("light", "dark")) == ""
    assert form.choice("odd", ("light", "dark"), default="light") == "light"
    assert set(form.faults) == {"odd", "empty"}


def test_secrets_are_taken_as_they_are():
    form = a_form(password="  p\u00e4ss\u202eword  ")
    assert form.secret("password") == "  p\u00e4ss\u202eword  "
    assert form.secret("none") == ""


def test_check_raises_all_faults_at_once():
    form = a_form(a="", b="x")
    form.check()
    form.text("a")
    form.number("b", least=1, most=2)
    with pytest.raises(InvalidError) as raised:
        form.check()
    assert [fault.where for fault in raised.value.faults] == ["a", "b"]


def test_faults_of_an_action_go_beside_their_field():
    form = a_form(email="x", password="y")
    form.take(InvalidError("no", (Fault("email", "a mail address"), Fault("line 3", "another word"))), "password")
    assert form.faults == {"email": "A mail address.", "password": "Another word."}
    form = a_form(email="x")
    form.take(InvalidError("Nothing fits"), "email")
    assert form.faults == {"email": "Nothing fits"}
