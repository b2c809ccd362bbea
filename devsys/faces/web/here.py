"""What a request knows, with types: the parts, the moment, who asks, how far the permission reaches."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import cast
from zoneinfo import ZoneInfo

from flask import current_app, g, request

from devsys.actions.parts import Parts
from devsys.actions.sign_in import signed_in
from devsys.adapters.store.queries.accounts import SignIn
from devsys.core.model.access import Viewer
from devsys.core.model.devices import device_words
from devsys.core.policy import Scope


@dataclass(slots=True)
class Here:
    """One request: its moment never changes while it is answered."""

    now: datetime
    sign_in: SignIn | None
    scope: Scope | None = None
    asker: Viewer | None = None  # who asks by a token of the API, where there is no sign-in


def parts() -> Parts:
    """Give settings, store and clock."""
    return cast(Parts, current_app.extensions["devsys"])


def cookie_name() -> str:
    """Give the name of the cookie; the prefix binds it to this host and to HTTPS, where there is HTTPS."""
    return "__Host-devsys" if secure() else "devsys"


def secure() -> bool:
    """Say whether people reach us by HTTPS."""
    return parts().settings.public_url.startswith("https://")


def here() -> Here:
    """Give what this request knows; the sign-in is looked up once."""
    if "here" not in g:
        secret = request.cookies.get(cookie_name(), "")
        g.here = Here(parts().now(), signed_in(parts(), secret) if secret else None)
    return cast(Here, g.here)


def device() -> str:
    """Give what this browser is, in words."""
    return device_words(request.headers.get("User-Agent", "")[:500])


def ask_no_more() -> None:
    """Let what this request does not know yet stay unknown: a page about a database that is away must not ask it."""
    if "here" not in g:
        g.here = Here(parts().now(), None)
    g.setdefault("demo", False)


def now() -> datetime:
    """Give the moment of this request, aware, in UTC."""
    return here().now


def viewer() -> Viewer:
    """Give who asks. Raises RuntimeError on a public route without a sign-in (misuse)."""
    known = here()
    if known.asker is not None:
        return known.asker
    found = known.sign_in
    if found is None:
        raise RuntimeError("This route is open to everybody: nobody is signed in.")
    return found.viewer


def today() -> date:
    """Give the day it is where the viewer works."""
    return now().astimezone(ZoneInfo(viewer().zone)).date()


def scope() -> Scope:
    """Give how far the permission of this route reaches for the viewer. Raises RuntimeError on a public route."""
    found = here().scope
    if found is None:
        raise RuntimeError("A public route has no scope.")
    return found
