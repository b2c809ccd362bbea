"""The week by team, facilitator or room: a day under the lens, the queue beneath, why beside it, a list equal to it."""

from dataclasses import replace
from datetime import datetime, timedelta

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from devsys.adapters.store.queries import sessions, standing, visible
from devsys.adapters.store.queries.plans import Draft
from devsys.base.errors import Fault, InvalidError, NotFoundError
from devsys.base.words import phrase
from devsys.base.written import number, zone_name
from devsys.core.policy import allow, scope
from devsys.faces.web import asked
from devsys.faces.web.agenda_values import CSV_HEADS, csv_line
from devsys.faces.web.csv_answer import csv_answer
from devsys.faces.web.drawing_week import DrawnWeek, WeekGrid, draw_week
from devsys.faces.web.filters import local
from devsys.faces.web.here import now, parts, today, viewer
from devsys.faces.web.here import scope as reach_here
from devsys.faces.web.session_values import Moment, Names, Seen, names, seen
from devsys.faces.web.week_choice import (
    choice_of,
    crumb_of,
    drafts_of,
    emergency_of,
    links_of,
    may_edit,
    notes_of,
    shapes_of,
    title_of,
    views_of,
)
from devsys.faces.web.week_list import days_of
from devsys.faces.web.week_picture import ROWS, NoSiteError, Picture, read_week
from devsys.faces.web.week_values import (
    Addresses,
    coverage_days,
    free_times,
    grid_days,
    grid_row,
    grid_session,
    recovery_of,
)
from devsys.faces.web.why import Why, asks, told, why

pages = Blueprint("week", __name__)


@pages.get("/week")
@allow("sessions")
def show() -> str:
    """Show the week."""
    try:
        with parts().store.read() as db:
            found = read_week(db)
    except NoSiteError:
        return render_template("week/empty.html", can_bring=bool(scope(viewer(), "imports", "write")))
    drawn = _drawn(found)
    chosen = _chosen(found)
    wish = found.wish
    return render_template(
        "week/show.html",
        title=title_of(found),
        crumb=crumb_of(found),
        week=drawn,
        label=phrase("%(whose)s, week %(number)s", whose=title_of(found), number=wish.monday.isocalendar().week),
        days=days_of(found),
        views=views_of(found),
        shapes=shapes_of(found),
        as_list=wish.listed,
        steps=found.steps,
        rows_words=_rows_words(found),
        links=links_of(found),
        choice=choice_of(found),
        drafts=drafts_of(found),
        draft=wish.draft,
        queues=[(wish.link(queue=q), _queue_name(found, q), q == wish.queue_id) for q in found.queues],
        why=chosen,
        edits=may_edit(),
        asks=scope(viewer(), "draft", "read").wide,
        reasons_href=wish.link(session=wish.session_id, reasons=1) if chosen else "",
        zone=zone_name(found.frame.zone),
        notes=notes_of(found),
        emergency=emergency_of(wish.queue_id) if wish.draft is None else "",
    )


@pages.get("/week/why", endpoint="why")
@allow("draft")
def reasons() -> str:
    """Give the panel of one session with the planner's reasons: what the week page asks for once it stands."""
    one, known, moment, draft = _asked_session()
    return render_template(
        "week/why.html", why=why(one, known, moment, draft, back=url_for("week.show"), today=today(), reasons=True)
    )


@pages.get("/week/why-not", endpoint="why_not")
@allow("draft")
def against() -> str:
    """Give only the answer to why a session is not at another time: what script asks for."""
    one, _known, moment, draft = _asked_session()
    at = asked.start(one.session.zone, today())
    if at is None:
        raise InvalidError(phrase("Choose a day and a time."), (Fault("time", phrase("a start on the half hour")),))
    back = url_for("week.show", week=asked.week_code(at.date()), session=one.session.id, draft=draft and draft.id)
    return render_template("week/why_not.html", told=told(one, moment, draft.id if draft else None, at, back))


def _asked_session() -> tuple[Seen, Names, Moment, Draft | None]:
    """Give the session an address asks about, as the viewer may see it. Raises NotFoundError."""
    session_id = request.args.get("session", "")
    with parts().store.read() as db:
        draft = asked.draft(db, viewer())
        wanted = sessions.Wanted(ids=frozenset({session_id}))
        reach = visible.reach(reach_here())
        there = sessions.as_drafted(db, draft.id, wanted, reach) if draft else sessions.published(db, wanted, reach)
        if not there:
            raise NotFoundError(phrase("There is no such session."))
        known = names(db)
        drafted = frozenset({session_id}) if draft and standing.changes(db, draft.id, session_id) else frozenset()
    moment = Moment(now(), now() + timedelta(days=parts().settings.freeze_days), drafted)
    return seen(there[0], viewer(), known, moment), known, moment, draft


@pages.get("/week.csv", endpoint="csv")
@allow("sessions")
def as_csv() -> Response:
    """Give the sessions of the week as a file."""
    with parts().store.read() as db:
        found = read_week(db)
    return csv_answer(
        f"week-{asked.week_code(found.wish.monday)}.csv", CSV_HEADS, (csv_line(one) for one in found.seen)
    )


@pages.get("/week/queue.csv", endpoint="queue_csv")
@allow("requirement")
def queue_as_csv() -> Response:
    """Give what is required, left and to spare on the queue in each half hour of the week as a file."""
    with parts().store.read() as db:
        found = read_week(db)
    drawn = _drawn(found)
    rows = [(day.day, *line) for day in drawn.coverage for line in day.table]
    heads = ("Day", "Half hour", "Required", "Left", "To spare")
    return csv_answer(f"queue-{asked.week_code(found.wish.monday)}.csv", heads, rows)


def _drawn(found: Picture) -> DrawnWeek:
    wish, frame = found.wish, found.frame
    keys = frozenset(row.key for row in found.rows)
    recovery = recovery_of(found.seen, found.names.activities, frame.zone) if wish.view == "people" else {}
    holidays = found.staffed.organisation.holidays.get(wish.site.id, {})
    hrefs = {day: wish.link(day=day.isoformat()) for day in frame.days}
    chosen = next((s for s in found.seen if s.session.id == wish.session_id), None)
    organisation = found.staffed.organisation
    away, busy = organisation.absences, organisation.busy
    return draw_week(
        WeekGrid(
            days=grid_days(frame, holidays, hrefs, today()),
            lens=found.lens,
            opens=frame.opens,
            closes=frame.closes,
            rows=tuple(grid_row(r, frame, found.staffed, away, recovery.get(r.key, ()), busy=busy) for r in found.rows),
            sessions=tuple(
                grid_session(
                    one,
                    frame,
                    wish.view,
                    keys,
                    _addresses(found, one),
                    selected=one is chosen,
                    flags=found.flags.get(one.session.id, ()),
                )
                for one in found.seen
            ),
            coverage=coverage_days(
                frame, found.staffed, wish.queue_id, found.away[wish.queue_id], found.published[wish.queue_id]
            )
            if wish.queue_id
            else (),
            queue_words=phrase("%(name)s queue", name=_queue_name(found, wish.queue_id)),
            frozen_until=local(found.moment.frozen_until, frame.zone).replace(tzinfo=None),
            free=_free(found, chosen),
            free_words=phrase("%(name)s free", name=chosen.facilitator) if chosen and chosen.facilitator else "",
        )
    )


def _rows_words(found: Picture) -> str:
    """Say which of many rows are shown; nothing where all are."""
    if not found.more_rows:
        return ""
    first = (found.wish.page - 1) * ROWS + 1
    return phrase(
        "%(first)s to %(last)s of %(all)s",
        first=number(first),
        last=number(first + len(found.rows) - 1),
        all=number(len(found.rows) + found.more_rows),
    )


def _queue_name(found: Picture, queue_id: str) -> str:
    return next((q.name for q in found.staffed.organisation.queues if q.id == queue_id), "")


def _free(found: Picture, chosen: Seen | None) -> tuple[tuple[datetime, datetime], ...]:
    """Give when the facilitator of the chosen session is at work and leads nothing else that is shown."""
    if chosen is None or not chosen.facilitator:
        return ()
    leader = chosen.session.facilitator_id
    busy = [
        (start, start + timedelta(minutes=s.session.minutes))
        for s in found.seen
        if s.session.facilitator_id == leader and s is not chosen and s.state != "cancelled"
        for start in (local(s.session.starts_utc, found.frame.zone).replace(tzinfo=None),)
    ]
    return free_times(found.staffed.works.get(leader or "", ()), busy, found.lens, found.frame, found.staffed)


def _addresses(found: Picture, one: Seen) -> Addresses:
    """Give where a session leads; past, pinned, frozen or cancelled ones are not dragged (a form asks the cause)."""
    wish = found.wish
    back = wish.link(session=one.session.id)
    draft_id = wish.draft.id if wish.draft else None
    ahead = one.session.starts_utc > now()
    move = pin = form = ""
    if may_edit() and ahead:
        if one.state in ("published", "draft") and not one.session.pinned and not _frozen(found, one):
            move = url_for("sessions.move", session_id=one.session.id, draft=draft_id, back=wish.link())
        elif one.state != "cancelled" and not one.session.pinned:
            form = f"{back}#move"
        if one.state != "cancelled":
            pin = url_for("sessions.pin", session_id=one.session.id, draft=draft_id, back=back)
    ask = url_for("week.why_not", session=one.session.id, draft=draft_id) if asks(one) else ""
    return Addresses(back, move, pin, ask, form)


def _frozen(found: Picture, one: Seen) -> bool:
    return one.session.starts_utc < found.moment.frozen_until


def _chosen(found: Picture) -> Why | None:
    wish = found.wish
    if not wish.session_id:
        return None
    one = next((s for s in found.seen if s.session.id == wish.session_id), None)
    if one is None:
        return None
    told = why(
        one,
        found.names,
        found.moment,
        wish.draft,
        back=wish.link(session=one.session.id),
        today=today(),
        reasons="reasons" in request.args,
        at=asked.start(one.session.zone, today()),
    )
    return replace(told, flags=found.flags.get(one.session.id, ()))
