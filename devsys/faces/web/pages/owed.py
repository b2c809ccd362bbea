"""What is owed: every need that found no place, by rule and team, with the reason and what would make it fit."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import Any, Final

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from devsys.actions import explain_need
from devsys.actions.explain_need import OwedNeed
from devsys.adapters.store.queries import calendar_figures, plans, programme
from devsys.adapters.store.queries.calendar_figures import OwedLine
from devsys.adapters.store.store import Db
from devsys.base.errors import Fault, InvalidError
from devsys.base.words import phrase
from devsys.base.written import clock, full_day, zone_name
from devsys.core.model.programme import Activity
from devsys.core.policy import Scope, allow, scope
from devsys.faces.web import asked
from devsys.faces.web.csv_answer import csv_answer
from devsys.faces.web.filters import local
from devsys.faces.web.here import parts, today, viewer
from devsys.faces.web.here import scope as reach_here
from devsys.faces.web.one_site import OneSite, one_site, teams_at
from devsys.faces.web.owed_values import OwedWords, fits, owed_words, rule_words, window_words
from devsys.faces.web.session_values import unseen_activities
from devsys.faces.web.why import AskChoice, Told, times_of, told_of
from devsys.faces.web.year_values import kind_of

pages = Blueprint("owed", __name__)
MOST_ROWS: Final = 60  # the file has them all


@dataclass(frozen=True, slots=True)
class Asked:
    """Which plan is asked about: a draft or what is published ("" before the first), how far the viewer reaches."""

    owing: str
    draft_id: str
    team_ids: frozenset[str] | None
    person_id: str | None
    rule: str | None
    team: str | None
    without: frozenset[str]
    site_id: str = ""


@pages.get("/owed")
@allow("owed")
def show() -> str:
    """Show what is owed."""
    with parts().store.read() as db:
        activities = programme.activities(db)
        wish = _asked(db, reach_here(), activities)
        site = calendar_figures.site_of_team(db, wish.team) if wish.team else ""
        here = one_site(db, viewer(), site or None) if wish.team_ids is None else OneSite()
        if here.id:
            wish = replace(wish, team_ids=teams_at(db, here), site_id=here.id)
        groups = owed_words(db, wish.owing, viewer(), team_ids=wish.team_ids) if wish.person_id is None else ()
        lines = _lines(db, wish, MOST_ROWS + 1)
    asks = scope(viewer(), "draft", "read").wide and reach_here().wide
    total = sum(group.needs for group in groups) if wish.person_id is None else len(lines)
    chosen = wish.rule is not None or wish.team is not None
    return render_template(
        "owed/show.html",
        rules=_by_rule(wish, groups),
        lines=[
            {
                "person": line.person,
                "team": line.team,
                "kind": kind_of(line.activity, activities),
                "title": activities[line.activity].title if line.activity in activities else line.activity,
                "due": full_day(line.due.date()),
                "rule": rule_words(line.rule),
                "reason": line.reason,
                "fits": fits(line.would_fit),
                "href": url_for("owed.why", need=line.need, draft=wish.draft_id or None) if asks else "",
            }
            for line in lines[:MOST_ROWS]
        ],
        more=len(lines) > MOST_ROWS,
        total=total,
        own=wish.person_id is not None,
        chosen=chosen,
        all_href=_link(wish),
        csv_href=_link(wish, "owed.csv", rule=wish.rule, team=wish.team),
        draft_href=url_for("publish.show", draft_id=wish.draft_id) if wish.draft_id else "",
        published=bool(wish.owing),
        here=here,
        draft=wish.draft_id,
    )


def _by_rule(wish: Asked, groups: Iterable[OwedWords]) -> list[dict[str, Any]]:
    """Give the rules that stopped needs, the most frequent first, each with its teams: the largest group's words."""
    by_rule: dict[str, list[OwedWords]] = defaultdict(list)
    for group in groups:
        by_rule[group.rule].append(group)
    return [
        {
            "title": found[0].title,
            "needs": sum(g.needs for g in found),
            "words": found[0].words,
            "href": _link(wish, rule=rule) + "#needs",
            "chosen": wish.rule == rule and wish.team is None,
            "teams": [
                {
                    "name": g.team,
                    "needs": g.needs,
                    "href": _link(wish, rule=rule, team=g.team_id or "none") + "#needs",
                    "chosen": wish.rule == rule and wish.team == (g.team_id or "none"),
                }
                for g in found
            ],
        }
        for rule, found in sorted(by_rule.items(), key=lambda pair: (-sum(g.needs for g in pair[1]), pair[0]))
    ]


@pages.get("/owed/why", endpoint="why")
@allow("draft")
def why_owed() -> str:
    """Show why one need is owed, what would make it fit, and what stands against any time asked for."""
    draft_id, need = request.args.get("draft", ""), request.args.get("need", "")
    found = explain_need.find(parts(), viewer(), draft_id or None, need)
    owed = found.owed
    at = asked.start(found.zone, today())
    with parts().store.read() as db:
        kind = kind_of(owed.activity, programme.activities(db))
    return render_template(
        "owed/why.html",
        need=found,
        kind=kind,
        rule=rule_words(owed.rule),
        fits=fits(owed.would_fit),
        window=window_words(owed, found.zone),
        zone=zone_name(found.zone),
        ask=_ask(found, draft_id, at),
        answer=_told(draft_id, need, at) if at else None,
        all_href=url_for("owed.show", draft=draft_id or None),
    )


@pages.get("/owed/why-not", endpoint="why_not")
@allow("draft")
def against() -> str:
    """Give only the answer to why an owed need is not at a time: what script asks for."""
    draft_id, need = request.args.get("draft", ""), request.args.get("need", "")
    found = explain_need.find(parts(), viewer(), draft_id or None, need)
    at = asked.start(found.zone, today())
    if at is None:
        raise InvalidError(phrase("Choose a day and a time."), (Fault("time", phrase("a start on the half hour")),))
    return render_template("week/why_not.html", told=_told(draft_id, need, at))


def _told(draft_id: str, need: str, at: datetime) -> Told:
    return told_of(lambda: explain_need.ask(parts(), viewer(), draft_id or None, need, at), at)[1]


def _ask(found: OwedNeed, draft_id: str, at: datetime | None) -> AskChoice:
    """Give the form that asks about any half hour, first about the middle of a morning in the need's window."""
    day = max(local(found.owed.earliest, found.zone).date(), today())
    start = at or asked.on_grid(datetime.combine(day, time(10)), found.zone)
    more: dict[str, Any] = {"need": found.owed.need, **({"draft": draft_id} if draft_id else {})}
    return AskChoice(
        action=url_for("owed.why"),
        part=url_for("owed.why_not", **more),
        hidden=tuple(more.items()),
        day=start.date().isoformat(),
        time=clock(start),
        times=times_of(start),
    )


@pages.get("/owed.csv", endpoint="csv")
@allow("owed")
def as_csv() -> Response:
    """Give what is owed as a file."""
    with parts().store.read() as db:
        activities = programme.activities(db)
        wish = _asked(db, reach_here(), activities)
        lines = _lines(db, wish, None)
    heads = ("Person", "Team", "Activity", "Due", "Latest", "Rule", "Reason", "Would fit")
    rows = [
        (
            line.person,
            line.team,
            activities[line.activity].title if line.activity in activities else line.activity,
            line.due.date().isoformat(),
            line.latest.date().isoformat(),
            rule_words(line.rule),
            line.reason,
            " ".join(fits(line.would_fit)),
        )
        for line in lines
    ]
    return csv_answer("owed.csv", heads, rows)


def _asked(db: Db, reach: Scope, activities: Mapping[str, Activity]) -> Asked:
    draft = asked.draft(db, viewer()) if scope(viewer(), "draft", "read").wide else None
    version = plans.latest(db)
    owing = draft.id if draft else plans.draft_of_version(db, version.number) if version else ""
    team = request.args.get("team") or None
    ids = None if reach.everything else reach.team_ids
    return Asked(
        owing=owing,
        draft_id=draft.id if draft else "",
        team_ids=ids,
        person_id=None if reach.wide else viewer().person_id,
        rule=request.args.get("rule") or None,
        team=team,
        without=unseen_activities(viewer(), activities) if reach.wide else frozenset(),
    )


def _lines(db: Db, wish: Asked, limit: int | None) -> tuple[OwedLine, ...]:
    """Give the needs asked for; those of one team only where the viewer reaches it."""
    if not wish.owing:
        return ()
    ids = wish.team_ids
    if wish.team is not None and wish.person_id is None:
        ids = frozenset({wish.team}) if ids is None or wish.team in ids else frozenset()
    return calendar_figures.owed_lines(
        db,
        wish.owing,
        team_ids=ids if wish.person_id is None else None,
        person_id=wish.person_id,
        rule=wish.rule,
        without=wish.without,
        limit=limit,
    )


def _link(wish: Asked, endpoint: str = "owed.show", **more: Any) -> str:
    return url_for(endpoint, draft=wish.draft_id or None, site=wish.site_id or None, **more)
