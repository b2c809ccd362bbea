"""The ledger as pages read it: one picture of a year, by team and quarter, with its drawing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from devsys.adapters.store.queries import calendar_figures, plans, programme
from devsys.adapters.store.store import Db
from devsys.base.words import phrase, phrases, to_phrase
from devsys.base.written import percent, spoken
from devsys.core.model.ledger import Entry, Line, Quarter, ledger, summed
from devsys.core.policy import Scope
from devsys.faces.web.drawing import LedgerBar, draw_ledger, hours_text
from devsys.faces.web.here import today, viewer
from devsys.faces.web.session_values import unseen_activities
from devsys.faces.web.words import first_up
from devsys.faces.web.year_values import USUAL_MINUTES

NO_TEAM: Final = to_phrase("Without a team")


@dataclass(frozen=True, slots=True)
class LedgerRead:
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

    @property
    def in_order(self) -> list[str | None]:
        """The teams by name, who is in none last."""
        return sorted(self.teams, key=self._place)

    def _place(self, team_id: str | None) -> tuple[bool, str, str]:
        return team_id is None, self.teams[team_id].lower(), team_id or ""


@dataclass(frozen=True, slots=True)
class Row:
    """One team as the page shows it, with its drawing, to scale."""

    name: str
    entry: Entry
    bar: LedgerBar


def read_ledger(db: Db, reach: Scope, year: int, quarter: Quarter | None, site_id: str = "") -> LedgerRead:
    """Give the ledger of a year as far as the viewer may see it; `quarter` is what is looked at, None: the year.

    With `site_id` only of the teams of that site.
    """
    start, end = date(year, 1, 1), date(year + 1, 1, 1)
    team_ids = None if reach.everything else sorted(reach.team_ids)
    known = calendar_figures.teams(db, site_id=site_id)
    if site_id:
        team_ids = sorted(known if team_ids is None else known.keys() & set(team_ids))
    activities = programme.activities(db)
    number = plans.pointer(db)
    sums = calendar_figures.ledger_sums(db, start, end, team_ids=team_ids)
    hidden = unseen_activities(viewer(), activities)
    owing = plans.draft_of_version(db, number) if number else ""
    owed = calendar_figures.owed_sums(db, owing, start, end, team_ids=team_ids, without=hidden)
    entries = ledger(
        sums, owed, lambda code: activities[code].minutes if code in activities else USUAL_MINUTES, today()
    )
    names: dict[str | None, str] = {t.id: t.name for t in known.values() if team_ids is None or t.id in team_ids}
    return LedgerRead(year, quarter, entries, names | ({None: NO_TEAM} if team_ids is None else {}))


def rows_of(found: LedgerRead) -> list[Row]:
    """Give the teams that have anything in the time chosen, by name, drawn to one scale."""
    every = {team: found.of(team) for team in found.in_order}
    scale = max((e.planned + e.owed for e in every.values()), default=0)
    return [Row(found.teams[team], e, bar_of(e, scale)) for team, e in every.items() if e]


def bar_of(entry: Entry, most: int) -> LedgerBar:
    """Draw an entry beside others, to a scale of `most` minutes."""
    return draw_ledger(entry.planned / 60, entry.held / 60, entry.cancelled / 60, entry.owed / 60, most=most / 60)


def finding_of(whole: Entry, title: str) -> str:
    """Say in a sentence what the figures come to."""
    if not whole:
        return phrase("Nothing was planned in %(title)s.", title=title)
    said = phrase("%(hours)s planned", hours=hours_text(whole.planned / 60))
    if whole.due:
        share = percent(100 * whole.held / whole.due)
        said = phrase(
            "%(hours)s held, %(share)s of what was planned until yesterday",
            hours=hours_text(whole.held / 60),
            share=share,
        )
    queue = (
        phrase("the queue took %(hours)s back", hours=hours_text(whole.cancelled / 60))
        if whole.cancelled
        else phrase("the queue took nothing back")
    )
    owed = (
        phrases("%(num)s need owed", "%(num)s needs owed", whole.needs, num=spoken(whole.needs))
        if whole.needs
        else phrase("nothing is owed")
    )
    return f"{first_up(said)}; {queue}, {owed}."
