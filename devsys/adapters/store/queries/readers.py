"""Whom letters go to: where, what they chose to get, and which version of the calendar they were told of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, func, or_, select

from devsys.adapters.store.queries import house, sessions
from devsys.adapters.store.queries.rows import chunks, table, upsert
from devsys.adapters.store.store import Db
from devsys.adapters.store.tables.accounts import AccountRow
from devsys.adapters.store.tables.letters import LetterChoiceRow, ToldRow
from devsys.adapters.store.tables.people import PersonRow, QueueRow, SiteRow, TeamRow
from devsys.core.letters.net import State
from devsys.core.letters.when import Choice, Timing

_TOLD, _CHOICE = table(ToldRow), table(LetterChoiceRow)
_PERSON, _ACCOUNT, _TEAM, _QUEUE, _SITE = (table(t) for t in (PersonRow, AccountRow, TeamRow, QueueRow, SiteRow))


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody letters may go to: name, address, the zone of their site, what they chose, what they were told of.

    `language` is that of their account, empty where none was chosen.
    """

    person_id: str
    name: str
    email: str
    zone: str
    choice: Choice
    told: int
    language: str = ""


_RECIPIENTS = (
    select(
        _PERSON.c.id,
        _PERSON.c.name,
        _PERSON.c.email,
        _ACCOUNT.c.email.label("signs_in_with"),
        _ACCOUNT.c.language,
        _SITE.c.zone,
        _CHOICE.c.timing,
        _CHOICE.c.reminders,
        _CHOICE.c.invitations,
        _CHOICE.c.feedback,
        _TOLD.c.version,
    )
    .join(_ACCOUNT, _ACCOUNT.c.person_id == _PERSON.c.id, isouter=True)
    .join(_TEAM, _TEAM.c.id == _PERSON.c.team_id, isouter=True)
    .join(_QUEUE, _QUEUE.c.id == _PERSON.c.queue_id, isouter=True)
    .join(_SITE, _SITE.c.id == func.coalesce(_TEAM.c.site_id, _QUEUE.c.site_id), isouter=True)
    .join(_CHOICE, _CHOICE.c.person_id == _PERSON.c.id, isouter=True)
    .join(_TOLD, _TOLD.c.person_id == _PERSON.c.id, isouter=True)
)


def recipients(db: Db, person_ids: Sequence[str], today: date, *, by_account: bool = False) -> Mapping[str, Recipient]:
    """Give whom of some people letters may go to: those with an address, still here, with no account that is shut.

    `by_account` gives those with an account alone, by the address they sign in with.
    """
    first = int(house.fact(db, house.LETTERS_FROM, "0"))
    found: dict[str, Recipient] = {}
    for some in chunks(person_ids):
        there = _ACCOUNT.c.email.is_not(None) if by_account else _PERSON.c.email != ""
        for row in db.execute(_RECIPIENTS.where(_PERSON.c.id.in_(some), there, _here(today))):
            choice = _choice(row) if row.timing else Choice()
            told = first if row.version is None else row.version
            email = row.signs_in_with if by_account else row.email
            found[row.id] = Recipient(row.id, row.name, email, row.zone or "UTC", choice, told, row.language or "")
    return found


def _here(today: date) -> ColumnElement[bool]:
    return and_(
        or_(_PERSON.c.left.is_(None), _PERSON.c.left > today),
        or_(_ACCOUNT.c.active.is_(None), _ACCOUNT.c.active),
    )


def states_for(db: Db, told: Mapping[str, int]) -> tuple[State, ...]:
    """Give the states of sessions in which the calendars of people changed since the versions they were told of."""
    if not told:
        return ()
    return tuple(State(*found) for found in sessions.states_since(db, min(told.values()), sorted(told)))


def set_told(db: Db, told: Mapping[str, int]) -> None:
    """Keep which version people have been told of."""
    upsert(db, ToldRow, ({"person_id": p, "version": v} for p, v in told.items()))


def choice_of(db: Db, person_id: str) -> Choice:
    """Give what a person chose to get; what is usual where they chose nothing."""
    query = select(_CHOICE.c.timing, _CHOICE.c.reminders, _CHOICE.c.invitations, _CHOICE.c.feedback)
    row = db.execute(query.where(_CHOICE.c.person_id == person_id)).one_or_none()
    return Choice() if row is None else _choice(row)


def _choice(row: Row[Any]) -> Choice:
    return Choice(Timing(row.timing), row.reminders, row.invitations, row.feedback)


def choose(db: Db, person_id: str, choice: Choice) -> None:
    """Keep what a person chose."""
    chosen = {
        "timing": choice.timing.value,
        "reminders": choice.reminders,
        "invitations": choice.invitations,
        "feedback": choice.feedback,
    }
    upsert(db, LetterChoiceRow, [{"person_id": person_id, **chosen}])
