"""The second step of signing in: authenticator apps, recovery codes, sign-ins half done."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, func, insert, select, update

from devsys.adapters.store.queries.rows import table
from devsys.adapters.store.sealed import seal, unseal
from devsys.adapters.store.store import Db
from devsys.adapters.store.tables.accounts import HalfSignInRow, RecoveryCodeRow, SecondStepRow

HALF_LASTS: Final = timedelta(minutes=5)
_STEP, _CODE, _HALF = table(SecondStepRow), table(RecoveryCodeRow), table(HalfSignInRow)


@dataclass(frozen=True, slots=True)
class SecondStep:
    """An app: its secret in the clear, since when it counts (None: not confirmed), the step of the last code."""

    secret: str
    since: datetime | None
    last_step: int


def of_person(db: Db, person_id: str) -> SecondStep | None:
    """Give the app of a person, opened; None when there is none."""
    row = db.execute(
        select(_STEP.c.secret, _STEP.c.since, _STEP.c.last_step).where(_STEP.c.person_id == person_id)
    ).one_or_none()
    if row is None:
        return None
    return SecondStep(unseal(db, SecondStepRow, "secret", person_id, row.secret), row.since, row.last_step)


def is_on(db: Db, person_id: str) -> bool:
    """Say whether a person's sign-in takes a second step."""
    asked = select(_STEP.c.person_id).where(_STEP.c.person_id == person_id, _STEP.c.since.is_not(None))
    return db.execute(asked).first() is not None


def begin(db: Db, person_id: str, secret: str) -> None:
    """Keep a secret that is not confirmed yet; an older one that was not is gone."""
    db.execute(delete(_STEP).where(_STEP.c.person_id == person_id))
    sealed = seal(db, SecondStepRow, "secret", person_id, secret)
    db.execute(insert(_STEP).values(person_id=person_id, secret=sealed, since=None, last_step=0))


def confirm(db: Db, person_id: str, now: datetime, hashes: Iterable[str]) -> None:
    """Let the app count from now on, with its recovery codes."""
    db.execute(update(_STEP).where(_STEP.c.person_id == person_id).values(since=now))
    renew_codes(db, person_id, hashes)


def renew_codes(db: Db, person_id: str, hashes: Iterable[str]) -> None:
    """Keep the hashes of new recovery codes in place of the old ones."""
    db.execute(delete(_CODE).where(_CODE.c.person_id == person_id))
    db.execute(insert(_CODE), [{"person_id": person_id, "code_hash": one} for one in hashes])


def use_step(db: Db, person_id: str, step: int) -> None:
    """Remember the step of the code used last."""
    db.execute(update(_STEP).where(_STEP.c.person_id == person_id).values(last_step=step))


def use_code(db: Db, person_id: str, code_hash: str) -> bool:
    """Use a recovery code up; say whether it was one."""
    gone = delete(_CODE).where(_CODE.c.person_id == person_id, _CODE.c.code_hash == code_hash)
    return bool(db.execute(gone.returning(_CODE.c.code_hash)).all())


def codes_left(db: Db, person_id: str) -> int:
    """Give how many recovery codes are left."""
    return int(db.execute(select(func.count()).where(_CODE.c.person_id == person_id)).scalar_one())


def drop(db: Db, person_id: str) -> bool:
    """Take the app, its codes and sign-ins half done from a person; say whether the app counted."""
    found = is_on(db, person_id)
    for one in (_CODE, _HALF, _STEP):
        db.execute(delete(one).where(one.c.person_id == person_id))
    return found


def open_half(db: Db, id_hash: str, person_id: str, now: datetime) -> None:
    """Keep that a password was right; halves that are over go."""
    db.execute(delete(_HALF).where(_HALF.c.expires <= now))
    db.execute(insert(_HALF).values(id_hash=id_hash, person_id=person_id, expires=now + HALF_LASTS))


def half(db: Db, id_hash: str, now: datetime) -> str | None:
    """Give whose sign-in is half done here; None when none is, or it is over."""
    found = select(_HALF.c.person_id).where(_HALF.c.id_hash == id_hash, _HALF.c.expires > now)
    return db.execute(found).scalar()


def close_half(db: Db, id_hash: str) -> None:
    """End one half."""
    db.execute(delete(_HALF).where(_HALF.c.id_hash == id_hash))


def forget_old(db: Db, now: datetime) -> int:
    """Take away halves that are over; give how many."""
    return len(db.execute(delete(_HALF).where(_HALF.c.expires <= now).returning(_HALF.c.id_hash)).all())
