"""Headers of every answer: nothing inline, nothing foreign, nothing kept (trust.md R5)."""

import secrets
from typing import Final

from flask import Flask, Response, request

from devsys.faces.web.here import secure

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; object-src 'none'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
REQUEST: Final = "devsys.request"  # where the environment of a request holds its id
A_YEAR: Final = 365 * 86_400


def dress(response: Response) -> Response:
    """Give the answer with its headers; what a view set itself stays."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    # A feed answers the same question with the same bytes, whoever asks (feeds.md H, Q).
    if REQUEST in request.environ and request.endpoint != "feeds.give":
        response.headers["X-Request-Id"] = request.environ[REQUEST]
    if secure():
        response.headers.setdefault("Strict-Transport-Security", f"max-age={A_YEAR}")
    if request.endpoint == "static":
        if request.args.get("v"):
            response.headers["Cache-Control"] = f"public, max-age={A_YEAR}, immutable"
    elif "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"
    return response


def _name() -> None:
    """Give the request an id: it stands in its line of the log, beside an incident, and in the answer."""
    request.environ[REQUEST] = secrets.token_hex(8)


def install(app: Flask) -> None:
    """Name every request of `app`, and dress every answer."""
    app.before_request(_name)
    app.after_request(dress)
