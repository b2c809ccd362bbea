"""Links of accounts to a provider, tokens that count once; device, network and end of a sign-in."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

_TIME = sqlmodel.sql.sqltypes.UTCDateTime
_TEXT = sqlmodel.sql.sqltypes.AutoString
_COLUMNS = ("device", "network", "via", "provider_session")


def upgrade() -> None:
    """Sign-ins that are open stay open; where they came from was not asked."""
    op.create_table(
        "identity",
        *(sa.Column(name, _TEXT(), nullable=False) for name in ("issuer", "subject", "person_id")),
        sa.Column("since", _TIME(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("issuer", "subject"),
        sa.UniqueConstraint("person_id"),
    )
    op.create_table(
        "spent",
        sa.Column("token_hash", _TEXT(), nullable=False),
        sa.Column("until", _TIME(), nullable=False),
        sa.PrimaryKeyConstraint("token_hash"),
    )
    with op.batch_alter_table("sign_in") as change:
        for name in _COLUMNS:
            change.add_column(sa.Column(name, _TEXT(), nullable=False, server_default=""))
        change.add_column(sa.Column("ends", _TIME(), nullable=True))
    with op.batch_alter_table("sign_in") as change:
        for name in _COLUMNS:
            change.alter_column(name, server_default=None)
        change.create_index("ix_sign_in_provider_session", ["provider_session"])


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("sign_in") as change:
        change.drop_index("ix_sign_in_provider_session")
        for name in (*_COLUMNS, "ends"):
            change.drop_column(name)
    op.drop_table("spent")
    op.drop_table("identity")
