"""Hiring: vacancies, and sealed what is known of candidates."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

from devsys.adapters.store.sealed import Sealed

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_KEPT = "6 months after the decision (setting candidate_months), 12 without one"
_STAY = "while the organisation uses it"


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sqlmodel.sql.sqltypes.AutoString(), nullable=nullable)


def _at(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sqlmodel.sql.sqltypes.UTCDateTime(), nullable=nullable)


def upgrade() -> None:
    """No vacancy is open yet."""
    op.create_table(
        "vacancy",
        _text("id"),
        _text("title"),
        _text("team_id"),
        _text("lead_id"),
        _text("questions"),
        _text("by_id"),
        sa.Column("opened", sa.Date(), nullable=False),
        sa.Column("closed", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["lead_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"]),
        sa.PrimaryKeyConstraint("id"),
        info={"data": "internal", "person": "by_id", "retention": _STAY},
    )
    op.create_index("ix_vacancy_team_id", "vacancy", ["team_id"], unique=False)
    op.create_index("ix_vacancy_lead_id", "vacancy", ["lead_id"], unique=False)
    op.create_table(
        "vacancy_assessor",
        _text("vacancy_id"),
        _text("person_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["vacancy_id"], ["vacancy.id"]),
        sa.PrimaryKeyConstraint("vacancy_id", "person_id"),
        info={"data": "personal", "person": "person_id", "retention": _STAY},
    )
    op.create_index("ix_vacancy_assessor_person_id", "vacancy_assessor", ["person_id"], unique=False)
    op.create_table(
        "candidate",
        _text("id"),
        _text("vacancy_id"),
        sa.Column("name", Sealed(), nullable=False),
        sa.Column("contact", Sealed(), nullable=True),
        _text("person_id", nullable=True),
        _at("added"),
        _at("decided", nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["vacancy_id"], ["vacancy.id"]),
        sa.PrimaryKeyConstraint("id"),
        info={"data": "confidential", "person": "person_id", "retention": _KEPT},
    )
    op.create_index("ix_candidate_vacancy_id", "candidate", ["vacancy_id"], unique=False)
    op.create_index("ix_candidate_person_id", "candidate", ["person_id"], unique=False)
    op.create_table(
        "hiring_card",
        _text("candidate_id"),
        _text("assessor_id"),
        sa.Column("ratings", Sealed(), nullable=True),
        _at("submitted", nullable=True),
        sa.ForeignKeyConstraint(["assessor_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["candidate_id"], ["candidate.id"]),
        sa.PrimaryKeyConstraint("candidate_id", "assessor_id"),
        info={"data": "confidential", "person": "assessor_id", "retention": _KEPT},
    )
    op.create_index("ix_hiring_card_assessor_id", "hiring_card", ["assessor_id"], unique=False)
    op.create_table(
        "hiring_decision",
        _text("candidate_id"),
        sa.Column("said", Sealed(), nullable=False),
        _text("by_id"),
        _at("at"),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["candidate_id"], ["candidate.id"]),
        sa.PrimaryKeyConstraint("candidate_id"),
        info={"data": "confidential", "person": "by_id", "retention": _KEPT},
    )


def downgrade() -> None:
    """Go back: all about vacancies and candidates is forgotten."""
    for name in ("hiring_decision", "hiring_card", "candidate", "vacancy_assessor", "vacancy"):
        op.drop_table(name)
