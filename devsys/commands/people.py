"""People at a terminal: the demo organisation, accounts, calendar links."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from devsys.base.config import Settings
from devsys.base.errors import ConflictError, InvalidError, NotFoundError
from devsys.base.text import clean
from devsys.commands.ground import as_reached, open_parts, with_settings

if TYPE_CHECKING:
    from devsys.actions.demo_sites import SitePlan
    from devsys.actions.parts import Parts
    from devsys.core.model.access import Viewer


@click.group(invoke_without_command=True)
@click.option("--if-empty", is_flag=True, help="Do nothing when the database holds an organisation already.")
@click.option("--seed", type=click.IntRange(0), default=7, show_default=True, help="The same seed, the same people.")
@click.option("--people", type=click.IntRange(100), default=300, show_default=True, help="About how many people.")
@click.option("--sites", type=click.IntRange(1), default=2, show_default=True, help="At how many sites.")
@click.pass_context
def demo(context: click.Context, *, if_empty: bool, seed: int, people: int, sites: int) -> None:
    """Make the demo organisation: about 300 made-up people or more, a year behind them and a year planned."""
    if context.invoked_subcommand is None:
        from devsys.actions.demo_sites import site_plans

        try:
            plans = site_plans(sites, people)
        except ValueError as error:
            raise InvalidError(str(error)) from None
        _make_demo(context.find_root().obj, if_empty=if_empty, seed=seed, sites=plans)


def _make_demo(settings: Settings, *, if_empty: bool, seed: int, sites: "tuple[SitePlan, ...]") -> None:
    from devsys.actions import demo as action
    from devsys.adapters.store.leader import leadership

    # A database that is not there yet is made beside and moved into place whole; one that is there must be empty.
    there = settings.database_url or (settings.home / "devsys.db").exists()
    with open_parts(settings, migrated=bool(there)) as parts:
        if there and action.exists(parts):
            if if_empty:
                return
            raise ConflictError(
                "This database holds an organisation already. The demo needs an empty one of its own: "
                "set DEVSYS_HOME to another folder."
            )
        with leadership(parts.store) as alone:
            if not alone:
                raise ConflictError("devsys is running on this database. Stop it first.")
            click.echo("Making the demo organisation; this takes a few minutes, once.")
            action.create(parts, say=click.echo, seed=seed, sites=sites)
        click.echo("The demo organisation is ready: devsys run, devsys demo accounts")


@demo.command("accounts")
@click.option("--json", "as_json", is_flag=True, help="Give one JSON document.")
@with_settings
def demo_accounts(settings: Settings, *, as_json: bool) -> None:
    """List one account per role with its password."""
    from devsys.actions.demo import demo_accounts as listed

    with open_parts(settings) as parts:
        found = listed(parts)
    if as_json:
        click.echo(json.dumps([asdict(one) for one in found], ensure_ascii=False, indent=1))
        return
    for one in found:
        click.echo(f"{one.role:14} {one.email:30} {one.password:16} {one.name}")


@demo.command("feeds")
@click.option("--json", "as_json", is_flag=True, help="Give one JSON document.")
@with_settings
def demo_feeds(settings: Settings, *, as_json: bool) -> None:
    """List one feed address per kind."""
    from devsys.actions.demo import demo_feeds as listed

    with open_parts(as_reached(settings)) as parts:
        found = listed(parts)
    if as_json:
        click.echo(json.dumps([asdict(one) for one in found], ensure_ascii=False, indent=1))
        return
    for one in found:
        click.echo(f"{one.kind:12} {one.url}  {one.name}")


@click.group()
def accounts() -> None:
    """Let people sign in."""


@accounts.command("add")
@click.argument("email")
@click.option("--name", default="", help="Name, for somebody who is not among the people yet.")
@click.option("--role", "roles", multiple=True, help="A role, or role:team to limit it to a team; may be repeated.")
@with_settings
def add_account(settings: Settings, email: str, name: str, roles: tuple[str, ...]) -> None:
    """Make an account for EMAIL and print its one-time password; the person chooses another one at once."""
    from devsys.actions.add_account import add_account as add

    with open_parts(settings) as parts:
        password = add(parts, email=email, name=name, roles=roles)
    click.echo(f"{email} may sign in once with the password {password}")


@click.group()
def feed() -> None:
    """Calendar links of a person."""


@feed.command("list")
@click.argument("email")
@with_settings
def list_feeds(settings: Settings, email: str) -> None:
    """List the links of the person with this mail address: id, kind, name, last fetched."""
    from devsys.adapters.store.queries import feeds

    with open_parts(settings) as parts, parts.store.read() as db:
        for one in feeds.of_owner(db, owner_of(parts, email).person_id):
            fetched = f"last fetched {one.fetched:%d %B %Y, %H:%M} UTC" if one.fetched else "not fetched yet"
            click.echo(f"{one.id} {one.settings.kind:12} {one.name}, {fetched}")


@feed.command("new")
@click.argument("email")
@click.option("--name", default="Calendar", show_default=True, help="Name of the device or program that reads it.")
@click.option(
    "--kind",
    type=click.Choice(("person", "team", "facilitator", "room")),
    default="person",
    show_default=True,
    help="What it shows.",
)
@click.option("--of", "code", default="", help="Code of the team, room or person it shows; without it, the person.")
@with_settings
def new_feed(settings: Settings, email: str, name: str, kind: str, code: str) -> None:
    """Make a link, read as the person with this mail address; the address is printed once and kept nowhere."""
    from devsys.actions.rotate_feed import Wanted, make
    from devsys.core.feeds.scope import FeedKind

    with open_parts(as_reached(settings)) as parts:
        viewer = owner_of(parts, email)
        target = _target(parts, viewer, kind, code)
        token = make(parts, viewer, Wanted(FeedKind(kind), target, clean(name)))
        click.echo(f"{parts.settings.public_url}/feed/{token}.ics")


@feed.command("revoke")
@click.argument("email")
@click.argument("feed_id")
@with_settings
def revoke_feed(settings: Settings, email: str, feed_id: str) -> None:
    """Kill a link of the person with this mail address: it is dead at the next request."""
    from devsys.actions.rotate_feed import revoke

    with open_parts(settings) as parts:
        revoke(parts, owner_of(parts, email), feed_id)
    click.echo("The link is dead.")


def owner_of(parts: "Parts", email: str) -> "Viewer":
    """Give the person with a mail address, as they see devsys. Raises NotFoundError."""
    from devsys.adapters.store.queries import accounts, people

    with parts.store.read() as db:
        person = next((p for p in people.organisation(db).people if p.email.lower() == email.strip().lower()), None)
        known = accounts.account_by_email(db, email.strip(), parts.now().date())
        person_id = known.person_id if known else person.id if person else ""
        viewer = accounts.viewer_of(db, person_id)
    if viewer is None:
        raise NotFoundError(f"Nobody has the address {email}.")
    return viewer


def _target(parts: "Parts", viewer: "Viewer", kind: str, code: str) -> str:
    from devsys.adapters.store.queries import people

    if not code:
        if kind == "room":
            raise InvalidError("Say which room: --of CODE")
        return (viewer.team_id or "") if kind == "team" else viewer.person_id
    with parts.store.read() as db:
        organisation = people.organisation(db)
    among = {
        "team": {t.code: t.id for t in organisation.teams},
        "room": {r.code: r.id for r in organisation.rooms},
    }.get(kind) or {p.code: p.id for p in organisation.people}
    if code in among:
        return among[code]
    raise NotFoundError(f"There is no {kind} with the code {code!r}.")
