"""A vacancy of the demo: one candidate decided, one with all cards in, one whose cards are still blind."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from devsys.actions.hiring_guides import guides
from devsys.actions.parts import Parts
from devsys.adapters.store.queries import accounts, hiring
from devsys.adapters.store.store import Db
from devsys.base.ids import new_id
from devsys.core.model.access import Grant, Role
from devsys.core.model.hiring import Card, Criterion, Outcome, Rating, Vacancy

# Criterion -> what was heard by each of the two, with the level its words fit.
Heard = Mapping[str, tuple[tuple[int, str], tuple[int, str]]]
_DECIDED: Final[Heard] = {
    "calm": (
        (4, "A queue of forty, the till down: she told people how long, and what she would do first."),
        (3, "Named the breath she takes before answering; told of one evening it did not help."),
    ),
    "solving": (
        (3, "Rang the depot herself when the status said delivered and nothing was."),
        (3, "Asked twice before she named a cause; wrote it down for the next shift."),
    ),
    "says_no": (
        (3, "“I cannot send it to another address; I can hold it for you.” Held it at the second asking."),
        (3, "Refused a discount for a friend, and said why."),
    ),
    "curious": (
        (3, "Learnt from a deaf customer to write the sum down first."),
        (4, "Knows which stories are not hers; walks home by the river on such days."),
    ),
}
_COMPARED: Final[Heard] = {
    "calm": (
        (3, "Was shouted at over a lost bag; kept his voice low and let the man finish."),
        (3, "Notices his shoulders first; puts the headset down for three breaths."),
    ),
    "solving": (
        (4, "Found that four complaints were one wrong label, and had it changed."),
        (3, "Stayed until the bag was found; rang once more a week on."),
    ),
    "says_no": (
        (1, "Gave his own number to a customer who asked for it, and answered at night."),
        (3, "Told a guest he would not be spoken to so, and that he would be glad to go on tomorrow."),
    ),
    "curious": (
        (2, "Asks a great deal, and took two of the stories home for weeks."),
        (3, "Asked in order to understand; says where his part ends."),
    ),
}
_BLIND: Final[Heard] = {
    "calm": ((3, "Two trains cancelled, one desk: began with who had a child with them."), (0, "")),
    "solving": ((2, "Followed the list; did not ask what the ticket was for."), (0, "")),
    "says_no": ((4, "“No. Not today, and not like this.” Then offered the next train."), (0, "")),
    "curious": ((3, "Told what she had learnt from a man who came every morning."), (0, "")),
}
_REASONS: Final = {
    "calm": "Both heard her steady in a hard hour.",
    "solving": "She asks before she answers.",
    "says_no": "A plain no with what is possible instead, twice.",
    "curious": "Understands people, and puts the day down.",
}
_CANDIDATES: Final = (
    ("Teodora Vlahos", "teodora.vlahos@post.example", 24, _DECIDED),
    ("Iker Salaberri", "iker.salaberri@post.example", 9, _COMPARED),
    ("Maud Tremblay", "maud.tremblay@post.example", 3, _BLIND),
)
_DECIDE_AFTER: Final = timedelta(days=6)


def fill(db: Db, parts: Parts, *, team_id: str, lead_id: str, coordinator_id: str, assessors: tuple[str, str]) -> None:
    """Open a vacancy of the lead's team; the second assessor, of another role, is granted this one."""
    now, told = parts.now(), guides(parts)
    accounts.add_grants(db, assessors[1], (Grant(Role.ASSESSOR),))
    vacancy = Vacancy(
        id=new_id(),
        title="Agent, 30 hours, early shift",
        team_id=team_id,
        lead_id=lead_id,
        assessors=frozenset(assessors),
        questions={c: told[c].questions for c in Criterion},
        opened=(now - timedelta(days=31)).date(),
    )
    hiring.keep_vacancy(db, vacancy, coordinator_id)
    for name, contact, days, heard in _CANDIDATES:
        _candidate(db, vacancy, (name, contact), heard, assessors=assessors, added=now - timedelta(days=days))


def _candidate(
    db: Db, vacancy: Vacancy, who: tuple[str, str], heard: Heard, *, assessors: tuple[str, str], added: datetime
) -> None:
    candidate_id = new_id()
    hiring.keep_candidate(db, candidate_id, vacancy.id, name=who[0], contact=who[1], person_id=None, now=added)
    hiring.add_cards(db, candidate_id, assessors)
    for place, assessor_id in enumerate(assessors):
        found = {
            c: Rating(vacancy.questions[c][0], heard[c][place][1], heard[c][place][0])
            for c in Criterion
            if heard[c][place][0]
        }
        if found:
            hiring.keep_card(db, Card(candidate_id, assessor_id, found, added + timedelta(days=1, hours=place)))
    if heard is _DECIDED:
        reasons = {Criterion(c): reason for c, reason in _REASONS.items()}
        hiring.keep_decision(db, candidate_id, Outcome.YES, reasons, by_id=assessors[0], now=added + _DECIDE_AFTER)
