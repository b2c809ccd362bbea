"""When people's own calendars say that they are busy."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_KEPT = {"data": "personal", "person": "person_id", "retention": "until the person takes it away"}


def upgrade() -> None:
    """Keep the calendars people bring, and the busy periods read of them."""
    text, moment = sqlmodel.sql.sqltypes.AutoString, sqlmodel.sql.sqltypes.UTCDateTime
    op.create_table(
        "busy_source",
        sa.Column("id", text(), nullable=False),
        sa.Column("person_id", text(), nullable=False),
        sa.Column("name", text(), nullable=False),
        sa.Column("address", text(), nullable=False),
        sa.Column("created", moment(), nullable=False),
        sa.Column("read", moment(), nullable=False),
        sa.Column("until", moment(), nullable=False),
        sa.Column("tried", moment(), nullable=False),
        sa.Column("tag", text(), nullable=False),
        sa.Column("dated", text(), nullable=False),
        sa.Column("note", text(), nullable=False),
        sa.Column("trouble", text(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
        info=_KEPT,
    )
    with op.batch_alter_table("busy_source", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_busy_source_person_id"), ["person_id"], unique=False)
    op.create_table(
        "busy",
        sa.Column("source_id", text(), nullable=False),
        sa.Column("starts_utc", moment(), nullable=False),
        sa.Column("ends_utc", moment(), nullable=False),
        sa.Column("person_id", text(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["source_id"], ["busy_source.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("source_id", "starts_utc"),
        info=_KEPT,
    )
    with op.batch_alter_table("busy", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_busy_person_id"), ["person_id"], unique=False)


def downgrade() -> None:
    """Go back: busy times are forgotten."""
    op.drop_table("busy")
    op.drop_table("busy_source")
