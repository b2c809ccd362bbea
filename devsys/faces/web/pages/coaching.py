"""Coaching for oneself: what it is, ask for it, see where it stands, withdraw. No route here speaks for another."""

from collections.abc import Iterable, Mapping
from datetime import datetime, time
from typing import Any, Final

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from devsys.actions import request_coaching
from devsys.actions.request_coaching import WEEKDAYS, Series, Standing, Step, Wish
from devsys.adapters.store.queries import calendar_figures
from devsys.base.errors import InvalidError
from devsys.base.text import count_of
from devsys.core.model.calendar import Session
from devsys.core.model.needs import SeriesRequest
from devsys.core.model.programme import Activity
from devsys.core.policy import allow
from devsys.core.programmes.why import weeks_in_words
from devsys.faces.web.filters import clock, day, duration, full_day, local, period, zone_name
from devsys.faces.web.forms import Form
from devsys.faces.web.here import now, parts, viewer
from devsys.faces.web.shown import session_link
from devsys.faces.web.words import first_up, several, spoken_of

pages = Blueprint("coaching", __name__)

HALVES: Final = tuple(f"{half // 2:02d}:{half % 2 * 30:02d}" for half in range(48))
PAST: Final = 12
WORKING_DAYS: Final = tuple(str(n) for n in range(5))
_DAYS: Final = tuple((str(n), name) for n, name in enumerate(WEEKDAYS))


@pages.get("/coaching")
@allow("coaching_series")
def show() -> str:
    """Show one's own coaching; the form where nothing runs."""
    return _page(Form({}))


@pages.post("/coaching")
@allow("coaching_series", "write")
def ask() -> Response:
    """Ask for a series for oneself; the next plan places it."""
    form = Form()
    offers = [a.code for a in request_coaching.look(parts(), viewer()).offers]
    activity = form.choice("activity", offers, default="")
    if not activity:
        form.fault("activity", "Choose what it is about.")
    days = tuple(int(n) for n in form.several("days", [code for code, _ in _DAYS]))
    start, end = form.choice("from", HALVES), form.choice("until", HALVES)
    if form:
        try:
            wish = Wish(activity, days, time.fromisoformat(start), time.fromisoformat(end))
            request_coaching.ask(parts(), viewer(), wish)
        except InvalidError as error:
            form.take(error, "activity")
        else:
            flash("Asked for. The next plan finds the times; they then stand here and in your calendar.", "ok")
            return redirect(url_for("coaching.show"), 303)
    return Response(_page(form), 422, mimetype="text/html")


@pages.post("/coaching/<series_id>/withdraw")
@allow("coaching_series", "write")
def withdraw(series_id: str) -> Response:
    """Take one's own series back; no reason is asked."""
    left = request_coaching.withdraw(parts(), viewer(), series_id)
    words = "It is withdrawn."
    if left:
        words += f" {first_up(spoken_of(left, 'session'))} still in your calendar will leave it with the next plan."
    flash(words, "ok")
    return redirect(url_for("coaching.show"), 303)


def _page(form: Form) -> str:
    found, moment = request_coaching.look(parts(), viewer()), now()
    coaches = _coaches(found.series)
    running = found.open
    leaving = [s for series in found.series if series.withdrawn for s in series.ahead(moment)]
    return render_template(
        "coaching/show.html",
        running=_running(running, coaches, moment) if running else None,
        leaving=[_session(s, coaches) for s in sorted(leaving, key=lambda s: s.starts_utc)],
        barred=found.barred,
        offers=[(a.code, a.title, _offer(a)) for a in found.offers],
        first=several(found.first),
        days=_DAYS,
        halves=[(half, half) for half in HALVES],
        typed=_typed(form, found),
        errors=form.faults,
        past=[_past(s) for s in found.series if not s.open][:PAST],
    )


def _coaches(series: Iterable[Series]) -> Mapping[str, str]:
    steps = (step for one in series for step in one.steps)
    ids = {step.session.facilitator_id for step in steps if step.session and step.session.facilitator_id}
    with parts().store.read() as db:
        return {m.id: m.name for m in calendar_figures.members(db, ids).values()} if ids else {}


def _typed(form: Form, found: Standing) -> dict[str, Any]:
    """Give what was typed; on a fresh form the working days from nine to five, and the only offer if there is one."""
    only = found.offers[0].code if len(found.offers) == 1 else ""
    return {
        "activity": form.typed("activity", only),
        "days": form.all("days") if form.faults else WORKING_DAYS,
        "start": form.typed("from", "09:00"),
        "end": form.typed("until", "17:00"),
    }


def _offer(activity: Activity) -> str:
    times = f"{count_of(activity.cadence.steps, 'time')} {duration(activity.minutes)}"
    if activity.cadence.steps > 1:
        times += f", about every {weeks_in_words(activity.cadence.weeks or 1)}"
    return f"{activity.aim} {times}."


def _running(series: Series, coaches: Mapping[str, str], moment: datetime) -> dict[str, Any]:
    request = series.request
    return {
        "title": series.activity.title if series.activity else request.activity.replace("_", " ").capitalize(),
        "lede": _lede(series, coaches, moment),
        "asked": full_day(local(request.requested, viewer().zone).date()),
        "times": _times(request),
        "steps": [_step(step, len(series.steps), coaches, moment) for step in series.steps],
        "ahead": len(series.ahead(moment)),
        "prepare": series.activity.prepare if series.activity else "",
        "withdraw": url_for("coaching.withdraw", series_id=request.id),
    }


def _lede(series: Series, coaches: Mapping[str, str], moment: datetime) -> str:
    ahead = series.ahead(moment)
    if ahead:
        first = min(ahead, key=lambda s: s.starts_utc)
        with_whom = coaches.get(first.facilitator_id or "", "")
        return f"Next{' with ' + with_whom if with_whom else ''}: {day(first.starts)}, {clock(first.starts)}."
    if not series.planned:
        return "It waits for the next plan, which looks for a coach and for times."
    return "The plan found no time yet; each new plan tries again."


def _step(step: Step, count: int, coaches: Mapping[str, str], moment: datetime) -> dict[str, str]:
    found = {"name": f"{step.number} of {count}", "href": "", "when": "", "state": "", "detail": ""}
    if step.session is not None:
        state = "held" if step.session.ends_utc <= moment else ""
        return found | _session(step.session, coaches) | {"state": state, "name": found["name"]}
    window = f"between {day(step.window.earliest)} and {day(step.window.latest)}" if step.window else ""
    if step.owed is not None:
        why = f"{step.owed.reason} {step.owed.would_fit}".strip()
        return found | {"when": "no time found yet", "state": "owed", "detail": why}
    return found | {"when": "not planned yet", "detail": f"It belongs {window}." if window else ""}


def _session(session: Session, coaches: Mapping[str, str]) -> dict[str, str]:
    coach = coaches.get(session.facilitator_id or "", "")
    return {
        "name": "",
        "href": session_link(session.id),
        "when": f"{day(session.starts)}, {period(session.starts, session.ends)}",
        "state": "",
        "detail": f"{'With ' + coach + ', ' if coach else ''}{zone_name(session.zone)}.",
    }


def _times(request: SeriesRequest) -> str:
    """Say the times that suit: one sentence for all days of the same hours."""
    by_hours: dict[tuple[time, time], list[str]] = {}
    for weekday, start, end in request.preferred:
        by_hours.setdefault((start, end), []).append(WEEKDAYS[weekday])
    said = [f"{several(names)}, {start:%H:%M}\u2013{end:%H:%M}" for (start, end), names in by_hours.items()]
    return "; ".join(said) or "any working time"


def _past(series: Series) -> dict[str, str]:
    title = series.activity.title if series.activity else series.request.activity.replace("_", " ").capitalize()
    if series.withdrawn is not None:
        words = f"withdrawn {full_day(local(series.withdrawn, viewer().zone).date())}"
    else:
        held = [s.session for s in series.steps if s.session is not None]
        words = f"{count_of(len(held), 'session')} held" if held else "no time was found"
    asked = full_day(local(series.request.requested, viewer().zone).date())
    return {"title": title, "when": f"Asked for on {asked}.", "words": words}
