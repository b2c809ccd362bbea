"""Tokens of the API: one's own, and for administrators those of integrations."""

from typing import Any, Final

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from devsys.actions import api_tokens
from devsys.actions.api_tokens import Wanted
from devsys.adapters.store.queries import tokens
from devsys.base.errors import InvalidError
from devsys.base.words import phrase, phrases, to_phrase
from devsys.base.written import full_day
from devsys.core.model.tokens import DAYS, GROUPS, SCOPES, Kind, Token
from devsys.core.policy import allow
from devsys.core.policy import scope as scope_of
from devsys.faces.web.filters import local
from devsys.faces.web.forms import Form
from devsys.faces.web.here import now, parts, viewer

pages = Blueprint("tokens", __name__)
WAYS: Final = {"read": to_phrase("read"), "write": to_phrase("write")}


@pages.get("/account/tokens")
@allow("tokens")
def show() -> str:
    """Show one's own tokens, and the form for another."""
    return _page("person", Form({}))


@pages.post("/account/tokens")
@allow("tokens", "write")
def make() -> Response:
    """Make a token; it stands on this answer and never again."""
    return _make("person")


@pages.post("/account/tokens/<token_id>/revoke")
@allow("tokens", "write")
def revoke(token_id: str) -> Response:
    """End a token."""
    return _revoke("person", token_id)


@pages.get("/integrations")
@allow("integrations")
def integrations() -> str:
    """Show the tokens of integrations, and the form for another."""
    return _page("integration", Form({}))


@pages.post("/integrations")
@allow("integrations", "write")
def make_integration() -> Response:
    """Make a token for an integration; it stands on this answer and never again."""
    return _make("integration")


@pages.post("/integrations/<token_id>/revoke")
@allow("integrations", "write")
def revoke_integration(token_id: str) -> Response:
    """End the token of an integration, whoever made it."""
    return _revoke("integration", token_id)


def _make(kind: Kind) -> Response:
    form = Form()
    name = form.text("name", limit=60)
    scopes = form.several("scopes", SCOPES)
    days = form.choice("days", tuple(str(d) for d in DAYS), default="90")
    if form:
        try:
            secret = api_tokens.make(parts(), viewer(), Wanted(name, tuple(scopes), int(days)), kind)
        except InvalidError as error:
            form.take(error, "name")
        else:
            return Response(_page(kind, Form({}), secret), 201, content_type="text/html; charset=utf-8")
    return Response(_page(kind, form), 422, content_type="text/html; charset=utf-8")


def _revoke(kind: Kind, token_id: str) -> Response:
    api_tokens.revoke(parts(), viewer(), token_id, kind)
    flash(phrase("The token is ended: whoever sends it is refused from now on."), "ok")
    return redirect(url_for("tokens.show" if kind == "person" else "tokens.integrations"), 303)


def _page(kind: Kind, form: Form, secret: str = "") -> str:
    own = kind == "person"
    with parts().store.read() as db:
        found = tokens.of_owner(db, viewer().person_id, kind, now()) if own else tokens.integrations(db, now())
    return render_template(
        "account/tokens.html",
        own=own,
        secret=secret,
        lines=[_line(token, own=own) for token in found],
        scopes=[(f"{g}:{w}", f"{words}: {said}") for g, words in GROUPS.items() for w, said in WAYS.items()],
        days=[(str(d), phrases("%(num)s day", "%(num)s days", d)) for d in DAYS],
        errors=form.faults,
        typed={"name": form.typed("name"), "scopes": form.several("scopes", SCOPES) if form.faults else ()},
        action=url_for("tokens.make" if own else "tokens.make_integration"),
        others=url_for("tokens.integrations") if own and scope_of(viewer(), "integrations", "read") else "",
    )


def _line(token: Token, *, own: bool) -> dict[str, Any]:
    used = phrase("last used on %(day)s", day=_day(token.used)) if token.used else phrase("never used")
    words = phrase("%(used)s, ends on %(day)s", used=used, day=_day(token.expires))
    if not own:
        words = phrase("%(words)s, made by %(who)s", words=words, who=token.owner)
    return {
        "name": token.name,
        "words": words,
        "scopes": ", ".join(token.scopes),
        "revoke": url_for("tokens.revoke" if own else "tokens.revoke_integration", token_id=token.id),
    }


def _day(moment: Any) -> str:
    return full_day(local(moment, viewer().zone).date())
