"""A pause after a heavy session: one press on one's own page, no reason asked."""

from flask import Blueprint, flash, redirect, url_for
from werkzeug.wrappers import Response

from devsys.actions import take_pause
from devsys.base.words import phrase
from devsys.base.written import clock
from devsys.core.policy import allow
from devsys.faces.web.filters import local
from devsys.faces.web.here import parts, viewer

pages = Blueprint("pause", __name__)


@pages.post("/pause")
@allow("absences", "write")
def take() -> Response:
    """Take the pause that is offered."""
    pause = take_pause.take(parts(), viewer())
    until = clock(local(pause.ends, viewer().zone))
    flash(phrase("You are off the queue until %(until)s. Nobody is told why.", until=until), "ok")
    return redirect(url_for("home.show"), 303)
