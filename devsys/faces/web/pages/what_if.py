"""What if: suppose something, have the year drawn with and without it, and lay the two plans side by side."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from devsys.actions import compare_plans, draw_plan, what_if
from devsys.actions.compare_plans import Comparison
from devsys.adapters.store.queries import calendar_figures, near, plans, programme
from devsys.adapters.store.queries.plans import Draft
from devsys.base.errors import InvalidError
from devsys.base.words import phrase, phrases
from devsys.base.written import clock, full_day, number, percent
from devsys.core.model.calendar import Figures
from devsys.core.model.causes import AS_IT_IS, cause_words
from devsys.core.model.programme import Kind
from devsys.core.model.suppose import CALLS_LEAST, CALLS_MOST, Supposition, What
from devsys.core.policy import allow
from devsys.faces.web.csv_answer import csv_answer
from devsys.faces.web.diff_values import Diff, diff
from devsys.faces.web.drawing import KIND_NAMES, signed
from devsys.faces.web.filters import local
from devsys.faces.web.forms import Form
from devsys.faces.web.here import parts, viewer
from devsys.faces.web.here import scope as reach_here
from devsys.faces.web.one_site import OneSite, one_site
from devsys.faces.web.session_values import names

pages = Blueprint("what_if", __name__)


@pages.get("/plans/what-if", endpoint="ask")
@allow("draft", "write")
def show() -> str:
    """Ask what would be different."""
    return _form(Form({}))


@dataclass(frozen=True, slots=True)
class _Options:
    """What can be chosen: (value, words) pairs; rooms and facilitators of one site of a large organisation."""

    here: OneSite
    rooms: tuple[tuple[str, str], ...]
    facilitators: tuple[tuple[str, str], ...]
    activities: tuple[tuple[str, str], ...]


def _options() -> _Options:
    with parts().store.read() as db:
        here = one_site(db, viewer())
        found = near.frame(db)
        activities = programme.activities(db).values()
        leading = [f.person_id for f in found.facilitators if not here.id or here.id in f.site_ids]
        leads = {m.id: m.name for m in calendar_figures.members(db, leading).values()}
    sites = {s.id: s.name for s in found.sites}
    return _Options(
        here=here,
        rooms=tuple(
            (r.id, f"{r.name}, {sites[r.site_id]}, {phrases('%(num)s seat', '%(num)s seats', r.seats)}")
            for r in found.rooms
            if not here.id or r.site_id == here.id
        ),
        facilitators=tuple(sorted(leads.items(), key=lambda pair: pair[1])),
        activities=tuple(
            (a.code, phrase("%(title)s, at least %(least)s", title=a.title, least=a.group[0]))
            for a in activities
            if a.group[0] > 1
        ),
    )


def _form(form: Form) -> str:
    return render_template(
        "plans/what_if.html",
        errors=form.faults,
        options=_options(),
        typed={name: form.typed(name) for name in ("room", "facilitator", "calls", "group", "least")},
        weeks=form.typed("weeks", "52"),
        least=draw_plan.WEEKS[0],
        most=draw_plan.WEEKS[1],
        calls_least=CALLS_LEAST,
        calls_most=CALLS_MOST,
        freeze_days=parts().settings.freeze_days,
    )


@pages.post("/plans/what-if")
@allow("draft", "write")
def begin() -> Response:
    """Leave a run that draws both plans and go to its page."""
    form = Form()
    given = tuple(_supposed(form, _options()))
    weeks = form.number("weeks", least=draw_plan.WEEKS[0], most=draw_plan.WEEKS[1])
    if form:
        try:
            run_id = what_if.ask(parts(), viewer().person_id, what_if.Question(given, weeks=weeks))
        except InvalidError as error:
            form.take(error, What.ROOM)
        else:
            return redirect(url_for("plans.run", run_id=run_id), 303)
    return Response(_form(form), 422, mimetype="text/html")


def _supposed(form: Form, options: _Options) -> Iterable[Supposition]:
    """Give what the form supposes; fields left empty suppose nothing."""
    for what, choices in ((What.ROOM, options.rooms), (What.FACILITATOR, options.facilitators)):
        if target := form.choice(what, dict(choices), default=""):
            yield Supposition(what, target)
    if calls := form.number("calls", least=CALLS_LEAST, most=CALLS_MOST, default=0):
        yield Supposition(What.CALLS, amount=calls)
    if target := form.choice("group", dict(options.activities), default=""):
        yield Supposition(What.GROUP, target, form.number("least", least=1, most=100))


@pages.get("/plans/compare")
@allow("draft", "write")
def compare() -> str:
    """Lay two plans side by side; without two that are named, ask which."""
    left, right = request.args.get("left", ""), request.args.get("right", "")
    form = Form({})
    if left and right:
        try:
            return _comparison(compare_plans.compare(parts(), left, right))
        except InvalidError as error:
            form.take(error, "right")
    with parts().store.read() as db:
        found = plans.comparable(db)
    choices = [(d.id, _called(d)) for d in found]
    return render_template("plans/choose.html", choices=choices, left=left, right=right, errors=form.faults)


def _called(draft: Draft) -> str:
    """Give a plan in words: what it supposes or its cause, by whom and when."""
    when = local(draft.created, viewer().zone)
    return f"{cause_words(draft.cause) or phrase('Draft')}, {draft.by}, {full_day(when.date())}, {clock(when)}"


def _comparison(found: Comparison) -> str:
    left, right = found.left.draft, found.right.draft
    supposed = left.cause.startswith(AS_IT_IS)
    return render_template(
        "plans/compare.html",
        title=_finding(left.figures, right.figures),
        right=phrase(
            "%(right)s, beside %(left)s",
            right=_short(right),
            left=phrase("things as they are") if supposed else cause_words(left.cause) or phrase("another draft"),
        ),
        heads=(phrase("As it is"), phrase("Supposed")) if supposed else (phrase("One"), phrase("The other")),
        crumb=[(url_for("plans.show"), phrase("Plans")), (url_for("what_if.compare"), phrase("Side by side"))],
        rows=_rows(found),
        outdated=found.outdated,
        unfinished=what_if.UNFINISHED in right.cause,
        diff=_diff(found),
        csv=url_for("what_if.csv", left=left.id, right=right.id),
    )


def _short(draft: Draft) -> str:
    """Give the plan's own words: what it supposes, or its cause."""
    words = cause_words(draft.cause) or phrase("Draft")
    return words[:1].upper() + words[1:]


def _diff(found: Comparison) -> Diff:
    with parts().store.read() as db:
        known = names(db)
    # What stands beside a session says why it was drawn, which here is the same for all of a plan.
    bare = (replace(d, after=replace(d.after, cause="")) for d in found.differences)
    return diff(bare, known, viewer(), reach_here(), linked=False)


def _finding(left: Figures, right: Figures) -> str:
    """Say in one sentence what the right plan has more or less of."""
    on_time, owed = right.on_time - left.on_time, right.owed - left.owed
    if not on_time and not owed:
        return phrase("As many on time, as many owed")
    more, late = phrase("As many on time"), phrase("as many owed")
    if on_time:
        words = phrase("%(num)s more on time") if on_time > 0 else phrase("%(num)s fewer on time")
        more = words % {"num": number(abs(on_time))}
    if owed:
        words = phrase("%(num)s more owed") if owed > 0 else phrase("%(num)s fewer owed")
        late = words % {"num": number(abs(owed))}
    return f"{more}, {late}"


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of both plans, and the difference with its sign; `worse` where more of it is less good."""

    what: str
    left: str
    right: str
    change: str
    worse: bool


def _rows(found: Comparison) -> list[Row]:
    left, right = found.left.draft.figures, found.right.draft.figures
    rows = [
        _row(phrase("Needs"), left.needs, right.needs),
        _row(phrase("On time"), left.on_time, right.on_time, more_is=1),
        _row(phrase("Late"), left.late, right.late, more_is=-1),
        _row(phrase("Owed"), left.owed, right.owed, more_is=-1),
        _row(phrase("The most any plan could have on time"), left.bound, right.bound, more_is=1),
        Row(phrase("Share of that"), _share(left), _share(right), "", worse=False),
        _row(phrase("Needs that no plan can serve"), left.out_of_reach, right.out_of_reach, more_is=-1),
        _row(phrase("Sessions"), left.sessions, right.sessions),
    ]
    rows += _by_kind(phrase("owed"), found.left.owed, found.right.owed, more_is=-1)
    return rows + _by_kind(phrase("sessions"), found.left.sessions, found.right.sessions)


def _by_kind(what: str, left: Mapping[Kind, int], right: Mapping[Kind, int], *, more_is: int = 0) -> list[Row]:
    both = [kind for kind in Kind if kind in left or kind in right]
    return [_row(f"{KIND_NAMES[k]}: {what}", left.get(k, 0), right.get(k, 0), more_is=more_is) for k in both]


def _row(what: str, left: int, right: int, *, more_is: int = 0) -> Row:
    change = right - left
    words = signed(change) if change else phrase("same")
    return Row(what, number(left), number(right), words, worse=change * more_is < 0)


def _share(figures: Figures) -> str:
    share = percent(min(100.0, 100 * figures.on_time / figures.bound)) if figures.bound else ""
    return phrase("%(share)s, proved", share=share) if share and figures.proved else share


@pages.get("/plans/compare.csv", endpoint="csv")
@allow("draft", "write")
def as_csv() -> Response:
    """Give the figures of both plans, then the sessions that differ, as a file."""
    found = compare_plans.compare(parts(), request.args.get("left", ""), request.args.get("right", ""))
    heads = ("What", "Session", "Kind", "Left", "Right", "Who")
    figures = [("figure", row.what, "", row.left, row.right, "") for row in _rows(found)]
    rows = [(r.sign, r.title, r.kind, r.old, r.new, r.who) for r in _diff(found).all]
    return csv_answer("side-by-side.csv", heads, [*figures, *rows])
