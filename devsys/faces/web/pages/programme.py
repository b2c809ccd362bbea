"""The programme: what is adopted and what it costs; adopt, change, export."""

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from devsys.actions import adopt_programme
from devsys.actions.adopt_programme import Adoption
from devsys.adapters.store.queries import people
from devsys.adapters.store.queries import programme as adopted_queries
from devsys.base import limits
from devsys.base.errors import ConflictError, InvalidError, NotFoundError
from devsys.base.words import phrase, phrases
from devsys.core.model.programme import Activity, Programme
from devsys.core.policy import allow, scope
from devsys.faces.web import programme_form, programmes
from devsys.faces.web.forms import Form, brought
from devsys.faces.web.here import now, parts, today, viewer

pages = Blueprint("programme", __name__)


@pages.get("/programme")
@allow("programme")
def show() -> str:
    """Show what is adopted: for staff what they learn, for planners what it costs as well."""
    return _overview({})


@pages.post("/programme/adopt")
@allow("programme", "write")
def adopt() -> AnyResponse:
    """Adopt programmes that lie ready, with all they include."""
    form = Form()
    codes = form.several("code", [p.code for p in adopt_programme.ready(parts())[0]])
    if not codes:
        return Response(_overview({"code": phrase("Choose at least one programme.")}), 422)
    try:
        _say(adopt_programme.adopt_shipped(parts(), codes, viewer().person_id))
    except InvalidError as error:
        return Response(_overview({"code": _all_words(error)}), 422)
    return redirect(url_for("programme.show"), 303)


@pages.post("/programme/upload")
@allow("programme", "write")
def upload() -> AnyResponse:
    """Adopt the programme of a YAML file or of pasted text."""
    name, data = brought(phrase("pasted text"))
    if not data:
        return Response(_overview({"file": phrase("Choose a file or paste a programme.")}), 422)
    try:
        text = limits.decoded(limits.within(data, limits.YAML_BYTES, phrase("The file")), phrase("The file"))
        _say(adopt_programme.adopt(parts(), text, viewer().person_id, name))
    except InvalidError as error:
        return Response(_overview({"file": error.message}, error.faults), 422)
    return redirect(url_for("programme.show"), 303)


@pages.get("/programme/<code>.yaml")
@allow("programme", "write")
def export(code: str) -> Response:
    """Give an adopted programme as a file; adopting it again changes nothing."""
    text = adopt_programme.export(parts(), code)
    headers = {"Content-Disposition": f'attachment; filename="{code}.yaml"'}
    return Response(text.encode("utf-8"), 200, headers, content_type="application/yaml; charset=utf-8")


@pages.post("/programme/<code>/drop")
@allow("programme", "write")
def drop(code: str) -> AnyResponse:
    """Give up a programme."""
    try:
        adopt_programme.drop(parts(), code, viewer().person_id)
    except InvalidError as error:
        flash(_all_words(error), "bad")
    else:
        flash(phrase("Given up. What is published of it stays; nothing new is planned."), "ok")
    return redirect(url_for("programme.show"), 303)


@pages.get("/programme/<code>/<activity>")
@allow("programme")
def activity(code: str, activity: str) -> str:
    """Show one activity: aim, cadence, outline."""
    with parts().store.read() as db:
        kept = _kept(adopted_queries.records(db), code)
        found = _of(kept.programme, activity)
        values = programmes.activity_page(db, kept.programme, found)
    may_change = bool(scope(viewer(), "programme", "write"))
    return render_template("programme/activity.html", code=code, may_change=may_change, **values)


@pages.get("/programme/<code>/<activity>/change")
@allow("programme", "write")
def edit(code: str, activity: str) -> str:
    """Offer one activity for change, with the figures it makes."""
    with parts().store.read() as db:
        kept = _kept(adopted_queries.records(db), code)
        found = _of(kept.programme, activity)
        return _edit_page(db, kept, found, programme_form.typed_of(found), {})


@pages.post("/programme/<code>/<activity>/change")
@allow("programme", "write")
def change(code: str, activity: str) -> AnyResponse:
    """Keep a changed activity, or only work out its figures."""
    form = Form()
    seen = form.number("revision", least=0, most=2**31)
    with parts().store.read() as db:
        kept = _kept(adopted_queries.records(db), code)
        found = _of(kept.programme, activity)
        changed = programme_form.changed(form, found, adopted_queries.activities(db), people.team_codes(db))
        if form.tick("figures") or form.faults:
            status = 422 if form.faults else 200
            return Response(_edit_page(db, kept, changed if form else found, _typed(form, found), form.faults), status)
    try:
        adopt_programme.change_activity(parts(), code, changed, seen=seen, by=viewer().person_id)
    except (InvalidError, ConflictError) as error:
        status = 409 if isinstance(error, ConflictError) else 422
        with parts().store.read() as db:
            page = _edit_page(db, kept, changed, _typed(form, found), {"title": _all_words(error)})
        return Response(page, status)
    flash(
        phrase("%(title)s is changed. The next plan drawn follows it; what is published stays.", title=changed.title),
        "ok",
    )
    return redirect(url_for("programme.show") + f"#{code}", 303)


@pages.post("/programme/<code>/<activity>/figures")
@allow("programme", "write")
def figures(code: str, activity: str) -> Response:
    """Work out the figures of what is typed, for the page to show while typing; nothing is kept."""
    form = Form()
    with parts().store.read() as db:
        kept = _kept(adopted_queries.records(db), code)
        found = _of(kept.programme, activity)
        changed = programme_form.changed(form, found, adopted_queries.activities(db), people.team_codes(db))
        values = programme_form.live(db, kept.programme, found, changed if form else found, today())
    return Response(render_template("programme/figures.html", live=values, wrong=len(form.faults)), 200)


def _overview(errors: dict[str, str], faults: tuple[Any, ...] = ()) -> str:
    may_change = bool(scope(viewer(), "programme", "write"))
    with parts().store.read() as db:
        if not may_change and not scope(viewer(), "requirement", "read"):
            return render_template("programme/staff.html", **programmes.for_staff(db))
        values = programmes.for_planners(db, parts().store.url, now(), today())
    ready, wrong = adopt_programme.ready(parts()) if may_change else ((), ())
    return render_template(
        "programme/show.html",
        may_change=may_change,
        ready=programmes.lying_ready(ready, values["texts"]),
        unreadable=[str(f) for f in wrong],
        errors=errors,
        faults=[str(f) for f in faults[:50]],
        pasted=Form().typed("pasted", limit=limits.FORM_MEMORY),
        **values,
    )


def _edit_page(
    db: Any, kept: adopted_queries.Adopted, changed: Activity, typed: dict[str, Any], errors: dict[str, str]
) -> str:
    found = _of(kept.programme, changed.code)
    return render_template(
        "programme/edit.html",
        code=kept.programme.code,
        activity=found.code,
        revision=kept.revision,
        typed=typed,
        errors=errors,
        live=programme_form.live(db, kept.programme, found, changed, today()),
        **programme_form.edit_options(db, kept.programme, found),
    )


def _typed(form: Form, found: Activity) -> dict[str, Any]:
    fresh = programme_form.typed_of(found)
    return {name: programme_form.typed_again(form, name, value) for name, value in fresh.items()}


def _kept(records: tuple[adopted_queries.Adopted, ...], code: str) -> adopted_queries.Adopted:
    found = next((k for k in records if k.programme.code == code), None)
    if found is None:
        raise NotFoundError(phrase("There is no such programme."))
    return found


def _of(programme: Programme, code: str) -> Activity:
    found = next((a for a in programme.activities if a.code == code), None)
    if found is None:
        raise NotFoundError(phrase("There is no such activity."))
    return found


def _say(adoption: Adoption) -> None:
    if adoption.taken:
        flash(phrase("Adopted: %(taken)s.", taken=", ".join(adoption.taken)), "ok")
    if adoption.same:
        flash(
            phrases(
                "%(num)s programme said the same already: nothing was changed.",
                "%(num)s programmes said the same already: nothing was changed.",
                len(adoption.same),
            ),
            "info",
        )


def _all_words(error: InvalidError | ConflictError) -> str:
    return " ".join([error.message, *(f"{fault}." for fault in error.faults[:8])])
