"""Measures and charts at a terminal: readings, spc."""

from datetime import datetime
from pathlib import Path

import click

from devsys.base import limits
from devsys.base.config import Settings
from devsys.base.text import count_of
from devsys.commands.ground import a_file, open_parts, with_settings


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="Write to a file instead of the terminal.")
def spc(file: Path, out: Path | None) -> None:
    """Label the points of the series in a CSV FILE by the rules of XmR charts.

    Columns: case, date, y and, if you like, improvement_direction (increase, decrease, neutral), rebase_here (1 opens a
    new group), fix_after_n_points, screen_outliers, target. Each row comes back, in its place, with rebase_group, mean,
    lpl, upl, special_cause_type and point_type.
    """
    from devsys.base.files import replace_file
    from devsys.core.improvement.chart_file import labelled_file
    from devsys.core.intake.csv import write_table

    rows, series = labelled_file(a_file(file, file.name, limits.SERIES_BYTES), file.name)
    text = write_table(rows[0], rows[1:])
    if out is None:
        click.echo(text, nl=False)
        return
    replace_file(out, text.encode("utf-8"))
    click.echo(f"{count_of(len(rows) - 1, 'point')} of {series} series labelled.")


_DAY = click.DateTime(("%Y-%m-%d",))


@click.command()
@click.argument("source")
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--mapping", type=click.Path(path_type=Path), help="Keep this YAML as the mapping of the source first.")
@click.option("--from", "first", type=_DAY, help="The first day the file covers, if not that of its first row.")
@click.option("--to", "last", type=_DAY, help="The last day the file covers, if not that of its last row.")
@click.option("--dry-run", is_flag=True, help="Say what the file would do; write none of it.")
@with_settings
def readings(
    settings: Settings,
    source: str,
    file: Path | None,
    mapping: Path | None,
    first: datetime | None,
    last: datetime | None,
    *,
    dry_run: bool,
) -> None:
    """Bring a FILE of a SOURCE as readings: all of it, or nothing. Its rows are summed by team and week, not kept."""
    from devsys.actions import import_measures
    from devsys.core.improvement.readings import Span

    with open_parts(settings) as parts:
        if mapping is not None:
            text = limits.decoded(a_file(mapping, mapping.name, limits.YAML_BYTES), mapping.name)
            kept = import_measures.keep_mapping(parts, None, text, source=source)
            click.echo(f"The mapping of {source} is kept: {len(kept.measures)} measures.")
        if file is None:
            return
        span = Span(first.date() if first else None, last.date() if last else None)
        data = a_file(file, file.name, limits.READINGS_BYTES)
        found = import_measures.bring(parts, source, data, span, dry_run=dry_run)
    summed = found.summed
    counts = f"{found.new:,} new, {found.changed:,} changed, {found.gone:,} gone, {found.same:,} same"
    click.echo(f"{summed.rows:,} rows, {summed.first} to {summed.last}, {count_of(summed.people, 'person', 'people')}.")
    click.echo(f"Readings: {counts}.{' Dry run: nothing was written.' if dry_run else ''}")
