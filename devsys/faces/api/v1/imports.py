"""The organisation by rows: what stands, and rows brought as a file would bring them - all of them or nothing.

The columns are those of the files (docs/rules.md, page Imports), and so is all that is judged.
"""

import csv
import io
from collections.abc import Callable
from typing import Final

from pydantic import Field

from devsys.actions import import_files
from devsys.base.errors import Fault, InvalidError, NotFoundError
from devsys.core.intake.kinds import kind_of
from devsys.core.intake.values import Outcome
from devsys.faces.api.operations import In, Noun, Out
from devsys.faces.web.here import parts, scope, viewer

noun = Noun("imports", "people")
# What a token needs for each kind.
KINDS: Final = {
    "people": "people",
    "shifts": "people",
    "teams": "people",
    "queues": "people",
    "facilitators": "people",
    "absences": "absences",
    "requirement": "requirement",
    "volumes": "requirement",
}
_MOST_FAULTS: Final = 50


class Rows(In):
    """Rows, each with the columns of the file; `dry_run` says what they would do and writes nothing."""

    rows: list[dict[str, str]] = Field(min_length=1, max_length=20_000)
    dry_run: bool = Field(default=False, description="Write nothing.")


class Standing(Out):
    """What stands, as rows of the same kind."""

    rows: list[dict[str, str]]


class Brought(Out):
    """How many things are new, changed, the same; what to look at."""

    written: bool
    new: int
    changed: int
    same: int
    warnings: list[str]


def _declare(kind: str, group: str) -> None:
    columns = [column.name for column in kind_of(kind).columns]
    words = ", ".join(columns)

    def listed() -> Standing:
        must_reach_everything()
        found = csv.DictReader(io.StringIO(import_files.export(parts(), kind)))
        return Standing(rows=[{name: value or "" for name, value in row.items() if name} for row in found])

    def bring(given: Rows) -> Brought:
        must_reach_everything()
        outcome = import_files.bring(
            parts(), kind, _as_file(columns, given), dry_run=given.dry_run, by=viewer().person_id
        )
        return _told(outcome, written=outcome.writes and not given.dry_run)

    listed.__doc__ = f"Give {kind} as rows of {words}."
    bring.__doc__ = f"Bring {kind} as rows of {words}; all of them are taken, or none."
    if kind_of(kind).exported:
        _named(listed, f"list_{kind}")
        noun.op("GET", f"/imports/{kind}", "imports", gives=Standing, group=group)(listed)
    _named(bring, f"bring_{kind}")
    noun.op("POST", f"/imports/{kind}", "imports", "write", body=Rows, gives=Brought, group=group)(bring)


def must_reach_everything() -> None:
    """Raise NotFoundError for who is limited to some teams: rows are of the whole organisation."""
    if not scope().everything:
        raise NotFoundError("Rows are of the whole organisation.")


def _named(function: Callable[..., object], name: str) -> None:
    function.__name__ = name


def _as_file(columns: list[str], given: Rows) -> bytes:
    """Give rows as the file that holds them. Raises InvalidError for a column the kind does not have."""
    faults = tuple(
        Fault(f"rows.{i}", f"There is no column {name[:40]!r}.")
        for i, row in enumerate(given.rows)
        for name in row
        if name not in columns
    )
    if faults:
        raise InvalidError(f"The columns are {', '.join(columns)}.", faults[:_MOST_FAULTS])
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(given.rows)
    return out.getvalue().encode("utf-8")


def _told(outcome: Outcome, *, written: bool) -> Brought:
    if outcome.refused:
        faults = tuple(Fault(r.where, r.wanted) for r in outcome.refused[:_MOST_FAULTS])
        raise InvalidError("Some rows cannot be taken, so none was.", faults)
    return Brought(
        written=written,
        new=len(outcome.new),
        changed=len(outcome.changed),
        same=len(outcome.same),
        warnings=[w.what for w in outcome.warnings[:_MOST_FAULTS]],
    )


for _kind, _group in KINDS.items():
    _declare(_kind, _group)
