"""Errors as problem+json (RFC 9457): one table, kind of problem -> status -> title. A 5xx shows an incident number."""

import logging
import secrets
from collections.abc import Callable, Mapping
from typing import Any, Final

from flask import Flask, Response, request
from pydantic import BaseModel, ConfigDict, Field
from werkzeug.exceptions import HTTPException

from devsys.base.errors import (
    ConflictError,
    DevsysError,
    Fault,
    InvalidError,
    NotAllowedError,
    NotFoundError,
    UnavailableError,
)
from devsys.faces.web import errors as pages

ROOT: Final = "/api/"
MEDIA: Final = "application/problem+json"
PROBLEMS: Final[Mapping[str, tuple[int, str]]] = {
    "not-understood": (400, "This could not be understood"),
    "no-token": (401, "A living token is needed"),
    "not-in-scope": (403, "The token is not made for this"),
    "not-yours": (403, "This is not yours to do"),
    "not-here": (404, "Nothing is here"),
    "another-way": (405, "This address answers another kind of request"),
    "overtaken": (412, "It is not as it was seen"),
    "not-seen": (428, "What was seen must be named"),
    "changed": (409, "It changed meanwhile"),
    "under-way": (409, "A request with this key is under way"),
    "too-large": (413, "Too large"),
    "not-json": (415, "Only application/json is taken"),
    "not-taken": (422, "This cannot be taken"),
    "key-used": (422, "This key was used for another request"),
    "too-many": (429, "Too many requests"),
    "broken": (500, "Something broke"),
    "not-now": (503, "Not at this moment"),
}
_OURS: Final[Mapping[type[DevsysError], str]] = {
    NotFoundError: "not-here",
    NotAllowedError: "not-yours",
    InvalidError: "not-taken",
    ConflictError: "changed",
    UnavailableError: "not-now",
}
_HTTP: Final = {400: "not-understood", 404: "not-here", 405: "another-way", 413: "too-large", 415: "not-json"}
_log = logging.getLogger("devsys.api")


class FaultOut(BaseModel):
    """One thing that is wrong."""

    where: str = Field(description="The field, row or parameter; empty for the request as a whole.")
    what: str


class Problem(BaseModel):
    """What went wrong, after RFC 9457."""

    model_config = ConfigDict(extra="forbid")
    type: str = Field(description="urn:devsys:problem: and the kind of problem.")
    title: str
    status: int
    detail: str
    faults: list[FaultOut] = []
    incident: str = Field("", description="For a 5xx: the number to tell who operates devsys.")


class ProblemError(Exception):
    """A refusal of the API's own."""

    def __init__(self, kind: str, detail: str, faults: tuple[Fault, ...] = (), retry: int = 0) -> None:
        super().__init__(detail)
        self.kind, self.detail, self.faults, self.retry = kind, detail, faults, retry


def problem(kind: str, detail: str, faults: tuple[Fault, ...] = (), *, retry: int = 0, incident: str = "") -> Response:
    """Give a problem as an answer."""
    status, title = PROBLEMS[kind]
    said = Problem(
        type=f"urn:devsys:problem:{kind}",
        title=title,
        status=status,
        detail=detail,
        faults=[FaultOut(where=f.where, what=f.what) for f in faults],
        incident=incident,
    )
    response = Response(said.model_dump_json(), status, content_type=MEDIA)
    if retry:
        response.headers["Retry-After"] = str(retry)
    if status == 401:  # noqa: PLR2004 -- RFC 6750
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def answer(error: Exception) -> Response:
    """Give the problem that an error is."""
    if isinstance(error, ProblemError):
        return problem(error.kind, error.detail, error.faults, retry=error.retry)
    if isinstance(error, DevsysError) and type(error) in _OURS:
        retry = error.retry_after if isinstance(error, UnavailableError) else 0
        words = (
            "There is no such thing, or it is not yours to see." if isinstance(error, NotFoundError) else error.message
        )
        return problem(_OURS[type(error)], words, error.faults, retry=retry)
    if isinstance(error, HTTPException) and error.code in _HTTP:
        response = problem(_HTTP[error.code], error.description or "")
        if error.code == 405 and (allowed := error.get_response().headers.get("Allow")):  # noqa: PLR2004
            response.headers["Allow"] = allowed
        return response
    incident = secrets.token_hex(4)
    _log.error("incident %s", incident, exc_info=error)
    return problem("broken", "This is our fault, not yours. Nothing was kept half done.", incident=incident)


def install(app: Flask) -> None:
    """Answer errors under /api/ as problems; all others stay pages."""

    def choose(page: Callable[[Any], Any]) -> Callable[[Exception], Any]:
        return lambda error: answer(error) if request.path.startswith(ROOT) else page(error)

    for kind, page in pages.HANDLERS:
        app.register_error_handler(kind, choose(page))
