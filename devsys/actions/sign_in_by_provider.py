"""A person signs in by the organisation's provider, stays no longer than it says, and leaves when it says so.

An account is found by (issuer, subject) alone. An unknown subject is linked to an account that was opened for its
address, which the provider has verified, and that nobody ever entered; or by whoever is signed in to it already. See
docs/decisions/0050.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from secrets import compare_digest, token_urlsafe
from typing import Any, Final
from urllib.parse import urlencode

from devsys.actions.parts import Parts
from devsys.adapters import provider
from devsys.adapters.store.queries import account_links, accounts, audit, feeds, identities, retention
from devsys.adapters.store.queries.accounts import Account, Came
from devsys.adapters.store.store import Db
from devsys.base.errors import ConflictError, InvalidError, NotFoundError, UnavailableError
from devsys.base.ids import new_token, token_hash
from devsys.base.words import phrase, to_phrase
from devsys.core.model.access import Grant, Role, Viewer
from devsys.core.model.devices import network_words
from devsys.core.model.groups import mapping, wanted

TIME: Final = timedelta(minutes=10)  # for signing in at the provider
_AGAIN: Final = to_phrase("This sign-in cannot be taken. Begin again from the page Sign in.")
_NOBODY: Final = to_phrase(
    "No account here is yours yet. Ask your administrator to open one with the address you have there."
)
_GROUPS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Try:
    """A sign-in under way: kept by the browser alone, signed by us, and taken once."""

    state: str
    nonce: str
    verifier: str
    onward: str
    until: float
    link_to: str = ""


def back(parts: Parts) -> str:
    """Give the address the provider sends people back to."""
    return f"{parts.settings.public_url}/sign-in/provider/back"


def _ready(parts: Parts) -> None:
    if not provider.is_set(parts.settings):
        raise NotFoundError(phrase("No provider is set."))
    if words := provider.missing():
        raise UnavailableError(words, 3600)


def begin(parts: Parts, onward: str, link_to: str = "") -> tuple[Try, str]:
    """Give a try and the address at the provider where it goes on.

    Raises NotFoundError where no provider is set, UnavailableError where it, or the extra, is missing.
    """
    _ready(parts)
    at = provider.described(parts.settings)
    until = (parts.now() + TIME).timestamp()
    tried = Try(new_token(), new_token(), token_urlsafe(48), onward, until, link_to)
    asked = {
        "response_type": "code",
        "client_id": parts.settings.oidc_client_id,
        "redirect_uri": back(parts),
        "scope": parts.settings.oidc_scopes,
        "state": tried.state,
        "nonce": tried.nonce,
        "code_challenge": provider.challenge_of(tried.verifier),
        "code_challenge_method": "S256",
    }
    return tried, at.authorize + ("&" if "?" in at.authorize else "?") + urlencode(asked)


def finish(parts: Parts, tried: Try | None, given: Mapping[str, str], device: str, address: str) -> str:
    """Give the secret of a new sign-in for what the provider sent back (`state`, `code`, `iss`).

    Raises InvalidError where anything of it is not right, ConflictError where no account here is meant.
    """
    _ready(parts)
    now, settings = parts.now(), parts.settings
    if tried is None or now.timestamp() > tried.until or not _same(tried.state, given.get("state", "")):
        raise InvalidError(str(_AGAIN))
    at = provider.described(settings)
    if given.get("iss", at.issuer if not at.names_itself else "") != at.issuer or not given.get("code"):
        raise InvalidError(str(_AGAIN))
    token = provider.redeem(settings, given["code"][:4_000], tried.verifier, back(parts))
    claims = provider.id_claims(settings, token.id_token, tried.nonce, now.timestamp())
    claim = settings.oidc_groups_claim
    if mapping(settings.oidc_roles) and claim not in claims:  # asked for that alone: who it is, the ID token says
        told = provider.userinfo(settings, token.access_token, str(claims["sub"]))
        claims = {**claims, claim: told.get(claim)}
    secret = new_token()
    sid = claims.get("sid")
    came = Came(
        device,
        network_words(address),
        "provider",
        token_hash(f"{at.issuer} {sid}") if isinstance(sid, str) and sid else "",
        now + timedelta(hours=settings.oidc_hours),
    )
    with parts.store.write() as db:
        if not identities.spend(db, token_hash(f"state {tried.state}"), now + TIME, now):
            raise InvalidError(str(_AGAIN))
        found = _account_for(db, at.issuer, claims, tried.link_to, now)
        _follow_groups(db, parts, found.person_id, claims, now)
        accounts.open_sign_in(
            db,
            id_hash=token_hash(secret),
            person_id=found.person_id,
            now=now,
            hours=retention.kept(db, "sign_ins", settings),
            came=came,
        )
    return secret


def _same(one: str, other: str) -> bool:
    return compare_digest(one.encode(), other.encode())


def _account_for(db: Db, issuer: str, claims: Mapping[str, Any], link_to: str, now: datetime) -> Account:
    subject = str(claims["sub"])
    person_id = identities.person_of(db, issuer, subject)
    if link_to and person_id not in (None, link_to):
        raise ConflictError(phrase("This sign-in belongs to another account already. Nothing was changed."))
    if person_id is None:
        person_id = _link(db, issuer, claims, link_to, now)
    known = accounts.account(db, person_id)
    found = accounts.account_by_email(db, known.email, now.date()) if known else None
    if found is None or found.person_id != person_id:
        raise ConflictError(phrase("Your account here is shut."))
    return found


def _link(db: Db, issuer: str, claims: Mapping[str, Any], link_to: str, now: datetime) -> str:
    """Link an unknown subject, and give whose it is; an account that has a link, or was ever entered, is left alone."""
    person_id = link_to
    if not link_to:
        email = claims.get("email")
        if not isinstance(email, str) or claims.get("email_verified") is not True:
            raise ConflictError(str(_NOBODY))
        found = accounts.account_by_email(db, email[:320], now.date())
        if found is None or found.password_hash:
            raise ConflictError(str(_NOBODY))
        person_id = found.person_id
    if identities.is_linked(db, person_id):
        raise ConflictError(str(_NOBODY))
    identities.link(db, issuer=issuer, subject=str(claims["sub"]), person_id=person_id, now=now)
    account_links.drop(db, (person_id,))
    audit.record(db, at=now, by_id=person_id, act="link provider", what=f"account {person_id}")
    return person_id


def _follow_groups(db: Db, parts: Parts, person_id: str, claims: Mapping[str, Any], now: datetime) -> None:
    """Give and take the roles that groups decide about; all others stay, and so does the last administrator."""
    known = mapping(parts.settings.oidc_roles)
    if not known:
        return
    said = claims.get(parts.settings.oidc_groups_claim)
    groups = [g for g in said[:_GROUPS] if isinstance(g, str)] if isinstance(said, list) else []
    if isinstance(said, str):
        groups = [said]
    now_wanted, decided = wanted(known, groups, identities.teams_by_code(db))
    held = frozenset(accounts.grants(db, person_id))
    for grant in sorted(now_wanted - held, key=_order):
        accounts.add_grants(db, person_id, (grant,))
        audit.record(db, at=now, by_id=None, act="give role", what=_words(person_id, grant))
    for grant in sorted((held & decided) - now_wanted, key=_order):
        others = accounts.holders(db, Role.ADMINISTRATOR) - {person_id}
        if grant.role is Role.ADMINISTRATOR and not others:
            audit.record(db, at=now, by_id=None, act="keep role", what=_words(person_id, grant))
            continue
        accounts.drop_grant(db, person_id, grant)
        audit.record(db, at=now, by_id=None, act="take role", what=_words(person_id, grant))
    if now_wanted != held & decided:
        feeds.follow(db, now)


def _order(grant: Grant) -> tuple[str, str]:
    return grant.role.value, grant.team_id or ""


def _words(person_id: str, grant: Grant) -> str:
    team = f" team {grant.team_id}" if grant.team_id else ""
    return f"account {person_id} {grant.role.value}{team} by provider"


def told_to_end(parts: Parts, token: str) -> None:
    """End the sign-ins a logout token names; each token counts once. Raises InvalidError for what is none."""
    _ready(parts)
    now, issuer = parts.now(), parts.settings.oidc_issuer
    claims = provider.logout_claims(parts.settings, token, now.timestamp())
    until = min(datetime.fromtimestamp(claims["exp"], UTC) + timedelta(minutes=5), now + timedelta(days=2))
    if claims["exp"] > (now + timedelta(days=1, minutes=5)).timestamp():
        raise InvalidError(phrase("This logout token lives too long."))
    with parts.store.write() as db:
        if not identities.spend(db, token_hash(f"jti {issuer} {claims['jti']}"), until, now):
            raise InvalidError(phrase("This logout token was used before."))
        person_id = None
        if claims.get("sub"):
            person_id = identities.person_of(db, issuer, claims["sub"]) or ""
        sid_hash = token_hash(f"{issuer} {claims['sid']}") if claims.get("sid") else ""
        for ended in identities.close_told(db, person_id=person_id, sid_hash=sid_hash):
            audit.record(db, at=now, by_id=None, act="end sign-ins", what=f"account {ended} by provider")


def way_out(parts: Parts) -> str:
    """Give the address that ends the session at the provider too, empty where it has none."""
    _ready(parts)
    end = provider.described(parts.settings).end
    if not end:
        return ""
    asked = {
        "client_id": parts.settings.oidc_client_id,
        "post_logout_redirect_uri": f"{parts.settings.public_url}/sign-in",
    }
    return end + ("&" if "?" in end else "?") + urlencode(asked)


def unlink(parts: Parts, viewer: Viewer, person_id: str) -> None:
    """Take the link of an account away, and all its sign-ins; the next subject for its address may then be linked."""
    now = parts.now()
    with parts.store.write() as db:
        if not identities.unlink(db, person_id):
            raise NotFoundError(phrase("This account is not linked."))
        accounts.close_all(db, person_id)
        audit.record(db, at=now, by_id=viewer.person_id, act="unlink provider", what=f"account {person_id}")
