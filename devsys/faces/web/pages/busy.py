"""One's own busy times: calendars brought as files or, where that is allowed, named by address."""

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from devsys.actions import busy_times
from devsys.actions.busy_times import Added
from devsys.adapters.store.queries import busy
from devsys.adapters.store.queries.busy import Source
from devsys.base.errors import InvalidError
from devsys.base.limits import ICS_FETCH_BYTES, ICS_UPLOAD_BYTES
from devsys.base.words import grouped, phrase, phrases
from devsys.base.written import full_day, since, zone_name
from devsys.core.policy import allow
from devsys.faces.web.filters import local
from devsys.faces.web.forms import Form, brought
from devsys.faces.web.here import now, parts, viewer

pages = Blueprint("busy", __name__)
_MIB = 1024 * 1024


@pages.get("/account/busy")
@allow("busy")
def show() -> str:
    """Show one's own calendars and what was read of them."""
    return _page({})


@pages.post("/account/busy/file")
@allow("busy", "write")
def add_file() -> AnyResponse:
    """Take a calendar as a file."""
    form = Form()
    name, data = brought("calendar.ics")
    if "file" not in request.files or not name or not data:
        form.fault("file", phrase("Choose a file."))
    if form:
        try:
            return _added(busy_times.add_file(parts(), viewer(), name, data))
        except InvalidError as error:
            form.fault("file", error.message)
    return Response(_page(form.faults), 422)


@pages.post("/account/busy/address")
@allow("busy", "write")
def add_address() -> AnyResponse:
    """Take a calendar by its address; the worker looks at it again."""
    form = Form()
    address = form.secret("address").strip()
    if not address:
        form.fault("address", phrase("Fill this in."))
    if form:
        try:
            return _added(busy_times.add_address(parts(), viewer(), address))
        except InvalidError as error:
            form.fault("address", error.message)
    return Response(_page(form.faults), 422)


@pages.post("/account/busy/remove")
@allow("busy", "write")
def remove() -> AnyResponse:
    """Forget a calendar and its busy times."""
    busy_times.take_away(parts(), viewer(), Form().text("source"))
    flash(phrase("The calendar and its busy times are forgotten."), "ok")
    return redirect(url_for("busy.show"), 303)


def _added(found: Added) -> AnyResponse:
    words = phrases("%(num)s busy time read", "%(num)s busy times read", found.periods)
    if found.of_work:
        words = phrase(
            "%(read)s, %(hours)s hours of your work in the next %(weeks)s weeks",
            read=words,
            hours=grouped(f"{found.of_work:g}"),
            weeks=busy_times.WEEKS,
        )
    flash(phrase("%(words)s. No title was kept.", words=words), "ok")
    return redirect(url_for("busy.show"), 303)


def _page(errors: dict[str, str]) -> str:
    me, moment = viewer(), now()
    with parts().store.read() as db:
        own = busy.sources(db, me.person_id)
    return render_template(
        "account/busy.html",
        errors=errors,
        sources=[_source(s) for s in own],
        addresses=parts().settings.busy_addresses,
        most_file=ICS_UPLOAD_BYTES // _MIB,
        most_address=ICS_FETCH_BYTES // _MIB,
        until=full_day(local(moment + busy_times.AHEAD, me.zone).date()),
        zone=zone_name(me.zone),
        full=len(own) >= busy_times.MOST,
    )


def _source(found: Source) -> dict[str, Any]:
    zone = viewer().zone
    until = full_day(local(found.until, zone).date())
    when = since(found.read, now())
    read = phrase("read %(when)s", when=when) if found.fetched else phrase("brought %(when)s", when=when)
    return {
        "id": found.id,
        "name": found.name,
        "words": phrases(
            "%(num)s busy time until %(day)s, %(read)s",
            "%(num)s busy times until %(day)s, %(read)s",
            found.periods,
            day=until,
            read=read,
        ),
        "note": found.note,
        "trouble": phrase("%(trouble)s What was read last still counts.", trouble=found.trouble)
        if found.trouble
        else "",
    }
