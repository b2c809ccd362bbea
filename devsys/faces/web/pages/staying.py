"""How long people stay, by site: shares at a few lengths of time, drawn and as a table."""

from typing import Final

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from devsys.actions import look_at_staying
from devsys.base.errors import InvalidError
from devsys.base.words import phrase, phrases
from devsys.base.written import full_day
from devsys.core.improvement.cells import K
from devsys.core.improvement.staying import Staying, StayPoint
from devsys.core.policy import allow, scope
from devsys.faces.web.csv_answer import csv_answer
from devsys.faces.web.drawing_staying import draw_staying
from devsys.faces.web.forms import Form
from devsys.faces.web.here import parts, today, viewer

pages = Blueprint("staying", __name__)
_HEADS: Final = ("site", "months", "still here", "lower", "upper", "watched at least")


@pages.get("/improvement/staying")
@allow("charts")
def show() -> str:
    """Show how long people stay."""
    return _page(Form({}))


@pages.post("/improvement/staying")
@allow("charts", "write")
def since() -> Response:
    """Take from when on leavings are on record."""
    form = Form()
    day = form.day("since", today=today())
    if form:
        try:
            look_at_staying.set_since(parts(), viewer(), day)
        except InvalidError as error:
            for fault in error.faults:
                form.fault(fault.where, fault.what)
    if not form:
        return Response(_page(form), 422, mimetype="text/html")
    flash(phrase("Leavings are on record from %(day)s on.", day=full_day(day)), "ok")
    return redirect(url_for("staying.show"), 303)


@pages.get("/improvement/staying.csv")
@allow("charts")
def as_csv() -> Response:
    """Give the same figures as a file."""
    seen = look_at_staying.look(parts())
    rows = [
        (name, p.months, round(p.share, 3), round(p.lower, 3), round(p.upper, 3), p.watched)
        for name, group in seen.groups
        for p in group.points
    ]
    return csv_answer("staying.csv", _HEADS, rows)


def _page(form: Form) -> str:
    seen = look_at_staying.look(parts())
    return render_template(
        "staying/show.html",
        groups=[_group(name, group) for name, group in seen.groups],
        since=seen.since,
        since_words=full_day(seen.since) if seen.since else "",
        said=seen.said,
        without=seen.without_first_day,
        may_say=scope(viewer(), "charts", "write").everything,
        typed=form.typed("since", seen.since.isoformat() if seen.since else ""),
        errors=form.faults,
        least=K,
        csv_href=url_for("staying.as_csv"),
    )


def _group(name: str, group: Staying) -> dict[str, object]:
    return {
        "name": name,
        "hidden": group.hidden,
        "finding": _finding(group),
        "drawn": draw_staying(group.points, _finding(group)) if group.points else None,
        "rows": [
            (
                _length(p.months),
                _percent(p.share),
                phrase("%(lower)s to %(upper)s", lower=_percent(p.lower), upper=_percent(p.upper)),
                phrase("%(watched)s or more", watched=p.watched),
            )
            for p in group.points
        ],
    }


def _finding(group: Staying) -> str:
    a_year = next((p for p in group.points if p.months == 12), None)  # noqa: PLR2004 -- a year
    said = (
        [
            phrase(
                "%(share)s are still here after a year, %(between)s.",
                share=_percent(a_year.share),
                between=_between(a_year),
            )
        ]
        if a_year
        else []
    )
    if group.median is not None:
        said.append(phrase("Half have left after %(median)s.", median=_length(group.median)))
    elif group.points:
        said.append(phrase("More than half are still here after %(months)s.", months=_length(group.points[-1].months)))
    return " ".join(said) or phrase("Too few are watched for long enough.")


def _between(point: StayPoint) -> str:
    return phrase("between %(lower)s and %(upper)s", lower=_percent(point.lower), upper=_percent(point.upper))


def _length(months: int) -> str:
    if months % 12 or months < 12:  # noqa: PLR2004
        return phrase("%(months)s months", months=months)
    return phrases("a year", "%(num)s years", months // 12)


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share == share else phrase("not known")  # noqa: PLR0124 -- NaN is not itself
