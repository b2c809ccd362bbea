"""The parts put together: one Flask application; it refuses to start if a route has no permission."""

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from flask import Blueprint, Flask
from flask_wtf.csrf import CSRFProtect
from werkzeug.routing import IntegerConverter, Map, UnicodeConverter

from devsys.actions.parts import Parts
from devsys.base import limits
from devsys.base.resources import folder
from devsys.core.policy import Permission, allow, permission_of
from devsys.faces.api import errors as problems
from devsys.faces.api.operations import RATES, Noun
from devsys.faces.api.rates import Rates
from devsys.faces.web import context, counted, errors, filters, headers, signin, tongue
from devsys.faces.web.sessions import Browsers

PAGES: Final = (
    "devsys.faces.web.pages.probes",
    "devsys.faces.web.pages.metrics",
    "devsys.faces.web.pages.signin",
    "devsys.faces.web.pages.provider",
    "devsys.faces.web.pages.sign_ins",
    "devsys.faces.web.pages.setup",
    "devsys.faces.web.pages.account_links",
    "devsys.faces.web.pages.home",
    "devsys.faces.web.pages.account",
    "devsys.faces.web.pages.tokens",
    "devsys.faces.web.pages.second_step",
    "devsys.faces.web.pages.passkeys",
    "devsys.faces.web.pages.busy",
    "devsys.faces.web.pages.people",
    "devsys.faces.web.pages.imports",
    "devsys.faces.web.pages.programme",
    "devsys.faces.web.pages.health",
    "devsys.faces.web.pages.acts",
    "devsys.faces.web.pages.keeping",
    "devsys.faces.web.pages.webhooks",
    "devsys.faces.web.pages.year",
    "devsys.faces.web.pages.year_plan",
    "devsys.faces.web.pages.month",
    "devsys.faces.web.pages.week",
    "devsys.faces.web.pages.calendar",
    "devsys.faces.web.pages.owed",
    "devsys.faces.web.pages.plans",
    "devsys.faces.web.pages.log",
    "devsys.faces.web.pages.ledger",
    "devsys.faces.web.pages.measures",
    "devsys.faces.web.pages.improvement",
    "devsys.faces.web.pages.readings",
    "devsys.faces.web.pages.what_if",
    "devsys.faces.web.pages.sessions",
    "devsys.faces.web.pages.answers",
    "devsys.faces.web.pages.asked",
    "devsys.faces.web.pages.places",
    "devsys.faces.web.pages.feedback",
    "devsys.faces.web.pages.pulse",
    "devsys.faces.web.pages.staying",
    "devsys.faces.web.pages.year_report",
    "devsys.faces.web.pages.steps",
    "devsys.faces.web.pages.issues",
    "devsys.faces.web.pages.publish",
    "devsys.faces.web.pages.away",
    "devsys.faces.web.pages.repairs",
    "devsys.faces.web.pages.coaching",
    "devsys.faces.web.pages.conditions",
    "devsys.faces.web.pages.coaching_plan",
    "devsys.faces.web.pages.coaching_desk",
    "devsys.faces.web.pages.observations",
    "devsys.faces.web.pages.hiring",
    "devsys.faces.web.pages.rollouts",
    "devsys.faces.web.pages.effects",
    "devsys.faces.web.pages.pause",
    "devsys.faces.web.pages.feeds",
    "devsys.faces.web.pages.development",
    "devsys.faces.web.pages.letters",
    "devsys.faces.web.pages.fixes",
    "devsys.faces.web.pages.lessons",
    "devsys.faces.web.pages.rounds",
    "devsys.faces.web.pages.principles",
)
NOUNS: Final = (
    "devsys.faces.api.v1.document",
    "devsys.faces.api.v1.people",
    "devsys.faces.api.v1.sessions",
    "devsys.faces.api.v1.absences",
    "devsys.faces.api.v1.plans",
    "devsys.faces.api.v1.programmes",
    "devsys.faces.api.v1.feeds",
    "devsys.faces.api.v1.runs",
    "devsys.faces.api.v1.imports",
    "devsys.faces.api.v1.rosters",
    "devsys.faces.api.v1.requirement",
    "devsys.faces.api.v1.measures",
    "devsys.faces.api.v1.figures",
)


class Number(IntegerConverter):
    """A whole number of an address, within what both engines can hold; beyond it there is no such page."""

    def __init__(self, url_map: Map, *args: Any, **more: Any) -> None:
        super().__init__(url_map, *args, **{"max": 2**31 - 1, **more})


class Word(UnicodeConverter):
    """A part of an address as text; with a control character, which no id holds and PostgreSQL refuses, no page."""

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map)
        self.regex = r"[^/\x00-\x1f\x7f-\x9f]+"


def create_app(parts: Parts) -> Flask:
    """Give the web face over `parts`. Raises RuntimeError naming every route that declares no permission."""
    app = assemble()
    serve(app, parts)
    return app


def assemble() -> Flask:
    """Put together what does not depend on whom it serves. Raises RuntimeError as create_app does."""
    web = Path(__file__).parent / "faces" / "web"
    app = Flask(
        "devsys", root_path=str(web), static_folder=str(web / "static"), template_folder=str(folder("templates"))
    )
    app.config.update(
        MAX_CONTENT_LENGTH=limits.REQUEST_BYTES,
        MAX_FORM_MEMORY_SIZE=limits.FORM_MEMORY,
        MAX_FORM_PARTS=limits.FORM_PARTS,
        SEND_FILE_MAX_AGE_DEFAULT=timedelta(hours=1),
        WTF_CSRF_SSL_STRICT=False,  # signin.guard compares Origin with the address we are known by, behind proxies too
    )
    app.url_map.converters |= {"int": Number, "default": Word, "any_text": UnicodeConverter}
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    headers.install(app)
    counted.install(app)
    tongue.install(app)  # before the door: what it refuses is said in the reader's language
    signin.install(app)  # before the check of tokens: who is not signed in is sent to sign in
    forged = CSRFProtect(app)
    errors.install(app)
    problems.install(app)
    filters.install(app)
    context.install(app)
    _name_static_files(app, web / "static")
    allow("public")(app.view_functions["static"])
    for name in PAGES:
        app.register_blueprint(_pages(name))
    for name in NOUNS:
        blueprint = _noun(name).blueprint
        app.register_blueprint(blueprint)
        forged.exempt(blueprint)  # no cookie is looked at there, so nothing can be forged
    app.extensions[RATES] = Rates()
    for view in app.view_functions.values():
        if getattr(view, "outside", False):  # it is called by a program that proves itself otherwise
            forged.exempt(view)
    _refuse_undeclared(app)
    return app


def serve(app: Flask, parts: Parts) -> None:
    """Let an assembled application serve `parts`, as the only ones it knows."""
    key = signin.secret_key(parts.settings.home)
    app.config.update(SECRET_KEY=key, WTF_CSRF_TIME_LIMIT=None)
    app.extensions["devsys"] = parts
    app.extensions["devsys.counts"] = counted.counts_of(parts.settings)
    app.session_interface = Browsers(parts, key)


def _pages(name: str) -> Blueprint:
    found = import_module(name).pages
    if not isinstance(found, Blueprint):
        raise TypeError(f"{name}.pages is not a blueprint.")
    return found


def _noun(name: str) -> Noun:
    found = import_module(name).noun
    if not isinstance(found, Noun):
        raise TypeError(f"{name}.noun is not a noun.")
    return found


def routes(app: Flask) -> Iterator[tuple[str, str, str, Permission | None]]:
    """Give (method, rule, endpoint, permission) of every route, sorted, without HEAD and OPTIONS."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda r: (r.rule, sorted(r.methods or ()))):
        permission = permission_of(app.view_functions[rule.endpoint])
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield method, rule.rule, rule.endpoint, permission


def _refuse_undeclared(app: Flask) -> None:
    missing = [f"{method} {rule} ({endpoint})" for method, rule, endpoint, found in routes(app) if found is None]
    if missing:
        raise RuntimeError("These routes declare no permission, see devsys.core.policy.allow: " + ", ".join(missing))


def _name_static_files(app: Flask, static: Path) -> None:
    @cache
    def digest(name: str) -> str:
        path = static / name
        return hashlib.sha256(path.read_bytes()).hexdigest()[:12] if path.is_file() else ""

    def name_by_content(endpoint: str, values: dict[str, Any]) -> None:
        name = values.get("filename", "")
        # The sheet asks for its fonts without a query, and a preload must use the same address.
        if endpoint == "static" and name and not name.endswith(".woff2") and (found := digest(name)):
            values.setdefault("v", found)

    app.url_defaults(name_by_content)
