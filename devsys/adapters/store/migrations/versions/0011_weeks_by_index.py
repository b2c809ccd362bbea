"""An index that finds a week among the published sessions of years."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let time follow what is published; which version brought it is read from the row."""
    op.drop_index("ix_revision_published", table_name="revision")
    op.create_index("ix_revision_published", "revision", ["until", "starts_utc"], unique=False)


def downgrade() -> None:
    """Go back."""
    op.drop_index("ix_revision_published", table_name="revision")
    op.create_index("ix_revision_published", "revision", ["until", "since", "starts_utc"], unique=False)
