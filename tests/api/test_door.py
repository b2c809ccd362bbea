"""Who is let in by a token, and how far; what a request may bring; keys that let nothing happen twice."""

import pytest
from sqlalchemy import text

from devsys.actions import accounts as account_actions
from devsys.actions import api_tokens
from devsys.actions.tidy_up import tidy_up
from devsys.adapters.store.queries import accounts, tokens
from devsys.base.errors import NotFoundError
from devsys.base.ids import token_hash
from devsys.core.model.access import Role
from tests import builders
from tests.builders import id_of

ABSENCES = f"/people/{id_of('ana.correia')}/absences"
AWAY = {"start": "2026-01-08T08:00", "end": "2026-01-09T08:00"}


def viewer(parts, role):
    with parts.store.read() as db:
        return accounts.viewer_of(db, id_of(builders.CAST[role]))


def test_a_token_sees_and_its_secret_is_nowhere(program, parts):
    one = program(Role.COORDINATOR)
    answer = one.get("/people?limit=3")
    assert answer.status_code == 200
    assert len(answer.json["items"]) == 3
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    assert not [name for name in dict(answer.headers) if name.startswith("Access-Control")]
    with parts.store.read() as db:
        rows = repr(db.execute(text("SELECT * FROM api_token")).all())
    assert one.secret not in rows
    assert token_hash(one.secret) in rows


def test_whatever_is_not_alive_is_refused_with_the_same_bytes(program, parts, clock, client, sign_in):
    revoked, shut, left, old = (program(r) for r in (Role.COACH, Role.ASSESSOR, Role.LEAD, Role.EMPLOYEE))
    assert {p.get("/people").status_code for p in (revoked, shut, left, old)} == {200}
    with parts.store.write() as db:
        (mine,) = tokens.of_owner(db, id_of(builders.CAST[Role.COACH]), "person", parts.now())
        db.execute(
            text('UPDATE person SET "left" = :day WHERE id = :id'),
            {"day": "2026-01-05", "id": id_of(builders.CAST[Role.LEAD])},
        )
        accounts.set_active(db, id_of(builders.CAST[Role.ASSESSOR]), active=False)
    api_tokens.revoke(parts, viewer(parts, Role.COACH), mine.id)
    answers = [p.get("/people") for p in (revoked, shut, left)]
    answers.append(client.get("/api/v1/people"))
    answers.append(client.get("/api/v1/people", headers={"Authorization": "Bearer devsys_unknown"}))
    answers.append(client.get("/api/v1/people", headers={"Authorization": f"Basic {old.secret}"}))
    answers.append(sign_in(Role.COORDINATOR).get("/api/v1/people"))  # a cookie is nothing here
    clock.move(days=91)
    answers.append(old.get("/people"))
    assert {(a.status_code, a.content_type, a.headers["WWW-Authenticate"], a.data) for a in answers} == {
        (401, "application/problem+json", "Bearer", answers[0].data)
    }


def test_a_token_does_only_what_it_is_made_for(program):
    reads = program(Role.COORDINATOR, ("people:read", "absences:read"))
    assert reads.get("/people").status_code == 200
    assert reads.get("/sessions").status_code == 403
    answer = reads.post(ABSENCES, AWAY)
    assert (answer.status_code, answer.json["type"]) == (403, "urn:devsys:problem:not-in-scope")


def test_a_token_sees_no_more_than_its_owner(program):
    employee, lead = program(Role.EMPLOYEE), program(Role.LEAD)
    assert [p["id"] for p in employee.get("/people").json["items"]] == [id_of("ana.correia")]
    assert employee.get(f"/people/{id_of('bruno.matos')}").status_code == 404
    assert employee.get("/runs").status_code == 404
    assert {p["team"] for p in lead.get("/people").json["items"]} == {"Billing Alfama"}


def test_only_administrators_make_integrations_and_end_any(parts, program):
    one = program(Role.ADMINISTRATOR, kind="integration")
    assert one.get("/people").status_code == 200
    with pytest.raises(NotFoundError):
        program(Role.COORDINATOR, kind="integration")
    with parts.store.read() as db:
        (made,) = tokens.integrations(db, parts.now())
    with pytest.raises(NotFoundError):
        api_tokens.revoke(parts, viewer(parts, Role.COORDINATOR), made.id, "integration")
    api_tokens.revoke(parts, viewer(parts, Role.ADMINISTRATOR), made.id, "integration")
    assert one.get("/people").status_code == 401


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b'{"start": NaN}', "application/json", 400),
        (b'{"start": 1e400}', "application/json", 400),
        (b'{"start": "2026-01-08T08:00", "start": "2026-01-08T08:00"}', "application/json", 400),
        (b'{"start": "\\ud800"}', "application/json", 400),
        (b"[" * 33 + b"]" * 33, "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b"[" * 32 + b"]" * 32, "application/json", 422),
        (b'{"start": "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["}', "application/json", 422),
        (b"\xff", "application/json", 400),
        (b'{"start": "2026-01-08T08:00", "why": "ill"}', "application/json", 422),
        (b'{"start": "2026-01-08T08:00Z"}', "application/json", 422),
        (b'{"start": 5}', "application/json", 422),
        (b"start=2026", "application/x-www-form-urlencoded", 415),
        (b"{}", "text/json", 415),
        (b'{"start": "' + b"x" * 1024 * 1024 + b'"}', "application/json", 413),
    ],
)
def test_what_is_not_taken_changes_nothing(program, body, kind, status):
    one = program(Role.COORDINATOR)
    answer = one.ask("POST", ABSENCES, data=body, content_type=kind)
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    assert one.get(ABSENCES).json["items"] == []


def test_parameters_are_strict(program):
    one = program(Role.COORDINATOR)
    for query in ("limit=0", "limit=201", "limit=x", "limit=1&limit=2", "page=1", "cursor=made-up"):
        assert one.get(f"/people?{query}").status_code == 422


def test_a_key_lets_nothing_happen_twice(program, parts, clock):
    one, other = program(Role.COORDINATOR), program(Role.COORDINATOR)
    key = {"Idempotency-Key": "k1"}
    asked = {"name": "Phone"}
    first = one.post("/feeds", asked, headers=key)
    assert (first.status_code, one.post("/feeds", asked, headers=key).data) == (201, first.data)
    assert len(one.get("/feeds").json["items"]) == 1
    with parts.store.read() as db:  # what is kept shows no address
        assert first.json["address"][-30:] not in repr(db.execute(text("SELECT * FROM api_answer")).all())
    used = one.post("/feeds", {"name": "Tablet"}, headers=key)
    assert (used.status_code, used.json["type"]) == (422, "urn:devsys:problem:key-used")
    assert other.post("/feeds", {"name": "Laptop"}, headers=key).status_code == 201
    clock.move(hours=25)
    assert tidy_up(parts)["api_answer"] == 2
    assert one.post("/feeds", {"name": "Tablet"}, headers=key).status_code == 201


def test_a_refusal_frees_its_key(program):
    one = program(Role.COORDINATOR)
    key = {"Idempotency-Key": "k1"}
    wrong = {"start": AWAY["end"], "end": AWAY["start"]}
    assert one.post(ABSENCES, wrong, headers=key).status_code == 422
    assert one.post(ABSENCES, AWAY, headers=key).json == {"changed": True}
    assert one.post(ABSENCES, AWAY, headers=key).json == {"changed": True}  # kept: asked anew it would change nothing
    assert one.post(ABSENCES, AWAY).json == {"changed": False}


def test_a_request_under_way_is_not_begun_again(program, parts):
    one = program(Role.COORDINATOR)
    first = one.post("/feeds", {"name": "Phone"}, headers={"Idempotency-Key": "k"})
    assert first.status_code == 201
    with parts.store.write() as db:
        db.execute(text("UPDATE api_answer SET status = 0, said = NULL"))
    again = one.post("/feeds", {"name": "Phone"}, headers={"Idempotency-Key": "k"})
    assert (again.status_code, again.headers["Retry-After"]) == (409, "1")


def test_who_asks_too_often_waits(program, parts, clock):
    one, other = program(Role.COORDINATOR), program(Role.LEAD)
    most = parts.settings.api_requests
    clock.move(seconds=20)
    found = [one.get("/feeds").status_code for _ in range(most + 1)]
    assert (found.count(200), found[-1]) == (most, 429)
    assert one.get("/feeds").headers["Retry-After"] == "40"
    assert other.get("/feeds").status_code == 200
    clock.move(seconds=40)
    assert one.get("/feeds").status_code == 200


def test_a_page_of_a_list_follows_the_other(program):
    one = program(Role.COORDINATOR)
    whole = [p["id"] for p in one.get("/people?limit=200").json["items"]]
    found, cursor = [], ""
    while True:
        page = one.get(f"/people?limit=5&cursor={cursor}").json
        found += [p["id"] for p in page["items"]]
        if not (cursor := page["next"]):
            break
    assert found == whole == sorted(whole)
    assert one.get(f"/sessions?cursor={one.get('/people?limit=5').json['next']}").status_code == 422


def test_what_did_not_change_is_not_sent_again(program):
    one = program(Role.COORDINATOR)
    tag = one.get("/people").headers["ETag"]
    assert one.get("/people", headers={"If-None-Match": tag}).status_code == 304
    assert one.get("/people?limit=1", headers={"If-None-Match": tag}).status_code == 200


def test_addresses_and_methods_that_are_not_there(client):
    for path, method, status in (("/nothing", "GET", 404), ("/people", "OPTIONS", 405), ("/people", "DELETE", 405)):
        answer = client.open(f"/api/v1{path}", method=method)
        assert (answer.status_code, answer.content_type) == (status, "application/problem+json")


def test_a_shut_account_is_let_in_again_with_its_token(program, parts):
    one = program(Role.LEAD)
    for active, status in ((False, 401), (True, 200)):
        account_actions.set_active(
            parts, viewer(parts, Role.ADMINISTRATOR), id_of(builders.CAST[Role.LEAD]), active=active
        )
        assert one.get("/people").status_code == status
