"""Sign in by the organisation's provider: out to it, back from it, and the end it tells us of."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Final, TypeVar

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.wrappers import Response

from devsys.actions import sign_in_by_provider
from devsys.actions.sign_in_by_provider import Try
from devsys.base.errors import ConflictError, InvalidError, UnavailableError
from devsys.base.words import phrase
from devsys.core.policy import allow
from devsys.faces.web.forms import Form
from devsys.faces.web.here import cookie_name, device, here, parts, secure, viewer
from devsys.faces.web.signin import local_path, open_browser

pages = Blueprint("provider", __name__)
_LONGEST: Final = 1_500  # letters of a path to go on to that a cookie holds
_JSON: Final = "application/json"
View = TypeVar("View", bound=Callable[..., object])


def outside(view: View) -> View:
    """Mark a view that a program of the provider's calls: it has no cookie and no form, and proves itself otherwise."""
    view.__dict__["outside"] = True
    return view


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.config["SECRET_KEY"]), salt="provider")


def _remember(response: Response, tried: Try) -> Response:
    kept = _signer().dumps(asdict(tried))
    text = kept if isinstance(kept, str) else kept.decode()
    name = f"{cookie_name()}-try"
    response.set_cookie(name, text, max_age=600, secure=secure(), httponly=True, samesite="Lax", path="/")
    return response


def _remembered() -> Try | None:
    try:
        return Try(**_signer().loads(request.cookies.get(f"{cookie_name()}-try", "")))
    except (BadSignature, TypeError, ValueError):
        return None


@pages.get("/sign-in/provider")
@allow("public")
def begin() -> Response:
    """Go to the provider."""
    onward = local_path(request.args.get("next", "/"))
    if here().sign_in is not None:
        return redirect(onward, 303)
    tried, address = sign_in_by_provider.begin(parts(), onward if len(onward) <= _LONGEST else "/")
    return _remember(redirect(address, 303), tried)


@pages.post("/account/provider")
@allow("profile", "write")
def link() -> Response:
    """Go to the provider to link the viewer's own account; a page goes there, as a form may lead to us alone."""
    tried, address = sign_in_by_provider.begin(parts(), url_for("account.show"), viewer().person_id)
    return _remember(_onward(address, phrase("Link your account")), tried)


@pages.get("/sign-in/provider/back")
@allow("public")
def back() -> Response:
    """Take what the provider sends back; the try is over, whatever becomes of it."""
    tried = _remembered()
    given = {name: request.args.get(name, "") for name in ("state", "code", "iss") if name in request.args}
    if tried is not None and tried.link_to and (here().sign_in is None or viewer().person_id != tried.link_to):
        tried = None
    try:
        secret = sign_in_by_provider.finish(parts(), tried, given, device(), request.remote_addr or "")
    except (InvalidError, ConflictError, UnavailableError) as error:
        retry = isinstance(error, UnavailableError)
        page = render_template("signin/not_in.html", words=error.message)
        response = Response(page, 503 if retry else 403, mimetype="text/html")
    else:
        open_browser(secret)
        if tried is not None and tried.link_to:
            flash(phrase("Your account is linked: from now on you can come by the provider."), "ok")
        response = redirect(local_path(tried.onward) if tried else "/", 303)
    response.delete_cookie(f"{cookie_name()}-try", secure=secure(), httponly=True, samesite="Lax", path="/")
    return response


@pages.get("/sign-in/provider/out")
@allow("public")
def out() -> Response:
    """Go on to the provider's own sign-out; who is signed in here still is sent home."""
    if here().sign_in is not None:
        return redirect(url_for("home.show"), 303)
    try:
        address = sign_in_by_provider.way_out(parts())
    except UnavailableError:
        address = ""
    if not address:
        return redirect(url_for("signin.show"), 303)
    return _onward(address, phrase("You are signed out here"))


def _onward(address: str, title: str) -> Response:
    response = Response(render_template("signin/onward.html", address=address, title=title), mimetype="text/html")
    response.headers["Refresh"] = f"0; url={address}"
    return response


@pages.post("/sign-in/provider/logout")
@allow("public")
@outside
def told() -> Response:
    """End what a logout token of the provider names (OpenID Connect Back-Channel Logout 1.0)."""
    form = Form()
    try:
        sign_in_by_provider.told_to_end(parts(), form.typed("logout_token"))
    except InvalidError as error:
        return Response(f'{{"error": "invalid_request", "error_description": "{error.message}"}}', 400, mimetype=_JSON)
    return Response("", 200)


@pages.post("/people/<person_id>/provider/unlink")
@allow("accounts", "write")
def unlink(person_id: str) -> Response:
    """Take the link of an account away."""
    sign_in_by_provider.unlink(parts(), viewer(), person_id)
    flash(phrase("The link is taken away, and all sign-ins with it."), "ok")
    return redirect(url_for("people.show", person_id=person_id) + "#account", 303)
