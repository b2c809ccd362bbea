"""Bring a database up: the schema of this version, and the few rows that everything else takes for granted."""

from pathlib import Path

from devsys.actions.backup import back_up, free_name, manifest_of
from devsys.actions.parts import Parts
from devsys.adapters.store import inspection
from devsys.adapters.store.queries import house, plans
from devsys.adapters.store.schema import migrate
from devsys.base.ids import new_id


def bring_up(parts: Parts) -> Path | None:
    """Bring the database up to date, empty or older; one that is up to date stays as it is.

    One that holds data of an older step is backed up before; give where, None when there was no need. Raises
    ConflictError when it is newer than the program, InvalidError when it cannot be backed up: then it stays as it is.
    """
    with parts.store.read() as db:
        step = inspection.step(db)
    made = _backed_up(parts) if step and step < inspection.newest_step() else None
    migrate(parts.store)
    _begin(parts)
    return made


def _backed_up(parts: Parts) -> Path:
    """Keep the data as they are before this upgrade; one backup of each, whatever it is tried again."""
    folder, name = parts.settings.home / "backups", f"before-step-{inspection.newest_step()}"
    former = [*folder.glob(f"{name}-*.db"), *folder.glob(f".{name}-*.making*")]  # of tries that were broken off
    path = free_name(folder / f"{name}-{parts.now():%Y%m%dT%H%M%S}.db")
    back_up(parts, path)
    for one in former:
        one.unlink(missing_ok=True)
        manifest_of(one).unlink(missing_ok=True)
    return path


def _begin(parts: Parts) -> None:
    with parts.store.read() as db:
        if house.fact(db, house.FEED_EPOCH):
            return
    with parts.store.write() as db:
        plans.begin(db)
        if not house.fact(db, house.FEED_EPOCH):
            house.set_fact(db, house.FEED_EPOCH, new_id())
