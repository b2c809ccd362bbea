"""People come by a provider: a real one on loopback."""

import http.client
import json
import re
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from devsys.actions import doctor
from devsys.adapters import provider as adapter
from devsys.adapters.store.queries import accounts, audit, identities
from devsys.app import serve
from devsys.core.model.access import Grant, Role
from tests.builders import id_of

ORIGIN = {"Origin": "http://127.0.0.1:8000"}
ANA, BRUNO = id_of("ana.correia"), id_of("bruno.matos")
BACK = "/sign-in/provider/back"
pytestmark = pytest.mark.usefixtures("house")


@pytest.fixture
def house(op, organisation, store):
    """Ana was invited and has never been here; the provider knows where we are."""
    assert organisation.people
    op.say("client http://127.0.0.1:8000")
    op.say("user ana")
    op.say("groups token")
    with store.write() as db:
        accounts.set_password_hash(db, ANA, "")


def sent_back(op, client, path="/sign-in/provider"):
    """Go to the provider and give the path it sends back to."""
    gone = client.get(path)
    assert gone.status_code == 303, gone.text
    return at_provider(op, gone.headers["Location"])


def at_provider(op, address):
    assert address.startswith(op.issuer)
    split = urlsplit(address)
    asking = http.client.HTTPConnection(split.netloc, timeout=10)
    asking.request("GET", f"{split.path}?{split.query}")
    answer = asking.getresponse()
    answer.read()
    asking.close()
    return answer.getheader("Location").removeprefix("http://127.0.0.1:8000")


def come(op, app, who="ana", path="/sign-in/provider"):
    op.say(f"user {who}")
    client = app.test_client()
    answer = client.get(sent_back(op, client, path), headers={"User-Agent": "Mozilla (X11; Linux) Firefox/130"})
    return client, answer


def acts(store):
    with store.read() as db:
        return [(act.act, act.what) for act in audit.acts(db)]


def inside(client):
    return client.get("/account").status_code == 200


def test_an_invited_person_comes_in_is_linked_and_gets_the_role_of_a_group(op, app, client, store):
    assert "Sign in by Northgate" in client.get("/sign-in?next=/account").text
    visitor, answer = come(op, app, path="/sign-in/provider?next=/account/sign-ins")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account/sign-ins")
    page = visitor.get("/account/sign-ins").text
    assert "Firefox on Linux" in page
    assert "by your organisation" in page
    with store.read() as db:
        assert Grant(Role.ADMINISTRATOR) in accounts.grants(db, ANA)
        assert Role.LEAD not in {g.role for g in accounts.grants(db, ANA)}  # there is no such team
    assert ("link provider", f"account {ANA}") in acts(store)
    assert ("give role", f"account {ANA} administrator by provider") in acts(store)
    with store.write() as db:  # a changed address changes nothing: the subject is who it is
        db.connection().exec_driver_sql(f"UPDATE account SET email = 'new@x.example' WHERE person_id = '{ANA}'")
    again, _ = come(op, app)
    assert inside(again)


@pytest.mark.parametrize("who", ["ana-unverified", "stranger"])
def test_who_is_not_verified_or_not_invited_is_not_let_in(op, app, store, who):
    visitor, answer = come(op, app, who)
    assert answer.status_code == 403
    assert "No account here is yours yet" in answer.text
    assert not inside(visitor)
    with store.read() as db:
        assert not identities.is_linked(db, ANA)


def test_an_account_that_was_entered_is_never_taken_over_by_its_address(op, app, store):
    with store.write() as db:
        accounts.set_password_hash(db, ANA, "some hash")
    assert come(op, app)[1].status_code == 403
    with store.write() as db:
        accounts.set_password_hash(db, ANA, "")
    assert come(op, app)[1].status_code == 303
    assert come(op, app, "impostor")[1].status_code == 403  # the same address, another subject


def test_the_owner_links_an_account_that_has_a_password(op, app, sign_in, store):
    visitor = sign_in("ana.correia")
    with store.write() as db:
        accounts.set_password_hash(db, ANA, "some hash")
    going = visitor.post("/account/provider")
    assert going.status_code == 200
    path = at_provider(op, going.headers["Refresh"].removeprefix("0; url="))
    thief = app.test_client()
    cookie = next(c for c in going.headers.getlist("Set-Cookie") if c.startswith("devsys-try="))
    thief.set_cookie("devsys-try", cookie.split(";")[0].partition("=")[2], domain="127.0.0.1")
    assert thief.get(path).status_code == 403  # not signed in as the one who began
    assert visitor.client.get(path).headers["Location"] == "/account"
    assert come(op, app)[1].status_code == 303


def test_a_state_belongs_to_one_browser_and_works_once(op, app):
    mine, other = app.test_client(), app.test_client()
    path = sent_back(op, mine)
    assert other.get(path).status_code == 403
    other.get("/sign-in/provider")  # with a try of its own
    assert other.get(path).status_code == 403
    kept = mine.get_cookie("devsys-try", domain="127.0.0.1").value
    assert mine.get(path).status_code == 303
    mine.set_cookie("devsys-try", kept, domain="127.0.0.1")
    assert mine.get(path).status_code == 403  # the code was used
    fresh = sent_back(op, other)
    code = parse_qs(urlsplit(fresh).query)["code"][0]
    other.set_cookie("devsys-try", kept, domain="127.0.0.1")
    state = parse_qs(urlsplit(path).query)["state"][0]
    assert other.get(BACK, query_string={"state": state, "code": code}).status_code == 403


@pytest.mark.parametrize(
    "changed",
    [{"iss": "https://evil.example"}, {"code": ""}, {"code": "made-up"}, {"state": ""}, {"error": "x", "code": ""}],
)
def test_an_answer_that_was_changed_on_its_way_is_refused(op, app, changed):
    visitor = app.test_client()
    given = {name: found[0] for name, found in parse_qs(urlsplit(sent_back(op, visitor)).query).items()}
    assert visitor.get(BACK, query_string={**given, **changed}).status_code == 403
    assert not inside(visitor)


def test_a_try_is_over_after_ten_minutes(op, app, clock):
    visitor = app.test_client()
    path = sent_back(op, visitor)
    clock.move(minutes=11)
    assert visitor.get(path).status_code == 403


@pytest.mark.parametrize(
    "onward", ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_nobody_is_led_elsewhere(op, app, onward):
    client = app.test_client()
    gone = client.get("/sign-in/provider", query_string={"next": onward})
    assert client.get(at_provider(op, gone.headers["Location"])).headers["Location"] == "/"


def test_a_role_is_taken_when_the_group_is_gone_but_not_the_last_administrators(op, app, store):
    with store.write() as db:
        accounts.set_password_hash(db, BRUNO, "")
        if accounts.account(db, BRUNO) is None:
            accounts.add_account(
                db, person_id=BRUNO, email="bruno.matos@northgate.example", password_hash="", now=db_now()
            )
        accounts.add_grants(db, BRUNO, (Grant(Role.ADMINISTRATOR), Grant(Role.COACH), Grant(Role.COORDINATOR)))
    assert come(op, app, "bruno")[1].status_code == 303
    with store.read() as db:
        assert {g.role for g in accounts.grants(db, BRUNO)} == {Role.COORDINATOR}  # no group decides about that one
    with store.write() as db:
        for person_id in accounts.holders(db, Role.ADMINISTRATOR):
            accounts.drop_grant(db, person_id, Grant(Role.ADMINISTRATOR))
        accounts.add_grants(db, BRUNO, (Grant(Role.ADMINISTRATOR),))
    come(op, app, "bruno")
    with store.read() as db:
        assert accounts.holders(db, Role.ADMINISTRATOR) == {BRUNO}
    assert ("keep role", f"account {BRUNO} administrator by provider") in acts(store)


@pytest.mark.parametrize("where", ["token", "userinfo"])
def test_groups_give_roles_wherever_the_provider_tells_them_also_with_a_comma_in_the_name(op, app, store, where):
    op.say(f"groups {where}")
    assert come(op, app, "coach")[1].status_code == 303
    with store.read() as db:
        assert {g.role for g in accounts.grants(db, ANA)} >= {Role.ADMINISTRATOR, Role.COACH}


def test_what_userinfo_tells_of_somebody_else_lets_nobody_in(op, app, store):
    op.say("groups other")
    visitor, answer = come(op, app, "coach")
    assert answer.status_code == 403
    assert not inside(visitor)
    with store.read() as db:
        assert not identities.is_linked(db, ANA)


def test_a_secret_that_cannot_be_read_is_said_without_its_file(op, app, parts, tmp_path):
    unread = parts.settings.model_copy(update={"oidc_client_secret_file": tmp_path / "gone"})
    serve(app, replace(parts, settings=unread))
    _, answer = come(op, app)
    assert answer.status_code == 503
    assert "cannot be read here" in answer.text
    assert "gone" not in answer.text


def look(parts, **more):
    adapter._kept.clear()
    settings = parts.settings.model_copy(update=more)
    (found,) = (c for c in doctor.examine(replace(parts, settings=settings)) if c.name == "provider")
    return found


def test_the_doctor_asks_the_provider_and_names_what_is_wrong(op, parts, tmp_path):
    found = look(parts)
    assert (found.state, found.todo) == ("fine", "")
    assert f"{op.issuer} answers, with 2 keys" in found.says
    away = look(parts, oidc_issuer="http://127.0.0.1:9")
    assert (away.state, "does not answer" in away.says) == ("broken", True)
    assert "http://127.0.0.1:9/.well-known/openid-configuration" in away.todo
    other = look(parts, oidc_issuer=op.issuer + "/")
    assert (other.state, "by another name" in other.says) == ("broken", True)
    for name, data in (("gone", None), ("empty", b""), ("odd", b"\xff\xfe"), ("two", b"a\nb")):
        if data is not None:
            (tmp_path / name).write_bytes(data)
        secret = look(parts, oidc_client_secret_file=tmp_path / name)
        assert (secret.state, str(tmp_path / name) in secret.says, bool(secret.todo)) == ("broken", True, True)
    (tmp_path / "good").write_text("a secret\n")
    assert look(parts, oidc_client_secret_file=tmp_path / "good").state == "fine"
    for keys in ({"keys": []}, {"keys": 7}, {"keys": [{"kty": "oct"}, "x"]}):
        adapter._kept[op.issuer].keys = keys
        (found,) = (c for c in doctor.examine(parts) if c.name == "provider")
        assert (found.state, "key" in found.says) == ("broken", True)


def db_now():
    from devsys.base.clock import utc_now

    return utc_now()


def test_a_sign_in_ends_when_the_provider_is_to_be_asked_again_and_when_the_account_is_shut(op, app, clock, store):
    visitor, _ = come(op, app)
    for _ in range(9):
        clock.move(hours=1)
        assert inside(visitor)  # used all the time
    clock.move(hours=1)
    assert not inside(visitor)
    clock.move(hours=-10)
    other, _ = come(op, app)
    with store.write() as db:
        accounts.set_active(db, ANA, active=False)
    assert not inside(other)
    assert come(op, app)[1].status_code == 403


def test_the_provider_ends_a_sign_in_by_a_token_that_works_once(op, app, store):
    op.say("end")
    visitor, _ = come(op, app)
    (told,) = json.loads(op.say("end"))
    token, client = told[1], app.test_client()
    for forged in ("", "a.b.c", token[:-8] + "AAAAAAAA", "x" * 100_000):
        assert client.post("/sign-in/provider/logout", data={"logout_token": forged}).status_code == 400
    assert inside(visitor)
    answer = client.post("/sign-in/provider/logout", data={"logout_token": token})
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert not inside(visitor)
    assert ("end sign-ins", f"account {ANA} by provider") in acts(store)
    assert client.post("/sign-in/provider/logout", data={"logout_token": token}).status_code == 400


def test_signing_out_goes_on_to_the_provider(op, app):
    visitor, _ = come(op, app)
    token = re.search(r'name="csrf_token" value="([^"]+)"', visitor.get("/account").text)[1]
    answer = visitor.post("/sign-out", data={"csrf_token": token}, headers=ORIGIN)
    assert answer.headers["Location"] == "/sign-in/provider/out"
    page = visitor.get("/sign-in/provider/out")
    assert page.headers["Refresh"].startswith(f"0; url={op.issuer}/session?")
    assert not inside(visitor)


@pytest.mark.parametrize("only", [True, False])
def test_passwords_of_linked_accounts_are_off_where_that_is_set(op, parts, store, only):
    from devsys.actions import sign_in as action

    with store.write() as db:
        accounts.set_password_hash(db, ANA, action.hash_password("five quiet herons at dusk"))
        identities.link(db, issuer=op.issuer, subject="s", person_id=ANA, now=parts.now())
    these = replace(parts, settings=parts.settings.model_copy(update={"oidc_only": only}))
    answer = action.sign_in(these, "ana.correia@northgate.example", "five quiet herons at dusk", "127.0.0.1")
    assert isinstance(answer, str) is not only


def test_a_provider_that_is_away_is_said_and_passwords_still_work(app, parts, client):
    away = parts.settings.model_copy(update={"oidc_issuer": "http://127.0.0.1:9"})
    serve(app, replace(parts, settings=away))
    answer = client.get("/sign-in/provider")
    assert answer.status_code == 503
    assert "cannot be used right now" in answer.text
    assert client.get("/sign-in").status_code == 200


def test_own_sign_ins_are_listed_and_ended(sign_in, store):
    here, there, third = (sign_in("ana.correia") for _ in range(3))
    stranger = sign_in(Role.COORDINATOR)
    page = here.get("/account/sign-ins").text
    assert page.count("this one") == 1
    keys = re.findall(r'name="key" value="([0-9a-f]{20})"', page)
    assert len(keys) == 2
    assert stranger.post("/account/sign-ins/end", {"key": keys[0]}).status_code == 303
    assert there.get("/account").status_code == third.get("/account").status_code == 200  # not theirs to end
    here.post("/account/sign-ins/end", {"key": keys[0]})
    assert sorted(v.get("/account").status_code for v in (there, third)) == [200, 303]
    here.post("/account/sign-ins/others")
    assert [v.get("/account").status_code for v in (here, there, third)] == [200, 303, 303]
    office = sign_in(Role.ADMINISTRATOR)
    assert here.post(f"/people/{ANA}/sign-ins/end").status_code == 404
    office.post(f"/people/{ANA}/sign-ins/end")
    assert here.get("/account").status_code == 303
    assert {"end sign-in", "end other sign-ins", "end sign-ins"} <= {act for act, _ in acts(store)}


def test_an_administrator_takes_a_link_away_and_all_sign_ins_with_it(op, app, sign_in, store):
    visitor, _ = come(op, app)
    office = sign_in(Role.ADMINISTRATOR)
    page = office.get(f"/people/{ANA}").text
    assert "comes by the provider" in page
    assert f'action="/people/{ANA}/provider/unlink"' in page
    assert office.post(f"/people/{ANA}/provider/unlink").status_code == 303
    assert not inside(visitor)
    assert "comes by the provider" not in office.get(f"/people/{ANA}").text
    assert ("unlink provider", f"account {ANA}") in acts(store)
    assert office.post(f"/people/{ANA}/provider/unlink").status_code == 404
