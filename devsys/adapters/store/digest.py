"""One figure over the data, the same on both engines and before a backup and after its restore.

Left out is what passes: sign-ins, wrong passwords, uploads, caches, the ledger of runs, the log of acts, when a feed
was last fetched, and facts that belong to one installation. Confidential text counts as it is sealed: no key is needed,
and a copy holds the same bytes. Rows are read in the order of their keys, a batch at a time.
"""

import hashlib
import json
from collections.abc import Sequence
from typing import Final

from sqlalchemy import Column, Table

from devsys.adapters.store.carry import batches
from devsys.adapters.store.store import Db
from devsys.adapters.store.tables.all import metadata

PASSING: Final = frozenset(
    {
        "api_answer",
        "sign_in",
        "half_sign_in",
        "challenge",
        "spent",
        "account_link",
        "attempt",
        "upload",
        "fragment",
        "shown",
        "job_run",
        "audit",
    }
)
PASSING_COLUMNS: Final = frozenset(
    {("api_token", "used"), ("feed", "fetched"), ("feed", "client"), ("feed", "revision"), ("feed", "revised")}
)
PASSING_FACTS: Final = frozenset(
    {
        "feed_epoch",
        "feed_day",
        "feed_address",
        "zone_data",
        "first_run",
        "restored",
        "worker_seen",
        "leader_term",
        "forms_secret",
        "backup",
        "erasing",
        "sealing_key",
        "mail_trouble",
        "mailbox_trouble",
        "mailbox_read",
    }
)


def digest(db: Db, *, whole: bool = False, tables: Sequence[Table] | None = None) -> str:
    """Give the SHA-256 over all business rows, table by table, in hexadecimal; `whole` leaves out nothing.

    `tables` are those of an older step of the schema, where it is at one.
    """
    found = hashlib.sha256()
    for table in sorted(metadata.tables.values() if tables is None else tables, key=lambda one: one.name):
        name = table.name
        if not whole and name in PASSING:
            continue
        columns = _columns(table, whole=whole)
        found.update(f"{name}:{','.join(c.name for c in columns)}\n".encode())
        at = [c.name for c in columns].index("key") if name == "house" else None
        for rows in batches(db.connection(), table, columns=columns, by_key=True):
            kept = rows if whole or at is None else [row for row in rows if row[at] not in PASSING_FACTS]
            for row in kept:
                found.update(_said(row).encode())
    return found.hexdigest()


def _columns(table: Table, *, whole: bool) -> list["Column[object]"]:
    kept = (c for c in table.columns if whole or (table.name, c.name) not in PASSING_COLUMNS)
    return sorted(kept, key=lambda c: c.name)


_said: Final = json.JSONEncoder(separators=(",", ":"), default=bytes.hex).encode
