"""Yes or cannot: the page a letter opens. Reading it never writes; each answer is one press."""

from typing import Any, Final

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from devsys.actions import answer_session
from devsys.actions.answer_session import Declined, Offer, Outcome
from devsys.adapters.store.queries.answers import CANNOT, YES
from devsys.base.errors import ConflictError, InvalidError
from devsys.base.words import phrase, to_phrase
from devsys.base.written import full_day, period, zone_name
from devsys.core.model.calendar import Session, Status
from devsys.core.policy import allow
from devsys.faces.web import shown
from devsys.faces.web.forms import Form
from devsys.faces.web.here import now, parts, viewer
from devsys.faces.web.session_values import when_words

pages = Blueprint("answers", __name__)

KEY: Final = 20
_TOO_SMALL: Final = to_phrase(
    "Without you the group is too small to meet, so the coordinator settles what becomes of it."
)
_BUILT_ON: Final = to_phrase("Something later builds on it, so the coordinator settles it and you are told.")


@pages.get("/sessions/<session_id>/answer")
@allow("answers")
def show(session_id: str) -> str:
    """Show what may be answered, with other dates that fit."""
    return _page(session_id)


@pages.post("/sessions/<session_id>/answer")
@allow("answers", "write")
def give(session_id: str) -> Response:
    """Take an answer: `says` yes or cannot, with the `date` to come to instead if one is chosen."""
    form = Form()
    says = form.choice("says", (YES, CANNOT))
    date = form.text("date", limit=KEY, required=False)
    form.check()
    if says == YES:
        session = answer_session.come(parts(), viewer(), session_id)
        flash(phrase("You come on %(when)s.", when=when_words(session)), "ok")
        return redirect(url_for("home.show"), 303)
    try:
        done = answer_session.decline(parts(), viewer(), session_id, date=date)
    except ConflictError as error:
        return Response(_page(session_id, error.message), 409, mimetype="text/html")
    flash(_done_words(done), "ok")
    return redirect(url_for("home.show"), 303)


def _done_words(done: Declined) -> str:
    if done.session is not None:
        return phrase("Your place is now on %(when)s. Your calendar follows.", when=when_words(done.session))
    if done.outcome is Outcome.OWED:
        return phrase("Your place is given back, and you are owed it: the next plan looks for another date.")
    return phrase("It is kept that you cannot come. The coordinator settles the rest, and you are told.")


def _page(session_id: str, trouble: str = "") -> str:
    session, said = answer_session.said(parts(), viewer(), session_id)
    offer: Offer | None = None
    if session.status is Status.PLANNED and session.starts_utc > now():
        try:
            offer = answer_session.look(parts(), viewer(), session_id)
        except (ConflictError, InvalidError) as error:  # it changed between two looks, or nothing is planned any more
            trouble = trouble or error.message
    with parts().store.read() as db:
        known = shown.names_for(db, [session, *(d.session for d in offer.dates)] if offer else [session])
    return render_template(
        "sessions/answer.html",
        session=session,
        title=known.title(session.activity),
        kind=known.kind(session.activity).value,
        when=f"{full_day(session.starts.date())}, {period(session.starts, session.ends)}",
        zone=zone_name(session.zone),
        place=known.place(session),
        leader=known.person(session.facilitator_id) if session.facilitator_id else "",
        said=said.says if said else "",
        trouble=trouble,
        over=session.starts_utc <= now(),
        cancelled=session.status is Status.CANCELLED,
        dates=[_date(d.key, d.session, known) for d in offer.dates] if offer else [],
        may_leave=offer.may_leave if offer else False,
        why_not=_why_not(offer) if offer and not offer.may_leave else "",
        swap="" if known.coaching(session.activity) else url_for("places.swap", session_id=session_id),
        give=url_for("answers.give", session_id=session_id),
        back=url_for("sessions.show", session_id=session_id),
    )


def _why_not(offer: Offer) -> str:
    return _TOO_SMALL if any(v.rule == "group" for v in offer.stands_on) else _BUILT_ON


def _date(key: str, session: Session, known: shown.Names) -> dict[str, Any]:
    leader = phrase("with %(who)s", who=known.person(session.facilitator_id)) if session.facilitator_id else ""
    return {"key": key, "when": when_words(session), "more": " · ".join(w for w in (known.place(session), leader) if w)}
