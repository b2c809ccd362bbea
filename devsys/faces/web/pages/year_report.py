"""The report of a year: what was planned and held, what improved, what lasts, what is done about what does not."""

from typing import Any, Final

from flask import Blueprint, render_template, request, url_for

from devsys.actions import improvement_board
from devsys.actions.improvement_board import Overview
from devsys.adapters.store.queries import calendar_figures, causes, rollouts
from devsys.adapters.store.store import Db
from devsys.base.limits import FIRST_YEAR
from devsys.base.words import phrase, to_phrase
from devsys.base.written import full_day
from devsys.core.improvement.metrics import MEASURES
from devsys.core.improvement.signals import Word
from devsys.core.policy import allow, scope
from devsys.faces.web import condition_values, effect_values
from devsys.faces.web.chart_words import TAGS
from devsys.faces.web.here import parts, today, viewer
from devsys.faces.web.here import scope as reach_here
from devsys.faces.web.ledger_values import bar_of, finding_of, read_ledger, rows_of
from devsys.faces.web.one_site import OneSite, at_site, site_of
from devsys.faces.web.rollout_values import titles

pages = Blueprint("year_report", __name__)
HIDDEN: Final = to_phrase("hidden: a group of fewer than 5")
_ORDER: Final = (Word.SUSTAINED, Word.NOT_HELD, Word.NO_SHIFT, Word.REVERSED, Word.WORSE, Word.TOO_LITTLE)


@pages.get("/report")
@allow("versions")
def show() -> str:
    """Show the report of a year, on screen and on paper."""
    year = _year()
    with parts().store.read() as db:
        here = site_of(db, viewer(), reach_here())
    charts = _charts(here)
    with parts().store.read() as db:
        ledger = read_ledger(db, scope(viewer(), "ledger", "read"), year, None, here.id)
        whole = ledger.whole
        reach = at_site(db, reach_here(), here)
        teams = [t for t in calendar_figures.teams(db) if reach.covers(team_id=t)]
        return render_template(
            "year_report/show.html",
            year=year,
            before=url_for("year_report.show", year=year - 1, site=here.id or None) if year > FIRST_YEAR else "",
            after=url_for("year_report.show", year=year + 1, site=here.id or None) if year < today().year else "",
            day=full_day(today()),
            finding=finding_of(whole, str(year)),
            bar=bar_of(whole, whole.planned + whole.owed),
            rows=rows_of(ledger),
            charts=charts,
            here=here,
            **_known(db),
            red=condition_values.red_words(db, viewer(), teams),
            fixes=_fixes(db, frozenset(teams) if here.id else None),
        )


def _year() -> int:
    text = request.args.get("year", "")
    year = int(text) if text.isascii() and text.isdigit() and len(text) == 4 else today().year  # noqa: PLR2004
    return year if FIRST_YEAR <= year <= today().year else today().year


def _charts(here: OneSite) -> list[dict[str, Any]]:
    """Give each measure with what the charts of the viewer's teams say now: words, and the teams by name beneath."""
    first = improvement_board.overview(parts(), site_id=here.id)
    if first is None:
        return []
    every = [first] + [
        found
        for m in first.choices
        if m != first.measure and (found := improvement_board.overview(parts(), m.key, here.id))
    ]
    return [_measure(found, here) for found in every if not found.measure.context]


def _measure(found: Overview, here: OneSite) -> dict[str, Any]:
    teams: dict[Word | None, list[str]] = {}
    for unit, board in found.boards:
        if unit.team and reach_here().covers(team_id=unit.id):
            word = board.signal.word if board.signal is not None and not board.hidden else None
            teams.setdefault(word, []).append(unit.name)
    lines = [(*_tag(word), sorted(teams[word])) for word in (*_ORDER, None) if word in teams]
    href = url_for("improvement.index", measure=found.measure.key, site=here.id or None)
    return {"name": found.measure.name, "href": href, "lines": lines}


def _tag(word: Word | None) -> tuple[str, str, str]:
    if word is None:
        return HIDDEN, "unknown", "circle-dashed"
    return phrase(word.value), *TAGS[word]


def _known(db: Db) -> dict[str, Any]:
    """Give what rollouts told of activities, and the refreshers that answer what fades."""
    names, kept = titles(db), rollouts.effects(db)
    effects, refreshers = [], []
    for one in rollouts.every(db):
        title = names.get(one.activity, one.activity)
        href = url_for("effects.show", rollout_id=one.id)
        told = effect_values.told(one, kept[one.id]) if one.id in kept else None
        effects.append({"title": title, "measure": MEASURES[one.measure].name, "href": href, "told": told})
        refreshers += [
            {"title": title, "href": f"{href}#refreshers", "asked": asked}
            for asked in effect_values.asked(rollouts.refreshers(db, one.id))
        ]
    return {"effects": effects, "refreshers": refreshers}


def _fixes(db: Db, teams: frozenset[str] | None) -> list[dict[str, Any]]:
    """Give the open fixes; with `teams` theirs, and those that belong to no team."""
    found = causes.open_fixes(db, scope(viewer(), "causes", "read"), teams)
    return [
        {
            "title": fix.title,
            "href": url_for("fixes.one", fix_id=fix.id),
            "due": full_day(fix.due),
            "late": fix.due < today(),
        }
        for fix in found
    ]
