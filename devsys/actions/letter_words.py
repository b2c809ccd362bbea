"""The words of letters, found when they leave: one function for each kind, in one table. Finding them only reads."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from devsys.actions import give_feedback, remind_owners
from devsys.actions.parts import Parts
from devsys.actions.tell_people import Telling
from devsys.adapters.store.queries import (
    account_links,
    asks,
    calendar_figures,
    coaching,
    coaching_plans,
    feeds,
    fragments,
    house,
    letters,
    readers,
    sessions,
)
from devsys.adapters.store.queries.letters import Next
from devsys.adapters.store.queries.readers import Recipient
from devsys.adapters.store.store import Db
from devsys.base.ids import new_token, token_hash
from devsys.core.letters.accounts import (
    INVITE_WORKS,
    RESET_WORKS,
    changed_content,
    fetched_content,
    invite_content,
    reset_content,
    second_step_content,
    without_link,
)
from devsys.core.letters.asks import ask_content
from devsys.core.letters.coaching import AGREED, BACK, ENDING, EVENTS, RECEIVED, TOLD, coaching_content
from devsys.core.letters.content import Called, Content, Reader, plan_content, reminder_content
from devsys.core.letters.feedback import asking_day, feedback_content
from devsys.core.letters.net import involves, net_changes
from devsys.core.letters.owners import owner_content
from devsys.core.model.calendar import Session
from devsys.core.model.coaching import UNMATCHED
from devsys.core.model.programme import Kind

STALE: Final = timedelta(days=3)
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


@dataclass(frozen=True, slots=True)
class NewLink:
    """A link to a password that a letter holds: its hash, what for and until when it works."""

    hashed: str
    kind: str
    expires: datetime


@dataclass(frozen=True, slots=True)
class Words:
    """What a letter says, and the link that is kept when it is sealed: from then on it works."""

    content: Content
    link: NewLink | None = None

    @property
    def kept(self) -> Content:
        """What is kept of it to be read: without the secret of a link."""
        return without_link(self.content) if self.link else self.content


def words_for(desk: Desk) -> Words | None:
    """Give the words of a letter as things stand; None when there is nothing to say."""
    if desk.letter.kind == letters.ACCOUNT:
        return _account(desk)
    content = _WORDS[desk.letter.kind](desk)
    return None if content is None else Words(content)


def words_of(db: Db, parts: Parts, telling: Telling, now: datetime) -> Content:
    """Give the letter that a telling would be. Raises ValueError for one without changes (misuse)."""
    who = telling.recipient
    reader = Reader(who.name, who.zone, parts.settings.public_url)
    return plan_content(telling.changes, called(db, [c.session for c in telling.changes]), reader, now)


def _plan(desk: Desk) -> Content | None:
    db, who, now = desk.db, desk.who, desk.now
    changes = net_changes(readers.states_for(db, {who.person_id: who.told}), who.person_id, who.told, now)
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


def _account(desk: Desk) -> Words | None:
    """Give the words with a link to a password, whose secret is made here; None where it waited too long."""
    if _stale(desk):
        return None
    kind, token = desk.letter.about.split(" ")[0], new_token()
    address = f"{desk.reader.address}/account-link/{token}"
    if kind == account_links.INVITE:
        content = invite_content(desk.reader, house.fact(desk.db, house.ORGANISATION_NAME), address)
        return Words(content, NewLink(token_hash(token), kind, desk.now + INVITE_WORKS))
    return Words(reset_content(desk.reader, address), NewLink(token_hash(token), kind, desk.now + RESET_WORKS))


def _changed(desk: Desk) -> Content | None:
    return None if _stale(desk) else changed_content(desk.reader, _at(desk, desk.letter.about))


def _second_step(desk: Desk) -> Content | None:
    what, at = desk.letter.about.split(" ", 1)
    return None if _stale(desk) else second_step_content(desk.reader, what, _at(desk, at))


def _fetched(desk: Desk) -> Content | None:
    """Give the words about a link that was fetched for the first time; None where it was ended meanwhile."""
    feed_id, at, client = desk.letter.about.split(" ", 2)
    link = next((f for f in feeds.of_owner(desk.db, desk.who.person_id) if f.id == feed_id), None)
    return None if link is None or _stale(desk) else fetched_content(desk.reader, link.name, client, _at(desk, at))


def _owner(desk: Desk) -> Content | None:
    """Give the words about something that is due; None where it was closed or given to somebody else meanwhile."""
    today = desk.local.date()
    found = remind_owners.still_owned(desk.db, desk.letter.about, desk.who.person_id, today)
    if found is None:
        return None
    kind, one = found
    return owner_content(kind, one, desk.reader, today)


def _stale(desk: Desk) -> bool:
    """Say whether a letter about an account waited so long that it would only puzzle."""
    return desk.now - desk.letter.opened > STALE


def _at(desk: Desk, text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(ZoneInfo(desk.who.zone))


def _coaching(desk: Desk) -> Content | None:
    """Give the words of a letter of coaching; None where what it speaks of is over meanwhile."""
    event, id_, *_ = desk.letter.about.split(" ")
    if event not in EVENTS:
        return None
    me = desk.who.person_id
    if event in (ENDING, BACK, AGREED):
        plan = coaching_plans.of_two(desk.db, id_, me)
        over = plan is None or (event == BACK and coaching_plans.words(desk.db, plan).looked)
        coaches = plan is not None and plan.coach_id == me
        return None if over else coaching_content(event, desk.reader, coaches=coaches)
    if event == RECEIVED:
        return coaching_content(event, desk.reader) if coaching.asked_of(desk.db, id_, me) else None
    if event == TOLD:
        person_id = coaching.told_of(desk.db, id_)
        name = coaching.names(desk.db, {person_id}).get(person_id, "") if person_id else ""
        return coaching_content(event, desk.reader, name=name) if name else None
    request = coaching.one(desk.db, id_, me)
    open_ = request is not None and request.state in UNMATCHED
    return coaching_content(event, desk.reader) if open_ else None


_WORDS: Final[Mapping[str, Callable[[Desk], Content | None]]] = MappingProxyType(
    {
        letters.PLAN: _plan,
        letters.REMINDER: _reminder,
        letters.ASK: _asked,
        letters.FEEDBACK: _feedback,
        letters.CHANGED: _changed,
        letters.SECOND_STEP: _second_step,
        letters.FETCHED: _fetched,
        letters.OWNER: _owner,
        letters.COACHING: _coaching,
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
