"""The criteria, questions and words assessors are told: shipped whole, refused by line when an own file is wrong."""

from dataclasses import replace

import pytest

from devsys.actions.hiring_guides import FILE, guides, read_guides
from devsys.base.errors import InvalidError
from devsys.base.resources import folder, programme_files
from devsys.core.model.hiring import Criterion

SHIPPED = (folder("schedules") / FILE).read_text("utf-8")


def test_the_shipped_cards_hold_the_four_criteria_whole(parts):
    found = guides(parts)
    assert set(found) == set(Criterion)
    for guide in found.values():
        assert len(guide.questions) >= 4
        assert all(question.endswith(("?", ".")) for question in guide.questions)
        assert len(set(guide.levels)) == 4
    assert "nice" not in " ".join(word for g in found.values() for word in (g.title, *g.levels)).lower()


def test_hiring_cards_are_no_programme():
    assert FILE not in {file.name for file in programme_files(folder("schedules"))}


def test_an_own_file_stands_above_the_shipped_one(parts, tmp_path):
    (tmp_path / FILE).write_text(SHIPPED.replace("Solves problems", "Finds out"), "utf-8")
    own = replace(parts, settings=parts.settings.model_copy(update={"schedules": tmp_path}))
    assert guides(own)[Criterion.SOLVING].title == "Finds out"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "nothing in it"),
        ("- a", "a hiring card is a mapping"),
        ("card: x\ntitle: y", "missing: calm, solving, says_no, curious"),
        (SHIPPED.replace("criterion: curious", "criterion: nice"), "one of calm"),
        (SHIPPED.replace("criterion: curious", "criterion: calm"), "a second time"),
        (
            SHIPPED.replace("    levels:\n      - Was carried", "    levels:\n      - One more\n      - Was carried"),
            "exactly four",
        ),
        (SHIPPED.replace("means: Stays able", "score: 3\n    means: Stays able"), "the key “score” is unknown"),
        ("a: &x [1]\nb: *x", "anchor"),
    ],
)
def test_a_wrong_file_is_refused_by_line(text, said):
    _, faults = read_guides(text, "own.yaml")
    assert any(said in fault.what for fault in faults), faults
    assert all(fault.where.startswith("own.yaml:") for fault in faults)


def test_a_wrong_own_file_is_said_on_use(parts, tmp_path):
    (tmp_path / FILE).write_text("card: x", "utf-8")
    own = replace(parts, settings=parts.settings.model_copy(update={"schedules": tmp_path}))
    with pytest.raises(InvalidError, match="cannot be used"):
        guides(own)
