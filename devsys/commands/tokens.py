"""Tokens of the API at a terminal."""

from datetime import datetime

import click

from devsys.base.config import Settings
from devsys.base.errors import Fault, InvalidError
from devsys.base.text import clean
from devsys.commands.ground import open_parts, with_settings
from devsys.commands.people import owner_of
from devsys.core.model.tokens import DAYS, SCOPES, Kind, Token

_INTEGRATION = click.option(
    "--integration", is_flag=True, help="Of an integration: it sees what the administrator with this address sees."
)
_NAME_LENGTH = 60


@click.group()
def token() -> None:
    """Tokens with which programs ask the API."""


@token.command("make")
@click.argument("email")
@click.option("--name", required=True, help="Name to know it by.")
@click.option("--scope", "scopes", multiple=True, required=True, type=click.Choice(SCOPES), help="May be repeated.")
@click.option(
    "--days", type=click.Choice([str(d) for d in DAYS]), default="90", show_default=True, help="How long it lives."
)
@_INTEGRATION
@with_settings
def make(settings: Settings, email: str, name: str, scopes: tuple[str, ...], days: str, *, integration: bool) -> None:
    """Make a token with the eyes of the person with this mail address; it is printed once and kept nowhere."""
    from devsys.actions import api_tokens

    said = clean(name, limit=_NAME_LENGTH)
    if not said:
        raise InvalidError("A token needs a name.", (Fault("--name", "Say how to know it."),))
    with open_parts(settings) as parts:
        wanted = api_tokens.Wanted(said, scopes, int(days))
        click.echo(api_tokens.make(parts, owner_of(parts, email), wanted, _kind(integration)))


@token.command("list")
@click.argument("email")
@_INTEGRATION
@with_settings
def list_tokens(settings: Settings, email: str, *, integration: bool) -> None:
    """List the living tokens of the person with this mail address: id, name, scopes, last use, last day."""
    from devsys.adapters.store.queries import tokens

    with open_parts(settings) as parts:
        owner = owner_of(parts, email)
        with parts.store.read() as db:
            found = tokens.of_owner(db, owner.person_id, _kind(integration), parts.now())
    for one in found:
        click.echo(f"{one.id} {one.name}, {', '.join(one.scopes)}, {_used(one)}, ends on {_day(one.expires)}")


@token.command("revoke")
@click.argument("email")
@click.argument("token_id")
@_INTEGRATION
@with_settings
def revoke(settings: Settings, email: str, token_id: str, *, integration: bool) -> None:
    """End a token of the person with this mail address: it is dead at the next request."""
    from devsys.actions import api_tokens

    with open_parts(settings) as parts:
        api_tokens.revoke(parts, owner_of(parts, email), token_id, _kind(integration))
    click.echo("The token is ended.")


def _kind(integration: bool) -> Kind:  # noqa: FBT001 -- the flag itself
    return "integration" if integration else "person"


def _used(one: Token) -> str:
    return f"last used on {_day(one.used)}" if one.used else "never used"


def _day(moment: datetime) -> str:
    return f"{moment:%d %B %Y}"
