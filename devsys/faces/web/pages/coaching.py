"""Coaching for oneself: ask, see where it stands, take what is proposed, withdraw. No route here speaks for another."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from devsys.actions import request_coaching
from devsys.actions.coaching_figures import HELP, usual_wait
from devsys.actions.request_coaching import Standing, Taken
from devsys.adapters.store.queries import coaching, house, observations, programme, sessions
from devsys.base.errors import InvalidError
from devsys.base.words import phrase, phrases, to_phrase
from devsys.base.written import clock, day, duration, full_day, several
from devsys.core.coaching.match import USUAL_LOAD, Coach, Why, why_words
from devsys.core.model.access import Role
from devsys.core.model.coaching import Course, Request, State
from devsys.core.model.programme import Activity, Kind
from devsys.core.policy import allow, scope
from devsys.core.programmes.why import every_weeks
from devsys.faces.web import coaching_values as values
from devsys.faces.web.filters import local
from devsys.faces.web.forms import Form
from devsys.faces.web.here import now, parts, viewer
from devsys.faces.web.programmes import PRINCIPLES
from devsys.faces.web.shown import session_link

pages = Blueprint("coaching", __name__)

PAST: Final = 12
_STANDS: Final = (
    (State.WAITING, to_phrase("Received")),
    (State.PROPOSED, to_phrase("Proposed")),
    (State.ASKED, to_phrase("Your coach is asked")),
    (State.RUNNING, to_phrase("Running")),
)


@pages.get("/coaching")
@allow("coaching_series")
def show() -> str | Response:
    """Show one's own coaching, the form where nothing is open; who coaches is led to the desk."""
    me = viewer()
    if me.has(Role.COACH) and request_coaching.look(parts(), me).barred:
        return redirect(url_for("coaching_desk.show"))
    return _page(Form({}))


@pages.post("/coaching")
@allow("coaching_series", "write")
def ask() -> Response:
    """Ask for oneself, or keep what was written so far."""
    form = Form()
    draft = form.typed("does") == "keep"
    found = request_coaching.look(parts(), viewer())
    wish = values.wish_of(form, _themes(found), draft=draft)
    if form:
        try:
            if draft:
                request_coaching.keep_draft(parts(), viewer(), wish)
                flash(phrase("Kept. Nobody sees it before you ask."), "ok")
                return redirect(url_for("coaching.show"), 303)
            made = request_coaching.ask(parts(), viewer(), wish)
        except InvalidError as error:
            form.take(error, "theme")
        else:
            flash(_said(made), "ok")
            return redirect(url_for("coaching.show"), 303)
    return Response(_page(form), 422, mimetype="text/html")


@pages.post("/coaching/draft/drop")
@allow("coaching_series", "write")
def drop() -> Response:
    """Forget what was written so far."""
    request_coaching.drop_draft(parts(), viewer())
    flash(phrase("It is gone."), "ok")
    return redirect(url_for("coaching.show"), 303)


@pages.post("/coaching/<request_id>/accept")
@allow("coaching_series", "write")
def accept(request_id: str) -> Response:
    """Accept one of the proposals of one's own request."""
    try:
        request_coaching.accept(parts(), viewer(), request_id, Form().typed("offer"))
    except Taken:
        flash(phrase("Somebody was quicker: that time is gone. Here is what can be now."), "warn")
    else:
        flash(phrase("Your coach is asked, and the times are held for you."), "ok")
    return redirect(url_for("coaching.show"), 303)


@pages.post("/coaching/<request_id>/other")
@allow("coaching_series", "write")
def other(request_id: str) -> Response:
    """Ask for another coach or other times; why is not asked."""
    form = Form()
    does = form.typed("does")
    if does in ("coach", "again"):
        again = request_coaching.other_coach if does == "coach" else request_coaching.from_the_start
        flash(_said(again(parts(), viewer(), request_id)), "ok")
        return redirect(url_for("coaching.show"), 303)
    days, start, end = values.times_of(form)
    if form:
        try:
            flash(_said(request_coaching.other_times(parts(), viewer(), request_id, days, (start, end))), "ok")
            return redirect(url_for("coaching.show"), 303)
        except InvalidError as error:
            form.take(error, "days")
    return Response(_page(form), 422, mimetype="text/html")


@pages.post("/coaching/<request_id>/withdraw")
@allow("coaching_series", "write")
def withdraw(request_id: str) -> Response:
    """Take one's own request back; no reason is asked."""
    request_coaching.withdraw(parts(), viewer(), request_id)
    flash(phrase("It is withdrawn. Nothing is held for you any more."), "ok")
    return redirect(url_for("coaching.show"), 303)


def _said(request: Request) -> str:
    if request.state is State.PROPOSED:
        return phrase("These times can be. Choose one, or say what would suit you better.")
    return phrase("It is received. Nobody is free just now; below stands when somebody will be.")


def _themes(found: Standing) -> list[str]:
    principles = request_coaching.principles_of(found.offers)
    return [*(a.code for a in found.offers), *(f"principle:{p.value}" for p in principles)]


def _page(form: Form) -> str:
    found, me = request_coaching.look(parts(), viewer()), viewer()
    with parts().store.read() as db:
        known = programme.activities(db)
        help_words = house.fact(db, HELP)
        coaches = {c.person_id: c for c in coaching.coaches(db, now().date())}
        loads = coaching.loads(db)
        meanwhile = _meanwhile(db, known) if found.request and found.request.state is State.WAITING else None
        wait = usual_wait(db, now())
        seen = len(observations.of_person(db, me.person_id))
    request = found.request if found.request and found.request.state is not State.RUNNING else None
    made = {
        id_: Coach(id_, c.name, loads.get(id_, 0), c.desk.most if c.desk else USUAL_LOAD) for id_, c in coaches.items()
    }
    only = found.offers[0].code if len(found.offers) == 1 else ""
    draft = found.draft or (None, "")
    return render_template(
        "coaching/show.html",
        request=_request(request, made, known) if request else None,
        running=_running(found, known),
        barred=found.barred,
        desk=url_for("coaching_desk.show") if me.has(Role.COACH) else "",
        seen=seen,
        observed=url_for("observations.show") if seen or scope(me, "observations", "write") else "",
        offers=[
            *((a.code, a.title, _offer(a)) for a in found.offers),
            *((f"principle:{p.value}", PRINCIPLES[p], "One of the five principles.") for p in _principles(found)),
        ],
        first=several(found.first),
        days=values.DAYS,
        halves=[(half, half) for half in values.HALVES],
        languages=[(word, word) for word in found.languages],
        coached=sorted(found.coached.items(), key=lambda pair: pair[1]),
        typed=values.typed(form, request or draft[0], draft[1], only),
        draft=draft[0] is not None,
        errors=form.faults,
        help=help_words,
        meanwhile=meanwhile,
        wait=wait,
        past=[_past(p.activity, p.begun, p.state, known, p.id) for p in found.plans if p.state is not Course.RUNNING][
            :PAST
        ],
    )


def _principles(found: Standing) -> Any:
    return request_coaching.principles_of(found.offers)


def _offer(activity: Activity) -> str:
    times = phrases(
        "%(num)s time %(duration)s.",
        "%(num)s times %(duration)s, about %(often)s.",
        activity.cadence.steps,
        duration=duration(activity.minutes),
        often=every_weeks(activity.cadence.weeks or 1),
    )
    return f"{activity.aim} {times}"


def _request(request: Request, coaches: Mapping[str, Coach], known: Mapping[str, Activity]) -> dict[str, Any]:
    zone = viewer().zone
    theme = values.title_of(request.activity, known)
    order = [state for state, _ in _STANDS]
    at = order.index(request.state)
    offers = [
        values.offer_values(o, request, coaches.get(o.coach_id) or _gone(o.coach_id), theme, zone)
        for o in request.offers
    ]
    opens = local(request.opens, zone) if request.opens else None
    return {
        "id": request.id,
        "theme": values.theme_words(request, known),
        "asked": full_day(local(request.made, zone).date()),
        "times": values.times_words(request.preferred),
        "state": request.state.value,
        "line": [
            {"word": word, "state": "held" if n < at else "now" if n == at else "open"}
            for n, (_, word) in enumerate(_STANDS)
        ],
        "offers": offers,
        "why": why_words(Why(request.why)) if request.why else "",
        "opens": f"{day(opens)}" if opens else "",
        "passed": bool(request.passed),
        "coach": coaches[request.coach_id].name if request.coach_id and request.coach_id in coaches else "",
        "change": bool(request.plan_id),
        "plan": url_for("coaching_plan.show", plan_id=request.plan_id) if request.plan_id else "",
        "accept": url_for("coaching.accept", request_id=request.id),
        "other": url_for("coaching.other", request_id=request.id),
        "withdraw": url_for("coaching.withdraw", request_id=request.id),
    }


def _gone(coach_id: str) -> Coach:
    return Coach(coach_id, phrase("A colleague"), 0)


def _running(found: Standing, known: Mapping[str, Activity]) -> dict[str, str] | None:
    plan = found.running
    if plan is None:
        return None
    name = found.names.get(plan.coach_id or "", "")
    return {
        "title": values.title_of(plan.activity, known),
        "words": phrase(
            "With %(name)s, since %(what)s.", name=name, what=full_day(local(plan.begun, viewer().zone).date())
        )
        if name
        else phrase("Since %(what)s.", what=full_day(local(plan.begun, viewer().zone).date())),
        "href": url_for("coaching_plan.show", plan_id=plan.id),
    }


def _past(code: str, begun: datetime, state: Course, known: Mapping[str, Activity], plan_id: str) -> dict[str, str]:
    return {
        "title": values.title_of(code, known),
        "when": phrase("Begun on %(what)s.", what=full_day(local(begun, viewer().zone).date())),
        "words": "finished" if state is Course.FINISHED else "left",
        "href": url_for("coaching_plan.show", plan_id=plan_id),
    }


def _meanwhile(db: Any, known: Mapping[str, Activity]) -> dict[str, str]:
    """Give what can be done while waiting: the next case round one comes to, else where places are free."""
    ahead = sessions.published(db, sessions.Wanted(start=now(), person_id=viewer().person_id))
    for session in ahead:
        activity = known.get(session.activity)
        if activity is not None and activity.kind in (Kind.ROUND, Kind.SKILL):
            when = f"{day(session.starts)}, {clock(session.starts)}"
            return {"words": f"{activity.title}, {when}", "href": session_link(session.id)}
    return {"words": "", "href": url_for("programme.show")}
