"""The second step: set up, sign in by it, recovery codes, turned off, taken away; what a half sign-in opens."""

import re

import pytest

from devsys.actions.letter_words import Desk, words_for
from devsys.actions.parts import Parts
from devsys.actions.sign_in import hash_password
from devsys.adapters.store.queries import accounts, letters, readers, second_step
from devsys.app import serve
from devsys.base.codes import code_at, step_at
from tests.builders import DOMAIN, id_of

ORIGIN = {"Origin": "http://127.0.0.1:8000"}
PASSWORD = "five quiet herons at dusk"
ANA = id_of("ana.correia")
EMAIL = f"ana.correia@{DOMAIN}"
WRONG = "This code does not fit"


@pytest.fixture
def ana(store, sign_in):
    """Ana Correia, signed in, whose password is known."""
    with store.write() as db:
        accounts.set_password_hash(db, ANA, hash_password(PASSWORD))
    return sign_in("ana.correia")


@pytest.fixture
def secret(ana, store):
    """The secret of Ana's app, not confirmed yet."""
    assert ana.post("/account/second-step", {"password": PASSWORD}).status_code == 303
    with store.read() as db:
        return second_step.of_person(db, ANA).secret


@pytest.fixture
def code(secret, clock):
    """Give the code of Ana's app now, or some steps from now."""
    return lambda by=0: code_at(secret, step_at(clock.now) + by)


@pytest.fixture
def codes(ana, code, clock):
    """Turn the second step on; give the recovery codes."""
    page = ana.post("/account/second-step/app", {"code": code()})
    assert page.status_code == 200
    clock.move(minutes=2)
    return re.findall(r"<li><code>([^<]+)</code>", page.text)


def post(client, path, data):
    page = client.get("/sign-in" if path == "/sign-in" else "/sign-in/code")
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]
    return client.post(path, data={"csrf_token": token, **data}, headers=ORIGIN)


def half(app):
    """A browser in which the password was right."""
    client = app.test_client()
    answer = post(client, "/sign-in", {"email": EMAIL, "password": PASSWORD, "next": "/feeds"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in/code?next=/feeds")
    return client


def test_a_password_is_asked_before_an_app_is_set_up(ana, store):
    assert ana.get("/account/second-step/app").status_code == 303
    answer = ana.post("/account/second-step", {"password": "not the password at all"})
    assert answer.status_code == 422
    assert "That is not the present password." in answer.text
    with store.read() as db:
        assert second_step.of_person(db, ANA) is None


def test_the_secret_is_shown_in_words_and_as_a_picture_and_is_sealed(ana, secret, store):
    page = ana.get("/account/second-step/app")
    assert " ".join(re.findall("....", secret)) in page.text
    assert 'class="qr"' in page.text
    with store.read() as db:
        kept = db.connection().exec_driver_sql("SELECT secret FROM second_step").scalar()
    assert secret.encode() not in bytes(kept)


def test_an_app_that_is_not_confirmed_changes_nothing(app, secret):
    assert secret
    answer = post(app.test_client(), "/sign-in", {"email": EMAIL, "password": PASSWORD})
    assert answer.headers["Location"] == "/"


def test_a_wrong_first_code_turns_nothing_on(ana, code, store):
    answer = ana.post("/account/second-step/app", {"code": code(9)})
    assert answer.status_code == 422
    assert WRONG in answer.text
    with store.read() as db:
        assert not second_step.is_on(db, ANA)


def test_ten_codes_are_shown_once_and_kept_as_hashes(ana, codes, store):
    assert len(set(codes)) == 10
    page = ana.get("/account/second-step")
    assert "You have 10 recovery codes left." in page.text
    assert not any(one in page.text for one in codes)
    with store.read() as db:
        kept = db.connection().exec_driver_sql("SELECT code_hash FROM recovery_code").scalars().all()
    assert all(re.fullmatch("[0-9a-f]{64}", one) for one in kept)


def test_password_then_code_opens_and_goes_on(app, codes, code):
    assert codes
    client = half(app)
    answer = post(client, "/sign-in/code", {"code": code(), "next": "/feeds"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/feeds")
    assert client.get("/account").status_code == 200


def test_a_half_sign_in_opens_nothing_and_ends_after_five_minutes(app, codes, code, clock):
    assert codes
    client = half(app)
    for path in ("/", "/account", "/account/second-step", "/feeds", "/people"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (303, "/sign-in")
    page = client.get("/sign-in/code")
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]
    clock.move(minutes=5)
    answer = client.post("/sign-in/code", data={"csrf_token": token, "code": code()}, headers=ORIGIN)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in")
    assert client.get("/account").status_code == 303
    assert client.get("/sign-in/code").status_code == 303


def test_a_code_is_taken_once(app, codes, code):
    assert codes
    assert post(half(app), "/sign-in/code", {"code": code()}).status_code == 303
    answer = post(half(app), "/sign-in/code", {"code": code()})
    assert answer.status_code == 422
    assert WRONG in answer.text


def test_a_recovery_code_opens_once_however_it_is_typed(app, ana, codes):
    typed = codes[3].upper().replace("-", " ")
    assert post(half(app), "/sign-in/code", {"code": typed}).status_code == 303
    assert post(half(app), "/sign-in/code", {"code": codes[3]}).status_code == 422
    assert "You have 9 recovery codes left." in ana.get("/account/second-step").text


def test_wrong_codes_are_slowed_and_a_right_password_does_not_forget_them(app, codes, code, clock):
    assert codes
    for _ in range(5):
        assert post(half(app), "/sign-in/code", {"code": code(9)}).status_code == 422
    client = half(app)
    answer = post(client, "/sign-in/code", {"code": code()})
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1")
    clock.move(seconds=1)
    assert post(client, "/sign-in/code", {"code": code()}).status_code == 303


@pytest.mark.parametrize("typed", ["", " ", "12345", "00000\x00", "9" * 400, "١٢٣٤٥٦", "💡"])
def test_what_is_no_code_is_refused_in_words(app, codes, typed):
    assert codes
    assert post(half(app), "/sign-in/code", {"code": typed}).status_code == 422


def test_a_new_password_ends_a_half_sign_in(app, codes, code, ana):
    assert codes
    client = half(app)
    page = client.get("/sign-in/code")
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]
    changed = {"old": PASSWORD, "password": "six loud herons at dawn", "again": "six loud herons at dawn"}
    assert ana.post("/account/password", changed).status_code == 303
    answer = client.post("/sign-in/code", data={"csrf_token": token, "code": code()}, headers=ORIGIN)
    assert answer.headers["Location"] == "/sign-in"


def test_turning_it_off_and_new_codes_need_a_code(app, ana, codes, code, clock):
    for path in ("off", "codes"):
        answer = ana.post(f"/account/second-step/{path}", {"code": code(9)})
        assert answer.status_code == 422
        assert WRONG in answer.text
    page = ana.post("/account/second-step/codes", {"code": code()})
    fresh = re.findall(r"<li><code>([^<]+)</code>", page.text)
    assert len(set(fresh) | set(codes)) == 20
    assert post(half(app), "/sign-in/code", {"code": codes[0]}).status_code == 422
    clock.move(seconds=30)
    assert ana.post("/account/second-step/off", {"code": fresh[0]}).status_code == 303
    answer = post(app.test_client(), "/sign-in", {"email": EMAIL, "password": PASSWORD})
    assert answer.headers["Location"] == "/"


def test_an_administrator_takes_it_away_and_a_letter_says_so(app, ana, codes, sign_in, post_of_ana):
    assert codes
    administrator = sign_in("administrator")
    page = administrator.get(f"/people/{ANA}")
    assert "Take the second step away" in page.text
    assert administrator.post(f"/people/{ANA}/second-step").status_code == 303
    assert ana.get("/account").status_code == 303
    assert post(app.test_client(), "/sign-in", {"email": EMAIL, "password": PASSWORD}).headers["Location"] == "/"
    assert administrator.post(f"/people/{ANA}/second-step").status_code == 404
    assert post_of_ana() == ["Signing in takes a code now", "Your second step was taken away"]


def test_wrong_passwords_while_it_is_set_up_slow_the_next(ana, clock):
    for _ in range(5):
        assert "not the present password" in ana.post("/account/second-step", {"password": "not this one"}).text
    slowed = ana.post("/account/second-step", {"password": PASSWORD})
    assert (slowed.status_code, "Too many tries" in slowed.text) == (422, True)
    clock.move(minutes=1)
    assert ana.post("/account/second-step", {"password": PASSWORD}).status_code == 303


@pytest.fixture
def post_of_ana(parts, store, clock):
    """Give the words that letters about the second step find, in their order."""

    def said():
        with store.read() as db:
            rows = db.connection().exec_driver_sql(
                "SELECT about FROM letter WHERE kind = 'second step' ORDER BY opened"
            )
            who = readers.recipients(db, (ANA,), clock.now.date(), by_account=True)[ANA]
            return [
                words_for(Desk(db, parts, _next(row.about, clock.now), who, clock.now)).content.subject
                for row in rows.all()
            ]

    return said


def _next(about, now):
    return letters.Next("1", ANA, letters.SECOND_STEP, about, now, 0, now, "", None)


def test_only_administrators_take_it_away(sign_in, codes, store):
    assert codes
    for role in ("coordinator", "lead", "employee"):
        assert sign_in(role).post(f"/people/{ANA}/second-step").status_code == 404
    with store.read() as db:
        assert second_step.is_on(db, ANA)


def test_who_needs_one_is_led_to_it_before_anything_else(app, parts, sign_in, store):

    serve(app, Parts(parts.settings.model_copy(update={"second_step_required": True}), store, parts.clock))
    coordinator = sign_in("coordinator")
    with store.write() as db:
        accounts.set_password_hash(db, coordinator.person_id, hash_password(PASSWORD))
    for path in ("/", "/people", "/account"):
        assert coordinator.get(path).headers["Location"] == "/account/second-step"
    assert "Before anything else" in coordinator.get("/account/second-step").text
    assert sign_in("employee").get("/account").status_code == 200
    assert coordinator.post("/account/second-step", {"password": PASSWORD}).status_code == 303
    with store.read() as db:
        secret = second_step.of_person(db, coordinator.person_id).secret
    code = code_at(secret, step_at(parts.now()))
    assert coordinator.post("/account/second-step/app", {"code": code}).status_code == 200
    assert coordinator.get("/account").status_code == 200
