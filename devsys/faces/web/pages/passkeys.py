"""One's own passkeys, and the way in by one. Script talks to the browser; forms carry what it says."""

import json
from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, Response, flash, redirect, render_template, request, session, url_for
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response as AnyResponse

from devsys.actions import passkeys
from devsys.actions.sign_in import Refused
from devsys.base.errors import ConflictError, DevsysError, InvalidError
from devsys.base.words import phrase
from devsys.base.written import clock, full_day
from devsys.core.policy import allow
from devsys.faces.web.filters import local
from devsys.faces.web.forms import Form
from devsys.faces.web.here import device, parts, viewer
from devsys.faces.web.sessions import Browser
from devsys.faces.web.signin import local_path, open_browser

pages = Blueprint("passkeys", __name__)


@pages.get("/account/passkeys")
@allow("profile")
def show() -> str:
    """List one's own passkeys, and offer to make one."""
    return _page(Form({}))


@pages.post("/account/passkeys/begin")
@allow("profile", "write")
def begin() -> Response:
    """Say what the browser needs to make a key, after the password."""
    form = Form()
    name, password = form.typed("name"), form.secret("password")
    return _options(lambda: passkeys.begin(parts(), viewer(), _browser(), name, password))


@pages.post("/account/passkeys")
@allow("profile", "write")
def keep() -> AnyResponse:
    """Keep the key that the browser made."""
    form = Form()
    try:
        passkeys.keep(parts(), viewer(), _browser(), form.text("name"), _answer())
    except InvalidError as error:
        form.take(error, "name")
        return Response(_page(form), 422, mimetype="text/html")
    except ConflictError as error:
        flash(error.message, "warn")
        return redirect(url_for("passkeys.show"), 303)
    flash(phrase("Kept: it opens your account from now on. A letter tells you so."), "ok")
    return redirect(url_for("passkeys.show"), 303)


@pages.post("/account/passkeys/<passkey_id>/remove")
@allow("profile", "write")
def remove(passkey_id: str) -> AnyResponse:
    """Take one away."""
    name = passkeys.remove(parts(), viewer(), passkey_id)
    flash(phrase("“%(name)s” opens nothing any more. Delete it on the device too.", name=name), "ok")
    return redirect(url_for("passkeys.show"), 303)


@pages.post("/sign-in/passkey/begin")
@allow("public")
def ask() -> Response:
    """Say what the browser needs to look for a key."""
    return _options(lambda: passkeys.ask(parts(), _browser()))


@pages.post("/sign-in/passkey")
@allow("public")
def enter() -> AnyResponse:
    """Sign in by a proof; what is wrong with one is not told apart."""
    onward = local_path(Form().typed("next", "/"))
    found = passkeys.enter(parts(), _browser(), _answer(), request.remote_addr or "", device())
    if not isinstance(found, Refused):
        open_browser(found)
        return redirect(onward, 303)
    if found.wait:
        flash(phrase("Too many tries. The next one counts in %(seconds)s seconds.", seconds=found.wait), "warn")
    else:
        flash(phrase("This passkey opens nothing here. Sign in with your password, or try again."), "warn")
    return redirect(url_for("signin.show", next=onward if onward != "/" else None), 303)


def _options(given: Callable[[], str]) -> Response:
    """Give options as JSON, or what is wrong in words, for the script to show."""
    try:
        return Response(given(), 200, mimetype="application/json")
    except InvalidError as error:
        faults = {fault.where: fault.what for fault in error.faults}
        return Response(json.dumps({"faults": faults}), 422, mimetype="application/json")
    except DevsysError as error:
        return Response(json.dumps({"words": error.message}), 409, mimetype="application/json")


def _browser() -> str:
    """Give what this browser alone holds: the secret of its sign-in, or a visitor's."""
    found = session._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 -- werkzeug's own way
    if not isinstance(found, Browser) or not found.secret:
        raise BadRequest
    return found.secret


def _answer() -> str:
    return request.form.get("answer", "")


def _page(form: Form) -> str:
    zone = viewer().zone

    def at(moment: datetime) -> str:
        there = local(moment, zone)
        return f"{full_day(there)}, {clock(there)}"

    return render_template(
        "account/passkeys.html",
        keys=[
            {
                "id": one.id,
                "name": one.name,
                "created": at(one.created),
                "used": at(one.used) if one.used else "",
                "synced": one.synced,
            }
            for one in passkeys.listed(parts(), viewer())
        ],
        can_be=passkeys.can_be(parts()),
        name=form.typed("name"),
        errors=form.faults,
        most=passkeys.MOST_NAME,
    )
