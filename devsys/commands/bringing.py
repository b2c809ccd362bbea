"""Bring the organisation and its programmes: import, export, adopt, check-schedules."""

from pathlib import Path

import click

from devsys.base import limits
from devsys.base.config import Settings
from devsys.base.errors import InvalidError
from devsys.base.resources import OTHER_SCHEDULES
from devsys.base.text import count_of
from devsys.commands.ground import a_file, open_parts, with_settings

MOST_SHOWN = 40


@click.command("import")
@click.argument("kind")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what the file would do; write nothing.")
@with_settings
def import_file(settings: Settings, kind: str, file: Path, *, dry_run: bool) -> int:
    """Bring a FILE of a KIND: all of it, or nothing. `devsys kinds` lists the kinds with their columns."""
    from devsys.actions.import_files import bring

    data = a_file(file, file.name, limits.CSV_BYTES)
    with open_parts(settings) as parts:
        outcome = bring(parts, kind, data, dry_run=dry_run, by=None)
    for warned in outcome.warnings[:MOST_SHOWN]:
        click.echo(f"{file.name}: {warned.fault}", err=True)
    for refused in outcome.refused[:MOST_SHOWN]:
        click.echo(f"{file.name}: {refused.fault}", err=True)
    if len(outcome.refused) > MOST_SHOWN:
        click.echo(f"... and {len(outcome.refused) - MOST_SHOWN} more refused", err=True)
    counts = f"{len(outcome.new)} new, {len(outcome.changed)} changed, {len(outcome.same)} same"
    if outcome.refused:
        rows = {r.row for r in outcome.refused}
        what = counts + ", " + count_of(len(rows), "row") if 0 not in rows else "the file is"
        click.echo(f"{kind}: {what} refused. Nothing was written.")
        return 1
    click.echo(f"{kind}: {counts}.{' Dry run: nothing was written.' if dry_run else ''}")
    return 0


@click.command()
@click.argument("kind", required=False)
@click.option("--template", is_flag=True, help="Give the header and example rows of the KIND as a file.")
def kinds(kind: str | None, *, template: bool) -> None:
    """List the kinds of file to bring, in the order they are brought, or the columns of one KIND."""
    from devsys.core.intake.kinds import KINDS, kind_of
    from devsys.core.intake.kinds import template as example

    if kind is None:
        for one in KINDS.values():
            click.echo(f"{one.code:12} {one.says}")
        return
    found = kind_of(kind)
    if template:
        click.echo(example(kind), nl=False)
        return
    for column in found.columns:
        click.echo(f"{column.name:18} {column.wanted}; for example {column.example}")


@click.command()
@click.argument("kind")
@click.option("--out", type=click.Path(path_type=Path), help="Write to a file instead of the terminal.")
@with_settings
def export(settings: Settings, kind: str, out: Path | None) -> None:
    """Give what stands as a file of the same KIND that import takes."""
    from devsys.actions.import_files import export as exported
    from devsys.base.files import replace_file

    with open_parts(settings) as parts:
        text = exported(parts, kind)
    if out is None:
        click.echo(text, nl=False)
    else:
        replace_file(out, text.encode("utf-8"))


@click.command()
@click.argument("codes", nargs=-1)
@with_settings
def adopt(settings: Settings, codes: tuple[str, ...]) -> None:
    """Adopt shipped programmes by their CODES with all they include; all of them without codes."""
    from devsys.actions.adopt_programme import adopt_shipped

    with open_parts(settings) as parts:
        found = adopt_shipped(parts, codes)
    for title in found.taken:
        click.echo(f"adopted  {title}")
    for title in found.same:
        click.echo(f"same     {title}")


@click.command("check-schedules")
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@click.option("--people", type=click.IntRange(1, 1_000_000), help="How many learn; asks whether the hours suffice.")
@click.option("--spare-hours", type=click.FloatRange(0), help="Agent hours a week that all queues together can spare.")
@with_settings
def check_schedules(settings: Settings, folder: Path | None, people: int | None, spare_hours: float | None) -> int:
    """Read the programme files of a FOLDER (the shipped and own ones without) and name every fault by file and line.

    With --people and --spare-hours also say whether the programmes ask for more hours than there are.
    """
    from devsys.actions.adopt_programme import files
    from devsys.actions.parts import Parts
    from devsys.adapters.store.store import Store
    from devsys.core.programmes.check import check_demand, check_files

    if (people is None) != (spare_hours is None):
        raise InvalidError("Give both --people and --spare-hours, or neither.")
    if folder is None:
        found = dict(files(Parts(settings, Store(settings.url))))
    else:
        if not folder.is_dir():
            raise InvalidError(f"{folder} is no folder.")
        found = {
            file.name: limits.decoded(a_file(file, file.name, limits.YAML_BYTES), file.name)
            for file in sorted((*folder.glob("*.yaml"), *folder.glob("*.yml")))
            if file.name not in OTHER_SCHEDULES
        }
    if not found:
        raise InvalidError("There is no programme file (*.yaml) there.")
    checked = check_files(found)
    faults = checked.faults
    if people is not None and spare_hours is not None:
        faults += check_demand(checked.programmes, people, spare_hours)
    for fault in faults:
        click.echo(str(fault), err=True)
    words = f"{count_of(len(checked.programmes), 'programme')} in {count_of(len(found), 'file')}"
    activities = sum(len(p.activities) for p in checked.programmes)
    click.echo(f"{words}, {count_of(activities, 'activity', 'activities')}, {count_of(len(faults), 'fault')}.")
    return 1 if faults else 0
