"""The words of letters, found when they leave: one function for each kind, in one table. Finding them only reads."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from devsys.actions import give_feedback
from devsys.actions.parts import Parts
from devsys.actions.tell_people import Telling
from devsys.adapters.store.queries import asks, calendar_figures, fragments, letters, sessions
from devsys.adapters.store.queries.letters import Next, Recipient
from devsys.adapters.store.store import Db
from devsys.core.letters.asks import ask_content
from devsys.core.letters.content import Called, Content, Reader, plan_content, reminder_content
from devsys.core.letters.feedback import asking_day, feedback_content
from devsys.core.letters.net import involves, net_changes
from devsys.core.model.calendar import Session
from devsys.core.model.programme import Kind

ROTA: Final = timedelta(weeks=4)  # how far ahead a letter to who leads says what they lead


@dataclass(frozen=True, slots=True)
class Desk:
    """What the words of one letter are found from: the letter that is due, to whom, as things stand now."""

    db: Db
    parts: Parts
    letter: Next
    who: Recipient
    now: datetime

    @property
    def reader(self) -> Reader:
        """The one it is to, as its words need them."""
        return Reader(self.who.name, self.who.zone, self.parts.settings.public_url)

    @property
    def local(self) -> datetime:
        """The moment by the reader's clock."""
        return self.now.astimezone(ZoneInfo(self.who.zone))


def words_for(desk: Desk) -> Content | None:
    """Give the words of a letter as things stand; None when there is nothing to say."""
    return _WORDS[desk.letter.kind](desk)


def words_of(db: Db, parts: Parts, telling: Telling, now: datetime) -> Content:
    """Give the letter that a telling would be. Raises ValueError for one without changes (misuse)."""
    who = telling.recipient
    reader = Reader(who.name, who.zone, parts.settings.public_url)
    return plan_content(telling.changes, called(db, [c.session for c in telling.changes]), reader, now)


def _plan(desk: Desk) -> Content | None:
    db, who, now = desk.db, desk.who, desk.now
    changes = net_changes(letters.states_for(db, {who.person_id: who.told}), who.person_id, who.told, now)
    if not changes:
        return None
    rota = _rota(db, who, now) if any(c.leads for c in changes) else ()
    return plan_content(changes, called(db, [*(c.session for c in changes), *rota]), desk.reader, now, rota=rota)


def _rota(db: Db, who: Recipient, now: datetime) -> tuple[Session, ...]:
    """Give what somebody leads in the next weeks, as it stands now."""
    return sessions.published(db, sessions.Wanted(start=now, end=now + ROTA, facilitator_id=who.person_id))


def _reminder(desk: Desk) -> Content | None:
    db, who, local = desk.db, desk.who, desk.local
    wanted = sessions.Wanted(start=desk.now, end=desk.now + timedelta(days=3), involves=who.person_id)
    day = [
        (s, s.facilitator_id == who.person_id)
        for s in sessions.published(db, wanted)
        if s.starts_utc.astimezone(local.tzinfo).date().isoformat() == desk.letter.about and involves(s, who.person_id)
    ]
    if not day or local.date().isoformat() >= desk.letter.about:
        return None
    return reminder_content(day, called(db, [s for s, _ in day]), desk.reader, local)


def _asked(desk: Desk) -> Content | None:
    """Give the words of a letter that asks; None where it was answered, taken back or is over meanwhile."""
    db, now, zone = desk.db, desk.now, ZoneInfo(desk.who.zone)
    ask = asks.by_id(db, desk.letter.about)
    if ask is None or not ask.open_at(now):
        return None
    ids = frozenset(i for i in (ask.session_id, ask.other_id) if i)
    known = {s.id: s for s in sessions.published(db, sessions.Wanted(ids=ids))}
    if ids - known.keys():
        return None
    names = called(db, list(known.values()))
    by = calendar_figures.members(db, [ask.by_id]).get(ask.by_id) if ask.by_id else None
    other = ask.other_id
    return ask_content(
        ask.kind,
        known[ask.session_id],
        names[ask.session_id],
        desk.reader,
        now.astimezone(zone),
        ask_id=ask.id,
        by=by.name if by else "",
        until=ask.until.astimezone(zone),
        other=(known[other], names[other]) if other else None,
    )


def _feedback(desk: Desk) -> Content | None:
    """Give the words of a letter that asks how a day's sessions were; None where all of it was answered."""
    stage, day = asking_day(desk.letter.about)
    zone = ZoneInfo(desk.who.zone)
    found = [
        asked.session
        for asked in give_feedback.asked_of(desk.db, desk.parts, desk.who.person_id)
        if asked.stage is stage and asked.session.ends_utc.astimezone(zone).date() == day
    ]
    return feedback_content(stage, found[::-1], called(desk.db, found), desk.reader, desk.local) if found else None


_WORDS: Final[Mapping[str, Callable[[Desk], Content | None]]] = MappingProxyType(
    {
        letters.PLAN: _plan,
        letters.REMINDER: _reminder,
        letters.ASK: _asked,
        letters.FEEDBACK: _feedback,
    }
)


def called(db: Db, found: Sequence[Session]) -> dict[str, Called]:
    """Give what letters call sessions by, by id."""
    return {
        id_: Called(
            title=event.title,
            place=event.location,
            leader=event.facilitator,
            prepare=event.prepare,
            masked=event.kind is Kind.COACHING,
        )
        for id_, event in fragments.events(db, found).items()
    }
