"""One's own account: password, theme; and who sees what."""

from collections.abc import Mapping
from typing import Final

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from devsys.actions import accounts, meet_online
from devsys.actions.sign_in import PASSWORD_LENGTH
from devsys.base.errors import InvalidError
from devsys.base.words import LANGUAGES, phrase, to_phrase
from devsys.core.model.access import ROLE_WORDS, Role
from devsys.core.policy import MATRIX, TITLES, Action, Cells, Extent, allow
from devsys.faces.web.context import THEME_COOKIE, THEMES
from devsys.faces.web.forms import Form
from devsys.faces.web.here import here, parts, secure, viewer
from devsys.faces.web.signin import local_path

pages = Blueprint("account", __name__)
AS_ASKED: Final = "auto"
_A_YEAR: Final = 365 * 86_400
_COLUMNS: Final = (Role.ADMINISTRATOR, Role.COORDINATOR, Role.FACILITATOR, Role.COACH, Role.LEAD, Role.EMPLOYEE)
_EXTENTS: Final = {
    Extent.ALL: to_phrase("all"),
    Extent.TEAM: to_phrase("own team"),
    Extent.ASSIGNED: to_phrase("what they lead"),
    Extent.OWN: to_phrase("own"),
    Extent.GROUP: to_phrase("counts only"),
    Extent.BUSY: to_phrase("only that the time is taken"),
}


@pages.get("/account")
@allow("profile")
def show() -> str:
    """Show who one is here: roles, address, language."""
    return _show({})


def _show(errors: dict[str, str]) -> str:
    found = here().sign_in
    me = viewer()
    return render_template(
        "account/show.html",
        name=me.name,
        email=found.email if found else "",
        roles=sorted(str(ROLE_WORDS[role]) for role in me.roles),
        leads=me.has(Role.FACILITATOR, Role.COACH),
        languages=((AS_ASKED, phrase("As the browser asks")), *LANGUAGES.items()),
        chosen=found.language if found and found.language else AS_ASKED,
        errors=errors,
    )


@pages.get("/account/online")
@allow("profile")
def online() -> str:
    """Ask where the viewer meets those who come to what they lead online."""
    return _online_page(meet_online.link_of(parts(), viewer()), {})


@pages.post("/account/online")
@allow("profile", "write")
def give_online() -> AnyResponse:
    """Keep it, or take it away."""
    form = Form()
    address = form.text("address", limit=meet_online.MOST, required=False)
    if form:
        try:
            meet_online.give(parts(), viewer(), address)
        except InvalidError as error:
            form.take(error, "address")
        else:
            words = (
                phrase("Kept: your sessions without a room carry it.")
                if address
                else phrase("Your sessions carry no link now.")
            )
            flash(words, "ok")
            return redirect(url_for("account.show"), 303)
    return Response(_online_page(form.typed("address"), form.faults), 422)


def _online_page(address: str, errors: dict[str, str]) -> str:
    return render_template("account/online.html", address=address, errors=errors, most=meet_online.MOST)


@pages.get("/account/password")
@allow("profile")
def password() -> str:
    """Ask for a new password."""
    return _password_page({})


@pages.post("/account/password")
@allow("profile", "write")
def change_password() -> AnyResponse:
    """Change the password; every other sign-in of the person ends."""
    form = Form()
    old, new, again = form.secret("old"), form.secret("password"), form.secret("again")
    if new != again:
        form.fault("again", phrase("The two are not the same."))
    found = here().sign_in
    if form and found is not None:
        try:
            accounts.change_password(parts(), viewer(), found.id_hash, old=old, new=new)
        except InvalidError as error:
            form.take(error, "password")
        else:
            flash(phrase("Your password is changed. Other browsers have to sign in again."), "ok")
            return redirect(url_for("account.show"), 303)
    return Response(_password_page(form.faults), 422)


@pages.post("/account/language")
@allow("profile", "write")
def choose_language() -> AnyResponse:
    """Keep the language of pages and letters; it is spoken from the next page on."""
    form = Form()
    chosen = form.choice("language", (AS_ASKED, *LANGUAGES), default=AS_ASKED)
    if not form:
        return Response(_show(form.faults), 422)
    accounts.set_language(parts(), viewer(), "" if chosen == AS_ASKED else chosen)
    return redirect(url_for("account.show"), 303)


@pages.post("/account/theme")
@allow("public")
def theme() -> AnyResponse:
    """Keep light, dark, or as the device says: with the account, or in a cookie for a visitor."""
    form = Form()
    chosen = form.choice("theme", THEMES, default="auto")
    found = here().sign_in
    if form and found is not None:
        accounts.set_theme(parts(), found.viewer, "" if chosen == "auto" else chosen)
    response = redirect(local_path(form.typed("next", "/")), 303)
    if form:
        response.set_cookie(
            THEME_COOKIE, chosen, max_age=_A_YEAR, secure=secure(), httponly=True, samesite="Lax", path="/"
        )
    return response


def _password_page(errors: dict[str, str]) -> str:
    found = here().sign_in
    return render_template(
        "account/password.html",
        errors=errors,
        must_change=found is not None and found.must_change,
        least=PASSWORD_LENGTH[0],
    )


@pages.get("/who-sees-what")
@allow("matrix")
def who_sees_what() -> str:
    """Show the table of permissions as it is applied."""
    rows = [
        (
            TITLES[record],
            [_words(actions, role) for role in _COLUMNS],
        )
        for record, actions in MATRIX.items()
    ]
    return render_template("account/who_sees_what.html", heads=[str(ROLE_WORDS[role]) for role in _COLUMNS], rows=rows)


def _words(actions: Mapping[Action, Cells], role: Role) -> str:
    reads = _extents(actions.get("read", {}), role)
    changes = _extents(actions.get("write", {}), role) or _extents(actions.get("revoke", {}), role)
    if not reads and not changes:
        return ""
    said = ", ".join(str(_EXTENTS[e]) for e in reads)
    if not changes:
        return said
    if changes == reads:
        return phrase("%(said)s; may change", said=said)
    return phrase("%(said)s; may change %(what)s", said=said, what=", ".join(str(_EXTENTS[e]) for e in changes))


def _extents(cells: Cells, role: Role) -> tuple[Extent, ...]:
    found = {*cells.get(role, ()), *cells.get(Role.EMPLOYEE, ())}
    return tuple(e for e in Extent if e in found and not (Extent.ALL in found and e is not Extent.ALL))
