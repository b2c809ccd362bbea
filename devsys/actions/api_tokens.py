"""Tokens of the API: make one, end one, let one in."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from devsys.actions.parts import Parts
from devsys.adapters.store.queries import audit, tokens
from devsys.base.errors import Fault, InvalidError, NotFoundError, UnavailableError
from devsys.base.ids import new_id, new_token, token_hash
from devsys.base.words import phrase
from devsys.core.model.access import Viewer
from devsys.core.model.tokens import DAYS, SCOPES, Bearer, Kind
from devsys.core.policy import scope

MOST: Final = 20  # living tokens of one person and kind
PREFIX: Final = "devsys_"  # so that programs that look for leaked secrets know one
LONGEST: Final = 100
SEEN_EVERY: Final = timedelta(minutes=10)  # how often the use of a token is written down


@dataclass(frozen=True, slots=True)
class Wanted:
    """A token to be made: a name to know it by, what it is good for, how many days it lives."""

    name: str
    scopes: tuple[str, ...]
    days: int


def make(parts: Parts, viewer: Viewer, wanted: Wanted, kind: Kind = "person") -> str:
    """Make a token with the viewer's eyes; give its secret, which is shown once and never kept.

    Raises NotFoundError for an integration by somebody who is no administrator; InvalidError for a name in use, no or
    unknown scopes, another time than DAYS, more than MOST.
    """
    if kind == "integration" and not scope(viewer, "integrations", "write"):
        raise NotFoundError(phrase("There is nothing here."))
    if not wanted.scopes or not set(wanted.scopes) <= set(SCOPES):
        raise _wrong("scopes", phrase("Say what it is good for: one thing at least."))
    if wanted.days not in DAYS:
        raise _wrong("days", phrase("Choose one of the times offered."))
    secret, now, token_id = PREFIX + new_token(), parts.now(), new_id()
    with parts.store.write() as db:
        known = tokens.of_owner(db, viewer.person_id, kind, now)
        if any(t.name.casefold() == wanted.name.casefold() for t in known):
            raise _wrong(
                "name", phrase("You have a token called %(name)s already. Choose another name.", name=wanted.name)
            )
        if len(known) >= MOST:
            raise _wrong("name", phrase("You have %(most)s tokens. End one that is no longer in use.", most=MOST))
        tokens.add(
            db,
            token_id=token_id,
            kind=kind,
            owner_id=viewer.person_id,
            name=wanted.name,
            token_hash=token_hash(secret),
            scopes=[s for s in SCOPES if s in wanted.scopes],
            now=now,
            expires=now + timedelta(days=wanted.days),
        )
        audit.record(db, at=now, by_id=viewer.person_id, act="make token", what=f"{kind} token {token_id}")
    return secret


def revoke(parts: Parts, viewer: Viewer, token_id: str, kind: Kind = "person") -> None:
    """End a token: dead at the next request; an administrator ends any integration's. Raises NotFoundError."""
    if kind == "integration" and not scope(viewer, "integrations", "write"):
        raise NotFoundError(phrase("There is no such token."))
    owner = viewer.person_id if kind == "person" else None
    now = parts.now()
    with parts.store.write() as db:
        if not tokens.revoke(db, owner, kind, token_id, now):
            raise NotFoundError(phrase("There is no such token."))
        audit.record(db, at=now, by_id=viewer.person_id, act="revoke token", what=f"{kind} token {token_id}")


def let_in(parts: Parts, secret: str) -> Bearer | None:
    """Give who a secret stands for, None for whatever is not alive; notes the use now and then."""
    now = parts.now()
    if len(secret) > LONGEST:
        return None
    with parts.store.read() as db:
        found = tokens.bearer(db, token_hash(secret), now)
    if found is not None and (found.used is None or now - found.used > SEEN_EVERY):
        try:
            with parts.store.write(wait=False) as db:
                tokens.note_used(db, found.token_id, now)
        except UnavailableError:
            return found  # it will be noted with the next request
    return found


def _wrong(where: str, what: str) -> InvalidError:
    return InvalidError(what, (Fault(where, what),))
