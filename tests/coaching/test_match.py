"""Who is proposed, in which order, and why in words."""

from dataclasses import replace
from datetime import datetime, time

import pytest

from devsys.core.coaching.figures import gaps, wait_of
from devsys.core.coaching.match import Coach, Option, Why, Wish, able, explain, part_of_day, rank, why_words

NADIA = Coach("nadia", "Nadia Haddad", 1, languages=frozenset({"English"}))
TIAGO = Coach("tiago", "Tiago Lopes", 0)
WISH = Wish(preferred=((1, time(9), time(12)),))
TUESDAYS = tuple(datetime(2026, 1, day, 10) for day in (6, 13, 20, 27))


def option(coach="nadia", starts=TUESDAYS, wished=4, steps=4, spare=1):
    return Option(coach, starts, steps, wished, spare)


@pytest.mark.parametrize(
    ("coaches", "wish", "why"),
    [
        ((), WISH, Why.NO_COACH),
        ((TIAGO,), replace(WISH, language="English"), Why.LANGUAGE),
        ((NADIA,), replace(WISH, barred=frozenset({"nadia"})), Why.LEAD),
        ((NADIA,), replace(WISH, passed=frozenset({"nadia"})), Why.PASSED),
        ((replace(NADIA, paused=True),), WISH, Why.BUSY),
        ((replace(NADIA, load=3),), WISH, Why.BUSY),
    ],
)
def test_nobody_who_cannot_or_is_not_wanted_is_asked(coaches, wish, why):
    assert able(coaches, wish) == ((), why)
    assert why_words(why).endswith(".")


def test_who_can_is_asked():
    assert able((NADIA, TIAGO), WISH) == ((NADIA, TIAGO), None)
    assert able((NADIA, TIAGO), replace(WISH, language="English")) == ((NADIA,), None)


def test_each_coach_stands_once_before_any_stands_twice_and_at_most_three():
    later = tuple(s.replace(hour=11) for s in TUESDAYS)
    many = (option(), option(starts=later), option("tiago", starts=later, wished=2), option("tiago", wished=0))
    found = rank(many, WISH, {"nadia": NADIA, "tiago": TIAGO})
    assert [(o.coach, o.wished) for o in found] == [("nadia", 4), ("tiago", 2), ("nadia", 4)]


def test_a_former_coach_comes_first_then_whole_series_then_wishes_then_load():
    coaches = {"nadia": NADIA, "tiago": TIAGO}
    assert rank((option(), option("tiago")), WISH, coaches)[0].coach == "tiago"  # less load
    assert rank((option(), option("tiago")), replace(WISH, former="nadia"), coaches)[0].coach == "nadia"
    assert rank((option(), option("tiago", wished=3)), WISH, coaches)[0].coach == "nadia"
    assert rank((option(), option("tiago", starts=TUESDAYS[:3], wished=3)), WISH, coaches)[0].coach == "nadia"


def test_the_reasons_are_said():
    said = explain(option(), replace(WISH, former="nadia", language="English"), NADIA, "Coaching for calls")
    assert said == (
        "Nadia Haddad has coached you before, as you asked for.",
        "Qualified for Coaching for calls.",
        "Speaks the language you asked for.",
        "Has room: one of 3 series now.",
        "At times you asked for, all in the morning.",
        "The queue can do without you then, with one to spare.",
    )
    said = explain(option(wished=1, starts=TUESDAYS[:3], spare=0), WISH, TIAGO, "writing")
    assert said[1:] == (
        "Has no other series now.",
        "One of 3 at times you asked for.",
        "One of 4 dates is still to be found by the plan.",
        "The queue can just do without you then.",
    )
    assert "none of those is free" in " ".join(explain(option(wished=0), WISH, TIAGO, "writing"))
    assert "easily" in explain(option(spare=5), Wish(), TIAGO, "writing")[-1]


def test_a_part_of_the_day_is_said_where_all_share_it():
    assert part_of_day(TUESDAYS) == "in the morning"
    assert part_of_day((TUESDAYS[0], TUESDAYS[1].replace(hour=15))) == ""
    assert part_of_day((TUESDAYS[0].replace(hour=18),)) == "in the evening"


def test_waiting_times_are_shown_from_five_people_on_and_each_counts_once():
    day = datetime(2026, 1, 5)
    four = [(f"p{n}", day, day.replace(day=5 + n)) for n in range(4)]
    now = day.replace(day=30)
    assert wait_of(four, now) is None
    assert wait_of([*four, *[("p0", day.replace(day=1 + n), None) for n in range(3)]], now) is None
    found = wait_of([*four, ("p4", day, None)], now)
    assert (found.days, found.people) == (2, 5)


def test_gaps_are_what_nobody_or_one_alone_can_coach():
    both = {"calls": [NADIA, TIAGO], "writing": [NADIA], "conflict": [], "full": [replace(NADIA, load=9)] * 2}
    found = {g.activity: (g.qualified, g.room, g.waiting) for g in gaps(both, {"writing": 2})}
    assert found == {"writing": (1, 1, 2), "conflict": (0, 0, 0), "full": (2, 0, 0)}
