"""Tokens of the API, and the answers kept for their idempotency keys."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, delete, insert, or_, select, update

from devsys.adapters.store.queries import accounts
from devsys.adapters.store.queries.rows import insert_once, table
from devsys.adapters.store.sealed import seal, unseal
from devsys.adapters.store.store import Db
from devsys.adapters.store.tables.accounts import AccountRow
from devsys.adapters.store.tables.people import PersonRow
from devsys.adapters.store.tables.tokens import KeptAnswerRow, TokenRow
from devsys.core.model.tokens import Bearer, Kind, Token

_TOKEN, _KEPT = table(TokenRow), table(KeptAnswerRow)
_ACCOUNT, _PERSON = table(AccountRow), table(PersonRow)
KEPT_FOR: Final = timedelta(hours=24)
OVER_FOR: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Kept:
    """What was kept for an idempotency key: the hash of its request, and the answer once there is one."""

    request: str
    status: int
    said: str


def add(
    db: Db,
    *,
    token_id: str,
    kind: Kind,
    owner_id: str,
    name: str,
    token_hash: str,
    scopes: Iterable[str],
    now: datetime,
    expires: datetime,
) -> None:
    """Keep a new token."""
    db.execute(
        insert(_TOKEN).values(
            id=token_id,
            kind=kind,
            owner_id=owner_id,
            name=name,
            token_hash=token_hash,
            scopes="|".join(scopes),
            created=now,
            expires=expires,
        )
    )


def _living(now: datetime) -> ColumnElement[bool]:
    return _TOKEN.c.revoked.is_(None) & (_TOKEN.c.expires > now)


def _listed(db: Db, where: ColumnElement[bool], now: datetime) -> tuple[Token, ...]:
    asked = (
        select(_TOKEN, _PERSON.c.name.label("owner"))
        .join(_PERSON, _PERSON.c.id == _TOKEN.c.owner_id)
        .where(where, _living(now))
        .order_by(_TOKEN.c.created, _TOKEN.c.id)
    )
    return tuple(
        Token(r.id, r.kind, r.name, r.owner_id, r.owner, tuple(r.scopes.split("|")), r.created, r.expires, r.used)
        for r in db.execute(asked)
    )


def of_owner(db: Db, owner_id: str, kind: Kind, now: datetime) -> tuple[Token, ...]:
    """Give the living tokens of one person, the oldest first."""
    return _listed(db, (_TOKEN.c.owner_id == owner_id) & (_TOKEN.c.kind == kind), now)


def integrations(db: Db, now: datetime) -> tuple[Token, ...]:
    """Give the living tokens of integrations, the oldest first."""
    return _listed(db, _TOKEN.c.kind == "integration", now)


def revoke(db: Db, where_owner: str | None, kind: Kind, token_id: str, now: datetime) -> bool:
    """End a token of a kind (of one owner, if named); say whether there was one."""
    end = update(_TOKEN).where(_TOKEN.c.id == token_id, _TOKEN.c.kind == kind, _living(now))
    if where_owner is not None:
        end = end.where(_TOKEN.c.owner_id == where_owner)
    return db.execute(end.values(revoked=now).returning(_TOKEN.c.id)).first() is not None


def bearer(db: Db, token_hash: str, now: datetime) -> Bearer | None:
    """Give who a living token stands for: not ended, its owner's account open, its owner still here."""
    row = db.execute(
        select(_TOKEN.c.id, _TOKEN.c.owner_id, _TOKEN.c.scopes, _TOKEN.c.used)
        .join(_ACCOUNT, _ACCOUNT.c.person_id == _TOKEN.c.owner_id)
        .join(_PERSON, _PERSON.c.id == _TOKEN.c.owner_id)
        .where(
            _TOKEN.c.token_hash == token_hash,
            _living(now),
            _ACCOUNT.c.active,
            or_(_PERSON.c.left.is_(None), _PERSON.c.left > now.date()),
        )
    ).one_or_none()
    viewer = accounts.viewer_of(db, row.owner_id) if row is not None else None
    return None if row is None or viewer is None else Bearer(row.id, viewer, frozenset(row.scopes.split("|")), row.used)


def note_used(db: Db, token_id: str, now: datetime) -> None:
    """Note that a token was used."""
    db.execute(update(_TOKEN).where(_TOKEN.c.id == token_id).values(used=now))


def kept_answer(db: Db, token_id: str, key_hash: str) -> Kept | None:
    """Give what stands for an idempotency key of a token."""
    row = db.execute(select(_KEPT).where(_KEPT.c.token_id == token_id, _KEPT.c.key_hash == key_hash)).one_or_none()
    if row is None:
        return None
    return Kept(row.request, row.status, unseal(db, KeptAnswerRow, "said", f"{token_id}/{key_hash}", row.said))


def begin_answer(db: Db, token_id: str, key_hash: str, *, owner_id: str, request: str, now: datetime) -> None:
    """Note that a request with an idempotency key is under way."""
    values: dict[str, Any] = {"token_id": token_id, "key_hash": key_hash, "owner_id": owner_id, "request": request}
    insert_once(db, KeptAnswerRow, [{**values, "status": 0, "created": now}])


def keep_answer(db: Db, token_id: str, key_hash: str, status: int, said: str) -> None:
    """Keep the answer to a request that was under way."""
    sealed = seal(db, KeptAnswerRow, "said", f"{token_id}/{key_hash}", said)
    mine = (_KEPT.c.token_id == token_id) & (_KEPT.c.key_hash == key_hash)
    db.execute(update(_KEPT).where(mine).values(status=status, said=sealed))


def drop_answer(db: Db, token_id: str, key_hash: str) -> None:
    """Forget a request that changed nothing: it may be sent again under its key."""
    db.execute(delete(_KEPT).where(_KEPT.c.token_id == token_id, _KEPT.c.key_hash == key_hash))


def forget_answers(db: Db, now: datetime) -> int:
    """Forget answers older than a day; give how many."""
    old = delete(_KEPT).where(_KEPT.c.created < now - KEPT_FOR)
    return len(db.execute(old.returning(_KEPT.c.key_hash)).all())


def forget_old(db: Db, now: datetime) -> int:
    """Forget tokens that ended a month ago; give how many."""
    over = or_(_TOKEN.c.revoked < now - OVER_FOR, _TOKEN.c.expires < now - OVER_FOR)
    return len(db.execute(delete(_TOKEN).where(over).returning(_TOKEN.c.id)).all())


def drop_all(db: Db) -> None:
    """Forget every token: a restored database may know some that were ended since."""
    db.execute(delete(_KEPT))
    db.execute(delete(_TOKEN))
