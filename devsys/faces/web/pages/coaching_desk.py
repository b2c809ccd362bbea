"""A coach's desk: what is asked, whom they coach, load, pause. And what who coordinates sees: nobody who asks."""

from typing import Any, Final

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from devsys.actions import answer_coaching, coaching_figures
from devsys.actions.answer_coaching import FellThrough, Inbox
from devsys.adapters.store.queries import programme
from devsys.base.words import grouped, phrase, phrases
from devsys.base.written import clock, day, full_day, lasting, since, spoken
from devsys.core.model.coaching import DECLINED_WORDS, Course, Declined, Desk
from devsys.core.policy import allow
from devsys.faces.web import coaching_values as values
from devsys.faces.web.filters import local
from devsys.faces.web.forms import Form
from devsys.faces.web.here import now, parts, scope, viewer
from devsys.faces.web.words import first_up

pages = Blueprint("coaching_desk", __name__)

MOST_LANGUAGES: Final = 8
MOST_HELP: Final = 500
REASONS: Final = tuple((reason.value, words) for reason, words in DECLINED_WORDS.items())


@pages.get("/coaching/desk")
@allow("coaching_desk")
def show() -> str:
    """Show what is asked of a coach; nobody's words are opened here."""
    return _page(Form({}))


@pages.post("/coaching/desk")
@allow("coaching_desk", "write")
def settle() -> Response:
    """Keep load, pause and languages."""
    form = Form()
    most = form.number("most", least=0, most=answer_coaching.MOST_LOAD)
    words = [w.strip() for w in form.text("languages", required=False).replace("|", ",").split(",")]
    if not form:
        return Response(_page(form), 422, mimetype="text/html")
    languages = tuple(dict.fromkeys(w for w in words if w))[:MOST_LANGUAGES]
    answer_coaching.set_desk(
        parts(), viewer(), Desk(viewer().person_id, most, paused=form.tick("paused"), languages=languages)
    )
    flash(phrase("Kept."), "ok")
    return redirect(url_for("coaching_desk.show"), 303)


@pages.post("/coaching/desk/<request_id>/read")
@allow("coaching_desk", "write")
def read(request_id: str) -> str:
    """Open what somebody hopes for; it stands in their own list that it was read."""
    hope = answer_coaching.hope(parts(), viewer(), request_id)
    return _page(Form({}), opened={request_id: hope})


@pages.post("/coaching/desk/<request_id>/agree")
@allow("coaching_desk", "write")
def agree(request_id: str) -> Response:
    """Say yes: the times stand in both calendars at once."""
    try:
        plan = answer_coaching.agree(parts(), viewer(), request_id)
    except FellThrough:
        flash(phrase("The times do not hold any more. The person is proposed others; you need to do nothing."), "warn")
        return redirect(url_for("coaching_desk.show"), 303)
    flash(phrase("Agreed. The times stand in both your calendars."), "ok")
    return redirect(url_for("coaching_plan.show", plan_id=plan.id), 303)


@pages.post("/coaching/desk/<request_id>/decline")
@allow("coaching_desk", "write")
def decline(request_id: str) -> Response:
    """Say no; who asked is proposed others and not told why."""
    form = Form()
    reason = form.choice("reason", [r.value for r in Declined], default="")
    if not reason:
        form.fault("reason", phrase("Choose one of these."))
        return Response(_page(form), 422, mimetype="text/html")
    answer_coaching.decline(parts(), viewer(), request_id, Declined(reason))
    flash(phrase("Declined. The person is proposed others and not told why."), "ok")
    return redirect(url_for("coaching_desk.show"), 303)


def _page(form: Form, opened: dict[str, str] | None = None) -> str:
    found = answer_coaching.look(parts(), viewer())
    with parts().store.read() as db:
        known = programme.activities(db)
    zone = viewer().zone
    asked = []
    for request in found.asked:
        offer = request.accepted
        starts = [local(s, zone) for s in offer.starts] if offer else []
        asked.append(
            {
                "id": request.id,
                "name": found.names.get(request.person_id, ""),
                "theme": values.theme_words(request, known),
                "dates": [f"{day(s)}, {clock(s)}" for s in starts],
                "since": since(request.changed, now()),
                "change": bool(request.plan_id),
                "hope": (opened or {}).get(request.id, ""),
                "read": url_for("coaching_desk.read", request_id=request.id),
                "agree": url_for("coaching_desk.agree", request_id=request.id),
                "decline": url_for("coaching_desk.decline", request_id=request.id),
            }
        )
    return render_template(
        "coaching/desk.html",
        lede=_lede(found),
        asked=asked,
        reasons=REASONS,
        plans=[_plan(p, found, known) for p in found.plans if p.state is Course.RUNNING],
        ended=[_plan(p, found, known) for p in found.plans if p.state is not Course.RUNNING],
        most=form.typed("most", str(found.desk.most)),
        paused=found.desk.paused,
        languages=form.typed("languages", ", ".join(found.desk.languages)),
        load=found.load,
        observe=url_for("observations.new"),
        observed=url_for("observations.show"),
        errors=form.faults,
    )


def _lede(found: Inbox) -> str:
    if found.asked:
        return first_up(
            phrases(
                "%(num)s request waiting for your yes or no.",
                "%(num)s requests waiting for your yes or no.",
                len(found.asked),
                num=spoken(len(found.asked)),
            )
        )
    if found.desk.paused:
        return phrase("You pause: nobody is proposed your time.")
    return phrase("Nothing is asked of you now.")


def _plan(plan: Any, found: Inbox, known: Any) -> dict[str, str]:
    return {
        "name": found.names.get(plan.person_id, ""),
        "title": values.title_of(plan.activity, known),
        "when": phrase("Since %(what)s.", what=full_day(local(plan.begun, viewer().zone).date())),
        "href": url_for("coaching_plan.show", plan_id=plan.id),
        "own": url_for("coaching_plan.own", plan_id=plan.id),
    }


@pages.get("/coaching/figures")
@allow("coaching_figures")
def figures() -> str:
    """Show waiting times, load and gaps; who waits by theme and times alone."""
    return _figures(Form({}))


@pages.post("/coaching/figures")
@allow("coaching_figures", "write")
def settle_help() -> Response:
    """Keep the organisation's line about help outside work."""
    form = Form()
    words = form.text("help", long=True, required=False)
    if len(words) > MOST_HELP:
        form.fault("help", phrase("At most %(most_help)s characters.", most_help=MOST_HELP))
    if not form:
        return Response(_figures(form), 422, mimetype="text/html")
    coaching_figures.set_help(parts(), words)
    flash(phrase("Kept."), "ok")
    return redirect(url_for("coaching_desk.figures"), 303)


def _figures(form: Form) -> str:
    found = coaching_figures.look(parts(), singles=scope().everything)
    known = found.activities
    names = {c.id: c.name for c in found.coaches}
    waits = (
        phrase("%(days)s days, over %(people)s people", days=grouped(f"{found.wait.days:g}"), people=found.wait.people)
        if found.wait
        else ""
    )
    return render_template(
        "coaching/figures.html",
        wait=waits,
        few=coaching_figures.FEW,
        singles=scope().everything,
        coaches=[
            {
                "name": c.name,
                "load": phrase("%(load)s of %(most)s", load=c.load, most=c.most),
                "state": _state(c.room, paused=c.paused),
                "languages": ", ".join(sorted(c.languages)),
            }
            for c in found.coaches
        ],
        gaps=[
            {
                "title": values.title_of(g.activity, known),
                "words": _qualified(g.qualified, g.room),
                "waiting": phrases("%(num)s request waits", "%(num)s requests wait", g.waiting) if g.waiting else "",
            }
            for g in found.gaps
        ],
        waiting=[
            {
                "theme": values.theme_words(r, known),
                "times": values.times_words(r.preferred),
                "waited": lasting(r.made, now()),
            }
            for r in found.waiting
        ],
        declined=[
            {
                "coach": names.get(d.coach_id, ""),
                "title": values.title_of(d.activity, known),
                "reason": DECLINED_WORDS[d.reason],
                "when": day(local(d.at, viewer().zone)),
            }
            for d in found.declined[:20]
        ],
        help=form.typed("help", found.help),
        errors=form.faults,
    )


def _state(room: int, *, paused: bool) -> str:
    """Say whether a coach takes more people."""
    if paused:
        return phrase("pauses")
    return phrase("room for %(count)s", count=room) if room else phrase("full")


def _qualified(coaches: int, room: int) -> str:
    """Say how many coaches are qualified for a theme, and how many of them take more people."""
    if not coaches:
        return phrase("nobody is qualified")
    if not room:
        return phrases("%(num)s coach, none with room", "%(num)s coaches, none with room", coaches)
    return phrases("%(num)s coach, %(room)s with room", "%(num)s coaches, %(room)s with room", coaches, room=room)
