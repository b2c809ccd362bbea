"""Where one is signed in, and an end to it."""

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from devsys.actions import end_sign_ins
from devsys.adapters.provider import is_set
from devsys.adapters.store.queries import identities
from devsys.base.words import phrase
from devsys.base.written import clock, full_day
from devsys.core.policy import allow
from devsys.faces.web.filters import local
from devsys.faces.web.forms import Form
from devsys.faces.web.here import here, parts, viewer

pages = Blueprint("sign_ins", __name__)


@pages.get("/account/sign-ins")
@allow("profile")
def show() -> str:
    """List the viewer's own sign-ins."""
    me, found = viewer(), here().sign_in
    with parts().store.read() as db:
        linked = identities.is_linked(db, me.person_id)
    lines = []
    for one in end_sign_ins.listed(parts(), me):
        began, used = local(one.created, me.zone), local(one.seen, me.zone)
        lines.append(
            {
                "key": one.key,
                "device": one.device or phrase("A browser"),
                "network": one.network,
                "by": one.via,
                "began": f"{full_day(began)}, {clock(began)}",
                "used": f"{full_day(used)}, {clock(used)}",
                "here": found is not None and one.id_hash == found.id_hash,
            }
        )
    return render_template("account/sign_ins.html", lines=lines, linked=linked, provider=is_set(parts().settings))


@pages.post("/account/sign-ins/end")
@allow("profile", "write")
def end_one() -> Response:
    """End one of the viewer's own sign-ins."""
    form = Form()
    if end_sign_ins.end_one(parts(), viewer(), form.typed("key")):
        flash(phrase("Ended: that browser has to sign in again."), "ok")
    else:
        flash(phrase("That one had ended already."), "warn")
    return redirect(url_for("sign_ins.show"), 303)


@pages.post("/account/sign-ins/others")
@allow("profile", "write")
def end_others() -> Response:
    """End all of the viewer's own sign-ins but this one."""
    found = here().sign_in
    end_sign_ins.end_others(parts(), viewer(), found.id_hash if found else "")
    flash(phrase("All others have ended: they have to sign in again."), "ok")
    return redirect(url_for("sign_ins.show"), 303)


@pages.post("/people/<person_id>/sign-ins/end")
@allow("accounts", "write")
def end_all_of(person_id: str) -> Response:
    """End all sign-ins of an account."""
    end_sign_ins.end_all_of(parts(), viewer(), person_id)
    flash(phrase("All sign-ins of this account have ended."), "ok")
    return redirect(url_for("people.show", person_id=person_id) + "#account", 303)
