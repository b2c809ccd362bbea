"""Letters that are held since a restore: let go or thrown away, one or all."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import case, delete, select, update

from devsys.adapters.store.queries import letters, readers, visible
from devsys.adapters.store.queries.rows import chunks, table
from devsys.adapters.store.store import Db
from devsys.adapters.store.tables.letters import LetterRow
from devsys.adapters.store.tables.people import PersonRow
from devsys.core.policy import Scope

_LETTER, _PERSON = table(LetterRow), table(PersonRow)


def ids(db: Db, reach: Scope, letter_id: str = "") -> tuple[str, ...]:
    """Give the ids of held letters to the people a viewer reaches: all of them, or the one asked for if it is held."""
    query: Any = select(_LETTER.c.id).join(_PERSON, _PERSON.c.id == _LETTER.c.person_id)
    query = query.where(letters.held(db), visible.people(reach))
    return tuple(db.execute(query.where(_LETTER.c.id == letter_id) if letter_id else query).scalars())


def let_go(db: Db, letter_ids: Iterable[str], now: datetime) -> None:
    """Let held letters wait as others do: what is due leaves with the next look, sealed ones as they are."""
    due = case((_LETTER.c.due < now, now), else_=_LETTER.c.due)
    for some in chunks(tuple(letter_ids)):
        db.execute(update(_LETTER).where(_LETTER.c.id.in_(some)).values(opened=now, due=due, tries=0, error=""))


def throw_away(db: Db, letter_ids: Iterable[str], version: int) -> None:
    """Take held letters away as if they had left: who waited for one about the plan counts as told of `version`."""
    for some in chunks(tuple(letter_ids)):
        waited = select(_LETTER.c.person_id).where(
            _LETTER.c.id.in_(some), _LETTER.c.kind == letters.PLAN, _LETTER.c.state == letters.WAITING
        )
        readers.set_told(db, dict.fromkeys(db.execute(waited).scalars(), version))
        db.execute(delete(_LETTER).where(_LETTER.c.id.in_(some)))
