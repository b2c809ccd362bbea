"""What a form says and what is written by hand come to the same mapping."""

from devsys.core.improvement.mapping import Condition, Covers, Form, Part, Rows, read_mapping
from devsys.core.improvement.mapping_form import Chosen, Filled, Wanted, mapping_text


def _read(**given: object):
    values = {"source": "calls", "title": "", "rows": "contact", "key": "Id", "date": "Day", "form": "", "covers": ""}
    values |= {"team": "", "team_always": "", "person": "", "keep": False, "measures": ()}
    text = mapping_text(Filled(**{**values, **given}))
    found, faults = read_mapping(text)
    assert found is not None, (text, faults)
    return found


def test_every_test_of_a_form_is_read_as_it_was_chosen() -> None:
    tests = {
        Chosen("A", "in", "4, 5,"): Part((Condition("A", "in", ("4", "5")),)),
        Chosen("A", "=", 'yes: it\'s "so"'): Part((Condition("A", "=", ('yes: it\'s "so"',)),)),
        Chosen("A", ">=", "4"): Part((Condition("A", ">=", ("4",)),)),
        Chosen("A", "empty"): Part((Condition("A", "empty"),)),
        Chosen("A #1", "not empty"): Part((Condition("A #1", "not empty"),)),
        Chosen("A", "sum"): Part((), "A"),
    }
    for test, part in tests.items():
        found = _read(team="Team", measures=[Wanted("csat", test, Chosen("B", "not empty"))])
        assert found.measures[0].numerator == part
    weeks = _read(team="Team", measures=[Wanted("volume", Chosen("A", "not empty"), Chosen("", "week"))])
    assert weeks.measures[0].denominator == Part((), "", each_week=True)


def test_team_person_form_and_what_a_row_covers_are_read_as_they_were_chosen() -> None:
    line = [Wanted("fcr", Chosen("Solved", "sum"), Chosen("Closed", "sum"))]
    found = _read(
        rows="total", key="", form="31.01.2026", covers="week", team_always="desk", person="Who", measures=line
    )
    assert (found.rows, found.form, found.covers) == (Rows.TOTAL, Form.DAY_DOTS, Covers.WEEK)
    assert (found.team, found.team_always, found.person, found.keep) == ("", "desk", "Who", False)
    assert _read(team="Team", person="Who", keep=True, measures=line[:0] or line, rows="total", key="").keep
    assert _read(person="Who", keep=True, title="Calls: all", measures=line, rows="total", key="").title == "Calls: all"
