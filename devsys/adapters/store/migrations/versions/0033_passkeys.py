"""Passkeys of accounts, and what browsers are asked to sign."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

_TIME = sqlmodel.sql.sqltypes.UTCDateTime
_TEXT = sqlmodel.sql.sqltypes.AutoString


def upgrade() -> None:
    """Nobody has a passkey yet."""
    op.create_table(
        "passkey",
        sa.Column("id", _TEXT(), nullable=False),
        sa.Column("person_id", _TEXT(), nullable=False),
        sa.Column("key_id", _TEXT(), nullable=False),
        sa.Column("public", sa.LargeBinary(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("name", _TEXT(), nullable=False),
        sa.Column("synced", sa.Boolean(), nullable=False),
        sa.Column("created", _TIME(), nullable=False),
        sa.Column("used", _TIME(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key_id"),
    )
    op.create_index("ix_passkey_person_id", "passkey", ["person_id"])
    op.create_table(
        "challenge",
        sa.Column("browser_hash", _TEXT(), nullable=False),
        sa.Column("challenge", _TEXT(), nullable=False),
        sa.Column("expires", _TIME(), nullable=False),
        sa.PrimaryKeyConstraint("browser_hash"),
    )


def downgrade() -> None:
    """Go back."""
    op.drop_table("challenge")
    op.drop_table("passkey")
