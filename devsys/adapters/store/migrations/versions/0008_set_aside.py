"""Warnings that were set aside, with a reason."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Keep which warnings were set aside, why, when and by whom."""
    op.create_table(
        "set_aside",
        sa.Column("key", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("by_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("key"),
        info={"data": "internal", "person": "by_id", "retention": "24 months"},
    )


def downgrade() -> None:
    """Go back; every warning is heard again."""
    op.drop_table("set_aside")
