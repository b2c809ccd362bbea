"""Files kept between a dry run and Confirm."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select

from devsys.adapters.store.queries.rows import table
from devsys.adapters.store.store import Db
from devsys.adapters.store.tables.house import UploadRow

_UPLOAD = table(UploadRow)


@dataclass(frozen=True, slots=True)
class Upload:
    """One file: of which kind, under which name, its text."""

    kind: str
    name: str
    text: str


def keep(db: Db, upload_id: str, *, by_id: str, kind: str, name: str, text: str, now: datetime) -> None:
    """Keep a file of a person."""
    db.execute(insert(_UPLOAD).values(id=upload_id, by_id=by_id, kind=kind, name=name, text=text, created=now))


def get(db: Db, upload_id: str, *, by_id: str) -> Upload | None:
    """Give a file of a person; None when it is not theirs or no longer kept."""
    row = db.execute(
        select(_UPLOAD.c.kind, _UPLOAD.c.name, _UPLOAD.c.text).where(
            _UPLOAD.c.id == upload_id, _UPLOAD.c.by_id == by_id
        )
    ).one_or_none()
    return None if row is None else Upload(*row)


def drop(db: Db, upload_id: str) -> None:
    """Forget a file."""
    db.execute(delete(_UPLOAD).where(_UPLOAD.c.id == upload_id))


def forget(db: Db, *, before: datetime) -> None:
    """Forget files brought before an instant."""
    db.execute(delete(_UPLOAD).where(_UPLOAD.c.created < before))
