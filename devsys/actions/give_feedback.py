"""Say how a session was, and six weeks on whether it was used; nobody learns who said what."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from devsys.actions.parts import Parts
from devsys.adapters.store.queries import feedback, programme, sessions
from devsys.adapters.store.queries.sessions import Wanted
from devsys.adapters.store.store import Db
from devsys.base.errors import ConflictError, Fault, InvalidError, NotFoundError
from devsys.base.words import phrase
from devsys.core.model.access import Viewer
from devsys.core.model.calendar import Session, Status
from devsys.core.model.feedback import QUESTIONS, WINDOWS, Figures, Stage, figures, stage_of
from devsys.core.model.programme import Kind
from devsys.core.policy import Extent, scope

BACK: Final = max(end for _, end in WINDOWS.values()) + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Asked:
    """A session somebody is asked about, and at which stage."""

    session: Session
    stage: Stage


def asked_of(db: Db, parts: Parts, person_id: str) -> tuple[Asked, ...]:
    """Give what somebody is asked about now and has not answered, the latest session first; coaching never."""
    now = parts.now()
    over = sessions.published(db, Wanted(start=now - BACK, end=now, person_id=person_id))
    known = programme.activities(db)
    marks = sessions.attendance(db, [s.id for s in over])
    given = feedback.has_given(db, person_id, [s.id for s in over])
    found = []
    for s in reversed(over):
        stage = stage_of(s.ends_utc, now)
        activity = known.get(s.activity)
        coaching = activity is None or activity.kind is Kind.COACHING
        if stage is None or coaching or not marks.get(s.id, {}).get(person_id, True) or (s.id, stage) in given:
            continue
        found.append(Asked(s, stage))
    return tuple(found)


def question(parts: Parts, viewer: Viewer, session_id: str) -> Asked:
    """Give what the viewer is asked about a session. Raises NotFoundError; ConflictError when nothing is asked now."""
    with parts.store.read() as db:
        return _asked(db, parts, viewer, session_id)


def _asked(db: Db, parts: Parts, viewer: Viewer, session_id: str) -> Asked:
    found = sessions.published(db, Wanted(ids=frozenset({session_id}), planned_only=False))
    if not found or viewer.person_id not in found[0].people or found[0].status is Status.CANCELLED:
        raise NotFoundError(phrase("You were in no such session."))
    for asked in asked_of(db, parts, viewer.person_id):
        if asked.session.id == session_id:
            return asked
    raise ConflictError(
        phrase(
            "Nothing is asked about this session at the moment: it is answered, or it is not the "
            "time. You are asked in the three weeks after a session, and once more six weeks on."
        )
    )


def give(parts: Parts, viewer: Viewer, session_id: str, answers: Mapping[str, str]) -> Stage:
    """Keep the viewer's answers; that they answered is kept apart from what.

    Raises as `question` does, and InvalidError naming each question without a proper answer.
    """
    with parts.store.write() as db:
        asked = _asked(db, parts, viewer, session_id)
        questions = QUESTIONS[asked.stage]
        faults = tuple(
            Fault(q.code, phrase("Choose one of these."))
            for q in questions
            if answers.get(q.code) not in dict(q.answers)
        )
        if faults:
            raise InvalidError(phrase("An answer is missing."), faults)
        feedback.keep(
            db,
            session_id=session_id,
            person_id=viewer.person_id,
            activity=asked.session.activity,
            stage=asked.stage,
            given={q.code: answers[q.code] for q in questions},
            now=parts.now(),
        )
    return asked.stage


@dataclass(frozen=True, slots=True)
class Heard:
    """What is shown of one activity: figures of both stages."""

    activity: str
    stages: tuple[tuple[Stage, Figures], ...]


def heard(parts: Parts, viewer: Viewer) -> tuple[Heard, ...]:
    """Give what is shown of the activities the viewer may hear of, by code: those they lead, all for a coordinator.

    The figures of an activity are the same for everybody who sees them: nothing is to be had by subtracting.
    """
    with parts.store.read() as db:
        return tuple(_heard(db, code) for code in sorted(_within(db, viewer)))


def heard_of(db: Db, viewer: Viewer, activity: str) -> Heard | None:
    """Give what is shown of one activity, None where it is not the viewer's to hear."""
    return _heard(db, activity) if activity in _within(db, viewer) else None


def _within(db: Db, viewer: Viewer) -> frozenset[str]:
    reach = scope(viewer, "feedback", "read")
    known = programme.activities(db)
    of_groups = frozenset(code for code, a in known.items() if a.kind is not Kind.COACHING)
    if reach.everything:
        return of_groups
    return of_groups & feedback.led_by(db, viewer.person_id) if Extent.ASSIGNED in reach.extents else frozenset()


def _heard(db: Db, code: str) -> Heard:
    return Heard(
        code,
        tuple((s, figures(s, feedback.let_out(db, code, s), feedback.waiting(db, code, s))) for s in Stage),
    )
