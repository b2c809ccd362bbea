"""Feedback, apart from who gave it."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Keep who answered and, without row numbers that would join them, what was answered."""
    op.create_table(
        "feedback",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("activity", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("stage", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("month", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("answers", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("batch", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        info={"data": "internal", "person": "", "retention": "12 months, by batches"},
        sqlite_with_rowid=False,
    )
    op.create_index("ix_feedback_activity", "feedback", ["activity"], unique=False)
    op.create_table(
        "feedback_given",
        sa.Column("session_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("person_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("stage", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("activity", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["session_id"], ["session.id"]),
        sa.PrimaryKeyConstraint("session_id", "person_id", "stage"),
        info={
            "data": "personal",
            "person": "person_id",
            "retention": "120 days after the session, or until let out",
        },
        sqlite_with_rowid=False,
    )
    op.create_index("ix_feedback_given_activity", "feedback_given", ["activity"], unique=False)
    op.create_index("ix_feedback_given_person_id", "feedback_given", ["person_id"], unique=False)


def downgrade() -> None:
    """Go back: feedback is forgotten."""
    op.drop_table("feedback_given")
    op.drop_table("feedback")
