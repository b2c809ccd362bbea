"""What somebody has a seat in is read from the index of seats alone."""

from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Hold the sessions beside the people."""
    op.drop_index("ix_place_person", "place")
    op.create_index("ix_place_person", "place", ["person_id", "revision_id"])


def downgrade() -> None:
    """Hold the people alone."""
    op.drop_index("ix_place_person", "place")
    op.create_index("ix_place_person", "place", ["person_id"])
