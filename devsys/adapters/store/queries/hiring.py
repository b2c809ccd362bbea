"""Vacancies, and what is sealed about candidates: opened here only for whoever may read it.

Candidates come in the order they were added. No query knows a level: it lies inside a sealed text.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, func, insert, or_, select, update
from sqlmodel import col

from devsys.adapters.store.queries.rows import table, upsert
from devsys.adapters.store.sealed import seal, unseal
from devsys.adapters.store.store import Db
from devsys.adapters.store.tables.accounts import AccountRow, GrantRow
from devsys.adapters.store.tables.hiring import (
    CandidateRow,
    HiringCardRow,
    HiringDecisionRow,
    VacancyAssessorRow,
    VacancyRow,
)
from devsys.adapters.store.tables.people import PersonRow
from devsys.core.hiring import erase_on
from devsys.core.model.access import Role
from devsys.core.model.hiring import Candidate, Card, Criterion, Decision, Outcome, Rating, Vacancy

_VACANCY, _ASSESSOR = table(VacancyRow), table(VacancyAssessorRow)
_CANDIDATE, _CARD, _DECISION = table(CandidateRow), table(HiringCardRow), table(HiringDecisionRow)


def vacancies(db: Db, *, concerns: str | None = None, vacancy_id: str | None = None) -> tuple[Vacancy, ...]:
    """Give vacancies, open ones first, then the latest: all, those that name a person as lead or assessor, or one."""
    query = select(_VACANCY).order_by(_VACANCY.c.closed.is_not(None), _VACANCY.c.opened.desc(), _VACANCY.c.id)
    if concerns is not None:
        theirs = select(_ASSESSOR.c.vacancy_id).where(_ASSESSOR.c.person_id == concerns)
        query = query.where(or_(_VACANCY.c.lead_id == concerns, _VACANCY.c.id.in_(theirs)))
    if vacancy_id is not None:
        query = query.where(_VACANCY.c.id == vacancy_id)
    rows = db.execute(query).all()
    assessing: dict[str, set[str]] = {row.id: set() for row in rows}
    named = select(_ASSESSOR.c.vacancy_id, _ASSESSOR.c.person_id).where(_ASSESSOR.c.vacancy_id.in_(tuple(assessing)))
    for one, person_id in db.execute(named):
        assessing[one].add(person_id)
    return tuple(
        Vacancy(
            id=row.id,
            title=row.title,
            team_id=row.team_id,
            lead_id=row.lead_id,
            assessors=frozenset(assessing[row.id]),
            questions={Criterion(c): tuple(asked) for c, asked in json.loads(row.questions).items()},
            opened=row.opened,
            closed=row.closed,
        )
        for row in rows
    )


def keep_vacancy(db: Db, vacancy: Vacancy, by_id: str) -> None:
    """Keep a vacancy, new or changed; who assesses goes by `set_assessors`."""
    upsert(
        db,
        VacancyRow,
        [
            {
                "id": vacancy.id,
                "title": vacancy.title,
                "team_id": vacancy.team_id,
                "lead_id": vacancy.lead_id,
                "questions": json.dumps({c.value: list(q) for c, q in vacancy.questions.items()}),
                "by_id": by_id,
                "opened": vacancy.opened,
                "closed": vacancy.closed,
            }
        ],
    )
    db.execute(delete(_ASSESSOR).where(_ASSESSOR.c.vacancy_id == vacancy.id))
    db.execute(insert(_ASSESSOR), [{"vacancy_id": vacancy.id, "person_id": one} for one in sorted(vacancy.assessors)])


def candidates(db: Db, vacancy_id: str, months: int) -> tuple[Candidate, ...]:
    """Give the candidates of a vacancy in the order they were added; `months` is how long all is kept."""
    query = select(_CANDIDATE).where(_CANDIDATE.c.vacancy_id == vacancy_id)
    return tuple(_candidate(db, row, months) for row in db.execute(query.order_by(_CANDIDATE.c.added, _CANDIDATE.c.id)))


def candidate(db: Db, candidate_id: str, months: int) -> Candidate | None:
    """Give one candidate, None when there is none."""
    row = db.execute(select(_CANDIDATE).where(_CANDIDATE.c.id == candidate_id)).first()
    return _candidate(db, row, months) if row is not None else None


def _candidate(db: Db, row: Any, months: int) -> Candidate:
    return Candidate(
        id=row.id,
        vacancy_id=row.vacancy_id,
        name=unseal(db, CandidateRow, "name", row.id, row.name),
        contact=unseal(db, CandidateRow, "contact", row.id, row.contact),
        added=row.added,
        decided=row.decided,
        erase_on=erase_on(row.added, row.decided, months),
        person_id=row.person_id,
    )


def keep_candidate(
    db: Db, candidate_id: str, vacancy_id: str, *, name: str, contact: str, person_id: str | None, now: datetime
) -> None:
    """Keep a new candidate, sealed."""
    db.execute(
        insert(_CANDIDATE).values(
            id=candidate_id,
            vacancy_id=vacancy_id,
            name=seal(db, CandidateRow, "name", candidate_id, name),
            contact=seal(db, CandidateRow, "contact", candidate_id, contact) if contact else None,
            person_id=person_id,
            added=now,
        )
    )


def add_cards(db: Db, candidate_id: str, assessors: Iterable[str]) -> None:
    """Give assessors an empty card of a candidate."""
    rows = [{"candidate_id": candidate_id, "assessor_id": one} for one in assessors]
    if rows:
        db.execute(insert(_CARD), rows)


def drop_cards(db: Db, candidate_id: str, assessors: Iterable[str]) -> None:
    """Take cards that were not submitted away, with what was written on them."""
    where = (_CARD.c.candidate_id == candidate_id, _CARD.c.assessor_id.in_(tuple(assessors)))
    db.execute(delete(_CARD).where(*where, _CARD.c.submitted.is_(None)))


def cards(db: Db, candidate_ids: Iterable[str]) -> Mapping[str, tuple[Card, ...]]:
    """Give the cards of some candidates WITHOUT their ratings: whose they are, and whether they are in."""
    ids = tuple(candidate_ids)
    found: dict[str, list[Card]] = {one: [] for one in ids}
    query = select(_CARD.c.candidate_id, _CARD.c.assessor_id, _CARD.c.submitted).where(_CARD.c.candidate_id.in_(ids))
    for candidate_id, assessor_id, submitted in db.execute(query.order_by(_CARD.c.assessor_id)):
        found[candidate_id].append(Card(candidate_id, assessor_id, {}, submitted))
    return {one: tuple(own) for one, own in found.items()}


def opened(db: Db, wanted: Iterable[Card]) -> tuple[Card, ...]:
    """Give some cards with their ratings; the caller has asked `core.hiring.open_to` which ones may be opened."""
    found = []
    for card in wanted:
        mine = (_CARD.c.candidate_id == card.candidate_id, _CARD.c.assessor_id == card.assessor_id)
        value = db.execute(select(_CARD.c.ratings).where(*mine)).scalar()
        text = unseal(db, HiringCardRow, "ratings", f"{card.candidate_id}/{card.assessor_id}", value)
        read = json.loads(text) if text else {}
        ratings = {Criterion(c): Rating(r["asked"], r["heard"], int(r["level"])) for c, r in read.items()}
        found.append(Card(card.candidate_id, card.assessor_id, ratings, card.submitted))
    return tuple(found)


def keep_card(db: Db, card: Card) -> None:
    """Write what an assessor found on their card, sealed."""
    text = json.dumps(
        {c.value: {"asked": r.asked, "heard": r.heard, "level": r.level} for c, r in sorted(card.ratings.items())}
    )
    value = seal(db, HiringCardRow, "ratings", f"{card.candidate_id}/{card.assessor_id}", text)
    mine = (_CARD.c.candidate_id == card.candidate_id, _CARD.c.assessor_id == card.assessor_id)
    db.execute(update(_CARD).where(*mine).values(ratings=value, submitted=card.submitted))


def decision(db: Db, candidate_id: str) -> Decision | None:
    """Give what was decided about a candidate."""
    query = (
        select(_DECISION, col(PersonRow.name).label("by"))
        .join(PersonRow, col(PersonRow.id) == _DECISION.c.by_id)
        .where(_DECISION.c.candidate_id == candidate_id)
    )
    row = db.execute(query).first()
    if row is None:
        return None
    said = json.loads(unseal(db, HiringDecisionRow, "said", candidate_id, row.said))
    reasons = {Criterion(c): str(text) for c, text in said["reasons"].items()}
    return Decision(Outcome(said["outcome"]), reasons, row.by, row.at)


def keep_decision(
    db: Db, candidate_id: str, outcome: Outcome, reasons: Mapping[Criterion, str], *, by_id: str, now: datetime
) -> None:
    """Keep what was decided, sealed; the clock of erasing begins anew."""
    text = json.dumps({"outcome": outcome.value, "reasons": {c.value: r for c, r in sorted(reasons.items())}})
    said = seal(db, HiringDecisionRow, "said", candidate_id, text)
    db.execute(insert(_DECISION).values(candidate_id=candidate_id, said=said, by_id=by_id, at=now))
    db.execute(update(_CANDIDATE).where(_CANDIDATE.c.id == candidate_id).values(decided=now))


def erase_due(db: Db, today: date, months: int) -> int:
    """Take away all about candidates whose day has come; give how many."""
    rows = db.execute(select(_CANDIDATE.c.id, _CANDIDATE.c.added, _CANDIDATE.c.decided))
    return erase(db, [i for i, added, decided in rows if erase_on(added, decided, months) <= today])


def erase(db: Db, candidate_ids: Iterable[str]) -> int:
    """Take away all about some candidates; give how many there were."""
    ids = tuple(candidate_ids)
    if not ids:
        return 0
    db.execute(delete(_DECISION).where(_DECISION.c.candidate_id.in_(ids)))
    db.execute(delete(_CARD).where(_CARD.c.candidate_id.in_(ids)))
    return len(db.execute(delete(_CANDIDATE).where(_CANDIDATE.c.id.in_(ids)).returning(_CANDIDATE.c.id)).all())


def holders(db: Db, role: Role, team_id: str) -> Mapping[str, str]:
    """Give who holds a role everywhere or for a team, id to name, with a living account."""
    return _people(db, role, col(GrantRow.team_id).in_(("", team_id)))


def all_holders(db: Db, role: Role) -> Mapping[str, str]:
    """Give who holds a role anywhere, id to name, with a living account."""
    return _people(db, role)


def _people(db: Db, role: Role, *where: ColumnElement[bool]) -> Mapping[str, str]:
    query = (
        select(col(PersonRow.id), col(PersonRow.name))
        .join(GrantRow, col(GrantRow.person_id) == col(PersonRow.id))
        .join(AccountRow, col(AccountRow.person_id) == col(PersonRow.id))
        .where(col(GrantRow.role) == role.value, col(AccountRow.active).is_(True), *where)
        .distinct()
        .order_by(col(PersonRow.name), col(PersonRow.id))
    )
    return {str(i): str(n) for i, n in db.execute(query)}


def person_with(db: Db, email: str) -> str | None:
    """Give the person an address belongs to, None for nobody here."""
    if not email:
        return None
    query = select(col(PersonRow.id)).where(func.lower(col(PersonRow.email)) == email.lower()).limit(1)
    found = db.execute(query).scalar()
    return str(found) if found is not None else None
