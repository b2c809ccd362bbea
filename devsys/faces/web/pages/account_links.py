"""A forgotten password, and what the link of a letter about an account opens; reading either writes nothing."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from devsys.actions import account_links
from devsys.actions.sign_in import PASSWORD_LENGTH, HalfDone, sign_in
from devsys.adapters.store.queries.account_links import INVITE, AccountLink
from devsys.base.errors import InvalidError, NotFoundError
from devsys.base.words import phrase
from devsys.core.policy import allow
from devsys.faces.web.forms import Form
from devsys.faces.web.here import device, parts
from devsys.faces.web.signin import open_browser

pages = Blueprint("account_links", __name__)


@pages.get("/forgotten")
@allow("public")
def show() -> str:
    """Ask for the address a new password is wanted for."""
    return _asking({})


@pages.post("/forgotten")
@allow("public")
def ask() -> Response:
    """Take the wish; the answer is the same whether there is such an account or not."""
    form = Form()
    email = form.text("email")
    if not form:
        return Response(_asking(form.faults, form.typed("email")), 422, mimetype="text/html")
    wait = account_links.ask_for_reset(parts(), email, request.remote_addr or "")
    if wait:
        page = _asking({}, email, wait)
        return Response(page, 429, {"Retry-After": str(wait)}, mimetype="text/html")
    return redirect(url_for("account_links.asked"), 303)


@pages.get("/forgotten/asked")
@allow("public")
def asked() -> str:
    """Say what comes now."""
    return render_template("signin/asked.html")


def _asking(errors: dict[str, str], email: str = "", wait: int = 0) -> str:
    leave = account_links.letters_leave(parts())
    return render_template("signin/forgotten.html", errors=errors, email=email, wait=wait, leave=leave)


@pages.get("/account-link/<token>")
@allow("public")
def open_link(token: str) -> str | Response:
    """Ask for the password a link sets."""
    try:
        found = account_links.opened(parts(), token)
    except NotFoundError:
        return _over()
    return _choosing(token, found, {})


@pages.post("/account-link/<token>")
@allow("public")
def choose(token: str) -> Response:
    """Set the password, sign in, go home; the link dies with it."""
    form = Form()
    password = form.secret("password")
    if password != form.secret("again"):
        form.fault("again", phrase("The two are not the same."))
    try:
        if form:
            found = account_links.choose_password(parts(), token, password)
            return _inside(found, password)
    except InvalidError as error:
        form.take(error, "password")
    except NotFoundError:
        return _over()
    try:
        found = account_links.opened(parts(), token)
    except NotFoundError:
        return _over()
    return Response(_choosing(token, found, form.faults), 422, mimetype="text/html")


def _inside(found: AccountLink, password: str) -> Response:
    secret = sign_in(parts(), found.email, password, request.remote_addr or "", device())
    flash(phrase("Your password is kept."), "ok")
    if isinstance(secret, HalfDone):
        open_browser(secret.secret)
        return redirect(url_for("signin.code"), 303)
    if not isinstance(secret, str):  # too many tries from this address
        return redirect(url_for("signin.show"), 303)
    open_browser(secret)
    return redirect(url_for("home.show"), 303)


def _choosing(token: str, found: AccountLink, errors: dict[str, str]) -> str:
    return render_template(
        "signin/choose.html",
        action=url_for("account_links.choose", token=token),
        email=found.email,
        first=found.kind == INVITE,
        errors=errors,
        least=PASSWORD_LENGTH[0],
    )


def _over() -> Response:
    return Response(render_template("signin/over.html"), 404, mimetype="text/html")
