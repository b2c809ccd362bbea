"""Two colleagues change over between two sessions of one activity; both say yes, and the verifier has the last word.

Whoever asks chooses a date, not a person: those who could change over are asked, and the first yes counts. Who asks is
named to them; who has that other place is told to the asker only by their yes.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from devsys.actions import look_near
from devsys.actions.answer_ask import swapped
from devsys.actions.brief import see
from devsys.actions.parts import Parts
from devsys.actions.publish_small import against
from devsys.adapters.store.queries import asks, audit, letters, sessions
from devsys.adapters.store.queries.asks import Ask, End, What
from devsys.adapters.store.queries.planning import Brief
from devsys.adapters.store.store import Db
from devsys.base.errors import ConflictError, InvalidError, NotFoundError
from devsys.base.ids import new_id
from devsys.base.words import phrase
from devsys.core.model.access import Viewer
from devsys.core.model.calendar import Horizon, Session, Status
from devsys.core.planning.elsewhere import swaps_for

NOTICE: Final = timedelta(days=1)
DATES: Final = 6  # that are shown
ASKED: Final = 5  # colleagues asked at once
TRIED: Final = 8  # of those the board finds, how many the verifier is asked about


@dataclass(frozen=True, slots=True)
class Swaps:
    """A session somebody has a place in, the sessions in which a colleague could change over, and what was asked."""

    session: Session
    dates: tuple[Session, ...]
    asked: tuple[Ask, ...]


def look(parts: Parts, viewer: Viewer, session_id: str) -> Swaps:
    """Give the dates at which somebody could change over; it only reads.

    Raises NotFoundError; ConflictError when it is off, InvalidError once it has begun.
    """
    now = parts.now()
    with parts.store.read() as db:
        session = _mine(db, viewer, session_id)
        if session.starts_utc <= now:
            raise InvalidError(phrase("The session has begun."))
        asked = asks.by_asker(db, viewer.person_id, session_id, What.SWAP)
        dates: list[Session] = []
        wanted, horizon = _seat(db, now, session, viewer.person_id)
        for seat, row in look_near.parts_for(db, wanted):
            others = [s for s in row if s.id != session.id]
            who = {p for s in others for p in s.people}
            found = _who(look_near.among(db, seat, others, now, who), session, viewer.person_id, horizon)
            dates += (s for s in others if s.id in found)
            if len(dates) >= DATES:
                break
    return Swaps(session, tuple(dates[:DATES]), asked)


def _seat(db: Db, now: datetime, session: Session, person_id: str) -> tuple[look_near.Seat | None, Horizon]:
    """Give the seat that would be given for another, and the weeks in which; None where nobody can change over."""
    horizon = look_near.weeks_until(now, session.starts_utc, look_near.WEEKS_AFTER)
    seat, _ = look_near.seat_of(db, now, person_id, session, horizon)
    return (seat if seat is not None and seat.activity.group[1] > 1 else None), horizon


def _mine(db: Db, viewer: Viewer, session_id: str) -> Session:
    found = sessions.published(db, sessions.Wanted(ids=frozenset({session_id}), planned_only=False))
    if not found or viewer.person_id not in found[0].people:
        raise NotFoundError(phrase("You have no place in such a session."))
    if found[0].status is Status.CANCELLED:
        raise ConflictError(phrase("This session was cancelled. There is nothing to swap."))
    return found[0]


def _who(brief: Brief, session: Session, person_id: str, horizon: Horizon) -> dict[str, list[str]]:
    """Give by session of the brief, the soonest first, ids of those who could change over."""
    view = see(brief, horizon, kept=brief.published, new_from=brief.now + NOTICE)
    needs = view.problem.needs
    planned = next((s for s in view.problem.pinned if s.id == session.id), None)
    need = next((n for n in planned.att if needs[n].agent == person_id), None) if planned else None
    found: dict[str, list[str]] = defaultdict(list)
    if need is not None:
        for swap in swaps_for(view.problem, view.problem.pinned, need):
            found[swap.other.id].append(needs[swap.need].agent)
    return dict(found)


def ask(parts: Parts, viewer: Viewer, session_id: str, other_id: str) -> int:
    """Ask those of another session who could change over; give how many were asked.

    Raises as `look`, and ConflictError where nobody could any more, or somebody is asked already.
    """
    now = parts.now()
    with parts.store.read() as db:
        session = _mine(db, viewer, session_id)
        other = next(iter(sessions.published(db, sessions.Wanted(ids=frozenset({other_id})))), None)
        seat, horizon = _seat(db, now, session, viewer.person_id)
        if session.starts_utc <= now or other is None or seat is None:
            raise ConflictError(phrase("Nobody can change over to that date any more. Nothing was asked."))
        brief = look_near.among(db, seat, (other,), now, other.people)
    who = _who(brief, session, viewer.person_id, horizon).get(other_id, [])[:TRIED]
    able = [p for p in who if (after := swapped(session, viewer.person_id, other, p)) and not against(brief, after)]
    if not able:
        raise ConflictError(phrase("Nobody can change over to that date any more. Nothing was asked."))
    until = min(session.starts_utc, other.starts_utc) - NOTICE / 2
    made = [
        Ask(new_id(), What.SWAP.value, other_id, p, viewer.person_id, now, until, other_id=session_id)
        for p in able[:ASKED]
    ]
    with parts.store.write() as db:
        if any(a.open_at(now) for a in asks.by_asker(db, viewer.person_id, session_id, What.SWAP)):
            raise ConflictError(phrase("Colleagues are asked already and have not answered. Take that back first."))
        asks.make(db, made)
        for one in made:
            letters.open_letters(db, letters.ASK, one.id, {one.person_id: now}, now)
        audit.record(db, at=now, by_id=viewer.person_id, act="ask swap", what=f"session {session_id}")
    return len(made)


def take_back(parts: Parts, viewer: Viewer, session_id: str) -> bool:
    """Take back what was asked; say whether anything was still open."""
    now = parts.now()
    with parts.store.write() as db:
        mine = asks.by_asker(db, viewer.person_id, session_id, What.SWAP)
        return asks.end(db, [a.id for a in mine], End.WITHDRAWN, now) > 0
