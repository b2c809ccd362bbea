"""Sites of the demo: the usual two as they were, and as many as are asked for, told apart by code and name."""

from collections import Counter
from datetime import date

import pytest

from devsys.actions.demo import shipped
from devsys.actions.demo_organisation import demo_organisation
from devsys.actions.demo_sites import USUAL, site_plans

TODAY = date(2026, 1, 14)


def test_nothing_asked_for_gives_the_usual_two_sites() -> None:
    assert site_plans() is USUAL
    assert [site.name for site in USUAL] == ["Lisbon", "Toronto"]


def test_ten_thousand_people_at_twenty_five_sites_are_told_apart() -> None:
    activities = {a.code: a for one in shipped() for a in one.activities}
    made = demo_organisation(activities, today=TODAY, history_weeks=2, ahead_weeks=2, at=site_plans(25, 10_000))
    house = made.organisation
    here = [p for p in house.people if p.queue_id and p.left is None]
    assert len(house.sites) == 25
    assert 9_500 < len(here) < 10_500
    for things in (house.people, house.teams, house.queues, house.rooms, house.sites):
        assert [code for code, count in Counter(one.code for one in things).items() if count > 1] == []
    assert [mail for mail, count in Counter(p.email for p in house.people).items() if count > 1] == []
    assert max(Counter(p.team_id for p in here).values()) <= 14
    assert {q.site_id for q in house.queues} == {s.id for s in house.sites}


@pytest.mark.parametrize(("sites", "people"), [(0, 300), (26, 10_000), (10, 300), (1, 100_000)])
def test_an_organisation_that_cannot_be_is_refused_in_words(sites: int, people: int) -> None:
    with pytest.raises(ValueError, match="The demo"):
        site_plans(sites, people)
