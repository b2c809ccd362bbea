"""Say yes or no to what one is asked: to lead instead of somebody, to take a free place, to swap places.

A yes is judged by the verifier on the calendar as it is at that moment and published alone; where it no longer fits, it
is said and nothing changes. A no costs nothing and names no reason.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from devsys.actions.hand_over import led_by
from devsys.actions.parts import Parts
from devsys.actions.publish_small import Small, against, differing, publish_small
from devsys.adapters.store.queries import answers, asks, sessions
from devsys.adapters.store.queries.answers import CANNOT, YES, Answer
from devsys.adapters.store.queries.asks import Ask, End, What
from devsys.adapters.store.queries.planning import Brief
from devsys.adapters.store.store import Db
from devsys.base.errors import ConflictError, NotFoundError
from devsys.base.words import phrase, to_phrase
from devsys.core.model.access import Viewer
from devsys.core.model.calendar import Place, Session, Status
from devsys.core.model.causes import FACILITATOR_CHANGED, JOINED, OTHER_DATE, of_answer

WEEKS = 52
GONE = to_phrase("It no longer fits: somebody came first, or the calendar changed. Nothing was changed.")


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody is asked: the ask, the session it is about, and for a swap the session the asker would leave.

    `mine` is for a swap the session the one who is asked would leave: it is the session asked about, then.
    """

    ask: Ask
    session: Session
    other: Session | None

    def may_answer(self, now: datetime) -> bool:
        """Say whether it can still be answered."""
        return self.ask.open_at(now) and self.session.status is Status.PLANNED and self.session.starts_utc > now


def look(parts: Parts, viewer: Viewer, ask_id: str) -> Asked:
    """Give what the viewer is asked, answered or not. Raises NotFoundError."""
    with parts.store.read() as db:
        found = asks.one(db, ask_id, viewer.person_id)
        ids = frozenset(i for i in (found.session_id, found.other_id) if i)
        by_id = {s.id: s for s in sessions.published(db, sessions.Wanted(ids=ids, planned_only=False))}
    if found.session_id not in by_id:
        raise NotFoundError(phrase("You were asked no such thing."))
    return Asked(found, by_id[found.session_id], by_id.get(found.other_id or ""))


def decline(parts: Parts, viewer: Viewer, ask_id: str) -> Ask:
    """Say no. Raises NotFoundError; ConflictError when it cannot be answered any more."""
    now = parts.now()
    with parts.store.write() as db:
        found = asks.one(db, ask_id, viewer.person_id)
        if not found.open_at(now) or not asks.end(db, [found.id], End.DECLINED, now):
            raise ConflictError(phrase("This cannot be answered any more."))
    return found


def accept(parts: Parts, viewer: Viewer, ask_id: str) -> Session:
    """Say yes, and publish what follows; give the session the viewer now leads or comes to.

    Raises NotFoundError; ConflictError where it cannot be answered any more or no longer fits: then nothing changes.
    """
    now = parts.now()
    found = look(parts, viewer, ask_id)
    if not found.may_answer(now):
        raise ConflictError(phrase("This cannot be answered any more."))
    taken: list[Session] = []

    def think(brief: Brief) -> Small:
        changed, cause, at = _changed(brief, found.ask)
        if not changed or against(brief, changed):
            raise ConflictError(GONE)
        taken[:] = [at]
        return Small(
            brief=brief,
            changed=changed,
            differences=differing(brief, changed),
            owed={},
            cause=of_answer(cause),
            act="answer ask",
            weeks=WEEKS,
        )

    def then(db: Db) -> None:
        if not asks.end(db, [ask_id], End.ACCEPTED, now):
            raise ConflictError(GONE)
        _beside(db, found, viewer, now)

    publish_small(parts, viewer.person_id, think, then)
    return taken[0]


def _beside(db: Db, found: Asked, viewer: Viewer, now: datetime) -> None:
    """End what else was asked for the same end, and keep who left which session by their own will."""
    ask = found.ask
    if ask.kind == What.SUBSTITUTE:
        rest = asks.of_session(db, ask.session_id, What.SUBSTITUTE)
        asks.end(db, [a.id for a in rest], End.WITHDRAWN, now)
    elif ask.kind == What.SEAT:
        asks.wait_no_more(db, viewer.person_id, need=ask.need)
        answers.keep(db, Answer(ask.session_id, viewer.person_id, YES, found.session.sequence, now))
    elif ask.by_id and ask.other_id and found.other is not None:
        rest = asks.by_asker(db, ask.by_id, ask.other_id, What.SWAP)
        asks.end(db, [a.id for a in rest], End.WITHDRAWN, now)
        for left, came, person_id in (
            (found.other, found.session, ask.by_id),
            (found.session, found.other, viewer.person_id),
        ):
            answers.keep(db, Answer(left.id, person_id, CANNOT, left.sequence, now))
            answers.keep(db, Answer(came.id, person_id, YES, came.sequence, now))


def _changed(brief: Brief, ask: Ask) -> tuple[tuple[Session, ...], str, Session]:
    """Give the sessions as a yes makes them, the cause, and the one to come to; none where it cannot be any more."""
    by_id = {s.id: s for s in brief.published}
    session = by_id.get(ask.session_id)
    if session is None:
        raise ConflictError(GONE)
    if ask.kind == What.SUBSTITUTE:
        if session.facilitator_id != ask.by_id:
            raise ConflictError(GONE)
        after = led_by(session, ask.person_id)
        return (after,), FACILITATOR_CHANGED, after
    if ask.kind == What.SEAT:
        after = seated(session, ask.person_id, ask.need)
        return (after,), JOINED, after
    other = by_id.get(ask.other_id or "")
    swapped_ = None if other is None or ask.by_id is None else swapped(other, ask.by_id, session, ask.person_id)
    if swapped_ is None:
        raise ConflictError(GONE)
    return swapped_, OTHER_DATE, swapped_[0]


def seated(session: Session, person_id: str, need: str) -> Session:
    """Give a session with one more person. Raises ConflictError for one who is in it already."""
    if person_id in session.people:
        raise ConflictError(phrase("You have a place in it already."))
    places = sorted((*session.places, Place(person_id, need)), key=lambda p: p.person_id)
    return replace(session, places=tuple(places), cause=JOINED)


def swapped(mine: Session, me: str, theirs: Session, them: str) -> tuple[Session, Session] | None:
    """Give two sessions with two people changed over, each with their own need; None where one has left meanwhile."""
    if me not in mine.people or them not in theirs.people or me in theirs.people or them in mine.people:
        return None
    my_need = next(p.need for p in mine.places if p.person_id == me)
    their_need = next(p.need for p in theirs.places if p.person_id == them)
    return (
        _with(mine, me, Place(them, their_need)),
        _with(theirs, them, Place(me, my_need)),
    )


def _with(session: Session, gone: str, place: Place) -> Session:
    places = sorted((*(p for p in session.places if p.person_id != gone), place), key=lambda p: p.person_id)
    return replace(session, places=tuple(places), cause=OTHER_DATE)
