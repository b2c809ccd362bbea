"""A free place is offered in order, each time to one person with a deadline: who waits for it first, then who is owed.

Nobody is seated without their yes. Who says no, or nothing in time, is not asked about that session again.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from devsys.actions.answer_ask import seated
from devsys.actions.find_places import asked_before, picture_until, rooms_in
from devsys.actions.parts import Parts
from devsys.actions.publish_small import against
from devsys.adapters.store.queries import answers, asks, letters, plans
from devsys.adapters.store.queries import planning as planning_queries
from devsys.adapters.store.queries.asks import Ask, Wait, What
from devsys.adapters.store.queries.planning import Brief
from devsys.adapters.store.store import Db
from devsys.base.errors import InvalidError
from devsys.base.ids import new_id
from devsys.core.model.calendar import Owed, Session
from devsys.core.model.programme import Kind
from devsys.core.planning.picture import Picture

TIME: Final = timedelta(hours=24)  # to answer an offer
LATEST: Final = timedelta(hours=24)  # before a session, after which no place in it is offered
TRIED: Final = 12  # people looked at for one free place
MOST: Final = 20  # offers of one run


def offer_seats(parts: Parts) -> dict[str, Any]:
    """Let old offers lapse and make new ones; give how many of each."""
    now = parts.now()
    with parts.store.write() as db:
        lapsed = asks.lapse(db, now)
    made = _offers(parts, now)
    if made:
        with parts.store.write() as db:
            asks.make(db, made)
            for ask in made:
                letters.open_letters(db, letters.ASK, ask.id, {ask.person_id: now}, now)
    return {"lapsed": lapsed, "offered": len(made)}


def _offers(parts: Parts, now: datetime) -> list[Ask]:
    """Think out what is to be offered; it only reads."""
    with parts.store.read() as db:
        waits = asks.waits(db)
        left = answers.left(db)
        if not waits and not left:
            return []
        try:
            brief = planning_queries.brief(db, now=now)
        except InvalidError:
            return []
        last = plans.latest(db)
        owed = plans.owed_in(db, plans.draft_of_version(db, last.number)) if last else ()
        wanted = {w.session_id for w in waits} | left
        sessions = [s for s in brief.published if s.id in wanted and s.starts_utc > now + LATEST]
        asked = asked_before(db, [s.id for s in sessions])
        open_ = asks.open_of(db, What.SEAT, now)
        refused = _refused(db, sessions)
    sessions = [s for s in sessions if (s.id, s.facilitator_id or "") not in refused]  # it may not be held
    in_order = {s.id: tuple(_in_order(s, waits, owed)) for s in sessions}
    if not any(in_order.values()):
        return []
    # a need is only asked for where its whole window is looked at
    view = picture_until(brief, max(o.latest for row in in_order.values() for o in row))
    taken, busy = Counter(a.session_id for a in open_), {a.person_id for a in open_}
    kept = _all_taken(brief, open_)
    made: list[Ask] = []
    for session in sessions:
        free = _capacity(brief, session) - len(session.places) - taken[session.id]
        for need in in_order[session.id]:
            if free <= 0 or len(made) >= MOST:
                break
            key = (session.id, need.person_id)
            if key in asked or key in refused or need.person_id in busy or need.person_id in session.people:
                continue
            if _fits(brief, view, session, need, kept):
                until = min(now + TIME, session.starts_utc - LATEST / 2)
                made.append(
                    Ask(new_id(), What.SEAT.value, session.id, need.person_id, None, now, until, need=need.need)
                )
                busy.add(need.person_id)
                kept[session.id] = seated(kept.get(session.id, session), need.person_id, need.need)
                free -= 1
    return made


def _refused(db: Db, sessions: list[Session]) -> frozenset[tuple[str, str]]:
    """Give who said of which session that they cannot come."""
    said = answers.of_sessions(db, [s.id for s in sessions])
    return frozenset(key for key, answer in said.items() if not answer.comes)


def _capacity(brief: Brief, session: Session) -> int:
    activity = brief.activities.get(session.activity)
    if activity is None or activity.kind is Kind.COACHING:
        return 0
    room = next((r.seats for r in brief.organisation.rooms if r.id == session.room_id), activity.group[1])
    return min(activity.group[1], room)


def _in_order(session: Session, waits: tuple[Wait, ...], owed: tuple[Owed, ...]) -> Iterator[Owed]:
    """Give the owed needs a place is offered to: who waits for it, longest first, then others by due date."""
    by_key = {o.need: o for o in owed}
    waiting = [by_key[w.need] for w in waits if w.session_id == session.id and w.need in by_key]
    yield from waiting
    known = {o.need for o in waiting}
    others = [o for o in owed if o.activity == session.activity and o.need not in known]
    window = [o for o in others if o.earliest <= session.starts_utc < o.latest]
    yield from sorted(window, key=lambda o: (o.due, o.person_id))[:TRIED]


def _all_taken(brief: Brief, offers: Iterable[Ask]) -> dict[str, Session]:
    """Give by id the sessions as they would be if all who were asked said yes."""
    published = {s.id: s for s in brief.published}
    found: dict[str, Session] = {}
    for offer in offers:
        session = found.get(offer.session_id) or published.get(offer.session_id)
        if session is not None and offer.person_id not in session.people:
            found[session.id] = seated(session, offer.person_id, offer.need)
    return found


def _fits(brief: Brief, view: Picture, session: Session, need: Owed, kept: Mapping[str, Session]) -> bool:
    """Say whether a place can be taken, and still when all who were asked take theirs (`kept`): a yes is no race.

    Two of one queue may each be spared, and not both.
    """
    taken = seated(session, need.person_id, need.need)
    if session.id not in dict(rooms_in(view, need.need)) or against(brief, (taken,)):
        return False
    if not kept:
        return True
    beside = {**kept, session.id: seated(kept.get(session.id, session), need.person_id, need.need)}
    known = set(against(brief, tuple(kept.values())))
    return known.issuperset(against(brief, tuple(beside.values())))
