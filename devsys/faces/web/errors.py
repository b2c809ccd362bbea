"""Errors as pages: one table, class -> status -> words. A 5xx shows only an incident number."""

import logging
import secrets
from collections.abc import Callable, Mapping
from typing import Any, Final

from flask import Flask, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from devsys.base.errors import (
    ConflictError,
    DevsysError,
    InvalidError,
    NotAllowedError,
    NotFoundError,
    UnavailableError,
)
from devsys.base.words import phrase, to_phrase
from devsys.faces.web.headers import REQUEST
from devsys.faces.web.here import ask_no_more

STATUS: Final[Mapping[type[DevsysError], tuple[int, str]]] = {
    NotFoundError: (404, to_phrase("Nothing is here")),
    NotAllowedError: (403, to_phrase("This is not yours to do")),
    InvalidError: (422, to_phrase("This cannot be taken")),
    ConflictError: (409, to_phrase("It changed meanwhile")),
    UnavailableError: (503, to_phrase("Not at this moment")),
}
_NOT_HERE: Final = to_phrase(
    "This page does not exist, or it is not yours to see. If you typed the address, look at it again."
)
_HTTP: Final[Mapping[int, tuple[str, str]]] = {
    400: (
        to_phrase("This could not be understood"),
        to_phrase("Go back, load the page again and send the form once more."),
    ),
    404: (STATUS[NotFoundError][1], _NOT_HERE),
    405: (
        to_phrase("Not in this way"),
        to_phrase("This address answers another kind of request. Start from a page of devsys."),
    ),
    413: (to_phrase("Too large"), to_phrase("At most 6 MiB are taken at once, 5 MiB for a file. Nothing was changed.")),
    415: (to_phrase("Not in this form"), to_phrase("This kind of content is not taken here.")),
    429: (to_phrase("Too many tries"), to_phrase("Wait a little and try again.")),
}
_log = logging.getLogger("devsys.web")


def page(status: int, title: str, words: str, *, retry: int = 0, incident: str = "") -> Response:
    """Give an error page."""
    body = render_template("errors/error.html", status=status, title=title, words=words, retry=retry, incident=incident)
    response = Response(body, status, mimetype="text/html")
    if retry:
        response.headers["Retry-After"] = str(retry)
    return response


def _ours(error: DevsysError) -> Response:
    status, title = STATUS.get(type(error), (500, ""))
    if status == 500:  # noqa: PLR2004 -- an error without a place in the table
        return _broken(error)
    if isinstance(error, NotFoundError):
        return page(status, title, _NOT_HERE)
    if isinstance(error, UnavailableError):
        ask_no_more()
        return page(status, title, error.message, retry=error.retry_after)
    faults = " ".join(str(fault) + "." for fault in error.faults[:5] if str(fault) not in error.message)
    return page(status, title, f"{error.message} {faults}".strip())


def _http(error: HTTPException) -> Response:
    if error.code is None or error.code < 400:  # noqa: PLR2004 -- a redirect that werkzeug raises
        return Response(error.get_response().get_data(), error.code, error.get_headers())
    title, words = _HTTP.get(error.code, (phrase("This did not work"), phrase("Go back and try again.")))
    if error.code == 400 and error.description and not isinstance(error, CSRFError) and type(error).code == 400:  # noqa: PLR2004
        words = words if error.description == type(error).description else error.description
    response = page(error.code, title, words)
    for name, value in error.get_headers():
        if name not in ("Content-Type", "Content-Length"):
            response.headers[name] = value
    return response


def _forged(_error: CSRFError) -> Response:
    words = phrase("The form was open for too long, or you signed in again since. Load the page and send it once more.")
    return page(400, phrase("This form is no longer valid"), words)


def _broken(error: Exception) -> Response:
    incident = secrets.token_hex(4)
    facts = {"incident": incident, "request": request.environ.get(REQUEST, "")}
    _log.error("incident %s", incident, exc_info=error, extra={"facts": facts})
    words = phrase("This is our fault, not yours. Nothing of your request was kept half done. Try again in a while.")
    return page(500, phrase("Something broke"), words, incident=incident)


HANDLERS: Final[tuple[tuple[type[Exception], Callable[[Any], Response]], ...]] = (
    (DevsysError, _ours),
    (CSRFError, _forged),
    (HTTPException, _http),
    (Exception, _broken),
)


def install(app: Flask) -> None:
    """Answer every error of `app` with a page."""
    for kind, handler in HANDLERS:
        app.register_error_handler(kind, handler)
