"""Hiring: vacancies without candidates; candidates, cards and decisions, sealed. No column holds a level or a sum.

Levels lie inside the sealed text of a card, so that no query can order candidates by them.
"""

from datetime import date, datetime

from sqlmodel import Field, SQLModel

from devsys.adapters.store.sealed import Sealed
from devsys.adapters.store.tables.kept import kept
from devsys.base.words import to_phrase

_CANDIDATE = to_phrase("6 months after the decision (setting candidate_months), 12 without one")


class VacancyRow(SQLModel, table=True):
    """A place to be filled; `questions` is JSON, criterion to a list of texts."""

    __tablename__ = "vacancy"
    __table_args__ = kept("internal", person="by_id", retention=to_phrase("while the organisation uses it"))
    id: str = Field(primary_key=True)
    title: str
    team_id: str = Field(foreign_key="team.id", index=True)
    lead_id: str = Field(foreign_key="person.id", index=True)
    questions: str
    by_id: str = Field(foreign_key="person.id")
    opened: date
    closed: date | None = None


class VacancyAssessorRow(SQLModel, table=True):
    """Somebody assesses for a vacancy."""

    __tablename__ = "vacancy_assessor"
    __table_args__ = kept("personal", person="person_id", retention=to_phrase("while the organisation uses it"))
    vacancy_id: str = Field(primary_key=True, foreign_key="vacancy.id")
    person_id: str = Field(primary_key=True, foreign_key="person.id", index=True)


class CandidateRow(SQLModel, table=True):
    """Somebody who asked for the place; `person_id` where they work here already and have an account."""

    __tablename__ = "candidate"
    __table_args__ = kept("confidential", person="person_id", retention=_CANDIDATE)
    id: str = Field(primary_key=True)
    vacancy_id: str = Field(foreign_key="vacancy.id", index=True)
    name: bytes = Field(sa_type=Sealed)
    contact: bytes | None = Field(default=None, sa_type=Sealed)
    person_id: str | None = Field(default=None, foreign_key="person.id", index=True)
    added: datetime
    decided: datetime | None = None


class HiringCardRow(SQLModel, table=True):
    """What one assessor found; `ratings` is JSON, sealed: criterion to what was asked, what was heard, the level."""

    __tablename__ = "hiring_card"
    __table_args__ = kept("confidential", person="assessor_id", retention=_CANDIDATE)
    candidate_id: str = Field(primary_key=True, foreign_key="candidate.id")
    assessor_id: str = Field(primary_key=True, foreign_key="person.id", index=True)
    ratings: bytes | None = Field(default=None, sa_type=Sealed)
    submitted: datetime | None = None


class HiringDecisionRow(SQLModel, table=True):
    """What was decided, once; `said` is JSON, sealed: the outcome and a reason for each criterion."""

    __tablename__ = "hiring_decision"
    __table_args__ = kept("confidential", person="by_id", retention=_CANDIDATE)
    candidate_id: str = Field(primary_key=True, foreign_key="candidate.id")
    said: bytes = Field(sa_type=Sealed)
    by_id: str = Field(foreign_key="person.id")
    at: datetime
