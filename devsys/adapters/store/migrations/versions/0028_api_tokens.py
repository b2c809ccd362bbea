"""Tokens of the API, and answers kept for idempotency keys."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_TIME = sqlmodel.sql.sqltypes.UTCDateTime
_TEXT = sqlmodel.sql.sqltypes.AutoString


def upgrade() -> None:
    """Nobody has a token yet."""
    op.create_table(
        "api_token",
        *(
            sa.Column(name, _TEXT(), nullable=False)
            for name in ("id", "kind", "owner_id", "name", "token_hash", "scopes")
        ),
        sa.Column("created", _TIME(), nullable=False),
        sa.Column("expires", _TIME(), nullable=False),
        sa.Column("used", _TIME(), nullable=True),
        sa.Column("revoked", _TIME(), nullable=True),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token_hash"),
    )
    op.create_index("ix_api_token_owner_id", "api_token", ["owner_id"])
    op.create_table(
        "api_answer",
        *(sa.Column(name, _TEXT(), nullable=False) for name in ("token_id", "key_hash", "owner_id", "request")),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("said", sa.LargeBinary(), nullable=True),
        sa.Column("created", _TIME(), nullable=False),
        sa.ForeignKeyConstraint(["token_id"], ["api_token.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("token_id", "key_hash"),
    )
    op.create_index("ix_api_answer_owner_id", "api_answer", ["owner_id"])


def downgrade() -> None:
    """Go back."""
    op.drop_table("api_answer")
    op.drop_table("api_token")
