"""Effects at a terminal: group-time effects of any panel in a CSV file, for analysts."""

import json
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from devsys.base import limits
from devsys.base.errors import InvalidError
from devsys.commands.ground import a_file

if TYPE_CHECKING:
    from devsys.core.improvement.group_time import Estimate, GroupTime, Point


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--unit", required=True, metavar="COLUMN", help="Who is observed: a person, a team, a county.")
@click.option("--time", required=True, metavar="COLUMN", help="The period, a number.")
@click.option("--start", required=True, metavar="COLUMN", help="The period a unit starts in; 0 or empty: never.")
@click.option("--outcome", required=True, metavar="COLUMN", help="What is measured, a number.")
@click.option("--cluster", metavar="COLUMN", help="Units that were drawn together, such as teams.")
@click.option(
    "--control", type=click.Choice(["notyet", "never"]), default="notyet", show_default=True, help="Who is compared."
)
@click.option(
    "--base",
    type=click.Choice(["varying", "universal"]),
    default="varying",
    show_default=True,
    help="What periods before a start are compared with: the period before each, or the last before the start.",
)
@click.option("--json", "as_json", is_flag=True, help="All figures, exactly, for a program.")
def att(
    file: Path,
    *,
    unit: str,
    time: str,
    start: str,
    outcome: str,
    cluster: str | None,
    control: Literal["notyet", "never"],
    base: Literal["varying", "universal"],
    as_json: bool,
) -> None:
    """Give the effect of starting, by group and time, from a panel in FILE: a CSV with one row per unit and period.

    The figures are those of R's package did: a balanced panel, no covariates, analytical standard errors.
    docs/metrics.md says what they mean.
    """
    from devsys.core.improvement.group_time import group_time
    from devsys.core.improvement.panel_file import Columns, read_panel

    columns = Columns(unit, time, start, outcome, cluster)
    panel = read_panel(a_file(file, file.name, limits.SERIES_BYTES), file.name, columns)
    try:
        found = group_time(panel.y, panel.times, panel.starts, panel.clusters, control=control, base=base)
    except ValueError as error:
        raise InvalidError(f"{file.name} holds no effect that can be estimated: {error}.") from None
    if as_json:
        click.echo(json.dumps(_values(found), allow_nan=False))
        return
    for line in _lines(found):
        click.echo(line)


def _figure(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _estimate(one: "Estimate") -> Mapping[str, float | None]:
    return {"att": _figure(one.att), "se": _figure(one.se)}


def _points(points: "Iterable[Point]", key: str) -> list[Mapping[str, float | None]]:
    return [{key: _plain(point.at), "att": _figure(point.att), "se": _figure(point.se)} for point in points]


def _plain(value: float) -> float:
    """Give a period as a whole number where it is one."""
    return int(value) if value == int(value) else value


def _values(found: "GroupTime") -> Mapping[str, object]:
    return {
        "cells": [
            {"group": _plain(c.group), "time": _plain(c.time), "att": _figure(c.att), "se": _figure(c.se)}
            for c in found.cells
        ],
        "simple": _estimate(found.simple),
        "group": _points(found.group, "group"),
        "dynamic": _points(found.dynamic, "event"),
        "calendar": _points(found.calendar, "time"),
        "overall": {
            "group": _estimate(found.group_overall),
            "dynamic": _estimate(found.dynamic_overall),
            "calendar": _estimate(found.calendar_overall),
        },
        "units": found.units,
        "clusters": found.clusters,
        "dropped": found.dropped,
    }


def _lines(found: "GroupTime") -> Iterable[str]:
    from devsys.core.improvement.quantiles import t_quantile

    wide = t_quantile(0.975, math.inf)

    def row(name: str, att: float, se: float) -> str:
        if not math.isfinite(att):
            return f"  {name:<26}{'cannot be told':>15}"
        if not math.isfinite(se):
            return f"  {name:<26}{att:>12.4f}{'no error known':>24}"
        return f"  {name:<26}{att:>12.4f}{se:>10.4f}   {att - wide * se:.4f} to {att + wide * se:.4f}"

    yield f"{found.units:,} units, {len(found.times)} periods; effect, standard error, 95 % interval"
    if found.dropped:
        yield f"Left out: {found.dropped:,} that had started in the first period already."
    yield row("All cells after the start", found.simple.att, found.simple.se)
    yield row("By group", found.group_overall.att, found.group_overall.se)
    yield from (row(f"  group {p.at:g}", p.att, p.se) for p in found.group)
    yield row("By time since the start", found.dynamic_overall.att, found.dynamic_overall.se)
    yield from (row(f"  {p.at:+g}", p.att, p.se) for p in found.dynamic)
    yield row("By calendar time", found.calendar_overall.att, found.calendar_overall.se)
    yield from (row(f"  {p.at:g}", p.att, p.se) for p in found.calendar)
    yield "Group by group, time by time:"
    yield from (row(f"  group {c.group:g}, time {c.time:g}", c.att, c.se) for c in found.cells)
