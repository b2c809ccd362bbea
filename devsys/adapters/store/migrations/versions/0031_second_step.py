"""A second step at the door: the authenticator app, recovery codes, sign-ins half done."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

_TIME = sqlmodel.sql.sqltypes.UTCDateTime
_TEXT = sqlmodel.sql.sqltypes.AutoString


def upgrade() -> None:
    """Nobody has a second step yet."""
    op.create_table(
        "second_step",
        sa.Column("person_id", _TEXT(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("since", _TIME(), nullable=True),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("person_id"),
    )
    op.create_table(
        "recovery_code",
        sa.Column("person_id", _TEXT(), nullable=False),
        sa.Column("code_hash", _TEXT(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("person_id", "code_hash"),
    )
    op.create_table(
        "half_sign_in",
        sa.Column("id_hash", _TEXT(), nullable=False),
        sa.Column("person_id", _TEXT(), nullable=False),
        sa.Column("expires", _TIME(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id_hash"),
    )
    op.create_index("ix_half_sign_in_person_id", "half_sign_in", ["person_id"])


def downgrade() -> None:
    """Go back."""
    for name in ("half_sign_in", "recovery_code", "second_step"):
        op.drop_table(name)
