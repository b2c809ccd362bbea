"""Feedback: three questions after a session, two six weeks on; what is heard, from five people."""

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from devsys.actions import give_feedback
from devsys.actions.give_feedback import Asked
from devsys.base.errors import InvalidError
from devsys.base.words import phrase
from devsys.core.model.feedback import QUESTIONS, K, Stage
from devsys.core.policy import allow
from devsys.faces.web import shown
from devsys.faces.web.feedback_values import heard_values
from devsys.faces.web.forms import Form
from devsys.faces.web.here import parts, viewer
from devsys.faces.web.session_values import when_words

pages = Blueprint("feedback", __name__)


@pages.get("/sessions/<session_id>/feedback")
@allow("feedback", "write")
def ask(session_id: str) -> str:
    """Ask the questions that are due about a session."""
    return _ask(give_feedback.question(parts(), viewer(), session_id), Form({}))


@pages.post("/sessions/<session_id>/feedback")
@allow("feedback", "write")
def give(session_id: str) -> Response:
    """Take the answers."""
    form = Form()
    asked = give_feedback.question(parts(), viewer(), session_id)
    given = {q.code: form.choice(q.code, dict(q.answers), default="") for q in QUESTIONS[asked.stage]}
    try:
        stage = give_feedback.give(parts(), viewer(), session_id, given)
    except InvalidError as error:
        for fault in error.faults:
            form.fault(fault.where, fault.what)
        return Response(_ask(asked, form), 422, mimetype="text/html")
    thanks = phrase("Thank you. Nobody is shown who said what.")
    more = phrase("In six weeks two more questions follow.")
    flash(f"{thanks} {more}" if stage is Stage.AFTER else thanks, "ok")
    return redirect(url_for("home.show"), 303)


def _ask(asked: Asked, form: Form) -> str:
    with parts().store.read() as db:
        known = shown.names_for(db, [asked.session])
    return render_template(
        "feedback/ask.html",
        title=known.title(asked.session.activity),
        kind=known.kind(asked.session.activity).value,
        when=when_words(asked.session),
        later=asked.stage is Stage.LATER,
        questions=QUESTIONS[asked.stage],
        typed={q.code: form.typed(q.code) for q in QUESTIONS[asked.stage]},
        errors=form.faults,
        least=K,
        action=url_for("feedback.give", session_id=asked.session.id),
        labels={q.code: q.words for q in QUESTIONS[asked.stage]},
    )


@pages.get("/feedback")
@allow("feedback")
def hear() -> str:
    """Show what is heard of the activities the viewer leads, or of all."""
    found = give_feedback.heard(parts(), viewer())
    with parts().store.read() as db:
        known = shown.names_for(db, [])
    rows = [heard_values(one, known) for one in found]
    rows.sort(key=lambda row: (not row["any"], row["title"]))
    quiet = sum(not r["any"] for r in rows)
    return render_template("feedback/hear.html", rows=[r for r in rows if r["any"]], quiet=quiet, least=K)
