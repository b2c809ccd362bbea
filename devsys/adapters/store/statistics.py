"""What a database knows of its own sizes."""

from devsys.adapters.store.store import Store


def take_statistics(store: Store) -> None:
    """Let SQLite count how many rows each value of an index leads to; PostgreSQL does so by itself.

    Without it SQLite guesses, and of many sessions it walks over all to find those of one team. A process that is
    connected already takes up the first counts at once, later ones when it connects anew.
    """
    if not store.sqlite:
        return
    with store.write() as db:
        connection = db.connection()
        connection.exec_driver_sql("ANALYZE")
        if connection.exec_driver_sql("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat4'").scalar():
            connection.exec_driver_sql("DELETE FROM sqlite_stat4")  # some builds keep samples: names of people
