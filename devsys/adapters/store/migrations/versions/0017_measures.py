"""Measures: sources and their mappings, readings of teams and one's own, marks on charts."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_TEXT = sqlmodel.sql.sqltypes.AutoString
_TIME = sqlmodel.sql.sqltypes.UTCDateTime


def _sums() -> list[sa.Column]:
    return [
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("numerator", sa.Float(), nullable=False),
        sa.Column("denominator", sa.Float(), nullable=False),
    ]


def _team() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["team_id"], ["team.id"])


def upgrade() -> None:
    """Nothing is measured yet."""
    op.create_table(
        "source",
        sa.Column("code", _TEXT(), nullable=False),
        sa.Column("title", _TEXT(), nullable=False),
        sa.Column("text", _TEXT(), nullable=False),
        sa.Column("changed", _TIME(), nullable=False),
        sa.PrimaryKeyConstraint("code"),
    )
    op.create_table(
        "reading",
        sa.Column("measure", _TEXT(), nullable=False),
        sa.Column("team_id", _TEXT(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        *_sums(),
        sa.Column("people", sa.Integer(), nullable=False),
        _team(),
        sa.PrimaryKeyConstraint("measure", "team_id", "first"),
    )
    op.create_table(
        "own_reading",
        sa.Column("measure", _TEXT(), nullable=False),
        sa.Column("person_id", _TEXT(), nullable=False),
        sa.Column("team_id", _TEXT(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        *_sums(),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        _team(),
        sa.PrimaryKeyConstraint("measure", "person_id", "team_id", "first"),
    )
    op.create_index("ix_own_reading_person_id", "own_reading", ["person_id"], unique=False)
    op.create_table(
        "mark",
        sa.Column("id", _TEXT(), nullable=False),
        sa.Column("team_id", _TEXT(), nullable=False),
        sa.Column("measure", _TEXT(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", _TEXT(), nullable=False),
        sa.Column("words", _TEXT(), nullable=False),
        sa.Column("rebase", sa.Boolean(), nullable=False),
        sa.Column("reason", _TEXT(), nullable=False),
        sa.Column("by_id", _TEXT(), nullable=False),
        sa.Column("at", _TIME(), nullable=False),
        _team(),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_mark_team_id", "mark", ["team_id"], unique=False)


def downgrade() -> None:
    """Go back; readings are lost."""
    for name in ("mark", "own_reading", "reading", "source"):
        op.drop_table(name)
