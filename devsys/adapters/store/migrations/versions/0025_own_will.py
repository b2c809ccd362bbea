"""Whether somebody who left did so by own will."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody said so far."""
    op.add_column("person", sa.Column("own_will", sa.Boolean(), nullable=True))  # as it stands: others name its rows


def downgrade() -> None:
    """Go back."""
    op.drop_column("person", "own_will")
