"""The year: the strip, its twin in figures, the ledger, what is owed; the coordinator's first page."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from devsys.adapters.store.queries import calendar_figures, plans, programme
from devsys.adapters.store.queries.calendar_figures import Named
from devsys.adapters.store.queries.plans import Draft
from devsys.adapters.store.store import Db
from devsys.base.words import phrase, phrases
from devsys.base.written import day, month_of_year, number, spoken
from devsys.core.model.calendar import Figures, Horizon, Version
from devsys.core.model.hours import start_of
from devsys.core.model.people import Person
from devsys.core.model.programme import Activity
from devsys.core.policy import Scope, allow, scope
from devsys.faces.web import asked
from devsys.faces.web.csv_answer import csv_answer
from devsys.faces.web.drawing_year import DrawnYear, draw_year
from devsys.faces.web.filters import local
from devsys.faces.web.here import now, parts, today, viewer
from devsys.faces.web.here import scope as reach_here
from devsys.faces.web.needs_you import Thing, short_words, things
from devsys.faces.web.one_site import OneSite, one_site
from devsys.faces.web.owed_values import OwedWords, owed_words
from devsys.faces.web.session_values import unseen_activities
from devsys.faces.web.staffing import (
    Load,
    Shortage,
    Staffing,
    led_here,
    load,
    published_load,
    shortages,
    spare_hours_by_week,
    staffing,
)
from devsys.faces.web.waiting_values import waiting
from devsys.faces.web.words import first_up
from devsys.faces.web.year_values import (
    Stretch,
    YearFacts,
    ledger_table,
    share_words,
    year_strip,
)

pages = Blueprint("year", __name__)
MOST_OWED_GROUPS: Final = 4
MANY: Final = 2  # sites of one viewer: more than one


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for: which weeks, of which team (None: all), of which draft (None: published)."""

    stretch: Stretch
    team: Named | None
    draft: Draft | None
    team_ids: frozenset[str] | None
    teams: tuple[Named, ...]
    here: OneSite

    def link(self, endpoint: str, **more: Any) -> str:
        """Give an address with the same choice."""
        values: dict[str, Any] = {
            "team": self.team.id if self.team else None,
            "draft": self.draft.id if self.draft else None,
            "site": self.here.id if self.here.id and self.team is None else None,
        }
        return url_for(endpoint, **values, **more)


@dataclass(frozen=True, slots=True)
class Read:
    """What one picture of the database gives."""

    facts: YearFacts
    figures: Figures
    version: Version | None
    people: int
    teams: int
    short: tuple[Shortage, ...]
    queue_names: dict[str, str]
    owed: tuple[OwedWords, ...]
    things: tuple[Thing, ...]
    drafts: tuple[tuple[str, int], ...]


@pages.get("/year")
@allow("versions")
def show() -> str:
    """Show the year."""
    with parts().store.read() as db:
        wish = asked_for(db, reach_here())
        found = _read(db, wish)
    if found.version is None and wish.draft is None and not found.facts.sums:
        return render_template("year/empty.html", things=found.things, can_draw=_may_plan())
    drawn = _drawn(wish, found)
    return render_template(
        "year/show.html",
        title=_title(wish.stretch),
        crumb=_crumb(wish, found),
        lede=_lede(found, wish),
        need=_need(found),
        figures=share_words(found.figures) if wish.team_ids is None else (),
        year=drawn,
        finding=_finding(drawn),
        as_table=request.args.get("view") == "table",
        links=_links(wish),
        choice=_choice(wish),
        ledger=ledger_table(found.facts, today()),
        owed=found.owed[:MOST_OWED_GROUPS],
        owed_needs=sum(group.needs for group in found.owed),
        owed_href=wish.link("owed.show"),
        things=found.things,
        issues_href=url_for("issues.show", draft=wish.draft.id if wish.draft else None)
        if reach_here().everything
        else "",
        review=_review(found, wish),
    )


@pages.get("/year.csv", endpoint="csv")
@allow("versions")
def as_csv() -> Response:
    """Give the year's figures as a file."""
    with parts().store.read() as db:
        wish = asked_for(db, reach_here())
        found = _read(db, wish)
    drawn = _drawn(wish, found)
    heads = [head if isinstance(head, str) else head[0] for head in drawn.table_heads]
    return csv_answer(f"year-{asked.week_code(wish.stretch.first)}.csv", heads, drawn.table)


def asked_for(db: Db, reach: Scope) -> Asked:
    """Give the stretch, team and draft the address asks for, as far as the viewer reaches.

    Of a large organisation all teams are those of one site.
    """
    first = asked.week("from", today()) or asked.quarter_start(today())
    end = asked.year_after(first) if first == asked.quarter_start(first) else first + timedelta(weeks=52)
    known = calendar_figures.teams(db)
    mine = tuple(t for t in known.values() if reach.everything or t.id in reach.team_ids)
    team = next((t for t in mine if t.id == request.args.get("team")), None)
    ids = frozenset({team.id}) if team else None if reach.everything else frozenset(t.id for t in mine)
    sites = {team.site_id} if team else set() if reach.everything else {t.site_id for t in mine}
    here = one_site(db, viewer(), sites.pop() if len(sites) == 1 else None) if len(sites) < MANY else OneSite()
    if here.id and (team is not None or reach.everything):
        mine = tuple(t for t in mine if t.site_id == here.id)
        ids = ids if team else frozenset(t.id for t in mine)
    return Asked(Stretch(first, (end - first).days // 7), team, asked.draft(db, viewer()), ids, mine, here)


def _read(db: Db, wish: Asked) -> Read:
    stretch, draft_id = wish.stretch, wish.draft.id if wish.draft else None
    activities = programme.activities(db)
    version = plans.latest(db)
    owing = draft_id or (plans.draft_of_version(db, version.number) if version else "")
    staffed = staffing(db, parts().store.url, Horizon(stretch.first, stretch.weeks), wish.here.id)
    queues = _queues_of(staffed.organisation.people, wish.team_ids)
    found = _load(db, staffed, activities, draft_id)
    short = shortages(staffed, found.taken, now())
    hidden = unseen_activities(viewer(), activities)
    people, teams = calendar_figures.people_and_teams(db, today(), wish.team_ids)
    names = {queue.id: queue.name for queue in staffed.organisation.queues}
    mine = tuple(s for s in short if queues is None or s.queue_id in queues)
    return Read(
        facts=YearFacts(
            stretch=stretch,
            sums=calendar_figures.day_sums(db, stretch.first, stretch.end, draft_id=draft_id, team_ids=wish.team_ids),
            ledger=calendar_figures.ledger_sums(
                db, stretch.quarters[0], stretch.quarters[-1], team_ids=wish.team_ids, draft_id=draft_id
            ),
            owed=calendar_figures.owed_days(db, owing, wish.team_ids, hidden),
            spare=spare_hours_by_week(staffed, queues),
            holidays=calendar_figures.holidays(db, stretch.first, stretch.end),
            activities=activities,
        ),
        figures=wish.draft.figures if wish.draft else version.figures if version else plans.NO_FIGURES,
        version=version,
        people=people,
        teams=teams,
        short=mine,
        queue_names=names,
        owed=owed_words(db, owing, viewer(), team_ids=wish.team_ids),
        things=_things(db, staffed, found, mine, drafted=draft_id is not None) if _may_plan() else (),
        drafts=_drafts(db) if _may_plan() else (),
    )


def _load(db: Db, staffed: Staffing, activities: Mapping[str, Activity], draft_id: str | None) -> Load:
    """Give what sessions take from now on: of the published plan from memory, of a draft worked out."""
    if draft_id is None:
        return published_load(db, parts().store.url, staffed, activities)
    end = start_of(staffed.horizon) + timedelta(weeks=staffed.horizon.weeks)
    seats = calendar_figures.seats(db, now(), end, draft_id=draft_id, at=staffed.site_id)
    return load(staffed, seats, activities, led_here(db, staffed, now(), end, draft_id))


def _things(db: Db, staffed: Staffing, found: Load, short: tuple[Shortage, ...], *, drafted: bool) -> tuple[Thing, ...]:
    """Give what needs the viewer: what no longer holds in the calendar shown, and what Home names."""
    repairs = not drafted and scope(viewer(), "draft", "write").everything
    broken = things(staffed, found, short, zone=viewer().zone, now=now(), repairs=repairs)
    return (*broken, *waiting(db, now(), today()))


def _drafts(db: Db) -> tuple[tuple[str, int], ...]:
    """Give the open drafts that change something, newest first, with how much."""
    drafts = plans.open_drafts(db)
    sizes = plans.draft_sizes(db) if drafts else {}
    return tuple((d.id, sizes[d.id]) for d in drafts if sizes.get(d.id))


def _queues_of(people: Iterable[Person], team_ids: frozenset[str] | None) -> frozenset[str] | None:
    """Give the queues that people of the teams serve, None for all."""
    if team_ids is None:
        return None
    return frozenset(p.queue_id for p in people if p.team_id in team_ids and p.queue_id)


def _drawn(wish: Asked, found: Read) -> DrawnYear:
    until = wish.draft.horizon.end if wish.draft else found.version.horizon.end if found.version else today()
    link = wish.link("week.show")
    strip = year_strip(
        found.facts,
        today=today(),
        freeze_days=parts().settings.freeze_days,
        planned_until=until,
        link=link + ("&" if "?" in link else "?"),
    )
    if wish.draft is None:
        return draw_year(strip)
    # A draft tells nobody: nothing ahead is published until it is.
    return draw_year(replace(strip, outlook_words=""))


def _title(stretch: Stretch) -> str:
    thursday = stretch.first + timedelta(days=3)
    if stretch.first.isocalendar().week == 1:
        return phrase("The year %(year)s", year=thursday.year)
    return phrase("The year from %(month)s", month=month_of_year(thursday))


def _crumb(wish: Asked, found: Read) -> str:
    if wish.draft is not None:
        drawn = local(wish.draft.created, viewer().zone).date()
        return phrase("Draft of %(drawn)s: nobody is told before it is published", drawn=day(drawn))
    if found.version is None:
        return phrase("Nothing is published yet")
    return phrase(
        "Published %(when)s, version %(number)s",
        when=day(local(found.version.published, viewer().zone).date()),
        number=found.version.number,
    )


def _lede(found: Read, wish: Asked) -> str:
    people = first_up(phrases("%(num)s person", "%(num)s people", found.people, num=spoken(found.people)))
    teams = phrases("%(num)s team", "%(num)s teams", found.teams, num=spoken(found.teams))
    people = phrase("%(people)s in %(where)s", people=people, where=wish.team.name if wish.team else teams)
    if not found.short:
        return phrase("%(people)s, nothing taken that the queue needs.", people=people)
    halves = sum(s.slots for s in found.short)
    first = short_words(found.short[0], found.queue_names, viewer().zone)
    return phrases(
        "%(people)s; too few are left on the queue in %(num)s half hour, first %(first)s.",
        "%(people)s; too few are left on the queue in %(num)s half hours, first %(first)s.",
        halves,
        num=spoken(halves),
        people=people,
        first=first,
    )


def _need(found: Read) -> str:
    if not found.things:
        return ""
    count = len(found.things)
    return first_up(phrases("%(num)s thing needs you.", "%(num)s things need you.", count, num=spoken(count)))


def _finding(drawn: DrawnYear) -> str:
    return phrase(
        "%(hours)s of development in %(weeks)s weeks, %(owed)s needs owed",
        hours=drawn.queue_total,
        weeks=drawn.columns,
        owed=number(drawn.owed_total),
    )


def _links(wish: Asked) -> dict[str, str]:
    first = asked.week_code(wish.stretch.first)
    before = asked.week_code(asked.quarter_before(wish.stretch.first))
    after = asked.week_code(asked.quarter_after(wish.stretch.first))
    return {
        "table": wish.link("year.show", **{"from": first, "view": "table"}) + "#figures",
        "strip": wish.link("year.show", **{"from": first}),
        "csv": wish.link("year.csv", **{"from": first}),
        "plan_csv": wish.link("year_plan.csv", **{"from": first}),
        "plan_xlsx": wish.link("year_plan.xlsx", **{"from": first}),
        "before": wish.link("year.show", **{"from": before}),
        "after": wish.link("year.show", **{"from": after}),
        "now": wish.link("year.show"),
        "week": wish.link("week.show"),
        "month": wish.link("month.show"),
    }


def _choice(wish: Asked) -> dict[str, object]:
    return {
        "team": wish.team.id if wish.team else "",
        "teams": [(team.id, team.name) for team in wish.teams],
        "from": asked.week_code(wish.stretch.first),
        "draft": wish.draft.id if wish.draft else "",
        "here": wish.here,
    }


def _review(found: Read, wish: Asked) -> tuple[str, str] | None:
    """Give the one button of the page: review the draft shown or the newest one, else draw a plan."""
    if not _may_plan():
        return None
    draft_id = wish.draft.id if wish.draft else next((d for d, _ in found.drafts), "")
    if draft_id:
        size = dict(found.drafts).get(draft_id, 0)
        return url_for("publish.show", draft_id=draft_id), phrase(
            "Review draft · %(size)s", size=number(size)
        ) if size else phrase("Review draft")
    return None if found.version else (url_for("plans.draw"), phrase("Draw a plan"))


def _may_plan() -> bool:
    return bool(scope(viewer(), "draft", "write"))
