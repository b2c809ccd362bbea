"""Hiring by what was heard: which cards one may see, where assessors differ, what a newcomer's first 90 days hold.

Nothing here adds levels up, and nothing orders candidates: both would make of four honest answers one number.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from devsys.base.words import phrase
from devsys.core.model.hiring import LEAST_ASSESSORS, LEVELS, Card, Criterion, Rating
from devsys.core.model.needs import Need
from devsys.core.model.programme import Activity, Kind

FIRST_DAYS: Final = timedelta(days=90)
UNDECIDED: Final = 2  # without a decision everything goes after so many times the usual months
MONTH_DAYS: Final = 366 / 12


def missing(ratings: Mapping[Criterion, Rating]) -> Mapping[Criterion, tuple[str, str]]:
    """Give what a card lacks before it can be submitted, by criterion: the part (level, asked, heard), what to do.

    Evidence is required, and one of the four levels.
    """
    found: dict[Criterion, tuple[str, str]] = {}
    for criterion in Criterion:
        rating = ratings.get(criterion)
        if rating is None or rating.level not in LEVELS:
            found[criterion] = "level", phrase("Choose the words that fit what you heard.")
        elif not rating.asked:
            found[criterion] = "asked", phrase("Say what you asked.")
        elif not rating.heard:
            found[criterion] = "heard", phrase("Say what you heard; a level without evidence cannot be submitted.")
    return found


def all_in(cards: Iterable[Card]) -> bool:
    """Say whether every assessor has submitted, and there are at least two: only then anybody sees another's card."""
    own = tuple(cards)
    return len(own) >= LEAST_ASSESSORS and all(card.submitted for card in own)


def open_to(cards: Iterable[Card], assessor_id: str) -> tuple[Card, ...]:
    """Give the cards of one candidate that an assessor may see: their own, all of them once all are in."""
    own = tuple(cards)
    if all_in(own) and any(card.assessor_id == assessor_id for card in own):
        return own
    return tuple(card for card in own if card.assessor_id == assessor_id)


@dataclass(frozen=True, slots=True)
class Line:
    """One criterion beside each other: the rating of each assessor, and how far apart the levels lie."""

    criterion: Criterion
    ratings: tuple[tuple[str, Rating], ...]
    apart: int


def compared(cards: Iterable[Card]) -> tuple[Line, ...]:
    """Give the four criteria of one candidate, those assessors differ about first.

    Raises ValueError unless all cards are in (misuse).
    """
    own = sorted(cards, key=lambda card: card.assessor_id)
    if not all_in(own):
        raise ValueError("Cards are compared once all are in.")
    lines = []
    for criterion in Criterion:
        ratings = tuple((card.assessor_id, card.ratings[criterion]) for card in own)
        levels = [rating.level for _, rating in ratings]
        lines.append(Line(criterion, ratings, max(levels) - min(levels)))
    order = {criterion: i for i, criterion in enumerate(Criterion)}
    return tuple(sorted(lines, key=lambda line: (-line.apart, order[line.criterion])))


def erase_on(added: datetime, decided: datetime | None, months: int) -> date:
    """Give the day on which a candidate is erased: `months` after the decision, twice that after coming without one."""
    days = round(months * MONTH_DAYS)
    return decided.date() + timedelta(days=days) if decided else added.date() + timedelta(days=days * UNDECIDED)


@dataclass(frozen=True, slots=True)
class Step:
    """One need of a newcomer's first 90 days, and whether it is the gate that stands before the others."""

    need: Need
    gate: bool


def first_days(
    needs: Iterable[Need], activities: Mapping[str, Activity], joined: datetime, person_id: str
) -> tuple[Step, ...]:
    """Give what a newcomer is to learn in the first 90 days: what is due then, boundaries before all else.

    Whoever joins gets it, for the day they joined and nothing else: no card is known here. Coaching is not part of it:
    it comes only when somebody asks, and is theirs to tell.
    """
    until = joined + FIRST_DAYS
    known = {code for code, a in activities.items() if a.kind is not Kind.COACHING}
    mine = [n for n in needs if n.person_id == person_id and n.activity in known and joined <= n.due < until]
    steps = [Step(n, activities[n.activity].kind is Kind.BOUNDARIES) for n in mine]
    return tuple(sorted(steps, key=lambda s: (not s.gate, s.need.due, s.need.earliest, s.need.key)))


def panel(
    before: Sequence[Card], candidate_id: str, assessors: Iterable[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give whose cards come and whose go when the assessors of a vacancy change: (come, go), for one candidate.

    Once all cards of a candidate are in nothing changes: who came later would not be blind. A card submitted stays.
    """
    if all_in(before):
        return (), ()
    wanted = set(assessors)
    have = {card.assessor_id: card for card in before if card.candidate_id == candidate_id}
    come = sorted(wanted - have.keys())
    go = sorted(one for one, card in have.items() if one not in wanted and card.submitted is None)
    return tuple(come), tuple(go)
