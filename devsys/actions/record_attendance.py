"""Record who was there, as the facilitator saw it; each press is kept at once."""

from collections.abc import Mapping

from devsys.actions.parts import Parts
from devsys.adapters.store.queries import sessions
from devsys.base.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from devsys.base.words import phrase
from devsys.core.model.access import Viewer
from devsys.core.model.calendar import Session, Status
from devsys.core.policy import scope


def may_mark(viewer: Viewer, session: Session) -> bool:
    """Say whether the viewer may mark attendance of a session: who leads it, and coordinators."""
    reach = scope(viewer, "attendance", "write")
    return reach.everything or reach.covers(assigned_to=session.facilitator_id, team_id=session.team_id)


def mark(parts: Parts, viewer: Viewer, session_id: str, marks: Mapping[str, bool]) -> None:
    """Keep marks (person id -> was there); people not named stay as they were marked.

    Raises NotFoundError, NotAllowedError; InvalidError before the session begins or for somebody who is not in it;
    ConflictError when the session is cancelled.
    """
    with parts.store.write() as db:
        wanted = sessions.Wanted(ids=frozenset({session_id}), planned_only=False)
        found = sessions.published(db, wanted)
        if not found:
            raise NotFoundError(phrase("There is no such session."))
        session = found[0]
        if not may_mark(viewer, session):
            raise NotAllowedError(phrase("Only who leads the session marks who was there."))
        if session.status is Status.CANCELLED:
            raise ConflictError(phrase("This session was cancelled: nobody was there to mark."))
        if parts.now() < session.starts_utc:
            raise InvalidError(phrase("The session has not begun: mark who is there once it has."))
        if not set(marks) <= session.people:
            raise InvalidError(phrase("Somebody named is not in this session. Load the page again."))
        sessions.mark_attendance(db, session_id, marks, viewer.person_id, parts.now())
