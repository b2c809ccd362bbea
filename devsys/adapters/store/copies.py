"""Whole copies of an SQLite database, made while it is in use, and one put in its place."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from devsys.base.errors import InvalidError

ENDINGS = ("", "-wal", "-shm")


def copy_out(source: Path, target: Path) -> None:
    """Write a whole copy of a database in use to `target`, as it was at one moment, synced to the disk.

    Raises InvalidError when it cannot be read whole.
    """
    try:
        with closing(sqlite3.connect(source)) as connection:
            connection.execute("VACUUM INTO ?", (str(target),))
    except sqlite3.DatabaseError as error:
        raise InvalidError(f"The database cannot be copied whole: {error}. Run: devsys doctor") from error
    finish_file(target)


def finish_file(file: Path) -> None:
    """Have a database file on the disk, readable by its owner alone."""
    with file.open("rb+") as opened:
        os.fsync(opened.fileno())
    file.chmod(0o600)


def put_in_place(copy: Path, target: Path) -> None:
    """Make `copy`, a file in the same folder, the database; what it had beside it goes.

    A log of the old database must never meet the new file, so it goes first; the old file without it is still whole
    because nobody has it open any more.
    """
    with closing(sqlite3.connect(target)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for ending in ENDINGS[1:]:
        Path(f"{target}{ending}").unlink(missing_ok=True)
    copy.replace(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
