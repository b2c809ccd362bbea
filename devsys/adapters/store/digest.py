"""One figure over the data, the same on both engines and before a backup and after its restore.

Left out is what passes: sign-ins, wrong passwords, uploads, caches, the ledger of runs, the log of acts, when a feed
was last fetched, and facts that belong to one installation. Confidential text counts as it is sealed: no key is needed,
and a copy holds the same bytes.
"""

import hashlib
from datetime import UTC, date, datetime, time
from typing import Final

from sqlalchemy import select

from devsys.adapters.store.store import Db
from devsys.adapters.store.tables.all import metadata

PASSING: Final = frozenset(
    {
        "api_answer",
        "sign_in",
        "half_sign_in",
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
        "backup",
        "erasing",
        "sealing_key",
        "mail_trouble",
        "mailbox_trouble",
        "mailbox_read",
    }
)


def digest(db: Db) -> str:
    """Give the SHA-256 over all business rows, table by table, in hexadecimal."""
    whole = hashlib.sha256()
    for name, table in sorted(metadata.tables.items()):
        if name in PASSING:
            continue
        columns = sorted((c for c in table.columns if (name, c.name) not in PASSING_COLUMNS), key=lambda c: c.name)
        lines = sorted(
            "\x1f".join(_said(value) for value in row)
            for row in db.execute(select(*columns))
            if name != "house" or row.key not in PASSING_FACTS
        )
        whole.update(f"{name}:{','.join(c.name for c in columns)}\n".encode())
        for line in lines:
            whole.update(line.encode())
            whole.update(b"\n")
    return whole.hexdigest()


def _said(value: object) -> str:
    """Give a value in one form, whatever the engine."""
    if value is None:
        return "-"
    if isinstance(value, datetime):
        return (value.astimezone(UTC) if value.tzinfo else value).isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, float):
        return repr(value)
    return f"={value}"
