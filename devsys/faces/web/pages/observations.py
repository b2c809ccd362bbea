"""What was seen of somebody, by principle: the form of who saw it, cards for whom they are about."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from devsys.actions import observe_people
from devsys.actions.observe_people import Occasion
from devsys.adapters.store.queries import programme
from devsys.base.errors import InvalidError
from devsys.base.words import phrase, to_phrase
from devsys.base.written import day, full_day
from devsys.core.model.access import Role
from devsys.core.model.observations import Observation
from devsys.core.model.programme import Activity, Principle
from devsys.core.policy import allow, scope
from devsys.faces.web.coaching_values import title_of
from devsys.faces.web.forms import Form
from devsys.faces.web.here import parts, today, viewer
from devsys.faces.web.programmes import PRINCIPLES

pages = Blueprint("observations", __name__)

# What to look for: things that can be seen and heard, none that could be counted.
HINTS: Final[Mapping[Principle, str]] = {
    Principle.LISTEN: to_phrase("What did they let the other say to the end? What did they hear in it?"),
    Principle.QUESTION: to_phrase("Which question opened it up, or would have?"),
    Principle.EXPLAIN: to_phrase("What did they say so that it was understood? In which words?"),
    Principle.OWN: to_phrase("What did they take on themselves, and until when?"),
    Principle.FOLLOW_UP: to_phrase("What did they come back to, or promise to?"),
}


@pages.get("/coaching/observations")
@allow("observations")
def show() -> str:
    """Show the cards about oneself, those one wrote, those shared with one; no words are opened."""
    found = observe_people.look(parts(), viewer())
    may = bool(scope(viewer(), "observations", "write"))
    return render_template(
        "coaching/observations.html",
        mine=_lines(found.mine, found.names, "author_id"),
        written=_lines(found.written, found.names, "person_id"),
        shared=_lines(found.shared, found.names, "person_id"),
        new=url_for("observations.new") if may else "",
        back_to=_back(),
    )


@pages.get("/coaching/observations/new")
@allow("observations", "write")
def new() -> str:
    """Show the form, for one session or one person where the address names one."""
    return _form(Form({}))


@pages.post("/coaching/observations")
@allow("observations", "write")
def note() -> Response:
    """Keep what was seen."""
    form = Form()
    whom = form.text("whom")
    when = form.day("day", today=today(), default=today())
    words = {p: form.text(p.value, long=True, required=False) for p in Principle}
    if form:
        try:
            seen = observe_people.note(parts(), viewer(), whom, when, words)
        except InvalidError as error:
            form.take(error, "whom")
        else:
            flash(phrase("Kept. They read it first, and decide who else does."), "ok")
            return redirect(url_for("observations.card", observation_id=seen.id), 303)
    return Response(_form(form), 422, mimetype="text/html")


@pages.get("/coaching/observations/<observation_id>")
@allow("observations")
def card(observation_id: str) -> str:
    """Open a card; that another did stands in the observed person's own list."""
    found = observe_people.read(parts(), viewer(), observation_id)
    with parts().store.read() as db:
        known = programme.activities(db)
    seen, me = found.seen, viewer().person_id
    name = found.names.get
    return render_template(
        "coaching/observation.html",
        mine=seen.person_id == me,
        wrote=seen.author_id == me,
        person=name(seen.person_id, ""),
        author=name(seen.author_id, ""),
        when=full_day(seen.day),
        where=title_of(found.session.activity, known) if found.session else "in a contact",
        words=[(PRINCIPLES[p], found.words[p]) for p in Principle if p in found.words],
        coach=name(found.coach_id or "", ""),
        shared=name(seen.shared_id or "", ""),
        open=seen.shared_id is not None and seen.shared_id == found.coach_id,
        share=url_for("observations.share", observation_id=seen.id),
        back=url_for("observations.back", observation_id=seen.id),
        cards=url_for("observations.show"),
    )


@pages.post("/coaching/observations/<observation_id>/share")
@allow("coaching_notes", "write")
def share(observation_id: str) -> Response:
    """Let one's present coach read a card about oneself, or keep it for oneself again."""
    wanted = Form().typed("does") == "share"
    shared = observe_people.share(parts(), viewer(), observation_id, wanted=wanted)
    flash(phrase("Your coach can read it now.") if shared else phrase("It is yours alone, with who wrote it."), "ok")
    return redirect(url_for("observations.card", observation_id=observation_id), 303)


@pages.post("/coaching/observations/<observation_id>/back")
@allow("observations", "write")
def back(observation_id: str) -> Response:
    """Take away a card one wrote oneself."""
    observe_people.take_back(parts(), viewer(), observation_id)
    flash(phrase("It is gone, for them too."), "ok")
    return redirect(url_for("observations.show"), 303)


def _back() -> str:
    return url_for("coaching_desk.show") if viewer().has(Role.COACH) else url_for("coaching.show")


def _lines(cards: Iterable[Observation], names: Mapping[str, str], of: str) -> list[dict[str, Any]]:
    return [
        {
            "name": names.get(getattr(one, of), ""),
            "when": full_day(one.day),
            "where": phrase("in a session") if one.session_id else phrase("in a contact"),
            "shared": one.shared_id is not None,
            "href": url_for("observations.card", observation_id=one.id),
        }
        for one in cards
    ]


def _form(form: Form) -> str:
    found = observe_people.occasions(parts(), viewer())
    session_id, whom = request.args.get("session", ""), request.args.get("whom", "")
    some = [o for o in found if o.session and o.session.id == session_id] if session_id else []
    with parts().store.read() as db:
        known = programme.activities(db)
    return render_template(
        "coaching/observe.html",
        people=[(o.key, _said(o, known)) for o in some or found],
        whom=form.typed("whom", f"{whom}:" if whom else ""),
        day=form.typed("day", today().isoformat()),
        words=[(p.value, PRINCIPLES[p], form.typed(p.value), HINTS[p]) for p in Principle],
        contact=any(o.session is None for o in some or found),
        labels={"whom": "Of whom", "day": "Day of the contact", **{p.value: PRINCIPLES[p] for p in Principle}},
        errors=form.faults,
        cards=url_for("observations.show"),
        action=url_for("observations.note"),
    )


def _said(occasion: Occasion, known: Mapping[str, Activity]) -> str:
    if occasion.session is None:
        return phrase("%(name)s, in a contact", name=occasion.name)
    return f"{occasion.name}, {title_of(occasion.session.activity, known)}, {day(occasion.session.starts)}"
