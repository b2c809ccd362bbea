"""Tokens that somebody made up: signed by another library than the one that reads them, one thing wrong at a time."""

import json
from base64 import urlsafe_b64encode

import pytest
from cryptojwt.jwk.hmac import SYMKey
from cryptojwt.jwk.rsa import new_rsa_key
from cryptojwt.jws.jws import JWS

from devsys.adapters.provider import LOGOUT_EVENT, challenge_of, may_ask, read_id_token, read_logout_token
from devsys.base.config import Settings
from devsys.base.errors import InvalidError

NOW = 1_795_770_000
ISSUER = "https://id.northgate.example"
ID = {"iss": ISSUER, "aud": "devsys", "sub": "ana", "nonce": "n-1", "iat": NOW - 5, "exp": NOW + 300}
END = {"iss": ISSUER, "aud": "devsys", "sub": "ana", "sid": "s-1", "iat": NOW, "exp": NOW + 120, "jti": "j-1"}
END["events"] = {LOGOUT_EVENT: {}}


@pytest.fixture(scope="module")
def key():
    return new_rsa_key(2048, kid="k1", alg="RS256", use="sig")


@pytest.fixture(scope="module")
def other():
    return new_rsa_key(2048, kid="k1", alg="RS256", use="sig")


@pytest.fixture(scope="module")
def known(key):
    return {"keys": [key.serialize()]}


@pytest.fixture(scope="module")
def ours():
    return Settings(oidc_issuer=ISSUER, oidc_client_id="devsys")


def signed(claims, key, alg="RS256"):
    return JWS(json.dumps(claims), alg=alg).sign_compact([key])


def test_a_right_id_token_is_taken(key, known, ours):
    assert read_id_token(ours, known, signed(ID, key), "n-1", NOW)["sub"] == "ana"
    several = {**ID, "aud": ["devsys", "other"], "azp": "devsys"}
    assert read_id_token(ours, known, signed(several, key), "n-1", NOW)["sub"] == "ana"


@pytest.mark.parametrize(
    "wrong",
    [
        {"nonce": "n-2"},
        {"nonce": None},
        {"aud": "another"},
        {"aud": ["devsys", "another"]},
        {"aud": ["another"], "azp": "devsys"},
        {"aud": None},
        {"azp": "another"},
        {"iss": "https://evil.example"},
        {"iss": ISSUER + "/"},
        {"iss": None},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"exp": NOW - 61},
        {"exp": None},
        {"exp": "soon"},
        {"iat": NOW + 3_600},
        {"iat": None},
        {"nbf": NOW + 3_600},
    ],
)
def test_an_id_token_with_one_thing_wrong_is_refused(key, known, ours, wrong):
    claims = {name: value for name, value in {**ID, **wrong}.items() if value is not None}
    with pytest.raises(InvalidError):
        read_id_token(ours, known, signed(claims, key), "n-1", NOW)


def test_an_id_token_is_refused_when_nothing_was_asked(key, known, ours):
    with pytest.raises(InvalidError):
        read_id_token(ours, known, signed({**ID, "nonce": ""}, key), "", NOW)


def test_the_signature_is_of_the_providers_key_by_an_algorithm_we_allow(key, other, known, ours):
    def part(value):
        return urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    right = signed(ID, key)
    head, body, mark = right.split(".")
    public = json.dumps(key.serialize()).encode()
    pem = key.public_key().public_bytes(*_pem())
    forged = {
        "another's key": signed(ID, other),
        "none": f"{part({'alg': 'none'})}.{body}.",
        "None": f"{part({'alg': 'None', 'kid': 'k1'})}.{body}.",
        "no signature": f"{head}.{body}.",
        "other words": f"{head}.{part({**ID, 'sub': 'boss'})}.{mark}",
        "HS256 by the public key": signed(ID, SYMKey(key=pem, kid="k1", alg="HS256"), "HS256"),
        "HS256 by the JWK": signed(ID, SYMKey(key=public, kid="k1", alg="HS256"), "HS256"),
        "own key in the head": f"{part({'alg': 'RS256', 'jwk': other.serialize()})}.{body}.{signed(ID, other)[-342:]}",
        "nothing": "",
        "no token": "a.b",
        "long": "a" * 40_000,
        "not ASCII": right + "\N{SNOWMAN}",
    }
    for name, token in forged.items():
        with pytest.raises(InvalidError):
            pytest.fail(f"{name}: {read_id_token(ours, known, token, 'n-1', NOW)}")
    with pytest.raises(InvalidError):
        read_id_token(
            ours, {"keys": [{"kty": "oct", "k": "AAAA", "kid": "k1"}]}, forged["HS256 by the JWK"], "n-1", NOW
        )


def _pem():
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return Encoding.PEM, PublicFormat.SubjectPublicKeyInfo


def test_a_right_logout_token_is_taken(key, known, ours):
    assert read_logout_token(ours, known, signed(END, key), NOW)["sid"] == "s-1"


@pytest.mark.parametrize(
    "wrong",
    [
        {"nonce": "n-1"},
        {"events": None},
        {"events": {}},
        {"events": {"http://schemas.openid.net/event/other": {}}},
        {"events": [LOGOUT_EVENT]},
        {"jti": None},
        {"jti": ""},
        {"sub": None, "sid": None},
        {"sid": 5},
        {"aud": "another"},
        {"iss": "https://evil.example"},
        {"exp": NOW - 61},
        {"exp": None},
        {"iat": NOW + 600},
        {"iat": None},
    ],
)
def test_a_logout_token_with_one_thing_wrong_is_refused(key, known, ours, wrong):
    claims = {name: value for name, value in {**END, **wrong}.items() if value is not None}
    with pytest.raises(InvalidError):
        read_logout_token(ours, known, signed(claims, key), NOW)


def test_an_id_token_ends_nothing_and_a_logout_token_lets_nobody_in(key, known, ours):
    with pytest.raises(InvalidError):
        read_logout_token(ours, known, signed(ID, key), NOW)
    with pytest.raises(InvalidError):
        read_id_token(ours, known, signed(END, key), "n-1", NOW)


def test_the_challenge_is_that_of_the_standard():
    """RFC 7636, appendix B."""
    assert challenge_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


@pytest.mark.parametrize(
    ("address", "may"),
    [
        ("https://id.northgate.example/token", True),
        ("https://login.elsewhere.example/keys", True),
        ("http://id.northgate.example/token", False),
        ("http://127.0.0.1/latest", False),
        ("file:///etc/passwd", False),
        ("https://user@id.northgate.example/", False),
        ("https://", False),
        ("https://[/", False),
    ],
)
def test_a_provider_of_the_internet_is_asked_by_https_alone(address, may):
    assert may_ask(ISSUER, address) is may


def test_only_a_provider_on_this_machine_is_asked_without_https():
    assert may_ask("http://127.0.0.1:9000", "http://127.0.0.1:9000/keys")
    assert not may_ask("http://127.0.0.1:9000", "http://10.0.0.1/keys")
    with pytest.raises(ValueError, match="oidc_issuer"):
        Settings(oidc_issuer="http://id.northgate.example")
