"""Who reads one person's readings: nobody but them, unless switched on, announced, and by the lead of their team."""

from datetime import date, datetime, timedelta

import pytest

from devsys.adapters.store.queries import audit, measures
from devsys.core.improvement.readings import OwnReading
from devsys.core.improvement.sight import NOTICE, opens
from devsys.core.model.access import Role
from tests.builders import id_of

ANA = "/improvement/people/" + id_of("ana.correia")
OTHERS = [role for role in Role if role is not Role.LEAD]


@pytest.fixture
def measured(parts, organisation):
    """Readings of Ana of Alfama, some of them from the days when she was in another team; of Helena of Belem."""
    first = date(2025, 12, 1)
    rows = [
        OwnReading("csat", id_of("ana.correia"), id_of("alfama"), first, first + timedelta(6), 7, 9),
        OwnReading("csat", id_of("ana.correia"), id_of("belem"), first, first + timedelta(6), 1, 8),
        OwnReading("csat", id_of("helena.vaz"), id_of("belem"), first, first + timedelta(6), 5, 9),
    ]
    with parts.store.write() as db:
        measures.add_own(db, rows)
    return organisation


def switched(sign_in, does="on"):
    assert sign_in(Role.COORDINATOR).post("/improvement/readings", {"does": does}).status_code == 303


def test_two_weeks_begin_with_the_announcement_or_with_the_first_day_it_could_be_seen() -> None:
    said, earlier, later = (datetime(2026, 1, day, 9) for day in (5, 1, 20))
    assert opens(said, earlier) == said + NOTICE
    assert opens(said, later) == later + NOTICE


@pytest.mark.usefixtures("measured")
def test_it_is_off_by_default(sign_in) -> None:
    for role in Role:
        assert sign_in(role).get(ANA).status_code == 404
    assert "It is off" in sign_in(Role.COORDINATOR).get("/improvement/readings").text
    assert "Nobody else sees it here." in sign_in("ana.correia").get("/improvement/own").text
    assert "the lead of your team" not in sign_in("ana.correia").get("/").text


@pytest.mark.usefixtures("measured")
def test_before_its_day_nobody_sees_and_everybody_concerned_is_told(sign_in, parts) -> None:
    switched(sign_in)
    parts.clock.move(days=13, hours=23, minutes=59)
    for role in Role:
        assert sign_in(role).get(ANA).status_code == 404
    assert "Ana Correia" not in sign_in(Role.LEAD).get("/improvement/people").text
    for page in ("/", "/improvement/own"):
        told = sign_in("ana.correia").get(page).text
        assert "From Mon 19 January 2026 the lead of your team" in told
    assert "From Mon 19 January 2026 the lead" in sign_in(Role.COORDINATOR).get("/improvement/readings").text


@pytest.mark.usefixtures("measured")
def test_on_its_day_the_lead_of_the_own_team_sees_one_person_and_it_is_logged(sign_in, parts) -> None:
    switched(sign_in)
    parts.clock.move(days=14)
    lead = sign_in(Role.LEAD)
    names = lead.get("/improvement/people").text
    assert ANA in names
    assert "Helena Vaz" not in names
    assert "%" not in names.split("<main", 1)[1].split("</main", 1)[0]
    page = lead.get(ANA).text
    assert "77.8" in page  # 7 of 9, of her team of now; not the 8 of 17 with what she did elsewhere
    assert "47.1" not in page
    assert '<svg class="spc' not in page
    assert lead.get("/improvement/people/" + id_of("helena.vaz")).status_code == 404
    lead.get(ANA)
    with parts.store.read() as db:
        read = [a for a in audit.acts(db, by_id=id_of("ana.correia")) if a.act == "read readings"]
    assert [a.by for a in read] == ["Marta Nogueira"]
    assert "Since Mon 19 January 2026 the lead of your team" in sign_in("ana.correia").get("/improvement/own").text
    assert "the lead of your team" not in sign_in("ana.correia").get("/").text


@pytest.mark.usefixtures("measured")
@pytest.mark.parametrize("role", OTHERS)
def test_nobody_but_the_lead_sees_it_when_it_is_on(sign_in, parts, role) -> None:
    switched(sign_in)
    parts.clock.move(days=15)
    assert sign_in(Role.LEAD).get(ANA).status_code == 200
    assert sign_in(role).get(ANA).status_code == 404
    assert sign_in(role).get("/improvement/people").status_code == 404


@pytest.mark.usefixtures("measured")
def test_switched_off_it_ends_at_once_and_on_again_waits_anew(sign_in, parts) -> None:
    switched(sign_in)
    parts.clock.move(days=15)
    switched(sign_in)  # pressed again: the first announcement counts
    assert sign_in(Role.LEAD).get(ANA).status_code == 200
    switched(sign_in, "off")
    assert sign_in(Role.LEAD).get(ANA).status_code == 404
    parts.clock.move(minutes=1)
    switched(sign_in)
    assert sign_in(Role.LEAD).get(ANA).status_code == 404
    with parts.store.read() as db:
        acts = [a.act for a in audit.acts(db) if a.act.startswith("switch")]
    assert acts == ["switch on readings", "switch off readings", "switch on readings"]
    assert "Last switched on by Olivia Brandt" in sign_in(Role.COORDINATOR).get("/improvement/readings").text


@pytest.mark.usefixtures("measured")
def test_who_has_no_account_was_told_nothing_and_is_not_read(sign_in, parts) -> None:
    switched(sign_in)
    parts.clock.move(days=15)
    lead = sign_in(Role.LEAD)
    assert lead.get("/improvement/people/" + id_of("bruno.matos")).status_code == 404
    assert "Bruno Matos" not in lead.get("/improvement/people").text


@pytest.mark.usefixtures("measured")
def test_only_a_coordinator_of_all_switches(sign_in) -> None:
    for role in [*OTHERS, Role.LEAD]:
        if role is not Role.COORDINATOR:
            assert sign_in(role).post("/improvement/readings", {"does": "on"}).status_code in (403, 404)
    assert sign_in(Role.COORDINATOR).post("/improvement/readings", {"does": "perhaps"}).status_code == 422
    assert "It is off" in sign_in(Role.COORDINATOR).get("/improvement/readings").text
