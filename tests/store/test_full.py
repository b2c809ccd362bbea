"""A database that may not grow: refused in words, nothing changed, reads go on, writes too once there is room (K5)."""

import pytest

from devsys.adapters.store.queries import house
from devsys.adapters.store.store import Store
from devsys.base.errors import UnavailableError
from tests.proved import Proved

LARGE = "x" * 400_000
PLENTY = 1_000_000  # pages


@pytest.mark.parametrize("times", [1, pytest.param(20, marks=pytest.mark.soak)])
def test_a_full_disk_is_said_and_changes_nothing(times: int, sqlite_url: str, proved: Proved) -> None:
    store = Store(sqlite_url)

    def room(pages: int) -> None:
        with store.engine.connect() as connection:  # the one pooled connection: SQLite keeps the limit with it
            connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")

    for number in range(times):
        room(1)  # as many as there are
        with pytest.raises(UnavailableError, match="disk is full"), store.write() as db:
            house.set_fact(db, f"large {number}", LARGE)
        with store.read() as db:
            assert house.fact(db, f"large {number}", "none") == "none"
        room(PLENTY)
        with store.write() as db:
            house.set_fact(db, f"large {number}", LARGE)
        with store.read() as db:
            assert house.fact(db, f"large {number}") == LARGE
        proved(refused=1)
    store.close()
