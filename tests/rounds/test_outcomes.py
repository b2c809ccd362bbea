"""What a round leaves behind, and the situations that lie ready."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from devsys.base.errors import InvalidError
from devsys.base.resources import folder
from devsys.core.model.causes import Cause
from devsys.core.model.programme import Principle
from devsys.core.model.rounds import Lesson
from devsys.core.rounds.card import Directory, find
from devsys.core.rounds.library import read_library
from devsys.core.rounds.outcomes import lacking, patterns, still_open
from tests.builders import MONDAY, NOW

DECIDED = Lesson(
    "l", "Labels print twice", NOW, cause=Cause.TOOL, landing="fix", owner_id="ana", due=MONDAY, decided=NOW
)
LIBRARY = folder("schedules") / "library" / "cases.yaml"


@pytest.mark.parametrize(
    ("without", "word"),
    [
        ({"cause": None}, "a cause"),
        ({"owner_id": None}, "an owner"),
        ({"due": None}, "a day"),
        ({"landing": ""}, "becomes"),
    ],
)
def test_a_lesson_without_one_of_the_four_keeps_a_round_open(without, word):
    assert lacking([DECIDED]) == ()
    (fault,) = lacking([DECIDED, replace(DECIDED, id="m", **without)])
    assert fault.where == "m"
    assert word in fault.what


def test_open_outcomes_stand_undecided_first_then_overdue_then_by_day():
    day = timedelta(days=1)
    lessons = [
        replace(DECIDED, id="later", due=MONDAY + 9 * day),
        replace(DECIDED, id="overdue", due=MONDAY - day),
        replace(DECIDED, id="soon", due=MONDAY + day),
        replace(DECIDED, id="closed", closed=NOW),
        replace(DECIDED, id="undecided", decided=None, due=None),
    ]
    assert [one.id for one in still_open(lessons, MONDAY)] == ["undecided", "overdue", "soon", "later"]


def test_patterns_count_causes_by_period_and_leave_out_what_is_older():
    starts = (date(2026, 1, 1), date(2026, 4, 1), date(2026, 7, 1))
    lessons = [
        (date(2025, 12, 31), Cause.TOOL),
        (date(2026, 1, 1), Cause.POLICY),
        (date(2026, 4, 1), Cause.POLICY),
        (date(2026, 12, 1), Cause.TOOL),
    ]
    found = patterns(lessons, starts)
    assert [(p.cause, p.counts) for p in found[:2]] == [(Cause.POLICY, (1, 1, 0)), (Cause.TOOL, (0, 0, 1))]
    assert {p.cause for p in found} == set(Cause)
    assert sum(p.sum for p in found) == 3


def test_the_shipped_library_is_whole_touches_every_principle_and_names_nobody():
    found = read_library(LIBRARY.read_text("utf-8"), LIBRARY.name)
    assert len(found) >= 15
    assert len({one.code for one in found}) == len(found)
    for principle in Principle:
        assert sum(principle in one.principles for one in found) >= 3, principle
    nobody = Directory(())
    assert [(one.code, find(one.situation, nobody)) for one in found if find(one.situation, nobody)] == []
    assert all(question.endswith("?") for one in found for question in one.ask)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "situations: 3",
        "- a",
        "situations: [1]",
        "situations: [{code: a, title: b, principles: [listen], situation: c}]",
        "situations: [{code: a, title: b, principles: [smile], situation: c, ask: [d]}]",
        "situations: [{code: a, title: b, principles: [listen], situation: c, ask: []}]",
        "situations: [{code: a, title: '', principles: [listen], situation: c, ask: [d]}]",
        "situations: &x [*x]",
        "a: !!python/object:os.system {}",
        "[" * 2000,
        "x" * 2_000_000,
    ],
)
def test_a_library_that_cannot_be_taken_is_refused(text):
    with pytest.raises(InvalidError):
        read_library(text, "own.yaml")
