"""Charts at a terminal: spc."""

from pathlib import Path

import click

from devsys.base import limits
from devsys.base.text import count_of
from devsys.commands.ground import a_file


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
