"""Coaching, many who wait at once: the joint assignment against first come, first fit, on the same cases."""

from datetime import datetime, timedelta
from random import Random
from statistics import mean

import pytest

from devsys.core.coaching.assign import Chance, Waiting, assign, first_fit

pytestmark = pytest.mark.bench
MONDAY = datetime(2026, 1, 5, 9)
CASES = 40
NEXT = 28  # days until the next chance of somebody who is not served


def cost(day, wished):
    """Give what a day is away from what is wished: weeks to wait first, then the weekday."""
    return 10 * (day // 7) + 3 * (day % 7 not in wished)


def a_case(seed):
    """Give 40 who wait and 12 coaches: themes and languages leave each some coaches, each coach has a few times."""
    draw = Random(seed)  # noqa: S311 -- a case that can be repeated
    room = {f"c{n}": draw.randint(2, 5) for n in range(12)}
    able = {f"c{n}": draw.sample(range(4), draw.choice((1, 1, 2, 4))) for n in range(12)}
    times = {c: draw.sample([(day, half) for day in range(21) for half in range(16)], 5) for c in room}
    waiting = []
    for n in range(40):
        theme, wished = draw.randrange(4), set(draw.sample(range(5), 2))
        chances = tuple(
            Chance(
                coach, MONDAY + timedelta(days=day, minutes=30 * half), 10 * (day // 7) + 3 * (day % 7 not in wished)
            )
            for coach, themes in able.items()
            for day, half in times[coach]
            if theme in themes and draw.random() < 0.6
        )
        waiting.append(Waiting(f"p{n:02d}", draw.randrange(40), chances))
    return waiting, room


def measured(found, waiting):
    """Give how many are served, the mean days to wait of all, and how many of all have their wished weekday."""
    days = [(found[w.id].start - MONDAY).days if w.id in found else NEXT for w in waiting]
    return len(found), mean(days), sum(c.cost % 10 == 0 for c in found.values())


def test_jointly_more_are_served_and_all_wait_less(capsys):
    rows = []
    for seed in range(CASES):
        waiting, room = a_case(seed)
        joint, fit = assign(waiting, room), first_fit(waiting, room)
        assert len(joint) >= len(fit), seed
        rows.append((measured(joint, waiting), measured(fit, waiting)))
    (served, days, met), (served_fit, days_fit, met_fit) = (
        [mean(row[k][i] for row in rows) for i in range(3)] for k in (0, 1)
    )
    with capsys.disabled():
        print(  # noqa: T201 -- a bench says what it measured
            f"\ncoaching, {CASES} cases of 40 who wait: {served:.1f} served against {served_fit:.1f} by first fit; "
            f"{days:.1f} days to wait against {days_fit:.1f}; {met:.1f} at wished times against {met_fit:.1f}"
        )
    assert served > served_fit
    assert days < days_fit
