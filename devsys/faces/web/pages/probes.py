"""What watches over a service asks: does it answer, is it ready; without versions or names (trust.md section 8).

Both are plain text, kept by no cache, and only read.
"""

from typing import Final

from flask import Blueprint
from werkzeug.wrappers import Response

from devsys.adapters.store import inspection
from devsys.base.errors import UnavailableError
from devsys.core.policy import allow
from devsys.faces.web.here import parts

pages = Blueprint("probes", __name__)
RETRY: Final = 5  # seconds until it is worth asking again


@pages.get("/healthz")
@allow("public")
def alive() -> Response:
    """Say that this process answers; the database is not asked, so its trouble restarts nobody."""
    return _said("alive", 200)


@pages.get("/readyz")
@allow("public")
def ready() -> Response:
    """Say whether pages can be served: the database is read and its schema is of this program, else 503."""
    try:
        with parts().store.read() as db:
            step = inspection.step(db)
    except UnavailableError:
        return _said("not ready: the database does not answer", 503)
    if step != inspection.newest_step():
        return _said("not ready: the schema is not of this program", 503)
    return _said("ready", 200)


def _said(words: str, status: int) -> Response:
    answer = Response(words + "\n", status, mimetype="text/plain")
    answer.headers["Cache-Control"] = "no-store"
    if status != 200:  # noqa: PLR2004
        answer.headers["Retry-After"] = str(RETRY)
    return answer
