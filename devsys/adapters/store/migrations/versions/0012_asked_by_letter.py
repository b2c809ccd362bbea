"""Whether somebody is asked by letter how a session was."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Everybody is, until they choose otherwise."""
    with op.batch_alter_table("letter_choice", schema=None) as batch_op:
        batch_op.add_column(sa.Column("feedback", sa.Boolean(), nullable=False, server_default=sa.true()))
    with op.batch_alter_table("letter_choice", schema=None) as batch_op:
        batch_op.alter_column("feedback", existing_type=sa.Boolean(), server_default=None)


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("letter_choice", schema=None) as batch_op:
        batch_op.drop_column("feedback")
