"""The register of fixes: what no session can mend, who owns it, whether it helped, what the queue then needs fewer."""

from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from devsys.actions import close_fix
from devsys.actions.close_fix import Wish
from devsys.adapters.store.queries import calendar_figures, causes
from devsys.adapters.store.store import Db
from devsys.base.errors import ConflictError, InvalidError
from devsys.base.words import phrase, to_phrase
from devsys.base.written import full_day
from devsys.core.causes import COMPARED, SHARE_WEEKS, WEEK, WORDS, next_states, preventable
from devsys.core.model.causes import Cause, Fix, FixState
from devsys.core.policy import allow, scope
from devsys.faces.web import fix_values
from devsys.faces.web.csv_answer import csv_answer
from devsys.faces.web.filters import local
from devsys.faces.web.fix_values import CAUSES_OF_FIXES
from devsys.faces.web.forms import Form
from devsys.faces.web.here import parts, today, viewer
from devsys.faces.web.here import scope as reach_here
from devsys.faces.web.one_site import site_of

pages = Blueprint("fixes", __name__)
HEADS = (
    to_phrase("Key"),
    to_phrase("Fix"),
    to_phrase("Cause"),
    to_phrase("State"),
    to_phrase("Owner"),
    to_phrase("Due"),
    to_phrase("Done"),
    to_phrase("Queue"),
    to_phrase("Team"),
)


@pages.get("/fixes")
@allow("causes")
def show() -> str:
    """List the fixes a viewer may see, what is overdue first, with the preventable share of each queue."""
    reach = reach_here()
    with parts().store.read() as db:
        here = site_of(db, viewer(), reach)
        found = causes.fixes(db, reach, site_id=here.id)
        names, places = _names(db, found)
        since = today() - WEEK * (SHARE_WEEKS + 1)
        counts = causes.contacts(db, since, here.id) if reach.wide else ()
        shares = preventable(counts, causes.causes_by_key(db), today()) if counts else ()
        queues = {q.id: q.name for q in calendar_figures.queues(db).values()}
    order = sorted(found, key=lambda f: (fix_values.group_of(f, today()), f.due, f.key))
    late = sum(f.overdue(today()) for f in found)
    return render_template(
        "fixes/show.html",
        groups=fix_values.groups(
            [fix_values.line(f, today(), names, places) for f in order],
            [fix_values.group_of(f, today()) for f in order],
        ),
        late=late,
        count=sum(not f.over for f in found),
        shares=fix_values.share_values(shares, queues),
        weeks=SHARE_WEEKS,
        here=here,
        wide=reach.wide,
        may_open=close_fix.may_open(viewer()),
        may_import=scope(viewer(), "imports", "write").everything,
        contacts=bool(counts),
    )


def _names(db: Db, found: tuple[Fix, ...]) -> tuple[dict[str, str], dict[str, str]]:
    names = {m.id: m.name for m in calendar_figures.members(db, {f.owner_id for f in found}).values()}
    known = [*calendar_figures.queues(db).values(), *calendar_figures.teams(db).values()]
    return names, {one.id: one.name for one in known}


@pages.get("/fixes.csv", endpoint="csv")
@allow("causes")
def as_csv() -> Response:
    """Give the register as a file."""
    with parts().store.read() as db:
        found = causes.fixes(db, reach_here())
        names, places = _names(db, found)
    rows = [
        (
            f.key,
            f.title,
            WORDS[f.cause][0],
            close_fix.STATE_WORDS[f.state],
            names.get(f.owner_id, ""),
            f.due.isoformat(),
            f.done.isoformat() if f.done else "",
            places.get(f.queue_id or "", ""),
            places.get(f.team_id or "", ""),
        )
        for f in found
    ]
    return csv_answer("fixes.csv", HEADS, rows)


@pages.get("/fixes/new", endpoint="new")
@allow("causes", "write")
def ask() -> str:
    """Ask for what a fix needs: words, cause, owner, day."""
    return _form(Form({}))


@pages.post("/fixes")
@allow("causes", "write")
def enter() -> Response:
    """Enter a fix."""
    form = Form()
    wish = _wish(form)
    if form:
        try:
            fix_id = close_fix.open_fix(parts(), viewer(), wish)
        except InvalidError as error:
            form.take(error, "title")
        else:
            flash(phrase("Entered. Its owner finds it on their first page."), "ok")
            return redirect(url_for("fixes.one", fix_id=fix_id), 303)
    return Response(_form(form), 422, mimetype="text/html")


def _wish(form: Form, owner_id: str = "") -> Wish:
    title = form.text("title")
    what = form.text("what", long=True, required=False)
    cause = form.choice("cause", [code for code, *_ in CAUSES_OF_FIXES])
    owner = form.choice("owner", [code for code, _ in _people(owner_id)])
    due = form.day("due", today=today())
    queue = form.text("queue", limit=40, required=False)
    team = form.text("team", limit=40, required=False)
    return Wish(title, what, Cause(cause) if cause else Cause.PROCESS, owner, due, queue or None, team or None)


def _people(owner: str = "") -> list[tuple[str, str]]:
    """Give who may own a fix: people who can sign in and see it, and whoever owns it now."""
    with parts().store.read() as db:
        return list(causes.owners(db, owner))


def _form(form: Form, one: Fix | None = None) -> str:
    reach = scope(viewer(), "causes", "write")
    with parts().store.read() as db:
        queues = [(q.id, q.name) for q in calendar_figures.queues(db).values()]
        teams = [(t.id, t.name) for t in calendar_figures.teams(db).values() if reach.covers(team_id=t.id)]
    if one is not None and one.team_id and one.team_id not in dict(teams):
        teams.append((one.team_id, phrase("As it is")))
    was = {
        "title": one.title if one else "",
        "what": one.what if one else "",
        "cause": one.cause.value if one else "",
        "owner": one.owner_id if one else viewer().person_id,
        "due": (one.due if one else today() + WEEK * 4).isoformat(),
        "queue": (one.queue_id or "") if one else "",
        "team": (one.team_id or "") if one else ("" if reach.everything else teams[0][0] if teams else ""),
    }
    return render_template(
        "fixes/form.html",
        one=one,
        typed={name: form.typed(name, value) for name, value in was.items()},
        errors=form.faults,
        causes=CAUSES_OF_FIXES,
        people=_people(one.owner_id if one else ""),
        queues=queues,
        teams=teams,
        any_team=reach.everything,
        action=url_for("fixes.change", fix_id=one.id) if one else url_for("fixes.enter"),
        back=url_for("fixes.one", fix_id=one.id) if one else url_for("fixes.show"),
    )


@pages.get("/fixes/<fix_id>")
@allow("causes")
def one(fix_id: str) -> str:
    """Show one fix: how far it is, what contacts say, what happened to it."""
    return _page(fix_id, Form({}))


def _page(fix_id: str, form: Form) -> str:
    with parts().store.read() as db:
        found = close_fix.look(db, viewer(), fix_id)
        f = found.fix
        names, places = _names(db, (f,))
        steps = causes.steps(db, f.id)
        lessons = causes.lessons_of(db, f.id)
    mine = close_fix.may_write(viewer(), f)
    confirms = scope(viewer(), "requirement", "write").everything
    values: dict[str, Any] = {
        "fix": f,
        "line": fix_values.line(f, today(), names, places),
        "why": f"{WORDS[f.cause][0]}: {WORDS[f.cause][1]}.",
        "pairs": [
            (phrase("Owner"), names.get(f.owner_id, "nobody")),
            (phrase("Due"), full_day(f.due)),
            *([(phrase("Done"), full_day(f.done))] if f.done else []),
            (phrase("Queue"), places.get(f.queue_id or "", "none named")),
            (phrase("Team"), places.get(f.team_id or "", "no single one")),
            (phrase("Key in files"), f.key),
        ],
        "next": next_states(f.state) if mine else (),
        "effect": fix_values.effect_values(found),
        "offer": fix_values.offer_words(found) if confirms else "",
        "offer_hours": repr(found.offer.hours) if found.offer else "",
        "standing": found.standing,
        "since": full_day(found.standing.start) if found.standing else "",
        "confirms": confirms,
        "ended": [(full_day(local(r.ended, viewer().zone).date()), r.why_ended) for r in found.reliefs if r.ended],
        "lessons": lessons,
        "steps": [(full_day(local(s.at, viewer().zone).date()), s.by, s.words) for s in steps],
        "may_change": mine,
        "compared": COMPARED,
        "errors": form.faults,
        "typed": {"done": form.typed("done", today().isoformat()), "found": form.typed("found")},
    }
    return render_template("fixes/one.html", **values)


@pages.get("/fixes/<fix_id>/change", endpoint="change_form")
@allow("causes", "write")
def ask_to_change(fix_id: str) -> str:
    """Ask for what is to be written anew."""
    with parts().store.read() as db:
        return _form(Form({}), close_fix.find_own(db, viewer(), fix_id))


@pages.post("/fixes/<fix_id>")
@allow("causes", "write")
def change(fix_id: str) -> Response:
    """Write a fix anew."""
    form = Form()
    with parts().store.read() as db:
        found = close_fix.find_own(db, viewer(), fix_id)
    wish = _wish(form, found.owner_id)
    if form:
        try:
            close_fix.change(parts(), viewer(), fix_id, wish)
        except InvalidError as error:
            form.take(error, "title")
        else:
            flash(phrase("Kept."), "ok")
            return redirect(url_for("fixes.one", fix_id=fix_id), 303)
    return Response(_form(form, found), 422, mimetype="text/html")


@pages.post("/fixes/<fix_id>/state")
@allow("causes", "write")
def move(fix_id: str) -> Response:
    """Bring a fix on, or back."""
    form = Form()
    to = FixState(form.choice("to", list(FixState), default=FixState.OPEN.value))
    done: date | None = form.day("done", today=today()) if to is FixState.DONE else None
    found = form.text("found", long=True, required=to is FixState.CHECKED)
    if form:
        try:
            close_fix.move(parts(), viewer(), fix_id, to, done=done, found=found)
        except InvalidError as error:
            form.take(error, "found")
        else:
            flash(phrase("Kept."), "ok")
            return redirect(url_for("fixes.one", fix_id=fix_id), 303)
    return Response(_page(fix_id, form), 422, mimetype="text/html")


@pages.post("/fixes/<fix_id>/requirement")
@allow("requirement", "write")
def take_off(fix_id: str) -> Response:
    """Let the queue's requirement be lower as it was shown, or stand in full again."""
    form = Form()
    if form.tick("back"):
        back = close_fix.put_back(parts(), viewer(), fix_id)
        flash(phrase("The requirement stands in full again.") if back else phrase("It stands in full already."), "ok")
        return redirect(url_for("fixes.one", fix_id=fix_id), 303)
    hours = form.decimal("hours", least=0, most=1_000_000)
    if not form:
        with parts().store.read() as db:
            close_fix.look(db, viewer(), fix_id)  # what is not there is not there, whatever was sent
        raise ConflictError(phrase("Look at the fix again before you take anything off."))
    close_fix.take_off(parts(), viewer(), fix_id, hours)
    flash(phrase("The requirement is lower from today on; the next plan may use it. It can be taken back here."), "ok")
    return redirect(url_for("fixes.one", fix_id=fix_id), 303)


@pages.get("/fixes/contacts.csv", endpoint="contacts")
@allow("causes")
def contacts_csv() -> Response:
    """Give the contacts counted so far, as the file they came in."""
    with parts().store.read() as db:
        codes = causes.queue_codes(db)
        found = causes.contacts(db) if reach_here().wide else ()
    rows = [(c.week.isoformat(), codes.get(c.queue_id, ""), c.cause, c.contacts) for c in found]
    return csv_answer("contacts.csv", ("week", "queue", "cause", "contacts"), rows)
