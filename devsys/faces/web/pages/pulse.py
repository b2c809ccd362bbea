"""The pulse: five statements a month without a name, a receipt for one's own answers, figures of groups."""

from typing import Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from devsys.actions import answer_pulse
from devsys.actions.answer_pulse import Question
from devsys.base.errors import InvalidError, NotFoundError
from devsys.base.text import clean
from devsys.base.words import phrase
from devsys.core.improvement.cells import K
from devsys.core.model.pulse import LEVELS
from devsys.core.policy import allow
from devsys.faces.web.csv_answer import csv_answer
from devsys.faces.web.forms import Form
from devsys.faces.web.here import parts, today, viewer
from devsys.faces.web.pulse_values import month_words, months_before, statement_values

pages = Blueprint("pulse", __name__)
RECEIPT: Final = 64
_WORDS: Final = dict(LEVELS)


@pages.get("/pulse")
@allow("pulse", "write")
def ask() -> str:
    """Ask the five statements of the month."""
    return _ask(answer_pulse.look(parts(), viewer()), Form({}))


@pages.post("/pulse")
@allow("pulse", "write")
def answer() -> Response | str:
    """Take the answers; the page that follows shows the receipt, once."""
    form = Form()
    asked = answer_pulse.look(parts(), viewer())
    levels = {str(level): level for level, _ in LEVELS}
    given = {s.code: form.choice(s.code, levels, default="") for s in asked.pulse.statements}
    try:
        receipt = answer_pulse.answer(parts(), viewer(), given)
    except InvalidError as error:
        for fault in error.faults:
            form.fault(fault.where, fault.what)
        return Response(_ask(asked, form), 422, mimetype="text/html")
    return render_template("pulse/thanks.html", receipt=receipt, month=month_words(asked.month), least=K)


def _ask(asked: Question, form: Form) -> str:
    return render_template(
        "pulse/ask.html",
        title=asked.pulse.title,
        lead=asked.pulse.lead,
        month=month_words(asked.month),
        asked=asked,
        levels=LEVELS,
        typed={s.code: form.typed(s.code) for s in asked.pulse.statements},
        errors=form.faults,
        labels={s.code: s.words for s in asked.pulse.statements},
        least=K,
    )


@pages.get("/pulse/receipt")
@allow("pulse", "write")
def receipt() -> str:
    """Ask for a receipt."""
    return render_template("pulse/receipt.html", typed="", errors={}, found=())


@pages.post("/pulse/receipt")
@allow("pulse", "write")
def look_up() -> Response | str:
    """Show the answers under a receipt, or take them back."""
    form = Form()
    secret = form.text("receipt", limit=RECEIPT)
    takes = form.typed("does") == "take back"
    found: tuple[tuple[str, str], ...] = ()
    if form:
        try:
            if takes:
                answer_pulse.take_back(parts(), secret)
                flash(phrase("Your answers are deleted. They will be in no figure."), "ok")
                return redirect(url_for("pulse.receipt"), 303)
            found = tuple((s.words, _WORDS[level]) for s, level in answer_pulse.read_back(parts(), secret))
        except NotFoundError as error:
            form.fault("receipt", error.message)
    page = render_template("pulse/receipt.html", typed=secret, errors=form.faults, found=found)
    return page if form else Response(page, 422, mimetype="text/html")


@pages.get("/pulse/results")
@allow("pulse_figures")
def results() -> str:
    """Show what five people and more said, month by month, for one unit."""
    months = months_before(today().isoformat()[:7])
    shown = answer_pulse.shown(parts(), viewer(), months[0], clean(request.args.get("of", ""), limit=RECEIPT))
    units, unit, figures = shown.units, shown.unit, shown.figures
    return render_template(
        "pulse/results.html",
        units=list(units.items()),
        unit=unit,
        name=units[unit],
        statements=[statement_values(s, figures, months) for s in shown.pulse.statements],
        any=bool(figures),
        least=K,
        csv_href=url_for("pulse.results_csv"),
    )


@pages.get("/pulse/results.csv")
@allow("pulse_figures")
def results_csv() -> Response:
    """Give the same figures of all units the viewer may see."""
    months = months_before(today().isoformat()[:7])
    shown = answer_pulse.shown(parts(), viewer(), months[0])
    units, words = shown.units, {s.code: s.words for s in shown.pulse.statements}
    rows = [
        (f.month, words.get(f.item, f.item), f.wording, units[f.unit], f.count, round(f.mean, 2)) for f in shown.figures
    ]
    return csv_answer("pulse.csv", ("month", "statement", "wording", "of", "answers", "mean"), rows)
