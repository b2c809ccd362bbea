"""The ledger of development time: planned, held, cancelled for the queue and owed, by team and quarter."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from devsys.adapters.store.queries import calendar_figures, plans, programme
from devsys.adapters.store.store import Db
from devsys.base.limits import FIRST_YEAR, YEARS_AHEAD
from devsys.core.model.ledger import Entry, Line, Quarter, ledger, quarter_of, summed
from devsys.core.policy import Scope, allow
from devsys.faces.web.csv_answer import csv_answer
from devsys.faces.web.drawing import LedgerBar, draw_ledger, hours_text
from devsys.faces.web.filters import percent
from devsys.faces.web.here import parts, today, viewer
from devsys.faces.web.here import scope as reach_here
from devsys.faces.web.session_values import unseen_activities
from devsys.faces.web.words import first_up, spoken_of
from devsys.faces.web.xlsx_answer import Cell, Sheet, xlsx_answer
from devsys.faces.web.year_values import USUAL_MINUTES

pages = Blueprint("ledger", __name__)
NO_TEAM: Final = "Without a team"
HEADS: Final = ("team", "quarter", "planned", "held", "cancelled for the queue", "owed", "needs owed")


@dataclass(frozen=True, slots=True)
class _Read:
    """One picture of the database: the entries of a year, the names of the teams a viewer may see."""

    year: int
    quarter: Quarter | None
    entries: Mapping[Line, Entry]
    teams: Mapping[str | None, str]

    def of(self, team_id: str | None) -> Entry:
        """Give what a team has in the time chosen."""
        return summed(e for (t, q), e in self.entries.items() if t == team_id and self.quarter in (None, q))

    @property
    def whole(self) -> Entry:
        """What all of them have in the time chosen."""
        return summed(e for (_, q), e in self.entries.items() if self.quarter in (None, q))

    @property
    def title(self) -> str:
        """The time chosen in words."""
        return str(self.quarter) if self.quarter else str(self.year)

    @property
    def lines(self) -> list[tuple[str, str, Entry]]:
        """Team and quarter of everything that is not nothing: teams by name, quarters in order."""
        order = sorted(self.entries, key=lambda line: (self._place(line[0]), line[1].number))
        return [(self.teams[team], str(quarter), self.entries[team, quarter]) for team, quarter in order]

    def _place(self, team_id: str | None) -> tuple[bool, str, str]:
        return team_id is None, self.teams[team_id].lower(), team_id or ""


@dataclass(frozen=True, slots=True)
class Row:
    """One team as the page shows it, with its drawing, to scale."""

    name: str
    entry: Entry
    bar: LedgerBar


@pages.get("/ledger")
@allow("ledger")
def show() -> str:
    """Show a quarter or a year."""
    with parts().store.read() as db:
        found = _read(db, reach_here())
        empty = not plans.pointer(db)
    whole = found.whole
    every = {team: found.of(team) for team in sorted(found.teams, key=found._place)}  # noqa: SLF001 -- this module's own
    scale = max((e.planned + e.owed for e in every.values()), default=0)
    rows = [Row(found.teams[team], e, _bar(e, scale)) for team, e in every.items() if e]
    return render_template(
        "ledger/show.html",
        title=found.title,
        finding=_finding(whole, found),
        rows=rows,
        whole=whole,
        bar=_bar(whole, whole.planned + whole.owed),
        choices=_choices(found),
        years=_years(found.year),
        heads=[h[:1].upper() + h[1:] if i < 2 else (h[:1].upper() + h[1:], "n") for i, h in enumerate(HEADS)],  # noqa: PLR2004
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
        found = _read(db, reach_here())
    return csv_answer(f"ledger-{found.year}.csv", HEADS, _table(found))


@pages.get("/ledger.xlsx", endpoint="xlsx")
@allow("ledger")
def as_xlsx() -> Response:
    """Give the year by team and quarter as a workbook."""
    with parts().store.read() as db:
        found = _read(db, reach_here())
    rows: list[list[Cell]] = [list(row) for row in _table(found)]
    sheet = Sheet(f"Ledger {found.year}, minutes", HEADS, rows)
    return xlsx_answer(f"ledger-{found.year}.xlsx", f"Development time {found.year}", sheet)


def _read(db: Db, reach: Scope) -> _Read:
    year, quarter = _asked(today())
    start, end = date(year, 1, 1), date(year + 1, 1, 1)
    team_ids = None if reach.everything else sorted(reach.team_ids)
    activities = programme.activities(db)
    number = plans.pointer(db)
    sums = calendar_figures.ledger_sums(db, start, end, team_ids=team_ids)
    hidden = unseen_activities(viewer(), activities)
    owing = plans.draft_of_version(db, number) if number else ""
    owed = calendar_figures.owed_sums(db, owing, start, end, team_ids=team_ids, without=hidden)
    entries = ledger(
        sums, owed, lambda code: activities[code].minutes if code in activities else USUAL_MINUTES, today()
    )
    known = calendar_figures.teams(db)
    names: dict[str | None, str] = {t.id: t.name for t in known.values() if team_ids is None or t.id in team_ids}
    return _Read(year, quarter, entries, names | ({None: NO_TEAM} if team_ids is None else {}))


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


def _table(found: _Read) -> list[tuple[str | int, ...]]:
    return [(team, quarter, e.planned, e.held, e.cancelled, e.owed, e.needs) for team, quarter, e in found.lines]


def _bar(entry: Entry, most: int) -> LedgerBar:
    return draw_ledger(entry.planned / 60, entry.held / 60, entry.cancelled / 60, entry.owed / 60, most=most / 60)


def _finding(whole: Entry, found: _Read) -> str:
    """Say in a sentence what the figures come to."""
    if not whole:
        return f"Nothing was planned in {found.title}."
    said = f"{hours_text(whole.planned / 60)} planned"
    if whole.due:
        share = percent(100 * whole.held / whole.due)
        said = f"{hours_text(whole.held / 60)} held, {share} of what was planned until yesterday"
    queue = (
        f"the queue took {hours_text(whole.cancelled / 60)} back" if whole.cancelled else "the queue took nothing back"
    )
    owed = f"{spoken_of(whole.needs, 'need')} owed" if whole.needs else "nothing is owed"
    return f"{first_up(said)}; {queue}, {owed}."


def _choices(found: _Read) -> list[tuple[str, str, bool]]:
    quarters = [Quarter(found.year, n) for n in (1, 2, 3, 4)]
    links = [
        (url_for("ledger.show", year=q.year, quarter=q.number), f"Q{q.number}", q == found.quarter) for q in quarters
    ]
    return [*links, (url_for("ledger.show", year=found.year, quarter="all"), "The year", found.quarter is None)]


def _years(year: int) -> dict[str, Any]:
    def link(to: int) -> str:
        return url_for("ledger.show", year=to, quarter="all") if FIRST_YEAR <= to <= today().year + YEARS_AHEAD else ""

    return {"before": link(year - 1), "after": link(year + 1), "year": year}
