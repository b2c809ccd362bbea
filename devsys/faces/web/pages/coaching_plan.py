"""What two people work on: their goal, dates, steps and notes; and, on a page of its own, what the coach alone sees."""

from typing import Any, Final

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from devsys.actions import share_coaching
from devsys.actions.share_coaching import Shared
from devsys.adapters.store.queries import programme
from devsys.base.errors import InvalidError
from devsys.base.words import phrase, phrases, to_phrase
from devsys.base.written import clock, day, full_day, spoken
from devsys.core.model.coaching import Course, Note, Outcome
from devsys.core.policy import allow
from devsys.faces.web import coaching_values as values
from devsys.faces.web.filters import local
from devsys.faces.web.forms import Form
from devsys.faces.web.here import now, parts, viewer
from devsys.faces.web.words import first_up

pages = Blueprint("coaching_plan", __name__)

OUTCOMES: Final = (
    (Outcome.MET.value, to_phrase("Met"), to_phrase("What I wanted is better, and I can tell by what.")),
    (Outcome.PARTLY.value, to_phrase("Partly"), to_phrase("Some of it is better.")),
    (Outcome.NOT.value, to_phrase("Not"), to_phrase("It is as it was. That says nothing about either of us.")),
)
OUTCOME_WORDS: Final = {value: words for value, words, _ in OUTCOMES}


@pages.get("/coaching/plans/<plan_id>")
@allow("coaching_notes")
def show(plan_id: str) -> str:
    """Show the plan to one of its two; that the coach opened it stands in the other's own list."""
    return _page(plan_id, Form({}))


@pages.post("/coaching/plans/<plan_id>/words")
@allow("coaching_notes", "write")
def write(plan_id: str) -> Response:
    """Write goal, baseline, measure or the mid-check."""
    form = Form()
    names = [name for name in share_coaching.TOGETHER if name in form.given()]
    said: dict[str, str] = {name: form.text(name, long=True, required=False) for name in names}
    if not form:
        return Response(_page(plan_id, form), 422, mimetype="text/html")
    share_coaching.write(parts(), viewer(), plan_id, said)
    flash(phrase("Kept, for the two of you."), "ok")
    return redirect(url_for("coaching_plan.show", plan_id=plan_id), 303)


@pages.post("/coaching/plans/<plan_id>/notes")
@allow("coaching_notes", "write")
def note(plan_id: str) -> Response:
    """Add a step or a note that both read, mark a step, or take back a line of one's own."""
    form = Form()
    does, line = form.typed("does"), form.typed("line")
    if does in ("done", "open"):
        share_coaching.mark(parts(), viewer(), plan_id, line, done=does == "done")
    elif does == "back":
        share_coaching.take_back(parts(), viewer(), plan_id, line)
        flash(phrase("It is taken back."), "ok")
    else:
        field = "step" if does == "step" else "text"
        text = form.text(field, long=True)
        if form:
            try:
                share_coaching.note(parts(), viewer(), plan_id, text, step=does == "step")
            except InvalidError as error:
                form.take(error, field)
        if not form:
            return Response(_page(plan_id, form), 422, mimetype="text/html")
        flash(phrase("Kept, for the two of you."), "ok")
    return redirect(url_for("coaching_plan.show", plan_id=plan_id) + "#notes", 303)


@pages.post("/coaching/plans/<plan_id>/finish")
@allow("coaching_series", "write")
def finish(plan_id: str) -> Response:
    """End one's own coaching with what came of it."""
    form = Form()
    outcome = form.choice("outcome", list(OUTCOME_WORDS), default="")
    if not outcome:
        form.fault("outcome", phrase("Choose one of these: was it met?"))
    helped = form.text("helped", long=True, required=False)
    if not form:
        return Response(_page(plan_id, form), 422, mimetype="text/html")
    share_coaching.finish(parts(), viewer(), plan_id, Outcome(outcome), helped)
    flash(phrase("It is finished. In eight weeks you are asked, by yourself, what has lasted."), "ok")
    return redirect(url_for("coaching_plan.show", plan_id=plan_id), 303)


@pages.post("/coaching/plans/<plan_id>/looked")
@allow("coaching_series", "write")
def looked(plan_id: str) -> Response:
    """Keep what has lasted."""
    form = Form()
    text = form.text("looked", long=True)
    if not form:
        return Response(_page(plan_id, form), 422, mimetype="text/html")
    share_coaching.look_back(parts(), viewer(), plan_id, text)
    flash(phrase("Kept, for the two of you."), "ok")
    return redirect(url_for("coaching_plan.show", plan_id=plan_id), 303)


@pages.post("/coaching/plans/<plan_id>/leave")
@allow("coaching_series", "write")
def leave(plan_id: str) -> Response:
    """Leave one's own coaching; no reason is asked, and all that is ahead is given back at once."""
    left = share_coaching.leave(parts(), viewer(), plan_id)
    words = phrase("You have left it.")
    if left:
        words += " " + first_up(
            phrases(
                "%(num)s session left your calendar.", "%(num)s sessions left your calendar.", left, num=spoken(left)
            )
        )
    flash(words, "ok")
    return redirect(url_for("coaching.show"), 303)


@pages.post("/coaching/plans/<plan_id>/coach")
@allow("coaching_series", "write")
def another(plan_id: str) -> Response:
    """Ask for another coach, or a stand-in, for what is still ahead."""
    share_coaching.another_coach(parts(), viewer(), plan_id)
    flash(phrase("Until another coach has said yes, all stays as it is."), "ok")
    return redirect(url_for("coaching.show"), 303)


@pages.get("/coaching/plans/<plan_id>/own")
@allow("coaching_private")
def own(plan_id: str) -> str:
    """Show a coach their own notes."""
    return _own_page(plan_id, Form({}))


@pages.post("/coaching/plans/<plan_id>/own")
@allow("coaching_private", "write")
def write_own(plan_id: str) -> Response:
    """Write a note of one's own as a coach, or take one back."""
    form = Form()
    if form.typed("does") == "back":
        share_coaching.drop_privately(parts(), viewer(), plan_id, form.typed("line"))
        flash(phrase("It is gone."), "ok")
        return redirect(url_for("coaching_plan.own", plan_id=plan_id), 303)
    text = form.text("text", long=True)
    if form:
        try:
            share_coaching.note_privately(parts(), viewer(), plan_id, text)
        except InvalidError as error:
            form.take(error, "text")
        else:
            return redirect(url_for("coaching_plan.own", plan_id=plan_id), 303)
    return Response(_own_page(plan_id, form), 422, mimetype="text/html")


def _own_page(plan_id: str, form: Form) -> str:
    plan, notes, name = share_coaching.private(parts(), viewer(), plan_id)
    mine = plan.coach_id == viewer().person_id
    return render_template(
        "coaching/own.html",
        name=name,
        notes=[(n.id, n.text, _when(n)) for n in notes],
        typed=form.typed("text"),
        errors=form.faults,
        action=url_for("coaching_plan.write_own", plan_id=plan_id),
        plan=url_for("coaching_plan.show", plan_id=plan_id) if mine else "",
        desk=url_for("coaching_desk.show"),
    )


def _when(note_: Note) -> str:
    at = local(note_.at, viewer().zone)
    return f"{full_day(at.date())}, {clock(at)}"


def _page(plan_id: str, form: Form) -> str:
    found = share_coaching.look(parts(), viewer(), plan_id)
    with parts().store.read() as db:
        known = programme.activities(db)
    plan, me, moment = found.plan, viewer(), now()
    activity = known.get(plan.activity)
    steps = len(found.sessions)
    if plan.state is Course.RUNNING and activity is not None:
        steps = max(steps, activity.cadence.steps)
    return render_template(
        "coaching/plan.html",
        title=values.title_of(plan.activity, known),
        lede=_lede(found),
        mine=plan.person_id == me.person_id,
        coach=found.names.get(plan.coach_id or "", ""),
        person=found.names.get(plan.person_id, ""),
        state=plan.state.value,
        line=values.dots(found.sessions, steps, moment, found.away),
        away=[(url_for("answers.show", session_id=s.id), day(s.starts)) for s in found.sessions if s.id in found.away],
        ahead=len(found.ahead(moment)),
        words=found.words,
        outcome=OUTCOME_WORDS.get(found.words.outcome, ""),
        outcomes=OUTCOMES,
        steps=[_line(n, found, me.person_id) for n in found.notes if n.kind == "step"],
        notes=[_line(n, found, me.person_id) for n in found.notes if n.kind == "note"],
        prepare=activity.prepare if activity else "",
        mid=_half_way(found),
        back=day(plan.look_back) if plan.look_back else "",
        may_look_back=plan.look_back is not None and plan.look_back <= local(moment, me.zone).date(),
        change=found.change is not None,
        readings=url_for("readings.coached", plan_id=plan_id) if found.readings else "",
        typed={name: form.typed(name) for name in ("step", "text", "helped", "looked", "outcome")},
        errors=form.faults,
        to={name: url_for(f"coaching_plan.{name}", plan_id=plan_id) for name in _ACTIONS},
        observe=url_for("observations.new", whom=plan.person_id)
        if plan.coach_id == me.person_id and plan.state is Course.RUNNING
        else "",
        back_to=url_for("coaching.show") if plan.person_id == me.person_id else url_for("coaching_desk.show"),
    )


_ACTIONS: Final = ("write", "note", "finish", "looked", "leave", "another", "own")


def _lede(found: Shared) -> str:
    ahead = found.ahead(now())
    if found.plan.state is Course.FINISHED:
        return phrase("It is finished. What you wrote stays with the two of you.")
    if found.plan.state is Course.LEFT:
        return phrase("It has ended. What was written stays with the two of you.")
    if not ahead:
        return phrase("All that was agreed is held. It is time to say what came of it.")
    first = ahead[0]
    return phrase("Next: %(starts)s, %(starts_2)s.", starts=day(first.starts), starts_2=clock(first.starts))


def _half_way(found: Shared) -> bool:
    """Say whether half of the dates are held, so that it is time to look at the goal."""
    held = sum(s.ends_utc <= now() for s in found.sessions)
    return bool(found.words.mid) or (held > 0 and held * 2 >= len(found.sessions))


def _line(note_: Note, found: Shared, me: str) -> dict[str, Any]:
    return {
        "id": note_.id,
        "text": note_.text,
        "by": "you" if note_.author_id == me else found.names.get(note_.author_id or "", "your coach"),
        "when": day(local(note_.at, viewer().zone)),
        "done": note_.done,
        "mine": note_.author_id == me,
    }
