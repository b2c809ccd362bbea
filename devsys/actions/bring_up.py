"""Bring a database up: the schema of this version, and the few rows that everything else takes for granted."""

from devsys.actions.parts import Parts
from devsys.adapters.store.queries import house, plans
from devsys.adapters.store.schema import migrate
from devsys.base.ids import new_id


def bring_up(parts: Parts) -> None:
    """Bring the database up to date, empty or older; one that is up to date stays as it is.

    Raises ConflictError when it is newer than the program.
    """
    migrate(parts.store)
    with parts.store.read() as db:
        if house.fact(db, house.FEED_EPOCH):
            return
    with parts.store.write() as db:
        plans.begin(db)
        if not house.fact(db, house.FEED_EPOCH):
            house.set_fact(db, house.FEED_EPOCH, new_id())
