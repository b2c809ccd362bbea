"""Files in and out: template, dry run, Confirm, export."""

from dataclasses import dataclass
from typing import Final

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from devsys.actions import import_files
from devsys.actions.import_files import DryRun
from devsys.adapters.store.queries import measures, people, plans
from devsys.adapters.store.queries.people import Counts
from devsys.base import limits
from devsys.base.errors import NotFoundError
from devsys.base.words import phrase, phrases
from devsys.base.written import number
from devsys.core.intake.kinds import KINDS, kind_of, template
from devsys.core.intake.values import SHOWN, Change, Kind, Refused
from devsys.core.policy import allow, scope
from devsys.faces.web.forms import Form, brought
from devsys.faces.web.here import now, parts, viewer
from devsys.faces.web.here import scope as reach
from devsys.faces.web.needs_you import things_ahead

pages = Blueprint("imports", __name__)
_SHOWN: Final = 50
MOST_SAID: Final = 3  # things that no longer hold, said one by one after an import
_OF_KIND: Final = {"volumes": "requirement"}  # what stands of a kind that becomes another


def limits_said() -> str:
    """Say what of a file is taken."""
    return phrase(
        "CSV in UTF-8, parted by commas; at most %(size)s MiB and %(rows)s rows. Pasted rows: at most %(pasted)s kB.",
        size=limits.CSV_BYTES // 2**20,
        rows=number(limits.CSV_ROWS),
        pasted=limits.FORM_MEMORY // 1000 - 50,
    )


@dataclass(frozen=True, slots=True)
class RefusedLine:
    """One refused row as the table shows it."""

    row: str
    column: str
    value: str
    wanted: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A dry run as the page shows it: counts, and the first rows of each sort."""

    name: str
    new: int
    changed: int
    same: int
    refused: int
    file_fault: str
    rows: tuple[RefusedLine, ...]
    more: int
    changes: tuple[Change, ...]
    more_changes: int
    fresh: tuple[Change, ...]
    more_fresh: int
    warnings: tuple[tuple[str, str], ...]
    more_warnings: int
    writes: bool
    upload: str
    revision: int


@pages.get("/imports")
@allow("imports")
def index() -> str:
    """List the kinds of file in the order they are brought, with what stands of each."""
    with parts().store.read() as db:
        counts = people.counts(db)
        sources = len(measures.sources(db))
    rows = [
        {
            "title": kind.title,
            "says": kind.says,
            "href": url_for("imports.show", kind=kind.code),
            "stands": _stands(kind.code, counts),
            "there": bool(counts.of(_OF_KIND.get(kind.code, kind.code))),
        }
        for kind in KINDS.values()
    ]
    measured = phrases("%(num)s source", "%(num)s sources", sources) if sources else phrase("none yet")
    return render_template("imports/index.html", rows=rows, limits=limits_said(), measured=measured)


@pages.get("/imports/<kind>")
@allow("imports")
def show(kind: str) -> str:
    """Offer the template, what stands, and a form for a file or pasted rows."""
    return _page(kind_of(kind), {})


@pages.get("/imports/<kind>/template.csv")
@allow("imports")
def template_file(kind: str) -> Response:
    """Give the file to start from."""
    return _csv(template(kind), f"{kind}-template.csv")


@pages.get("/imports/<kind>/export.csv")
@allow("imports")
def export_file(kind: str) -> Response:
    """Give what stands as a file of the same kind."""
    _must_reach_everything()
    return _csv(import_files.export(parts(), kind), f"{kind}.csv")


def _must_reach_everything() -> None:
    """Raise NotFoundError for who is limited to some teams: files are of the whole organisation."""
    if not reach().everything:
        raise NotFoundError(phrase("There is no such file."))


@pages.post("/imports/<kind>")
@allow("imports", "write")
def check(kind: str) -> Response:
    """Say what a file would do; nothing is written."""
    _must_reach_everything()
    found = kind_of(kind)
    name, data = brought(phrase("pasted rows"))
    if not data:
        return Response(_page(found, {"file": phrase("Choose a file or paste rows, with the header first.")}), 422)
    run = import_files.dry_run(parts(), viewer(), kind, name, data)
    status = 422 if run.outcome.refused else 200
    return Response(_dry_run_page(found, run), status)


@pages.post("/imports/<kind>/confirm")
@allow("imports", "write")
def confirm(kind: str) -> AnyResponse:
    """Write what the dry run showed, in one transaction."""
    _must_reach_everything()
    found = kind_of(kind)
    form = Form()
    upload = form.text("upload", limit=40)
    seen = form.number("revision", least=0, most=2**53)
    if not form:
        raise NotFoundError(phrase("There is no such file."))
    answer = import_files.confirm(parts(), viewer(), upload, seen)
    if not answer.written:
        return Response(_dry_run_page(found, answer.again, changed_meanwhile=True), 409)
    done = answer.again.outcome
    flash(
        phrase(
            "Written: %(new)s new, %(changed)s changed, in one step.",
            new=number(len(done.new)),
            changed=number(len(done.changed)),
        ),
        "ok",
    )
    for words in _no_longer_holds():
        flash(words, "warn")
    return redirect(url_for("imports.index"), 303)


def _no_longer_holds() -> list[str]:
    """Say what of the published calendar cannot stand with what was brought (product.md R3)."""
    with parts().store.read() as db:
        if not plans.pointer(db):
            return []
        found = things_ahead(db, viewer().zone, parts().store.url, now(), repairs=_repairs())
    left = len(found) - MOST_SAID
    more = (
        [phrases("And %(num)s thing more: see Home.", "And %(num)s things more: see Home.", left)] if left > 0 else []
    )
    return [f"{thing.what}. {thing.ready}" for thing in found[:MOST_SAID]] + more


def _repairs() -> bool:
    return scope(viewer(), "draft", "write").everything


def _csv(text: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text.encode("utf-8"), 200, headers, content_type="text/csv; charset=utf-8")


def _stands(code: str, counts: Counts) -> str:
    of = _OF_KIND.get(code, code)
    found = counts.of(of)
    if of == "requirement":
        if not found:
            return phrase("none yet")
        return phrases("%(num)s queue with a requirement", "%(num)s queues with a requirement", found)
    if of == "contacts":
        return phrases("%(num)s week", "%(num)s weeks", found) if found else phrase("none yet")
    return number(found) if found else phrase("none yet")


def _page(kind: Kind, errors: dict[str, str]) -> str:
    return render_template(
        "imports/show.html",
        kind=kind,
        errors=errors,
        limits=limits_said(),
        columns=[(c.name, _must(c.required, c.optional), c.wanted, c.example) for c in kind.columns],
        upload=None,
    )


def _must(required: bool, optional: bool) -> str:  # noqa: FBT001 -- the two marks of a column
    if required:
        return phrase("always")
    return phrase("may be left out") if optional else phrase("may be empty")


def _dry_run_page(kind: Kind, run: DryRun, *, changed_meanwhile: bool = False) -> str:
    return render_template(
        "imports/dry_run.html",
        kind=kind,
        run=_shown(run),
        changed_meanwhile=changed_meanwhile,
        limits=limits_said(),
        pasted=Form().typed("pasted", limit=limits.FORM_MEMORY),
    )


def _shown(run: DryRun) -> Shown:
    outcome = run.outcome
    whole = [r for r in outcome.refused if not r.row]
    by_row = [r for r in outcome.refused if r.row]
    return Shown(
        name=run.name,
        new=len(outcome.new),
        changed=len(outcome.changed),
        same=len(outcome.same),
        refused=len({r.row for r in by_row}),
        file_fault=" ".join(r.wanted for r in whole),
        rows=tuple(_line(r) for r in by_row[:_SHOWN]),
        more=max(0, len(by_row) - _SHOWN),
        changes=outcome.changed[:_SHOWN],
        more_changes=max(0, len(outcome.changed) - _SHOWN),
        fresh=outcome.new[:_SHOWN],
        more_fresh=max(0, len(outcome.new) - _SHOWN),
        warnings=tuple((w.where, w.what) for w in outcome.warnings[:_SHOWN]),
        more_warnings=max(0, len(outcome.warnings) - _SHOWN),
        writes=outcome.writes,
        upload=run.upload_id,
        revision=run.revision,
    )


def _line(refused: Refused) -> RefusedLine:
    return RefusedLine(str(refused.row), refused.column, refused.value[:SHOWN], refused.wanted)
