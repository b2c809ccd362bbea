"""Repairs at a terminal: replan-file."""

import json
from pathlib import Path

import click

from devsys.base.text import count_of
from devsys.commands.ground import until_stopped
from devsys.commands.planning import a_document, seconds, seed

_NAMED = 10


@click.command("replan-file")
@click.argument("instance", type=click.Path(path_type=Path))
@click.argument("plan", type=click.Path(path_type=Path))
@click.argument("change", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Where the new plan is written.")
@seconds
@seed
def replan_file(instance: Path, plan: Path, change: Path, out: Path, seconds: float | None, seed: int) -> None:
    """Repair the PLAN of an INSTANCE after a CHANGE (all JSON) and write the new plan; nobody moves without need."""
    from devsys.base.files import replace_file
    from devsys.core.planning.replan import replan_document

    documents = (a_document(instance, "instance"), a_document(plan, "plan"), a_document(change, "change"))
    with until_stopped(seconds) as stop:
        found = replan_document(*documents, seed=seed, stop=stop)
    replace_file(out, json.dumps(found.document, separators=(",", ":")).encode())
    repaired = found.repaired
    click.echo(repaired.certificate.sentence)
    changes = (
        f"{count_of(len(repaired.moved), 'session')} moved, {len(repaired.refacilitated)} led by somebody else, "
        f"{len(repaired.dropped)} off, {len(repaired.opened)} new"
    )
    click.echo(
        f"{changes}. Needs that lost their time: {len(repaired.freed)}, of them {repaired.people_moved} placed again, "
        f"{len(repaired.owed)} owed."
    )
    for broken in found.broken[:_NAMED]:
        click.echo(f"May not change and cannot stand: {broken.what}", err=True)
    if len(found.broken) > _NAMED:
        click.echo(f"… and {len(found.broken) - _NAMED} more.", err=True)
