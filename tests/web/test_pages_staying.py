"""How long people stay, on its page: of sites, never of somebody; from when on leavings are on record."""

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest

from devsys.adapters.store.queries import people
from devsys.core.model.access import Role
from devsys.core.model.people import Person
from tests.builders import id_of

FIRST = date(2024, 1, 1)


def text(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


@pytest.fixture
def left(store, organisation):
    """Twenty more people of one team, eight of whom left."""
    team = next(p.team_id for p in organisation.people if p.team_id)
    more = tuple(
        Person(
            *(id_of(f"former {i}"), f"former-{i}", f"Vasco Pinto {i}", f"vasco{i}@northgate.example", team, None, None),
            joined=FIRST,
            left=FIRST + timedelta(days=300 + i) if i < 8 else None,
            own_will=True if i < 8 else None,
        )
        for i in range(20)
    )
    with store.write() as db:
        people.write_organisation(db, replace(people.EMPTY, people=more), today=date(2026, 1, 5))


@pytest.mark.usefixtures("left")
def test_a_lead_sees_shares_of_a_site_and_nobody_by_name(sign_in):
    page = sign_in(Role.LEAD).get("/improvement/staying")
    said = text(page)
    assert "are still here after a year" in said
    assert "Vasco" not in said
    assert "leavings are on record" not in said.lower()
    assert page.text.count("<svg") >= 1


@pytest.mark.usefixtures("left")
def test_a_coordinator_says_from_when_on_leavings_are_on_record(sign_in):
    olivia = sign_in(Role.COORDINATOR)
    assert "Nobody said so" in text(olivia.get("/improvement/staying"))
    assert olivia.post("/improvement/staying", {"since": "2024-01-01"}).status_code == 303
    said = text(olivia.get("/improvement/staying"))
    assert "Leavings are on record from Mon 1 January 2024 on." in said
    assert "Nobody said so" not in said
    assert olivia.get("/improvement/staying.csv").text.startswith("\ufeffsite,months")


@pytest.mark.usefixtures("left")
def test_a_day_to_come_is_refused(sign_in):
    answer = sign_in(Role.COORDINATOR).post("/improvement/staying", {"since": "2026-01-05"})
    assert answer.status_code == 422
    assert "A day that is past." in text(answer)


@pytest.mark.usefixtures("organisation")
def test_where_nobody_left_the_page_says_so(sign_in):
    assert "Nobody has left yet." in text(sign_in(Role.COORDINATOR).get("/improvement/staying"))
