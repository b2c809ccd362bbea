"""What is counted of requests: by class of route and status, never by whose they are."""

from typing import Final, cast

from flask import Flask, Response, current_app, request

from devsys.base.config import Settings
from devsys.base.counts import Counts

FOLDER: Final = "counts"  # in the home folder
ROUTES: Final = ("page", "change", "feed", "api", "static", "probe", "none")
STATUSES: Final = ("1xx", "2xx", "304", "3xx", "4xx", "5xx")
NAMES: Final = tuple(f"{route} {status}" for route in ROUTES for status in STATUSES)


def counts_of(settings: Settings) -> Counts:
    """Give the counts of an installation; without a token nothing is counted, because nobody could read it."""
    return Counts(settings.home / FOLDER if settings.metrics_token.get_secret_value() else None, NAMES)


def counts() -> Counts:
    """Give the counts of this application."""
    return cast(Counts, current_app.extensions["devsys.counts"])


def _count(response: Response) -> Response:
    counts().add(f"{_route()} {_status(response.status_code)}")
    return response


def _route() -> str:
    if request.url_rule is None:
        return "none"
    first = request.url_rule.rule.split("/")[1]
    known = {
        "feed": "feed",
        "api": "api",
        "static": "static",
        "healthz": "probe",
        "readyz": "probe",
        "metrics": "probe",
    }
    return known.get(first, "page" if request.method in ("GET", "HEAD") else "change")


def _status(code: int) -> str:
    return "304" if code == 304 else f"{min(max(code // 100, 1), 5)}xx"  # noqa: PLR2004


def install(app: Flask) -> None:
    """Count every answer of `app`."""
    app.after_request(_count)
