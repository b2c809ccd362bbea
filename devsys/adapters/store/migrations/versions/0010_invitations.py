"""Invitations by mail: who chose them, and what their calendar programs were told."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody has chosen them yet."""
    with op.batch_alter_table("letter_choice", schema=None) as batch_op:
        batch_op.add_column(sa.Column("invitations", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("letter_choice", schema=None) as batch_op:
        batch_op.alter_column("invitations", existing_type=sa.Boolean(), server_default=None)
    op.create_table(
        "invited",
        sa.Column("person_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("session_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("base", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("stands", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["session_id"], ["session.id"]),
        sa.PrimaryKeyConstraint("person_id", "session_id"),
        info={"data": "personal", "person": "person_id", "retention": "until the session is over"},
    )


def downgrade() -> None:
    """Go back; what was sent stays in calendars."""
    op.drop_table("invited")
    with op.batch_alter_table("letter_choice", schema=None) as batch_op:
        batch_op.drop_column("invitations")
