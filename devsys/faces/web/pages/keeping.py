"""What administrators do with data: how long it is kept, who asked to be erased, erasing; and asking for it oneself."""

from typing import Any, Final

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from devsys.actions import erase_person, keep_for
from devsys.adapters.store.queries import audit
from devsys.adapters.store.queries.retention import LIMITS, Limit
from devsys.base.errors import ConflictError, InvalidError
from devsys.base.words import phrase, to_phrase
from devsys.base.written import full_day, moment
from devsys.core.policy import allow
from devsys.faces.web.filters import local
from devsys.faces.web.forms import Form
from devsys.faces.web.here import now, parts, viewer

pages = Blueprint("keeping", __name__)
UNITS: Final = {"months": to_phrase("months"), "days": to_phrase("days"), "hours": to_phrase("hours")}


@pages.get("/retention")
@allow("retention")
def retention() -> str:
    """Show how long things are kept, when they are next taken away, and how many rows that takes."""
    return _retention(Form({}), keep_for.look(parts()))


@pages.post("/retention")
@allow("retention", "write")
def set_retention() -> Response:
    """Set how long things are kept, or try out what that would take away."""
    form = Form()
    wanted = {one.key: form.number(one.key, least=one.least, most=one.most) for one in LIMITS}
    keep = form.choice("do", ("try", "keep"), default="try") == "keep"
    if form and keep:
        keep_for.change(parts(), viewer(), wanted)
        flash(phrase("It is kept so from now on. What is older goes with the next tidying."), "ok")
        return redirect(url_for("keeping.retention"), 303)
    seen = keep_for.look(parts(), wanted if form else None)
    page = _retention(form, seen, tried=bool(form))
    return Response(page, 200 if form else 422, mimetype="text/html")


def _retention(form: Form, seen: keep_for.Kept, *, tried: bool = False) -> str:
    at = local(seen.next, viewer().zone)
    return render_template(
        "keeping/retention.html",
        limits=[
            {
                "key": one.key,
                "title": f"{one.title}, {UNITS[one.unit]}",
                "value": form.typed(one.key) or str(seen.limits[one.key]),
                "hint": _hint(one),
            }
            for one in LIMITS
        ],
        errors=form.faults,
        next=moment(at),
        goes=None if seen.goes is None else sorted((n.replace("_", " "), count) for n, count in seen.goes.items()),
        tried=tried,
    )


def _hint(one: Limit) -> str:
    known = {"least": one.least, "most": one.most}
    if not one.setting:
        return phrase("%(least)s to %(most)s; usually %(usual)s", **known, usual=one.usual)
    usual, name = getattr(parts().settings, one.setting), f"DEVSYS_{one.setting.upper()}"
    return phrase("%(least)s to %(most)s; %(usual)s by %(name)s", **known, usual=usual, name=name)


@pages.get("/erasures")
@allow("erasure")
def erasures() -> str:
    """List who asked to be erased and was not yet."""
    with parts().store.read() as db:
        asked = audit.asks_to_be_erased(db)
    waiting = [(name, full_day(local(at, viewer().zone).date()), _link(i)) for i, name, at in asked]
    return render_template("keeping/erasures.html", waiting=waiting)


def _link(person_id: str) -> str:
    return url_for("keeping.erase", person_id=person_id)


@pages.get("/people/<person_id>/erase")
@allow("erasure")
def erase(person_id: str) -> str:
    """Show what erasing a person takes and leaves."""
    return _erase(person_id, Form({}))


@pages.post("/people/<person_id>/erase")
@allow("erasure", "write")
def do_erase(person_id: str) -> Response:
    """Erase a person whose whole name was typed."""
    form = Form()
    typed = form.text("typed")
    if form:
        try:
            done = erase_person.erase(parts(), person_id, typed, viewer())
        except InvalidError as error:
            form.take(error, "typed")
        except ConflictError as error:
            form.fault("typed", error.message)
        else:
            said = phrase("Erased. The file is cleared within the hour.")
            if done.backup:
                last = done.backup[:10]
                old = phrase("Backups made until now (the last: %(day)s) still hold them: delete them.", day=last)
                said = f"{said} {old}"
            flash(said, "ok")
            return redirect(url_for("keeping.erasures"), 303)
    return Response(_erase(person_id, form), 422, mimetype="text/html")


def _erase(person_id: str, form: Form) -> str:
    seen = erase_person.preview(parts(), person_id, viewer())
    return render_template(
        "keeping/erase.html",
        name=seen.known.name,
        person_id=person_id,
        goes=_rows(seen.goes),
        stays=_rows(seen.stays),
        refused=seen.refused,
        typed=form.typed("typed"),
        errors=form.faults,
    )


def _rows(counts: Any) -> list[tuple[str, int]]:
    return sorted((name.replace("_", " "), count) for name, count in counts.items())


@pages.post("/account/erasure")
@allow("profile", "write")
def ask() -> Response:
    """Ask to be erased, or take that back; administrators see it."""
    form = Form()
    wants = form.choice("wants", ("yes", "no"), default="yes") == "yes"
    me = viewer()
    with parts().store.write() as db:
        asked = any(i == me.person_id for i, _, _ in audit.asks_to_be_erased(db))
        if wants is not asked:
            audit.record(db, at=now(), by_id=me.person_id, act=audit.ASKED if wants else audit.TAKEN_BACK)
    flash(phrase("You asked to be erased. An administrator sees it.") if wants else phrase("You took it back."), "ok")
    return redirect(url_for("development.data") + "#erasure", 303)
