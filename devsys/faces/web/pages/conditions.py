"""The conditions of a team: five checks, targets and what contradicts, what an agent may decide alone."""

from dataclasses import dataclass
from typing import Any, Final

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from devsys.actions import check_conditions
from devsys.actions.check_conditions import BOUNDS, USUAL_LOOK, Found, team_of
from devsys.adapters.store.queries import calendar_figures, conditions
from devsys.adapters.store.store import Db
from devsys.base.errors import InvalidError, NotFoundError
from devsys.base.words import phrase, phrases, to_phrase
from devsys.base.written import spoken
from devsys.core.conditions import now_standing
from devsys.core.model.conditions import DIRECTIONS, QUESTIONS, STATES, Check, Direction, Look, Measure, State, Unit
from devsys.core.policy import allow, scope
from devsys.faces.web import condition_values as values
from devsys.faces.web.condition_values import Condition
from devsys.faces.web.forms import Form
from devsys.faces.web.here import parts, today, viewer
from devsys.faces.web.here import scope as reach_here
from devsys.faces.web.one_site import at_site, one_site, site_of
from devsys.faces.web.words import first_up

pages = Blueprint("conditions", __name__)
NOTE: Final = 500
AMOUNT: Final = 1_000_000.0
LABELS: Final = {
    "measure": to_phrase("Target for"),
    "value": to_phrase("Value"),
    "what": to_phrase("What"),
    "amount": to_phrase("Up to"),
    "unit": to_phrase("Of what"),
    "owner": to_phrase("Who sees to it"),
    "since": to_phrase("Since"),
    "next_look": to_phrase("Next look"),
    "note": to_phrase("What was found"),
    "state": to_phrase("How it stands"),
}


@pages.get("/conditions")
@allow("conditions")
def index() -> Response | str:
    """Show the conditions of all teams one reaches; of one team, that team's own page."""
    with parts().store.read() as db:
        known = calendar_figures.teams(db)
        here = site_of(db, viewer(), reach_here())
        reach = at_site(db, reach_here(), here)
        ids = [t for t in known if reach.covers(team_id=t)]
        if len(ids) == 1 and not here.id:
            return redirect(url_for("conditions.team", team_id=ids[0]), 303)
        standing = now_standing(conditions.looks(db, reach, last=True))
        read = values.read_teams(db, parts().store.url, viewer(), ids, today(), here.id)
    rows = [
        Row(
            known[team_id].name,
            url_for("conditions.team", team_id=team_id),
            tuple(values.five(team_id, standing, read[team_id], today())),
            len(read[team_id].contradictions),
        )
        for team_id in ids
    ]
    red = sum(look.state is State.RED for look in standing.values())
    said = (
        first_up(phrases("%(num)s condition is red.", "%(num)s conditions are red.", red, num=spoken(red)))
        if red
        else phrase("None is red.")
    )
    titles = [QUESTIONS[c].title for c in Check]
    return render_template("conditions/index.html", rows=rows, lede=said, checks=titles, here=here)


def _read(db: Db, team_id: str) -> values.TeamRead:
    """Give what devsys reads of one team; of a large organisation no more than its site is worked out."""
    own = calendar_figures.teams(db).get(team_id)
    here = one_site(db, viewer(), own.site_id if own else None)
    return values.read_teams(db, parts().store.url, viewer(), (team_id,), today(), here.id)[team_id]


@dataclass(frozen=True, slots=True)
class Row:
    """One team of the list."""

    name: str
    href: str
    five: tuple[Condition, ...]
    contradictions: int

    @property
    def overdue(self) -> int:
        """How many of its looks are overdue."""
        return sum(c.overdue for c in self.five)


@pages.get("/conditions/<team_id>")
@allow("conditions")
def team(team_id: str) -> str:
    """Show one team."""
    return _team(team_id, Form({}))


def _team(team_id: str, form: Form) -> str:
    with parts().store.read() as db:
        one = team_of(db, viewer(), "conditions", "read", team_id)
        standing = now_standing(conditions.looks(db, reach_here(), team_id=team_id, last=True))
        read = _read(db, team_id)
        several = sum(reach_here().covers(team_id=t) for t in calendar_figures.teams(db)) > 1
    found = values.five(team_id, standing, read, today())
    return render_template(
        "conditions/team.html",
        name=one.name,
        team_id=team_id,
        index=url_for("conditions.index") if several else "",
        lede=values.lede(found, len(read.contradictions)),
        five=found,
        contradictions=read.contradictions,
        targets=read.targets,
        leaves=read.leaves,
        writes=scope(viewer(), "conditions", "write").covers(team_id=team_id),
        measures=values.measure_choices(),
        directions=[(d.value, words) for d, words in DIRECTIONS.items()],
        typed={name: form.typed(name) for name in ("measure", "direction", "value", "what", "amount", "unit")},
        errors=form.faults,
        labels=LABELS,
    )


@pages.post("/conditions/<team_id>/targets")
@allow("conditions", "write")
def set_target(team_id: str) -> Response:
    """Set a target."""
    form = Form()
    keys = dict(values.measure_choices())
    key = form.choice("measure", keys)
    direction = form.choice("direction", [d.value for d in Direction])
    value = form.decimal("value", least=0, most=max(most for _, most in BOUNDS.values()))
    if form:
        measure, unit = key.split(".")
        chosen = Measure(measure), Unit(unit), Direction(direction)
        try:
            check_conditions.set_target(parts(), viewer(), team_id, chosen, value, today=today())
        except InvalidError as error:
            form.take(error, "value")
        else:
            flash(phrase("The target is set."), "ok")
            return redirect(url_for("conditions.team", team_id=team_id, _anchor="targets"), 303)
    return Response(_team(team_id, form), 422, mimetype="text/html")


@pages.post("/conditions/<team_id>/targets/<target_id>/end")
@allow("conditions", "write")
def end_target(team_id: str, target_id: str) -> Response:
    """Take a target back."""
    check_conditions.end_target(parts(), viewer(), team_id, target_id, today=today())
    flash(phrase("The target is taken back."), "ok")
    return redirect(url_for("conditions.team", team_id=team_id, _anchor="targets"), 303)


@pages.post("/conditions/<team_id>/alone")
@allow("decides_alone", "write")
def let_decide(team_id: str) -> Response:
    """Add a line to the permission list."""
    form = Form()
    what = form.text("what")
    limited = form.typed("amount") != ""
    amount = form.decimal("amount", least=0, most=AMOUNT, default=0.0) if limited else None
    unit = form.text("unit", limit=20, required=False)
    if form:
        try:
            check_conditions.let_decide(parts(), viewer(), team_id, what, amount=amount, unit=unit, today=today())
        except InvalidError as error:
            form.take(error, "what")
        else:
            flash(phrase("It stands on the list. The team reads it on “What I may decide”."), "ok")
            return redirect(url_for("conditions.team", team_id=team_id, _anchor="alone"), 303)
    return Response(_team(team_id, form), 422, mimetype="text/html")


@pages.post("/conditions/<team_id>/alone/<leave_id>/end")
@allow("decides_alone", "write")
def end_leave(team_id: str, leave_id: str) -> Response:
    """Take a line off the permission list."""
    check_conditions.end_leave(parts(), viewer(), team_id, leave_id, today=today())
    flash(phrase("It is off the list."), "ok")
    return redirect(url_for("conditions.team", team_id=team_id, _anchor="alone"), 303)


@pages.get("/conditions/<team_id>/<check>")
@allow("conditions")
def one(team_id: str, check: str) -> str:
    """Show one condition with its history, and the form to look again."""
    return _one(team_id, _check(check), Form({}))


def _check(code: str) -> Check:
    if code not in set(Check):
        raise NotFoundError(phrase("There is no such condition."))
    return Check(code)


def _one(team_id: str, check: Check, form: Form) -> str:
    with parts().store.read() as db:
        named = team_of(db, viewer(), "conditions", "read", team_id)
        looks = [x for x in conditions.looks(db, reach_here(), team_id=team_id) if x.check is check]
        read = _read(db, team_id)
        owners = conditions.owners(db, team_id)
    last = looks[-1] if looks else None
    shown = values.five(team_id, {(team_id, check): last} if last else {}, read, today())
    return render_template(
        "conditions/one.html",
        team=named.name,
        back=url_for("conditions.team", team_id=team_id),
        c=next(c for c in shown if c.check == check.value),
        history=[values.look_line(x) for x in reversed(looks)],
        writes=scope(viewer(), "conditions", "write").covers(team_id=team_id),
        states=[(s.value, first_up(words), hint) for s, words, hint in _STATES],
        owners=list(owners.items()),
        typed=_typed(form, last),
        errors=form.faults,
        labels=LABELS,
        seen=form.typed("seen", str(last.number if last else 0)),
        note_most=NOTE,
    )


_STATES: Final = (
    (State.FINE, STATES[State.FINE], to_phrase("Nothing to do until the next look.")),
    (State.STRAINED, STATES[State.STRAINED], to_phrase("It costs effort; it is to be put right.")),
    (
        State.RED,
        STATES[State.RED],
        to_phrase("It undoes what is learnt. It stands above every board until it is put right."),
    ),
)


def _typed(form: Form, last: Look | None) -> dict[str, Any]:
    usual = last.owner_id if last else viewer().person_id
    return {
        "state": form.typed("state", last.state.value if last else ""),
        "since": form.typed("since", (last.since if last else today()).isoformat()),
        "owner": form.typed("owner", usual),
        "next_look": form.typed("next_look", (today() + USUAL_LOOK).isoformat()),
        "note": form.typed("note"),
    }


@pages.post("/conditions/<team_id>/<check>")
@allow("conditions", "write")
def look(team_id: str, check: str) -> Response:
    """Write a look down."""
    asked, form = _check(check), Form()
    found = Found(
        state=State(form.choice("state", [s.value for s in State]) or State.FINE),
        since=form.day("since", today=today()),
        owner_id=form.text("owner"),
        next_look=form.day("next_look", today=today()),
        note=form.text("note", limit=NOTE, required=False),
        seen=form.number("seen", least=0, most=2**31 - 1, default=0),
    )
    if form:
        try:
            check_conditions.look(parts(), viewer(), team_id, asked, found, today=today())
        except InvalidError as error:
            form.take(error, "note")
        else:
            flash(f"{QUESTIONS[asked].title}: {found.state.value}.", "ok")
            return redirect(url_for("conditions.team", team_id=team_id), 303)
    return Response(_one(team_id, asked, form), 422, mimetype="text/html")


@pages.get("/what-i-may-decide")
@allow("decides_alone")
def alone() -> str:
    """Show an agent what they may decide alone."""
    own = viewer().team_id
    with parts().store.read() as db:
        named = calendar_figures.teams(db).get(own) if own else None
        found = conditions.leaves(db, reach_here(), team_id=own) if own else ()
    return render_template("conditions/alone.html", team=named.name if named else "", leaves=found)
