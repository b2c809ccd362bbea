"""The first page of a new installation; it exists only while there is no account."""

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from devsys.actions import accounts
from devsys.actions.sign_in import PASSWORD_LENGTH, sign_in
from devsys.base.errors import InvalidError, NotFoundError
from devsys.base.words import phrase
from devsys.core.policy import allow
from devsys.faces.web.forms import Form
from devsys.faces.web.here import parts
from devsys.faces.web.signin import open_browser

pages = Blueprint("setup", __name__)


@pages.get("/setup/<token>")
@allow("public")
def show(token: str) -> str:
    """Ask for the organisation's name and the first person."""
    if not accounts.setup_is_open(parts(), token):
        raise NotFoundError(phrase("There is no such page."))
    return _page(token, Form({}))


@pages.post("/setup/<token>")
@allow("public")
def set_up(token: str) -> AnyResponse:
    """Create the first person, sign in, go home."""
    if not accounts.setup_is_open(parts(), token):
        raise NotFoundError(phrase("There is no such page."))
    form = Form()
    organisation, name, email = form.text("organisation"), form.text("name"), form.text("email")
    password = form.secret("password")
    if password != form.secret("again"):
        form.fault("again", phrase("The two are not the same."))
    if form:
        try:
            accounts.set_up(parts(), token, organisation=organisation, name=name, email=email, password=password)
        except InvalidError as error:
            form.take(error, "email")
        else:
            secret = sign_in(parts(), email, password, request.remote_addr or "")
            if isinstance(secret, str):
                open_browser(secret)
            flash(phrase("devsys is yours. Four steps lead to a published year."), "ok")
            return redirect(url_for("home.show"), 303)
    return Response(_page(token, form), 422)


def _page(token: str, form: Form) -> str:
    return render_template("setup/show.html", token=token, form=form, errors=form.faults, least=PASSWORD_LENGTH[0])
