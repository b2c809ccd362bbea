"""Undo what was done last in a draft, or do it again: step by step, as long as the draft is open.

A step gives back the state that the draft had of one session. It is named by its number, so that a press on a page that
is no longer true changes nothing.
"""

from datetime import datetime

from devsys.actions.edit_draft import Edited, change, hold, may_change
from devsys.actions.parts import Parts
from devsys.adapters.store.queries import plans, sessions, steps
from devsys.adapters.store.queries.planning import Brief
from devsys.adapters.store.queries.steps import Step
from devsys.adapters.store.store import Db
from devsys.base.errors import ConflictError, InvalidError
from devsys.base.words import phrase, to_phrase
from devsys.core.model.access import Viewer
from devsys.core.model.calendar import Session
from devsys.core.model.changes import content

BEGUN = to_phrase("This session has begun or is past: it stands as it is.")
OVERTAKEN = to_phrase(
    "The draft was changed meanwhile, so nothing was done. Look at it as it is now, then choose again."
)


def undo(parts: Parts, viewer: Viewer, draft_id: str, number: int) -> Edited:
    """Undo the last step of a draft, which is `number`.

    Raises ConflictError when it is not the last any more or the draft is no longer open, InvalidError for a session
    that is pinned or has begun, NotAllowedError, NotFoundError.
    """

    def back(db: Db, _brief: Brief, open_id: str) -> tuple[Session, ...]:
        step = _the(steps.ends(db, open_id).undo, number)
        if step.kind == "pin":
            return _hold(db, viewer, open_id, step, back=True, now=parts.now())
        _must_stand(db, open_id, step.session_id, step.after if step.drafted_after else None)
        _lay(db, viewer, open_id, step, step.before if step.drafted_before else None, now=parts.now())
        if step.crossed is not None and step.drafted_before:
            plans.cross(db, open_id, [step.session_id], step.crossed)
        steps.mark(db, open_id, number, undone=True)
        return _sides(step)

    return change(parts, viewer, draft_id, back)


def redo(parts: Parts, viewer: Viewer, draft_id: str, number: int) -> Edited:
    """Do the step that was undone last once more. Raises as `undo` does."""

    def again(db: Db, _brief: Brief, open_id: str) -> tuple[Session, ...]:
        step = _the(steps.ends(db, open_id).redo, number)
        if step.kind == "pin":
            return _hold(db, viewer, open_id, step, back=False, now=parts.now())
        _must_stand(db, open_id, step.session_id, step.before if step.drafted_before else None)
        _lay(db, viewer, open_id, step, step.after if step.drafted_after else None, now=parts.now())
        steps.mark(db, open_id, number, undone=False)
        return _sides(step)

    return change(parts, viewer, draft_id, again)


def _hold(db: Db, viewer: Viewer, draft_id: str, step: Step, *, back: bool, now: datetime) -> tuple[Session, ...]:
    """Pin a session that the step let go, or let go what it pinned; `back`: undo, else the step once more."""
    was, to = (step.after, step.before) if back else (step.before, step.after)
    wanted = sessions.Wanted(ids=frozenset({step.session_id}), planned_only=False)
    shown = next(iter(sessions.as_drafted(db, draft_id, wanted)), None)
    if shown is None or was is None or to is None or shown.pinned != was.pinned:
        raise ConflictError(OVERTAKEN)
    may_change(db, viewer, shown)
    if shown.starts_utc <= now:
        raise InvalidError(BEGUN)
    hold(db, viewer, step.session_id, pinned=to.pinned, now=now)
    steps.mark(db, draft_id, step.number, undone=back)
    return ()


def _the(step: Step | None, number: int) -> Step:
    if step is None or step.number != number:
        raise ConflictError(OVERTAKEN)
    return step


def _sides(step: Step) -> tuple[Session, ...]:
    return (step.before,) if step.after is None else (step.before, step.after)


def _must_stand(db: Db, draft_id: str, session_id: str, expected: Session | None) -> None:
    """Refuse where the draft does not say what the step left: somebody else changed it."""
    found = sessions.in_draft(db, draft_id, session_id)
    same = found is expected if found is None or expected is None else content(found) == content(expected)
    if not same:
        raise ConflictError(OVERTAKEN)


def _lay(db: Db, viewer: Viewer, draft_id: str, step: Step, state: Session | None, *, now: datetime) -> None:
    """Give the draft this state of a session; None: the draft says nothing of it."""
    wanted = sessions.Wanted(ids=frozenset({step.session_id}), planned_only=False)
    shown = next(iter(sessions.as_drafted(db, draft_id, wanted)), None)
    may_change(db, viewer, step.before)
    if min(s.starts_utc for s in (*_sides(step), shown) if s is not None) <= now:
        raise InvalidError(BEGUN)
    if shown is not None and shown.pinned:
        raise InvalidError(phrase("This session is pinned: let it go first, then undo or do it again."))
    plans.uncross(db, draft_id, [step.session_id])
    if state is None:
        sessions.take_from_draft(db, draft_id, [step.session_id])
    else:
        sessions.lay_into_draft(db, draft_id, [state], now)
