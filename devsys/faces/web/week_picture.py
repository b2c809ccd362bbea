"""What the week page reads: whose week, which sessions, who is at work, what the queues can spare; one picture."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from flask import request, url_for

from devsys.adapters.store.queries import (
    calendar_figures,
    near,
    people,
    plans,
    programme,
    sessions,
    standing,
    visible,
)
from devsys.adapters.store.queries.calendar_figures import Member, Named
from devsys.adapters.store.queries.plans import Draft
from devsys.adapters.store.queries.sessions import Wanted
from devsys.adapters.store.store import Db
from devsys.base.errors import NotFoundError
from devsys.base.limits import WHOLE_PEOPLE
from devsys.base.words import phrase, to_phrase
from devsys.core.model.calendar import Horizon, Session, Status
from devsys.core.model.capacity import Counts
from devsys.core.model.hours import monday_of, sites_of
from devsys.core.model.people import Organisation
from devsys.core.policy import scope
from devsys.faces.web import asked
from devsys.faces.web.filters import local
from devsys.faces.web.flags import flags_here
from devsys.faces.web.here import now, parts, today, viewer
from devsys.faces.web.here import scope as reach_here
from devsys.faces.web.session_values import Moment, Names, Seen, names, seen
from devsys.faces.web.staffing import Staffing, load, published_load, staffing
from devsys.faces.web.step_values import StepBar, step_bar
from devsys.faces.web.week_only import Only, asked_only, asked_page, chosen_of
from devsys.faces.web.week_values import Frame, Lane, Row, frame_of

VIEWS: Final[tuple[tuple[Lane, str], ...]] = (
    ("people", to_phrase("People")),
    ("facilitators", to_phrase("Facilitators")),
    ("rooms", to_phrase("Rooms")),
)
ROWS: Final = 60  # of a grid; more are on the next page


class NoSiteError(NotFoundError):
    """There is no site yet, and so no clock to show a week by."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the address asks for. `team` None: the viewer's own week; `queue_id` is the one drawn beneath.

    `listed` asks for the list in place of the grid, `only` for some of the sessions, `page` for further rows.
    """

    monday: date
    lens: date | None
    view: Lane
    listed: bool
    only: Only
    page: int
    team: Named | None
    site: Named
    draft: Draft | None
    session_id: str
    queue_id: str

    def link(self, **more: Any) -> str:
        """Give an address of the week with the same choice, but for what is given."""
        values: dict[str, Any] = {
            "week": asked.week_code(self.monday),
            "day": self.lens.isoformat() if self.lens else None,
            "view": self.view if self.view != "people" else "list" if self.listed else None,
            "list": 1 if self.listed and self.view != "people" else None,
            "q": self.only.words or None,
            "kind": self.only.kind or None,
            "only": self.only.which or None,
            "rows": self.page if self.page > 1 else None,
            "team": self.team.id if self.team else None,
            "site": self.site.id if self.view in ("facilitators", "rooms") else None,
            "queue": self.queue_id or None,
            "draft": self.draft.id if self.draft else None,
        }
        return url_for("week.show", **(values | more))

    def with_view(self, view: Lane, *, listed: bool, **more: Any) -> str:
        """Give an address with the same choice in another view, as a list or a grid."""
        return replace(self, view=view, listed=listed, page=1).link(**more)


@dataclass(frozen=True, slots=True)
class Picture:
    """What one read gives: who is at work, the sessions shown, names, and the frame they stand in.

    `flags` says why sessions of a draft stand in a bad place, `more_rows` how many rows are on other pages.
    """

    wish: Wish
    staffed: Staffing
    names: Names
    seen: tuple[Seen, ...]
    rows: tuple[Row, ...]
    frame: Frame
    lens: date
    flags: Mapping[str, tuple[str, ...]]
    more_rows: int
    steps: StepBar | None
    queues: tuple[str, ...]
    away: Mapping[str, Counts]
    published: Mapping[str, Counts]
    teams: tuple[Named, ...]
    sites: tuple[Named, ...]
    drafts: tuple[Draft, ...]
    moment: Moment


def read_week(db: Db) -> Picture:
    """Read the week: a fixed number of queries, whatever the number of sessions."""
    monday = asked.week("week", today()) or monday_of(asked.day("day", today()) or today())
    horizon = Horizon(monday - timedelta(weeks=1), 3)
    if people.how_many(db) > WHOLE_PEOPLE:  # only the site that is looked at is worked out
        known = names(db)
        wish = _asked(db, monday, near.frame(db), known)
        staffed = staffing(db, parts().store.url, horizon, wish.site.id)
    else:
        staffed = staffing(db, parts().store.url, horizon)
        known = _names(staffed.organisation, db)
        wish = _asked(db, monday, staffed.organisation, known)
    zone = wish.site.zone
    whole = Frame(zone, tuple(monday + timedelta(days=i) for i in range(7)), 0, 24 * 60)
    drafted = standing.drafted_ids(db, wish.draft.id, whole.start, whole.end) if wish.draft else frozenset()
    moment = Moment(now(), now() + timedelta(days=parts().settings.freeze_days), drafted)
    eyes = viewer()
    found = tuple(seen(s, eyes, known, moment) for s in _sessions(db, wish, whole, drafted))
    rows = _rows(wish, staffed, known, found)
    found = _in_rows(found, wish.view, frozenset(row.key for row in rows))
    flags = flags_here(db, wish.draft, drafted & {s.session.id for s in found}, known)
    frame = frame_of(monday, zone, staffed, _at_home(rows, wish, staffed.organisation), found)
    found, rows = chosen_of(
        wish.only, found, rows, wish.view, drafted=drafted, flagged=frozenset(flags), keep=wish.session_id
    )
    shown = rows if wish.listed else rows[(wish.page - 1) * ROWS : wish.page * ROWS] or rows[:ROWS]
    queues = _queues(wish, staffed.organisation, known)
    away, published = _away(db, wish, staffed, known, queues)
    return Picture(
        wish=wish,
        staffed=staffed,
        names=known,
        seen=found,
        rows=shown,
        frame=frame,
        lens=_lens(wish, frame, found),
        flags=flags,
        more_rows=len(rows) - len(shown),
        steps=step_bar(
            db, wish.draft.id if wish.draft else None, known, moment, wish.link(session=wish.session_id or None)
        ),
        queues=queues,
        away=away,
        published=published,
        teams=tuple(t for t in known.teams.values() if _reaches_team(t.id)),
        sites=tuple(known.sites.values()) if reach_here().everything else (),
        drafts=plans.open_drafts(db) if scope(viewer(), "draft", "read").wide else (),
        moment=moment,
    )


def _names(organisation: Organisation, db: Db) -> Names:
    """Give the names from the organisation at hand; only the programme is read."""
    zones = {site.id: site.zone for site in organisation.sites}
    people = sorted(organisation.people, key=lambda p: (p.name, p.id))
    return Names(
        activities=programme.activities(db),
        people={p.id: Member(p.id, p.name, p.team_id, p.queue_id) for p in people},
        teams={t.id: Named(t.id, t.name, t.site_id, zones[t.site_id]) for t in _by_name(organisation.teams)},
        rooms={r.id: Named(r.id, r.name, r.site_id, zones[r.site_id]) for r in _by_name(organisation.rooms)},
        sites={s.id: Named(s.id, s.name, s.id, s.zone) for s in _by_name(organisation.sites)},
    )


def _by_name(things: Iterable[Any]) -> list[Any]:
    return sorted(things, key=lambda thing: (thing.name, thing.id))


def _reaches_team(team_id: str) -> bool:
    reach = reach_here()
    return reach.everything or team_id in reach.team_ids


def _asked(db: Db, monday: date, organisation: Organisation, known: Names) -> Wish:
    view: Lane = next((v for v, _ in VIEWS if v == request.args.get("view")), "people")
    leader = next((f for f in organisation.facilitators if f.person_id == request.args.get("facilitator")), None)
    room = known.rooms.get(request.args.get("room", ""))
    site_id = request.args.get("site", "")
    if leader or room:
        site_id = leader.site_ids[0] if leader else room.site_id if room else ""
    if leader or room:
        view = "facilitators" if leader else "rooms"
    if not reach_here().everything and view in ("facilitators", "rooms"):
        view = "people"
    draft = asked.draft(db, viewer())
    team = _team(db, known, draft.id if draft else None)
    site = known.sites.get(site_id) or _home_site(known, team)
    if site is None:
        raise NoSiteError(phrase("There is no site yet, so there is no week to show."))
    if team is not None and view == "people":
        site = known.sites[team.site_id]
    lens = asked.day("day", today())
    wish = Wish(
        monday=monday,
        lens=lens if lens and monday <= lens < monday + timedelta(days=7) else None,
        view=view,
        listed=request.args.get("view") == "list" or "list" in request.args,
        only=asked_only(drafts=draft is not None),
        page=asked_page("rows"),
        team=team,
        site=site,
        draft=draft,
        session_id=request.args.get("session", ""),
        queue_id="",
    )
    queues = _queues(wish, organisation, known)
    chosen = request.args.get("queue", "")
    return replace(wish, queue_id=chosen if chosen in queues else queues[0] if queues else "")


def _team(db: Db, known: Names, draft_id: str | None) -> Named | None:
    """Give the team asked for, else one of the session or queue asked for, else the own, else the first in reach."""
    mine = {team_id: team for team_id, team in known.teams.items() if _reaches_team(team_id)}
    if request.args.get("team", "") in mine:
        return mine[request.args["team"]]
    session_id = request.args.get("session", "")
    there = standing.teams_in(db, session_id, draft_id) if session_id else ()
    if any(team_id in mine for team_id in there):
        return mine[next(team_id for team_id in there if team_id in mine)]
    queue = request.args.get("queue", "")
    serving = [p.team_id for p in known.people.values() if queue and p.queue_id == queue and p.team_id in mine]
    if serving and serving[0]:
        return mine[serving[0]]
    own = mine.get(viewer().team_id or "")
    staffed = {p.team_id for p in known.people.values()}
    near = sorted(mine.values(), key=lambda team: team.zone != viewer().zone)  # those of the viewer's clock first
    return own or next((team for team in near if team.id in staffed), None)


def _home_site(known: Names, team: Named | None) -> Named | None:
    if team is not None:
        return known.sites.get(team.site_id)
    own = known.teams.get(viewer().team_id or "")
    return known.sites.get(own.site_id if own else "") or next(iter(known.sites.values()), None)


def _sessions(db: Db, wish: Wish, whole: Frame, drafted: frozenset[str]) -> tuple[Session, ...]:
    by_team = wish.team.id if wish.team and wish.view == "people" else None
    wanted = Wanted(
        start=whole.start,
        end=whole.end,
        team_id=by_team,
        involves=viewer().person_id if wish.team is None and not reach_here().everything else None,
        planned_only=wish.draft is None,
    )
    reach = visible.reach(reach_here())
    if wish.draft is None:
        return sessions.published(db, wanted, reach)
    found = sessions.as_drafted(db, wish.draft.id, wanted, reach)
    return tuple(s for s in found if s.status is Status.PLANNED or s.id in drafted)


def _rows(wish: Wish, staffed: Staffing, known: Names, found: tuple[Seen, ...]) -> tuple[Row, ...]:
    organisation, works = staffed.organisation, staffed.works
    if wish.view == "rooms":
        return tuple(Row(r.id, r.name) for r in known.rooms.values() if r.site_id == wish.site.id)
    if wish.view == "facilitators":
        leading = {f.person_id for f in organisation.facilitators if wish.site.id in f.site_ids}
        leading |= {s.session.facilitator_id or "" for s in found if s.session.site_id == wish.site.id}
        return tuple(Row(p.id, p.name, works=works.get(p.id, ())) for p in known.people.values() if p.id in leading)
    if wish.team is None:
        me = known.people.get(viewer().person_id)
        return (Row(me.id, me.name, works=works.get(me.id, ())),) if me else ()
    last = wish.monday + timedelta(days=7)
    leading = {f.person_id for f in organisation.facilitators}  # they have a view of their own
    here = {
        p.id
        for p in organisation.people
        if p.team_id == wish.team.id
        and p.id not in leading
        and (p.joined is None or p.joined < last)
        and (p.left is None or p.left > wish.monday)
    }
    return tuple(Row(p.id, p.name, works=works.get(p.id, ())) for p in known.people.values() if p.id in here)


def _in_rows(found: tuple[Seen, ...], view: Lane, keys: frozenset[str]) -> tuple[Seen, ...]:
    """Leave out what has no row among facilitators or rooms."""
    if view == "facilitators":
        return tuple(s for s in found if s.session.facilitator_id in keys)
    return tuple(s for s in found if s.session.room_id in keys) if view == "rooms" else found


def _at_home(rows: tuple[Row, ...], wish: Wish, organisation: Organisation) -> tuple[Row, ...]:
    """Give the rows whose shifts decide the hours shown: a colleague of a site far away does not open the day."""
    site_of = sites_of(organisation)
    return tuple(row for row in rows if site_of.get(row.key) == wish.site.id) or rows


def _queues(wish: Wish, organisation: Organisation, known: Names) -> tuple[str, ...]:
    """Give the queues to draw beneath, as far as the viewer may see what they require: the most served first."""
    reach = scope(viewer(), "requirement", "read")
    if wish.view in ("facilitators", "rooms"):
        return tuple(q.id for q in organisation.queues if q.site_id == wish.site.id) if reach.everything else ()
    if wish.team is None or not reach.covers(team_id=wish.team.id):
        return ()
    serving = [p.queue_id for p in known.people.values() if p.team_id == wish.team.id and p.queue_id]
    return tuple(sorted(set(serving), key=lambda q: (-serving.count(q), q)))


def _away(
    db: Db, wish: Wish, staffed: Staffing, known: Names, queues: tuple[str, ...]
) -> tuple[Mapping[str, Counts], Mapping[str, Counts]]:
    """Give agents in sessions per queue and slot, as shown and as published."""
    if not queues:
        return {}, {}
    start = datetime.combine(wish.monday - timedelta(days=2), time(), UTC)  # two days wider than any zone asks
    end = start + timedelta(days=11)
    published = published_load(db, parts().store.url, staffed, known.activities).taken
    if wish.draft is None:
        return published, published
    drafted = calendar_figures.seats(db, start, end, draft_id=wish.draft.id, queue_ids=queues)
    return load(staffed, drafted, known.activities).taken, published


def _lens(wish: Wish, frame: Frame, found: tuple[Seen, ...]) -> date:
    """Give the day under the lens: as asked, else that of the session chosen, else today, else the first with one."""
    if wish.lens in frame.days:
        return wish.lens
    days = [local(s.session.starts_utc, frame.zone).date() for s in found]
    chosen = [d for s, d in zip(found, days, strict=True) if s.session.id == wish.session_id]
    for day in (*chosen, today(), *sorted(days)):
        if day in frame.days:
            return day
    return frame.days[0]
