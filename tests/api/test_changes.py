"""A change rests on what was seen: refused where that is not named, or stands no more."""

from sqlalchemy import text

from devsys.actions import accounts
from devsys.adapters.store.queries import accounts as account_queries
from devsys.core.model.access import Grant, Role
from tests import builders
from tests.builders import id_of

ANA = f"/people/{id_of('ana.correia')}"


def patch(one, path, said, seen="*", **headers):
    return one.ask("PATCH", path, json=said, headers=({"If-Match": seen} if seen else {}) | headers)


def acts(parts):
    with parts.store.read() as db:
        return list(db.execute(text("SELECT act, what FROM audit WHERE act = 'change person'")))


def test_a_person_is_changed_as_they_were_seen(program, parts):
    one = program(Role.COORDINATOR)
    seen = one.get(ANA)
    lacking = patch(one, ANA, {"name": "Ana Ruiz"}, seen="")
    assert (lacking.status_code, lacking.json["type"]) == (428, "urn:devsys:problem:not-seen")
    done = patch(one, ANA, {"name": "Ana Ruiz", "pattern": "late"}, seen.headers["ETag"])
    assert done.status_code == 200
    assert done.json == seen.json | {"name": "Ana Ruiz", "pattern": "late"}
    assert done.headers["ETag"] == one.get(ANA).headers["ETag"] != seen.headers["ETag"]
    assert [what for _, what in acts(parts)] == [f"person {id_of('ana.correia')}"]


def test_who_comes_second_is_told_and_changes_nothing(program, parts):
    one, other = program(Role.COORDINATOR), program(Role.ADMINISTRATOR)
    seen = one.get(ANA).headers["ETag"]
    assert patch(other, ANA, {"name": "Ana Ruiz"}, seen).status_code == 200
    late = patch(one, ANA, {"name": "Ana Maria"}, seen)
    assert (late.status_code, late.json["type"]) == (412, "urn:devsys:problem:overtaken")
    assert patch(one, ANA, {"name": "Ana Maria"}, f"W/{seen}").status_code == 412
    assert one.get(ANA).json["name"] == "Ana Ruiz"
    assert len(acts(parts)) == 1


def test_a_change_of_somebody_else_is_no_hindrance(program):
    one = program(Role.COORDINATOR)
    seen = one.get(ANA).headers["ETag"]
    assert patch(one, f"/people/{id_of('bruno.matos')}", {"name": "Bruno Reis"}).status_code == 200
    assert patch(one, ANA, {"name": "Ana Ruiz"}, seen).status_code == 200


WRONG = (
    ({"team_id": "nowhere"}, "team_id"),
    ({"team_id": None}, "team_id"),  # a queue needs a team
    ({"queue_id": "none"}, "queue_id"),
    ({"pattern": "none"}, "pattern"),
    ({"email": "none"}, "email"),
    ({"email": "kofi.mensah@northgate.example"}, "email"),
    ({"joined": "2026-05-05", "left": "2026-05-04"}, "left"),
    ({"name": ""}, "name"),
    ({"name": " \n"}, "name"),
    ({"name": "x" * 201}, "name"),
    ({"name": None}, "name"),
    ({"code": "other"}, "code"),
    ({"left": "yesterday"}, "left"),
)


def test_what_cannot_be_names_its_field_and_changes_nothing(program):
    one = program(Role.COORDINATOR)
    seen = one.get(ANA)
    for said, where in WRONG:
        answer = patch(one, ANA, said)
        assert (answer.status_code, answer.json["faults"][0]["where"]) == (422, where), answer.text
        assert one.get(ANA).json == seen.json, said


def test_the_same_key_is_another_request_with_another_etag(program):
    one = program(Role.COORDINATOR)
    key = {"Idempotency-Key": "k1"}
    seen = one.get(ANA).headers["ETag"]
    first = patch(one, ANA, {"name": "Ana Ruiz"}, seen, **key)
    again = patch(one, ANA, {"name": "Ana Ruiz"}, seen, **key)
    assert (first.status_code, again.status_code, again.data) == (200, 200, first.data)
    assert again.headers["ETag"] == first.headers["ETag"]
    other = patch(one, ANA, {"name": "Ana Ruiz"}, first.headers["ETag"], **key)
    assert (other.status_code, other.json["type"]) == (422, "urn:devsys:problem:key-used")


def test_a_coordinator_of_some_teams_changes_their_people_alone(program, parts):
    with parts.store.read() as db:
        boss = account_queries.viewer_of(db, id_of(builders.CAST[Role.ADMINISTRATOR]))
    accounts.take_role(parts, boss, id_of(builders.CAST[Role.COORDINATOR]), Grant(Role.COORDINATOR))
    accounts.give_role(parts, boss, id_of(builders.CAST[Role.COORDINATOR]), Grant(Role.COORDINATOR, id_of("alfama")))
    one = program(Role.COORDINATOR)
    assert patch(one, ANA, {"name": "Ana Ruiz"}).status_code == 200
    kofi = patch(one, f"/people/{id_of('kofi.mensah')}", {"name": "Kofi"})
    assert kofi.status_code == 404
    away = patch(one, ANA, {"team_id": id_of("belem"), "queue_id": None})
    assert (away.status_code, away.json["faults"][0]["where"]) == (422, "team_id")
