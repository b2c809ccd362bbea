"""Observations in the demo organisation: one of the employee's account, one by the coach's, one shared with them."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from devsys.adapters.store.queries import coaching_plans, observations, sessions
from devsys.adapters.store.store import Db
from devsys.base.ids import new_id
from devsys.core.model.calendar import Session
from devsys.core.model.coaching import Course
from devsys.core.model.observations import Observation
from devsys.core.model.programme import Principle

_OF_EMPLOYEE: Final = {
    Principle.LISTEN: "Let a colleague tell the whole case, about four minutes, and then said the three things that "
    "mattered back to her. She answered: exactly.",
    Principle.FOLLOW_UP: "Came back at the end to the question from the beginning that nobody had answered.",
}
_OF_COACHED: Final = {
    Principle.QUESTION: "After the third sentence: what would have to happen today so that this is good for you? The "
    "customer was silent, and then it was only about the invoice.",
    Principle.EXPLAIN: "Said what cannot be done in one sentence, without an apology around it.",
}
_SHARED: Final = {
    Principle.OWN: "In the round: said which part of it was ours before the others could ask, and who writes to the "
    "customer."
}


def fill(db: Db, *, employee_id: str, coach_id: str, now: datetime) -> int:
    """Note a few things that were seen; give how many."""
    coached = [p.person_id for p in coaching_plans.of_coach(db, coach_id) if p.state is Course.RUNNING]
    made = _in_session(db, employee_id, now, _OF_EMPLOYEE, but="")
    for person_id in coached[:1]:
        seen = Observation(new_id(), person_id, coach_id, (now - timedelta(days=3)).date(), now - timedelta(days=2))
        observations.add(db, seen, _OF_COACHED)
        made += 1
    for person_id in coached:
        shared = _in_session(db, person_id, now, _SHARED, but=coach_id, shared_id=coach_id)
        if shared:
            return made + shared
    return made


def _in_session(
    db: Db, person_id: str, now: datetime, words: Mapping[Principle, str], *, but: str, shared_id: str | None = None
) -> int:
    """Let whoever led the last session somebody came to, coaching apart, note what they saw; give how many."""
    wanted = sessions.Wanted(start=now - timedelta(weeks=8), end=now, person_id=person_id)
    led = [s for s in sessions.published(db, wanted) if s.facilitator_id not in (None, but) and not s.series]
    for session in led[-1:]:
        observations.add(db, _of(session, person_id, shared_id), words)
    return len(led[-1:])


def _of(session: Session, person_id: str, shared_id: str | None) -> Observation:
    return Observation(
        id=new_id(),
        person_id=person_id,
        author_id=session.facilitator_id or "",
        day=session.starts.date(),
        at=session.ends_utc + timedelta(hours=1),
        session_id=session.id,
        shared_id=shared_id,
    )
