"""The board: what teams' charts say, one measure at a time; nothing is sorted by value."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from devsys.actions import improvement_board, open_readings
from devsys.actions.improvement_board import NewMark, Overview, Sheet, Unit
from devsys.base.errors import InvalidError, NotFoundError
from devsys.base.words import phrase
from devsys.base.written import number
from devsys.core.improvement import charts
from devsys.core.improvement.board import Board
from devsys.core.improvement.marks import REBASING, MarkKind
from devsys.core.improvement.metrics import Measure
from devsys.core.model.conditions import QUESTIONS
from devsys.core.policy import Extent, allow, scope
from devsys.faces.web.chart_words import (
    LABELS,
    MARKS,
    TAGS,
    day_year,
    days_text,
    detail,
    fired_text,
    sentence,
    value_text,
)
from devsys.faces.web.csv_answer import csv_answer
from devsys.faces.web.drawing_chart import Spark, draw_charts, spark
from devsys.faces.web.forms import Form
from devsys.faces.web.here import now, parts, today, viewer
from devsys.faces.web.one_site import OneSite, one_site
from devsys.faces.web.reading_values import says_of
from devsys.faces.web.words import in_sentence

pages = Blueprint("improvement", __name__, url_prefix="/improvement")
HEADS: Final = ("first day", "last day", "numerator", "denominator", "value", "what it says")
_SHOWN_RULES: Final = 5


@dataclass(frozen=True, slots=True)
class Row:
    """One unit in the list of a measure."""

    name: str
    href: str
    here: bool
    value: str
    spark: Spark | None
    tag: tuple[str, str, str] | None  # words, tone, icon
    detail: str


@pages.get("/")
@allow("charts")
def index() -> str:
    """Show one measure of all teams."""
    with parts().store.read() as db:
        here = one_site(db, viewer())
    found = improvement_board.overview(parts(), request.args.get("measure", "")[:60], here.id)
    if found is None:
        return render_template("improvement/empty.html", brings=bool(scope(viewer(), "imports", "write")))
    measure = found.measure
    return render_template(
        "improvement/index.html",
        may_switch=scope(viewer(), "lead_readings", "write").everything,
        people=Extent.TEAM in scope(viewer(), "own_readings", "read").extents
        and open_readings.switch_of(parts()).announced is not None,
        may_report=bool(scope(viewer(), "versions", "read")),
        measure=measure,
        finding=_finding(found),
        choices=[(_all_of(m, here), m.name, m == measure) for m in found.choices],
        context=[(_all_of(m, here), m.name, m == measure) for m in found.context],
        here=here,
        rows=_rows(found, ""),
        says=says_of(measure),
    )


def _all_of(measure: Measure, here: OneSite) -> str:
    return url_for("improvement.index", measure=measure.key, site=here.id or None)


@pages.get("/<unit_id>/<key>")
@allow("charts")
def show(unit_id: str, key: str) -> str:
    """Show one measure of one team: the finding, the chart, the rules that fired, the table."""
    return _page(improvement_board.sheet(parts(), viewer(), unit_id, key), {})


@pages.get("/<unit_id>/<key>.csv", endpoint="csv")
@allow("charts")
def as_csv(unit_id: str, key: str) -> AnyResponse:
    """Give the figures of a chart as a file."""
    found = improvement_board.sheet(parts(), viewer(), unit_id, key)
    rows = [
        (p.first.isoformat(), p.last.isoformat(), p.numerator, p.denominator, p.value, p.label)
        for p in found.board.points
    ] + [(g.first.isoformat(), g.last.isoformat(), "", "", "", g.why) for g in found.board.gaps]
    return csv_answer(f"{key}.csv", HEADS, sorted(rows, key=lambda row: str(row[0])))


@pages.post("/<unit_id>/<key>/marks")
@allow("charts", "write")
def mark(unit_id: str, key: str) -> AnyResponse:
    """Record a mark on the charts of a team, perhaps with limits that begin anew there."""
    form = Form()
    day = form.day("day", today=today())
    kind = form.choice("kind", [k.value for k in MarkKind])
    words = form.text("words", limit=80)
    everywhere, rebase = form.tick("everywhere"), form.tick("rebase")
    reason = form.text("reason", limit=200, required=False)
    if form and day > today():
        form.fault("day", phrase("A day until today."))
    if form:
        new = NewMark("" if everywhere else key, day, MarkKind(kind), words, rebase, reason)
        try:
            improvement_board.keep_mark(parts(), viewer(), unit_id, new)
        except InvalidError as error:
            form.take(error, "words")
        else:
            flash(phrase("Marked: %(words)s, %(day)s.", words=words, day=day_year(day)), "ok")
            return redirect(url_for("improvement.show", unit_id=unit_id, key=key), 303)
    found = improvement_board.sheet(parts(), viewer(), unit_id, key)
    if not found.may_mark:
        raise NotFoundError(phrase("There is no such team."))
    return Response(_page(found, form.faults, form), 422)


@pages.post("/<unit_id>/<key>/marks/<mark_id>/drop")
@allow("charts", "write")
def drop_mark(unit_id: str, key: str, mark_id: str) -> AnyResponse:
    """Take a mark away."""
    improvement_board.drop_mark(parts(), viewer(), unit_id, mark_id)
    flash(phrase("The mark is gone."), "ok")
    return redirect(url_for("improvement.show", unit_id=unit_id, key=key), 303)


def _page(found: Sheet, faults: dict[str, str], form: Form | None = None) -> str:
    shown, measure = found.board, found.board.measure
    red = [
        (r.since, r.until, phrase("%(condition)s red", condition=in_sentence(str(QUESTIONS[r.check].title))))
        for r in found.red
    ]
    overlapping = _red_words(found)
    return render_template(
        "improvement/show.html",
        unit=found.unit,
        measure=measure,
        title=sentence(shown, found.unit.name),
        detail=detail(shown),
        tag=_tag(shown),
        drawings=draw_charts(shown, red, now().date()) if shown.points else (),
        fired=_fired(shown),
        marks=[(m.id, day_year(m.day), MARKS[m.kind], m.words, m.rebase, m.reason) for m in shown.marks],
        red=overlapping,
        fixes=found.fixes,
        heads=[
            phrase("Days"),
            (phrase("Numerator"), "n"),
            (phrase("Denominator"), "n"),
            (phrase("Value"), "n"),
            phrase("What it says"),
        ],
        table=_table(shown),
        points=[(p.first.isoformat(), p.value, p.type) for p in shown.points],
        csv=url_for("improvement.csv", unit_id=found.unit.id, key=measure.key),
        rows=_rows(found.overview, found.unit.id),
        context=[
            (b.measure.name, value_text(b.measure, b.recent), _href(found.unit, b.measure))
            for b in found.context
            if b.points
        ],
        says=says_of(measure),
        may_mark=found.may_mark,
        kinds=[(k.value, words) for k, words in MARKS.items()],
        rebasing=", ".join(in_sentence(str(MARKS[k])) for k in MarkKind if k in REBASING),
        faults=faults,
        typed=_typed(form),
    )


def _typed(form: Form | None) -> dict[str, str]:
    names = ("day", "kind", "words", "reason", "everywhere", "rebase")
    return {name: form.typed(name) if form is not None else "" for name in names}


def _rows(found: Overview, here: str) -> list[Row]:
    return [
        Row(
            unit.name,
            _href(unit, found.measure),
            unit.id == here,
            value_text(found.measure, some.recent) if some.points else "",
            spark(some),
            _tag(some),
            some.hidden or detail(some),
        )
        for unit, some in found.boards
    ]


def _href(unit: Unit, measure: Measure) -> str:
    return url_for("improvement.show", unit_id=unit.id, key=measure.key)


def _tag(found: Board) -> tuple[str, str, str] | None:
    if found.signal is None:
        return None
    return (phrase(found.signal.word.value), *TAGS[found.signal.word])


def _fired(found: Board) -> list[str]:
    """Say which rules fired, the latest first."""
    last = found.points[-1].last if found.points else None
    return [fired_text(one, until_now=one.last == last) for one in reversed(found.fired)][:_SHOWN_RULES]


def _red_words(found: Sheet) -> list[str]:
    """Say which conditions were red in the last eight blocks: they are read before anything is said of people."""
    if not found.board.points:
        return []
    since = found.board.points[max(0, len(found.board.points) - 8)].first
    return [
        _red(str(QUESTIONS[r.check].title), r.since, r.until) for r in found.red if r.until is None or r.until > since
    ]


def _red(condition: str, since: date, until: date | None) -> str:
    if until is None:
        return phrase("%(condition)s, since %(since)s", condition=condition, since=day_year(since))
    return phrase(
        "%(condition)s, since %(since)s until %(until)s",
        condition=condition,
        since=day_year(since),
        until=day_year(until),
    )


def _table(found: Board) -> list[tuple[str, ...]]:
    rows = [
        (
            p.first,
            (
                days_text(p.first, p.last),
                number(round(p.numerator)),
                number(round(p.denominator)),
                value_text(found.measure, p.value),
                _means(p.label, p.type),
            ),
        )
        for p in found.points
    ] + [(g.first, (days_text(g.first, g.last), "", "", "", g.why)) for g in found.gaps]
    return [row for _, row in sorted(rows, key=lambda one: one[0], reverse=True)]


def _means(label: str, kind: str) -> str:
    if kind == charts.IMPROVEMENT:
        return phrase("%(rule)s, for the better", rule=LABELS[label])
    return phrase("%(rule)s, for the worse", rule=LABELS[label]) if kind == charts.CONCERN else LABELS[label]


def _finding(found: Overview) -> str:
    """Say how many teams a word can be said of; never which is best."""
    boards = [some for _, some in found.boards]
    if found.measure.context:
        return phrase("Context: without limits, without a verdict, never a target.")
    told = sum(some.signal is not None and some.signal.word.value != "too little data to tell" for some in boards)
    return phrase(
        "%(told)s of %(boards)s can be told; where there is too little data, it says so.", told=told, boards=len(boards)
    )
