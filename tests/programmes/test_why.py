from dataclasses import replace

import pytest

from devsys.core.model.programme import Cadence, Kind, Rhythm
from devsys.core.programmes.why import every_weeks, why_every, why_once, why_step
from tests.programmes.made import COACHING, GATE, ROUND, activity, ring


@pytest.mark.parametrize(("weeks", "words"), [(1, "week"), (2, "two weeks"), (12, "twelve weeks"), (13, "13 weeks")])
def test_weeks_are_words_up_to_twelve(weeks: int, words: str) -> None:
    assert every_weeks(weeks) == f"every {words}"


def test_each_cadence_has_its_sentence() -> None:
    quarter = Cadence(Rhythm.EVERY, weeks=13, rotation="digital")
    writing = activity("digital_writing", Kind.DIGITAL, cadence=quarter)
    assert why_every(ROUND, replace(ROUND.cadence, weeks=1)) == "Your team meets every week."
    assert why_every(ring("listen")[0], ring("listen")[0].cadence) == (
        "A skill session comes every four weeks; this time it is “Listen”."
    )
    assert why_every(writing, quarter) == (
        "This theme returns every 13 weeks, each time with another topic; it is the turn of “Digital writing”."
    )
    assert (
        why_every(activity("tools", Kind.DIGITAL), Cadence(Rhythm.EVERY, weeks=6)) == "“Tools” returns every six weeks."
    )


def test_what_is_held_once_speaks_to_newcomers_and_to_others() -> None:
    assert why_once(GATE, joined=True) == "You joined lately, and this comes before everything that is hard."
    assert why_once(GATE, joined=False) == "You do not hold it yet, and this comes before everything that is hard."
    assert why_once(activity("principles"), joined=False) == (
        "You do not hold it yet, and everybody starts with “Principles”."
    )


def test_coaching_was_asked_for() -> None:
    assert why_step(COACHING, 0) == "You asked for it: session 1 of 4."
    assert why_step(replace(COACHING, cadence=Cadence(Rhythm.REQUEST, 1, 7)), 0) == "You asked for it."
