"""Sign in, sign out."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from devsys.actions import passkeys, second_step
from devsys.actions.sign_in import HalfDone, Refused, sign_in, sign_out
from devsys.adapters.provider import is_set
from devsys.adapters.store.queries import house
from devsys.base.errors import NotFoundError
from devsys.base.words import phrase
from devsys.core.policy import allow
from devsys.faces.web.forms import Form
from devsys.faces.web.here import cookie_name, device, here, parts
from devsys.faces.web.signin import close_browser, local_path, open_browser

pages = Blueprint("signin", __name__)


@pages.get("/sign-in")
@allow("public")
def show() -> str | Response:
    """Ask for e-mail and password; who is signed in goes on."""
    onward = local_path(request.args.get("next", "/"))
    if here().sign_in is not None:
        return redirect(onward, 303)
    return _page(onward, "", {})


@pages.post("/sign-in")
@allow("public")
def enter() -> Response:
    """Sign in, or say that it did not match: the same for a known and an unknown address."""
    form = Form()
    email, onward = form.text("email"), local_path(form.typed("next", "/"))
    password = form.secret("password")
    if not password:
        form.fault("password", phrase("Fill this in."))
    if not form:
        return Response(_page(onward, email, form.faults), 422, mimetype="text/html")
    answer = sign_in(parts(), email, password, request.remote_addr or "", device())
    if isinstance(answer, str):
        open_browser(answer)
        return redirect(onward, 303)
    if isinstance(answer, HalfDone):
        open_browser(answer.secret)
        return redirect(url_for("signin.code", next=onward if onward != "/" else None), 303)
    if answer.wait:
        wait = {"Retry-After": str(answer.wait)}
        return Response(_page(onward, email, {}, answer.wait), 429, wait, mimetype="text/html")
    wrong = {"email": phrase("E-mail and password do not match. Look at both and try again.")}
    return Response(_page(onward, email, wrong), 422, mimetype="text/html")


@pages.get("/sign-in/code")
@allow("public")
def code() -> str | Response:
    """Ask for the code of a sign-in half done; without one, begin at the beginning."""
    if not second_step.is_half(parts(), request.cookies.get(cookie_name(), "")):
        return redirect(url_for("signin.show"), 303)
    return _code_page(local_path(request.args.get("next", "/")), {})


@pages.post("/sign-in/code")
@allow("public")
def enter_code() -> Response:
    """Make a half sign-in whole by a code of the app or a recovery code."""
    form = Form()
    onward, typed = local_path(form.typed("next", "/")), form.secret("code")
    if not typed.strip():
        form.fault("code", phrase("Fill this in."))
        return Response(_code_page(onward, form.faults), 422, mimetype="text/html")
    secret = request.cookies.get(cookie_name(), "")
    answer = second_step.finish(parts(), secret, typed, request.remote_addr or "", device())
    if answer is None:
        flash(phrase("That took too long. Sign in again; nothing else is lost."), "warn")
        return redirect(url_for("signin.show"), 303)
    if not isinstance(answer, Refused):
        open_browser(answer)
        return redirect(onward, 303)
    if answer.wait:
        wait = {"Retry-After": str(answer.wait)}
        return Response(_code_page(onward, {}, answer.wait), 429, wait, mimetype="text/html")
    wrong = {"code": phrase("This code does not fit. Wait for the next one and type that; each is taken once.")}
    return Response(_code_page(onward, wrong), 422, mimetype="text/html")


def _code_page(onward: str, errors: dict[str, str], wait: int = 0) -> str:
    return render_template("signin/code.html", errors=errors, next=onward if onward != "/" else "", wait=wait)


@pages.post("/sign-out", endpoint="sign_out")
@allow("public")
def sign_out_here() -> Response:
    """End the sign-in of this browser."""
    secret = request.cookies.get(cookie_name(), "")
    via = sign_out(parts(), secret) if secret else ""
    close_browser()
    if via == "provider":
        return redirect(url_for("provider.out"), 303)
    return redirect(url_for("signin.show"), 303)


def _page(onward: str, email: str, errors: dict[str, str], wait: int = 0) -> str:
    return render_template(
        "signin/signin.html",
        action=url_for("signin.enter"),
        email=email,
        errors=errors,
        next=onward if onward != "/" else "",
        wait=wait,
        passkeys=passkeys.can_be(parts()),
        provider=parts().settings.oidc_words if is_set(parts().settings) else "",
        **_demo(),
    )


def _demo() -> dict[str, object]:
    """Give the accounts to try, in the demo organisation only; it never listens beyond this machine."""
    with parts().store.read() as db:
        if not house.is_demo(db):
            return {}
    from devsys.actions.demo import demo_accounts  # noqa: PLC0415 -- slow import, wanted in a demo only

    try:
        found = [account for account in demo_accounts(parts()) if account.role != "leaver"]
    except NotFoundError:  # its file of passwords is gone
        return {}
    passwords = {account.password for account in found}
    return {
        "demo_accounts": [(account.role.capitalize(), account.email) for account in found],
        "demo_password": passwords.pop() if len(passwords) == 1 else "",
    }
