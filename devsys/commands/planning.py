"""Plans at a terminal: plan, publish, drafts, plan-file, export-instance."""

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from devsys.base.config import Settings
from devsys.base.errors import InvalidError, NotFoundError
from devsys.base.text import count_of
from devsys.commands.ground import Bar, a_file, counted, open_parts, until_stopped, with_settings

if TYPE_CHECKING:
    from devsys.core.model.calendar import Evenness, Figures
    from devsys.core.planning.problem import Figures as ProblemFigures
    from devsys.core.planning.problem import Problem

seconds = click.option("--seconds", type=click.FloatRange(1), help="Stop with the best plan after so many seconds.")
seed = click.option(
    "--seed", type=click.IntRange(0), default=0, show_default=True, help="The same seed, the same plan."
)
rounds = click.option("--rounds", type=click.IntRange(0, 100), default=3, show_default=True, help="Most sweeps.")
workers = click.option(
    "--workers", type=click.IntRange(1, 256), help="Processes to draw with; one for each processor when not given."
)
weeks = click.option("--weeks", type=click.IntRange(1, 104), default=52, show_default=True, help="Length of the plan.")


def _share(part: float, whole: float) -> str:
    return f"{100 * part / whole:.2f} %" if whole else "100 %"


def _figures(found: "Figures | ProblemFigures") -> str:
    from devsys.core.model.calendar import bound_words

    near = bound_words(found.on_time, found.bound, proved=found.proved, out_of_reach=found.out_of_reach)
    return (
        f"{counted(found.sessions)} sessions; {counted(found.placed)} of {counted(found.needs)} needs placed, "
        f"{counted(found.on_time)} on time ({_share(found.on_time, found.needs)}), {counted(found.owed)} owed. "
        f"No plan can have more than {counted(found.bound)} on time: this one has {_share(found.on_time, found.bound)}."
        f"{' ' if near else ''}{near}"
    )


def _tell(found: "Figures | ProblemFigures") -> None:
    click.echo(_figures(found))
    if found.even is not None and (words := _even(found.even)):
        click.echo(words)


def _even(found: "Evenness") -> str:
    """Say how evenly a plan serves; no person and no team is named."""
    on_time, needs = found.person
    words = [f"Every person has at least {counted(on_time)} of {counted(needs)} needs on time"] if needs else []
    if found.team_id:
        on_time, needs = found.team
        words.append(f"every team of five or more at least {1000 * on_time // needs / 10:g} %")
    lines = [", ".join(words)] if words else []
    if found.seats:
        early, late, friday = (_share(part, found.seats) for part in (found.early, found.late, found.friday))
        above = f"nobody more than {found.above:g} seats above an even share"
        lines.append(f"Of all seats {early} before ten, {late} from four on, {friday} on Fridays, {above}")
        lines.append(f"The loads of like facilitators are at most {100 * found.apart:.1f} points apart")
    return "".join(f"{line}. " for line in lines).strip()


@click.command()
@weeks
@seconds
@workers
@seed
@rounds
@click.option("--redraw-from", type=click.DateTime(("%Y-%m-%d",)), help="Free what is published from this day on.")
@click.option("--cause", default="", help="Why; shown with every change.")
@with_settings
def plan(
    settings: Settings,
    weeks: int,
    seconds: float | None,
    workers: int | None,
    seed: int,
    rounds: int,
    redraw_from: datetime | None,
    cause: str,
) -> None:
    """Draw a plan as a draft that tells nobody; Ctrl-C keeps the best so far."""
    from devsys.actions.draw_plan import Wish, carry_out
    from devsys.faces.jobs.executor import crew_of

    crew = crew_of(settings.executor, workers or settings.plan_workers)
    day = redraw_from.date() if redraw_from else None
    wish = Wish(weeks=weeks, cause=cause, redraw_from=day, seed=seed, rounds=rounds)
    bar = Bar()
    with open_parts(settings) as parts, until_stopped(seconds) as stop:
        try:
            drawn = carry_out(replace(parts, crew=crew), wish, stop=stop, progress=bar.show)
        finally:
            bar.close()
    _tell(drawn.figures)
    for note in drawn.notes:
        click.echo(note, err=True)
    changes = f"{counted(drawn.new)} new, {counted(drawn.altered)} changed, {counted(drawn.cancelled)} cancelled"
    click.echo(f"Draft {drawn.draft_id}: {changes}. It tells nobody until it is published: devsys publish")


@click.command()
@click.argument("draft", required=False)
@click.option("--cause", default="", help="Why; shown with every change.")
@with_settings
def publish(settings: Settings, draft: str | None, cause: str) -> None:
    """Make a DRAFT the plan that people see; without one, the newest draft."""
    from devsys.actions import publish_plan
    from devsys.adapters.store.queries import plans

    with open_parts(settings) as parts:
        with parts.store.read() as db:
            before = plans.pointer(db)
            waiting = plans.open_drafts(db)
        if draft is None and not waiting:
            raise NotFoundError("There is no draft to publish. Draw one first: devsys plan")
        draft_id = draft or waiting[0].id
        seen = publish_plan.preview(parts, draft_id)
        number = publish_plan.publish(parts, draft_id, by_id=None, cause=cause)
    if number == before:
        click.echo(f"Nothing changed: version {number} stands. Nobody is told.")
        return
    changes = ", ".join(f"{counted(n)} {what}" for what, n in seen.counts.items())
    click.echo(
        f"Version {number} is published: {changes}; {count_of(len(seen.concerned), 'person', 'people')} concerned."
    )


@click.command()
@with_settings
def drafts(settings: Settings) -> None:
    """List the drafts that are neither published nor discarded, newest first."""
    from devsys.adapters.store.queries import plans

    with open_parts(settings) as parts, parts.store.read() as db:
        for draft in plans.open_drafts(db):
            cause = f", {draft.cause}" if draft.cause else ""
            click.echo(
                f"{draft.id} {draft.created:%d %B %Y, %H:%M} UTC by {draft.by}{cause}: {_figures(draft.figures)}"
            )


@click.command("plan-file")
@click.argument("instance", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Where the plan is written.")
@seconds
@workers
@seed
@rounds
@click.option("--construct-only", is_flag=True, help="Stop after the first whole plan, without sweeps.")
@with_settings
def plan_file(
    settings: Settings,
    instance: Path,
    out: Path,
    seconds: float | None,
    workers: int | None,
    seed: int,
    rounds: int,
    *,
    construct_only: bool,
) -> None:
    """Plan an INSTANCE file (JSON) without any database and write the plan."""
    from devsys.base.files import replace_file
    from devsys.core.planning.draw import draw, plan_document
    from devsys.faces.jobs.executor import crew_of

    problem, kept = _instance(instance)
    crew = crew_of(settings.executor, workers or settings.plan_workers)
    bar = Bar()
    with until_stopped(seconds) as stop:
        try:
            plan = draw(
                problem,
                seed=seed,
                rounds=rounds,
                stop=stop,
                progress=bar.show,
                construct_only=construct_only,
                crew=crew,
            )
        finally:
            bar.close()
    replace_file(out, json.dumps(plan_document(plan, kept), separators=(",", ":")).encode())
    _tell(plan.figures)
    for note in plan.notes:
        click.echo(note, err=True)


def _instance(file: Path) -> "tuple[Problem, dict[str, object]]":
    """Give the problem of an instance file and its pinned sessions as they are written there; no more stays."""
    from devsys.core.planning.draw import verbatim
    from devsys.core.planning.exchange import read_problem

    document = a_document(file, "instance")
    problem = read_problem(document)
    return problem, verbatim(problem, document)


def a_document(file: Path, what: str) -> dict[str, object]:
    """Give the object in a JSON file. Raises InvalidError when it cannot be read or holds none."""
    data = a_file(file, file.name)
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise InvalidError(f"{file.name} is no JSON: {error}") from None
    if not isinstance(found, dict):
        raise InvalidError(f"{file.name} is no {what}: an object is wanted.")
    return found


@click.command("export-instance")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Where the instance is written.")
@weeks
@with_settings
def export_instance(settings: Settings, out: Path, weeks: int) -> None:
    """Write the live organisation as an instance file: ids only, no names."""
    from devsys.actions.export_instance import export_instance as exported
    from devsys.base.files import replace_file

    with open_parts(settings) as parts:
        found = exported(parts, weeks)
    replace_file(out, json.dumps(found, separators=(",", ":")).encode())
    needs = found["demands"]
    click.echo(f"{out}: {count_of(len(needs) if isinstance(needs, list) else 0, 'need')}.")
