"""Webhooks on their page: named, tested, paused, removed by administrators; the secret is shown once."""

import re

from devsys.adapters.store.queries import webhooks
from devsys.core.model.access import Role

GIVEN = {
    "name": "Workforce system",
    "address": "https://hooks.alder-finch.example/devsys/9f3",
    "events": ["plan.published"],
}


def text(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def test_an_administrator_names_tests_pauses_and_removes_one(sign_in, store):
    rui = sign_in(Role.ADMINISTRATOR)
    assert "Nobody is told anything yet." in text(rui.get("/webhooks"))
    made = rui.post("/webhooks", data=GIVEN)
    assert made.status_code == 200
    assert made.headers["Cache-Control"] == "no-store"
    secret = re.search(r"whsec_[A-Za-z0-9+/=]+", made.text)[0]
    page = rui.get("/webhooks")
    assert secret not in page.text
    assert "devsys/9f3" not in page.text
    assert "hooks.alder-finch.example" in page.text
    with store.read() as db:
        hook_id = webhooks.listed(db)[0].id
    assert rui.post(f"/webhooks/{hook_id}/test").status_code == 303
    assert "Test Workforce system" in text(rui.get("/webhooks"))
    assert rui.post(f"/webhooks/{hook_id}/active", data={"active": "no"}).status_code == 303
    assert "Paused" in text(rui.get("/webhooks"))
    assert "Test Workforce system" not in text(rui.get("/webhooks"))
    assert rui.post(f"/webhooks/{hook_id}/remove").status_code == 303
    assert "Nobody is told anything yet." in text(rui.get("/webhooks"))
    acts = text(rui.get("/log"))
    assert all(act in acts for act in ("add webhook", "pause webhook", "remove webhook"))


def test_what_cannot_be_told_is_said_beside_its_field_and_what_was_typed_stays(sign_in):
    rui = sign_in(Role.ADMINISTRATOR)
    refused = rui.post("/webhooks", data=GIVEN | {"address": "https://10.0.0.7/hook"})
    assert refused.status_code == 422
    assert "An https address is wanted" in refused.text
    assert "Workforce system" in refused.text
    assert "at least one event" in rui.post("/webhooks", data=GIVEN | {"events": []}).text
    for act in ("test", "active", "remove"):
        assert rui.post(f"/webhooks/nothing/{act}").status_code == 404


def test_nobody_else_may(sign_in):
    for role in (Role.COORDINATOR, Role.LEAD, Role.EMPLOYEE):
        visitor = sign_in(role)
        assert visitor.get("/webhooks").status_code in (403, 404)
        assert visitor.post("/webhooks", data=GIVEN).status_code in (403, 404)
