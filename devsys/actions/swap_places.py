"""Two colleagues change over between two sessions of one activity; both say yes, and the verifier has the last word.

Whoever asks chooses a date, not a person: those who could change over are asked, and the first yes counts. Who asks is
named to them; who has that other place is told to the asker only by their yes.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from devsys.actions.answer_ask import swapped
from devsys.actions.brief import see
from devsys.actions.parts import Parts
from devsys.actions.publish_small import against
from devsys.adapters.store.queries import asks, audit, letters, sessions
from devsys.adapters.store.queries import planning as planning_queries
from devsys.adapters.store.queries.asks import Ask, End, What
from devsys.adapters.store.queries.planning import Brief
from devsys.adapters.store.store import Db
from devsys.base.errors import ConflictError, InvalidError, NotFoundError
from devsys.base.ids import new_id
from devsys.core.model.access import Viewer
from devsys.core.model.calendar import Horizon, Session, Status
from devsys.core.model.hours import monday_of
from devsys.core.planning.elsewhere import swaps_for

NOTICE: Final = timedelta(days=1)
WEEKS_AFTER: Final = 8
MOST_WEEKS: Final = 60
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
        brief = planning_queries.brief(db, now=now)
        asked = asks.by_asker(db, viewer.person_id, session_id, What.SWAP)
    if session.starts_utc <= now:
        raise InvalidError("The session has begun.")
    found = _who(brief, session, viewer.person_id)
    known = {s.id: s for s in brief.published}
    return Swaps(session, tuple(known[i] for i in found)[:DATES], asked)


def _mine(db: Db, viewer: Viewer, session_id: str) -> Session:
    found = sessions.published(db, sessions.Wanted(ids=frozenset({session_id}), planned_only=False))
    if not found or viewer.person_id not in found[0].people:
        raise NotFoundError("You have no place in such a session.")
    if found[0].status is Status.CANCELLED:
        raise ConflictError("This session was cancelled. There is nothing to swap.")
    return found[0]


def _who(brief: Brief, session: Session, person_id: str) -> dict[str, list[str]]:
    """Give by session, the soonest first, ids of those who could change over."""
    first = monday_of(brief.now.date())
    weeks = (session.starts_utc.date() - first).days // 7 + 1 + WEEKS_AFTER
    horizon = Horizon(first, min(weeks, MOST_WEEKS))
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
        brief = planning_queries.brief(db, now=now)
    other = next((s for s in brief.published if s.id == other_id), None)
    if session.starts_utc <= now or other is None:
        raise ConflictError("Nobody can change over to that date any more. Nothing was asked.")
    who = _who(brief, session, viewer.person_id).get(other_id, [])[:TRIED]
    able = [p for p in who if (after := swapped(session, viewer.person_id, other, p)) and not against(brief, after)]
    if not able:
        raise ConflictError("Nobody can change over to that date any more. Nothing was asked.")
    until = min(session.starts_utc, other.starts_utc) - NOTICE / 2
    made = [
        Ask(new_id(), What.SWAP.value, other_id, p, viewer.person_id, now, until, other_id=session_id)
        for p in able[:ASKED]
    ]
    with parts.store.write() as db:
        if any(a.open_at(now) for a in asks.by_asker(db, viewer.person_id, session_id, What.SWAP)):
            raise ConflictError("Colleagues are asked already and have not answered. Take that back first.")
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
