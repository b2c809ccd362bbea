"""Every route declares what it asks for, is guarded by it, and answers in the house's headers."""

import re
from dataclasses import replace

import pytest
from flask import Blueprint

from devsys import app as entrance
from devsys.adapters.store.queries import accounts
from devsys.app import create_app, routes
from devsys.core.model.access import Role
from devsys.core.policy import Permission
from devsys.faces.web.headers import POLICY
from tests import builders
from tests.builders import id_of

PUBLIC = {
    "api_document.give",
    "account.theme",
    "development.manifest",
    "feeds.give",
    "provider.back",
    "provider.begin",
    "provider.out",
    "provider.told",
    "probes.alive",
    "metrics.show",  # behind a token of its own
    "probes.ready",
    "account_links.ask",
    "account_links.asked",
    "account_links.choose",
    "account_links.open_link",
    "account_links.show",
    "setup.set_up",
    "setup.show",
    "passkeys.ask",
    "passkeys.enter",
    "signin.code",
    "signin.enter",
    "signin.enter_code",
    "signin.show",
    "signin.sign_out",
    "static",
}
# A value for every variable a rule may have: things of Northgate that stand, so that a route goes as far as it can.
VALUES = {
    "person_id": id_of("bruno.matos"),
    "kind": "people",
    "code": "case_rounds",
    "activity": "case_round",
    "session_id": id_of("session round-1"),
    "ask_id": id_of("ask"),
    "draft_id": id_of("draft draft"),
    "key": "0123456789abcdef",
    "token_id": id_of("token"),
    "passkey_id": id_of("passkey"),
    "run_id": id_of("run"),
    "feed_id": id_of("feed"),
    "request_id": id_of("request"),
    "plan_id": id_of("plan"),
    "letter_id": id_of("letter"),
    "fix_id": id_of("fix"),
    "lesson_id": id_of("lesson"),
    "team_id": id_of("alfama"),
    "unit_id": id_of("alfama"),
    "queue_id": id_of("billing"),
    "mark_id": id_of("mark"),
    "check": "staffing",
    "target_id": id_of("target"),
    "leave_id": id_of("leave"),
    "vacancy_id": id_of("vacancy"),
    "candidate_id": id_of("candidate"),
    "rollout_id": id_of("rollout"),
    "refresher_id": id_of("refresher"),
    "observation_id": id_of("observation"),
    "webhook_id": id_of("webhook"),
    "number": 1,
    "token": "no-such-token",
    "filename": "devsys.css",
}


def filled(rule):
    """Give a rule's address with the values above."""
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(VALUES[found[1]]), rule)


@pytest.fixture
def peopled(app, parts, organisation):
    """Northgate with a published session."""
    assert organisation.people
    builders.publish_now(parts, builders.a_session())
    return app


def test_every_route_declares_a_permission(app):
    found = {(method, rule): permission for method, rule, _, permission in routes(app)}
    assert len(found) > 40
    assert all(isinstance(permission, Permission) for permission in found.values())


def test_only_the_named_routes_are_open_to_everybody(app):
    assert {endpoint for _, _, endpoint, permission in routes(app) if permission.public} <= PUBLIC


def test_a_route_without_permission_stops_the_start(parts, monkeypatch):
    pages = Blueprint("stray", __name__)
    pages.add_url_rule("/stray", view_func=lambda: "page", endpoint="show")
    monkeypatch.setattr(entrance, "_pages", lambda _name: pages)
    monkeypatch.setattr(entrance, "PAGES", ("devsys.faces.web.pages.home",))
    with pytest.raises(RuntimeError, match=r"GET /stray \(stray\.show\)"):
        create_app(parts)


# The whole matrix is in test_every_door.py; this asks the same of either engine.
@pytest.mark.parametrize("role", [Role.COORDINATOR, None])
def test_every_route_opens_exactly_where_the_table_says(peopled, sign_in, client, role):
    wrong = []
    for method, rule, endpoint, permission in routes(peopled):
        if permission.public or rule.startswith("/api/"):  # tests/api/test_matrix.py
            continue
        # A visitor is sent away before the form's token is looked at, whatever the method.
        if role is None:
            headers = {"Origin": "http://127.0.0.1:8000"}
            answer = client.open(filled(rule), method=method, headers=headers)
            expected = answer.status_code == 303 and answer.headers["Location"].startswith("/sign-in")
        else:
            visitor = sign_in(role)
            with peopled.extensions["devsys"].store.read() as db:
                viewer = accounts.viewer_of(db, visitor.person_id)
            open_to = bool(permission.scope(viewer))
            answer = visitor.post(filled(rule)) if method == "POST" else visitor.get(filled(rule))
            expected = answer.status_code < 500 and (open_to or answer.status_code == 404)
        if not expected:
            wrong.append((method, rule, endpoint, str(permission), answer.status_code))
    assert wrong == []


@pytest.mark.usefixtures("peopled")
def test_what_is_not_yours_looks_like_what_is_not_there(sign_in):
    employee = sign_in(Role.EMPLOYEE)
    pages = {
        path: employee.get(path)
        for path in ("/imports", "/health", f"/people/{id_of('bruno.matos')}", "/people/nobody", "/no-such-page")
    }
    assert {page.status_code for page in pages.values()} == {404}
    bodies = {re.sub(r'name="(next|csrf_token)" value="[^"]*"', "", page.text) for page in pages.values()}
    assert len(bodies) == 1


def test_policy_names_every_door():
    for directive in ("default-src", "script-src", "object-src", "base-uri", "form-action", "frame-ancestors"):
        assert f"{directive} '" in POLICY
    assert "unsafe" not in POLICY
    assert "http:" not in POLICY


@pytest.mark.parametrize("path", ["/", "/sign-in", "/no-such-page"])
def test_trace_is_refused(client, path):
    assert client.open(path, method="TRACE").status_code in (400, 404, 405)


def test_static_files_are_named_by_their_content(client):
    page = client.get("/sign-in").text
    sheet = re.search(r'href="(/static/devsys\.css\?v=[0-9a-f]{12})"', page)[1]
    with client.get(sheet) as named, client.get("/static/devsys.css") as plain:
        assert named.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert "immutable" not in plain.headers["Cache-Control"]


def test_https_brings_the_bound_cookie_and_strict_transport(parts):
    public = parts.settings.model_copy(update={"base_url": "https://learn.northgate.example"})
    made = create_app(replace(parts, settings=public))
    answer = made.test_client().get("/sign-in", base_url="https://learn.northgate.example")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-devsys=")
    assert all(f"; {mark}" in cookie for mark in ("Secure", "HttpOnly", "Path=/", "SameSite=Lax"))
    assert "Domain" not in cookie
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_too_large_a_body_is_said(sign_in):
    answer = sign_in(Role.COORDINATOR).post("/imports/people", {"pasted": "x" * 600_000})
    assert answer.status_code == 413
    assert "Too large" in answer.text
