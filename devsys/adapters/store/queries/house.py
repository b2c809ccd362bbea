"""Facts about this database: its mark as demo, its epochs, its name, the revision of the organisation."""

from typing import Final

from sqlalchemy import delete, select

from devsys.adapters.store.queries.rows import table, upsert
from devsys.adapters.store.store import Db
from devsys.adapters.store.tables.house import HouseRow

DEMO: Final = "demo"  # "1" in a demo database
FEED_EPOCH: Final = "feed_epoch"  # part of every ETag; renewed by a restore
PROGRAMME_EPOCH: Final = "programme_epoch"  # the Monday (ISO date) from which cadences count
ORGANISATION_NAME: Final = "organisation_name"
ORGANISATION_REVISION: Final = "organisation_revision"
LETTERS_FROM: Final = "letters_from"  # the version that stood when letters began: nobody is told of it anew
RESTORED: Final = "restored"  # when the data was restored: letters opened before that are held
LEADS_READ: Final = "leads_read"  # when it was announced that leads will see readings of single people; off without
FIRST_RUN: Final = "first_run"  # hash of the one-time link to the setup page

_HOUSE = table(HouseRow)


def fact(db: Db, key: str, default: str = "") -> str:
    """Give a fact, `default` while it was never said."""
    found = db.execute(select(_HOUSE.c.value).where(_HOUSE.c.key == key)).scalar()
    return default if found is None else str(found)


def facts(db: Db) -> dict[str, str]:
    """Give all facts; for pages that need several."""
    return {str(key): str(value) for key, value in db.execute(select(_HOUSE.c.key, _HOUSE.c.value))}


def set_fact(db: Db, key: str, value: str) -> None:
    """Say a fact, over what was said before."""
    upsert(db, HouseRow, [{"key": key, "value": value}])


def drop_fact(db: Db, key: str) -> None:
    """Forget a fact; nothing happens when it was never said."""
    db.execute(delete(_HOUSE).where(_HOUSE.c.key == key))


def is_demo(db: Db) -> bool:
    """Say whether this database was made as the demo organisation."""
    return fact(db, DEMO) == "1"


def revision(db: Db) -> int:
    """Give the revision of the organisation: it grows with every change a plan depends on."""
    return int(fact(db, ORGANISATION_REVISION, "0"))


def next_revision(db: Db) -> int:
    """Raise the revision of the organisation by one and give it; only inside `store.write()`."""
    number = revision(db) + 1
    set_fact(db, ORGANISATION_REVISION, str(number))
    return number
