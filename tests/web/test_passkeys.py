"""Passkeys: made after the password, signed in by, taken away; what is no proof opens nothing and is not told apart."""

import json
import re
from dataclasses import replace

import pytest

from devsys.actions.letter_words import Desk, words_for
from devsys.actions.parts import Parts
from devsys.actions.sign_in import hash_password
from devsys.adapters.authenticator import place_of
from devsys.adapters.store.queries import accounts, identities, letters, passkeys, readers, second_step
from devsys.app import serve
from devsys.core.model.access import Role
from tests.builders import id_of
from tests.passkeys import PRESENT, Device

PASSWORD = "five quiet herons at dusk"
ANA, BRUNO = id_of("ana.correia"), id_of("bruno.matos")
HERE = "http://localhost:8000"
NOTHING = "This passkey opens nothing here"


@pytest.fixture
def settings(settings):
    return settings.model_copy(update={"base_url": HERE})


@pytest.fixture
def ana(store, sign_in):
    """Ana Correia, signed in, whose password is known."""
    with store.write() as db:
        accounts.set_password_hash(db, ANA, hash_password(PASSWORD))
    visitor = replace(sign_in("ana.correia"), origin=HERE)
    visitor.client.set_cookie("devsys", visitor.secret, domain="localhost")
    return visitor


@pytest.fixture
def device():
    return Device(HERE)


def begin(visitor, password=PASSWORD, name="Work laptop"):
    return visitor.post("/account/passkeys/begin", {"name": name, "password": password})


def add(visitor, device, name="Work laptop"):
    options = begin(visitor, name=name)
    assert options.status_code == 200, options.text
    return visitor.post("/account/passkeys", {"name": name, "answer": device.make(options.text)})


class Door:
    """A browser at the door, signed out."""

    def __init__(self, app):
        self.client = app.test_client()
        self.token = re.search(r'name="csrf_token" value="([^"]+)"', self.client.get("/sign-in").text)[1]

    def post(self, path, **data):
        return self.client.post(path, data={"csrf_token": self.token, **data}, headers={"Origin": HERE})

    def asked(self):
        return self.post("/sign-in/passkey/begin").text

    def enter(self, answer, onward="/account"):
        return self.post("/sign-in/passkey", answer=answer, next=onward)

    def refused(self, answer):
        """Say that an answer is refused as every other is, and nobody is signed in."""
        said = self.enter(answer)
        assert (said.status_code, said.headers["Location"]) == (303, "/sign-in?next=/account")
        page = self.client.get("/sign-in")
        return page.status_code == 200 and NOTHING in page.text


@pytest.fixture
def door(app):
    return Door(app)


def kept(store):
    with store.read() as db:
        return passkeys.of_person(db, ANA)


def test_made_used_and_taken_away(app, ana, device, store, clock):
    door = Door(app)
    assert add(ana, device).status_code == 303
    page = ana.get("/account/passkeys").text
    assert "Work laptop" in page
    assert "Not used yet" in page
    clock.move(minutes=10)
    answer = door.enter(device.now(count=1).use(door.asked(), ANA))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account")
    assert "Ana Correia" in door.client.get("/account").text
    assert "by a passkey" in door.client.get("/account/sign-ins").text
    assert "Last used" in ana.get("/account/passkeys").text
    one = kept(store)[0]
    assert (one.count, one.name) == (1, "Work laptop")
    assert ana.post(f"/account/passkeys/{one.id}/remove").status_code == 303
    assert kept(store) == ()
    another = Door(app)
    assert another.refused(device.now(count=2).use(another.asked(), ANA))


def test_it_is_both_factors(ana, device, door, store, clock):
    add(ana, device)
    with store.write() as db:
        second_step.begin(db, ANA, "JBSWY3DPEHPK3PXP")
        second_step.confirm(db, ANA, clock.now, ["0" * 64])
    assert door.enter(device.now(count=1).use(door.asked(), ANA)).headers["Location"] == "/account"
    assert door.client.get("/account").status_code == 200


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"origin": "https://elsewhere.example"}, id="another origin"),
        pytest.param({"flags": PRESENT}, id="nobody was recognised"),
        pytest.param({"count": 3}, id="the count stands"),
        pytest.param({"count": 2}, id="the count went back"),
        pytest.param({"secret": Device(HERE).secret}, id="another key"),
        pytest.param({"key_id": b"unknown"}, id="a key nobody has"),
    ],
)
def test_what_is_no_proof_opens_nothing(ana, device, door, changed):
    add(ana, device.now(count=3))
    assert door.refused(device.now(**{"count": 4, **changed}).use(door.asked(), ANA))


def test_a_proof_counts_once_and_for_the_browser_that_was_asked(app, ana, device, door):
    add(ana, device)
    options = door.asked()
    stranger = Door(app)
    assert stranger.refused(device.now(count=1).use(options, ANA))
    answer = device.now(count=1).use(options, ANA)
    assert door.enter(answer).headers["Location"] == "/account"
    again = Door(app)
    again.asked()
    assert again.refused(answer)


def test_a_challenge_is_over_after_five_minutes(ana, device, door, clock, store):
    add(ana, device)
    options = door.asked()
    clock.move(minutes=5)
    assert door.refused(device.now(count=1).use(options, ANA))
    late = begin(ana).text
    clock.move(minutes=5)
    ana.post("/account/passkeys", {"name": "Phone", "answer": device.now(key_id=b"another").make(late)})
    assert [one.name for one in kept(store)] == ["Work laptop"]


def test_who_is_named_must_be_whose_key_it_is(ana, device, door):
    add(ana, device)
    assert door.refused(device.now(count=1).use(door.asked(), BRUNO))


@pytest.mark.parametrize(
    "answer",
    ["", "[]", "{}", '{"id":1}', '{"id":"a","response":[]}', '{"id":"a","response":{}}', "{" * 2000, "x" * 40_000],
)
def test_nonsense_is_refused_alike(ana, device, door, answer):
    add(ana, device)
    door.asked()
    assert door.refused(answer)


def test_nobody_comes_in_who_is_shut_out(ana, device, door, store):
    add(ana, device)
    with store.write() as db:
        accounts.set_active(db, ANA, active=False)
    assert door.refused(device.now(count=1).use(door.asked(), ANA))


def test_a_provider_alone_leaves_no_way_round(app, parts, ana, device, door):
    add(ana, device)
    store, clock = parts.store, parts.clock
    with store.write() as db:
        identities.link(db, issuer="https://id.example", subject="ana", person_id=ANA, now=clock.now)
    serve(app, Parts(parts.settings.model_copy(update={"oidc_only": True}), store, clock))
    assert door.refused(device.now(count=1).use(door.asked(), ANA))
    said = begin(ana)
    assert (said.status_code, "go past it" in said.json["words"]) == (409, True)


def test_it_is_made_after_the_password_and_wrong_ones_slow_the_next(ana):
    wrong = begin(ana, "not this one at all")
    assert (wrong.status_code, list(wrong.json["faults"])) == (422, ["password"])
    for _ in range(4):
        begin(ana, "not this one at all")
    slowed = begin(ana)
    assert slowed.status_code == 422
    assert "Too many tries" in slowed.json["faults"]["password"]


def test_many_wrong_ones_from_an_address_wait(door, ana, device):
    add(ana, device)
    for _ in range(20):
        door.asked()
        door.enter("{}")
    door.enter(device.now(count=1).use(door.asked(), ANA))
    assert "Too many tries" in door.client.get("/sign-in").text


def test_a_key_is_known_once_and_a_name_is_wanted(ana, device, store):
    add(ana, device)
    add(ana, device)
    assert len(kept(store)) == 1
    assert begin(ana, name="").json["faults"].keys() == {"name"}
    assert begin(ana, name="x" * 61).status_code == 422


def test_ten_are_enough(ana, device, store):
    for number in range(10):
        add(ana, device.now(key_id=b"key %d" % number), name=f"Device {number}")
    assert len(kept(store)) == 10
    assert begin(ana).status_code == 409


def test_somebody_else_cannot_take_it_away(ana, device, store, sign_in):
    add(ana, device)
    lead = replace(sign_in(Role.LEAD), origin=HERE)
    lead.client.set_cookie("devsys", lead.secret, domain="localhost")
    assert lead.post(f"/account/passkeys/{kept(store)[0].id}/remove").status_code == 404
    assert len(kept(store)) == 1


def test_letters_tell_that_one_was_added_and_taken_away(ana, device, store, parts, clock):
    add(ana, device)
    assert subject(store, parts, clock) == "A passkey opens your account now"
    clock.move(minutes=1)
    ana.post(f"/account/passkeys/{kept(store)[0].id}/remove")
    assert subject(store, parts, clock) == "A passkey of your account was taken away"


def subject(store, parts, clock):
    """Give the subject of the letter that is due, and take it away."""
    with store.write() as db:
        found = letters.next_due(db, clock.now)
        who = readers.recipients(db, (ANA,), clock.now.date(), by_account=True)[ANA]
        letters.drop(db, (found.id,))
        return words_for(Desk(db, parts, found, who, clock.now)).content.subject


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("http://127.0.0.1:8000", None),
        ("https://[::1]:8000", None),
        ("http://development.example", None),
        ("https://development.example", "development.example"),
        ("https://Development.Example:8443", "development.example"),
        ("http://localhost:8000", "localhost"),
    ],
)
def test_keys_belong_to_the_name_of_the_public_address(settings, address, name):
    found = place_of(settings.model_copy(update={"base_url": address}))
    assert (found and found.name) == name
    assert found is None or found.origin == address.lower()


def test_without_such_an_address_there_are_none_and_the_page_says_why(app, parts, store, clock, ana):
    serve(app, Parts(parts.settings.model_copy(update={"base_url": ""}), store, clock))
    client = app.test_client()
    client.set_cookie("devsys", ana.secret, domain="127.0.0.1")
    there = "http://127.0.0.1:8000"
    assert "DEVSYS_BASE_URL" in client.get("/account/passkeys", base_url=there).text
    assert "data-passkey" not in app.test_client().get("/sign-in", base_url=there).text


def test_what_is_asked_names_the_place_alone(door, ana):
    asked = json.loads(door.asked())
    assert (asked["rpId"], asked["userVerification"], asked["allowCredentials"]) == ("localhost", "required", [])
    made = begin(ana).json
    assert made["rp"]["id"] == "localhost"
    assert made["attestation"] == "none"
    assert made["authenticatorSelection"]["residentKey"] == "required"
