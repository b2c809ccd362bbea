"""The first 90 days of somebody new: boundaries first, by the programme and the day, for who may know what is owed."""

import pytest

from devsys.core.model.access import Role
from tests.stories import acts
from tests.web import scenes

RITA = {
    "code": "9001",
    "name": "Rita Prata",
    "email": "rita@northgate.example",
    "team": "alfama",
    "queue": "billing",
    "pattern": "early",
    "joined": "2026-01-12",
}


@pytest.fixture
def rita(parts, organisation):
    assert organisation.people
    scenes.adopt_shipped(parts)
    acts.bring(parts, "people", acts.rows("people", RITA))
    return f"/people/{acts.person_of(parts, '9001').id}/first-days"


def test_boundaries_stand_first_before_and_after_they_are_planned(rita, sign_in, parts):
    olivia = sign_in(Role.COORDINATOR)
    page = acts.text_of(olivia.get(rita))
    assert "Rita Prata joins on Mon 12 January 2026" in page
    assert page.index("Professional boundaries first of all due by") < page.index("In the next plan.")
    assert "Nothing of a hiring card enters it." in page
    assert "Coaching for" not in page
    acts.plan(parts, weeks=16)
    page = acts.text_of(olivia.get(rita))
    assert page.index("Professional boundaries first of all") < page.index("Planned.")
    parts.clock.move(days=60)
    page = acts.text_of(sign_in(Role.COORDINATOR).get(rita))
    assert page.index("Held") < page.rindex("Professional boundaries")
    parts.clock.move(days=60)
    assert sign_in(Role.COORDINATOR).get(rita).status_code == 404


def test_the_team_s_lead_sees_it_and_nobody_who_may_not_know_what_is_owed(rita, sign_in):
    for role, status in ((Role.LEAD, 200), (Role.ADMINISTRATOR, 200), (Role.EMPLOYEE, 404), (Role.FACILITATOR, 404)):
        assert sign_in(role).get(rita).status_code == status
    assert "The first 90 days" in sign_in(Role.COORDINATOR).get(rita.removesuffix("/first-days")).text


def test_who_has_been_here_for_long_has_none(rita, sign_in):
    lead = sign_in(Role.LEAD)
    old = f"/people/{lead.person_id}"
    assert lead.get(f"{old}/first-days").status_code == 404
    assert "first-days" not in lead.get(old).text
    assert rita
