"""One's own second step: an authenticator app, its recovery codes."""

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from devsys.actions import second_step
from devsys.base.errors import ConflictError, InvalidError, NotFoundError
from devsys.base.words import phrase
from devsys.core.policy import allow
from devsys.faces.web.drawing import draw_qr
from devsys.faces.web.forms import Form
from devsys.faces.web.here import here, parts, viewer
from devsys.faces.web.signin import must_secure

pages = Blueprint("second_step", __name__)


@pages.get("/account/second-step")
@allow("profile")
def show() -> str:
    """Say how the second step stands, and what can be done."""
    return _page({})


@pages.post("/account/second-step")
@allow("profile", "write")
def begin() -> Response:
    """Begin to set up an app, after the password."""
    form = Form()
    try:
        second_step.begin(parts(), viewer(), form.secret("password"))
    except InvalidError as error:
        form.take(error, "password")
    except ConflictError as error:
        flash(error.message, "warn")
        return redirect(url_for("second_step.show"), 303)
    if form:
        return redirect(url_for("second_step.set_up"), 303)
    return Response(_page(form.faults), 422, mimetype="text/html")


@pages.get("/account/second-step/app")
@allow("profile")
def set_up() -> str | Response:
    """Show what the app needs, and ask for its first code."""
    return _set_up({}) or redirect(url_for("second_step.show"), 303)


@pages.post("/account/second-step/app")
@allow("profile", "write")
def confirm() -> Response:
    """Turn the second step on by the first code, and show the recovery codes once."""
    form = Form()
    try:
        return _codes(second_step.confirm(parts(), viewer(), form.secret("code")))
    except InvalidError as error:
        form.take(error, "code")
    except NotFoundError as error:
        flash(error.message, "warn")
        return redirect(url_for("second_step.show"), 303)
    return Response(_set_up(form.faults), 422, mimetype="text/html")


@pages.post("/account/second-step/codes")
@allow("profile", "write")
def renew() -> Response:
    """Give new recovery codes for a code."""
    form = Form()
    try:
        return _codes(second_step.renew(parts(), viewer(), form.secret("code")))
    except InvalidError as error:
        form.take(error, "code")
    return Response(_page(form.faults), 422, mimetype="text/html")


@pages.post("/account/second-step/off")
@allow("profile", "write")
def turn_off() -> Response:
    """Turn the second step off by a code."""
    form = Form()
    try:
        second_step.turn_off(parts(), viewer(), form.secret("code"))
    except InvalidError as error:
        form.take(error, "code")
        return Response(_page(form.faults), 422, mimetype="text/html")
    flash(phrase("The second step is off. Your password alone opens your account."), "ok")
    return redirect(url_for("second_step.show"), 303)


def _page(errors: dict[str, str]) -> str:
    found = here().sign_in
    return render_template(
        "account/second_step.html",
        standing=second_step.standing(parts(), viewer()),
        must=found is not None and must_secure(found),
        errors=errors,
    )


def _set_up(errors: dict[str, str]) -> str:
    found = second_step.set_up(parts(), viewer())
    if found is None:
        return ""
    return render_template(
        "account/second_step_app.html", secret=found.secret, qr=draw_qr(found.address), errors=errors
    )


def _codes(codes: tuple[str, ...]) -> Response:
    return Response(render_template("account/recovery_codes.html", codes=codes), 200, mimetype="text/html")
