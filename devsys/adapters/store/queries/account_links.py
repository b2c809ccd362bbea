"""Links of letters by which people choose a password: one of a person lives at a time, until it is used or over."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import delete, insert, or_, select

from devsys.adapters.store.queries import letters
from devsys.adapters.store.queries.rows import table
from devsys.adapters.store.store import Db
from devsys.adapters.store.tables.accounts import AccountLinkRow, AccountRow
from devsys.adapters.store.tables.people import PersonRow

INVITE: Final = "invite"
RESET: Final = "reset"

_LINK, _ACCOUNT, _PERSON = table(AccountLinkRow), table(AccountRow), table(PersonRow)


@dataclass(frozen=True, slots=True)
class AccountLink:
    """A link that works: whose, for which address to sign in with, and what for."""

    person_id: str
    email: str
    kind: str


def keep(db: Db, *, hashed: str, person_id: str, kind: str, expires: datetime) -> None:
    """Keep the hash of a link's secret; an older link of the person is dead from now on."""
    drop(db, (person_id,))
    db.execute(insert(_LINK).values(token_hash=hashed, person_id=person_id, kind=kind, expires=expires))


def living(db: Db, hashed: str, now: datetime, today: date) -> AccountLink | None:
    """Give a link that works: not over, its account not shut, its person still here."""
    row = db.execute(
        select(_LINK.c.person_id, _ACCOUNT.c.email, _LINK.c.kind)
        .join(_ACCOUNT, _ACCOUNT.c.person_id == _LINK.c.person_id)
        .join(_PERSON, _PERSON.c.id == _LINK.c.person_id)
        .where(
            _LINK.c.token_hash == hashed,
            _LINK.c.expires > now,
            _ACCOUNT.c.active,
            or_(_PERSON.c.left.is_(None), _PERSON.c.left > today),
        )
    ).one_or_none()
    return None if row is None else AccountLink(*row)


def drop(db: Db, person_ids: Iterable[str]) -> None:
    """Kill the links of people."""
    db.execute(delete(_LINK).where(_LINK.c.person_id.in_(tuple(person_ids))))


def say_changed(db: Db, person_id: str, now: datetime) -> None:
    """Kill the links of a person whose password was changed, and let the letter wait that says so."""
    drop(db, (person_id,))
    letters.open_letters(db, letters.CHANGED, now.isoformat(), {person_id: now}, now)


def drop_all(db: Db) -> None:
    """Kill every link: a restored database may know some that were used since."""
    db.execute(delete(_LINK))


def forget_old(db: Db, now: datetime) -> int:
    """Take away links that are over; give how many."""
    return len(db.execute(delete(_LINK).where(_LINK.c.expires <= now).returning(_LINK.c.token_hash)).all())
