"""Where people meet who lead sessions online: one address each, which their sessions without a room carry."""

from collections.abc import Iterable, Mapping

from sqlalchemy import delete, select

from devsys.adapters.store.queries.rows import chunks, table, upsert
from devsys.adapters.store.store import Db
from devsys.adapters.store.tables.people import MeetingLinkRow

_LINK = table(MeetingLinkRow)


def of_people(db: Db, person_ids: Iterable[str]) -> Mapping[str, str]:
    """Give the addresses of people, by id; those without one are left out."""
    found: dict[str, str] = {}
    for some in chunks(sorted(person_ids)):
        query = select(_LINK.c.person_id, _LINK.c.address).where(_LINK.c.person_id.in_(some))
        found.update((str(row.person_id), str(row.address)) for row in db.execute(query))
    return found


def keep(db: Db, person_id: str, address: str) -> None:
    """Keep the address of a person; an empty one takes it away."""
    if address:
        upsert(db, MeetingLinkRow, [{"person_id": person_id, "address": address}])
    else:
        db.execute(delete(_LINK).where(_LINK.c.person_id == person_id))
