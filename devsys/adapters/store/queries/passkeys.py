"""Passkeys of accounts, and the challenges that wait for an answer."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, func, insert, select, update

from devsys.adapters.store.queries.rows import table
from devsys.adapters.store.store import Db
from devsys.adapters.store.tables.accounts import ChallengeRow, PasskeyRow

LASTS: Final = timedelta(minutes=5)
_KEY, _CHALLENGE = table(PasskeyRow), table(ChallengeRow)


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey as its owner knows it; `used` is None before its first use, `synced` where a service carries it."""

    id: str
    person_id: str
    key_id: str
    public: bytes
    count: int
    name: str
    synced: bool
    created: datetime
    used: datetime | None


_COLUMNS: Final = select(
    _KEY.c.id,
    _KEY.c.person_id,
    _KEY.c.key_id,
    _KEY.c.public,
    _KEY.c.count,
    _KEY.c.name,
    _KEY.c.synced,
    _KEY.c.created,
    _KEY.c.used,
)


def of_person(db: Db, person_id: str) -> tuple[Passkey, ...]:
    """Give the passkeys of a person, the oldest first."""
    asked = _COLUMNS.where(_KEY.c.person_id == person_id).order_by(_KEY.c.created, _KEY.c.id)
    return tuple(Passkey(*row) for row in db.execute(asked))


def by_key(db: Db, key_id: str) -> Passkey | None:
    """Give the passkey a browser names; None when nobody has it."""
    row = db.execute(_COLUMNS.where(_KEY.c.key_id == key_id)).one_or_none()
    return None if row is None else Passkey(*row)


def keep(db: Db, found: Passkey) -> None:
    """Keep a new passkey."""
    db.execute(
        insert(_KEY).values(
            id=found.id,
            person_id=found.person_id,
            key_id=found.key_id,
            public=found.public,
            count=found.count,
            name=found.name,
            synced=found.synced,
            created=found.created,
            used=found.used,
        )
    )


def use(db: Db, found: Passkey, count: int, now: datetime) -> bool:
    """Note that a passkey was used; False where somebody used the same proof at the same time."""
    noted = update(_KEY).where(_KEY.c.id == found.id, _KEY.c.count == found.count).values(count=count, used=now)
    return bool(db.execute(noted.returning(_KEY.c.id)).all())


def drop(db: Db, person_id: str, passkey_id: str) -> str | None:
    """Take one passkey away from its owner; give its name, None where there is none such."""
    gone = delete(_KEY).where(_KEY.c.id == passkey_id, _KEY.c.person_id == person_id)
    return db.execute(gone.returning(_KEY.c.name)).scalar()


def drop_all(db: Db, person_id: str) -> int:
    """Take all passkeys of a person away; give how many."""
    return len(db.execute(delete(_KEY).where(_KEY.c.person_id == person_id).returning(_KEY.c.id)).all())


def open_challenge(db: Db, browser_hash: str, challenge: bytes, now: datetime) -> None:
    """Keep what a browser has to answer, in place of what it was asked before; those that are over go."""
    db.execute(delete(_CHALLENGE).where((_CHALLENGE.c.expires <= now) | (_CHALLENGE.c.browser_hash == browser_hash)))
    db.execute(insert(_CHALLENGE).values(browser_hash=browser_hash, challenge=challenge.hex(), expires=now + LASTS))


def waiting(db: Db) -> int:
    """Give how many challenges wait."""
    return int(db.execute(select(func.count()).select_from(_CHALLENGE)).scalar_one())


def take_challenge(db: Db, browser_hash: str, now: datetime) -> bytes | None:
    """Use up what a browser was asked: it is answered once. None where nothing waits, or no longer."""
    gone = delete(_CHALLENGE).where(_CHALLENGE.c.browser_hash == browser_hash)
    row = db.execute(gone.returning(_CHALLENGE.c.challenge, _CHALLENGE.c.expires)).one_or_none()
    return None if row is None or row.expires <= now else bytes.fromhex(row.challenge)


def forget_old(db: Db, now: datetime) -> int:
    """Take away challenges that are over; give how many."""
    gone = delete(_CHALLENGE).where(_CHALLENGE.c.expires <= now).returning(_CHALLENGE.c.browser_hash)
    return len(db.execute(gone).all())
