"""Lessons, the register of fixes, contacts by cause, requirements that a fix made lower."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_TEXT = sqlmodel.sql.sqltypes.AutoString
_TIME = sqlmodel.sql.sqltypes.UTCDateTime
_RETENTION = "36 months after it was checked"


def _kept(person: str = "", retention: str = _RETENTION) -> dict[str, str]:
    return {"data": "internal", "person": person, "retention": retention}


def _key(column: str, target: str, **more: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], **more)


def upgrade() -> None:
    """Keep what keeps causing trouble, and what is done about it."""
    op.create_table(
        "fix",
        sa.Column("id", _TEXT(), nullable=False),
        sa.Column("key", _TEXT(), nullable=False),
        sa.Column("title", _TEXT(), nullable=False),
        sa.Column("what", _TEXT(), nullable=False),
        sa.Column("cause", _TEXT(), nullable=False),
        sa.Column("queue_id", _TEXT(), nullable=True),
        sa.Column("team_id", _TEXT(), nullable=True),
        sa.Column("owner_id", _TEXT(), nullable=False),
        sa.Column("by_id", _TEXT(), nullable=True),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("state", _TEXT(), nullable=False),
        sa.Column("created", _TIME(), nullable=False),
        sa.Column("done", sa.Date(), nullable=True),
        sa.Column("checked", _TIME(), nullable=True),
        sa.Column("found", _TEXT(), nullable=False),
        _key("queue_id", "queue.id"),
        _key("team_id", "team.id"),
        _key("owner_id", "person.id"),
        _key("by_id", "person.id"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
        info=_kept("owner_id"),
    )
    op.create_table(
        "fix_step",
        sa.Column("fix_id", _TEXT(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", _TIME(), nullable=False),
        sa.Column("by_id", _TEXT(), nullable=True),
        sa.Column("words", _TEXT(), nullable=False),
        _key("fix_id", "fix.id", ondelete="CASCADE"),
        _key("by_id", "person.id"),
        sa.PrimaryKeyConstraint("fix_id", "number"),
        info=_kept("by_id"),
    )
    op.create_table(
        "contact",
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("queue_id", _TEXT(), nullable=False),
        sa.Column("cause", _TEXT(), nullable=False),
        sa.Column("contacts", sa.Integer(), nullable=False),
        _key("queue_id", "queue.id"),
        sa.PrimaryKeyConstraint("week", "queue_id", "cause"),
        info=_kept(retention="36 months"),
    )
    op.create_table(
        "relief",
        sa.Column("id", _TEXT(), nullable=False),
        sa.Column("fix_id", _TEXT(), nullable=False),
        sa.Column("queue_id", _TEXT(), nullable=False),
        sa.Column("start", sa.Date(), nullable=False),
        sa.Column("less", _TEXT(), nullable=False),
        sa.Column("saved", sa.Float(), nullable=False),
        sa.Column("by_id", _TEXT(), nullable=True),
        sa.Column("made", _TIME(), nullable=False),
        sa.Column("ended", _TIME(), nullable=True),
        sa.Column("why_ended", _TEXT(), nullable=False),
        _key("fix_id", "fix.id", ondelete="CASCADE"),
        _key("queue_id", "queue.id"),
        _key("by_id", "person.id"),
        sa.PrimaryKeyConstraint("id"),
        info=_kept("by_id"),
    )
    op.create_table(
        "lesson",
        sa.Column("id", _TEXT(), nullable=False),
        sa.Column("words", _TEXT(), nullable=False),
        sa.Column("session_id", _TEXT(), nullable=True),
        sa.Column("team_id", _TEXT(), nullable=True),
        sa.Column("by_id", _TEXT(), nullable=True),
        sa.Column("guess", _TEXT(), nullable=False),
        sa.Column("cause", _TEXT(), nullable=False),
        sa.Column("landing", _TEXT(), nullable=False),
        sa.Column("activity", _TEXT(), nullable=False),
        sa.Column("fix_id", _TEXT(), nullable=True),
        sa.Column("condition_id", _TEXT(), nullable=True),
        sa.Column("owner_id", _TEXT(), nullable=True),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("created", _TIME(), nullable=False),
        sa.Column("decided", _TIME(), nullable=True),
        sa.Column("closed", _TIME(), nullable=True),
        _key("session_id", "session.id"),
        _key("team_id", "team.id"),
        _key("by_id", "person.id"),
        _key("fix_id", "fix.id"),
        _key("owner_id", "person.id"),
        sa.PrimaryKeyConstraint("id"),
        info=_kept("by_id"),
    )
    for table, columns in _INDEXES.items():
        for column in columns:
            op.create_index(f"ix_{table}_{column}", table, [column], unique=False)


_INDEXES = {
    "fix": ("queue_id", "team_id", "owner_id", "by_id", "state"),
    "fix_step": ("by_id",),
    "relief": ("fix_id", "queue_id", "by_id"),
    "lesson": ("session_id", "team_id", "by_id", "fix_id", "owner_id"),
}


def downgrade() -> None:
    """Go back: lessons and fixes are forgotten."""
    for table in ("lesson", "relief", "contact", "fix_step", "fix"):
        op.drop_table(table)
