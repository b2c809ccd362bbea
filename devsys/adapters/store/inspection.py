"""What the database says about itself: settings, integrity, size, step of its schema. Reads only."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from sqlalchemy import text

from devsys.adapters.store.schema import at_step
from devsys.adapters.store.store import Db, Store
from devsys.base.words import phrase, phrases

PRAGMAS: Final[Mapping[str, str]] = {
    "journal_mode": "wal",
    "synchronous": "2",
    "foreign_keys": "1",
    "busy_timeout": "5000",
    "secure_delete": "1",
}
SAFE: Final[Mapping[str, str]] = {"fsync": "on", "full_page_writes": "on"}


def newest_step() -> str:
    """Give the step of the schema this program brings; the names of migrations begin with it."""
    folder = Path(__file__).parent / "migrations" / "versions"
    return max(file.name.partition("_")[0] for file in folder.glob("[0-9]*_*.py"))


def step(db: Db) -> str:
    """Give the step the schema is at, empty for a database without one."""
    return at_step(db.connection())


def engine_version(store: Store, db: Db) -> str:
    """Give the engine and its version."""
    if store.sqlite:
        return f"SQLite {db.execute(text('SELECT sqlite_version()')).scalar()}"
    return f"PostgreSQL {db.execute(text('SHOW server_version')).scalar()}"


def wrong_settings(store: Store, db: Db) -> tuple[str, ...]:
    """Give every setting that a promise rests on and that is not as it must be, as `name is found, not wanted`."""
    wanted = PRAGMAS if store.sqlite else SAFE
    how = "PRAGMA" if store.sqlite else "SHOW"
    found = {name: str(db.execute(text(f"{how} {name}")).scalar()) for name in wanted}
    return tuple(
        phrase("%(name)s is %(found)s, not %(wanted)s", name=name, found=found[name], wanted=value)
        for name, value in wanted.items()
        if found[name] != value
    )


def damage(store: Store, db: Db) -> tuple[str, ...]:
    """Give what is damaged in an SQLite file: pages, indexes, references; PostgreSQL looks after its own."""
    if not store.sqlite:
        return ()
    pages = [str(line) for line in db.execute(text("PRAGMA integrity_check(5)")).scalars() if line != "ok"]
    lost = db.execute(text("PRAGMA foreign_key_check")).all()
    if not lost:
        return tuple(pages)
    pointing = phrases(
        "%(num)s row points at one that is not there", "%(num)s rows point at rows that are not there", len(lost)
    )
    return (*pages, pointing)
