"""Where people meet who lead sessions online."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_TEXT = sqlmodel.sql.sqltypes.AutoString


def upgrade() -> None:
    """Nobody has said it yet."""
    op.create_table(
        "meeting_link",
        sa.Column("person_id", _TEXT(), nullable=False),
        sa.Column("address", _TEXT(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("person_id"),
    )


def downgrade() -> None:
    """Go back; calendars keep the link until they are rendered anew."""
    op.drop_table("meeting_link")
