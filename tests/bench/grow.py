"""A home many times as large: `python -m tests.bench.grow HOME OUT TIMES` lays copies of an organisation side by side.

Drawing two years for ten thousand people takes an hour of a processor; a page does not ask how a plan came about. So
the demo organisation of one home is copied beside itself, with people, sites, teams, sessions, attendance, readings,
coaching and calendars of its own for each copy; what there is once (programmes, patterns, versions, accounts) stays.
SQLite only. Not for real data: ids of copies are made from ids. A copy's number begins with a letter that no id has,
so that what is made for a copy is never what there was already.
"""

import shutil
import sqlite3
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select, update
from sqlmodel import SQLModel

from devsys.adapters.store.carry import TABLES
from devsys.adapters.store.queries.rows import table
from devsys.adapters.store.sealed import Sealed, seal, unseal
from devsys.adapters.store.store import KEY_NAME, Store

ID: Final = 20  # characters of an id
MARK: Final = 3  # of them a copy's number
LETTER: Final = "x"  # it begins with: ids are hexadecimal
MOST: Final = 256  # copies
ONCE: Final = frozenset(
    {
        *("alembic_version", "house", "programme", "source", "draft", "version", "pointer", "pattern", "shift"),
        *("rollout", "effect", "refresher", "account", "grant", "sign_in", "job_run", "audit", "letter", "measure"),
    }
)
NAMES: Final = ("code", "email", "key")  # what must be another's in each copy
SECRETS: Final = ("uid", "token_hash")
IDS: Final = ("id", "target_id", "series", "series_id", "site_ids", "other_id", "team_id", "person_id", "condition_id")


def _other(column: str, mark: str) -> str:
    """Give SQL for the id in `column` as a copy has it; what is no id stays."""
    begin = f'substr("{column}", 1, {ID - MARK})'
    return f"""CASE WHEN length("{column}") = {ID} THEN {begin} || '{mark}' ELSE "{column}" END"""


def _value(column: Any, mark: str) -> str:
    name = column.name
    foreign = [key.column.table.name for key in column.foreign_keys]
    if foreign and not ONCE.isdisjoint(foreign):
        return f'"{name}"'
    if name == "need":  # the person's id, then what and which
        return f"""substr("need", 1, {ID - MARK}) || '{mark}' || substr("need", {ID + 1})"""
    if name == "unit" and column.table.name == "pulse_figure":
        return (
            f"""CASE WHEN "unit" = 'all' THEN 'all' ELSE substr("unit", 1, length("unit") - {MARK}) || '{mark}' END"""
        )
    if name in SECRETS:
        return f"""'{mark}' || substr("{name}", {MARK + 1})"""
    if name in NAMES:
        return f"""CASE WHEN "{name}" = '' THEN '' ELSE '{mark}' || "{name}" END"""
    if foreign or name in IDS:
        return _other(name, mark)
    return f'"{name}"'


def copy_rows(db: sqlite3.Connection, mark: str) -> None:
    """Lay one copy of all that is not sealed beside what stands at first."""
    for own in TABLES:
        if own.name in ONCE:
            continue
        keys = list(own.primary_key.columns)
        numbered = len(keys) == 1 and str(keys[0].type) == "INTEGER"
        columns = [c for c in own.columns if not (numbered and c.name == keys[0].name)]
        names = ", ".join(f'"{c.name}"' for c in columns)
        values = ", ".join(_value(c, mark) for c in columns)
        db.execute(f'INSERT OR IGNORE INTO "{own.name}" ({names}) SELECT {values} FROM first."{own.name}"')


def dangling(db: sqlite3.Connection) -> dict[tuple[str, str], int]:
    """Count rows that name a row which is not there, by their table and the other."""
    return dict(Counter((row[0], row[2]) for row in db.execute("PRAGMA foreign_key_check")))


def seal_copies(store: Store, marks: list[str]) -> None:
    """Seal the confidential text of the copies for the rows it now lies in: it opens in its own row only."""
    with store.write() as db:
        for row in SQLModel.__subclasses__():
            if not hasattr(row, "__table__"):
                continue
            own = table(row)
            columns = [c for c in own.columns if isinstance(c.type, Sealed)]
            keys = list(own.primary_key.columns)
            for found in db.execute(select(own)).mappings().all() if columns else ():
                if any(str(found[k.name])[-MARK:] in marks for k in keys):
                    continue
                here = "/".join(str(found[k.name]) for k in keys)
                texts = {c.name: unseal(db, row, c.name, here, found[c.name]) for c in columns if found[c.name]}
                for mark in marks:
                    there = {k.name: found[k.name][: ID - MARK] + mark for k in keys}
                    name = "/".join(there.values())
                    sealed = {column: seal(db, row, column, name, text) for column, text in texts.items()}
                    if sealed:
                        db.execute(update(own).where(*(k == there[k.name] for k in keys)).values(sealed))


def grow(home: Path, out: Path, times: int) -> None:
    """Make OUT from HOME, TIMES as large."""
    if not 1 <= times <= MOST:
        sys.exit(f"1 to {MOST} times as large")
    out.mkdir(parents=True)
    for name in (KEY_NAME, "secret", "demo.json"):
        if (home / name).exists():
            shutil.copy(home / name, out / name)
    marks = [f"{LETTER}{number:0{MARK - len(LETTER)}x}" for number in range(1, times)]
    with closing(sqlite3.connect(out / "devsys.db", isolation_level=None)) as db:
        db.execute("ATTACH ? AS first", (str(home / "devsys.db"),))
        with closing(sqlite3.connect(home / "devsys.db")) as first:
            first.backup(db)
        db.execute("PRAGMA synchronous = OFF")
        db.execute("BEGIN")
        for mark in marks:
            copy_rows(db, mark)
        db.execute("COMMIT")
        if lost := dangling(db):
            sys.exit(f"rows that name what is not there: {lost}")
        db.execute("ANALYZE")
    store = Store(f"sqlite:///{out / 'devsys.db'}", out / KEY_NAME)
    try:
        seal_copies(store, marks)
    finally:
        store.close()


def main() -> None:
    """Do what is asked for."""
    grow(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))


if __name__ == "__main__":
    main()
