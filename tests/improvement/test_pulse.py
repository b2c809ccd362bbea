"""The pulse as figures: five answers and more, and nothing smaller by subtraction, whoever answers."""

from datetime import UTC, datetime
from itertools import product

import pytest

from devsys.core.improvement.pulse import figures
from devsys.core.improvement.pulse_text import read_pulse
from devsys.core.model.pulse import Said, by_receipt, id_by, over_before, wording

SITES = {"a": "s", "b": "s", "c": "t"}
TEXT = """
pulse: team
title: How is work?
lead: Five, without a name.
statements:
  - {code: one, words: I have time.}
  - {code: two, words: I may decide.}
  - {code: three, words: I can leave it behind.}
  - {code: four, words: I learn.}
  - {code: five, words: I can say so.}
"""


def said(team, number, answer=4, item="one"):
    return [Said(f"{team}{i}{item}", team, item, "w", answer) for i in range(number)]


def test_a_small_team_is_counted_in_its_site():
    found = figures("2026-03", [*said("a", 9, 5), *said("b", 4, 1)], SITES)
    assert {f.unit: (f.total, f.count) for f in found} == {"all": (49, 13), "site:s": (49, 13)}


def test_teams_of_five_are_shown_each():
    found = figures("2026-03", [*said("a", 6, 5), *said("b", 5, 2), *said("c", 7, 3)], SITES)
    assert {f.unit for f in found} == {"all", "site:s", "site:t", "team:a", "team:b", "team:c"}
    assert next(f.mean for f in found if f.unit == "team:b") == 2


def test_four_answers_in_all_show_nothing():
    assert figures("2026-03", said("a", 4), SITES) == ()


def test_other_words_are_another_measure():
    other = [Said(f"x{i}", "a", "one", "v", 3) for i in range(6)]
    found = figures("2026-03", [*said("a", 6), *other], SITES)
    assert {f.wording for f in found if f.unit == "team:a"} == {"v", "w"}


@pytest.mark.parametrize("counts", list(product(range(8), repeat=3)))
def test_no_group_under_five_can_be_worked_out(counts):
    numbers = dict(zip("abc", counts, strict=True))
    found = {f.unit: f.count for f in figures("2026-03", [s for t, n in numbers.items() for s in said(t, n)], SITES)}
    wholes = {"all": {"site:s", "site:t"}, "site:s": {"team:a", "team:b"}, "site:t": {"team:c"}}
    assert all(count >= 5 for count in found.values())
    for whole, parts in wholes.items():
        if whole in found:
            rest = found[whole] - sum(found.get(part, 0) for part in parts)
            assert rest == 0 or rest >= 5


def test_a_receipt_finds_each_answer_and_joins_none():
    pulse, faults = read_pulse(TEXT, "pulse.yaml")
    assert faults == ()
    assert pulse is not None
    kept = by_receipt("secret", [(s, 3) for s in pulse.statements], "a")
    assert {s.id for s in kept} == {id_by("secret", s.code) for s in pulse.statements}
    assert len({s.id for s in kept}) == 5
    assert {s.id for s in kept}.isdisjoint({id_by("Secret", s.code) for s in pulse.statements})
    assert kept[0].wording == wording(pulse.statements[0])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("five", "one"), "one stands a second time"),
        (("  - {code: five, words: I can say so.}\n", ""), "exactly 5"),
        (("{code: two, words: I may decide.}", "two"), "a statement is a mapping"),
        (("words: I learn.", "word: I learn."), "unknown"),
    ],
)
def test_a_faulty_file_is_refused_by_line(change, said):
    found, faults = read_pulse(TEXT.replace(*change), "pulse.yaml")
    assert found is None
    assert any(said in f.what for f in faults)
    assert all(f.where.startswith("pulse.yaml:") for f in faults)


def test_a_month_is_over_when_it_is_over_everywhere():
    assert over_before(datetime(2026, 4, 1, 11, 59, tzinfo=UTC)) == "2026-03"
    assert over_before(datetime(2026, 4, 1, 12, tzinfo=UTC)) == "2026-04"
