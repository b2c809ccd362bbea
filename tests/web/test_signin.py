"""The door: sign-in, what a browser holds, forged forms, foreign hosts."""

import json
import re
import stat
from dataclasses import replace

import pytest

from devsys.actions import sign_in as sign_in_action
from devsys.actions.sign_in import hash_password
from devsys.adapters.store.queries import accounts, house, people
from devsys.base.config import Settings
from devsys.base.errors import UnavailableError
from devsys.core.model.access import Role
from devsys.faces.web.signin import hosts, local_path, secret_key
from tests.builders import DOMAIN, id_of

ORIGIN = {"Origin": "http://127.0.0.1:8000"}
PASSWORD = "five quiet herons at dusk"
pytestmark = pytest.mark.usefixtures("ana")
EMAIL = f"ana.correia@{DOMAIN}"


@pytest.fixture
def ana(store, organisation):
    """Ana Correia's account with a password she knows."""
    assert organisation.people
    with store.write() as db:
        accounts.set_password_hash(db, id_of("ana.correia"), hash_password(PASSWORD))
    return id_of("ana.correia")


def token_of(page):
    return re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]


def enter(client, email=EMAIL, password=PASSWORD, **more):
    token = token_of(client.get("/sign-in"))
    data = {"csrf_token": token, "email": email, "password": password, **more}
    return client.post("/sign-in", data=data, headers=ORIGIN)


def cookies(answer):
    return answer.headers.getlist("Set-Cookie")


def test_right_password_opens_and_gives_a_new_secret(client):
    before = client.get("/sign-in")
    visitor_cookie = cookies(before)[0].split(";")[0]
    answer = enter(client)
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/"
    given = cookies(answer)[0]
    assert given.split(";")[0] != visitor_cookie
    assert all(f"; {mark}" in given for mark in ("HttpOnly", "Path=/", "SameSite=Lax"))
    assert client.get("/").status_code == 200


def test_only_the_hash_of_the_secret_is_kept(client, store):
    secret = cookies(enter(client))[0].split(";")[0].removeprefix("devsys=")
    with store.read() as db:
        rows = db.connection().exec_driver_sql("SELECT id_hash FROM sign_in").fetchall()
    assert len(rows) == 1
    assert rows[0][0] != secret
    assert len(rows[0][0]) == 64


def test_known_and_unknown_account_are_refused_with_the_same_bytes(app):
    def refused(email):
        page = enter(app.test_client(), email, "not the password at all")
        text = page.text.replace(email, "EMAIL")
        return page.status_code, re.sub(r'(name="csrf_token" value=")[^"]*', r"\1", text)

    assert refused(EMAIL) == refused("nobody@northgate.example")
    assert refused(EMAIL)[0] == 422


def test_an_account_without_password_cannot_be_entered(client):
    assert enter(client, f"olivia.brandt@{DOMAIN}", "").status_code == 422
    assert enter(client, f"olivia.brandt@{DOMAIN}", "anything at all").status_code == 422


def test_wrong_passwords_are_slowed_for_the_account_from_anywhere(app, clock):
    for number in range(5):
        client = app.test_client()
        client.environ_base = {**client.environ_base, "REMOTE_ADDR": f"127.0.0.{number + 1}"}
        assert enter(client, password="not the password at all").status_code == 422
    answer = enter(app.test_client())
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "1"
    assert "1 seconds" in answer.text or "1 second" in answer.text
    clock.move(seconds=1)
    assert enter(app.test_client()).status_code == 303


def test_waiting_grows_with_every_wrong_password(app, clock):
    waits = []
    for _ in range(9):
        answer = enter(app.test_client(), password="not the password at all")
        if answer.status_code == 429:
            waits.append(int(answer.headers["Retry-After"]))
            clock.move(seconds=waits[-1])
            assert enter(app.test_client(), password="not the password at all").status_code == 422
    assert waits == [1, 2, 4, 8]


def test_wrong_passwords_are_slowed_for_the_address_too(app):
    client = app.test_client()
    for number in range(20):
        assert enter(client, f"person{number}@northgate.example", "not the password at all").status_code == 422
    assert enter(client).status_code == 429


def test_a_right_password_forgets_the_wrong_ones(app):
    for _ in range(2):
        for _ in range(4):
            enter(app.test_client(), password="not the password at all")
        assert enter(app.test_client()).status_code == 303


def test_sign_out_ends_the_sign_in_on_the_server(app):
    client = app.test_client()
    secret = cookies(enter(client))[0].split(";")[0].removeprefix("devsys=")
    answer = client.post("/sign-out", data={"csrf_token": token_of(client.get("/"))}, headers=ORIGIN)
    assert answer.status_code == 303
    assert any(c.startswith("devsys=;") for c in cookies(answer))
    other = app.test_client()
    other.set_cookie("devsys", secret, domain="127.0.0.1")
    assert other.get("/").status_code == 303


def test_a_sign_in_ends_when_it_is_not_used(sign_in, clock):
    visitor = sign_in(Role.EMPLOYEE)
    clock.move(hours=11)
    assert visitor.get("/").status_code == 200
    clock.move(hours=11)
    assert visitor.get("/").status_code == 200
    clock.move(hours=12)
    assert visitor.get("/").status_code == 303


def test_a_shut_account_is_out_at_the_next_request(sign_in, store):
    visitor = sign_in(Role.EMPLOYEE)
    assert visitor.get("/").status_code == 200
    with store.write() as db:
        accounts.set_active(db, visitor.person_id, active=False)
    assert visitor.get("/").status_code == 303


def test_who_left_is_out_at_the_next_request(sign_in, store, clock):
    visitor = sign_in(Role.EMPLOYEE)
    with store.write() as db:
        person = next(p for p in people.organisation(db).people if p.id == visitor.person_id)
        gone = replace(person, left=clock.now.date())
        people.write_organisation(db, people.only(people=(gone,)), today=clock.now.date())
    assert visitor.get("/").status_code == 303


def test_a_new_password_ends_all_other_sign_ins(app):
    here, there = app.test_client(), app.test_client()
    enter(here)
    enter(there)
    token = token_of(here.get("/account/password"))
    fresh = "nine loud geese at dawn"
    answer = here.post(
        "/account/password",
        data={"csrf_token": token, "old": PASSWORD, "password": fresh, "again": fresh},
        headers=ORIGIN,
    )
    assert answer.status_code == 303
    assert here.get("/").status_code == 200
    assert there.get("/").status_code == 303
    assert enter(app.test_client(), password=PASSWORD).status_code == 422
    assert enter(app.test_client(), password=fresh).status_code == 303


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (
            {"old": "wrong", "password": "nine loud geese at dawn", "again": "nine loud geese at dawn"},
            "not the present",
        ),
        ({"old": PASSWORD, "password": "short", "again": "short"}, "12 to 200 characters"),
        ({"old": PASSWORD, "password": PASSWORD, "again": PASSWORD}, "another one"),
        ({"old": PASSWORD, "password": "nine loud geese at dawn", "again": "nine loud geese"}, "not the same"),
        ({}, "not the present"),
    ],
)
def test_a_password_is_changed_only_by_who_knows_it(client, typed, said):
    enter(client)
    token = token_of(client.get("/account/password"))
    answer = client.post("/account/password", data={"csrf_token": token, **typed}, headers=ORIGIN)
    assert answer.status_code == 422
    assert said in answer.text


def test_a_one_time_password_opens_one_page_only(client, sign_in):
    visitor = sign_in(Role.ADMINISTRATOR)
    page = visitor.post(f"/people/{id_of('ana.correia')}/password")
    once = re.search(r'<code class="once">([^<]+)</code>', page.text)[1]
    assert enter(client, password=PASSWORD).status_code == 422
    assert enter(client, password=once).status_code == 303
    answer = client.get("/people")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account/password")
    fresh = "nine loud geese at dawn"
    token = token_of(client.get("/account/password"))
    data = {"csrf_token": token, "old": once, "password": fresh, "again": fresh}
    assert client.post("/account/password", data=data, headers=ORIGIN).status_code == 303
    assert client.get("/").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "/ok\r\nSet-Cookie: a=b",
        "http:evil.example",
        "evil",
        "",
        "///evil.example",
    ],
)
def test_next_leads_to_our_own_pages_only(client, path):
    assert local_path(path) == "/"
    assert enter(client, next=path).headers["Location"] == "/"


def test_next_keeps_a_local_path_with_its_query(client):
    answer = client.get("/people?search=Jo%C3%A3o&page=2")
    assert answer.headers["Location"] == "/sign-in?next=/people%3Fsearch%3DJo%25C3%25A3o%26page%3D2"
    page = client.get(answer.headers["Location"])
    onward = re.search(r'name="next" value="([^"]+)"', page.text)[1].replace("&amp;", "&")
    assert enter(client, next=onward).headers["Location"] == "/people?search=Jo%C3%A3o&page=2"


def test_who_is_signed_in_is_not_asked_again(sign_in):
    answer = sign_in(Role.EMPLOYEE).get("/sign-in?next=/account")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account")


def test_part_of_a_page_says_where_to_sign_in(client):
    answer = client.get("/people", headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"].startswith("/sign-in")


def test_a_form_without_token_is_refused(sign_in, parts):
    visitor = sign_in(Role.EMPLOYEE)
    for token in ("", "made up", sign_in(Role.COORDINATOR).token):
        answer = visitor.post("/account/theme", {"theme": "dark", "csrf_token": token})
        assert answer.status_code == 400
    with parts.store.read() as db:
        assert accounts.account(db, visitor.person_id).theme == ""


def test_a_token_is_worth_nothing_in_another_sign_in(sign_in):
    ana_here, olivia = sign_in(Role.EMPLOYEE), sign_in(Role.COORDINATOR)
    page = olivia.get("/account/password")
    answer = ana_here.post("/account/theme", {"theme": "dark", "csrf_token": token_of(page)})
    assert answer.status_code == 400


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:9", "", "ftp://127.0.0.1:8000"])
def test_a_form_of_another_page_is_refused(sign_in, origin):
    answer = sign_in(Role.EMPLOYEE).post("/account/theme", {"theme": "dark"}, headers={"Origin": origin})
    assert answer.status_code == 400
    assert "another page" in answer.text


def test_referer_stands_in_for_a_missing_origin(sign_in):
    visitor = sign_in(Role.EMPLOYEE)
    headers = {"Referer": "http://127.0.0.1:8000/account"}
    answer = visitor.client.post("/account/theme", data={"theme": "dark", "csrf_token": visitor.token}, headers=headers)
    assert answer.status_code == 303


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1:9", "127.0.0.1", "localhost:8000.evil.example"])
def test_a_foreign_host_is_refused(client, host):
    assert client.get("/sign-in", headers={"Host": host}).status_code == 400


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost:8000", "[::1]:8000"])
def test_loopback_is_known_by_all_its_names(client, host):
    assert client.get("/sign-in", headers={"Host": host}).status_code == 200


def test_off_loopback_only_the_public_address_is_known():
    settings = Settings(host="0.0.0.0", port=8000, base_url="https://learn.northgate.example")  # noqa: S104
    assert hosts(settings) == {"learn.northgate.example"}


def test_theme_is_kept_with_the_account_and_shown(sign_in):
    visitor = sign_in(Role.EMPLOYEE)
    answer = visitor.post("/account/theme", {"theme": "dark", "next": "/account"})
    assert answer.headers["Location"] == "/account"
    assert '<html lang="en" data-theme="dark">' in visitor.get("/").text
    visitor.post("/account/theme", {"theme": "auto"})
    assert '<html lang="en">' in visitor.get("/").text
    assert visitor.post("/account/theme", {"theme": "pink"}).status_code == 303
    assert '<html lang="en">' in visitor.get("/").text


def test_a_visitor_keeps_the_theme_in_a_cookie(client):
    token = token_of(client.get("/sign-in"))
    client.post("/account/theme", data={"csrf_token": token, "theme": "light", "next": "/sign-in"}, headers=ORIGIN)
    assert 'data-theme="light"' in client.get("/sign-in").text


def test_secret_key_is_made_once_and_for_the_owner_only(tmp_path):
    home = tmp_path / "fresh"
    key = secret_key(home)
    assert len(key) == 64
    assert secret_key(home) == key
    assert stat.S_IMODE((home / "secret").stat().st_mode) == 0o600


def test_a_cookie_that_cannot_be_ours_is_nobody(client):
    for value in ("", "x" * 500, "\N{SNOWMAN}", "a b", "'; DROP TABLE sign_in; --"):
        client.set_cookie("devsys", value, domain="127.0.0.1")
        assert client.get("/").status_code == 303
    client.set_cookie("devsys-said", "forged.notice", domain="127.0.0.1")
    assert client.get("/sign-in").status_code == 200


def test_an_anonymous_feed_gets_no_cookie(client):
    answer = client.get("/feed/unknown.ics")
    assert answer.status_code == 404
    assert cookies(answer) == []


def test_reading_a_page_twice_writes_nothing(sign_in, store):
    visitor = sign_in(Role.EMPLOYEE)

    def content():
        with store.read() as db:
            return db.connection().exec_driver_sql("SELECT * FROM sign_in").fetchall()

    visitor.get("/")
    before = content()
    visitor.get("/")
    assert content() == before


def test_more_sign_ins_than_one_live_side_by_side(sign_in):
    first, second = sign_in(Role.EMPLOYEE), sign_in(Role.EMPLOYEE)
    assert first.secret != second.secret
    assert first.get("/").status_code == second.get("/").status_code == 200


def test_a_sign_in_is_not_lost_while_somebody_else_writes(sign_in, parts, store, clock):
    visitor = sign_in(Role.EMPLOYEE)
    clock.move(hours=1)

    class Busy(type(store)):
        def write(self):
            raise UnavailableError("Somebody else is writing right now.")

    busy = replace(parts, store=Busy(store.url))
    found = sign_in_action.signed_in(busy, visitor.secret)
    busy.store.close()
    assert found.viewer.person_id == visitor.person_id


def test_the_demo_shows_its_accounts_at_the_door_and_nobody_else_does(client, parts, store):
    assert "demo organisation" not in client.get("/sign-in").text
    kept = {"accounts": [account("lead"), account("leaver")], "feeds": []}
    (parts.settings.home / "demo.json").write_text(json.dumps(kept))
    assert "lead@demo.example" not in client.get("/sign-in").text
    with store.write() as db:
        house.set_fact(db, house.DEMO, "1")
    page = client.get("/sign-in").text
    assert "lead@demo.example" in page
    assert "leaver@demo.example" not in page
    assert "quiet heron words" in page
    (parts.settings.home / "demo.json").unlink()
    assert "lead@demo.example" not in client.get("/sign-in").text


def account(role):
    return {"role": role, "email": f"{role}@demo.example", "password": "quiet heron words", "name": "Hana Chen"}
