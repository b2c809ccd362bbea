"""Repairs: what cannot stand, what can be done about it, the difference of it alone, published as its own version."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from devsys.actions import edit_draft, repair_absence
from devsys.actions.repair_absence import LATER, About, Look, Published, Settled
from devsys.adapters.store.queries import calendar_figures, plans, standing
from devsys.adapters.store.store import Db
from devsys.base.errors import ConflictError, InvalidError, NotFoundError
from devsys.base.words import phrase, phrases
from devsys.base.written import several, spoken, zone_name
from devsys.core.model.causes import FOR_THE_QUEUE
from devsys.core.model.hours import local
from devsys.core.policy import allow
from devsys.faces.web.away_values import until_words
from devsys.faces.web.diff_values import Diff, diff
from devsys.faces.web.forms import Form
from devsys.faces.web.here import now, parts, viewer
from devsys.faces.web.here import scope as reach_here
from devsys.faces.web.one_site import OneSite, one_site
from devsys.faces.web.repair_values import (
    Eyes,
    Stuck,
    about_words,
    disturbed_words,
    head,
    lines,
    whole_days,
)
from devsys.faces.web.session_values import Moment, Names, discreet, names
from devsys.faces.web.telling_values import LETTERS, MORNING, SOON, told
from devsys.faces.web.words import concerned_words

pages = Blueprint("repairs", __name__)
PICK: Final = "s-"  # the fields of the form: a session's id after it
MOST_STUCK: Final = 20


def _about() -> About:
    """Give what the address asks about. Raises NotFoundError for a viewer who repairs nothing."""
    if not reach_here().everything:
        raise NotFoundError(phrase("This page does not exist."))
    asked = {name: request.args.get(name, "")[:40] for name in ("person", "room", "queue")}
    about = About(asked["person"], asked["room"], asked["queue"], far=bool(request.args.get("far")))
    with parts().store.read() as db:
        return replace(about, site_id=_site_of(db, about))


def _site_of(db: Db, about: About) -> str:
    """Give the site that a look is about: where the person, room or queue is; "" for all of a small organisation."""
    theirs = ""
    if about.person_id:
        member = calendar_figures.members(db, [about.person_id]).get(about.person_id)
        team = calendar_figures.teams(db).get(member.team_id or "") if member else None
        theirs = team.site_id if team else ""
    elif about.room_id or about.queue_id:
        known = {**calendar_figures.rooms(db), **calendar_figures.queues(db)}
        named = known.get(about.room_id or about.queue_id)
        theirs = named.site_id if named else ""
    return one_site(db, viewer(), theirs or None).id


def _query(about: About, **more: str) -> dict[str, Any]:
    """Give an about as the query of an address."""
    asked = {"person": about.person_id, "room": about.room_id, "queue": about.queue_id, "far": "1" if about.far else ""}
    if about.site_id and not (about.person_id or about.room_id or about.queue_id):
        asked["site"] = about.site_id
    return {name: value for name, value in {**asked, **more}.items() if value}


@pages.get("/repairs")
@allow("draft", "write")
def show() -> str:
    """Show what cannot stand, soonest first, each with its ranked choices; the suggestions are taken already."""
    about = _about()
    found = _look(about)
    return _page(found, about, _whole_picks(found)) if found is not None else _nothing(about)


def _here(about: About) -> OneSite:
    """Give the sites to choose from where a look is about all of one."""
    if not about.site_id or about.person_id or about.room_id or about.queue_id:
        return OneSite()
    with parts().store.read() as db:
        return one_site(db, viewer(), about.site_id)


def _look(about: About) -> Look | None:
    """Look; None while there is nothing that could be repaired: nobody, no programme."""
    try:
        return repair_absence.look(parts(), about)
    except InvalidError:
        return None


def _nothing(about: About) -> str:
    return render_template(
        "repairs/show.html",
        title="What cannot stand",
        about=about,
        empty="Nothing is published yet, so nothing has to be repaired.",
        lines=(),
        stuck=(),
        waiting=0,
    )


def _whole_picks(found: Look) -> dict[str, str]:
    """Give the picks of the day's one substitute that the address asks for."""
    asked = request.args.get("whole", "")
    if not asked.isdecimal() or len(asked) > 2:  # noqa: PLR2004 -- nobody has a hundred of them
        return {}
    offers = whole_days(found, _names())
    return dict(offers[int(asked)].picks) if int(asked) < len(offers) else {}


def _names() -> Names:
    with parts().store.read() as db:
        return names(db)


def _page(found: Look, about: About, picks: Mapping[str, str], conflict: str = "", nothing: str = "") -> str:
    known = _names()
    moment = Moment(now(), edit_draft.frozen_until(now(), parts().settings.freeze_days))
    shown = lines(found, Eyes(viewer(), known, moment), picks)
    suggested = repair_absence.settle(found)
    with parts().store.read() as db:
        queues = {q.id: q.name for q in calendar_figures.queues(db).values()}
        rooms = {r.id: r.name for r in calendar_figures.rooms(db).values()}
    proved = found.certificate.proved
    return render_template(
        "repairs/show.html",
        title=about_words(about, known, rooms, queues),
        about=about,
        here=_here(about),
        empty=_empty_words(found, about),
        facts=_facts(found, about, known),
        lines=[one for one in shown if not one.only],
        single=[one for one in shown if one.only],
        head=head(found),
        count=len(shown),
        disturbed=disturbed_words(len(suggested.disturbed), proved=proved),
        proved=proved,
        certificate=found.certificate.sentence,
        follows=_follows(suggested),
        wholes=[
            (
                phrase("%(name)s leads all %(count)s of %(day)s", name=w.name, count=w.sessions, day=w.day),
                url_for("repairs.show", **_query(about, whole=str(n))),
            )
            for n, w in enumerate(whole_days(found, known))
        ],
        stuck=_stuck(found, known),
        waiting=len(found.waiting),
        far=url_for("repairs.show", **_query(about, far="1")),
        action=url_for("repairs.preview", **_query(about)),
        conflict=conflict,
        nothing=nothing,
        later=LATER,
        pick=PICK,
    )


def _follows(settled: Settled) -> list[tuple[str, str]]:
    """Say what follows from a repair: who sees it, the queue, what is owed, what becomes of drafts, what is left."""
    with parts().store.read() as db:
        meeting = standing.drafts_with(db, [d.after.id for d in settled.differences])
        waiting = len(plans.open_drafts(db))
    own, others = len(settled.concerned), len(settled.onlookers)
    calendars = phrases("%(num)s person has a change of their own", "%(num)s people have a change of their own", own)
    if others:
        more = (
            phrase("%(others)s more see who leads it", others=others)
            if settled.led_otherwise
            else phrase("%(others)s more see it", others=others)
        )
        calendars = f"{calendars}; {more}"
    found = [
        (phrase("Calendars"), calendars),
        (
            phrase("Queue"),
            phrase("not as it has to be") if settled.blocking else phrase("no half hour falls below its requirement"),
        ),
        (phrase("Owed"), _owed_words(settled)),
    ]
    if waiting:
        found.append((phrase("Drafts"), _drafts_words(waiting, sum(meeting.values()))))
    if settled.left:
        left = len(settled.left)
        stays = phrases("%(num)s session stays as it is for now", "%(num)s sessions stay as they are for now", left)
        found.append((phrase("Left"), stays))
    return found


def _empty_words(found: Look, about: About) -> str:
    if found.affected:
        return ""
    if about.person_id or about.room_id:
        return phrase("Nothing is touched: nobody's sessions fall into this time.")
    if about.queue_id:
        return phrase("Nothing is touched: the queue keeps the people it needs, sessions included.")
    return phrase("Everything stands: every published session of the next weeks can be held as it is.")


def _facts(found: Look, about: About, known: Names) -> list[tuple[str, str]]:
    """Give who is away and until when, or what else it is about."""
    o = found.brief.organisation
    sites = {s.id: s for s in o.sites}
    if about.person_id:
        zone = viewer().zone
        stretches = [
            until_words(a.start, a.end)
            for a in o.absences
            if a.person_id == about.person_id and (a.end is None or a.end > local(now(), zone))
        ]
        member = known.people.get(about.person_id)
        who = ", ".join(w for w in (member.name, known.team(member.team_id)) if w) if member else phrase("Somebody")
        return [(phrase("Who"), who), (phrase("Away"), several(stretches[:3]) or phrase("not known to be away"))]
    if about.room_id:
        room = next((r for r in o.rooms if r.id == about.room_id), None)
        stretches = [until_words(c.start, c.end) for c in o.closures if c.room_id == about.room_id]
        where = f"{room.name}, {sites[room.site_id].name}" if room else phrase("A room")
        return [
            (phrase("Room"), where),
            (phrase("Closed"), several(stretches[-3:]) or phrase("not known to be closed")),
        ]
    if about.queue_id:
        queue = next((q for q in o.queues if q.id == about.queue_id), None)
        if queue is None:
            return [(phrase("Queue"), phrase("unknown"))]
        zone = sites[queue.site_id].zone
        more = [
            phrase("%(agents)s more %(when)s", agents=e.agents, when=until_words(e.start, e.end))
            for e in o.emergencies
            if e.queue_id == about.queue_id and e.end > local(now(), zone)
        ]
        return [
            (phrase("Queue"), f"{queue.name}, {zone_name(zone)}"),
            (phrase("Needs"), several(more) or phrase("what its requirement says")),
        ]
    return []


def _stuck(found: Look, known: Names) -> list[Stuck]:
    return [
        Stuck(discreet(v.what, known), url_for("sessions.show", session_id=v.sessions[0]))
        for v in found.stuck[:MOST_STUCK]
        if v.sessions
    ]


@pages.post("/repairs")
@allow("draft", "write")
def preview() -> Response:
    """Show what the choices would publish: their difference alone; nothing is written."""
    about = _about()
    picks = {} if request.form.get("take") == "all" else _picks()
    found = _look(about)
    if found is None:
        return redirect(url_for("repairs.show", **_query(about)), 303)
    try:
        settled = repair_absence.settle(found, picks)
    except ConflictError as error:
        return Response(_page(found, about, {}, conflict=error.message), 409, mimetype="text/html")
    if not settled.differences:
        nothing = phrase("Nothing is chosen: every session stays as it is for now.") if found.affected else ""
        return Response(_page(found, about, picks, nothing=nothing), 422, mimetype="text/html")
    return Response(_preview_page(settled, about, picks), 200, mimetype="text/html")


def _picks() -> dict[str, str]:
    """Give the choices of the form by session id."""
    form = Form()
    return {
        name.removeprefix(PICK): form.text(name, limit=12, required=False)
        for name in request.form
        if name.startswith(PICK) and len(name) <= 60  # noqa: PLR2004 -- longer than any id
    }


def _preview_page(settled: Settled, about: About, picks: Mapping[str, str], refused: str = "") -> str:
    known = _names()
    shown: Diff = diff(settled.differences, known, viewer(), reach_here(), cause=settled.cause)
    proved = settled.look.certificate.proved and settled.as_suggested
    return render_template(
        "repairs/preview.html",
        title=concerned_words(len(settled.differences), len(settled.concerned)),
        back=url_for("repairs.show", **_query(about)),
        diff=shown,
        disturbed=disturbed_words(len(settled.disturbed), proved=proved),
        proved=proved,
        blocking=[discreet(v.what, known) for v in settled.blocking],
        refused=refused,
        telling=told(settled.differences),
        letters=request.form.get(LETTERS, SOON)[:20],
        follows=_follows(settled),
        queue=any(d.after.cause == FOR_THE_QUEUE for d in settled.differences),
        action=url_for("repairs.publish", **_query(about)),
        picks=[(f"{PICK}{session_id}", key) for session_id, key in sorted(picks.items()) if key],
        seal=settled.seal,
    )


def _owed_words(settled: Settled) -> str:
    if not settled.owed:
        return phrase("nothing; everybody keeps a place")
    for_queue = sum(said == repair_absence.FOR_THE_QUEUE for said in settled.owed.values())
    words = phrases("%(num)s need", "%(num)s needs", len(settled.owed))
    if not for_queue:
        return words
    return phrase("%(needs)s, %(count)s of them for the queue", needs=words, count=for_queue)


def _drafts_words(waiting: int, crossed: int) -> str:
    if not waiting:
        return ""
    stays = phrases(
        "the open draft stays a draft, laid on the new version",
        "%(num)s open drafts stay drafts, laid on the new version",
        waiting,
    )
    if not crossed:
        return stays
    meet = phrases(
        "%(num)s change of it meets this repair",
        "%(num)s changes of it meet this repair",
        crossed,
        num=spoken(crossed),
    )
    return f"{stays}; {meet}"


@pages.post("/repairs/publish")
@allow("draft", "write")
def publish() -> Response:
    """Publish the repair alone; 409 with who was first, 422 where choices do not fit together."""
    about = _about()
    picks = _picks()
    form = Form()
    seal = form.text("seal", limit=60)
    postponed = form.choice(LETTERS, (SOON, MORNING), default=SOON) == MORNING
    try:
        done = repair_absence.publish(parts(), viewer(), about, picks=picks, seal=seal, postponed=postponed)
    except ConflictError as error:
        found = _look(about)
        page = _page(found, about, {}, conflict=error.message) if found is not None else _nothing(about)
        return Response(page, 409, mimetype="text/html")
    except InvalidError as error:
        found = _look(about)
        if found is None:
            return Response(_nothing(about), 422, mimetype="text/html")
        settled = repair_absence.settle(found, picks)
        return Response(_preview_page(settled, about, picks, refused=error.message), 422, mimetype="text/html")
    _say(done)
    return redirect(url_for("repairs.show", **_query(about)), 303)


def _say(done: Published) -> None:
    words = concerned_words(done.changes, done.people)
    said = [phrase("Published as version %(number)s: %(words)s.", number=done.number, words=words)]
    if done.owed:
        said.append(phrases("%(num)s need is owed now.", "%(num)s needs are owed now.", done.owed))
    flash(" ".join([*said, phrase("Calendars carry it from now on.")]), "ok")
    crossed = sum(len(d.crossed) for d in done.drafts)
    if crossed:
        words = phrases(
            "%(num)s change of open drafts met this repair: say there which one holds.",
            "%(num)s changes of open drafts met this repair: say there which one holds.",
            crossed,
        )
        flash(words, "warn")
