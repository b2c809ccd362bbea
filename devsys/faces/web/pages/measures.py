"""Files of measures: sources with their mappings, a dry run, Confirm."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from devsys.actions import import_measures
from devsys.actions.import_measures import Found
from devsys.adapters.store.queries import measures as measures_queries
from devsys.adapters.store.queries.measures import Source
from devsys.base import limits
from devsys.base.errors import ConflictError, Fault, InvalidError, NotFoundError
from devsys.base.words import phrase, to_phrase
from devsys.base.written import number
from devsys.core.improvement.mapping import Form as DateForm
from devsys.core.improvement.mapping import SourceMapping, titles
from devsys.core.improvement.mapping_form import Chosen, Filled, Wanted, mapping_text
from devsys.core.improvement.metrics import MEASURES, Measure
from devsys.core.improvement.readings import Span
from devsys.core.policy import allow
from devsys.faces.web.forms import Form, brought
from devsys.faces.web.here import parts, today, viewer

pages = Blueprint("measures", __name__, url_prefix="/imports/measures")
EXAMPLE: Final = """\
source: support_calls
title: Calls of the support desk
rows: contact
key: Call Id
date: Date
team: {column: Team}
person: {column: Agent}
measures:
  - measure: csat
    numerator: {where: [{column: Satisfaction rating, in: [4, 5]}]}
    denominator: {where: [{column: Satisfaction rating, not empty: yes}]}
"""
_SHOWN: Final = 50
_LINES: Final = 4
_TEXTS: Final = ("source", "title", "rows", "key", "date", "form", "covers", "team", "team_always", "person")
_OF: Final = ("column", "test", "values")
_NAMES: Final = ("measure", *(f"{part}_{of}" for part in "nd" for of in _OF))
_TESTS: Final = (
    ("in", to_phrase("is one of")),
    ("=", to_phrase("is")),
    (">=", to_phrase("is at least")),
    ("not empty", to_phrase("is not empty")),
    ("empty", to_phrase("is empty")),
    ("sum", to_phrase("added up")),
    ("week", to_phrase("every week once")),
)
_MAPPING_BYTES: Final = 20_000


@dataclass(frozen=True, slots=True)
class Said:
    """What a dry run says: figures, what is wrong, whether there is anything to confirm."""

    name: str
    figures: tuple[tuple[str, str], ...]
    faults: tuple[Fault, ...]
    more: int
    message: str
    writes: bool
    upload: str


@pages.get("/")
@allow("imports")
def index() -> str:
    """List the sources, and offer a form for a new one."""
    return _index(EXAMPLE, ())


@pages.post("/")
@allow("imports", "write")
def create() -> AnyResponse:
    """Keep the mapping of a source."""
    text = _typed()
    try:
        kept = import_measures.keep_mapping(parts(), viewer(), text)
    except InvalidError as error:
        return Response(_index(text, error.faults or (Fault("", error.message),)), 422)
    flash(phrase("The mapping of %(title)s is kept.", title=kept.title), "ok")
    return redirect(url_for("measures.show", code=kept.source), 303)


@pages.get("/New")  # a word no code can be
@allow("imports")
def form() -> str:
    """Offer a form that writes a mapping."""
    return _form(Form({}), ())


@pages.post("/New")
@allow("imports", "write")
def write_form() -> AnyResponse:
    """Write the mapping a form describes, and keep it."""
    given = Form()
    try:
        kept = import_measures.keep_mapping(parts(), viewer(), mapping_text(_filled(given)))
    except InvalidError as error:
        faults = tuple(Fault("", fault.what) for fault in error.faults) or (Fault("", error.message),)
        return Response(_form(given, faults), 422)
    flash(phrase("The mapping of %(title)s is kept. Now bring a file of it.", title=kept.title), "ok")
    return redirect(url_for("measures.show", code=kept.source), 303)


def _limits() -> str:
    """Say what a file of readings may be."""
    return phrase(
        "CSV in UTF-8, at most %(most)s MiB here; larger files at the terminal: devsys readings.",
        most=limits.CSV_BYTES // 2**20,
    )


def _filled(given: Form) -> Filled:
    texts = {name: given.typed(name, limit=200).strip() for name in _TEXTS}
    measures = [
        Wanted(key, *(Chosen(*(given.typed(f"{part}{i}_{of}", limit=200).strip() for of in _OF)) for part in "nd"))
        for i in range(_LINES)
        if (key := given.typed(f"measure{i}", limit=60).strip())
    ]
    return Filled(keep=given.tick("keep"), measures=measures, **texts)


def _form(given: Form, faults: tuple[Fault, ...]) -> str:
    with parts().store.read() as db:
        teams = [(team.code, team.name) for team in measures_queries.teams(db)]
    typed = {name: given.typed(name, limit=200) for name in _TEXTS}
    lines = [
        {name: given.typed(f"{name[:1]}{i}{name[1:]}" if name != "measure" else f"measure{i}") for name in _NAMES}
        for i in range(_LINES)
    ]
    return render_template(
        "imports/mapping.html",
        typed=typed,
        keep=given.tick("keep"),
        lines=lines,
        faults=faults,
        teams=teams,
        measures=[(m.key, m.name) for m in MEASURES.values()],
        forms=[(form.value, phrase("as %(form)s", form=form)) for form in DateForm],
        tests=_TESTS,
    )


@pages.get("/<code>")
@allow("imports")
def show(code: str) -> str:
    """Offer a form for a file of the source, and its mapping to change."""
    return _source(code)


@pages.post("/<code>")
@allow("imports", "write")
def check(code: str) -> Response:
    """Say what a file would do; nothing is written."""
    form = Form()
    first, last = (_day(form, name) for name in ("first", "last"))
    name, data = brought(phrase("pasted rows"))
    if not data:
        form.fault("file", phrase("Choose a file or paste rows, with the header first."))
    if not form:
        return Response(_source(code, form=form), 422)
    try:
        run = import_measures.dry_run(parts(), viewer(), code, data, name=name, span=Span(first, last))
    except (InvalidError, ConflictError) as error:
        said = _refused(name, error)
        return Response(_dry_run(code, said), 409 if isinstance(error, ConflictError) else 422)
    return Response(_dry_run(code, _said(name, run.found, run.upload_id)))


@pages.post("/<code>/confirm")
@allow("imports", "write")
def confirm(code: str) -> AnyResponse:
    """Write what the dry run showed, in one transaction."""
    form = Form()
    upload = form.text("upload", limit=40)
    if not form:
        raise NotFoundError(phrase("There is no such file."))
    try:
        found = import_measures.confirm(parts(), viewer(), code, upload)
    except (InvalidError, ConflictError) as error:
        return Response(_dry_run(code, _refused(phrase("The file"), error)), 409)
    flash(
        phrase(
            "Written in one step: %(new)s readings new, %(changed)s changed, %(gone)s gone.",
            new=number(found.new),
            changed=number(found.changed),
            gone=number(found.gone),
        ),
        "ok",
    )
    return redirect(url_for("measures.show", code=code), 303)


def _typed() -> str:
    return Form().typed("text", limit=_MAPPING_BYTES)


def _day(form: Form, name: str) -> date | None:
    return form.day(name, today=today()) if form.typed(name) else None


def _index(text: str, faults: tuple[Fault, ...]) -> str:
    with parts().store.read() as db:
        known = import_measures.all_sources(db)
    rows = [(source, list(titles(mapping))) for source, mapping in known]
    measures = [(m.name, m.key, m.numerator, m.denominator, f"{m.least:g}") for m in MEASURES.values()]
    return render_template("imports/measures.html", rows=rows, text=text, faults=faults, measures=measures)


def _source(code: str, *, form: Form | None = None) -> str:
    source, mapping = _found(code)
    return render_template(
        "imports/source.html",
        source=source,
        words=titles(mapping),
        columns=mapping.columns,
        own=[_described(m) for m in mapping.own_measures],
        limits=_limits(),
        errors=dict(form.faults) if form is not None else {},
        first=form.typed("first") if form is not None else "",
        last=form.typed("last") if form is not None else "",
        covers=mapping.covers,
        text=source.text,
    )


def _described(measure: Measure) -> str:
    said = phrase(
        "%(measure)s (%(unit)s), from %(least)s of the denominator on",
        measure=measure.name,
        unit=phrase(measure.unit.value),
        least=number(measure.least),
    )
    return phrase("%(measure)s; each person sees their own", measure=said) if measure.own else said


def _found(code: str) -> tuple[Source, SourceMapping]:
    with parts().store.read() as db:
        for source, mapping in import_measures.all_sources(db):
            if source.code == code:
                return source, mapping
    raise NotFoundError(phrase("There is no such source."))


def _dry_run(code: str, said: Said) -> str:
    source, _ = _found(code)
    return render_template("imports/readings.html", source=source, run=said, limits=_limits())


def _said(name: str, found: Found, upload: str) -> Said:
    summed = found.summed
    weeks = len({reading.first for reading in summed.readings})
    figures = (
        (number(summed.rows), "rows"),
        (number(weeks), phrase("weeks, %(first)s to %(last)s", first=summed.first, last=summed.last)),
        (number(summed.people), phrase("people") if summed.people else phrase("people named")),
        (number(found.new), phrase("readings new")),
        (number(found.changed), "changed"),
        (number(found.gone), "gone"),
        (number(found.same), phrase("same, left alone")),
    )
    return Said(name, figures, (), 0, "", found.writes, upload)


def _refused(name: str, error: InvalidError | ConflictError) -> Said:
    shown = error.faults[:_SHOWN]
    return Said(name, (), shown, len(error.faults) - len(shown), error.message, writes=False, upload="")
