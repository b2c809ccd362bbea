"""People: the list, one person, and for administrators the account."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from devsys.actions import account_links, accounts, second_step
from devsys.actions import first_days as first_days_action
from devsys.actions.record_absence import may_record
from devsys.adapters.provider import is_set
from devsys.adapters.store.queries import accounts as account_queries
from devsys.adapters.store.queries import busy, directory, identities, passkeys, sessions
from devsys.adapters.store.queries import second_step as steps
from devsys.adapters.store.queries.directory import Evidence, Profile
from devsys.adapters.store.queries.sessions import Wanted
from devsys.adapters.store.queries.visible import reach
from devsys.adapters.store.store import Db
from devsys.base.errors import ConflictError, InvalidError, NotFoundError
from devsys.base.text import clean
from devsys.base.words import phrase, phrase_as, phrases
from devsys.base.written import clock, day, duration, full_day, zone_name
from devsys.core.busy.read import merged
from devsys.core.model.access import ROLE_WORDS, Grant, Role
from devsys.core.model.calendar import Session
from devsys.core.policy import Extent, Scope, allow
from devsys.core.policy import scope as scope_of
from devsys.faces.web import shown
from devsys.faces.web.away_values import span_words
from devsys.faces.web.context import plans_for_others
from devsys.faces.web.filters import local
from devsys.faces.web.forms import Form
from devsys.faces.web.here import now, parts, scope, today, viewer
from devsys.faces.web.shown import COACHING_TITLE, Coming, Names

pages = Blueprint("people", __name__)
AHEAD: Final = timedelta(days=400)
BUSY_AHEAD: Final = timedelta(weeks=4)
SHOWN: Final = 10
Found = TypeVar("Found")
GIVEN_ROLES: Final = tuple(role for role in Role if role is not Role.EMPLOYEE)


@pages.get("/people")
@allow("people")
def index() -> str | Response:
    """List the people the viewer may see, with search and team."""
    mine = scope()
    if not mine.wide and Extent.ASSIGNED not in mine.extents:
        return redirect(url_for("people.show", person_id=viewer().person_id), 303)
    search = clean(request.args.get("search", "")[:200], limit=400)
    team_id = request.args.get("team", "")[:40]
    gone = bool(request.args.get("gone"))
    with parts().store.read() as db:
        teams = directory.teams(db, mine)
        page = directory.listed(db, mine, search=search, team_id=team_id, today=today(), gone=gone, page=_page_number())
    return render_template(
        "people/index.html",
        page=page,
        words=_count_words(page.total, mine),
        search=search,
        team=team_id,
        gone=gone,
        teams=teams,
        before=_page_link(page.page - 1) if page.page > 1 else "",
        after=_page_link(page.page + 1) if page.page < page.pages else "",
        may_import=bool(scope_of(viewer(), "imports", "write")),
    )


def _page_number() -> int:
    text = request.args.get("page", "1")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 1  # noqa: PLR2004


def _page_link(number_: int) -> str:
    kept = {k: request.args[k][:200] for k in ("search", "team", "gone") if request.args.get(k)}
    return url_for("people.index", **kept, page=number_)  # type: ignore[arg-type]


def _count_words(total: int, mine: Scope) -> str:
    if mine.everything:
        return phrases("%(num)s person.", "%(num)s people.", total)
    if mine.wide:
        return phrases("%(num)s person of your teams.", "%(num)s people of your teams.", total)
    return phrases("%(num)s person in your sessions.", "%(num)s people in your sessions.", total)


@pages.get("/people/<person_id>")
@allow("people")
def show(person_id: str) -> str:
    """Show one person as far as the viewer may see them."""
    return _page(person_id)


@pages.post("/people/<person_id>/account")
@allow("accounts", "write")
def open_account(person_id: str) -> Response:
    """Give a person an account: with a letter that invites them, or with a one-time password, shown once."""
    form = Form()
    email, way = form.text("email"), form.choice("way", ("letter", "password", "provider"), default="password")
    password = ""
    if form and way == "letter":
        _try(form, "email", lambda: account_links.invite(parts(), viewer(), person_id, email))
        if form:
            flash(phrase("They have an account. A letter invites them; its link works once, for three days."), "ok")
            return redirect(url_for("people.show", person_id=person_id) + "#account", 303)
    elif form and way == "provider":
        _try(form, "email", lambda: accounts.expect(parts(), viewer(), person_id, email))
        if form:
            flash(
                phrase("They have an account. It opens when they first come by the provider with this address."), "ok"
            )
            return redirect(url_for("people.show", person_id=person_id) + "#account", 303)
    elif form:
        password = _try(form, "email", lambda: accounts.open_account(parts(), viewer(), person_id, email)) or ""
    status = 200 if form else 422
    return Response(_page(person_id, form=form, password=password), status, mimetype="text/html")


@pages.post("/people/<person_id>/password")
@allow("accounts", "write")
def reset_password(person_id: str) -> Response:
    """Give a new one-time password, shown once."""
    password = accounts.reset_password(parts(), viewer(), person_id)
    return Response(_page(person_id, password=password), 200, mimetype="text/html")


@pages.post("/people/<person_id>/link")
@allow("accounts", "write")
def send_link(person_id: str) -> Response:
    """Send a person a letter with a link to a password of their own."""
    try:
        account_links.send_link(parts(), viewer(), person_id)
    except ConflictError as error:
        flash(error.message, "warn")
    else:
        flash(
            phrase("A letter with a link leaves at once. The present password stays until they choose another one."),
            "ok",
        )
    return redirect(url_for("people.show", person_id=person_id) + "#account", 303)


@pages.post("/people/<person_id>/second-step")
@allow("accounts", "write")
def reset_second_step(person_id: str) -> Response:
    """Take away the second step of somebody who lost it."""
    try:
        second_step.reset(parts(), viewer(), person_id)
    except ConflictError as error:
        flash(error.message, "warn")
    else:
        flash(phrase("Their second step is taken away and their sign-ins are over. A letter tells them."), "ok")
    return redirect(url_for("people.show", person_id=person_id) + "#account", 303)


@pages.post("/people/<person_id>/active")
@allow("accounts", "write")
def set_active(person_id: str) -> Response:
    """Shut an account, or let it in again."""
    form = Form()
    active = form.choice("active", ("yes", "no")) == "yes"
    if form:
        _try(form, "active", lambda: accounts.set_active(parts(), viewer(), person_id, active=active))
    if form:
        flash(
            phrase("The account is open again.")
            if active
            else phrase("The account is shut: it ends with the next request."),
            "ok",
        )
        return redirect(url_for("people.show", person_id=person_id), 303)
    return Response(_page(person_id, form=form), 409, mimetype="text/html")


@pages.post("/people/<person_id>/roles")
@allow("accounts", "write")
def give_role(person_id: str) -> Response:
    """Give a role, limited to a team or not."""
    form = Form()
    role = form.choice("role", [r.value for r in GIVEN_ROLES])
    team_id = form.text("team", required=False) or None
    if form:
        _try(form, "role", lambda: accounts.give_role(parts(), viewer(), person_id, Grant(Role(role), team_id)))
    if form:
        flash(phrase("The role is given. It counts from the next request."), "ok")
        return redirect(url_for("people.show", person_id=person_id) + "#account", 303)
    return Response(_page(person_id, form=form), 422, mimetype="text/html")


@pages.post("/people/<person_id>/roles/take")
@allow("accounts", "write")
def take_role(person_id: str) -> Response:
    """Take a role."""
    form = Form()
    role = form.choice("role", [r.value for r in GIVEN_ROLES])
    team_id = form.text("team", required=False) or None
    if form:
        _try(form, "role", lambda: accounts.take_role(parts(), viewer(), person_id, Grant(Role(role), team_id)))
    if form:
        flash(phrase("The role is taken. It counts from the next request."), "ok")
        return redirect(url_for("people.show", person_id=person_id) + "#account", 303)
    return Response(_page(person_id, form=form), 409, mimetype="text/html")


def _try(form: Form, field: str, act: Callable[[], Found]) -> Found | None:
    try:
        return act()
    except InvalidError as error:
        form.take(error, field)
    except ConflictError as error:
        form.fault(field, error.message)
    return None


@pages.get("/people/<person_id>/first-days")
@allow("owed")
def first_days(person_id: str) -> str:
    """Show what the first 90 days of somebody new hold."""
    path = first_days_action.look(parts(), viewer(), person_id, today())
    with parts().store.read() as db:
        names = shown.names_for(db, [*path.planned.values(), *path.done])
    steps = []
    for step in path.steps:
        session = path.planned.get(step.need.key)
        due = phrase("due by %(day)s", day=day(local(step.need.due, path.zone)))
        steps.append(
            {
                "kind": names.kind(step.need.activity).value,
                "title": names.title(step.need.activity),
                "when": f"{day(session.starts)}, {clock(session.starts)}" if session else due,
                "state": phrase("planned") if session else phrase("in the next plan"),
                "why": step.need.why if path.person_id == viewer().person_id else "",
                "gate": step.gate,
            }
        )
    return render_template(
        "people/first_days.html",
        name=path.name,
        own=path.person_id == viewer().person_id,
        joined=phrase("joins on %(day)s", day=full_day(path.joined))
        if path.joined > today()
        else phrase("joined on %(day)s", day=full_day(path.joined)),
        back=url_for("people.show", person_id=path.person_id),
        steps=steps,
        done=[
            {"kind": names.kind(s.activity).value, "title": names.title(s.activity), "when": day(s.starts)}
            for s in path.done
        ],
    )


def _page(person_id: str, *, form: Form | None = None, password: str = "") -> str:
    me = viewer()
    shown_form = Form({}) if form is None else form  # a form with faults counts as false
    with parts().store.read() as db:
        person = directory.profile(db, scope_of(me, "people", "read"), person_id)
        if person is None:
            raise NotFoundError(phrase("There is no such person."))
        values = _values(db, person)
        account = _account(db, person) if scope_of(me, "accounts", "read").everything else None
    return render_template(
        "people/show.html",
        person=person,
        account=account,
        form=shown_form,
        errors=shown_form.faults,
        password=password,
        **values,
    )


def _values(db: Db, person: Profile) -> dict[str, Any]:
    me = viewer()
    own = person.id == me.person_id
    sessions_scope = scope_of(me, "sessions", "read")
    wanted = Wanted(start=now(), end=now() + AHEAD, involves=person.id)
    ahead = sessions.published(db, wanted, reach(sessions_scope))
    held = directory.evidence(db, person.id)
    names = shown.names_for(db, ahead[:SHOWN])
    return {
        "facts": _facts(person),
        "ahead": [_coming(s, names, own=own) for s in ahead[:SHOWN]],
        "more": max(0, len(ahead) - SHOWN),
        "held": _held(held, names, own=own),
        "calm": own and not plans_for_others(me),
        "absences": _absences(db, person),
        "busy": _busy(db, person),
        "may_write_absences": may_record(me, person.team_id),
        "zone": zone_name(person.zone),
        "own": own,
        "path": url_for("people.first_days", person_id=person.id)
        if first_days_action.may_see(me, person, today())
        else "",
    }


def _held(evidence: tuple[Evidence, ...], names: Names, *, own: bool) -> list[dict[str, str]]:
    """Give what a person holds, each activity once with its last day, newest first; coaching is the person's own."""
    by_activity: dict[str, list[Evidence]] = {}
    for one in evidence:
        if own or not names.coaching(one.activity):
            by_activity.setdefault(one.activity, []).append(one)
    return [
        {
            "kind": names.kind(activity).value,
            "title": names.title(activity),
            "when": full_day(found[0].day),
            "how": phrase("%(times)s times, last on", times=len(found))
            if len(found) > 1
            else ""
            if found[0].attended
            else phrase("learnt earlier"),
        }
        for activity, found in by_activity.items()
    ]


def _coming(session: Session, names: Names, *, own: bool) -> Coming:
    allowed = own or scope_of(viewer(), "coaching_calendar", "read").covers(assigned_to=session.facilitator_id)
    if names.coaching(session.activity) and not allowed:
        line = shown.coming(session, names, today(), viewer().zone)
        return Coming(
            line.kind, COACHING_TITLE, "", line.when, note=phrase("The time is taken; nothing more is shown.")
        )
    return shown.coming(session, names, today(), viewer().zone)


def _facts(person: Profile) -> list[tuple[str, str]]:
    found = [
        (phrase("Code"), person.code),
        (phrase("E-mail"), person.email),
        (phrase("Team"), person.team or phrase("none")),
        (phrase("Queue"), person.queue or phrase("none: counts for no coverage")),
        (phrase("Shift pattern"), person.pattern or phrase("none: never at work")),
    ]
    if person.site:
        found.append((phrase("Site"), f"{person.site}, {zone_name(person.zone)}"))
    if person.joined:
        found.append((phrase("Here since"), full_day(person.joined)))
    if person.left:
        found.append((phrase_as("person", "Left"), full_day(person.left)))
    if person.weekly_hours is not None:
        most = duration(round(person.weekly_hours * 60))
        found.append(
            (
                phrase("Leads"),
                phrase(
                    "%(qualifications)s; at most %(hours)s a week",
                    qualifications=", ".join(person.qualifications),
                    hours=most,
                ),
            )
        )
    return found


def _absences(db: Db, person: Profile) -> list[dict[str, Any]] | None:
    """Give the absences to come; one that is not over yet can be ended, or taken back, by who may write them."""
    allowed = scope_of(viewer(), "absences", "read")
    if not (allowed.covers(person_id=person.id, team_id=person.team_id) or Extent.BUSY in allowed.extents):
        return None
    local_now = now().astimezone(ZoneInfo(person.zone)).replace(tzinfo=None)
    return [
        {
            "words": span_words(start, end),
            "start": start.isoformat(),
            "begun": start <= local_now,
            "until": local_now.date().isoformat(),
        }
        for start, end in directory.absences(db, person.id, local_now, SHOWN)
    ]


def _busy(db: Db, person: Profile) -> list[str]:
    """Give when the person's own calendars say the next weeks are taken; that is all anybody else ever sees of them."""
    allowed = scope_of(viewer(), "absences", "read")
    if not (allowed.covers(person_id=person.id, team_id=person.team_id) or Extent.BUSY in allowed.extents):
        return []
    zone = ZoneInfo(person.zone)
    found = merged(busy.periods(db, person.id, now(), now() + BUSY_AHEAD))
    return [span_words(*(moment.astimezone(zone).replace(tzinfo=None) for moment in one)) for one in found]


def _account(db: Db, person: Profile) -> dict[str, Any]:
    found = account_queries.account(db, person.id)
    teams = dict(directory.all_teams(db))
    held = account_queries.grants(db, person.id)
    return {
        "there": found is not None,
        "waits": bool(found and not found.password_hash),
        "leave": account_links.leave(db, parts()),
        "provider": is_set(parts().settings),
        "linked": identities.is_linked(db, person.id),
        "email": found.email if found else person.email,
        "active": bool(found and found.active),
        "once": bool(found and found.once),
        "second_step": steps.is_on(db, person.id) or bool(passkeys.of_person(db, person.id)),
        "grants": [
            {
                "role": g.role.value,
                "team": g.team_id or "",
                "words": f"{ROLE_WORDS[g.role]}, {teams.get(g.team_id) or phrase('a team')}"
                if g.team_id
                else str(ROLE_WORDS[g.role]),
            }
            for g in held
        ],
        "roles": [(r.value, str(ROLE_WORDS[r])) for r in GIVEN_ROLES],
        "teams": list(teams.items()),
        "count": phrases("%(num)s role", "%(num)s roles", len(held)),
    }
