"""How long people stay: the shares that may be shown, never a single leaving."""

from datetime import date, timedelta
from itertools import product

import pytest

from devsys.core.improvement.staying import EVERYBODY, MONTHS, staying
from devsys.core.model.people import Stay

TODAY = date(2026, 10, 1)
SINCE = date(2024, 7, 1)


def people(site, here, gone, *, own_will=True, days=200):
    joined = date(2025, 1, 1)
    stay = [Stay(f"{site}-here{i}", site, joined, None, None) for i in range(here)]
    return stay + [
        Stay(f"{site}-gone{i}", site, joined, joined + timedelta(days=days + i), own_will) for i in range(gone)
    ]


def of(found, site):
    return next(group for group in found if group.site_id == site)


def test_the_share_is_who_is_still_here():
    found = of(staying(people("s", 10, 10), SINCE, TODAY), "s")
    by_months = {p.months: p for p in found.points}
    assert by_months[6].share == 1
    assert by_months[12].share == pytest.approx(0.5)
    assert by_months[12].lower < 0.5 < by_months[12].upper
    assert found.median == 12
    assert by_months[6].watched == 20


def test_who_was_here_before_is_watched_from_then_on():
    old = [Stay(f"o{i}", "s", date(2014, 1, 1), None, None) for i in range(50)]
    with_old = of(staying([*people("s", 10, 10), *old], SINCE, TODAY), "s")
    alone = of(staying(people("s", 10, 10), SINCE, TODAY), "s")
    assert [p.share for p in with_old.points if p.months <= 12] == [p.share for p in alone.points if p.months <= 12]


def test_an_end_that_was_not_their_will_only_stops_the_watching():
    assert of(staying(people("s", 10, 6, own_will=True), SINCE, TODAY), "s").points
    assert of(staying(people("s", 10, 6, own_will=False), SINCE, TODAY), "s").hidden
    unsaid = staying(people("s", 10, 6, own_will=None), SINCE, TODAY)
    assert of(unsaid, "s").points[-1].share < 1


@pytest.mark.parametrize("gone", list(product(range(8), repeat=2)))
def test_fewer_than_five_leavings_are_neither_shown_nor_to_be_worked_out(gone):
    numbers = dict(zip("st", gone, strict=True))
    found = staying([p for site, n in numbers.items() for p in people(site, 20, n)], SINCE, TODAY)
    shown = {group.site_id for group in found if group.points}
    for site in "st":
        assert site not in shown or numbers[site] >= 5
    if EVERYBODY in shown:
        rest = sum(n for site, n in numbers.items() if site not in shown)
        assert rest == 0 or rest >= 5


def test_a_length_of_time_needs_five_people_and_counts_are_fives():
    found = of(staying([*people("s", 3, 6, days=500)], SINCE, TODAY), "s")
    assert all(p.watched >= 5 and p.watched % 5 == 0 for p in found.points)
    assert {p.months for p in found.points} == {m for m in MONTHS if m <= 12}


@pytest.mark.parametrize("since", [TODAY, TODAY + timedelta(days=40), date(2000, 1, 1)])
def test_any_beginning_of_the_record_is_answered(since):
    stays = [
        *people("s", 5, 6),
        Stay("x", "s", TODAY, None, None),
        Stay("y", "s", date(2026, 1, 1), date(2027, 1, 1), None),
    ]
    assert {g.site_id for g in staying(stays, since, TODAY)} <= {EVERYBODY, "s"}
