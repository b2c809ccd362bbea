"""The month: what is held on each day, of all teams or of one."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from devsys.adapters.store.queries import calendar_figures, plans, sessions, standing, visible
from devsys.adapters.store.queries.calendar_figures import Named
from devsys.adapters.store.queries.plans import Draft
from devsys.adapters.store.queries.sessions import Wanted
from devsys.adapters.store.store import Db
from devsys.base.words import phrase, phrases
from devsys.base.written import day as day_words
from devsys.base.written import month_of_year, zone_name
from devsys.core.model.calendar import Session, Status
from devsys.core.model.hours import instant_forward
from devsys.core.policy import allow, scope
from devsys.faces.web import asked
from devsys.faces.web.agenda_values import CSV_HEADS, agenda, csv_line
from devsys.faces.web.asked import week_code
from devsys.faces.web.csv_answer import csv_answer
from devsys.faces.web.drawing import KIND_NAMES
from devsys.faces.web.drawing_month import MonthEntry, MonthGrid, draw_month
from devsys.faces.web.here import now, parts, today, viewer
from devsys.faces.web.here import scope as reach_here
from devsys.faces.web.one_site import OneSite, one_site
from devsys.faces.web.session_values import Moment, Seen, names, seen

pages = Blueprint("month", __name__)
MOST_LISTED: Final = 60  # sessions of a list beneath the month
MOST_IN_LIST: Final = 600  # of the list in place of it; all are in the file


@pages.get("/month")
@allow("sessions")
def show() -> str:
    """Show a month."""
    with parts().store.read() as db:
        read = _read(db)
        holidays = calendar_figures.holidays(db, read.first - timedelta(days=7), read.first + timedelta(days=45))
        published = plans.pointer(db) > 0
    first, draft, team, mine, shown = read.first, read.draft, read.team, read.teams, read.shown
    reach = reach_here()
    link = _links(first, team, draft, read.here)
    grid = MonthGrid(
        first=first,
        entries=tuple(_entries(shown, many=reach.everything and team is None)),
        today=today(),
        holidays={day: name for day, name, site in holidays if team is None or site == team.site_id},
        day_href=lambda day: url_for("week.show", **link["values"], week=week_code(day), day=day.isoformat()),
        week_href=lambda day: url_for("week.show", **link["values"], week=week_code(day)),
    )
    inside = read.inside
    listed = request.args.get("view") == "list"
    most = MOST_IN_LIST if listed else MOST_LISTED
    return render_template(
        "month/show.html",
        month=draw_month(grid),
        title=month_of_year(first),
        crumb=(team.name if team else read.here.name)
        or (phrase("All teams") if reach.everything else phrase("What you may see")),
        teams=[(t.id, t.name) for t in mine],
        here=read.here,
        team=team.id if team else "",
        links=link,
        asked=f"{first:%Y-%m}",
        draft=draft.id if draft else "",
        lede=_lede(inside),
        as_list=listed,
        days=agenda(inside[:most], today()),
        beyond=max(0, len(inside) - most),
        zone=zone_name(team.zone) if team else "",
        published=published,
        can_draw=bool(scope(viewer(), "draft", "write")),
    )


@dataclass(frozen=True, slots=True)
class Read:
    """What a month is asked for and holds; `shown` reaches to the ends of its first and last week."""

    first: date
    draft: Draft | None
    team: Named | None
    here: OneSite
    teams: tuple[Named, ...]
    shown: tuple[Seen, ...]

    @property
    def inside(self) -> tuple[Seen, ...]:
        """The sessions of the month itself."""
        return tuple(one for one in self.shown if one.session.starts.date().month == self.first.month)


def _read(db: Db) -> Read:
    first = asked.month("month", today())
    draft = asked.draft(db, viewer())
    known = names(db)
    reach = reach_here()
    mine = tuple(t for t in known.teams.values() if reach.everything or t.id in reach.team_ids)
    team = next((t for t in mine if t.id == request.args.get("team")), None)
    here = one_site(db, viewer()) if team is None and reach.everything else OneSite()
    if here.id:
        mine = tuple(t for t in mine if t.site_id == here.id)
    start, end = _edges(first, team.zone if team else viewer().zone)
    wanted = Wanted(start=start, end=end, team_id=team.id if team else None, site_id=here.id or None)
    found, drafted = _sessions(db, draft, wanted)
    eyes = viewer()
    moment = Moment(now(), now() + timedelta(days=parts().settings.freeze_days), drafted)
    return Read(first, draft, team, here, mine, tuple(seen(s, eyes, known, moment) for s in found))


def _lede(inside: Sequence[Seen]) -> str:
    """Say what the month comes to: "184 sessions for 313 people, most of them on Wed 23 December"."""
    if not inside:
        return ""
    people = {person for one in inside for person in one.session.people}
    words = phrases("%(num)s session", "%(num)s sessions", len(inside))
    if reach_here().wide:
        crowd = phrases("%(num)s person", "%(num)s people", len(people))
        words = phrase("%(sessions)s for %(people)s", sessions=words, people=crowd)
    by_day = Counter(one.session.starts.date() for one in inside)
    busiest = min(by_day, key=lambda d: (-by_day[d], d))
    return (
        phrase(
            "%(sessions)s, the most on %(day)s: %(count)s.",
            sessions=words,
            day=day_words(busiest),
            count=by_day[busiest],
        )
        if len(by_day) > 1
        else f"{words}."
    )


@pages.get("/month.csv", endpoint="csv")
@allow("sessions")
def as_csv() -> Response:
    """Give the sessions of the month as a file."""
    with parts().store.read() as db:
        read = _read(db)
    return csv_answer(f"month-{read.first:%Y-%m}.csv", CSV_HEADS, (csv_line(one) for one in read.inside))


def _edges(first: date, zone: str) -> tuple[datetime, datetime]:
    """Give the instants between which the weeks of a month lie, in a zone."""
    last = (first + timedelta(days=40)).replace(day=1)
    begin = first - timedelta(days=first.weekday())
    end = last + timedelta(days=(7 - last.weekday()) % 7)
    return instant_forward(datetime.combine(begin, time()), zone), instant_forward(datetime.combine(end, time()), zone)


def _sessions(db: Db, draft: Draft | None, wanted: Wanted) -> tuple[tuple[Session, ...], frozenset[str]]:
    reach = visible.reach(reach_here())
    if draft is None or wanted.start is None or wanted.end is None:
        return sessions.published(db, wanted, reach), frozenset()
    found = sessions.as_drafted(db, draft.id, wanted, reach)
    drafted = standing.drafted_ids(db, draft.id, wanted.start, wanted.end)
    return tuple(s for s in found if s.status is Status.PLANNED), drafted


def _entries(shown: Iterable[Seen], *, many: bool) -> Iterable[MonthEntry]:
    """Give the entries of days: each session of one team; of all teams those of a kind counted together."""
    if not many:
        for one in shown:
            start = one.session.starts
            href = url_for("sessions.show", session_id=one.session.id)
            yield MonthEntry(start.date(), one.kind, one.title, one.state, f"{start:%H:%M}", href=href)
        return
    groups: dict[tuple[date, str], list[Seen]] = defaultdict(list)
    for one in shown:
        groups[one.session.starts.date(), one.kind].append(one)
    for (day, kind), found in groups.items():
        states = {one.state for one in found}
        state = found[0].state if len(states) == 1 else "draft" if "draft" in states else "published"
        title = found[0].title if len({one.title for one in found}) == 1 else KIND_NAMES[kind]
        yield MonthEntry(day, kind, title, state, count=len(found))


def _links(first: date, team: Named | None, draft: Draft | None, here: OneSite) -> dict[str, Any]:
    values: dict[str, Any] = {"team": team.id if team else None, "draft": draft.id if draft else None}
    values["site"] = here.id or None
    before = (first - timedelta(days=1)).replace(day=1)
    after = (first + timedelta(days=40)).replace(day=1)
    reach = reach_here()
    return {
        "values": values,
        "before": url_for("month.show", **values, month=f"{before:%Y-%m}"),
        "after": url_for("month.show", **values, month=f"{after:%Y-%m}"),
        "now": url_for("month.show", **values),
        "year": url_for("year.show", **values) if reach.wide else "",
        "week": url_for("week.show", **values, week=week_code(first)),
        "list": url_for("month.show", **values, month=f"{first:%Y-%m}", view="list"),
        "grid": url_for("month.show", **values, month=f"{first:%Y-%m}"),
        "csv": url_for("month.csv", **values, month=f"{first:%Y-%m}"),
    }
