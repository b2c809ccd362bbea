"""Absences without an end, rooms that are closed, queues that need more, changes of drafts that were crossed."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let an absence have no end; keep closed rooms, emergencies, and which changes of drafts were crossed."""
    with op.batch_alter_table("absence", schema=None) as batch_op:
        batch_op.alter_column("end", existing_type=sa.DateTime(), nullable=True)
    op.create_table(
        "closure",
        sa.Column("room_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("start", sa.DateTime(), nullable=False),
        sa.Column("end", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"]),
        sa.PrimaryKeyConstraint("room_id", "start"),
        info={"data": "internal", "person": "", "retention": "while the organisation uses it"},
    )
    op.create_table(
        "emergency",
        sa.Column("queue_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("start", sa.DateTime(), nullable=False),
        sa.Column("end", sa.DateTime(), nullable=False),
        sa.Column("agents", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["queue_id"], ["queue.id"]),
        sa.PrimaryKeyConstraint("queue_id", "start"),
        info={"data": "internal", "person": "", "retention": "while the organisation uses it"},
    )
    op.create_table(
        "crossed",
        sa.Column("draft_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("session_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["draft_id"], ["draft.id"]),
        sa.ForeignKeyConstraint(["session_id"], ["session.id"]),
        sa.PrimaryKeyConstraint("draft_id", "session_id"),
        info={"data": "internal", "person": "", "retention": "as long as plans are kept"},
    )


def downgrade() -> None:
    """Go back; an absence without an end goes on for ten years, the rest is forgotten."""
    op.drop_table("crossed")
    op.drop_table("emergency")
    op.drop_table("closure")
    op.execute(sa.text("UPDATE absence SET \"end\" = '2100-01-01 00:00:00' WHERE \"end\" IS NULL"))
    with op.batch_alter_table("absence", schema=None) as batch_op:
        batch_op.alter_column("end", existing_type=sa.DateTime(), nullable=False)
