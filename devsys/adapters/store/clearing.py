"""Let nothing of what was deleted lie in free pages or in the log: the file is written anew."""

from sqlalchemy import text

from devsys.adapters.store.store import LOCK_SECONDS, Store
from devsys.base.errors import UnavailableError
from devsys.base.words import phrase


def clear(store: Store) -> bool:
    """Write the database anew without what was deleted; say whether nothing of it can be left in its files.

    On SQLite whoever reads meanwhile keeps the log from being emptied: then False, and it is to be tried again. On
    PostgreSQL every table is rewritten (VACUUM FULL); its own log (WAL) is the server's to recycle.
    Raises UnavailableError when somebody writes for too long.
    """
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not store.sqlite:
            connection.execute(text(f"SET lock_timeout = '{LOCK_SECONDS}s'"))
            connection.execute(text("VACUUM FULL"))
            return True
        raw = connection.connection.cursor()
        try:
            raw.execute("VACUUM")
            busy, _, _ = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except Exception as error:
            if "locked" not in str(error) and "busy" not in str(error):
                raise
            raise UnavailableError(phrase("Somebody is using the database right now; it is cleared later.")) from error
        finally:
            raw.close()
        return not busy
