"""Letters: the outbox, what each person was told, what they chose."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Keep letters; nobody is told anew of what is published already."""
    op.create_table(
        "letter",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("person_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("about", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("opened", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("due", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("told", sa.Integer(), nullable=True),
        sa.Column("before", sa.Integer(), nullable=True),
        sa.Column("recipient", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("subject", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("text", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("message", sa.LargeBinary(), nullable=True),
        sa.Column("ended", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("error", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("person_id", "kind", "about"),
        info={"data": "personal", "person": "person_id", "retention": "90 days"},
    )
    op.create_index("ix_letter_due", "letter", ["state", "due"])
    op.create_table(
        "told",
        sa.Column("person_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("person_id"),
        info={"data": "personal", "person": "person_id", "retention": "until the person is erased"},
    )
    op.create_table(
        "letter_choice",
        sa.Column("person_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("timing", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("reminders", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("person_id"),
        info={"data": "personal", "person": "person_id", "retention": "until the person is erased"},
    )
    op.execute(
        sa.text(
            "INSERT INTO house (key, value) SELECT 'letters_from', CAST(number AS VARCHAR) FROM pointer WHERE number > 0"
        )
    )


def downgrade() -> None:
    """Go back; what waited to be sent is forgotten."""
    op.drop_table("letter_choice")
    op.drop_table("told")
    op.drop_table("letter")
    op.execute(sa.text("DELETE FROM house WHERE key = 'letters_from'"))
