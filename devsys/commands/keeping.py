"""Keep the data: backup, restore, move, digest."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from devsys.base.config import Settings
from devsys.base.errors import ConflictError
from devsys.commands.ground import open_parts, with_settings

if TYPE_CHECKING:
    from devsys.actions.move import Moved


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@with_settings
def backup(settings: Settings, path: Path) -> None:
    """Write a checked copy of the database to PATH, with a manifest beside it; devsys may go on meanwhile."""
    from devsys.actions.backup import back_up

    with open_parts(settings) as parts:
        bar = _Rows()
        found = back_up(parts, path, bar.show)
        bar.close()
    click.echo(f"{path}: step {found.step}, digest {found.digest}")


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@with_settings
def restore(settings: Settings, path: Path) -> None:
    """Make the backup at PATH the database, after it was checked; devsys must be stopped."""
    from devsys.actions.backup import restore as bring_back
    from devsys.actions.erase_person import come_back

    with open_parts(settings, migrated=False, using=False) as parts:
        bar = _Rows()
        found = bring_back(parts, path, bar.show)
        bar.close()
        with parts.store.read() as db:
            back = come_back(parts, db)
    click.echo(f"The database is as it was on {found.made}. Everybody signs in again.")
    for code in back:
        click.echo(f"{code} was erased since, and is back. Run: devsys erase {code}")


@click.command()
@with_settings
def restored(settings: Settings) -> None:
    """Say that the database was restored by its own tools (pg_restore); devsys must be stopped."""
    from devsys.actions.backup import begin_anew

    with open_parts(settings, using=False) as parts:
        begin_anew(parts)
    click.echo("Everybody signs in again, feeds are fetched anew, letters that may have left are held.")


@click.command("change-key")
@click.option("--typed", help="The words, instead of being asked for them.")
@with_settings
def change_key(settings: Settings, typed: str | None) -> None:
    """Seal all confidential texts with a new key; devsys must be stopped. Broken off, it goes on when run again."""
    from devsys.actions import change_key as action

    with open_parts(settings, using=False) as parts:
        if typed is None:
            typed = click.prompt(f"Type “{action.WORDS}” to do so", prompt_suffix=": ")
        done = action.change_key(parts, typed)
    if done.backup:
        click.echo(f"Before that: {done.backup}")
    click.echo(f"{done.texts} texts are sealed with the new key. Keep a copy of {settings.home / 'key'} elsewhere.")
    if done.former:
        click.echo(f"Backups until now need {done.former}. Delete it with the last of them.")


@click.command()
@with_settings
def digest(settings: Settings) -> None:
    """Print one figure over the data: equal data, equal figure, on either engine."""
    from devsys.adapters.store.digest import digest as figure

    with open_parts(settings, using=False) as parts, parts.store.read() as db:
        click.echo(figure(db))


@click.command("my-data")
@click.argument("person")
@click.option("--out", "path", required=True, type=click.Path(path_type=Path), help="File to write; JSON.")
@with_settings
def my_data(settings: Settings, person: str, path: Path) -> None:
    """Write all that is held about PERSON (code, address, name) to a file, and what is in it beside that, as .txt."""
    from devsys.actions import my_data as action
    from devsys.actions.erase_person import find
    from devsys.base.files import replace_file

    with open_parts(settings) as parts:
        held = action.everything(parts, find(parts, person).id)
        made = f"{parts.now():%d %B %Y, %H:%M} UTC"
    index = path.with_name(f"{path.name}.txt")
    replace_file(path, action.as_json(held).encode(), mode=0o600)
    replace_file(index, action.as_index(held, made).encode(), mode=0o600)
    rows = sum(len(one["rows"]) for one in held["tables"].values())
    click.echo(f"{path}: {rows} rows. {index} says what they are. Give both to nobody else, and delete them then.")


@click.command()
@click.argument("person")
@click.option("--typed", help="The person's whole name, instead of being asked for it.")
@with_settings
def erase(settings: Settings, person: str, typed: str | None) -> None:
    """Erase PERSON (code, address, name): what is theirs goes, plans and counts stay, namelessly. Not to be undone."""
    from devsys.actions import erase_person

    with open_parts(settings) as parts:
        seen = erase_person.preview(parts, erase_person.find(parts, person).id)
        if seen.refused:
            raise ConflictError(seen.refused)
        for words, rows in (("goes", seen.goes), ("stays, under no name", seen.stays)):
            counts = ", ".join(f"{n} in {name.replace('_', ' ')}" for name, n in sorted(rows.items())) or "nothing"
            click.echo(f"What {words}: {counts}.")
        if typed is None:
            typed = click.prompt("Type the whole name to erase this person", prompt_suffix=": ")
        done = erase_person.erase(parts, seen.known.id, typed)
    click.echo("Erased. The name, the address and the id are no longer in the database.")
    if not done.cleared:
        click.echo(
            "Somebody reads the database right now: the worker clears what its file still holds within the hour."
        )
    if done.backup:
        click.echo(f"Backups made until now (the last: {done.backup[:10]}) still hold this person: delete them.")
    click.echo("After a restore of an older backup, erase this person again.")


@click.command()
@click.option("--to", "url", help="Address of an empty or absent database: sqlite:///FILE or postgresql://...")
@click.option("--reopen", is_flag=True, help="Go on with this database after all, as it was when it was moved.")
@with_settings
def move(settings: Settings, url: str | None, *, reopen: bool) -> None:
    """Move all data to another database, whole or not at all; devsys must be stopped."""
    from devsys.actions import move as story

    if (url is None) != reopen:
        raise click.UsageError("Give either --to URL or --reopen.")
    with open_parts(settings, migrated=False, using=False) as parts:
        if url is None:
            story.reopen(parts)
            click.echo("devsys goes on with this database. What was written elsewhere since the move is not in it.")
            return
        bar = _Rows()
        found = story.move(parts, url, bar.show)
        bar.close()
    for line in _next_steps(settings, found, url):
        click.echo(line)


class _Rows:
    """How far a move is: one line that is written over at a terminal, a line for each tenth elsewhere."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._said = -1

    def show(self, table: str, rows: int, in_all: int) -> None:
        """Show how many rows have been copied."""
        tenth = rows * (100 if self._terminal else 10) // max(in_all, 1)
        if tenth != self._said:
            self._said = tenth
            words = f"{rows:,} of {in_all:,} rows copied ({table})"
            click.echo(f"\r{words:<72}" if self._terminal else words, nl=not self._terminal, err=True)

    def close(self) -> None:
        """End the line."""
        if self._terminal and self._said >= 0:
            click.echo(err=True)


def _next_steps(settings: Settings, found: "Moved", url: str) -> tuple[str, ...]:
    done = (
        "The same data stood there already" if found.before else f"{found.rows:,} rows of {found.tables} tables moved"
    )
    home = settings.home.absolute()
    here = url == f"sqlite:///{home / 'devsys.db'}"
    address = (
        "DEVSYS_DATABASE_URL (unset it: the file lies in DEVSYS_HOME)"
        if here
        else f"DEVSYS_DATABASE_URL={found.target}" + " (your password in place of the stars)" * ("***" in found.target)
    )
    key = f"The key of confidential texts stays {home / 'key'}, the secret {home / 'secret'}: keep DEVSYS_HOME={home}."
    return (
        f"{done}, from {found.source} to {found.target}; the same digest on both sides: {found.digest}",
        *((f"Take care: {found.key}",) if found.key else ()),
        "What to do now:",
        f"  1. Set {address} wherever devsys is started.",
        f"  2. {key}",
        "     On another machine put a copy of both files into its DEVSYS_HOME, mode 0600.",
        "  3. devsys doctor, then start devsys. Links to calendars go on working.",
        f"{found.source} was left as it is; devsys refuses to go on with it (devsys move --reopen takes that back).",
    )
