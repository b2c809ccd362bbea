"""Effects of activities on cohorts: the verdict in words, intervals, the draw behind them, refreshers they ask for."""

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from devsys.actions import review_improvement
from devsys.adapters.store.queries import rollouts
from devsys.base.errors import NotFoundError
from devsys.base.words import phrase
from devsys.core.improvement.metrics import MEASURES
from devsys.core.improvement.rollout import Order
from devsys.core.policy import allow, scope
from devsys.faces.web import effect_values as values
from devsys.faces.web.csv_answer import csv_answer
from devsys.faces.web.forms import Form
from devsys.faces.web.here import parts, viewer
from devsys.faces.web.rollout_values import drawn_words, titles, unit_words

pages = Blueprint("effects", __name__)
REASON = 300


@pages.get("/effects")
@allow("effects")
def index() -> str:
    """List what is known of each rollout, in one sentence each."""
    with parts().store.read() as db:
        found, kept, names = rollouts.every(db), rollouts.effects(db), titles(db)
    rows = [
        {
            "title": names.get(one.activity, one.activity),
            "measure": MEASURES[one.measure].name,
            "href": url_for("effects.show", rollout_id=one.id),
            "told": values.told(one, kept[one.id]) if one.id in kept else None,
        }
        for one in found
    ]
    return render_template("effects/index.html", rows=rows, plans=bool(scope(viewer(), "rollouts", "read")))


@pages.get("/effects/<rollout_id>")
@allow("effects")
def show(rollout_id: str) -> str:
    """Show one effect."""
    return _show(rollout_id, Form({}))


def _show(rollout_id: str, form: Form) -> str:
    with parts().store.read() as db:
        one, kept, names = rollouts.one(db, rollout_id), rollouts.effects(db).get(rollout_id), titles(db)
        asked = values.asked(rollouts.refreshers(db, rollout_id))
    if one is None:
        raise NotFoundError(phrase("There is no such rollout."))
    return render_template(
        "effects/show.html",
        title=names.get(one.activity, one.activity),
        measure=MEASURES[one.measure].name,
        unit=unit_words(one.measure).strip() or MEASURES[one.measure].unit.value,
        rollout=one,
        drawn=drawn_words(one),
        by_lot=one.draw == Order.LOT,
        least=f"{one.least_gain:g}{unit_words(one.measure)}",
        found=values.told(one, kept) if kept else None,
        assumed=values.ASSUMED,
        asked=asked,
        decides=bool(scope(viewer(), "effects", "write")),
        plan=url_for("rollouts.show", rollout_id=rollout_id) if scope(viewer(), "rollouts", "read") else "",
        csv=url_for("effects.file", rollout_id=rollout_id),
        errors=form.faults,
        typed=form.typed("reason"),
        declining=form.typed("refresher"),
    )


@pages.get("/effects/<rollout_id>.csv")
@allow("effects")
def file(rollout_id: str) -> Response:
    """Give the figures of one effect as a file."""
    with parts().store.read() as db:
        one, kept = rollouts.one(db, rollout_id), rollouts.effects(db).get(rollout_id)
    if one is None or kept is None:
        raise NotFoundError(phrase("There is no such effect."))
    told = values.told(one, kept)
    heads = ("looked at", "gain", "between", "started", "compared", "left", "not told")
    rows = ((r.words, r.gain, r.between, r.treated or "", r.controls or "", r.left, r.why) for r in told.rows)
    return csv_answer(f"effect-{one.activity}.csv", heads, rows)


@pages.post("/effects/look")
@allow("effects", "write")
def look() -> Response:
    """Leave a run that looks at all rollouts again."""
    review_improvement.ask(parts(), viewer().person_id)
    flash(phrase("devsys looks again; the pages change in a minute."), "ok")
    return redirect(url_for("effects.index"), 303)


@pages.post("/effects/<rollout_id>/refreshers/<refresher_id>")
@allow("effects", "write")
def decide(rollout_id: str, refresher_id: str) -> Response:
    """Take a refresher that waits, or decline one with a reason."""
    form = Form()
    take = form.choice("do", ("take", "decline")) == "take"
    reason = form.text("reason", limit=REASON, required=not take)
    if form:
        review_improvement.decide(parts(), viewer(), refresher_id, take=take, reason=reason)
        flash(
            phrase("It is taken: the next draft holds it.")
            if take
            else phrase("It is declined; the cadence stands as it was."),
            "ok",
        )
        return redirect(url_for("effects.show", rollout_id=rollout_id, _anchor="refreshers"), 303)
    return Response(_show(rollout_id, form), 422, mimetype="text/html")
