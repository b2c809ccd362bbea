"""The five principles per cohort and quarter: what is named how often, and what nobody names."""

from datetime import UTC, datetime

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from devsys.adapters.store.queries import calendar_figures, programme
from devsys.adapters.store.queries import principles as uses
from devsys.base.limits import FIRST_YEAR, YEARS_AHEAD
from devsys.base.words import phrase, phrases, to_phrase
from devsys.base.written import several, spoken
from devsys.core.model.ledger import Quarter, quarter_of
from devsys.core.model.principles import Use, use_of
from devsys.core.model.programme import Principle
from devsys.core.policy import allow
from devsys.faces.web.csv_answer import csv_answer
from devsys.faces.web.here import parts, today, viewer
from devsys.faces.web.here import scope as reach_here
from devsys.faces.web.one_site import OneSite, at_site, site_of
from devsys.faces.web.programmes import PRINCIPLES

pages = Blueprint("principles", __name__)
HEADS = (to_phrase("Cohort"), *PRINCIPLES.values())


def _quarter() -> Quarter:
    """Give the quarter an address asks for, as 2026-2; this one when it asks for nothing that can be."""
    year, _, number = request.args.get("quarter", "").partition("-")
    good = year.isascii() and year.isdigit() and len(year) == 4 and number in ("1", "2", "3", "4")  # noqa: PLR2004
    if good and FIRST_YEAR <= int(year) <= today().year + YEARS_AHEAD:
        return Quarter(int(year), int(number))
    return quarter_of(today())


def _start(quarter: Quarter) -> datetime:
    return datetime.combine(quarter.start, datetime.min.time(), UTC)


def _next(quarter: Quarter, by: int) -> Quarter:
    at = quarter.year * 4 + quarter.number - 1 + by
    return Quarter(at // 4, at % 4 + 1)


def _read(quarter: Quarter, *, whole: bool = False) -> tuple[dict[str, str], tuple[Use, ...], OneSite]:
    """Give cohorts, what they use, and the site they are of, where it is one and not all is asked for."""
    start, end = _start(quarter), _start(_next(quarter, 1))
    with parts().store.read() as db:
        here = OneSite() if whole else site_of(db, viewer(), reach_here())
        reach = at_site(db, reach_here(), here)
        known = calendar_figures.teams(db, site_id=here.id)
        teams = {t.id: t.name for t in known.values() if reach.covers(team_id=t.id)}
        some = None if reach.everything else teams
        sessions, cases = uses.sessions_of_teams(db, start, end, some), uses.cases_of_teams(db, start, end, some)
        found = use_of(teams, sessions, cases, programme.activities(db))
    return teams, found, here


@pages.get("/principles")
@allow("ledger")
def show() -> str:
    """Show how often each cohort has a principle in its sessions and cases of a quarter; an unused one is named."""
    quarter = _quarter()
    teams, found, here = _read(quarter)
    bare = [use for use in found if use.unused and len(use.unused) < len(Principle)]
    idle = [teams[use.team_id] for use in found if len(use.unused) == len(Principle)]
    choices = [_next(quarter_of(today()), n) for n in (-2, -1, 0, 1)]
    return render_template(
        "programme/principles.html",
        title=str(quarter),
        finding=_finding(bare, idle, teams),
        named=[(teams[u.team_id], several([PRINCIPLES[p].lower() for p in u.unused])) for u in bare],
        idle=several(idle),
        heads=[phrase("Cohort"), *((words, "n") for words in PRINCIPLES.values())],
        rows=[(teams[u.team_id], [(u.count(p), u.cases.get(p, 0)) for p in PRINCIPLES]) for u in found],
        choices=[(_link(q, here), str(q), q == quarter) for q in choices],
        here=here,
        asked=f"{quarter.year}-{quarter.number}",
        csv=url_for("principles.csv", quarter=f"{quarter.year}-{quarter.number}"),
    )


def _link(quarter: Quarter, here: OneSite) -> str:
    return url_for("principles.show", quarter=f"{quarter.year}-{quarter.number}", site=here.id or None)


def _finding(bare: list[Use], idle: list[str], teams: dict[str, str]) -> str:
    if not teams or len(idle) == len(teams):
        return phrase("Nothing is in the calendar of this quarter.")
    if not bare:
        return phrase("Every cohort meets all five.")
    return phrases(
        "In %(num)s cohort a principle is not named at all.",
        "In %(num)s cohorts a principle is not named at all.",
        len(bare),
        num=spoken(len(bare)),
    )


@pages.get("/principles.csv", endpoint="csv")
@allow("ledger")
def as_csv() -> Response:
    """Give the same figures as a file."""
    quarter = _quarter()
    teams, found, _ = _read(quarter, whole=True)
    rows: list[list[str | float]] = [[teams[use.team_id], *(use.count(p) for p in PRINCIPLES)] for use in found]
    return csv_answer(f"principles-{quarter.year}-{quarter.number}.csv", HEADS, rows)
