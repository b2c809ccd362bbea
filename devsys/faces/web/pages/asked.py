"""Hand a session over, and what one is asked: each page reads, each answer is one press."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from devsys.actions import answer_ask, hand_over
from devsys.actions.answer_ask import Asked
from devsys.actions.hand_over import HandOver
from devsys.adapters.store.queries import calendar_figures
from devsys.adapters.store.queries.asks import What
from devsys.base.errors import ConflictError, InvalidError
from devsys.base.words import phrase
from devsys.base.written import day, full_day, period, zone_name
from devsys.core.model.calendar import Session
from devsys.core.policy import allow
from devsys.faces.web import shown
from devsys.faces.web.filters import local
from devsys.faces.web.forms import Form
from devsys.faces.web.here import now, parts, viewer
from devsys.faces.web.session_values import when_words

pages = Blueprint("asked", __name__)


@pages.get("/sessions/<session_id>/hand-over")
@allow("answers", "write")
def over(session_id: str) -> str:
    """Show who could lead a session instead of the viewer."""
    return _over(hand_over.look(parts(), viewer(), session_id))


@pages.post("/sessions/<session_id>/hand-over")
@allow("answers", "write")
def give_over(session_id: str) -> Response:
    """Ask a colleague, take that back, or say that one cannot lead or can."""
    form = Form()
    does = form.choice("does", ("ask", "back", "cannot", "lead"))
    person_id = form.text("person", limit=40, required=does == "ask")
    form.check()
    try:
        words = _does(does, session_id, person_id)
    except (ConflictError, InvalidError) as error:
        found = hand_over.look(parts(), viewer(), session_id)
        status = 409 if isinstance(error, ConflictError) else 422
        return Response(_over(found, error.message), status, mimetype="text/html")
    flash(words, "ok")
    return redirect(url_for("asked.over", session_id=session_id), 303)


def _does(does: str, session_id: str, person_id: str) -> str:
    if does == "ask":
        hand_over.ask(parts(), viewer(), session_id, person_id)
        return phrase("Asked. You lead it until the answer is yes; you see here what it is.")
    if does == "back":
        gone = hand_over.take_back(parts(), viewer(), session_id)
        return phrase("Taken back.") if gone else phrase("Nobody had to be asked any more.")
    hand_over.say(parts(), viewer(), session_id, leads=does == "lead")
    if does == "lead":
        return phrase("It is kept that you lead it.")
    return phrase("It is kept that you cannot lead it. The coordinator settles it, and you are told.")


def _over(found: HandOver, trouble: str = "") -> str:
    s = found.session
    waiting = found.waiting(now())
    with parts().store.read() as db:
        known = shown.names_for(db, [s])
        people = calendar_figures.members(db, [*found.able, *(a.person_id for a in found.asked)])
    return render_template(
        "asked/over.html",
        **_facts(s, known),
        trouble=trouble,
        coaching=found.coaching,
        cannot=found.said is not None and not found.said.comes,
        sure=found.said is not None and found.said.comes,
        waiting=people[waiting.person_id].name if waiting and waiting.person_id in people else "",
        declined=[people[a.person_id].name for a in found.asked if a.state == "declined" and a.person_id in people],
        able=[(p, people[p].name) for p in found.able if p in people],
        action=url_for("asked.give_over", session_id=s.id),
        back=url_for("sessions.show", session_id=s.id),
    )


def _facts(s: Session, known: shown.Names) -> dict[str, Any]:
    return {
        "title": known.title(s.activity),
        "kind": known.kind(s.activity).value,
        "when": f"{full_day(s.starts.date())}, {period(s.starts, s.ends)}",
        "zone": zone_name(s.zone),
        "place": known.place(s),
        "leader": known.person(s.facilitator_id) if s.facilitator_id else "",
        "coming": len(s.places),
    }


@pages.get("/asked/<ask_id>")
@allow("answers", "write")
def show(ask_id: str) -> str:
    """Show what the viewer is asked."""
    return _page(answer_ask.look(parts(), viewer(), ask_id))


@pages.post("/asked/<ask_id>")
@allow("answers", "write")
def answer(ask_id: str) -> Response:
    """Take yes or no."""
    form = Form()
    says = form.choice("says", ("yes", "no"))
    form.check()
    if says == "no":
        answer_ask.decline(parts(), viewer(), ask_id)
        flash(phrase("Your no is kept. Nobody asks why."), "ok")
        return redirect(url_for("home.show"), 303)
    try:
        session = answer_ask.accept(parts(), viewer(), ask_id)
    except ConflictError as error:
        return Response(_page(answer_ask.look(parts(), viewer(), ask_id), error.message), 409, mimetype="text/html")
    leads = session.facilitator_id == viewer().person_id
    words = (
        phrase("You lead on %(when)s. Your calendar follows.", when=when_words(session))
        if leads
        else phrase("Your place is on %(when)s. Your calendar follows.", when=when_words(session))
    )
    flash(words, "ok")
    return redirect(url_for("home.show"), 303)


def _page(found: Asked, trouble: str = "") -> str:
    s, ask = found.session, found.ask
    with parts().store.read() as db:
        known = shown.names_for(db, [x for x in (s, found.other) if x is not None])
        by = calendar_figures.members(db, [ask.by_id]).get(ask.by_id) if ask.by_id else None
    activity = known.activities.get(s.activity)
    ends = local(ask.until, viewer().zone)
    return render_template(
        "asked/show.html",
        **_facts(s, known),
        what=ask.kind,
        by=by.name if by else "",
        until=f"{day(ends.date())}, {ends:%H:%M}",
        open=found.may_answer(now()),
        state=ask.state,
        trouble=trouble,
        then=_facts(found.other, known) if found.other else {},
        outline=activity.outline if activity and ask.kind == What.SUBSTITUTE else (),
        prepare=activity.prepare if activity and ask.kind != What.SUBSTITUTE else "",
        action=url_for("asked.answer", ask_id=ask.id),
    )
