"""The hiring card: evidence is required, cards are blind until all are in, differences first, nothing is added up."""

from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest

from devsys.core import hiring
from devsys.core.hiring import all_in, compared, erase_on, first_days, missing, open_to, panel
from devsys.core.model import hiring as model
from devsys.core.model.hiring import Card, Criterion, Rating
from devsys.core.model.needs import Need
from devsys.core.model.programme import Kind
from tests.programmes.made import GATE, activity

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
WHOLE = {c: Rating("What did you do?", "They listened.", 3) for c in Criterion}


def a_card(who, *levels, candidate="c", submitted=NOW):
    ratings = {c: Rating("asked", "heard", n) for c, n in zip(Criterion, levels or (3,) * 4, strict=True)}
    return Card(candidate, who, ratings, submitted)


def test_a_whole_card_lacks_nothing():
    assert missing(WHOLE) == {}


@pytest.mark.parametrize(
    ("rating", "part"),
    [
        (Rating("asked", "heard", 0), "level"),
        (Rating("asked", "heard", 5), "level"),
        (Rating("asked", "", 3), "heard"),
        (Rating("", "heard", 3), "asked"),
    ],
)
def test_a_card_without_evidence_question_or_level_lacks_it(rating, part):
    assert {c: where for c, (where, _) in missing(WHOLE | {Criterion.CALM: rating}).items()} == {Criterion.CALM: part}
    assert set(missing({})) == set(Criterion)


def test_every_state_of_two_and_three_assessors_is_blind_until_all_are_in():
    for count in (1, 2, 3):
        for states in product((None, NOW), repeat=count):
            cards = tuple(a_card(str(i), submitted=at) for i, at in enumerate(states))
            whole = count >= 2 and all(states)
            assert all_in(cards) is whole
            for i in range(count):
                assert {c.assessor_id for c in open_to(cards, str(i))} == (
                    {str(n) for n in range(count)} if whole else {str(i)}
                )
            assert open_to(cards, "somebody else") == ()


def test_differences_come_first_and_ties_in_the_order_of_the_card():
    lines = compared((a_card("b", 1, 3, 4, 2), a_card("a", 2, 3, 1, 2)))
    assert [(line.criterion, line.apart) for line in lines] == [
        (Criterion.SAYS_NO, 3),
        (Criterion.CALM, 1),
        (Criterion.SOLVING, 0),
        (Criterion.CURIOUS, 0),
    ]
    assert [who for who, _ in lines[0].ratings] == ["a", "b"]


def test_nothing_is_compared_before_all_are_in():
    with pytest.raises(ValueError, match="once all are in"):
        compared((a_card("a"), a_card("b", submitted=None)))


def test_no_value_of_hiring_holds_a_sum_a_rank_or_niceness():
    names = {f.name for made in (model.Card, model.Rating, model.Candidate, model.Decision) for f in fields(made)}
    names |= {f.name for made in (hiring.Line, hiring.Step) for f in fields(made)}
    assert not {n for n in names if any(word in n for word in ("score", "sum", "total", "mean", "rank", "nice"))}
    assert len(Criterion) == 4


def test_the_clock_of_erasing_runs_from_the_decision_or_twice_as_long_from_coming():
    assert erase_on(NOW, NOW + timedelta(days=30), 6) == date(2026, 8, 6)
    assert erase_on(NOW, None, 6) == date(2027, 1, 6)
    assert erase_on(NOW, None, 1) == date(2026, 3, 6)


def test_assessors_who_come_get_cards_only_while_not_all_are_in():
    waiting = (a_card("a"), a_card("b", submitted=None))
    assert panel(waiting, "c", ("a", "d")) == (("d",), ("b",))
    assert panel(waiting, "c", ("b", "d")) == (("d",), ())
    assert panel((a_card("a"), a_card("b")), "c", ("a", "b", "d")) == ((), ())


def a_need(code, due, *, person="ana"):
    at = NOW + timedelta(days=due)
    return Need(f"{person}/{code}/{due}", person, code, at - timedelta(days=14), at, at + timedelta(days=7), "")


def test_the_first_90_days_begin_with_boundaries_and_hold_what_is_due_in_them():
    known = {a.code: a for a in (GATE, activity("hear"), activity("ask"))}
    needs = (a_need("hear", 20), a_need("boundaries", 30), a_need("ask", 10), a_need("ask", 90), a_need("ask", -1))
    steps = first_days((*needs, a_need("hear", 5, person="bruno"), a_need("gone", 6)), known, NOW, "ana")
    assert [(s.need.activity, s.gate) for s in steps] == [("boundaries", True), ("ask", False), ("hear", False)]
    assert known["boundaries"].kind is Kind.BOUNDARIES
