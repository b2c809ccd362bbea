"""When a calendar says somebody is busy: busy."""

import json
import sys
from datetime import UTC, date, datetime, time
from pathlib import Path

import click

from devsys.base.errors import Fault, InvalidError
from devsys.base.limits import ICS_BYTES
from devsys.commands.ground import a_file


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--from", "first", required=True, help="The first day, or a time: 2026-01-05, 2026-01-05T09:00.")
@click.option("--to", "last", required=True, help="Where it ends; a day is not included.")
@click.option("--zone", default="UTC", show_default=True, help="Whose clock days and times without a zone are in.")
def busy(file: Path, first: str, last: str, zone: str) -> None:
    """Print when the iCalendar FILE says its owner is busy: merged periods in UTC, as JSON.

    Cancelled and transparent entries do not count. Titles, places and people are not read.
    """
    from devsys.base.apart import apart
    from devsys.core.busy.read import answered_apart, asked_apart, read_apart

    data = a_file(file, file.name, ICS_BYTES)
    payload = asked_apart(data, _moment(first, "from", zone), _moment(last, "to", zone), zone)
    found = answered_apart(apart(read_apart, payload, what="The calendar"))
    click.echo(json.dumps([{"start": _stamp(a), "end": _stamp(b)} for a, b in found.periods], indent=2))
    for name in found.unknown:
        click.echo(f"No time zone is known as {name}: its times were read in {zone}.", err=True)
    sys.stdout.flush()


def _moment(text: str, option: str, zone: str) -> datetime:
    from devsys.core.model.hours import zone_of

    try:
        found = datetime.combine(date.fromisoformat(text), time()) if "T" not in text else datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=zone_of(zone))).astimezone(UTC)
    except (ValueError, OverflowError):
        shown = text[:40]
        raise InvalidError(
            f"{shown!r} is no day and no time.", (Fault(f"--{option}", "2026-01-05 or 2026-01-05T09:00"),)
        ) from None


def _stamp(moment: datetime) -> str:
    return moment.replace(tzinfo=None, microsecond=0).isoformat() + "Z"
