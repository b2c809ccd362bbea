"""Keep the data: backup, restore, digest."""

from pathlib import Path

import click

from devsys.base.config import Settings
from devsys.commands.ground import open_parts, with_settings


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@with_settings
def backup(settings: Settings, path: Path) -> None:
    """Write a checked copy of the database to PATH, with a manifest beside it; devsys may go on meanwhile."""
    from devsys.actions.backup import back_up

    with open_parts(settings) as parts:
        found = back_up(parts, path)
    click.echo(f"{path}: step {found.step}, digest {found.digest}")


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@with_settings
def restore(settings: Settings, path: Path) -> None:
    """Make the backup at PATH the database, after it was checked; devsys must be stopped."""
    from devsys.actions.backup import restore as bring_back

    with open_parts(settings, migrated=False) as parts:
        found = bring_back(parts, path)
    click.echo(f"The database is as it was on {found.made}. Everybody signs in again.")


@click.command()
@with_settings
def restored(settings: Settings) -> None:
    """Say that the database was restored by its own tools (pg_restore); devsys must be stopped."""
    from devsys.actions.backup import begin_anew

    with open_parts(settings) as parts:
        begin_anew(parts)
    click.echo("Everybody signs in again, feeds are fetched anew, letters that may have left are held.")


@click.command()
@with_settings
def digest(settings: Settings) -> None:
    """Print one figure over the data: equal data, equal figure, on either engine."""
    from devsys.adapters.store.digest import digest as figure

    with open_parts(settings) as parts, parts.store.read() as db:
        click.echo(figure(db))
