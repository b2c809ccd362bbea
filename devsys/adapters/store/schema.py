"""The schema: brought up to date in a command before the server starts, never inside it."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError

from devsys.adapters.store.store import Store
from devsys.base.errors import ConflictError
from devsys.base.keys import Keyring

if TYPE_CHECKING:
    from alembic.config import Config

_HANGS_ON = "2BP01"  # dependent objects still exist


def _config(connection: Connection, keys: Keyring | None = None) -> "Config":
    from alembic.config import Config  # noqa: PLC0415 -- slow import

    config = Config(stdout=sys.stdout)  # its own default is whatever that was when alembic was first imported
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    config.attributes["keys"] = keys  # where a step seals or opens what stands
    return config


def migrate(store: Store, step: str = "head") -> None:
    """Bring the schema to this version, or to an earlier step, whole or not at all.

    Raises ConflictError when the database is newer than the program.
    """
    with store.write() as db:
        bring(db.connection(), store.keys, step)


def bring(connection: Connection, keys: Keyring, step: str = "head") -> None:
    """Bring the schema to a step inside a transaction of `store.write()`. Raises as `migrate` does."""
    from alembic import command  # noqa: PLC0415 -- slow import
    from alembic.script import ScriptDirectory  # noqa: PLC0415 -- slow import
    from alembic.util import CommandError  # noqa: PLC0415 -- slow import

    config = _config(connection, keys)
    now = at_step(connection)
    known = {one.revision for one in ScriptDirectory.from_config(config).walk_revisions()}
    for found in (now, step):
        if found and found not in {*known, "head"}:
            raise ConflictError(
                f"The database is at step {found}, which this version of devsys does not know. "
                "Install the newer devsys."
            )
    try:
        command.upgrade(config, step)
    except CommandError as error:
        raise ConflictError(f"The database could not be brought up to date: {error}") from error


def clear(connection: Connection) -> None:
    """Take every table of ours away, whatever step they are of, inside a transaction of `store.write()`.

    Raises ConflictError where somebody else's tables stand, or something of somebody else's hangs on ours.
    """
    names = inspect(connection).get_table_names()
    if not names:
        return
    if not {"house", "alembic_version"} <= set(names):
        raise ConflictError("The database holds tables of another program. Give devsys one of its own.")
    words = ", ".join(f'"{name}"' for name in names)
    try:
        connection.exec_driver_sql(f"DROP TABLE {words}")
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", "") != _HANGS_ON:
            raise
        said = " ".join(str(error.orig).split())[:300]
        raise ConflictError(f"Something that is not of devsys hangs on its tables: {said}") from error


def at_step(connection: Connection) -> str:
    """Give the step the schema is at, empty for a database without one."""
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or "")
