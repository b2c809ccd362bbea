"""A coach sees a person's readings with that person's consent, from the plan, and not a moment longer."""

from datetime import date, timedelta

import pytest

from devsys.actions import adopt_programme
from devsys.adapters.store.queries import audit, measures, sight
from devsys.core.improvement.readings import OwnReading
from devsys.core.model.access import Role
from tests.builders import id_of
from tests.stories import coaching as play
from tests.stories.coaching import ANA, ASKED, plan_of


@pytest.fixture
def organisation(store):
    return play.ready(store)


def test_consent_opens_readings_to_the_present_coach_until_it_is_taken_back(
    store, sign_in, parts, organisation
) -> None:
    assert organisation.people
    adopt_programme.adopt_shipped(parts)
    ana, nadia = sign_in(Role.EMPLOYEE), sign_in(Role.COACH)
    ana.post("/coaching", ASKED)
    play.accept(ana, store)
    play.agree(nadia, store)
    plan = plan_of(store)
    first = date(2025, 12, 1)
    with store.write() as db:
        measures.add_own(db, [OwnReading("csat", ANA, id_of("alfama"), first, first + timedelta(6), 7, 9)])
    page, tick = f"/improvement/coached/{plan.id}", f"/improvement/own/{plan.id}"
    assert nadia.get(page).status_code == 404
    assert page not in nadia.get(f"/coaching/plans/{plan.id}").text
    assert nadia.post(tick, {"given": "1"}).status_code == 404
    assert nadia.get(page).status_code == 404

    assert ana.post(tick, {"given": "1"}).status_code == 303
    assert "may see this" in ana.get("/improvement/own").text
    assert page in nadia.get(f"/coaching/plans/{plan.id}").text
    assert "77.8" in nadia.get(page).text
    for role in Role:
        if role is not Role.COACH:
            assert sign_in(role).get(page).status_code == 404
    with store.read() as db:
        assert [a.by for a in audit.acts(db, by_id=ANA) if a.act == "read readings"] == ["Nadia Haddad"]

    assert ana.post(tick, {}).status_code == 303
    assert nadia.get(page).status_code == 404
    ana.post(tick, {"given": "1"})
    assert nadia.get(page).status_code == 200
    assert ana.post(f"/coaching/plans/{plan.id}/leave").status_code == 303
    assert nadia.get(page).status_code == 404
    with store.write() as db:
        assert sight.forget_consents(db) == 1
