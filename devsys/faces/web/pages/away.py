"""Somebody is away, a room is closed, a queue needs its people: said in a form, without a reason."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from devsys.actions import record_absence
from devsys.actions.record_absence import clock_of_person, clock_of_site, may_record
from devsys.adapters.store.queries import away as away_queries
from devsys.adapters.store.queries import calendar_figures, near, people, programme
from devsys.adapters.store.store import Db
from devsys.base.errors import InvalidError, NotFoundError
from devsys.base.limits import WHOLE_PEOPLE
from devsys.base.text import clean
from devsys.base.words import phrase
from devsys.base.written import clock, day, zone_name
from devsys.core.model.calendar import Horizon
from devsys.core.model.hours import SLOT_SECONDS, local, monday_of
from devsys.core.model.people import Absence, Closure, Emergency, Organisation
from devsys.core.policy import allow, scope
from devsys.faces.web.away_values import Half, next_halves, until_words
from devsys.faces.web.forms import Form
from devsys.faces.web.here import now, parts, today, viewer
from devsys.faces.web.here import scope as reach_here
from devsys.faces.web.one_site import OneSite, one_site, teams_at
from devsys.faces.web.staffing import published_load, staffing

pages = Blueprint("away", __name__)
MOST_LISTED: Final = 600  # people a choice lists; in a larger house one searches
DAY, UNKNOWN = "day", "unknown"
SOON: Final = timedelta(hours=2)  # how long an emergency lasts unless somebody says otherwise


def _repairs() -> bool:
    """Say whether the viewer is the one who repairs what cannot stand."""
    return scope(viewer(), "draft", "write").everything


def _team_ids() -> frozenset[str] | None:
    """Give the teams whose absences the viewer writes, None for all of them. Raises NotFoundError for nobody's."""
    mine = scope(viewer(), "absences", "write")
    if mine.everything:
        return None
    if not mine.team_ids or not mine.wide:
        raise NotFoundError(phrase("This page does not exist."))
    return mine.team_ids


@pages.get("/away")
@allow("absences", "write")
def show() -> str:
    """Ask who is away, from when and until when."""
    return _person_page(Form({}), request.args.get("person", "")[:40])


def _person_page(form: Form, person_id: str) -> str:
    team_ids = _team_ids()
    search = clean(request.args.get("search", "")[:100], limit=200)
    with parts().store.read() as db:
        many = away_queries.count_here(db, today(), team_ids) > MOST_LISTED
        here = one_site(db, viewer()) if team_ids is None else OneSite()
        near = teams_at(db, here) if here.id else team_ids
        listed = team_ids if search else near  # one's own site; a name is looked for everywhere
        groups = _groups(db, listed, many=many, search=search, person=(person_id, team_ids))
        still = away_queries.without_end(db, today(), team_ids=near)
    return render_template(
        "away/show.html",
        errors=form.faults,
        tabs_here=_tabs("away.show"),
        groups=groups,
        many=many,
        here=here,
        search=search,
        person=form.typed("person", person_id),
        typed=_typed(form),
        still=[
            {
                "id": one.person_id,
                "name": one.name,
                "team": one.team,
                "since": _since(one.start),
                "repairs": url_for("repairs.show", person=one.person_id) if _repairs() else "",
            }
            for one in still
        ],
        since=today().isoformat(),
    )


def _since(start: datetime) -> str:
    if start.time() == time():
        return phrase("since %(day)s", day=day(start))
    return phrase("since %(day)s, %(time)s", day=day(start), time=clock(start))


def _tabs(current: str) -> list[tuple[str, str, bool]]:
    """Give the three things that can happen, as far as the viewer may say them."""
    shown = [("away.show", phrase("Somebody"))]
    if _repairs():
        shown += [("away.room", phrase("A room")), ("away.queue", phrase("A queue"))]
    return [(url_for(endpoint), word, endpoint == current) for endpoint, word in shown] if len(shown) > 1 else []


def _typed(form: Form) -> dict[str, str]:
    return {
        "from": form.typed("from", today().isoformat()),
        "at": form.typed("at"),
        "until": form.typed("until", DAY),
        "to": form.typed("to", today().isoformat()),
        "back": form.typed("back"),
    }


def _groups(
    db: Db, team_ids: frozenset[str] | None, *, many: bool, search: str, person: tuple[str, frozenset[str] | None]
) -> list[tuple[str, list[tuple[str, str]]]]:
    """Give whom one may choose, in groups: who leads sessions first, then by team.

    `person` is somebody who is named already ("" for nobody), and the teams they may be of.
    """
    found = away_queries.candidates(
        db, today(), team_ids=team_ids, leads=many and not search, search=search, limit=MOST_LISTED
    )
    person_id, within = person
    if person_id and all(one.id != person_id for one in found):
        found += away_queries.candidates(db, today(), team_ids=within, only=person_id, limit=1)
    leading = [(one.id, one.name) for one in found if one.leads]
    by_team: dict[str, list[tuple[str, str]]] = {}
    for one in found:
        if not one.leads:
            by_team.setdefault(one.team or phrase("No team"), []).append((one.id, one.name))
    return [(phrase("Leads sessions"), leading), *sorted(by_team.items())] if leading else sorted(by_team.items())


@dataclass(frozen=True, slots=True)
class _Stretch:
    start: datetime
    end: datetime | None


def _stretch(form: Form, at_now: datetime) -> _Stretch:
    """Read from when until when, in the clock of the place; `at_now` is the wall time there.

    Without a time, one begins now or, on a later day, with the day, and ends with the day.
    """
    first = form.day("from", today=today())
    at = _time(form, "at")
    start = datetime.combine(first, at or time())
    if at is None and first in (at_now.date(), today()):
        start = at_now.replace(second=0, microsecond=0)
    if form.choice("until", (DAY, UNKNOWN), default=DAY) == UNKNOWN:
        return _Stretch(start, None)
    last = form.day("to", today=today())
    back = _time(form, "back")
    end = datetime.combine(last, back) if back is not None else datetime.combine(last + timedelta(days=1), time())
    if form and end <= start:
        form.fault("to" if back is None else "back", phrase("This is before it begins."))
    return _Stretch(start, end)


def _time(form: Form, name: str) -> time | None:
    raw = form.text(name, limit=5, required=False)
    if not raw:
        return None
    try:
        return time.fromisoformat(raw).replace(tzinfo=None)
    except ValueError:
        form.fault(name, phrase("A time such as 08:30."))
        return None


@pages.post("/away")
@allow("absences", "write")
def record() -> Response:
    """Write the absence and go to what it touches; a lead goes back to the person."""
    team_ids = _team_ids()
    form = Form()
    person_id = form.text("person", limit=40)
    organisation = _organisation()
    person = next((p for p in organisation.people if p.id == person_id), None)
    if person_id and (person is None or not may_record(viewer(), person.team_id)):
        form.fault("person", phrase("Choose one of these."))
    stretch = _stretch(form, clock_of_person(organisation, person_id, now()).now)
    if person is None or not form:
        return Response(_person_page(form, person_id), 422, mimetype="text/html")
    news = record_absence.record(parts(), viewer(), Absence(person.id, stretch.start, stretch.end))
    words = until_words(stretch.start, stretch.end)
    flash(
        phrase("%(name)s is away %(when)s.", name=person.name, when=words)
        if news
        else phrase("%(name)s is away then already.", name=person.name),
        "ok",
    )
    if team_ids is not None or not _repairs():
        flash(phrase("What their sessions need now is for a coordinator to say; it stands on their Home."), "info")
        return redirect(url_for("people.show", person_id=person.id), 303)
    return redirect(url_for("repairs.show", person=person.id), 303)


def _organisation() -> Organisation:
    with parts().store.read() as db:
        return people.organisation(db)


def _frame() -> Organisation:
    """Give the organisation without its people: what pages about rooms and queues ask for."""
    with parts().store.read() as db:
        return near.frame(db)


@pages.post("/away/back")
@allow("absences", "write")
def back() -> Response:
    """Write that somebody is back: since a day, or a moment of it."""
    _team_ids()
    form = Form()
    person_id = form.text("person", limit=40)
    first = form.day("since", today=today())
    at = _time(form, "at")
    if not form:
        flash(" ".join(form.faults.values()), "bad")
        return redirect(_back_to(person_id), 303)
    since = datetime.combine(first, at or time())
    was_away = record_absence.record_back(parts(), viewer(), person_id, since)
    at_words = f", {clock(since)}" if at else ""
    flash(
        phrase("Back since %(when)s.", when=day(since) + at_words)
        if was_away
        else phrase("Nobody was away on %(when)s.", when=day(since) + at_words),
        "ok",
    )
    return redirect(_back_to(person_id), 303)


@pages.post("/away/take-back")
@allow("absences", "write")
def take_back() -> Response:
    """Take back an absence that was written by mistake."""
    _team_ids()
    form = Form()
    person_id = form.text("person", limit=40)
    try:
        start = datetime.fromisoformat(form.text("start", limit=19)).replace(tzinfo=None)
    except ValueError:
        raise NotFoundError(phrase("There is no such absence.")) from None
    stood = record_absence.take_back(parts(), viewer(), person_id, start)
    flash(
        phrase("Taken back: it is as if it had never been written.") if stood else phrase("It stood no longer."), "ok"
    )
    return redirect(_back_to(person_id), 303)


def _back_to(person_id: str) -> str:
    if request.args.get("back") == "away":
        return url_for("away.show")
    return url_for("people.show", person_id=person_id or viewer().person_id)


@pages.get("/away/room")
@allow("draft", "write")
def room() -> str:
    """Ask which room is closed, from when and until when."""
    return _room_page(Form({}))


def _only_repairers() -> None:
    if not reach_here().everything:
        raise NotFoundError(phrase("This page does not exist."))


def _room_page(form: Form) -> str:
    _only_repairers()
    organisation = _frame()
    sites = {s.id: s for s in organisation.sites}
    rooms = {r.id: r for r in organisation.rooms}
    closed = [
        {
            "id": c.room_id,
            "name": rooms[c.room_id].name,
            "words": until_words(c.start, c.end),
            "repairs": url_for("repairs.show", room=c.room_id),
        }
        for c in organisation.closures
        if c.end is None or c.end > local(now(), sites[rooms[c.room_id].site_id].zone)
    ]
    return render_template(
        "away/room.html",
        errors=form.faults,
        tabs_here=_tabs("away.room"),
        rooms=[(r.id, f"{r.name}, {sites[r.site_id].name}") for r in organisation.rooms],
        room=form.typed("room", request.args.get("room", "")[:40]),
        typed=_typed(form),
        closed=closed,
    )


@pages.post("/away/room")
@allow("draft", "write")
def close_room() -> Response:
    """Write that a room is closed and go to what that touches."""
    _only_repairers()
    form = Form()
    organisation = _organisation()
    rooms = {r.id: r for r in organisation.rooms}
    room_id = form.choice("room", rooms)
    site = rooms[room_id].site_id if room_id in rooms else ""
    stretch = _stretch(form, clock_of_site(organisation, site, now()).now)
    if not form:
        return Response(_room_page(form), 422, mimetype="text/html")
    news = record_absence.close_room(parts(), viewer(), Closure(room_id, stretch.start, stretch.end))
    words = until_words(stretch.start, stretch.end)
    name = rooms[room_id].name
    flash(
        phrase("%(name)s is closed %(when)s.", name=name, when=words)
        if news
        else phrase("%(name)s is closed then already.", name=name),
        "ok",
    )
    return redirect(url_for("repairs.show", room=room_id), 303)


@pages.post("/away/room/open")
@allow("draft", "write")
def open_room() -> Response:
    """Write that a room is in use again from now on."""
    _only_repairers()
    form = Form()
    organisation = _frame()
    rooms = {r.id: r for r in organisation.rooms}
    room_id = form.choice("room", rooms)
    if not form:
        raise NotFoundError(phrase("There is no such room."))
    since = clock_of_site(organisation, rooms[room_id].site_id, now()).now
    closed = record_absence.open_room(parts(), viewer(), room_id, since)
    flash(
        phrase("%(name)s is in use again.", name=rooms[room_id].name)
        if closed
        else phrase("%(name)s was not closed now.", name=rooms[room_id].name),
        "ok",
    )
    return redirect(url_for("away.room"), 303)


@pages.get("/away/queue")
@allow("requirement", "write")
def queue() -> str:
    """Ask which queue needs its people, how many more and until when."""
    return _queue_page(Form({}))


def _queue_page(form: Form) -> str:
    _only_repairers()
    organisation = _frame()
    sites = {s.id: s for s in organisation.sites}
    queues = {q.id: q for q in organisation.queues}
    chosen = form.typed("queue", request.args.get("queue", "")[:40])
    site = queues[chosen].site_id if chosen in queues else next((q.site_id for q in organisation.queues), "")
    at_now = _half(clock_of_site(organisation, site, now()).now)
    going_on = [
        {
            "id": e.queue_id,
            "name": queues[e.queue_id].name,
            "words": phrase("%(agents)s more %(when)s", agents=e.agents, when=until_words(e.start, e.end)),
            "repairs": url_for("repairs.show", queue=e.queue_id),
        }
        for e in organisation.emergencies
        if e.end > local(now(), sites[queues[e.queue_id].site_id].zone)
    ]
    return render_template(
        "away/queue.html",
        errors=form.faults,
        tabs_here=_tabs("away.queue"),
        queues=[(q.id, f"{q.name}, {sites[q.site_id].name}") for q in organisation.queues],
        queue=chosen,
        agents=form.typed("agents", "1"),
        day=form.typed("from", at_now.date().isoformat()),
        start=form.typed("at", f"{at_now:%H:%M}"),
        until=form.typed("back", f"{at_now + SOON:%H:%M}" if (at_now + SOON).date() == at_now.date() else "23:30"),
        zone=zone_name(sites[site].zone) if site in sites else "UTC",
        going_on=going_on,
        name=queues[chosen].name if chosen in queues else "",
        halves=_next_hours(chosen, sites[site].zone) if chosen in queues else (),
    )


def _next_hours(queue_id: str, zone: str) -> tuple[Half, ...]:
    """Give the next hours of a queue as the published plan leaves them."""
    with parts().store.read() as db:
        site = calendar_figures.queues(db)[queue_id].site_id if people.how_many(db) > WHOLE_PEOPLE else ""
        found = staffing(db, parts().store.url, Horizon(monday_of(now().date()), 2), site)
        load = published_load(db, parts().store.url, found, programme.activities(db))
    return next_halves(found, load, queue_id, now(), zone)


def _half(moment: datetime) -> datetime:
    """Give the half hour of the clock that a moment lies in."""
    over = (moment.minute * 60 + moment.second) % SLOT_SECONDS
    return moment.replace(microsecond=0) - timedelta(seconds=over)


@pages.post("/away/queue")
@allow("requirement", "write")
def call() -> Response:
    """Write the emergency and go to who can return."""
    _only_repairers()
    form = Form()
    organisation = _frame()
    queues = {q.id: q for q in organisation.queues}
    queue_id = form.choice("queue", queues)
    agents = form.number("agents", least=1, most=record_absence.MOST_AGENTS)
    first = form.day("from", today=today())
    at, until = _time(form, "at"), _time(form, "back")
    for name, value in (("at", at), ("back", until)):
        if value is None:
            form.fault(name, phrase("A time such as 08:30."))
    if form and at is not None and until is not None:
        start, end = datetime.combine(first, at), datetime.combine(first, until)
        end += timedelta(days=end <= start)  # a shift over midnight
        try:
            record_absence.call_emergency(parts(), viewer(), Emergency(queue_id, start, end, agents))
        except InvalidError as error:
            form.take(error, "back")
        else:
            flash(
                phrase(
                    "%(name)s needs %(agents)s more %(when)s.",
                    name=queues[queue_id].name,
                    agents=agents,
                    when=until_words(start, end),
                ),
                "ok",
            )
            return redirect(url_for("repairs.show", queue=queue_id), 303)
    return Response(_queue_page(form), 422, mimetype="text/html")


@pages.post("/away/queue/end")
@allow("requirement", "write")
def end() -> Response:
    """Write that a queue needs no more than usual from now on."""
    _only_repairers()
    form = Form()
    queues = {q.id: q for q in _organisation().queues}
    queue_id = form.choice("queue", queues)
    if not form:
        raise NotFoundError(phrase("There is no such queue."))
    over = record_absence.end_emergency(parts(), viewer(), queue_id)
    name = queues[queue_id].name
    flash(
        phrase("%(name)s needs no more than usual from now on.", name=name)
        if over
        else phrase("%(name)s needed no more than usual.", name=name),
        "ok",
    )
    return redirect(url_for("away.queue"), 303)
