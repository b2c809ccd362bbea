"""The conditions register: looks, targets, what may be decided alone."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sqlmodel.sql.sqltypes.AutoString(), nullable=nullable)


def upgrade() -> None:
    """Nobody has looked at anything yet."""
    info = {"data": "internal", "person": "by_id", "retention": "while the organisation uses it"}
    op.create_table(
        "condition_look",
        sa.Column("id", sa.Integer(), nullable=False),
        _text("team_id"),
        _text("what"),
        _text("state"),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("looked", sa.Date(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        _text("by_id"),
        _text("owner_id"),
        sa.Column("next_look", sa.Date(), nullable=False),
        _text("note"),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"]),
        sa.PrimaryKeyConstraint("id"),
        info=info,
    )
    op.create_index("ix_condition_look_team_id", "condition_look", ["team_id"], unique=False)
    op.create_index("ix_condition_look_owner_id", "condition_look", ["owner_id"], unique=False)
    op.create_table(
        "target",
        _text("id"),
        _text("team_id"),
        _text("measure"),
        _text("unit"),
        _text("direction"),
        sa.Column("value", sa.Float(), nullable=False),
        _text("by_id"),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("ended", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"]),
        sa.PrimaryKeyConstraint("id"),
        info=info,
    )
    op.create_index("ix_target_team_id", "target", ["team_id"], unique=False)
    op.create_table(
        "decides_alone",
        _text("id"),
        _text("team_id"),
        _text("what"),
        sa.Column("amount", sa.Float(), nullable=True),
        _text("unit"),
        _text("by_id"),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("ended", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"]),
        sa.PrimaryKeyConstraint("id"),
        info=info,
    )
    op.create_index("ix_decides_alone_team_id", "decides_alone", ["team_id"], unique=False)


def downgrade() -> None:
    """Go back: the register is forgotten."""
    op.drop_table("decides_alone")
    op.drop_table("target")
    op.drop_table("condition_look")
