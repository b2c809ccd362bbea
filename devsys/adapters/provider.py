"""The provider an organisation signs in by (OpenID Connect): the addresses asked are its issuer's and those it names.

Every answer is bounded in time and bytes, redirects are not followed, and the way is https; plain HTTP only to a
provider on this machine. Authlib and joserfc judge tokens; they are the extra `oidc` and imported late.
"""

import base64
import hashlib
import http.client
import importlib.util
import json
import logging
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

from devsys.base.config import Settings
from devsys.base.errors import InvalidError, UnavailableError
from devsys.base.words import phrase

SECONDS: Final = 5.0
MOST_BYTES: Final = 256 * 1024
MOST_TOKEN: Final = 32 * 1024
MOST_SECRET: Final = 4_096  # bytes of a file that holds one
LEEWAY: Final = 60  # seconds two clocks may differ
ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
LOGOUT_EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"
_KNOWN_FOR: Final = 600.0  # seconds the provider's description and keys are kept
_ASK_AGAIN: Final = 30.0  # seconds before keys are asked for again because of one that is not among them
_LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")

Claims = Mapping[str, Any]

log = logging.getLogger("devsys.provider")


@dataclass(frozen=True, slots=True)
class Described:
    """What the provider says of itself, as far as it is used."""

    issuer: str
    authorize: str
    token: str
    keys: str
    end: str
    userinfo: str
    basic: bool
    names_itself: bool


@dataclass(slots=True)
class _Kept:
    described: Described
    described_at: float
    keys: dict[str, Any] = field(default_factory=dict)
    keys_at: float = 0.0


_kept: dict[str, _Kept] = {}
_lock = threading.Lock()


def is_set(settings: Settings) -> bool:
    """Say whether people may sign in by a provider."""
    return bool(settings.oidc_issuer and settings.oidc_client_id)


def missing() -> str:
    """Give the sentence that says what has to be installed, empty when it is."""
    if importlib.util.find_spec("authlib") is None or importlib.util.find_spec("joserfc") is None:
        return "Signing in by a provider needs the extra `oidc`: pip install 'devsys[oidc]'."
    return ""


def described(settings: Settings) -> Described:
    """Give the provider's description, kept for ten minutes. Raises UnavailableError when it cannot be had."""
    with _lock:
        kept = _kept.get(settings.oidc_issuer)
        if kept is not None and time.monotonic() - kept.described_at < _KNOWN_FOR:
            return kept.described
    found = _described(settings)
    with _lock:
        _kept[settings.oidc_issuer] = _Kept(found, time.monotonic())
    return found


def at_home(settings: Settings) -> str:
    """Give the address at which the provider says what it is."""
    return settings.oidc_issuer.rstrip("/") + "/.well-known/openid-configuration"


def _described(settings: Settings) -> Described:
    issuer = settings.oidc_issuer
    said = _json(issuer, "GET", at_home(settings))
    if said.get("issuer") != issuer:
        raise _away(phrase("It calls itself by another name than DEVSYS_OIDC_ISSUER."))
    names = ("authorization_endpoint", "token_endpoint", "jwks_uri", "end_session_endpoint", "userinfo_endpoint")
    addresses = [said.get(name, "") for name in names]
    for address in addresses:
        if not isinstance(address, str) or (address and not may_ask(issuer, address)):
            raise _away(phrase("It names an address that is not https."))
    if not all(addresses[:3]):
        raise _away(phrase("It does not say where to sign in."))
    methods = said.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    authorize, token, keys_at, end, userinfo = addresses
    return Described(
        issuer,
        authorize,
        token,
        keys_at,
        end,
        userinfo,
        basic="client_secret_basic" in methods,
        names_itself=said.get("authorization_response_iss_parameter_supported") is True,
    )


def may_ask(issuer: str, address: str) -> bool:
    """Say whether an address of the provider may be asked: https, or HTTP on this machine as its issuer is."""
    try:
        split, home = urlsplit(address), urlsplit(issuer)
        if not split.hostname or "@" in split.netloc or not address.isascii() or not address.isprintable():
            return False
        if split.scheme == "https":
            return True
        return split.scheme == home.scheme == "http" and {split.hostname, home.hostname} <= set(_LOOPBACK)
    except ValueError:
        return False


def challenge_of(verifier: str) -> str:
    """Give the PKCE challenge (S256) of a verifier."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def secret_of(settings: Settings) -> str:
    """Give the secret devsys has at the provider, from its file where one is named.

    Raises UnavailableError, naming the file, when it cannot be read, is no text or is empty.
    """
    file = settings.oidc_client_secret_file
    if file is None:
        return settings.oidc_client_secret.get_secret_value()
    try:
        with file.open("rb") as opened:
            found = opened.read(MOST_SECRET).decode("utf-8").strip()
    except OSError as error:
        raise UnavailableError(
            phrase(
                "The file of the client secret, %(file)s, cannot be read: %(strerror)s.",
                file=file,
                strerror=error.strerror,
            )
        ) from None
    except ValueError:
        found = ""
    if not found or not found.isprintable():
        raise UnavailableError(
            phrase("The file of the client secret, %(file)s, does not hold one line of text.", file=file)
        )
    return found


def _secret(settings: Settings) -> str:
    try:
        return secret_of(settings)
    except UnavailableError as error:
        log.warning("%s", error.message)  # the page names no file
        raise _away(phrase("The secret it wants cannot be read here.")) from None


@dataclass(frozen=True, slots=True)
class Redeemed:
    """What a code was given for: the ID token, and the access token (empty when none was given)."""

    id_token: str = field(repr=False)
    access_token: str = field(repr=False)


def redeem(settings: Settings, code: str, verifier: str, back: str) -> Redeemed:
    """Give the tokens for a code. Raises InvalidError when it is refused, UnavailableError when nobody answers."""
    at = described(settings)
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": verifier}
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    client, secret = settings.oidc_client_id, _secret(settings)
    if at.basic and secret:
        pair = f"{quote(client, safe='')}:{quote(secret, safe='')}".encode()
        headers["Authorization"] = "Basic " + base64.b64encode(pair).decode()
    else:
        form |= {"client_id": client, **({"client_secret": secret} if secret else {})}
    given = _json(settings.oidc_issuer, "POST", at.token, urlencode(form), headers)
    token, access = given.get("id_token"), given.get("access_token")
    if not isinstance(token, str):
        raise InvalidError(phrase("The provider gave no ID token."))
    return Redeemed(token, access if isinstance(access, str) and _is_token(access) else "")


def _is_token(text: str) -> bool:
    return len(text) <= MOST_TOKEN and text.isascii() and text.isprintable() and " " not in text


def userinfo(settings: Settings, access_token: str, subject: str) -> Claims:
    """Give what the provider says of somebody beside the ID token, nothing where it has no such address.

    The answer must be of the subject of the ID token (OpenID Connect Core 1.0, section 5.3.2). Raises InvalidError for
    another subject, UnavailableError when nobody answers in JSON.
    """
    at = described(settings)
    if not at.userinfo or not access_token:
        return {}
    said = _json(settings.oidc_issuer, "GET", at.userinfo, None, {"Authorization": f"Bearer {access_token}"})
    if said.get("sub") != subject:
        raise InvalidError(phrase("The provider told of somebody else. Nothing was taken of it."))
    return said


def look(settings: Settings) -> int:
    """Give how many keys that can sign the provider has, with its description read. Raises UnavailableError."""
    found = keys(settings)
    try:
        return len(_signing(found))
    except TypeError:
        raise _away(phrase("Its keys are no list.")) from None


def keys(settings: Settings, *, again: bool = False) -> Mapping[str, Any]:
    """Give the provider's public keys; `again` asks anew, at most every half minute."""
    at = described(settings)
    with _lock:
        kept = _kept[settings.oidc_issuer]
        age = time.monotonic() - kept.keys_at
        if kept.keys and age < (_ASK_AGAIN if again else _KNOWN_FOR):
            return kept.keys
    found = dict(_json(settings.oidc_issuer, "GET", at.keys))
    with _lock:
        kept.keys, kept.keys_at = found, time.monotonic()
    return found


def id_claims(settings: Settings, token: str, nonce: str, now: float) -> Claims:
    """Give what an ID token says, once all of it is right. Raises InvalidError else."""
    return _with_keys(settings, lambda known: read_id_token(settings, known, token, nonce, now))


def logout_claims(settings: Settings, token: str, now: float) -> Claims:
    """Give what a logout token says, once all of it is right. Raises InvalidError else."""
    return _with_keys(settings, lambda known: read_logout_token(settings, known, token, now))


def _with_keys(settings: Settings, read: Any) -> Claims:
    try:
        found: Claims = read(keys(settings))
    except _UnknownKeyError:
        found = read(keys(settings, again=True))
    return found


def read_id_token(settings: Settings, known: Mapping[str, Any], token: str, nonce: str, now: float) -> Claims:
    """Judge an ID token by keys: signature, algorithm, issuer, audience, time, nonce. Raises InvalidError."""
    from authlib.oidc.core import IDToken  # noqa: PLC0415 -- an extra
    from joserfc.errors import JoseError  # noqa: PLC0415 -- an extra

    claims, header = _signed(known, token)
    wanted = {"iss": {"essential": True, "value": settings.oidc_issuer}, "sub": {"essential": True}}
    wanted["aud"] = {"essential": True, "value": settings.oidc_client_id}
    try:
        judged = IDToken(claims, header, wanted, {"nonce": nonce, "client_id": settings.oidc_client_id})
        judged.validate(now=int(now), leeway=LEEWAY)
    except (JoseError, ValueError, TypeError, AttributeError, KeyError):
        raise InvalidError(phrase("The provider's ID token cannot be taken.")) from None
    if not nonce or claims.get("nonce") != nonce or not _addressed(settings, claims):
        raise InvalidError(phrase("The provider's ID token cannot be taken."))
    return claims


def read_logout_token(settings: Settings, known: Mapping[str, Any], token: str, now: float) -> Claims:
    """Judge a logout token (OpenID Connect Back-Channel Logout 1.0, section 2.6). Raises InvalidError."""
    claims, _ = _signed(known, token)
    events = claims.get("events")
    times = [claims.get(name) for name in ("iat", "exp")]
    whole = [t for t in times if isinstance(t, int | float) and not isinstance(t, bool)]
    named = all(isinstance(claims.get(name, ""), str) for name in ("sub", "sid"))
    right = (
        _addressed(settings, claims)
        and isinstance(claims.get("jti"), str)
        and 0 < len(claims["jti"]) <= MOST_BYTES
        and isinstance(events, dict)
        and isinstance(events.get(LOGOUT_EVENT), dict)
        and "nonce" not in claims
        and named
        and bool(claims.get("sub") or claims.get("sid"))
        and len(whole) == len(times)
    )
    if not right or not whole[0] - LEEWAY <= now <= whole[1] + LEEWAY:
        raise InvalidError(phrase("This logout token cannot be taken."))
    return claims


def _addressed(settings: Settings, claims: Claims) -> bool:
    """Say whether a token is of our issuer, about somebody or a session, and for us alone among clients we know."""
    audience = claims.get("aud")
    those = [audience] if isinstance(audience, str) else audience
    if claims.get("iss") != settings.oidc_issuer or not isinstance(those, list):
        return False
    alone = len(those) == 1 or claims.get("azp") == settings.oidc_client_id
    return settings.oidc_client_id in those and alone and claims.get("azp", settings.oidc_client_id) in those


class _UnknownKeyError(InvalidError):
    """The key that signed is not among those known."""


def _signed(known: Mapping[str, Any], token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    from joserfc import jwt  # noqa: PLC0415 -- an extra
    from joserfc.errors import InvalidKeyIdError, JoseError  # noqa: PLC0415 -- an extra
    from joserfc.jwk import KeySet  # noqa: PLC0415 -- an extra
    from joserfc.jws import JWSRegistry  # noqa: PLC0415 -- an extra

    refused = InvalidError(phrase("The provider's token cannot be taken."))
    if len(token) > MOST_TOKEN or not token.isascii():
        raise refused
    try:
        public = _signing(known)
        found = jwt.decode(
            token,
            KeySet.import_key_set({"keys": public}),
            registry=JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False),
        )
    except InvalidKeyIdError:
        raise _UnknownKeyError(refused.message) from None
    except (JoseError, ValueError, TypeError, KeyError, RecursionError):
        raise refused from None
    if not isinstance(found.claims, dict) or not isinstance(found.claims.get("sub", ""), str):
        raise refused
    return found.claims, found.header


def _signing(known: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Give the keys that may sign a token. Raises TypeError where they are no list."""
    public = [k for k in known.get("keys", ()) if isinstance(k, dict) and k.get("kty") in ("RSA", "EC", "OKP")]
    return [k for k in public if k.get("use", "sig") == "sig"]


def _away(why: str = "") -> UnavailableError:
    why = why or phrase("It does not answer as it should.")
    return UnavailableError(phrase("The provider you sign in by cannot be used right now. %(why)s", why=why), 60)


def _json(
    issuer: str, method: str, address: str, body: str | None = None, headers: Mapping[str, str] | None = None
) -> Mapping[str, Any]:
    """Ask the provider; 4xx raises InvalidError, all else that is no JSON object UnavailableError."""
    if not may_ask(issuer, address):
        raise _away(phrase("It names an address that is not https."))
    split = urlsplit(address)
    closing: threading.Timer | None = None
    try:
        asking = _connection(split.scheme, split.hostname or "", split.port)
        asking.connect()
        sock = asking.sock
        closing = threading.Timer(SECONDS, lambda: sock.shutdown(2))
        closing.daemon = True
        closing.start()
        path = (split.path or "/") + (f"?{split.query}" if split.query else "")
        asking.request(method, path, body, {"Accept": "application/json", "User-Agent": "devsys", **(headers or {})})
        answer = asking.getresponse()
        data = answer.read(MOST_BYTES + 1)
        asking.close()
    except (OSError, http.client.HTTPException, ValueError):
        raise _away(phrase("It does not answer.")) from None
    finally:
        if closing is not None:
            closing.cancel()
    if 400 <= answer.status < 500:  # noqa: PLR2004 -- the provider refuses what we brought
        raise InvalidError(phrase("The provider refused this sign-in."))
    try:
        found = json.loads(data) if answer.status == http.client.OK and len(data) <= MOST_BYTES else None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise _away()
    return found


def _connection(scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
    if scheme == "https":
        return http.client.HTTPSConnection(host, port, timeout=SECONDS, context=ssl.create_default_context())
    return http.client.HTTPConnection(host, port, timeout=SECONDS)
