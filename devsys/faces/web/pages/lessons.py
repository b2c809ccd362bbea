"""What stops people: reported by anybody, its cause decided, landing as learning time, a fix or a condition."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from devsys.actions import decide_cause
from devsys.actions.decide_cause import SOONEST, Decision
from devsys.adapters.store.queries import calendar_figures, causes, lessons, programme
from devsys.base.errors import InvalidError
from devsys.base.words import phrase, to_phrase
from devsys.base.written import full_day
from devsys.core.causes import WHY, WORDS, Landing, gate
from devsys.core.model.causes import Cause
from devsys.core.model.conditions import QUESTIONS
from devsys.core.policy import allow
from devsys.faces.web import round_values
from devsys.faces.web.filters import local
from devsys.faces.web.forms import Form
from devsys.faces.web.here import parts, today, viewer
from devsys.faces.web.here import scope as reach_here
from devsys.faces.web.session_values import when_words

pages = Blueprint("lessons", __name__)
SAID = {
    Landing.NEED: to_phrase("It becomes learning time: the next plan looks for it."),
    Landing.FIX: to_phrase("It becomes a fix in the register."),
    Landing.CONDITION: to_phrase("It stands among the conditions of the team."),
}
CAUSES = tuple((c.value, *WORDS[c]) for c in Cause)


@pages.get("/lessons")
@allow("causes")
def index() -> str:
    """Let anybody report what stops them; show what waits for a decision, and what one has reported."""
    return _index(Form({}))


def _index(form: Form) -> str:
    reach = reach_here()
    with parts().store.read() as db:
        waiting = lessons.undecided(db, reach) if reach.wide else ()
        mine = lessons.reported_by(db, viewer().person_id)
        known = round_values.seen(db, (*waiting, *mine), programme.activities(db))
    return render_template(
        "lessons/index.html",
        waiting=[round_values.outcome(one, known) for one in waiting if one.by_id != viewer().person_id],
        mine=[round_values.outcome(one, known) for one in reversed(mine)],
        causes=CAUSES,
        typed={"words": form.typed("words"), "guess": form.typed("guess")},
        waive=form.faults.get("words", "").startswith("Others read"),
        errors=form.faults,
    )


@pages.post("/lessons")
@allow("causes", "write")
def report() -> Response:
    """Keep what stops the viewer."""
    form = Form()
    words = form.text("words", limit=decide_cause.WORDS_LIMIT)
    guess = form.choice("guess", list(Cause), default="")
    if form:
        try:
            decide_cause.report(parts(), viewer(), words, guess, waived=form.tick("waived"))
        except InvalidError as error:
            form.take(error, "words")
        else:
            flash(phrase("Kept. Your lead or a coordinator decides what becomes of it; it stands here."), "ok")
            return redirect(url_for("lessons.index"), 303)
    return Response(_index(form), 422, mimetype="text/html")


@pages.get("/lessons/<lesson_id>")
@allow("causes")
def one(lesson_id: str) -> str:
    """Show a lesson, and the form that decides it for who may."""
    return _page(lesson_id, Form({}))


def _page(lesson_id: str, form: Form) -> str:
    with parts().store.read() as db:
        found, session = decide_cause.see(db, viewer(), lesson_id)
        activities = programme.activities(db)
        known = round_values.seen(db, [found], activities)
        decides = decide_cause.may_decide(viewer(), found, session)
        choices: dict[str, Any] = {}
        if decides:
            choices = {
                "owners": causes.owners(db, found.owner_id or ""),
                "activities": [(a.code, a.title) for a in decide_cause.activities_for(db)],
                "fixes": list(causes.open_ids(db).items()),
                "queues": [(q.id, q.name) for q in calendar_figures.queues(db).values()],
            }
        team = calendar_figures.teams(db).get(found.team_id or "")
    usual = found.due or today() + max(SOONEST, timedelta(weeks=4))
    who = [("round", phrase("Those who came to the round"))] if found.session_id else []
    who += [("team", phrase("All of %(name)s", name=team.name))] if team else []
    who += [("reporter", phrase("Whoever reported it"))] if found.by_id else []
    typed = {
        "cause": form.typed("cause", found.cause.value if found.cause else found.guess),
        "owner": form.typed("owner", found.owner_id or viewer().person_id),
        "due": form.typed("due", usual.isoformat()),
        "activity": form.typed("activity", found.activity),
        "who": form.typed("who", who[0][0] if who else ""),
        "fix": form.typed("fix", found.fix_id or ""),
        "queue": form.typed("queue"),
        "check": form.typed("check", (found.condition_id or "").rpartition("/")[2]),
    }
    by = known.people.get(found.by_id or "")
    return render_template(
        "lessons/one.html",
        lesson=found,
        line=round_values.outcome(found, known),
        came_from=f"{activities[session.activity].title}, {when_words(session)}"
        if session and session.activity in activities
        else "",
        back=url_for("rounds.show", session_id=session.id) if session else "",
        reported=f"{by.name}, {full_day(local(found.created, viewer().zone).date())}" if by else "",
        guess=WORDS[Cause(found.guess)][0] if found.guess else "",
        fix=url_for("fixes.one", fix_id=found.fix_id) if found.fix_id else "",
        decides=decides and found.open,
        closes=found.decided is not None and (decides or found.owner_id == viewer().person_id),
        withdraws=found.decided is None and (decides or found.by_id == viewer().person_id),
        causes=[(c.value, *WORDS[c], gate(c).value) for c in Cause],
        why={landing.value: words for landing, words in WHY.items()},
        checks=[(c.value, q.title, q.asks) for c, q in QUESTIONS.items()],
        who=who,
        typed=typed,
        errors=form.faults,
        **choices,
    )


@pages.post("/lessons/<lesson_id>")
@allow("causes", "write")
def decide(lesson_id: str) -> Response:
    """Decide why it happens, who sees to it, by when, and where it lands."""
    form = Form()
    cause = form.choice("cause", list(Cause))
    owner = form.text("owner", limit=40)
    due = form.day("due", today=today())
    texts = {name: form.text(name, limit=100, required=False) for name in ("activity", "who", "fix", "queue", "check")}
    if form:
        try:
            given = Decision(
                Cause(cause),
                owner,
                due,
                texts["activity"],
                texts["who"] or "round",
                texts["fix"],
                texts["queue"] or None,
                texts["check"],
            )
            landing = decide_cause.decide(parts(), viewer(), lesson_id, given)
        except InvalidError as error:
            form.take(error, "cause")
        else:
            flash(SAID[landing], "ok")
            return redirect(_back(lesson_id), 303)
    return Response(_page(lesson_id, form), 422, mimetype="text/html")


def _back(lesson_id: str) -> str:
    """Give the round a lesson came from, else its own page."""
    with parts().store.read() as db:
        found = lessons.lesson(db, lesson_id)
    if found is not None and found.session_id and found.open:
        return url_for("rounds.show", session_id=found.session_id) + "#outcomes"
    return url_for("lessons.one", lesson_id=lesson_id)


@pages.post("/lessons/<lesson_id>/done")
@allow("causes", "write")
def done(lesson_id: str) -> Response:
    """Say that it is done, or open again."""
    again = Form().tick("again")
    decide_cause.close(parts(), viewer(), lesson_id, closed=not again)
    flash(phrase("Open again.") if again else phrase("Done."), "ok")
    return redirect(url_for("lessons.one", lesson_id=lesson_id), 303)


@pages.post("/lessons/<lesson_id>/withdraw")
@allow("causes", "write")
def withdraw(lesson_id: str) -> Response:
    """Take back what nobody has decided."""
    with parts().store.read() as db:
        found = lessons.lesson(db, lesson_id)
    decide_cause.withdraw(parts(), viewer(), lesson_id)
    flash(phrase("Taken back."), "ok")
    if found is not None and found.session_id:
        return redirect(url_for("rounds.show", session_id=found.session_id), 303)
    return redirect(url_for("lessons.index"), 303)
