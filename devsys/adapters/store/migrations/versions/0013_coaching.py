"""Coaching: requests, plans, notes; whom a line of the log of acts is about; series of a length of their own."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_TEXT = sqlmodel.sql.sqltypes.AutoString
_TIME = sqlmodel.sql.sqltypes.UTCDateTime


def _person(name: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([name], ["person.id"])


def _plan() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["plan_id"], ["coaching_plan.id"])


def upgrade() -> None:
    """Keep coaching; series that were planned before become plans of their own, without words."""
    with op.batch_alter_table("audit") as audit:
        audit.add_column(sa.Column("about_id", _TEXT(), nullable=True))
        audit.create_foreign_key("fk_audit_about_id_person", "person", ["about_id"], ["id"])
        audit.create_index("ix_audit_about_id", ["about_id"], unique=False)
    with op.batch_alter_table("series") as series:
        series.add_column(sa.Column("steps", sa.Integer(), nullable=False, server_default="0"))
    op.create_table(
        "coach",
        sa.Column("person_id", _TEXT(), nullable=False),
        sa.Column("most", sa.Integer(), nullable=False),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("languages", _TEXT(), nullable=False),
        sa.Column("changed", _TIME(), nullable=False),
        _person("person_id"),
        sa.PrimaryKeyConstraint("person_id"),
    )
    op.create_table(
        "coaching_plan",
        sa.Column("id", _TEXT(), nullable=False),
        sa.Column("person_id", _TEXT(), nullable=False),
        sa.Column("coach_id", _TEXT(), nullable=True),
        sa.Column("series_id", _TEXT(), nullable=False),
        sa.Column("activity", _TEXT(), nullable=False),
        sa.Column("state", _TEXT(), nullable=False),
        sa.Column("begun", _TIME(), nullable=False),
        sa.Column("ended", _TIME(), nullable=True),
        sa.Column("look_back", sa.Date(), nullable=True),
        *(
            sa.Column(name, sa.LargeBinary(), nullable=True)
            for name in ("goal", "baseline", "measure", "mid", "outcome", "helped", "looked")
        ),
        _person("person_id"),
        _person("coach_id"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "coaching_request",
        sa.Column("id", _TEXT(), nullable=False),
        sa.Column("person_id", _TEXT(), nullable=False),
        sa.Column("state", _TEXT(), nullable=False),
        sa.Column("activity", _TEXT(), nullable=False),
        sa.Column("principle", _TEXT(), nullable=False),
        sa.Column("hope", sa.LargeBinary(), nullable=True),
        sa.Column("preferred", _TEXT(), nullable=False),
        sa.Column("language", _TEXT(), nullable=False),
        sa.Column("former_id", _TEXT(), nullable=True),
        sa.Column("not_lead", sa.Boolean(), nullable=False),
        sa.Column("tell_lead", sa.Boolean(), nullable=False),
        sa.Column("made", _TIME(), nullable=False),
        sa.Column("changed", _TIME(), nullable=False),
        sa.Column("ended", _TIME(), nullable=True),
        sa.Column("offers", _TEXT(), nullable=False),
        sa.Column("passed", _TEXT(), nullable=False),
        sa.Column("promised", sa.Boolean(), nullable=False),
        sa.Column("opens", _TIME(), nullable=True),
        sa.Column("why", _TEXT(), nullable=False),
        sa.Column("coach_id", _TEXT(), nullable=True),
        sa.Column("plan_id", _TEXT(), nullable=True),
        sa.Column("served", _TIME(), nullable=True),
        _plan(),
        _person("person_id"),
        _person("former_id"),
        _person("coach_id"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "coaching_hold",
        sa.Column("coach_id", _TEXT(), nullable=False),
        sa.Column("starts_utc", _TIME(), nullable=False),
        sa.Column("request_id", _TEXT(), nullable=False),
        _person("coach_id"),
        sa.ForeignKeyConstraint(["request_id"], ["coaching_request.id"]),
        sa.PrimaryKeyConstraint("coach_id", "starts_utc"),
    )
    op.create_table(
        "coaching_decline",
        sa.Column("id", _TEXT(), nullable=False),
        sa.Column("coach_id", _TEXT(), nullable=False),
        sa.Column("activity", _TEXT(), nullable=False),
        sa.Column("reason", _TEXT(), nullable=False),
        sa.Column("at", _TIME(), nullable=False),
        _person("coach_id"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "coaching_part",
        sa.Column("series_id", _TEXT(), nullable=False),
        sa.Column("plan_id", _TEXT(), nullable=False),
        sa.Column("coach_id", _TEXT(), nullable=True),
        sa.Column("since", _TIME(), nullable=False),
        _plan(),
        _person("coach_id"),
        sa.PrimaryKeyConstraint("series_id"),
    )
    op.create_table(
        "coaching_note",
        sa.Column("id", _TEXT(), nullable=False),
        sa.Column("plan_id", _TEXT(), nullable=False),
        sa.Column("person_id", _TEXT(), nullable=False),
        sa.Column("author_id", _TEXT(), nullable=True),
        sa.Column("kind", _TEXT(), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.Column("at", _TIME(), nullable=False),
        _plan(),
        _person("person_id"),
        _person("author_id"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "coaching_private",
        sa.Column("id", _TEXT(), nullable=False),
        sa.Column("plan_id", _TEXT(), nullable=False),
        sa.Column("coach_id", _TEXT(), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("at", _TIME(), nullable=False),
        _plan(),
        _person("coach_id"),
        sa.PrimaryKeyConstraint("id"),
    )
    for table, columns in _INDEXES.items():
        for column in columns:
            op.create_index(f"ix_{table}_{column}", table, [column], unique=False)
    op.execute(
        "INSERT INTO coaching_plan (id, person_id, series_id, activity, state, begun, ended) "
        "SELECT id, person_id, id, activity, CASE WHEN withdrawn IS NULL THEN 'running' ELSE 'left' END, requested, "
        "withdrawn FROM series"
    )
    op.execute("INSERT INTO coaching_part (series_id, plan_id, since) SELECT id, id, requested FROM series")


_INDEXES = {
    "coaching_request": ("coach_id", "person_id", "state"),
    "coaching_hold": ("request_id",),
    "coaching_decline": ("coach_id",),
    "coaching_plan": ("coach_id", "person_id"),
    "coaching_part": ("plan_id",),
    "coaching_note": ("person_id", "plan_id"),
    "coaching_private": ("coach_id", "plan_id"),
}


def downgrade() -> None:
    """Go back: what was agreed and written is forgotten; the sessions stay."""
    for table in (
        "coaching_private",
        "coaching_note",
        "coaching_part",
        "coaching_decline",
        "coaching_hold",
        "coaching_request",
        "coaching_plan",
        "coach",
    ):
        op.drop_table(table)
    with op.batch_alter_table("series") as series:
        series.drop_column("steps")
    with op.batch_alter_table("audit") as audit:
        audit.drop_index("ix_audit_about_id")
        audit.drop_constraint("fk_audit_about_id_person", type_="foreignkey")
        audit.drop_column("about_id")
