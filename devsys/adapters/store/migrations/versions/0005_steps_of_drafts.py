"""Steps of drafts, to be undone and done again; how often a draft was changed."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Keep what was changed in a draft by hand, step by step."""
    # not as a batch: SQLite would make the table anew, which the rows that name drafts forbid
    op.add_column("draft", sa.Column("edits", sa.Integer(), nullable=False, server_default="0"))
    op.create_table(
        "draft_step",
        sa.Column("draft_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("session_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("before", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("after", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("drafted_before", sa.Boolean(), nullable=False),
        sa.Column("drafted_after", sa.Boolean(), nullable=False),
        sa.Column("crossed", sa.Integer(), nullable=True),
        sa.Column("undone", sa.Boolean(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("by_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["draft_id"], ["draft.id"]),
        sa.PrimaryKeyConstraint("draft_id", "number"),
        info={"data": "personal", "person": "by_id", "retention": "until the draft is published or dropped"},
    )


def downgrade() -> None:
    """Go back; steps are forgotten, drafts stay as they are."""
    op.drop_table("draft_step")
    op.drop_column("draft", "edits")
