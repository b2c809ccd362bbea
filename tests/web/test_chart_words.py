"""Charts in words, and their geometry: every word has its sentence, gaps break lines, marks share a line."""

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest

from devsys.core.improvement import charts
from devsys.core.improvement.blocks import TeamDays, cells_of, first_day
from devsys.core.improvement.board import Fired, board, figures_of
from devsys.core.improvement.marks import Mark, MarkKind
from devsys.core.improvement.metrics import MEASURES
from devsys.core.improvement.signals import Word
from devsys.faces.web.chart_words import TAGS, detail, fired_text, sentence, value_text
from devsys.faces.web.drawing_chart import draw_charts, spark

FIRST = 300
BASE = [80, 82] * 6 + [81]


def made(values, marks=(), key="csat", people=6):
    end = FIRST + len(values) - 1
    rows = []
    for i, value in enumerate(values):
        monday = first_day(FIRST + i)
        if value is not None:
            rows.append(TeamDays("a", monday, monday + timedelta(6), value, 100, people))
    return board(MEASURES[key], "a", figures_of(cells_of(rows, {}, end), MEASURES[key]), marks, last=end)


def plain(text):
    return text.replace("\u2009", " ")


@pytest.mark.parametrize(
    ("values", "word", "said"),
    [
        (
            BASE + [88] * 8,
            Word.SUSTAINED,
            "Desk, satisfied customers: 88 %, better than the 81 % of before, and holding since",
        ),
        (BASE + [88] * 7 + [74] * 7, Word.REVERSED, "a better time has gone back since"),
        (BASE + [74] * 8, Word.WORSE, "Desk, satisfied customers: 74 %, worse than the 81 % of before since"),
        ([*BASE, *[88] * 8, 74], Word.NOT_HELD, "a shift for the better since"),
        (BASE + [80, 82] * 4, Word.NO_SHIFT, "no shift from 81 %; 81.1 % now."),
        (BASE, Word.TOO_LITTLE, "Desk, satisfied customers: too little data to tell."),
    ],
)
def test_every_word_has_its_sentence(values, word, said) -> None:
    found = made(values)
    assert found.signal.word is word
    assert said in plain(sentence(found, "Desk"))


def test_hidden_empty_and_context_boards_have_sentences_too() -> None:
    assert sentence(made(BASE, people=3), "Desk") == "Desk, satisfied customers: hidden: fewer than 5 people."
    empty = replace(made(BASE, people=3), hidden="")
    assert sentence(empty, "Desk") == "Desk, satisfied customers: nothing to show yet."
    assert (
        sentence(made([3000, 6000], key="handle_time"), "Desk")
        == "Desk, handle time: 45 s in the last four-week blocks."
    )


def test_too_little_says_what_is_lacking() -> None:
    assert detail(made(BASE)).startswith("0 of 7 blocks since the baseline")
    assert detail(made([*BASE, *[88] * 7, None, None, 88])) == "2 of the last eight blocks have no readings."
    assert detail(made(BASE + [88] * 8)) == ""


def test_too_little_is_never_coloured() -> None:
    assert TAGS[Word.TOO_LITTLE] == ("unknown", "circle-dashed")
    assert set(TAGS) == set(Word)


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("csat", 84.25, "84.2 %"),
        ("qa", 84.25, "84.2"),
        ("wellbeing", 3.456, "3.46"),
        ("handle_time", 400, "6 min 40 s"),
        ("handle_time", 40, "40 s"),
        ("volume", 1496.4, "1,496"),
        ("csat", None, ""),
    ],
)
def test_values_stand_in_their_unit(key, value, said) -> None:
    assert plain(value_text(MEASURES[key], value)) == said


def test_a_rule_that_fired_is_said_with_what_lies_beyond_a_limit() -> None:
    days = (date(2026, 3, 2), date(2026, 9, 13))
    seven = Fired(charts.SIDE_BELOW, 7, 2, *days)
    assert fired_text(seven, until_now=True) == (
        "7 blocks below the centre since 2 March 2026, 2 of them below the lower limit"
    )
    one = Fired(charts.ABOVE_LIMIT, 1, 1, *days)
    assert fired_text(one, until_now=True) == "1 block above the upper limit, 2 Mar to 13 Sep 2026"


def _mark(days: int) -> Mark:
    return Mark("m", "a", "", first_day(FIRST) + timedelta(days), MarkKind.FIX, "Fix", rebase=False, reason="")


def test_gaps_break_the_line_and_marks_close_together_share_one() -> None:
    found = made([*BASE[:4], None, *BASE[5:], 90, 70], marks=(_mark(-400), _mark(100), _mark(105), _mark(300)))
    desk, phone = draw_charts(found, [(first_day(FIRST + 2), None, "staffing red")], first_day(FIRST + 20))
    assert desk.path.count("M") == 2
    assert [len(d.gaps) for d in (desk, phone)] == [1, 1]
    assert [flag.words for flag in desk.flags] == ["2\N{EN DASH}3", "4"]
    assert {dot.css for dot in desk.dots} == {"", "up", "dn"}
    assert desk.bands[0].x + desk.bands[0].w == pytest.approx(752)
    assert all(44 <= line.y <= 262 for line in desk.lines)
    assert not [text for text in phone.texts if "limit" in text.words and text.css == "hd"]


def test_a_chart_of_one_point_and_one_at_the_top_can_be_drawn() -> None:
    for values in ([100], [0], [100, 100]):
        desk, _ = draw_charts(made(values), (), first_day(FIRST + 9))
        assert re.fullmatch(r"M[\d.]+ [\d.]+( L[\d.]+ [\d.]+)?", desk.path)
        assert spark(made(values)) is not None
    assert spark(made(BASE, people=3)) is None
