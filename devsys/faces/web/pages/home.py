"""Home: for each role what it needs next."""

from flask import Blueprint, render_template

from devsys.core.policy import allow
from devsys.faces.web.here import viewer

pages = Blueprint("home", __name__)


@pages.get("/")
@allow("home")
def show() -> str:
    """Show the home of the viewer's role."""
    return render_template("home/staff.html", name=viewer().name)
