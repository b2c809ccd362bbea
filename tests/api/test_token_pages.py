"""The pages on which tokens are made and ended."""

import re

from devsys.core.model.access import Role


def test_a_person_makes_uses_and_ends_a_token(sign_in, client):
    me = sign_in(Role.EMPLOYEE)
    made = me.post("/account/tokens", {"name": "Script", "scopes": ["sessions:read"], "days": "30"})
    assert made.status_code == 201
    secret = re.search(r"devsys_[\w-]{32}", made.text)[0]
    headers = {"Authorization": f"Bearer {secret}"}
    assert client.get("/api/v1/sessions", headers=headers).status_code == 200
    assert client.get("/api/v1/people", headers=headers).status_code == 403
    page = me.get("/account/tokens").text
    assert secret not in page
    assert "Script" in page
    end = re.search(r'action="(/account/tokens/\w+/revoke)"', page)[1]
    assert sign_in(Role.COORDINATOR).post(end).status_code == 404
    assert me.post(end).status_code == 303
    assert client.get("/api/v1/sessions", headers=headers).status_code == 401


def test_what_is_missing_is_said_beside_its_field(sign_in):
    me = sign_in(Role.EMPLOYEE)
    assert "one thing at least" in me.post("/account/tokens", {"name": "Script", "days": "30"}).text
    assert me.post("/account/tokens", {"scopes": ["sessions:read"]}).status_code == 422
    assert me.post("/account/tokens", {"name": "x", "scopes": ["sessions:read"], "days": "9999"}).status_code == 422


def test_integrations_are_the_administrators(sign_in):
    wanted = {"name": "Payroll", "scopes": ["people:read"], "days": "90"}
    assert sign_in(Role.COORDINATOR).post("/integrations", wanted).status_code == 404
    me = sign_in(Role.ADMINISTRATOR)
    assert me.post("/integrations", wanted).status_code == 201
    page = me.get("/integrations").text
    assert "made by Rui Carvalho" in page
    end = re.search(r'action="(/integrations/\w+/revoke)"', page)[1]
    assert sign_in(Role.EMPLOYEE).post(end).status_code == 404
    assert me.post(end).status_code == 303
