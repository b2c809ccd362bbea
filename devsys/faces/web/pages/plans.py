"""Plans: draw one, watch its run, the drafts that wait, the log of what was published."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from devsys.actions import draw_plan, what_if
from devsys.adapters.store.queries import plans, runs, sessions
from devsys.adapters.store.queries.runs import Run
from devsys.adapters.store.store import Db
from devsys.base.errors import ConflictError, InvalidError, NotFoundError
from devsys.base.words import phrase, phrases, to_phrase
from devsys.base.written import clock, full_day, number, percent
from devsys.core.model.calendar import Figures, Version, bound_words
from devsys.core.model.causes import cause_words
from devsys.core.model.changes import differences
from devsys.core.policy import allow, scope
from devsys.faces.web.diff_values import Diff, diff
from devsys.faces.web.drawing import draw_gauge
from devsys.faces.web.even_values import even_here
from devsys.faces.web.filters import local
from devsys.faces.web.forms import Form
from devsys.faces.web.here import now, parts, today, viewer
from devsys.faces.web.here import scope as reach_here
from devsys.faces.web.session_values import names
from devsys.faces.web.words import in_sentence

pages = Blueprint("plans", __name__)
STOPPED_ASKING: Final = 286  # htmx: swap, and ask no more
KEEP, REDRAW = "keep", "redraw"
STATES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "waiting": to_phrase("waits"),
        "running": to_phrase("goes on"),
        "done": to_phrase("done"),
        "failed": to_phrase("failed"),
        "skipped": to_phrase("left out"),
    }
)
STEPS: Final = (
    to_phrase("Waiting"),
    to_phrase("First plan"),
    to_phrase("Places for the rest"),
    to_phrase("Checking, reasons"),
    to_phrase("Draft"),
)
WHAT_IF_STEPS: Final = (
    to_phrase("Waiting"),
    to_phrase("As things are"),
    to_phrase("As supposed"),
    to_phrase("Side by side"),
)
COUNTED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "new": to_phrase("%(num)s new"),
        "moved": to_phrase("%(num)s moved"),
        "altered": to_phrase("%(num)s changed"),
        "cancelled": to_phrase("%(num)s cancelled"),
    }
)
DRAWING: Final[Mapping[str, str]] = MappingProxyType(
    {draw_plan.JOB: to_phrase("Draw a plan"), what_if.JOB: to_phrase("What if")}
)
MOST_RUNS: Final = 5


@pages.get("/plans")
@allow("versions")
def show() -> str:
    """Show the drafts that wait, the last runs, and the log of published plans."""
    with parts().store.read() as db:
        return render_template(
            "plans/show.html",
            drafts=_drafts(db) if scope(viewer(), "draft", "read").everything else [],
            versions=[_version_line(v) for v in plans.versions(db)],
            runs=_runs(db) if scope(viewer(), "runs", "read") else [],
            can_draw=bool(scope(viewer(), "draft", "write")),
        )


def _drafts(db: Db) -> list[dict[str, Any]]:
    sizes = plans.draft_sizes(db)
    base = plans.pointer(db)
    return [
        {
            "title": phrase("Draft of %(day)s", day=full_day(local(d.created, viewer().zone).date())),
            "by": d.by,
            "cause": cause_words(d.cause),
            "changes": phrases("%(num)s change", "%(num)s changes", sizes.get(d.id, 0)),
            "outdated": d.base != base,
            "figures": figures_words(d.figures),
            "href": url_for("publish.show", draft_id=d.id),
            "year": url_for("year.show", draft=d.id),
        }
        for d in plans.open_drafts(db)
    ]


def _version_line(version: Version) -> dict[str, Any]:
    when = local(version.published, viewer().zone)
    return {
        "number": version.number,
        "when": f"{full_day(when.date())}, {clock(when)}",
        "by": version.by,
        "cause": cause_words(version.cause),
        "changes": changes_words(version.changes),
        "figures": figures_words(version.figures),
        "href": url_for("plans.version", number=version.number),
    }


def changes_words(changes: Mapping[str, int]) -> str:
    """Say how many sessions a version changed: "12 new, 3 moved"."""
    said = (
        phrase(COUNTED[kind], num=number(n)) if kind in COUNTED else f"{number(n)} {kind}"
        for kind, n in changes.items()
        if n
    )
    return ", ".join(said) or phrase("nothing")


def figures_words(figures: Figures) -> str:
    """Say how good a plan is: "97.8 % on time, 38 owed, proved"; empty where nothing was counted."""
    if not figures.needs:
        return ""
    share = percent(100 * figures.on_time / figures.needs)
    values = {"share": share, "needs": number(figures.needs), "owed": number(figures.owed)}
    if figures.proved:
        return phrase("%(share)s of %(needs)s on time, %(owed)s owed, proved", **values)
    return phrase("%(share)s of %(needs)s on time, %(owed)s owed", **values)


@dataclass(frozen=True, slots=True)
class RunLine:
    """One run in the list."""

    title: str
    state: str
    when: str
    by: str
    error: str
    href: str


def _runs(db: Db) -> list[RunLine]:
    found = [run for run in runs.listed(db, limit=60) if run.job in DRAWING or "draft_id" in run.result]
    return [
        RunLine(
            DRAWING.get(run.job, run.job.capitalize()),
            STATES[run.state],
            _stamp(run.finished or run.started or run.created),
            run.by,
            run.error,
            url_for("plans.run", run_id=run.id),
        )
        for run in found[:MOST_RUNS]
    ]


def _stamp(moment: datetime) -> str:
    at = local(moment, viewer().zone)
    return f"{full_day(at.date())}, {clock(at)}"


@pages.get("/plans/draw", endpoint="draw")
@allow("draft", "write")
def ask() -> str:
    """Ask what the plan should be."""
    return _form(Form({}))


def _form(form: Form) -> str:
    first = today() + timedelta(days=parts().settings.freeze_days)
    with parts().store.read() as db:
        version = plans.latest(db)
    return render_template(
        "plans/draw.html",
        errors=form.faults,
        weeks=form.typed("weeks", "52"),
        how=form.typed("how", KEEP),
        cause=form.typed("cause"),
        from_day=form.typed("from", first.isoformat()),
        seed=form.typed("seed", "0"),
        freeze_days=parts().settings.freeze_days,
        first_day=full_day(first),
        published=version is not None,
        least=draw_plan.WEEKS[0],
        most=draw_plan.WEEKS[1],
    )


@pages.post("/plans/draw")
@allow("draft", "write")
def begin() -> Response:
    """Leave a run for the worker and go to its page."""
    form = Form()
    redraw = form.choice("how", (KEEP, REDRAW), default=KEEP) == REDRAW
    weeks = form.number("weeks", least=draw_plan.WEEKS[0], most=draw_plan.WEEKS[1])
    seed = form.number("seed", least=0, most=2**31 - 1, default=0)
    cause = form.text("cause", required=redraw)
    day = form.day("from", today=today()) if redraw else None
    if form:
        try:
            run_id = draw_plan.ask(
                parts(), viewer().person_id, draw_plan.Wish(weeks=weeks, cause=cause, redraw_from=day, seed=seed)
            )
        except InvalidError as error:
            form.take(error, "from" if redraw else "weeks")
        else:
            return redirect(url_for("plans.run", run_id=run_id), 303)
    return Response(_form(form), 422, mimetype="text/html")


def _run(run_id: str) -> Run:
    """Give a run that draws a plan. Raises NotFoundError for any other."""
    with parts().store.read() as db:
        found = runs.get(db, run_id)
    if found.job not in DRAWING and "draft_id" not in found.result and not found.progress:
        raise NotFoundError(phrase("There is no such run."))
    return found


@pages.get("/plans/runs/<run_id>", endpoint="run")
@allow("runs")
def show_run(run_id: str) -> str:
    """Show a run: stage, best so far, Stop and keep."""
    found = _run(run_id)
    return render_template(
        "plans/run.html",
        run=_run_values(found),
        poll="" if found.over else url_for("plans.run_body", run_id=run_id),
        here=url_for("plans.run", run_id=run_id),
        title=_run_title(found),
        asked=phrase("Asked by %(who)s, %(when)s", who=found.by, when=_stamp(found.created)),
    )


def _run_title(found: Run) -> str:
    both = found.job == what_if.JOB
    if not found.over:
        return phrase("Drawing both plans") if both else phrase("Drawing a plan")
    if found.state != runs.DONE:
        return phrase("No plan")
    return phrase("Both plans are drawn") if both else phrase("The plan is drawn")


@pages.get("/plans/runs/<run_id>/body")
@allow("runs")
def run_body(run_id: str) -> Response:
    """Give what changes of a run's page; 286 once it is over, so that nobody asks again."""
    found = _run(run_id)
    body = render_template("plans/run_body.html", run=_run_values(found))
    return Response(body, STOPPED_ASKING if found.over else 200, mimetype="text/html")


def _run_values(found: Run) -> dict[str, Any]:
    said = {**found.progress, **found.result.get("figures", {})}
    placed, owed, bound = (int(said.get(name, 0)) for name in ("placed", "owed", "bound"))
    needs = int(said.get("needs", placed + owed))
    on_time = int(said.get("on_time", 0))
    return {
        "title": _run_title(found),
        "stages": _stages(found),
        "stage": _stage_words(found),
        "placed": number(placed),
        "owed": number(owed),
        "needs": number(needs) if needs else "",
        "bound": number(bound),
        "best": _best(found, on_time, needs, int(said.get("sessions", 0))) if needs else "",
        "gauge": draw_gauge(placed, bound, needs) if needs else None,
        "stop": url_for("plans.stop", run_id=found.id) if _may_stop(found) else "",
        "over": found.over,
        "result": _result(found),
        "trouble": _trouble(found),
    }


def _best(found: Run, on_time: int, needs: int, sessions: int) -> str:
    words = phrases(
        "%(on_time)s of %(needs)s on time in %(num)s session.",
        "%(on_time)s of %(needs)s on time in %(num)s sessions.",
        sessions,
        on_time=number(on_time),
        needs=number(needs),
    )
    words = words if found.over else phrase("Best so far: %(words)s", words=words)
    return f"{words} {_reached(found)}".rstrip()


def _reached(found: Run) -> str:
    """Say how near the plan of a run that is over is to what any could reach."""
    f = found.result.get("figures", {})
    if "proved" not in f:
        return ""
    return bound_words(f["on_time"], f["bound"], proved=f["proved"], out_of_reach=f["out_of_reach"])


def _result(found: Run) -> tuple[str, str] | None:
    """Give where a run that is done leads, and the words for it."""
    if found.job == what_if.JOB and "right" in found.result:
        where = url_for("what_if.compare", left=found.result["left"], right=found.result["right"])
        return where, phrase("Lay them side by side")
    draft_id = found.result.get("draft_id", "")
    return (url_for("publish.show", draft_id=draft_id), phrase("Review the draft")) if draft_id else None


def _may_stop(found: Run) -> bool:
    return not found.over and not found.stop and bool(scope(viewer(), "runs", "write"))


def _stage_words(found: Run) -> str:
    if found.state == runs.WAITING:
        return phrase("Waiting for the worker")
    if found.state == runs.RUNNING:
        stage = str(found.progress.get("stage", "")) or phrase("Reading the organisation")
        stage = stage[:1].upper() + stage[1:]
        return phrase("Stopping: %(stage)s", stage=in_sentence(stage)) if found.stop else stage
    if found.state == runs.DONE:
        return (
            phrase("Done: both plans wait for you")
            if found.job == what_if.JOB
            else phrase("Done: the draft waits for you")
        )
    return phrase("Stopped before it began") if found.state == runs.SKIPPED else phrase("This run failed")


def _stages(found: Run) -> list[tuple[str, str]]:
    """Give the steps of a run: which are done, which is now."""
    if found.state in (runs.FAILED, runs.SKIPPED):
        return [(STEPS[0], "done"), (phrase("Stopped"), "now")]
    steps = WHAT_IF_STEPS if found.job == what_if.JOB else STEPS
    at = {runs.WAITING: 0, runs.DONE: len(steps)}.get(found.state, _step_of(found))
    return [(word, "done" if i < at else "now" if i == at else "") for i, word in enumerate(steps)]


def _step_of(found: Run) -> int:
    """Give the step that a stage of the planner belongs to."""
    stage = str(found.progress.get("stage", ""))
    if found.job == what_if.JOB:
        return 2 if stage.startswith(what_if.SUPPOSED_STAGE) else 1
    if stage.startswith(("Finding", "Joining", "Evening")):
        return 2
    return 3 if stage.startswith("Checking") else 1


def _trouble(found: Run) -> str:
    if found.state == runs.FAILED:
        trouble = found.error or phrase("The worker was stopped.")
        return phrase("%(trouble)s Nothing was changed. Draw the plan again when it is put right.", trouble=trouble)
    if found.state == runs.WAITING and (now() - found.created).total_seconds() > 60:  # noqa: PLR2004 -- a minute
        return phrase("The worker has not begun yet. If it is not running, start it: devsys worker.")
    return ""


@pages.post("/plans/runs/<run_id>/stop")
@allow("runs", "write")
def stop(run_id: str) -> Response:
    """Ask a run to end with the best it has."""
    _run(run_id)
    try:
        with parts().store.write() as db:
            runs.ask_to_stop(db, run_id, now())
    except ConflictError:
        flash(phrase("The run was over already."), "info")
    else:
        flash(phrase("It stops and keeps the best plan so far."), "ok")
    return redirect(url_for("plans.run", run_id=run_id), 303)


@pages.get("/plans/versions/<int:number>")
@allow("versions")
def version(number: int) -> str:
    """Show what a published plan changed: one line of the log, opened; of one session alone where the address says."""
    with parts().store.read() as db:
        found = plans.version(db, number)
        before, after = sessions.changed_by_version(db, number)
        one = request.args.get("session", "")
        if any(s.id == one for s in after):
            after = tuple(s for s in after if s.id == one)
        else:
            one = ""
        known = names(db)
        shown: Diff = diff(differences(before, after), known, viewer(), reach_here(), cause=found.cause)
        even = even_here(found.figures.even, known)
    return render_template("plans/version.html", version=_version_line(found), even=even, diff=shown, one=bool(one))
