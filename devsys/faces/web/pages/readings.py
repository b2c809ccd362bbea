"""Readings of one person: one's own; as a lead, one person a page, once it is switched on and announced; the switch.

No table over persons, no order by value, no chart, no verdict (product.md R1, R2).
"""

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from devsys.actions import open_readings
from devsys.base.errors import InvalidError
from devsys.base.words import phrase
from devsys.core.improvement.sight import NOTICE
from devsys.core.policy import allow, scope
from devsys.faces.web.forms import Form
from devsys.faces.web.here import now, parts, viewer
from devsys.faces.web.reading_values import day_of, shown

pages = Blueprint("readings", __name__, url_prefix="/improvement")


@pages.get("/own")
@allow("own_readings")
def own() -> str:
    """Show the viewer their own readings, and who else sees them."""
    found = open_readings.own(parts(), viewer())
    return render_template(
        "improvement/own.html",
        measures=shown(found.measures),
        opens=day_of(found.opens, viewer()) if found.opens else "",
        is_open=found.opens is not None and found.opens <= now(),
        coaches=[(url_for("readings.consent", plan_id=c.plan_id), c.coach, c.given) for c in found.coaches],
    )


@pages.post("/own/<plan_id>")
@allow("own_readings", "write")
def consent(plan_id: str) -> Response:
    """Let the coach of a plan see one's readings, or take it back."""
    given = Form().tick("given")
    open_readings.consent(parts(), viewer(), plan_id, given=given)
    flash(phrase("Your coach may see this now.") if given else phrase("Your coach does not see this."), "ok")
    return redirect(url_for("readings.own"), 303)


@pages.get("/coached/<plan_id>")
@allow("own_readings")
def coached(plan_id: str) -> str:
    """Show a coach the readings of the person of a plan, with their consent; it stands in that person's own log."""
    found = open_readings.of_coached(parts(), viewer(), plan_id)
    back = (url_for("coaching_plan.show", plan_id=plan_id), phrase("The plan with %(name)s", name=found.name))
    return render_template("improvement/person.html", name=found.name, measures=shown(found.measures), back=back)


@pages.get("/people")
@allow("own_readings")
def people() -> str:
    """Show a lead the names of whose readings may be read, by name and without any figure."""
    found = open_readings.people(parts(), viewer())
    return render_template("improvement/people.html", people=[(p.name, _href(p.id)) for p in found])


@pages.get("/people/<person_id>")
@allow("own_readings")
def person(person_id: str) -> str:
    """Show a lead the readings of one person; it stands in that person's own log."""
    found = open_readings.of_person(parts(), viewer(), person_id)
    back = (url_for("readings.people"), phrase("Readings of single people"))
    return render_template("improvement/person.html", name=found.name, measures=shown(found.measures), back=back)


@pages.get("/readings")
@allow("lead_readings")
def show() -> str:
    """Show whether leads see the readings of single people, since when, and who said so."""
    found = open_readings.switch_of(parts())
    me, announced = viewer(), found.announced
    opens = announced + NOTICE if announced else None
    return render_template(
        "improvement/switch.html",
        announced=day_of(announced, me) if announced else "",
        opens=day_of(opens, me) if opens else "",
        is_open=opens is not None and opens <= now(),
        last=(day_of(found.last[0], me), found.last[1], "on" if found.last[2] else "off") if found.last else None,
        may=scope(me, "lead_readings", "write").everything,
        action=url_for("readings.switch"),
        days=NOTICE.days,
    )


@pages.post("/readings")
@allow("lead_readings", "write")
def switch() -> Response:
    """Announce it, or end it at once."""
    wish = Form().choice("does", ["on", "off"], default="")
    if not wish:
        raise InvalidError(phrase("Say whether it is to be on or off."))
    if open_readings.switch(parts(), viewer(), on=wish == "on"):
        flash(phrase("It is announced.") if wish == "on" else phrase("It is off: no lead sees them from now on."), "ok")
    return redirect(url_for("readings.show"), 303)


def _href(person_id: str) -> str:
    return url_for("readings.person", person_id=person_id)
