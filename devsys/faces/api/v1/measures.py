"""Sources of measures, and readings brought as the rows of their files: whole or not at all."""

import csv
import io
from datetime import date

from pydantic import Field

from devsys.actions import import_measures
from devsys.core.improvement.readings import Span
from devsys.faces.api.operations import In, Noun, Out
from devsys.faces.api.v1.imports import must_reach_everything
from devsys.faces.web.here import parts, viewer

noun = Noun("measures", "measures")


class Source(Out):
    """One source, whose mapping says what its columns are."""

    code: str
    title: str


class Sources(Out):
    """All sources."""

    items: list[Source]


class Rows(In):
    """Rows of a source's file, each with its columns; which days they cover: those are replaced."""

    rows: list[dict[str, str]] = Field(min_length=1, max_length=20_000)
    first: date | None = Field(None, description="First day covered; else that of the first row.")
    last: date | None = Field(None, description="Last day covered; else that of the last row.")
    dry_run: bool = Field(default=False, description="Write nothing.")


class Brought(Out):
    """How many readings of teams and people are new, changed, the same, gone."""

    written: bool
    new: int
    changed: int
    same: int
    gone: int


@noun.op("GET", "/sources", "imports", gives=Sources)
def listed() -> Sources:
    """List the sources of measures."""
    with parts().store.read() as db:
        found = import_measures.all_sources(db)
    return Sources(items=[Source(code=source.code, title=source.title) for source, _ in found])


@noun.op("POST", "/sources/<code>/readings", "imports", "write", body=Rows, gives=Brought)
def bring(code: str, given: Rows) -> Brought:
    """Bring rows of a source."""
    must_reach_everything()
    out = io.StringIO()
    columns = list(dict.fromkeys(name for row in given.rows for name in row))
    writer = csv.DictWriter(out, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(given.rows)
    span = Span(given.first, given.last)
    found = import_measures.bring(
        parts(), code, out.getvalue().encode("utf-8"), span, dry_run=given.dry_run, by=viewer().person_id
    )
    written = found.writes and not given.dry_run
    return Brought(written=written, new=found.new, changed=found.changed, same=found.same, gone=found.gone)
