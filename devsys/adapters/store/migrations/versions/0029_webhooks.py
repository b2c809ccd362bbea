"""Addresses of other programs that are told what happened."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

_TIME = sqlmodel.sql.sqltypes.UTCDateTime
_TEXT = sqlmodel.sql.sqltypes.AutoString


def upgrade() -> None:
    """Nobody is told yet."""
    op.create_table(
        "webhook",
        *(sa.Column(name, _TEXT(), nullable=False) for name in ("id", "name", "host")),
        *(sa.Column(name, sa.LargeBinary(), nullable=False) for name in ("address", "secret")),
        sa.Column("events", _TEXT(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created", _TIME(), nullable=False),
        sa.Column("reached", _TIME(), nullable=True),
        sa.Column("trouble", _TEXT(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "webhook_delivery",
        *(sa.Column(name, _TEXT(), nullable=False) for name in ("id", "webhook_id", "event", "body", "state")),
        *(sa.Column(name, _TIME(), nullable=False) for name in ("opened", "due")),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("ended", _TIME(), nullable=True),
        sa.Column("error", _TEXT(), nullable=False),
        sa.ForeignKeyConstraint(["webhook_id"], ["webhook.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_webhook_delivery_due", "webhook_delivery", ["state", "due"])
    op.create_index("ix_webhook_delivery_webhook_id", "webhook_delivery", ["webhook_id"])


def downgrade() -> None:
    """Go back."""
    op.drop_table("webhook_delivery")
    op.drop_table("webhook")
