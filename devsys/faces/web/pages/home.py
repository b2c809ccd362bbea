"""Home: for each role what it needs next."""

from flask import Blueprint, render_template

from devsys.adapters.store.queries import retention
from devsys.core.policy import allow
from devsys.faces.web import hiring_values, homes, own_values, reading_values, waiting_values
from devsys.faces.web.here import now, parts, today, viewer

pages = Blueprint("home", __name__)


@pages.get("/")
@allow("home")
def show() -> str:
    """Show what the viewer's roles need next; the widest role decides how the page looks."""
    me, at, on = viewer(), now(), today()
    sections = homes.sections_of(me)
    goals = own_values.goals(parts(), me) if sections[0] != "coordinator" else []
    with parts().store.read() as db:
        own = {
            "asked": own_values.asked(db, me, at),
            "questions": own_values.questions(db, parts(), me),
            "pulse": own_values.pulse_of_month(db, me, on),
            "readings": reading_values.announced(db, me, at),
        }
        if sections[0] == "coordinator":
            return render_template("home/coordinator.html", **homes.coordinator(db, me, parts(), at, on), **own)
        return render_template(
            "home/staff.html",
            rota=homes.rota(db, me, at, on) if "rota" in sections else None,
            team=homes.teams(db, me, at, on) if "teams" in sections else None,
            mine=homes.mine(db, me, at, on),
            goals=goals,
            fixes=waiting_values.own(db, me, at, on, leads="rota" in sections),
            **own,
            hiring=hiring_values.home(db, me, retention.kept(db, "candidates", parts().settings)),
        )
