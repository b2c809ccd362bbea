"""Whom a provider means: (issuer, subject) -> account; and tokens that count once."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, exists, insert, select

from devsys.adapters.store.queries.rows import table
from devsys.adapters.store.store import Db
from devsys.adapters.store.tables.accounts import IdentityRow, SignInRow, SpentRow
from devsys.adapters.store.tables.people import TeamRow

_IDENTITY, _SPENT, _SIGN_IN, _TEAM = table(IdentityRow), table(SpentRow), table(SignInRow), table(TeamRow)


def person_of(db: Db, issuer: str, subject: str) -> str | None:
    """Give the id of the person a provider's subject is linked to."""
    query = select(_IDENTITY.c.person_id).where(_IDENTITY.c.issuer == issuer, _IDENTITY.c.subject == subject)
    return db.execute(query).scalar()


def is_linked(db: Db, person_id: str) -> bool:
    """Say whether an account is linked to a provider."""
    return bool(db.execute(select(exists().where(_IDENTITY.c.person_id == person_id))).scalar())


def link(db: Db, *, issuer: str, subject: str, person_id: str, now: datetime) -> None:
    """Link an account to a provider's subject; an account has one link, and none is ever changed here."""
    db.execute(insert(_IDENTITY).values(issuer=issuer, subject=subject, person_id=person_id, since=now))


def unlink(db: Db, person_id: str) -> bool:
    """Take the link of an account away; say whether there was one."""
    return bool(
        db.execute(delete(_IDENTITY).where(_IDENTITY.c.person_id == person_id).returning(_IDENTITY.c.subject)).all()
    )


def spend(db: Db, hashed: str, until: datetime, now: datetime) -> bool:
    """Note that a token was used, by its hash; False when it was used before. Those that are over go."""
    db.execute(delete(_SPENT).where(_SPENT.c.until <= now))
    if db.execute(select(_SPENT.c.token_hash).where(_SPENT.c.token_hash == hashed)).first() is not None:
        return False
    db.execute(insert(_SPENT).values(token_hash=hashed, until=until))
    return True


def close_told(db: Db, *, person_id: str | None, sid_hash: str) -> tuple[str, ...]:
    """End the sign-ins a provider names, by its session or else by its subject; give whose they were, once each."""
    ends = delete(_SIGN_IN).where(_SIGN_IN.c.via == "provider")
    if sid_hash:
        ends = ends.where(_SIGN_IN.c.provider_session == sid_hash)
    if person_id is not None or not sid_hash:
        ends = ends.where(_SIGN_IN.c.person_id == (person_id or ""))
    return tuple(sorted(set(db.execute(ends.returning(_SIGN_IN.c.person_id)).scalars())))


def teams_by_code(db: Db) -> Mapping[str, str]:
    """Give the id of each team by its code."""
    return {str(row.code): str(row.id) for row in db.execute(select(_TEAM.c.code, _TEAM.c.id))}
