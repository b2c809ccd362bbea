"""Observations: what was seen of somebody, by principle."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_TEXT = sqlmodel.sql.sqltypes.AutoString
_TIME = sqlmodel.sql.sqltypes.UTCDateTime


def upgrade() -> None:
    """Keep observations."""
    op.create_table(
        "observation",
        sa.Column("id", _TEXT(), nullable=False),
        sa.Column("person_id", _TEXT(), nullable=False),
        sa.Column("author_id", _TEXT(), nullable=False),
        sa.Column("shared_id", _TEXT(), nullable=True),
        sa.Column("session_id", _TEXT(), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", _TIME(), nullable=False),
        *(
            sa.Column(f"seen_{name}", sa.LargeBinary(), nullable=True)
            for name in ("listen", "question", "explain", "own", "follow_up")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["shared_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["session_id"], ["session.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    for name in ("person_id", "author_id", "shared_id"):
        op.create_index(f"ix_observation_{name}", "observation", [name], unique=False)


def downgrade() -> None:
    """Go back."""
    op.drop_table("observation")
