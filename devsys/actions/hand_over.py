"""Who leads a session and cannot: a colleague is asked to lead instead, or a coordinator settles it. Why is not asked.

Nothing changes before the colleague says yes. Who says that they cannot lead is judged as away at that time, so that
the session stands among the repairs, as does one whose substitute of a repair says so.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from devsys.actions import look_near
from devsys.actions.brief import see
from devsys.actions.parts import Parts
from devsys.actions.publish_plan import brief_for
from devsys.actions.publish_small import against
from devsys.adapters.store.queries import answers, asks, audit, house, letters, sessions
from devsys.adapters.store.queries.answers import CANNOT, YES, Answer
from devsys.adapters.store.queries.asks import Ask, End, What
from devsys.adapters.store.queries.planning import Brief
from devsys.adapters.store.store import Db
from devsys.base.errors import ConflictError, InvalidError, NotFoundError
from devsys.base.ids import new_id
from devsys.base.words import phrase
from devsys.core.model.access import Viewer
from devsys.core.model.calendar import Horizon, Session, Status
from devsys.core.model.causes import FACILITATOR_CHANGED
from devsys.core.model.changes import differences
from devsys.core.model.hours import monday_of
from devsys.core.model.programme import Kind
from devsys.core.planning.board import Board
from devsys.core.planning.elsewhere import who_could_lead

BESIDE: Final = 4  # weeks beside the session that matter to who could lead it


@dataclass(frozen=True, slots=True)
class HandOver:
    """A session somebody leads: what they said, whom they asked, and ids of who could lead it instead.

    `coaching` series keep their coach: nobody is asked then.
    """

    session: Session
    said: Answer | None
    asked: tuple[Ask, ...]
    able: tuple[str, ...]
    coaching: bool

    def waiting(self, now: datetime) -> Ask | None:
        """Give who has not answered yet."""
        return next((a for a in self.asked if a.open_at(now)), None)


def look(parts: Parts, viewer: Viewer, session_id: str) -> HandOver:
    """Give what can be done about a session the viewer leads; it only reads.

    Raises NotFoundError; ConflictError when it is off, InvalidError once it has begun.
    """
    now = parts.now()
    with parts.store.read() as db:
        session = _led(db, viewer, session_id)
        _ahead(session, now)
        said = answers.of_sessions(db, [session_id]).get((session_id, viewer.person_id))
        asked = asks.of_session(db, session_id, What.SUBSTITUTE)
        brief = look_near.beside_leaders(db, session, now)
    activity = brief.activities.get(session.activity)
    coaching = activity is not None and activity.kind is Kind.COACHING
    return HandOver(
        session,
        said if said is not None and said.about(session) else None,
        asked,
        () if coaching else _able(brief, session),
        coaching,
    )


def _able(brief: Brief, session: Session) -> tuple[str, ...]:
    first = monday_of(session.starts_utc.date()) - timedelta(weeks=BESIDE)
    horizon = Horizon(first, 2 * BESIDE + 1)
    view = see(brief, horizon, kept=brief.published, new_from=brief.now)
    board = Board(view.problem, view.problem.pinned, frozenset())
    return who_could_lead(board, next((s for s in view.problem.pinned if s.id == session.id), None))


def _led(db: Db, viewer: Viewer, session_id: str) -> Session:
    found = sessions.published(db, sessions.Wanted(ids=frozenset({session_id}), planned_only=False))
    if not found or found[0].facilitator_id != viewer.person_id:
        raise NotFoundError(phrase("You lead no such session."))
    return found[0]


def _ahead(session: Session, now: datetime) -> None:
    if session.status is Status.CANCELLED:
        raise ConflictError(phrase("This session was cancelled. There is nothing to hand over."))
    if session.starts_utc <= now:
        raise InvalidError(phrase("The session has begun."))


def ask(parts: Parts, viewer: Viewer, session_id: str, person_id: str) -> Ask:
    """Ask a colleague to lead instead; one at a time.

    Raises as `look`, InvalidError for somebody who could not, ConflictError while another has not answered.
    """
    now = parts.now()
    found = look(parts, viewer, session_id)
    if person_id not in found.able:
        raise InvalidError(phrase("Choose somebody who is free and may lead it."))
    after = (led_by(found.session, person_id),)
    with parts.store.read() as db:
        brief = brief_for(db, differences((found.session,), after), now=now)
    if against(brief, after):
        raise InvalidError(phrase("That colleague is not free any more. Choose another."))
    made = Ask(
        id=new_id(),
        kind=What.SUBSTITUTE.value,
        session_id=session_id,
        person_id=person_id,
        by_id=viewer.person_id,
        made=now,
        until=found.session.starts_utc,
    )
    with parts.store.write() as db:
        if any(a.open_at(now) for a in asks.of_session(db, session_id, What.SUBSTITUTE)):
            raise ConflictError(phrase("Somebody is asked already and has not answered. Take that back first."))
        asks.make(db, [made])
        letters.open_letters(db, letters.ASK, made.id, {person_id: now}, now)
        audit.record(db, at=now, by_id=viewer.person_id, act="ask substitute", what=f"session {session_id}")
    return made


def led_by(session: Session, person_id: str) -> Session:
    """Give a session as somebody else leads it."""
    return replace(session, facilitator_id=person_id, cause=FACILITATOR_CHANGED)


def take_back(parts: Parts, viewer: Viewer, session_id: str) -> bool:
    """Take back what was asked of somebody who has not answered; say whether there was anything."""
    now = parts.now()
    with parts.store.write() as db:
        _led(db, viewer, session_id)
        mine = [a.id for a in asks.of_session(db, session_id, What.SUBSTITUTE) if a.by_id == viewer.person_id]
        return asks.end(db, mine, End.WITHDRAWN, now) > 0


def say(parts: Parts, viewer: Viewer, session_id: str, *, leads: bool) -> Session:
    """Keep that the viewer leads the session, or cannot: then it stands among the repairs. Raises as `look` does."""
    now = parts.now()
    with parts.store.write() as db:
        session = _led(db, viewer, session_id)
        _ahead(session, now)
        before = answers.of_sessions(db, [session_id]).get((session_id, viewer.person_id))
        could_not = before is not None and before.about(session) and before.says == CANNOT
        answers.keep(db, Answer(session_id, viewer.person_id, YES if leads else CANNOT, session.sequence, now))
        if could_not == leads:
            house.next_revision(db)
            audit.record(db, at=now, by_id=viewer.person_id, act="answer session", what=f"session {session_id}")
    return session
