"""Rollouts by lot: what one would show, the draw, the plan it made."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from devsys.actions import draw_rollout
from devsys.actions.draw_rollout import LATE, NOTICE, SPACING, WAVES, Question
from devsys.adapters.store.queries import rollouts
from devsys.base.errors import ConflictError, InvalidError, NotFoundError
from devsys.base.words import grouped, phrase, phrases, to_phrase
from devsys.base.written import full_day
from devsys.core.improvement.metrics import MEASURES
from devsys.core.improvement.rollout import By, Order
from devsys.core.model.rollouts import Rollout
from devsys.core.policy import allow
from devsys.faces.web import rollout_values as values
from devsys.faces.web.csv_answer import csv_answer
from devsys.faces.web.forms import Form
from devsys.faces.web.here import parts, today, viewer

pages = Blueprint("rollouts", __name__)
MOST_GAIN = 100.0
FIELDS = ("activity", "measure", "least_gain", "first", "waves", "spacing", "late", "order", "by")
LABELS = {
    "activity": to_phrase("Activity"),
    "measure": to_phrase("Measure"),
    "least_gain": to_phrase("Least gain worth having"),
    "teams": to_phrase("Teams"),
    "first": to_phrase("First wave"),
    "waves": to_phrase("Waves"),
    "spacing": to_phrase("Weeks between"),
    "late": to_phrase("Late wave"),
    "order": to_phrase("Order"),
    "by": to_phrase("The lot falls on"),
}


@pages.get("/rollouts")
@allow("rollouts")
def index() -> str:
    """List the rollouts."""
    with parts().store.read() as db:
        found, titles = rollouts.every(db), values.titles(db)
    rows = [
        {
            "title": titles.get(one.activity, one.activity),
            "href": url_for("rollouts.show", rollout_id=one.id),
            "measure": MEASURES[one.measure].name,
            "drawn": full_day(one.drawn.date()),
            "how": phrase("by lot") if one.draw == Order.LOT else phrase("the weakest first"),
            "ended": one.ended is not None,
        }
        for one in found
    ]
    return render_template("rollouts/index.html", rows=rows)


@pages.get("/rollouts/new")
@allow("rollouts", "write")
def new() -> str:
    """Ask what is to be rolled out."""
    return _new(Form({}))


def _new(form: Form) -> str:
    with parts().store.read() as db:
        activities, teams = values.activity_choices(db), values.team_choices(db)
    first = values.next_monday(today() + NOTICE)
    usual = {"first": first.isoformat(), "waves": "4", "spacing": "4", "late": "10", "order": "strata", "by": "person"}
    chosen = form.all("teams")
    return render_template(
        "rollouts/new.html",
        activities=activities,
        measures=values.measure_choices(),
        teams=teams,
        chosen=chosen or [i for i, _ in teams],
        orders=values.ORDERS,
        units=values.UNITS,
        lates=values.LATES,
        typed={name: form.typed(name, usual.get(name, "")) for name in FIELDS},
        errors=form.faults,
        labels=LABELS,
    )


def _question(form: Form) -> Question:
    with parts().store.read() as db:
        activities, teams = dict(values.activity_choices(db)), dict(values.team_choices(db))
    order = form.choice("order", [key for key, *_ in values.ORDERS])
    return Question(
        activity=form.choice("activity", activities),
        measure=form.choice("measure", dict(values.measure_choices())),
        least_gain=form.decimal("least_gain", least=0.1, most=MOST_GAIN),
        teams=form.several("teams", teams),
        first=form.day("first", today=today()),
        waves=form.number("waves", least=WAVES[0], most=WAVES[1]),
        spacing=form.number("spacing", least=SPACING[0], most=SPACING[1]),
        late=int(form.choice("late", [str(share) for share in LATE]) or 0),
        order=Order.WEAKEST if order == "weakest" else Order.LOT,
        by=By(form.choice("by", [by.value for by in By]) or By.PERSON),
        strata=order == "strata",
    )


@pages.get("/rollouts/power")
@allow("rollouts", "write")
def power() -> Response | str:
    """Say, before anything is drawn, what the draw would show; nothing is written."""
    form = Form(request.args.to_dict(flat=False))
    question = _question(form)
    if form:
        try:
            found = draw_rollout.prospect(parts(), question, today=today())
        except InvalidError as error:
            form.take(error, "activity")
        else:
            return _power(form, question, found)
    return Response(_new(form), 422, mimetype="text/html")


def _power(form: Form, question: Question, found: draw_rollout.Prospect) -> str:
    with parts().store.read() as db:
        title = values.titles(db)[question.activity]
    shown = values.power_of(found.foreseen, question.measure)
    told = [one for one in shown if one.gain]
    people = phrases("%(num)s person", "%(num)s people", found.people)
    waves = phrases("%(num)s wave", "%(num)s waves", len(found.waves))
    lede = phrase("%(people)s in %(waves)s.", people=people, waves=waves)
    return render_template(
        "rollouts/power.html",
        title=title,
        measure=MEASURES[question.measure].name,
        least=grouped(f"{question.least_gain:g}") + f"{values.unit_words(question.measure)}",
        lede=lede,
        need=""
        if told
        else phrase("No effect will be told of it.")
        if shown
        else phrase("There are no readings of persons yet."),
        waves=values.waves_ahead(found),
        shown=shown,
        strata=found.strata,
        asked_strata=question.strata,
        by_need=question.order is Order.WEAKEST,
        history=found.history,
        hidden=[(name, form.typed(name)) for name in FIELDS] + [("teams", team) for team in question.teams],
        back=url_for("rollouts.new"),
    )


@pages.post("/rollouts")
@allow("rollouts", "write")
def draw() -> Response:
    """Draw the lot."""
    form = Form()
    question = _question(form)
    if form:
        try:
            made = draw_rollout.draw(parts(), viewer(), question, today=today())
        except InvalidError as error:
            form.take(error, "activity")
        except ConflictError as error:
            form.fault("activity", error.message)
        else:
            flash(phrase("It is drawn. The next plan places each start in the first two weeks of its wave."), "ok")
            return redirect(url_for("rollouts.show", rollout_id=made), 303)
    return Response(_new(form), 422, mimetype="text/html")


def _found(rollout_id: str) -> tuple[Rollout, str]:
    with parts().store.read() as db:
        found, titles = rollouts.one(db, rollout_id), values.titles(db)
    if found is None:
        raise NotFoundError(phrase("There is no such rollout."))
    return found, titles.get(found.activity, found.activity)


@pages.get("/rollouts/<rollout_id>")
@allow("rollouts")
def show(rollout_id: str) -> str:
    """Show the plan a draw made, so that it can be explained and repeated."""
    found, title = _found(rollout_id)
    with parts().store.read() as db:
        places = rollouts.places(db, rollout_id)
    return render_template(
        "rollouts/show.html",
        title=title,
        rollout=found,
        drawn=values.drawn_words(found),
        by_lot=found.draw == Order.LOT,
        measure=MEASURES[found.measure].name,
        least=f"{found.least_gain:g}{values.unit_words(found.measure)}",
        waves=values.waves_of(places, named=found.draw == Order.LOT),
        people=len(places),
        ended=full_day(found.ended.date()) if found.ended else "",
        csv=url_for("rollouts.file", rollout_id=rollout_id),
    )


@pages.get("/rollouts/<rollout_id>.csv")
@allow("rollouts")
def file(rollout_id: str) -> Response:
    """Give the waves of a draw by lot as a file; in which half somebody is stays with the draw: a figure of theirs."""
    found, _ = _found(rollout_id)
    if found.draw != Order.LOT:
        raise NotFoundError(phrase("There is no such list."))
    with parts().store.read() as db:
        places = rollouts.places(db, rollout_id)
    rows = ((p.code, p.team, p.wave, "late" if p.late else "", p.starts.isoformat()) for p in places)
    heads = ("person", "team", "wave", "late", "starts")
    return csv_answer(f"rollout-{found.activity}.csv", heads, rows)


@pages.post("/rollouts/<rollout_id>/end")
@allow("rollouts", "write")
def end(rollout_id: str) -> Response:
    """End a rollout."""
    draw_rollout.end(parts(), viewer(), rollout_id)
    flash(phrase("The rollout is ended: from now on the cadence alone says who learns when."), "ok")
    return redirect(url_for("rollouts.show", rollout_id=rollout_id), 303)
