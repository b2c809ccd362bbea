"""The year at a glance for Home: the strip without what is beneath it, and this quarter's development time by team."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Final

from flask import url_for

from devsys.adapters.store.queries import calendar_figures, programme
from devsys.adapters.store.store import Db
from devsys.core.model.calendar import Version
from devsys.faces.web.asked import quarter_start, year_after
from devsys.faces.web.drawing import LedgerBar, draw_ledger
from devsys.faces.web.drawing_year import DrawnYear, draw_year
from devsys.faces.web.year_values import USUAL_MINUTES, Stretch, YearFacts, quarter_days, year_strip

MOST_TEAMS: Final = 24  # more are on their own pages


@dataclass(frozen=True, slots=True)
class TeamLine:
    """Development time of a team in a quarter, in hours; `owed` counts needs; `bar` is its drawing, to scale."""

    team_id: str
    name: str
    planned: int
    held: int
    cancelled: int
    owed: int
    bar: LedgerBar


@dataclass(frozen=True, slots=True)
class TeamLedger:
    """The teams of a quarter by name, how many more there are, and the quarter's name: "Q4 2026"."""

    title: str
    teams: tuple[TeamLine, ...]
    more: int

    @property
    def cancelled(self) -> bool:
        """Whether the queue took any time back from these teams."""
        return any(team.cancelled for team in self.teams)


def brief(db: Db, version: Version, today: date, freeze_days: int, team_ids: frozenset[str] | None = None) -> DrawnYear:
    """Give the strip of the year as published, from the present quarter on; what the queue can spare is left out.

    Of all teams, or of some.
    """
    first = quarter_start(today)
    stretch = Stretch(first, (year_after(first) - first).days // 7)
    facts = YearFacts(
        stretch=stretch,
        sums=calendar_figures.day_sums(db, stretch.first, stretch.end, team_ids=team_ids),
        ledger=(),
        owed=(),
        spare=(0.0,) * stretch.weeks,
        holidays=calendar_figures.holidays(db, stretch.first, stretch.end),
        activities=programme.activities(db),
    )
    planned_until = version.horizon.end
    link = url_for("week.show") + "?"
    return draw_year(year_strip(facts, today=today, freeze_days=freeze_days, planned_until=planned_until, link=link))


def team_ledger(db: Db, draft_id: str, today: date, team_ids: frozenset[str] | None = None) -> TeamLedger:
    """Give this quarter's time of each team (or of some) that has any; `draft_id` is the draft of the published plan.

    Held are sessions of days before today, less the absent; a need owed counts by the length of its session.
    """
    start, end = quarter_days(today)[:2]
    minutes: dict[str | None, list[int]] = defaultdict(lambda: [0, 0, 0, 0, 0])
    for one in calendar_figures.ledger_sums(db, start, end, team_ids=team_ids):
        line = minutes[one.team_id]
        line[0] += one.planned
        line[1] += one.planned - one.missed if one.day < today else 0
        line[2] += one.cancelled
    known = programme.activities(db)
    for team_id, code, needs in calendar_figures.owed_by_team(db, draft_id, start, end):
        if team_ids is not None and team_id not in team_ids:
            continue
        line = minutes[team_id]
        line[3] += needs
        line[4] += needs * (known[code].minutes if code in known else USUAL_MINUTES)
    most = max((line[0] + line[4] for line in minutes.values()), default=0) / 60
    teams = tuple(
        TeamLine(
            team.id,
            team.name,
            round(planned / 60),
            round(held / 60),
            round(cancelled / 60),
            owed,
            draw_ledger(planned / 60, held / 60, cancelled / 60, short / 60, most=most),
        )
        for team in calendar_figures.teams(db).values()
        if team.id in minutes
        for planned, held, cancelled, owed, short in (minutes[team.id],)
    )
    title = f"Q{(start.month + 2) // 3} {start.year}"
    return TeamLedger(title, teams[:MOST_TEAMS], max(0, len(teams) - MOST_TEAMS))
