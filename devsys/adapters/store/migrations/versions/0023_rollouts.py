"""Rollouts, who is in which wave, effects found, refreshers."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sqlmodel.sql.sqltypes.AutoString(), nullable=nullable)


def _at(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sqlmodel.sql.sqltypes.UTCDateTime(), nullable=nullable)


def upgrade() -> None:
    """Nothing was rolled out by lot yet."""
    stays = "while the organisation uses it"
    op.create_table(
        "rollout",
        _text("id"),
        _text("activity"),
        _text("measure"),
        sa.Column("least_gain", sa.Float(), nullable=False),
        _text("draw"),
        _text("unit"),
        _text("seed"),
        sa.Column("strata", sa.Boolean(), nullable=False),
        _at("frozen"),
        _at("drawn"),
        _text("by_id"),
        _at("changed", nullable=True),
        _at("ended", nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
        info={"data": "internal", "person": "by_id", "retention": stays},
    )
    op.create_index("ix_rollout_activity", "rollout", ["activity"], unique=False)
    op.create_table(
        "rollout_place",
        _text("rollout_id"),
        _text("person_id"),
        _text("team_id"),
        sa.Column("stratum", sa.Integer(), nullable=False),
        sa.Column("wave", sa.Integer(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("starts", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["rollout_id"], ["rollout.id"]),
        sa.PrimaryKeyConstraint("rollout_id", "person_id"),
        info={"data": "personal", "person": "person_id", "retention": "36 months after the wave"},
    )
    op.create_index("ix_rollout_place_person_id", "rollout_place", ["person_id"], unique=False)
    op.create_table(
        "effect",
        _text("rollout_id"),
        _at("at"),
        _text("found"),
        sa.ForeignKeyConstraint(["rollout_id"], ["rollout.id"]),
        sa.PrimaryKeyConstraint("rollout_id"),
        info={"data": "internal", "person": "", "retention": "until the next look"},
    )
    op.create_table(
        "refresher",
        _text("id"),
        _text("rollout_id"),
        sa.Column("wave", sa.Integer(), nullable=False),
        sa.Column("earliest", sa.Date(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("latest", sa.Date(), nullable=False),
        sa.Column("instead", sa.Date(), nullable=True),
        _text("why"),
        _text("waits"),
        sa.Column("weight", sa.Float(), nullable=False),
        _text("state"),
        _text("reason"),
        _text("by_id", nullable=True),
        _at("made"),
        _at("decided", nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["rollout_id"], ["rollout.id"]),
        sa.PrimaryKeyConstraint("id"),
        info={"data": "internal", "person": "by_id", "retention": stays},
    )
    op.create_index("ix_refresher_rollout_id", "refresher", ["rollout_id"], unique=False)


def downgrade() -> None:
    """Go back: rollouts are forgotten, and everybody's needs come by cadence alone."""
    for name in ("refresher", "effect", "rollout_place", "rollout"):
        op.drop_table(name)
