"""The calendar as a list: everybody's own sessions ahead and behind; planners find year, month and week from here."""

from datetime import timedelta
from typing import Final

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from devsys.adapters.store.queries import sessions
from devsys.adapters.store.queries.sessions import Wanted
from devsys.base.words import phrase
from devsys.base.written import several, zone_name
from devsys.core.policy import allow
from devsys.faces.web.agenda_values import agenda
from devsys.faces.web.context import plans_for_others
from devsys.faces.web.here import now, parts, today, viewer
from devsys.faces.web.session_values import Moment, names, seen

pages = Blueprint("calendar", __name__)
AHEAD: Final = timedelta(weeks=26)
BEHIND: Final = timedelta(weeks=26)
MOST: Final = 100


@pages.get("/calendar")
@allow("sessions")
def show() -> Response | str:
    """Show the viewer's own sessions: what comes, or what is past. Who plans for others is led to the year."""
    if plans_for_others(viewer()) and "own" not in request.args:
        return redirect(url_for("year.show"), 303)
    past = request.args.get("view") == "past"
    start, end = (now() - BEHIND, now()) if past else (now(), now() + AHEAD)
    with parts().store.read() as db:
        found = sessions.published(db, Wanted(start=start, end=end, involves=viewer().person_id))
        known = names(db)
    if past:
        found = tuple(s for s in reversed(found) if s.ends_utc <= now())
    moment = Moment(now(), now())
    shown = [seen(s, viewer(), known, moment) for s in found[:MOST]]
    days = agenda(shown, today(), years=True)
    if past:
        days.reverse()
    zones = sorted({zone_name(one.session.zone) for one in shown})
    return render_template(
        "month/list.html",
        days=days,
        past=past,
        beyond=max(0, len(found) - MOST),
        zones=several(zones),
        views=[
            (url_for("calendar.show", own=1), phrase("To come"), not past),
            (url_for("calendar.show", own=1, view="past"), phrase("Past"), past),
        ],
        links={"week": url_for("week.show"), "month": url_for("month.show"), "subscribe": url_for("feeds.show")},
    )
