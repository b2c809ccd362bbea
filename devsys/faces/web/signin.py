"""The door: which hosts and origins we answer, who asks, what the route asks for."""

import os
import secrets
from pathlib import Path
from urllib.parse import quote, urlsplit

from flask import Flask, current_app, redirect, request, session, url_for
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge
from werkzeug.wrappers import Response

from devsys.adapters.store.queries.accounts import SignIn
from devsys.base import limits
from devsys.base.config import Settings
from devsys.base.errors import NotFoundError
from devsys.base.words import phrase
from devsys.core.model.access import Role
from devsys.core.policy import permission_of
from devsys.faces.web.here import here, parts
from devsys.faces.web.sessions import Browser

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_WHILE_CHANGING = ("account.password", "account.change_password", "account.theme", "signin.sign_out")

_WHILE_SECURING = tuple(f"second_step.{name}" for name in ("show", "begin", "set_up", "confirm"))


def secret_key(home: Path) -> str:
    """Give the key that signs forms; made at the first run, readable by its owner only (mode 0600)."""
    path = home / "secret"
    home.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text("ascii").strip()
    with os.fdopen(handle, "w", encoding="ascii") as out:
        key = secrets.token_hex(32)
        out.write(key)
        out.flush()
        os.fsync(out.fileno())
    return key


def hosts(settings: Settings) -> frozenset[str]:
    """Give the Host values we answer: that of the public address; on loopback all names of it, with our port."""
    found = {urlsplit(settings.public_url).netloc.lower()}
    if settings.host in ("127.0.0.1", "localhost", "::1"):
        found.update(f"{name}:{settings.port}" for name in LOOPBACK)
        if settings.port in (80, 0):
            found.update(LOOPBACK)
    return frozenset(found)


def local_path(path: str) -> str:
    """Give `path` if it leads to a page of ours, else the way home: never another host, scheme or a smuggled line."""
    split = urlsplit(path) if path.isprintable() and "\\" not in path else None
    if split is None or split.scheme or split.netloc or not path.startswith("/") or path.startswith("//"):
        return "/"
    return path


def open_browser(secret: str) -> None:
    """Hand a new sign-in to the browser."""
    browser = session._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 -- werkzeug's own way
    if isinstance(browser, Browser):
        browser.renew(secret)


def close_browser() -> None:
    """Take the sign-in from the browser."""
    browser = session._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 -- werkzeug's own way
    if isinstance(browser, Browser):
        browser.forget()


def guard() -> Response | None:
    """Let a request in, send it to sign in, or refuse it; runs before every view.

    Raises BadRequest for a foreign Host or Origin, NotFoundError where the permission reaches nothing: what is not
    yours looks as if it were not there.
    """
    known = hosts(parts().settings)
    if request.host.lower() not in known:
        raise BadRequest(phrase("This address is not known here. Use the one you were given."))
    if request.path.startswith("/api/"):  # let in by a token alone, see faces/api/operations.py
        return None
    if request.endpoint is None:  # 404 and 405: no view runs, so nothing can be forged
        return None
    if request.method not in SAFE_METHODS:
        if not getattr(current_app.view_functions[request.endpoint], "outside", False):
            _same_origin(known)
        _small_enough()
    permission = permission_of(current_app.view_functions[request.endpoint])
    if permission is None:
        raise RuntimeError(f"{request.endpoint} declares no permission.")
    if permission.public:
        return None
    found = here().sign_in
    if found is None:
        return _to_sign_in()
    if found.must_change and request.endpoint not in _WHILE_CHANGING:
        return redirect(url_for("account.password"), 303)
    if must_secure(found) and request.endpoint not in _WHILE_CHANGING + _WHILE_SECURING:
        return redirect(url_for("second_step.show"), 303)
    here().scope = permission.scope(found.viewer)
    if not here().scope:
        raise NotFoundError(phrase("There is no such page."))
    return None


def must_secure(found: SignIn) -> bool:
    """Say whether somebody has to set up a second step before anything else."""
    asked = parts().settings.second_step_required and found.one_step
    return asked and found.viewer.has(Role.ADMINISTRATOR, Role.COORDINATOR)


def _same_origin(known: frozenset[str]) -> None:
    given = request.headers.get("Origin") or request.headers.get("Referer", "")
    split = urlsplit(given)
    if split.scheme not in ("http", "https") or split.netloc.lower() not in known:
        raise BadRequest(
            phrase("This form came from another page. Open it here and send it again; nothing was changed.")
        )


def _small_enough() -> None:
    # Flask bounds the fields of a multipart form one by one, those of a plain form not at all.
    if request.mimetype == "application/x-www-form-urlencoded" and (request.content_length or 0) > limits.FORM_MEMORY:
        raise RequestEntityTooLarge


def _to_sign_in() -> Response:
    wanted = request.full_path.rstrip("?") if request.method in SAFE_METHODS else "/"
    target = url_for("signin.show") + (f"?next={quote(wanted)}" if wanted != "/" else "")
    if request.headers.get("HX-Request"):
        return Response("", 401, {"HX-Redirect": target})
    return redirect(target, 303)


def install(app: Flask) -> None:
    """Put the guard before every view of `app`."""
    app.before_request(guard)
