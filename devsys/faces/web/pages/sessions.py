"""One session: when, where, who, why, its history; moving, pinning and leaving out in a draft; who was there."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from devsys.actions import edit_draft, give_feedback, meet_online, record_attendance
from devsys.actions.edit_draft import Edited
from devsys.adapters.store.queries import answers, near, plans, sessions, standing, visible
from devsys.adapters.store.queries.answers import Answer
from devsys.adapters.store.queries.sessions import Wanted
from devsys.adapters.store.store import Db
from devsys.base.errors import InvalidError, NotFoundError
from devsys.base.words import phrase, phrases
from devsys.base.written import clock, duration, full_day, period, zone_name
from devsys.base.written import day as day_words
from devsys.core.model.calendar import Session, Status
from devsys.core.model.causes import FOR_THE_QUEUE
from devsys.core.model.programme import Kind
from devsys.core.policy import allow, scope
from devsys.faces.web.agenda_values import state_for
from devsys.faces.web.asked import on_grid, week_code
from devsys.faces.web.feedback_values import heard_values
from devsys.faces.web.filters import local
from devsys.faces.web.forms import Form
from devsys.faces.web.here import now, parts, today, viewer
from devsys.faces.web.here import scope as reach_here
from devsys.faces.web.history_values import told
from devsys.faces.web.session_values import Moment, Names, Seen, discreet, names, seen
from devsys.faces.web.shown import names_for
from devsys.faces.web.shown import why as why_there
from devsys.faces.web.signin import local_path
from devsys.faces.web.why import move_choice
from devsys.faces.web.year_values import PRINCIPLES

pages = Blueprint("sessions", __name__)
NOBODY: Final = "-"  # no room, or nobody leading, in a form whose empty choice means "as it is"
QUEUE: Final = "queue"  # left out for the queue: the ledger has a column of its own for it
MOST_FINDINGS: Final = 3


@dataclass(frozen=True, slots=True)
class Found:
    """One session as the viewer may see it; `draft_id` is set where it is shown as a draft has it."""

    one: Seen
    names: Names
    moment: Moment
    draft_id: str | None

    @property
    def session(self) -> Session:
        """The session itself."""
        return self.one.session


@pages.get("/sessions/<session_id>")
@allow("sessions")
def show(session_id: str) -> str:
    """Show a session."""
    with parts().store.read() as db:
        found = _find(db, session_id)
        past = told(db, session_id, found.names) if found.one.full else ()
        said = answers.of_sessions(db, [session_id]) if found.draft_id is None else {}
        heard = _heard(db, found)
        marks = sessions.attendance(db, [session_id]).get(session_id, {})
        join = meet_online.join(db, viewer(), found.session) if found.one.full else ""
    return render_template(
        "sessions/show.html",
        **_page(found, join),
        history=past,
        **_answers(found, said),
        **heard,
        **_attendance(found, marks),
    )


def _round(found: Found, *, mine: bool) -> str:
    """Give the address of a case round's own page where the viewer may open it."""
    s = found.session
    activity = found.names.activities.get(s.activity)
    known = found.draft_id is None and activity is not None and activity.kind is Kind.ROUND
    reach = scope(viewer(), "situations", "read")
    open_to = reach.covers(person_id=viewer().person_id if mine else None, assigned_to=s.facilitator_id)
    return url_for("rounds.show", session_id=s.id) if known and open_to else ""


def _find(db: Db, session_id: str) -> Found:
    """Give a session within reach: published, or as a draft has it. Raises NotFoundError."""
    draft_id = request.args.get("draft", "") or None
    wanted = Wanted(ids=frozenset({session_id}), planned_only=False)
    found: tuple[Session, ...] = ()
    if draft_id is None:
        found = sessions.published(db, wanted, visible.reach(reach_here()))
        draft_id = None if found else standing.draft_with(db, session_id)
    drafted: frozenset[str] = frozenset()
    if draft_id is not None:
        reach = scope(viewer(), "draft", "read")
        if not reach or plans.draft(db, draft_id).state != "open":
            raise NotFoundError(phrase("There is no such session."))
        found = sessions.as_drafted(db, draft_id, wanted, visible.reach(reach))
        drafted = frozenset(s.id for s in found if standing.changes(db, draft_id, s.id))
    if not found:
        raise NotFoundError(phrase("There is no such session."))
    known = names(db)
    moment = Moment(now(), edit_draft.frozen_until(now(), parts().settings.freeze_days), drafted)
    return Found(seen(found[0], viewer(), known, moment), known, moment, draft_id)


def _page(found: Found, join: str) -> dict[str, Any]:
    one, s = found.one, found.session
    activity = found.names.activities.get(s.activity) if one.full else None
    edits = bool(scope(viewer(), "draft", "write"))
    mine = viewer().person_id in s.people
    leads = s.facilitator_id == viewer().person_id
    back = url_for("week.show", week=week_code(s.starts.date()), session=s.id, draft=found.draft_id)
    alive = edits and s.starts_utc > now() and s.status is Status.PLANNED
    there: dict[str, Any] = {"session_id": s.id, "draft": found.draft_id}
    return {
        "one": one,
        "shown_state": state_for(one),
        "when": f"{full_day(s.starts.date())}, {period(s.starts, s.ends)}",
        "zone": zone_name(s.zone),
        "elsewhere": _elsewhere(s),
        "length": duration(s.minutes),
        "place": _place(found),
        "join": join,
        "comes": _comes(found),
        "coming": len(s.places),
        "why": why_there(activity) if mine and activity else "",
        "leads": leads,
        "round": _round(found, mine=mine),
        "activity": activity,
        "principles": [PRINCIPLES[p] for p in activity.principles] if activity else [],
        "outline": activity.outline if activity and (leads or edits) else (),
        "subscribe": url_for("feeds.show") if mine or leads else "",
        "week": back if scope(viewer(), "sessions", "read").wide else "",
        "move": url_for("sessions.move", **there) if alive and not s.pinned else "",
        "leave_out": url_for("sessions.leave_out", **there, back=back) if alive and not s.pinned else "",
        "pin": url_for("sessions.pin", **there, back=url_for("sessions.show", **there)) if alive else "",
        "undo": url_for("sessions.undo", **there, back=back) if edits and s.id in found.moment.drafted else "",
        "published": url_for("sessions.show", session_id=s.id) if found.draft_id else "",
    }


def _elsewhere(session: Session) -> str:
    """Say the reader's own time where the zones differ at that moment."""
    there, here = local(session.starts_utc, session.zone), local(session.starts_utc, viewer().zone)
    if there.utcoffset() == here.utcoffset():
        return ""
    ends = local(session.ends_utc, viewer().zone)
    day = "" if here.date() == there.date() else f"{day_words(here.date())}, "
    return phrase("%(when)s where you are (%(zone)s)", when=f"{day}{period(here, ends)}", zone=zone_name(viewer().zone))


def _place(found: Found) -> str:
    room = found.names.room(found.session.room_id)
    site = found.names.sites.get(found.session.site_id)
    if not room:
        return phrase("Online")
    return phrase("Room %(room)s, %(site)s", room=room, site=site.name) if site else phrase("Room %(room)s", room=room)


def _comes(found: Found) -> list[tuple[str, list[str]]]:
    """Give who comes by team: everybody's names where the session may be known, the one person of a masked one."""
    s, known = found.session, found.names
    if not found.one.full and not scope(viewer(), "sessions", "read").wide:
        return []
    by_team: dict[str, list[str]] = {}
    for person_id in sorted(s.people, key=known.person):
        member = known.people.get(person_id)
        by_team.setdefault(known.team(member.team_id if member else None) or phrase("No team"), []).append(
            known.person(person_id)
        )
    return sorted(by_team.items())


def _heard(db: Db, found: Found) -> dict[str, Any]:
    """Give what is heard of the activity, to who leads the session and to planners, and what the viewer is asked."""
    s = found.session
    own = s.ends_utc <= now() and viewer().person_id in s.people and found.draft_id is None
    asked = give_feedback.asked_of(db, parts(), viewer().person_id) if own else ()
    leads = s.facilitator_id == viewer().person_id or scope(viewer(), "feedback", "read").everything
    one = give_feedback.heard_of(db, viewer(), s.activity) if leads and s.starts_utc <= now() else None
    return {
        "ask": url_for("feedback.ask", session_id=s.id) if any(a.session.id == s.id for a in asked) else "",
        "heard": heard_values(one, names_for(db, [s]))["stages"] if one else [],
        "hears": one is not None,
    }


def _answers(found: Found, said: Mapping[tuple[str, str], Answer]) -> dict[str, Any]:
    """Give what the viewer may answer and has answered; to who leads it and to planners, who cannot come."""
    s = found.session
    ahead = s.starts_utc > now() and s.status is Status.PLANNED and found.draft_id is None
    mine = ahead and viewer().person_id in s.people
    own = said.get((s.id, viewer().person_id))
    reach = scope(viewer(), "answers", "read")
    hears = found.one.full and reach.covers(assigned_to=s.facilitator_id or None)
    no = [p for (_, p), one in said.items() if not one.comes and (one.about(s) or p not in s.people)]
    return {
        "answer": url_for("answers.show", session_id=s.id) if mine else "",
        "hand_over": url_for("asked.over", session_id=s.id) if ahead and s.facilitator_id == viewer().person_id else "",
        "observe": _observe(s),
        "answered": own.says if own and own.about(s) and mine else "",
        "cannot": sorted(found.names.person(p) for p in no) if hears else [],
        "yes": sum(1 for p in s.people if (one := said.get((s.id, p))) and one.comes and one.about(s)) if hears else 0,
    }


def _observe(session: Session) -> str:
    """Give where who leads a session notes what they saw of somebody in it, once it has begun; else nothing."""
    leads = session.facilitator_id == viewer().person_id and not session.series
    may = leads and session.starts_utc <= now() and session.status is Status.PLANNED
    if not may or not scope(viewer(), "observations", "write"):
        return ""
    return url_for("observations.new", session=session.id)


def _attendance(found: Found, marks: Mapping[str, bool]) -> dict[str, Any]:
    """Give the check boxes: everybody counts as present until somebody says otherwise."""
    s, known = found.session, found.names
    begun = s.starts_utc <= now() and s.status is Status.PLANNED and found.draft_id is None
    if not begun or not record_attendance.may_mark(viewer(), s):
        return {"boxes": [], "marked": False, "mark": ""}
    people_there = sorted(s.people, key=known.person)
    return {
        "boxes": [(p, known.person(p), marks.get(p, True)) for p in people_there],
        "marked": bool(marks),
        "mark": url_for("sessions.attendance", session_id=s.id),
    }


@pages.post("/sessions/<session_id>/attendance")
@allow("attendance", "write")
def attendance(session_id: str) -> Response | str:
    """Keep who was there; by script the answer is one line, without it the page again."""
    ticked = set(request.form.getlist("present"))
    with parts().store.read() as db:
        found = _find(db, session_id)
    marks = {person_id: person_id in ticked for person_id in found.session.people}
    record_attendance.mark(parts(), viewer(), session_id, marks)
    there = sum(marks.values())
    words = phrase(
        "%(there)s of %(all)s were there. Kept at %(time)s.",
        there=there,
        all=len(marks),
        time=clock(local(now(), viewer().zone)),
    )
    if request.headers.get("HX-Request"):
        return render_template("sessions/kept.html", words=words)
    flash(words, "ok")
    return redirect(url_for("sessions.show", session_id=session_id), 303)


@pages.get("/sessions/<session_id>/move", endpoint="move_form")
@allow("draft", "write")
def ask_to_move(session_id: str) -> str:
    """Ask for the new day, time, facilitator, room and cause."""
    with parts().store.read() as db:
        found = _find(db, session_id)
        return _move_page(db, found, Form({}))


def _move_page(db: Db, found: Found, form: Form) -> str:
    s = found.session
    organisation = near.frame(db)
    activity = found.names.activities.get(s.activity)
    able = {
        f.person_id
        for f in organisation.facilitators
        if s.site_id in f.site_ids and (activity is None or activity.qualification in f.qualifications)
    }
    choice = move_choice(found.one, found.moment, today(), url_for("sessions.move", **_there(found)))
    return render_template(
        "sessions/move.html",
        one=found.one,
        choice=choice,
        zone=zone_name(s.zone),
        errors=form.faults,
        day=form.typed("day", s.starts.date().isoformat()),
        time=form.typed("time", f"{s.starts:%H:%M}"),
        facilitators=[("", phrase("As it is: %(what)s", what=found.one.facilitator or phrase("nobody")))]
        + [(p.id, p.name) for p in found.names.people.values() if p.id in able and p.id != s.facilitator_id],
        rooms=[("", phrase("As it is: %(what)s", what=found.one.place))]
        + [(r.id, r.name) for r in found.names.rooms.values() if r.site_id == s.site_id and r.id != s.room_id]
        + ([(NOBODY, phrase("No room, online"))] if s.room_id else []),
        typed={name: form.typed(name) for name in ("facilitator", "room", "cause")},
        back=_back(found.draft_id, s),
    )


def _there(found: Found) -> dict[str, Any]:
    return {"session_id": found.session.id, "draft": found.draft_id, "back": request.args.get("back")}


@pages.post("/sessions/<session_id>/move")
@allow("draft", "write")
def move(session_id: str) -> Response:
    """Move a session in the draft asked for, or in the viewer's own; flagged where it breaks a rule, never refused."""
    form = Form()
    with parts().store.read() as db:
        found = _find(db, session_id)
    starts = _start(form, found.session)
    cause = form.text("cause", required=False)
    leader, room = form.text("facilitator", required=False), form.text("room", required=False)
    if form:
        try:
            done = edit_draft.move(
                parts(),
                viewer(),
                found.draft_id,
                session_id,
                starts,
                facilitator_id=_chosen(leader),
                room_id=_chosen(room),
                cause=cause,
            )
        except InvalidError as error:
            form.take(error, "day")
        else:
            _say(
                done,
                found.names,
                phrase("Moved to %(day)s, %(time)s, in your draft.", day=day_words(starts.date()), time=clock(starts)),
            )
            return redirect(_back(done.draft_id, found.session), 303)
    with parts().store.read() as db:
        return Response(_move_page(db, found, form), 422, mimetype="text/html")


def _chosen(value: str) -> str | None:
    return None if value == NOBODY else value


def _start(form: Form, session: Session) -> datetime:
    """Give the start asked for: `start` from the grid (set on the half hours of the site), or `day` and `time`."""
    given = form.text("start", limit=16, required=False)
    try:
        if given:
            wall = datetime.fromisoformat(given).replace(tzinfo=None, second=0, microsecond=0)
            return on_grid(wall, session.zone)
        day, at = form.text("day", limit=10), form.text("time", limit=5)
        return datetime.combine(date.fromisoformat(day), time.fromisoformat(at).replace(tzinfo=None))
    except (ValueError, OverflowError):
        form.fault("day" if not given else "time", phrase("Choose a day and a time."))
        return session.starts


@pages.post("/sessions/<session_id>/leave-out")
@allow("draft", "write")
def leave_out(session_id: str) -> Response:
    """Leave a session out of the draft; its needs become owed."""
    with parts().store.read() as db:
        found = _find(db, session_id)
    try:
        form = Form()
        cause = form.text("cause", required=False)
        if form.choice("why", ("", QUEUE), default="") == QUEUE:
            cause = FOR_THE_QUEUE
        form.check()
        done = edit_draft.leave_out(parts(), viewer(), found.draft_id, session_id, cause=cause)
    except InvalidError as error:
        flash(error.message, "bad")
        return redirect(_back(found.draft_id, found.session), 303)
    needs = sum(1 for place in found.session.places if place.need)
    words = phrases(
        "Left out in your draft; %(num)s need is owed now.",
        "Left out in your draft; %(num)s needs are owed now.",
        needs,
    )
    _say(done, found.names, words)
    return redirect(_back(done.draft_id, found.session), 303)


@pages.post("/sessions/<session_id>/undo")
@allow("draft", "write")
def undo(session_id: str) -> Response:
    """Take back what the draft does to a session."""
    with parts().store.read() as db:
        found = _find(db, session_id)
    if found.draft_id is None:
        raise NotFoundError(phrase("No draft changes this session."))
    done = edit_draft.undo(parts(), viewer(), found.draft_id, session_id)
    _say(done, found.names, phrase("Undone: the session is as published, or gone if only the draft had it."))
    return redirect(_back(done.draft_id, found.session), 303)


@pages.post("/sessions/<session_id>/pin")
@allow("draft", "write")
def pin(session_id: str) -> Response:
    """Pin a session, or let it go."""
    with parts().store.read() as db:
        found = _find(db, session_id)
    edit_draft.pin(parts(), viewer(), session_id, pinned=not found.session.pinned, draft_id=found.draft_id)
    flash(
        phrase("The session is let go: plans may move it.")
        if found.session.pinned
        else phrase("Pinned: no plan moves it."),
        "ok",
    )
    return redirect(_back(found.draft_id, found.session), 303)


def _say(done: Edited, known: Names, words: str) -> None:
    """Say what was done, in which draft, and what it breaks."""
    opened = phrase("A draft was opened for it; nobody is told before you publish it.") if done.opened else ""
    flash(f"{words} {opened}".rstrip(), "ok")
    for violation in done.findings[:MOST_FINDINGS]:
        flash(phrase("%(what)s Put this right before publishing.", what=discreet(violation.what, known)), "warn")
    if len(done.findings) > MOST_FINDINGS:
        more = len(done.findings) - MOST_FINDINGS
        words = phrases(
            "And %(num)s more rule broken: see the draft.", "And %(num)s more rules broken: see the draft.", more
        )
        flash(words, "warn")


def _back(draft_id: str | None, session: Session) -> str:
    """Give where the press came from, in the draft it went into; else the session's week."""
    asked = local_path(request.args.get("back", ""))
    if asked == "/":
        values: dict[str, Any] = {"week": week_code(session.starts.date()), "session": session.id, "draft": draft_id}
        return url_for("week.show", **values)
    split = urlsplit(asked)
    query = {**dict(parse_qsl(split.query)), **({"draft": draft_id} if draft_id else {})}
    at = f"#s-{session.id}" if split.path == url_for("week.show") else ""  # where the focus was
    return (f"{split.path}?{urlencode(query)}" if query else split.path) + at
