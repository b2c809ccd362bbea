"""The ledger of development time: planned, held, cancelled for the queue and owed, by team and quarter."""

from datetime import date
from typing import Any, Final

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from devsys.adapters.store.queries import plans
from devsys.base.limits import FIRST_YEAR, YEARS_AHEAD
from devsys.base.words import phrase, to_phrase
from devsys.core.model.ledger import Quarter, quarter_of
from devsys.core.policy import allow
from devsys.faces.web.csv_answer import csv_answer
from devsys.faces.web.here import parts, today, viewer
from devsys.faces.web.here import scope as reach_here
from devsys.faces.web.ledger_values import LedgerRead, bar_of, finding_of, read_ledger, rows_of
from devsys.faces.web.one_site import OneSite, one_site
from devsys.faces.web.xlsx_answer import Cell, Sheet, xlsx_answer

pages = Blueprint("ledger", __name__)
HEADS: Final = ("team", "quarter", "planned", "held", "cancelled for the queue", "owed", "needs owed")  # of files
_SAID: Final = (
    to_phrase("Team"),
    to_phrase("Quarter"),
    to_phrase("Planned"),
    to_phrase("Held"),
    to_phrase("Cancelled for the queue"),
    to_phrase("Owed"),
    to_phrase("Needs owed"),
)


@pages.get("/ledger")
@allow("ledger")
def show() -> str:
    """Show a quarter or a year."""
    with parts().store.read() as db:
        here = one_site(db, viewer()) if reach_here().everything else OneSite()
        found = read_ledger(db, reach_here(), *_asked(today()), here.id)
        empty = not plans.pointer(db)
    whole = found.whole
    rows = rows_of(found)
    return render_template(
        "ledger/show.html",
        title=found.title,
        finding=finding_of(whole, found.title),
        rows=rows,
        whole=whole,
        bar=bar_of(whole, whole.planned + whole.owed),
        choices=_choices(found, here),
        years=_years(found.year, here),
        here=here,
        heads=[head if i < 2 else (head, "n") for i, head in enumerate(_SAID)],  # noqa: PLR2004
        table=_table(found),
        csv=url_for("ledger.csv", year=found.year),
        xlsx=url_for("ledger.xlsx", year=found.year),
        empty=empty,
    )


@pages.get("/ledger.csv", endpoint="csv")
@allow("ledger")
def as_csv() -> Response:
    """Give the year by team and quarter as a file."""
    with parts().store.read() as db:
        found = read_ledger(db, reach_here(), *_asked(today()))
    return csv_answer(f"ledger-{found.year}.csv", HEADS, _table(found))


@pages.get("/ledger.xlsx", endpoint="xlsx")
@allow("ledger")
def as_xlsx() -> Response:
    """Give the year by team and quarter as a workbook."""
    with parts().store.read() as db:
        found = read_ledger(db, reach_here(), *_asked(today()))
    rows: list[list[Cell]] = [list(row) for row in _table(found)]
    sheet = Sheet(phrase("Ledger %(year)s, minutes", year=found.year), HEADS, rows)
    return xlsx_answer(f"ledger-{found.year}.xlsx", phrase("Development time %(year)s", year=found.year), sheet)


def _asked(day: date) -> tuple[int, Quarter | None]:
    """Give the year and quarter an address asks for; this quarter when it asks for nothing that can be."""
    now = quarter_of(day)
    text, part = request.args.get("year", ""), request.args.get("quarter", "")
    year = int(text) if text.isascii() and text.isdigit() and len(text) == 4 else now.year  # noqa: PLR2004
    if not FIRST_YEAR <= year <= day.year + YEARS_AHEAD:
        year = now.year
    if part in ("1", "2", "3", "4"):
        return year, Quarter(year, int(part))
    return year, now if not text and part != "all" else None


def _table(found: LedgerRead) -> list[tuple[str | int, ...]]:
    return [(team, quarter, e.planned, e.held, e.cancelled, e.owed, e.needs) for team, quarter, e in found.lines]


def _choices(found: LedgerRead, here: OneSite) -> list[tuple[str, str, bool]]:
    quarters = [Quarter(found.year, n) for n in (1, 2, 3, 4)]

    def link(quarter: int | str) -> str:
        return url_for("ledger.show", year=found.year, quarter=quarter, site=here.id or None)

    links = [(link(q.number), f"Q{q.number}", q == found.quarter) for q in quarters]
    return [*links, (link("all"), phrase("The year"), found.quarter is None)]


def _years(year: int, here: OneSite) -> dict[str, Any]:
    def link(to: int) -> str:
        there = url_for("ledger.show", year=to, quarter="all", site=here.id or None)
        return there if FIRST_YEAR <= to <= today().year + YEARS_AHEAD else ""

    return {"before": link(year - 1), "after": link(year + 1), "year": year}
