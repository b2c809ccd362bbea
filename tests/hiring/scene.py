"""A vacancy of Billing Alfama: two assessors, a lead, and candidates whose words are marked."""

from dataclasses import dataclass

from devsys.actions import open_vacancy, score_candidate
from devsys.actions.hiring_guides import guides
from devsys.actions.open_vacancy import Wanted
from devsys.actions.parts import Parts
from devsys.adapters.store.queries import accounts
from devsys.core.model.access import Grant, Role, Viewer
from devsys.core.model.hiring import Criterion, Rating
from tests.builders import CAST, DOMAIN, MONDAY, id_of

SECOND = "rajesh.karki"  # assesses too
NAME, MAIL, HEARD, REASON = "Quixana Zebrowska", "quixana@else.example", "Zebraheard", "Zebrareason"


def viewer_of(parts: Parts, code: str) -> Viewer:
    """Give somebody as the one who looks."""
    with parts.store.read() as db:
        found = accounts.viewer_of(db, id_of(code))
    assert found is not None
    return found


def ratings(level: int = 3, words: str = HEARD) -> dict[Criterion, Rating]:
    """Give a whole card."""
    return {c: Rating(f"Asked about {c}", f"{words} {c}", level) for c in Criterion}


@dataclass(frozen=True)
class Scene:
    """The vacancy, a candidate in it, and who assesses."""

    parts: Parts
    vacancy_id: str
    candidate_id: str
    vera: Viewer
    rajesh: Viewer

    def submit(self, viewer: Viewer, level: int = 3) -> None:
        """Let an assessor's card of the candidate be in."""
        score_candidate.write_card(self.parts, viewer, self.candidate_id, ratings(level), submit=True)


def wanted(parts: Parts, **more: object) -> Wanted:
    """Give what is said of the vacancy."""
    told = guides(parts)
    assessors = frozenset((id_of(CAST[Role.ASSESSOR]), id_of(SECOND)))
    given = {
        "title": "Agent in Billing",
        "team_id": id_of("alfama"),
        "lead_id": id_of("marta.nogueira"),
        "assessors": assessors,
        "questions": {c: told[c].questions for c in Criterion},
    }
    return Wanted(**(given | more))  # type: ignore[arg-type]


def open_scene(parts: Parts) -> Scene:
    """Open the vacancy and add a candidate."""
    with parts.store.write() as db:
        person = id_of(SECOND)
        accounts.add_account(db, person_id=person, email=f"{SECOND}@{DOMAIN}", password_hash="", now=parts.now())
        accounts.add_grants(db, person, (Grant(Role.ASSESSOR),))
    olivia, vera = viewer_of(parts, CAST[Role.COORDINATOR]), viewer_of(parts, CAST[Role.ASSESSOR])
    vacancy_id = open_vacancy.keep(parts, olivia, wanted(parts), vacancy_id=None, today=MONDAY)
    candidate_id = score_candidate.add(parts, vera, vacancy_id, name=NAME, contact=MAIL)
    return Scene(parts, vacancy_id, candidate_id, vera, viewer_of(parts, SECOND))
