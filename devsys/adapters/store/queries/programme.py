"""Adopted programmes: kept as their canonical YAML, which is also what export gives."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy import delete, insert, select, update
from sqlmodel import col

from devsys.adapters.store.queries.rows import table
from devsys.adapters.store.store import Db
from devsys.adapters.store.tables.people import PersonRow
from devsys.adapters.store.tables.programme import ProgrammeRow
from devsys.base.errors import InvalidError
from devsys.base.words import phrase
from devsys.core.model.programme import Activity, Programme
from devsys.core.programmes.read import read_programme
from devsys.core.programmes.write import write_programme

_PROGRAMME = table(ProgrammeRow)


@dataclass(frozen=True, slots=True)
class Adopted:
    """One adopted programme: its value, its text, who adopted or changed it last, how often it changed."""

    programme: Programme
    text: str
    adopted: datetime
    by: str
    revision: int


def records(db: Db) -> tuple[Adopted, ...]:
    """Give the adopted programmes with their texts, ordered by code."""
    query = select(
        _PROGRAMME.c.code, _PROGRAMME.c.text, _PROGRAMME.c.adopted, col(PersonRow.name), _PROGRAMME.c.revision
    ).join(PersonRow, col(PersonRow.id) == _PROGRAMME.c.by_id, isouter=True)
    return tuple(
        Adopted(_parsed(text, code), text, adopted, name or "devsys", revision)
        for code, text, adopted, name, revision in db.execute(query.order_by(_PROGRAMME.c.code))
    )


def adopted(db: Db) -> tuple[Programme, ...]:
    """Give the adopted programmes, ordered by code."""
    query = select(_PROGRAMME.c.text, _PROGRAMME.c.code).order_by(_PROGRAMME.c.code)
    return tuple(_parsed(text, code) for text, code in db.execute(query))


def activities(db: Db) -> Mapping[str, Activity]:
    """Give the activities of all adopted programmes by code."""
    return {activity.code: activity for programme in adopted(db) for activity in programme.activities}


def keep(db: Db, programme: Programme, *, by_id: str | None, now: datetime) -> bool:
    """Adopt a programme, or change the adopted one of the same code; False when it says the same already."""
    text = write_programme(programme)
    known = db.execute(
        select(_PROGRAMME.c.text, _PROGRAMME.c.revision).where(_PROGRAMME.c.code == programme.code)
    ).one_or_none()
    if known is None:
        db.execute(insert(_PROGRAMME).values(code=programme.code, text=text, adopted=now, by_id=by_id, revision=1))
        return True
    if known.text == text:
        return False
    db.execute(
        update(_PROGRAMME)
        .where(_PROGRAMME.c.code == programme.code)
        .values(text=text, adopted=now, by_id=by_id, revision=known.revision + 1)
    )
    return True


def drop(db: Db, code: str) -> None:
    """Give up a programme; sessions published of it stay."""
    db.execute(delete(_PROGRAMME).where(_PROGRAMME.c.code == code))


@lru_cache(maxsize=128)
def _parsed(text: str, code: str) -> Programme:
    # Reading YAML costs more than a page; the same text is the same programme.
    found, faults = read_programme(text, f"{code}.yaml")
    if found is None:
        raise InvalidError(
            phrase("The adopted programme %(code)s cannot be read any more. Adopt it again.", code=code), faults
        )
    return found
