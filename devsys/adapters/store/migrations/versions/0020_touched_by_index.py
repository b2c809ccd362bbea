"""Indexes for what a small change touches: feeds that show a session, farewells, sessions of an activity at a site."""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Find a few among many without reading them all."""
    op.create_index("ix_shown_session", "shown", ["session_id"])
    op.create_index("ix_fragment_person", "fragment", ["person_id"])
    op.create_index("ix_revision_activity", "revision", ["activity", "site_id", "until", "starts_utc"])


def downgrade() -> None:
    """Read them all again."""
    op.drop_index("ix_revision_activity", "revision")
    op.drop_index("ix_fragment_person", "fragment")
    op.drop_index("ix_shown_session", "shown")
