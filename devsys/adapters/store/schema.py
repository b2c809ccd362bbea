"""The schema: brought up to date in a command before the server starts, never inside it."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from devsys.adapters.store.store import Store
from devsys.base.errors import ConflictError
from devsys.base.keys import Keyring

if TYPE_CHECKING:
    from alembic.config import Config


def _config(connection: Connection, keys: Keyring | None = None) -> "Config":
    from alembic.config import Config  # noqa: PLC0415 -- slow import

    config = Config(stdout=sys.stdout)  # its own default is whatever that was when alembic was first imported
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    config.attributes["keys"] = keys  # where a step seals or opens what stands
    return config


def migrate(store: Store) -> None:
    """Bring the schema to this version, whole or not at all.

    Raises ConflictError when the database is newer than the program.
    """
    from alembic import command  # noqa: PLC0415 -- slow import
    from alembic.script import ScriptDirectory  # noqa: PLC0415 -- slow import
    from alembic.util import CommandError  # noqa: PLC0415 -- slow import

    with store.write() as db:
        connection = db.connection()
        config = _config(connection, store.keys)
        now = at_step(connection)
        known = {step.revision for step in ScriptDirectory.from_config(config).walk_revisions()}
        if now and now not in known:
            raise ConflictError(
                f"The database is at step {now}, which this version of devsys does not know. Install the newer devsys."
            )
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise ConflictError(f"The database could not be brought up to date: {error}") from error


def at_step(connection: Connection) -> str:
    """Give the step the schema is at, empty for a database without one."""
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or "")
