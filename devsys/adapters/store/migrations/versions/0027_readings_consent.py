"""Consent of a person that the coach of a plan sees the person's own readings."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_TIME = sqlmodel.sql.sqltypes.UTCDateTime
_TEXT = sqlmodel.sql.sqltypes.AutoString


def upgrade() -> None:
    """Nobody consented yet."""
    op.create_table(
        "readings_consent",
        *(sa.Column(name, _TEXT(), nullable=False) for name in ("plan_id", "person_id", "coach_id")),
        sa.Column("since", _TIME(), nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["coaching_plan.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["coach_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("plan_id"),
    )
    op.create_index("ix_readings_consent_person_id", "readings_consent", ["person_id"])


def downgrade() -> None:
    """Go back."""
    op.drop_table("readings_consent")
