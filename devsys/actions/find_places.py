"""Somebody is owed a need: take a free place in a session that is held anyway, or wait for one in a full one."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from devsys.actions import look_near
from devsys.actions.answer_ask import seated
from devsys.actions.brief import see
from devsys.actions.parts import Parts
from devsys.actions.publish_small import Small, against, brief_of, differing, publish_small
from devsys.adapters.store.queries import answers, asks, plans
from devsys.adapters.store.queries.answers import YES, Answer
from devsys.adapters.store.queries.asks import Ask, Wait, What
from devsys.adapters.store.queries.planning import Brief
from devsys.adapters.store.queries.sessions import published_among
from devsys.adapters.store.store import Db
from devsys.base.errors import ConflictError, NotFoundError
from devsys.base.words import phrase
from devsys.core.model.access import Viewer
from devsys.core.model.calendar import Horizon, Owed, Session
from devsys.core.model.causes import JOINED, of_answer
from devsys.core.planning.elsewhere import rooms_for
from devsys.core.planning.picture import Picture

NOTICE: Final = timedelta(days=1)  # nobody takes a place at shorter notice
MOST: Final = 6  # sessions that are shown
MOST_WEEKS: Final = 60


@dataclass(frozen=True, slots=True)
class Found:
    """An owed need with the sessions it fits into: with a free place, and full; `waits` are those waited for."""

    owed: Owed
    open: tuple[Session, ...]
    full: tuple[Session, ...]
    waits: frozenset[str]


def look(parts: Parts, viewer: Viewer, need: str) -> Found:
    """Give where a need the viewer is owed could be served; it only reads. Raises NotFoundError."""
    now = parts.now()
    with parts.store.read() as db:
        owed = _owed(db, viewer.person_id, need)
        kept = held_for_others(db, now, viewer.person_id)
        waits = frozenset(w.session_id for w in asks.waits(db) if (w.person_id, w.need) == (viewer.person_id, need))
        open_: list[Session] = []
        full: list[Session] = []
        horizon = look_near.weeks_until(now, owed.latest)
        for seat, row in look_near.parts_for(db, look_near.seat_wanted(db, now, owed, horizon)):
            rooms = dict(rooms_in(picture_of(look_near.among(db, seat, row, now), horizon), need))
            open_ += (s for s in row if s.id in rooms and rooms[s.id] > kept.get(s.id, 0))
            full += (s for s in row if s.id in rooms and rooms[s.id] <= kept.get(s.id, 0))
            if len(open_) >= MOST and len(full) >= MOST:
                break
    return Found(owed, tuple(open_[:MOST]), tuple(full[:MOST]), waits)


def _owed(db: Db, person_id: str, need: str) -> Owed:
    last = plans.latest(db)
    found = plans.owed_need(db, plans.draft_of_version(db, last.number), need) if last else None
    if found is None or found.person_id != person_id:
        raise NotFoundError(phrase("You are owed no such thing."))
    return found


def fitting(brief: Brief, owed: Owed) -> tuple[tuple[str, int], ...]:
    """Give ids of the sessions an owed need fits into, with their free seats, the soonest first."""
    return rooms_in(picture_until(brief, owed.latest), owed.need)


def picture_until(brief: Brief, until: datetime) -> Picture:
    """Give the planner's picture from this week to an instant."""
    return picture_of(brief, look_near.weeks_until(brief.now, until))


def picture_of(brief: Brief, horizon: Horizon) -> Picture:
    """Give the planner's picture in which a free place is looked for."""
    return see(brief, horizon, kept=brief.published, new_from=brief.now + NOTICE)


def rooms_in(view: Picture, need: str) -> tuple[tuple[str, int], ...]:
    """Give ids of the sessions of a picture that a need without a seat fits into, with their free seats."""
    position = next((i for i, n in enumerate(view.needs) if n is not None and n.key == need), None)
    if position is None:
        return ()
    rooms = rooms_for(view.problem, view.problem.pinned, position)
    return tuple((r.session.id, r.free) for r in rooms if r.session.id in view.kept)


def held_for_others(db: Db, now: datetime, person_id: str) -> Mapping[str, int]:
    """Give how many places of each session are kept for people other than one who were offered them."""
    return Counter(a.session_id for a in asks.open_of(db, What.SEAT, now) if a.person_id != person_id)


def take(parts: Parts, viewer: Viewer, need: str, session_id: str) -> Session:
    """Take a free place, published alone; give the session. Raises NotFoundError, ConflictError where it is gone."""
    now = parts.now()
    with parts.store.read() as db:
        owed = _owed(db, viewer.person_id, need)
    taken: list[Session] = []

    def read(db: Db, at: datetime) -> Brief:
        return brief_of(db, tuple(seated(s, viewer.person_id, need) for s in published_among(db, [session_id])), at)

    def think(brief: Brief) -> Small:
        with parts.store.read() as db:
            kept = held_for_others(db, now, viewer.person_id).get(session_id, 0)
        rooms = dict(fitting(brief, owed))
        session = next((s for s in brief.published if s.id == session_id), None)
        if session is None or rooms.get(session_id, 0) <= kept:
            raise ConflictError(phrase("That place is gone. Nothing was changed; look at what is free now."))
        after = seated(session, viewer.person_id, need)
        if against(brief, (after,)):
            raise ConflictError(phrase("That place no longer fits. Nothing was changed; look at what is free now."))
        taken[:] = [after]
        return Small(
            brief=brief,
            changed=(after,),
            differences=differing(brief, (after,)),
            owed={},
            cause=of_answer(JOINED),
            act="take place",
            weeks=MOST_WEEKS,
        )

    def then(db: Db) -> None:
        asks.wait_no_more(db, viewer.person_id, need=need)
        mine = (a for a in asks.open_to(db, viewer.person_id, now) if a.need == need)
        asks.end(db, [a.id for a in mine], asks.End.WITHDRAWN, now)
        answers.keep(db, Answer(session_id, viewer.person_id, YES, taken[0].sequence, now))

    publish_small(parts, viewer.person_id, think, then, read)
    return taken[0]


def wait(parts: Parts, viewer: Viewer, need: str, session_id: str, *, on: bool = True) -> None:
    """Put the viewer on the list of a full session, or take them off it. Raises NotFoundError."""
    found = look(parts, viewer, need) if on else None
    if found is not None and session_id not in {s.id for s in found.full}:
        raise NotFoundError(phrase("You cannot wait for a place in this session."))
    with parts.store.write() as db:
        if on:
            asks.wait(db, Wait(session_id, viewer.person_id, need, parts.now()))
        else:
            asks.wait_no_more(db, viewer.person_id, session_id=session_id)


def asked_before(db: Db, session_ids: Iterable[str]) -> frozenset[tuple[str, str]]:
    """Give who was offered a place in which session already, whatever they said: (session id, person id)."""
    found: tuple[Ask, ...] = asks.of_kind(db, What.SEAT, session_ids)
    return frozenset((a.session_id, a.person_id) for a in found)
