"""The addresses of people's own calendars are secrets: sealed in the column, as confidential text is."""

import sqlalchemy as sa
import sqlmodel
from alembic import context, op
from sqlmodel import Session

from devsys.adapters.store.sealed import seal, unseal
from devsys.adapters.store.store import KEYS

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_SOURCE = sa.table("busy_source", sa.column("id"), sa.column("address"), sa.column("other"))
# Plain statements: a table that is built anew, as batches do on SQLite, would take the rows with it that name its rows.
_RENAMED = "ALTER TABLE busy_source RENAME COLUMN other TO address"


def _rows(wanted: sa.ColumnElement[bool]) -> tuple[Session, list[tuple[str, object]]]:
    """Give a session over the connection of this migration, and (id, address) of rows."""
    db = Session(op.get_bind(), info={KEYS: context.config.attributes.get("keys")})
    found = db.execute(sa.select(_SOURCE.c.id, _SOURCE.c.address).where(wanted)).all()
    return db, [(row.id, row.address) for row in found]


def upgrade() -> None:
    """Seal the addresses there are; calendars from files have none."""
    op.add_column("busy_source", sa.Column("other", sa.LargeBinary(), nullable=True))
    db, rows = _rows(_SOURCE.c.address != "")
    for id_, address in rows:
        sealed = seal(db, "busy_source", "address", id_, str(address))
        db.execute(sa.update(_SOURCE).where(_SOURCE.c.id == id_).values(other=sealed))
    op.drop_column("busy_source", "address")
    op.execute(_RENAMED)


def downgrade() -> None:
    """Go back: the addresses stand in the clear again."""
    text = sqlmodel.sql.sqltypes.AutoString()
    op.add_column("busy_source", sa.Column("other", text, nullable=False, server_default=""))
    db, rows = _rows(_SOURCE.c.address.is_not(None))
    for id_, sealed in rows:
        address = unseal(db, "busy_source", "address", id_, bytes(sealed))  # type: ignore[call-overload]
        db.execute(sa.update(_SOURCE).where(_SOURCE.c.id == id_).values(other=address))
    op.drop_column("busy_source", "address")
    op.execute(_RENAMED)
