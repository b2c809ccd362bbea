"""Undo and redo in a draft: a press each, back to where it was made."""

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from devsys.actions import undo_step
from devsys.actions.edit_draft import Edited
from devsys.adapters.store.queries import plans, steps
from devsys.adapters.store.queries.steps import Step
from devsys.base.errors import ConflictError, InvalidError, NotFoundError
from devsys.base.words import phrase
from devsys.core.policy import allow
from devsys.faces.web.asked import week_code
from devsys.faces.web.forms import Form
from devsys.faces.web.here import now, parts, viewer
from devsys.faces.web.session_values import Moment, Names, discreet, names
from devsys.faces.web.signin import local_path
from devsys.faces.web.step_values import step_words

pages = Blueprint("steps", __name__)
MOST_FINDINGS = 3


@pages.post("/drafts/<draft_id>/undo")
@allow("draft", "write")
def undo(draft_id: str) -> Response:
    """Undo the last step of the draft."""
    return _press(draft_id, redo=False)


@pages.post("/drafts/<draft_id>/redo")
@allow("draft", "write")
def redo(draft_id: str) -> Response:
    """Do the step that was undone last once more."""
    return _press(draft_id, redo=True)


def _press(draft_id: str, *, redo: bool) -> Response:
    number = Form().number("step", least=0, most=2**31 - 1, default=0)
    with parts().store.read() as db:
        plans.draft(db, draft_id)
        ends = steps.ends(db, draft_id)
        known = names(db)
    step = ends.redo if redo else ends.undo
    try:
        done = (undo_step.redo if redo else undo_step.undo)(parts(), viewer(), draft_id, number)
    except (InvalidError, ConflictError) as error:
        flash(error.message, "bad")
        return redirect(_back(draft_id, None), 303)
    if step is None:
        raise NotFoundError(phrase("There is no such step."))
    words = step_words(step, known, Moment(now(), now()))
    flash(phrase("Done again: %(words)s.", words=words) if redo else phrase("Undone: %(words)s.", words=words), "ok")
    _say_broken(done, known)
    return redirect(_back(draft_id, step), 303)


def _say_broken(done: Edited, known: Names) -> None:
    for violation in done.findings[:MOST_FINDINGS]:
        flash(phrase("%(what)s Put this right before publishing.", what=discreet(violation.what, known)), "warn")


def _back(draft_id: str, step: Step | None) -> str:
    """Give where the press came from; without that, the week of the session in the draft."""
    asked = local_path(request.args.get("back", ""))
    if asked != "/":
        return asked if step is None or not asked.startswith(url_for("week.show")) else f"{asked}#s-{step.session_id}"
    day = (step.after or step.before).starts.date() if step else None
    return url_for("week.show", draft=draft_id, week=week_code(day) if day else None)
