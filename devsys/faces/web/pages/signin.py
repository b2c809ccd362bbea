"""Sign in, sign out."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from devsys.actions.sign_in import sign_in, sign_out
from devsys.adapters.provider import is_set
from devsys.adapters.store.queries import house
from devsys.base.errors import NotFoundError
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
        form.fault("password", "Fill this in.")
    if not form:
        return Response(_page(onward, email, form.faults), 422, mimetype="text/html")
    answer = sign_in(parts(), email, password, request.remote_addr or "", device())
    if isinstance(answer, str):
        open_browser(answer)
        return redirect(onward, 303)
    if answer.wait:
        wait = {"Retry-After": str(answer.wait)}
        return Response(_page(onward, email, {}, answer.wait), 429, wait, mimetype="text/html")
    wrong = {"email": "E-mail and password do not match. Look at both and try again."}
    return Response(_page(onward, email, wrong), 422, mimetype="text/html")


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
