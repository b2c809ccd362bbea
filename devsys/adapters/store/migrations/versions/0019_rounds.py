"""Case rounds: turns, cards with sealed texts, who read them, needs that lessons ask for."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_TEXT = sqlmodel.sql.sqltypes.AutoString
_TIME = sqlmodel.sql.sqltypes.UTCDateTime
_SEALED = ("situation", "did", "customer", "me", "blocked", "waived")


def _kept(data: str, person: str, retention: str, clear: tuple[str, ...] = ()) -> dict[str, object]:
    return {"data": data, "person": person, "retention": retention, "clear": clear}


def upgrade() -> None:
    """Keep what rounds need."""
    op.create_table(
        "case_round",
        sa.Column("session_id", _TEXT(), nullable=False),
        sa.Column("library", _TEXT(), nullable=False),
        sa.Column("closed", _TIME(), nullable=True),
        sa.Column("closed_by", _TEXT(), nullable=True),
        sa.ForeignKeyConstraint(["session_id"], ["session.id"]),
        sa.ForeignKeyConstraint(["closed_by"], ["person.id"]),
        sa.PrimaryKeyConstraint("session_id"),
        info=_kept("internal", "closed_by", "36 months"),
    )
    op.create_index("ix_case_round_closed_by", "case_round", ["closed_by"], unique=False)
    op.create_table(
        "presenter",
        sa.Column("session_id", _TEXT(), nullable=False),
        sa.Column("person_id", _TEXT(), nullable=False),
        sa.Column("does", _TEXT(), nullable=False),
        sa.Column("other_id", _TEXT(), nullable=True),
        sa.ForeignKeyConstraint(["session_id"], ["session.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["other_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("session_id", "person_id", "does"),
        info=_kept("personal", "person_id", "15 months"),
    )
    op.create_index("ix_presenter_person_id", "presenter", ["person_id"], unique=False)
    op.create_table(
        "case_card",
        sa.Column("id", _TEXT(), nullable=False),
        sa.Column("session_id", _TEXT(), nullable=False),
        sa.Column("person_id", _TEXT(), nullable=False),
        *(sa.Column(name, sa.LargeBinary(), nullable=True) for name in _SEALED),
        sa.Column("principles", _TEXT(), nullable=False),
        sa.Column("shared", _TIME(), nullable=True),
        sa.Column("changed", _TIME(), nullable=False),
        sa.Column("wiped", _TIME(), nullable=True),
        sa.ForeignKeyConstraint(["session_id"], ["session.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("session_id", "person_id"),
        info=_kept(
            "confidential",
            "person_id",
            "texts: setting card_days after the round; the rest 15 months",
            ("principles",),
        ),
    )
    for column in ("session_id", "person_id"):
        op.create_index(f"ix_case_card_{column}", "case_card", [column], unique=False)
    op.create_table(
        "case_card_read",
        sa.Column("card_id", _TEXT(), nullable=False),
        sa.Column("reader_id", _TEXT(), nullable=False),
        sa.Column("at", _TIME(), nullable=False),
        sa.ForeignKeyConstraint(["card_id"], ["case_card.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["reader_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("card_id", "reader_id"),
        info=_kept("personal", "reader_id", "15 months"),
    )
    op.create_index("ix_case_card_read_reader_id", "case_card_read", ["reader_id"], unique=False)
    op.create_table(
        "asked_need",
        sa.Column("id", _TEXT(), nullable=False),
        sa.Column("person_id", _TEXT(), nullable=False),
        sa.Column("activity", _TEXT(), nullable=False),
        sa.Column("asked", sa.Date(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("why", _TEXT(), nullable=False),
        sa.Column("ended", _TIME(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id", "person_id"),
        info=_kept("personal", "person_id", "24 months after it was due"),
    )
    op.create_index("ix_asked_need_person_id", "asked_need", ["person_id"], unique=False)


def downgrade() -> None:
    """Go back: cards and turns are forgotten."""
    for table in ("asked_need", "case_card_read", "case_card", "presenter", "case_round"):
        op.drop_table(table)
