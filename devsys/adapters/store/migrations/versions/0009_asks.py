"""What people are asked, and who waits for a place."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_TEXT = sqlmodel.sql.sqltypes.AutoString
_TIME = sqlmodel.sql.sqltypes.UTCDateTime
_KEPT = {"data": "personal", "person": "person_id", "retention": "75 days after the session"}


def upgrade() -> None:
    """Keep asks with their ends, and the lists of those who wait."""
    op.create_table(
        "ask",
        sa.Column("id", _TEXT(), nullable=False),
        sa.Column("kind", _TEXT(), nullable=False),
        sa.Column("session_id", _TEXT(), nullable=False),
        sa.Column("other_id", _TEXT(), nullable=True),
        sa.Column("person_id", _TEXT(), nullable=False),
        sa.Column("by_id", _TEXT(), nullable=True),
        sa.Column("need", _TEXT(), nullable=False),
        sa.Column("state", _TEXT(), nullable=False),
        sa.Column("made", _TIME(), nullable=False),
        sa.Column("until", _TIME(), nullable=False),
        sa.Column("ended", _TIME(), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["other_id"], ["session.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["session_id"], ["session.id"]),
        sa.PrimaryKeyConstraint("id"),
        info=_KEPT,
    )
    for column in ("by_id", "person_id", "session_id"):
        op.create_index(f"ix_ask_{column}", "ask", [column], unique=False)
    op.create_table(
        "wait",
        sa.Column("session_id", _TEXT(), nullable=False),
        sa.Column("person_id", _TEXT(), nullable=False),
        sa.Column("need", _TEXT(), nullable=False),
        sa.Column("since", _TIME(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["session_id"], ["session.id"]),
        sa.PrimaryKeyConstraint("session_id", "person_id"),
        info=_KEPT,
    )
    op.create_index("ix_wait_person_id", "wait", ["person_id"], unique=False)


def downgrade() -> None:
    """Go back: what people are asked is forgotten."""
    op.drop_table("wait")
    op.drop_table("ask")
