"""Find a place for what one is owed, wait for one, swap with a colleague."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from devsys.actions import find_places, swap_places
from devsys.actions.find_places import Found
from devsys.actions.swap_places import Swaps
from devsys.base.errors import ConflictError
from devsys.base.text import clean
from devsys.base.words import phrase, phrases
from devsys.base.written import day
from devsys.core.model.calendar import Session
from devsys.core.policy import allow
from devsys.faces.web import shown
from devsys.faces.web.forms import Form
from devsys.faces.web.here import now, parts, viewer
from devsys.faces.web.session_values import when_words

pages = Blueprint("places", __name__)
KEY = 200


@pages.get("/places")
@allow("answers", "write")
def show() -> str:
    """Show where a need one is owed could be served: free places, full sessions to wait for."""
    return _page(clean(request.args.get("need", "")[:KEY], limit=KEY * 3))


@pages.post("/places")
@allow("answers", "write")
def take() -> Response:
    """Take a free place, wait for one, or wait no more."""
    form = Form()
    need, session_id = form.text("need", limit=KEY), form.text("session", limit=40)
    does = form.choice("does", ("take", "wait", "leave"))
    form.check()
    if does == "take":
        try:
            session = find_places.take(parts(), viewer(), need, session_id)
        except ConflictError as error:
            return Response(_page(need, error.message), 409, mimetype="text/html")
        flash(phrase("Your place is on %(when)s. Your calendar follows.", when=when_words(session)), "ok")
        return redirect(url_for("home.show"), 303)
    find_places.wait(parts(), viewer(), need, session_id, on=does == "wait")
    waits = phrase("You wait for a place; the first one free is offered in order.")
    flash(waits if does == "wait" else phrase("You wait no more."), "ok")
    return redirect(url_for("places.show", need=need), 303)


def _page(need: str, trouble: str = "") -> str:
    found = find_places.look(parts(), viewer(), need)
    with parts().store.read() as db:
        known = shown.names_for(db, (*found.open, *found.full))
    return render_template(
        "places/show.html",
        title=known.title(found.owed.activity),
        kind=known.kind(found.owed.activity).value,
        due=day(found.owed.due),
        trouble=trouble,
        open=[_one(s, known, found) for s in found.open],
        full=[_one(s, known, found) for s in found.full],
        need=need,
        action=url_for("places.take"),
    )


def _one(s: Session, known: shown.Names, found: Found) -> dict[str, Any]:
    leader = phrase("with %(who)s", who=known.person(s.facilitator_id)) if s.facilitator_id else ""
    more = " · ".join(
        w for w in (known.place(s), leader, phrases("%(num)s person", "%(num)s people", len(s.places))) if w
    )
    return {"id": s.id, "when": when_words(s), "more": more, "waits": s.id in found.waits}


@pages.get("/sessions/<session_id>/swap")
@allow("answers", "write")
def swap(session_id: str) -> str:
    """Show the dates at which a colleague could change over."""
    return _swaps(swap_places.look(parts(), viewer(), session_id))


@pages.post("/sessions/<session_id>/swap")
@allow("answers", "write")
def ask_to_swap(session_id: str) -> Response:
    """Ask those of a date, or take it back."""
    form = Form()
    other = form.text("other", limit=40, required=False)
    back = form.tick("back")
    if back:
        swap_places.take_back(parts(), viewer(), session_id)
        flash(phrase("Taken back."), "ok")
        return redirect(url_for("places.swap", session_id=session_id), 303)
    try:
        count = swap_places.ask(parts(), viewer(), session_id, other)
    except ConflictError as error:
        found = swap_places.look(parts(), viewer(), session_id)
        return Response(_swaps(found, error.message), 409, mimetype="text/html")
    words = phrases(
        "%(num)s colleague is asked. The first yes counts; your place stays yours until then.",
        "%(num)s colleagues are asked. The first yes counts; your place stays yours until then.",
        count,
    )
    flash(words, "ok")
    return redirect(url_for("places.swap", session_id=session_id), 303)


def _swaps(found: Swaps, trouble: str = "") -> str:
    with parts().store.read() as db:
        known = shown.names_for(db, (found.session, *found.dates))
    waiting = [a for a in found.asked if a.open_at(now())]
    declined = sum(1 for a in found.asked if a.state == "declined")
    return render_template(
        "places/swap.html",
        title=known.title(found.session.activity),
        kind=known.kind(found.session.activity).value,
        when=when_words(found.session),
        trouble=trouble,
        dates=[(s.id, when_words(s), known.place(s)) for s in found.dates],
        waiting=len(waiting),
        declined=declined,
        action=url_for("places.ask_to_swap", session_id=found.session.id),
        back=url_for("answers.show", session_id=found.session.id),
    )
