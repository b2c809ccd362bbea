"""Assess a candidate: a card of one's own, blind to others' until all are in; compared; decided with reasons."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from devsys.actions.open_vacancy import vacancy_of
from devsys.actions.parts import Parts
from devsys.adapters.store.queries import audit, calendar_figures, hiring, retention
from devsys.adapters.store.store import Db
from devsys.base.errors import ConflictError, Fault, InvalidError, NotFoundError
from devsys.base.ids import new_id
from devsys.base.words import phrase
from devsys.base.written import full_moment, plain_full_day
from devsys.core.hiring import Line, all_in, compared, missing, open_to
from devsys.core.model.access import Viewer
from devsys.core.model.hiring import Candidate, Card, Criterion, Decision, Outcome, Rating, Vacancy
from devsys.core.policy import HiringPart

MOST_CANDIDATES: Final = 200
READ: Final = "read hiring card"  # as the list of the subject names it


@dataclass(frozen=True, slots=True)
class Seen:
    """One candidate as far as the viewer may see: cards opened to them, lines once they may compare, the decision.

    `waiting` is how many cards are not in yet; `names` are those of the assessors, by id.
    """

    vacancy: Vacancy
    candidate: Candidate
    parts: frozenset[HiringPart]
    cards: tuple[Card, ...]
    waiting: int
    lines: tuple[Line, ...]
    decision: Decision | None
    names: Mapping[str, str]

    def own(self, person_id: str) -> Card | None:
        """Give the viewer's own card, None for who has none."""
        return next((card for card in self.cards if card.assessor_id == person_id), None)


def _candidate(
    db: Db, parts: Parts, viewer: Viewer, candidate_id: str
) -> tuple[Candidate, Vacancy, frozenset[HiringPart]]:
    """Give a candidate of a vacancy that is the viewer's to see. Raises NotFoundError, the same for all others."""
    found = hiring.candidate(db, candidate_id, retention.kept(db, "candidates", parts.settings))
    if found is None:
        raise NotFoundError(phrase("There is no such candidate."))
    vacancy, mine = vacancy_of(db, viewer, found.vacancy_id)
    if not mine & {HiringPart.LEAD, HiringPart.ASSESSOR}:
        raise NotFoundError(phrase("There is no such candidate."))
    return found, vacancy, mine


def see(parts: Parts, viewer: Viewer, candidate_id: str) -> Seen:
    """Give what the viewer may see of a candidate; the reading is noted for a candidate who has an account.

    Raises NotFoundError.
    """
    with parts.store.read() as db:
        seen = _see(db, parts, viewer, candidate_id)
    if seen.candidate.person_id is not None:
        with parts.store.write() as db:
            audit.read_by_another(
                db, at=parts.now(), by_id=viewer.person_id, about_id=seen.candidate.person_id, act=READ
            )
    return seen


def _see(db: Db, parts: Parts, viewer: Viewer, candidate_id: str) -> Seen:
    candidate, vacancy, mine = _candidate(db, parts, viewer, candidate_id)
    cards = hiring.cards(db, [candidate_id])[candidate_id]
    decided = hiring.decision(db, candidate_id) if candidate.decided else None
    wanted: tuple[Card, ...] = ()
    if HiringPart.ASSESSOR in mine:
        wanted = open_to(cards, viewer.person_id)
    if HiringPart.LEAD in mine and decided is not None:
        wanted = cards
    shown = hiring.opened(db, wanted)
    whole = len(shown) == len(cards) and all_in(cards)
    members = calendar_figures.members(db, [card.assessor_id for card in cards])
    return Seen(
        vacancy=vacancy,
        candidate=candidate,
        parts=mine,
        cards=shown,
        waiting=sum(card.submitted is None for card in cards),
        lines=compared(shown) if whole else (),
        decision=decided if whole else None,
        names={m.id: m.name for m in members.values()},
    )


def add(parts: Parts, viewer: Viewer, vacancy_id: str, *, name: str, contact: str) -> str:
    """Add a candidate to a vacancy, with an empty card for each assessor; give the id.

    Raises NotFoundError; ConflictError for a closed vacancy; InvalidError.
    """
    with parts.store.write() as db:
        vacancy, mine = vacancy_of(db, viewer, vacancy_id)
        if HiringPart.ASSESSOR not in mine:
            raise NotFoundError(phrase("There is no such vacancy."))
        if vacancy.closed is not None:
            raise ConflictError(
                phrase("The vacancy was closed on %(closed)s. Nobody was added.", closed=plain_full_day(vacancy.closed))
            )
        if len(hiring.candidates(db, vacancy_id, retention.kept(db, "candidates", parts.settings))) >= MOST_CANDIDATES:
            raise InvalidError(
                phrase("There are too many."),
                (Fault("name", phrase("A vacancy has at most %(most_candidates)s.", most_candidates=MOST_CANDIDATES)),),
            )
        person_id = hiring.person_with(db, contact)
        if person_id is not None and person_id in vacancy.assessors:
            raise InvalidError(
                phrase("That is an assessor."), (Fault("contact", phrase("Nobody assesses themselves.")),)
            )
        candidate_id = new_id()
        hiring.keep_candidate(
            db, candidate_id, vacancy_id, name=name, contact=contact, person_id=person_id, now=parts.now()
        )
        hiring.add_cards(db, candidate_id, sorted(vacancy.assessors))
        audit.record(db, at=parts.now(), by_id=viewer.person_id, act="add candidate", what=vacancy_id)
    return candidate_id


def write_card(
    parts: Parts, viewer: Viewer, candidate_id: str, ratings: Mapping[Criterion, Rating], *, submit: bool
) -> Card:
    """Keep the viewer's own card; with `submit` it is in, and no longer theirs to change.

    Raises NotFoundError for who has no card; ConflictError when it is in already; InvalidError naming what lacks,
    as `level-calm`, `asked-calm` or `heard-calm`.
    """
    with parts.store.write() as db:
        _candidate(db, parts, viewer, candidate_id)
        own = next(
            (c for c in hiring.cards(db, [candidate_id])[candidate_id] if c.assessor_id == viewer.person_id), None
        )
        if own is None:
            raise NotFoundError(phrase("There is no such candidate."))
        if own.submitted is not None:
            raise ConflictError(
                phrase("Your card is in since %(moment)s UTC and stands as it is.", moment=full_moment(own.submitted))
            )
        absent = missing(ratings) if submit else {}
        if absent:
            faults = tuple(Fault(f"{part}-{criterion}", what) for criterion, (part, what) in absent.items())
            raise InvalidError(phrase("The card is not whole yet."), faults)
        card = Card(candidate_id, viewer.person_id, dict(ratings), parts.now() if submit else None)
        hiring.keep_card(db, card)
        if submit:
            audit.record(db, at=parts.now(), by_id=viewer.person_id, act="submit card", what=candidate_id)
    return card


def decide(parts: Parts, viewer: Viewer, candidate_id: str, outcome: Outcome, reasons: Mapping[Criterion, str]) -> None:
    """Decide about a candidate, once all cards are in, with a reason for each criterion.

    Raises NotFoundError; ConflictError when cards are missing or it is decided already, with who and when; InvalidError
    naming the criteria without a reason.
    """
    with parts.store.write() as db:
        candidate, _, mine = _candidate(db, parts, viewer, candidate_id)
        cards = hiring.cards(db, [candidate_id])[candidate_id]
        if HiringPart.ASSESSOR not in mine or all(card.assessor_id != viewer.person_id for card in cards):
            raise NotFoundError(phrase("There is no such candidate."))
        if not all_in(cards):
            raise ConflictError(phrase("Not all cards are in yet. Nothing was decided."))
        if candidate.decided is not None:
            before = hiring.decision(db, candidate_id)
            at = full_moment(candidate.decided)
            raise ConflictError(
                phrase("%(by)s decided it on %(moment)s UTC. That decision stands.", by=before.by, moment=at)
                if before
                else phrase("It was decided on %(moment)s UTC. That decision stands.", moment=at)
            )
        faults = tuple(
            Fault(c.value, phrase("Give a reason from what was heard.")) for c in Criterion if not reasons.get(c, "")
        )
        if faults:
            raise InvalidError(phrase("A reason is missing."), faults)
        hiring.keep_decision(db, candidate_id, outcome, reasons, by_id=viewer.person_id, now=parts.now())
        audit.record(db, at=parts.now(), by_id=viewer.person_id, act="decide candidate", what=candidate_id)


def erase(parts: Parts, viewer: Viewer, candidate_id: str) -> None:
    """Take all about a candidate away before their day, as they may ask; for an assessor. Raises NotFoundError."""
    with parts.store.write() as db:
        candidate, _, mine = _candidate(db, parts, viewer, candidate_id)
        if HiringPart.ASSESSOR not in mine:
            raise NotFoundError(phrase("There is no such candidate."))
        hiring.erase(db, [candidate.id])
        audit.record(db, at=parts.now(), by_id=viewer.person_id, act="erase candidate", what=candidate.vacancy_id)
