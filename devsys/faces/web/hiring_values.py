"""What pages say of vacancies and candidates: where each stands, never in an order of how somebody was rated."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from flask import url_for

from devsys.adapters.store.queries import hiring
from devsys.adapters.store.store import Db
from devsys.base.words import phrase, phrases
from devsys.base.written import full_day, several
from devsys.core.hiring import all_in
from devsys.core.model.access import Role, Viewer
from devsys.core.model.hiring import Candidate, Card, Vacancy
from devsys.core.policy import HiringPart, hiring_parts


@dataclass(frozen=True, slots=True)
class CandidateLine:
    """One candidate of a list: `todo` says that something waits for the viewer."""

    name: str
    words: str
    erase: str
    href: str
    todo: bool


@dataclass(frozen=True, slots=True)
class HomeLine:
    """One vacancy on Home."""

    title: str
    words: str
    href: str


def line(one: Candidate, cards: Sequence[Card], viewer: Viewer, parts: frozenset[HiringPart]) -> CandidateLine:
    """Give a candidate as a list shows it to who may know of them."""
    own = next((card for card in cards if card.assessor_id == viewer.person_id), None)
    mine = HiringPart.ASSESSOR in parts and own is not None
    waiting = sum(card.submitted is None for card in cards)
    todo = False
    if one.decided is not None:
        words = phrase("decided on %(what)s", what=full_day(one.decided.date()))
    elif mine and own is not None and own.submitted is None:
        words, todo = phrase("your card is missing"), True
    elif all_in(cards):
        words, todo = (phrase("to compare and decide"), True) if mine else (phrase("all cards are in"), False)
    else:
        words = phrases("waits for %(num)s card", "waits for %(num)s cards", waiting)
    erase = phrase("erased on %(erase_on)s", erase_on=full_day(one.erase_on))
    return CandidateLine(one.name, words, erase, url_for("hiring.candidate", candidate_id=one.id), todo)


def lines(
    db: Db, vacancy: Vacancy, viewer: Viewer, parts: frozenset[HiringPart], months: int
) -> tuple[CandidateLine, ...]:
    """Give the candidates of a vacancy in the order they were added; none for who may not know them."""
    if not parts & {HiringPart.LEAD, HiringPart.ASSESSOR}:
        return ()
    known = hiring.candidates(db, vacancy.id, months)
    cards = hiring.cards(db, [c.id for c in known])
    return tuple(line(c, cards[c.id], viewer, parts) for c in known)


def home(db: Db, viewer: Viewer, months: int) -> tuple[HomeLine, ...]:
    """Give the open vacancies that name the viewer, for Home: what waits there, without a candidate's name."""
    if not viewer.has(Role.ASSESSOR, Role.LEAD):
        return ()
    found = []
    for vacancy in hiring.vacancies(db, concerns=viewer.person_id):
        parts = hiring_parts(viewer, vacancy)
        if vacancy.closed is not None or not parts & {HiringPart.LEAD, HiringPart.ASSESSOR}:
            continue
        own = lines(db, vacancy, viewer, parts, months)
        todo = sum(c.todo for c in own)
        words = (
            phrases("%(num)s candidate waits for you", "%(num)s candidates wait for you", todo)
            if todo
            else phrase("nothing waits for you")
        )
        found.append(HomeLine(vacancy.title, words, url_for("hiring.vacancy", vacancy_id=vacancy.id)))
    return tuple(found)


def kept_words(vacancy: Vacancy, names: Mapping[str, str], teams: Mapping[str, str], today: date) -> str:
    """Say whose vacancy it is: team, lead, assessors, open or closed."""
    who = several([names[one] for one in sorted(vacancy.assessors, key=lambda one: names[one])])
    state = (
        phrase("closed on %(closed)s", closed=full_day(vacancy.closed))
        if vacancy.closed
        else phrase("open since %(opened)s", opened=full_day(vacancy.opened))
    )
    del today
    return phrase(
        "%(team_id)s, led by %(names)s; assessed by %(who)s; %(state)s.",
        team_id=teams.get(vacancy.team_id, ""),
        names=names[vacancy.lead_id],
        who=who,
        state=state,
    )
