"""The pulse: single answers of a month, who has answered, the figures let out."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_TEXT = sqlmodel.sql.sqltypes.AutoString


def _text(name: str) -> sa.Column:
    return sa.Column(name, _TEXT(), nullable=False)


def _whole(name: str) -> sa.Column:
    return sa.Column(name, sa.Integer(), nullable=False)


def upgrade() -> None:
    """Nobody was asked yet."""
    op.create_table(
        "pulse",
        *(_text(name) for name in ("id", "month", "team_id", "item", "wording")),
        _whole("answer"),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"]),
        sa.PrimaryKeyConstraint("id"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_pulse_month", "pulse", ["month"])
    op.create_table(
        "pulse_given",
        _text("month"),
        _text("person_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("month", "person_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_pulse_given_person_id", "pulse_given", ["person_id"])
    op.create_table(
        "pulse_figure",
        *(_text(name) for name in ("month", "item", "wording", "unit")),
        _whole("total"),
        _whole("count"),
        sa.PrimaryKeyConstraint("month", "item", "wording", "unit"),
    )


def downgrade() -> None:
    """Go back."""
    for name in ("pulse_figure", "pulse_given", "pulse"):
        op.drop_table(name)
