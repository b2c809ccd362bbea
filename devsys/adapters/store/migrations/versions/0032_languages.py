"""The language somebody chose for pages and letters."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody has chosen yet."""
    with op.batch_alter_table("account") as change:
        change.add_column(
            sa.Column("language", sqlmodel.sql.sqltypes.AutoString(), nullable=False, server_default="")
        )
    with op.batch_alter_table("account") as change:
        change.alter_column("language", server_default=None)


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("account") as change:
        change.drop_column("language")
