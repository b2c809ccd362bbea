"""Open a vacancy: who leads there, who assesses, what is asked of everybody; without any candidate in it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from devsys.actions.parts import Parts
from devsys.adapters.store.queries import audit, calendar_figures, hiring, retention
from devsys.adapters.store.store import Db
from devsys.base.errors import Fault, InvalidError, NotFoundError
from devsys.base.ids import new_id
from devsys.base.limits import TEXT
from devsys.base.words import phrase
from devsys.core.hiring import panel
from devsys.core.model.access import Role, Viewer
from devsys.core.model.hiring import LEAST_ASSESSORS, MOST_QUESTIONS, Criterion, Vacancy
from devsys.core.policy import HiringPart, hiring_parts, scope


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is said of a vacancy."""

    title: str
    team_id: str
    lead_id: str
    assessors: frozenset[str]
    questions: Mapping[Criterion, tuple[str, ...]]


def vacancy_of(db: Db, viewer: Viewer, vacancy_id: str) -> tuple[Vacancy, frozenset[HiringPart]]:
    """Give a vacancy and what the viewer is to it. Raises NotFoundError for who is nothing to it."""
    found = hiring.vacancies(db, vacancy_id=vacancy_id)
    parts = hiring_parts(viewer, found[0]) if found else frozenset()
    if not parts:
        raise NotFoundError(phrase("There is no such vacancy."))
    return found[0], parts


def keep(parts: Parts, viewer: Viewer, wanted: Wanted, *, vacancy_id: str | None, today: date) -> str:
    """Open a vacancy, or change one; give its id. Candidates on their way get and lose cards with the assessors.

    Raises NotFoundError; InvalidError by field.
    """
    with parts.store.write() as db:
        reach = scope(viewer, "vacancies", "write")
        if not reach:
            raise NotFoundError(phrase("There is no such vacancy."))
        if not reach.covers(team_id=wanted.team_id):
            raise InvalidError(phrase("Choose a team."), (Fault("team", phrase("Choose one of these.")),))
        old = None
        if vacancy_id is not None:
            old, mine = vacancy_of(db, viewer, vacancy_id)
            if HiringPart.COORDINATOR not in mine:
                raise NotFoundError(phrase("There is no such vacancy."))
        _refuse(db, wanted)
        vacancy = Vacancy(
            id=old.id if old else new_id(),
            title=wanted.title,
            team_id=wanted.team_id,
            lead_id=wanted.lead_id,
            assessors=wanted.assessors,
            questions=wanted.questions,
            opened=old.opened if old else today,
            closed=old.closed if old else None,
        )
        hiring.keep_vacancy(db, vacancy, viewer.person_id)
        _change_panels(db, parts, vacancy)
        audit.record(db, at=parts.now(), by_id=viewer.person_id, act="keep vacancy", what=vacancy.id)
    return vacancy.id


def _refuse(db: Db, wanted: Wanted) -> None:
    faults = []
    if wanted.team_id not in calendar_figures.teams(db):
        faults.append(Fault("team", phrase("Choose one of these.")))
    if wanted.lead_id not in hiring.holders(db, Role.LEAD, wanted.team_id):
        faults.append(Fault("lead", phrase("Choose who leads this team.")))
    if not wanted.assessors <= hiring.holders(db, Role.ASSESSOR, wanted.team_id).keys():
        faults.append(Fault("assessors", phrase("Choose from these.")))
    elif len(wanted.assessors) < LEAST_ASSESSORS:
        faults.append(
            Fault(
                "assessors",
                phrase(
                    "At least %(least_assessors)s: two honest opinions are the point of it.",
                    least_assessors=LEAST_ASSESSORS,
                ),
            )
        )
    for criterion in Criterion:
        asked = wanted.questions.get(criterion, ())
        if not 1 <= len(asked) <= MOST_QUESTIONS or any(len(one) > TEXT for one in asked):
            what = phrase(
                "1 to %(most_questions)s questions, one a line, each of at most %(text)s characters.",
                most_questions=MOST_QUESTIONS,
                text=TEXT,
            )
            faults.append(Fault(criterion.value, what))
    if faults:
        raise InvalidError(phrase("Something in the form is missing or wrong."), tuple(faults))


def _change_panels(db: Db, parts: Parts, vacancy: Vacancy) -> None:
    known = hiring.candidates(db, vacancy.id, retention.kept(db, "candidates", parts.settings))
    for candidate_id, cards in hiring.cards(db, [c.id for c in known]).items():
        come, go = panel(cards, candidate_id, vacancy.assessors)
        hiring.drop_cards(db, candidate_id, go)
        hiring.add_cards(db, candidate_id, come)


def close(parts: Parts, viewer: Viewer, vacancy_id: str, *, closed: bool, today: date) -> None:
    """Close a vacancy, so that no candidate is added, or open it again. Raises NotFoundError."""
    with parts.store.write() as db:
        found, mine = vacancy_of(db, viewer, vacancy_id)
        if HiringPart.COORDINATOR not in mine:
            raise NotFoundError(phrase("There is no such vacancy."))
        hiring.keep_vacancy(db, replace(found, closed=today if closed else None), viewer.person_id)
        act = "close vacancy" if closed else "open vacancy"
        audit.record(db, at=parts.now(), by_id=viewer.person_id, act=act, what=vacancy_id)
