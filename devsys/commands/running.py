"""Run it, look after it: run, web, worker, migrate, doctor, routes."""

import json
import logging
import signal
import sys
from dataclasses import asdict
from typing import Final

import click

from devsys.base.config import Settings
from devsys.base.errors import InvalidError
from devsys.base.logs import set_up
from devsys.commands.ground import open_parts, with_settings

_SIGNS: Final = {"fine": "ok     ", "warning": "WARNING", "broken": "BROKEN "}

host = click.option("--host", help="Address to listen on, instead of DEVSYS_HOST.")
port = click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on, instead of DEVSYS_PORT.")
bound = click.option("--bound", is_flag=True, hidden=True, help="End when the process that started this one ends.")


def _at(settings: Settings, host: str | None, port: int | None) -> Settings:
    found = {"host": host or settings.host, "port": port or settings.port}
    return Settings.model_validate({**settings.model_dump(), **found})


@click.command()
@host
@port
@with_settings
def run(settings: Settings, host: str | None, port: int | None) -> int:
    """Serve the web face and one worker until Ctrl-C."""
    from devsys import serve

    settings = _at(settings, host, port)
    set_up(settings.log_level, sys.stderr, settings.log_form)
    with open_parts(settings, migrated=False) as parts:
        return serve.run(parts, click.echo)


@click.command()
@host
@port
@bound
@with_settings
def web(settings: Settings, host: str | None, port: int | None, *, bound: bool) -> None:
    """Serve the web face alone."""
    from devsys import serve

    _take_signals()
    settings = _at(settings, host, port)
    set_up(settings.log_level, sys.stderr, settings.log_form)
    with open_parts(settings) as parts:
        if not bound:  # `devsys run` has asked
            serve.refuse_unsafe(parts)
        serve.web(parts, bound=bound)


@click.command()
@bound
@with_settings
def worker(settings: Settings, *, bound: bool) -> None:
    """Do due and asked work alone; a second worker waits until the first has gone."""
    from devsys.faces.jobs.worker import run_worker
    from devsys.serve import end_with_parent, refuse_unsafe

    _take_signals()
    set_up(settings.log_level, sys.stderr, settings.log_form)
    with open_parts(settings) as parts:
        if not bound:
            refuse_unsafe(parts)
        run_worker(parts, begin=end_with_parent if bound else lambda: None)


def _take_signals() -> None:
    """Take signals again that the process which started this one held back."""
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


@click.command()
@with_settings
def migrate(settings: Settings) -> None:
    """Bring the database up to date: whole, or not at all."""
    from devsys.actions.bring_up import bring_up
    from devsys.adapters.store import inspection

    with open_parts(settings, migrated=False) as parts:
        made = bring_up(parts)
        if made is not None:
            click.echo(f"Before that: {made}")
        with parts.store.read() as db:
            click.echo(f"The database is at step {inspection.step(db)}.")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Give one JSON document.")
@with_settings
def doctor(settings: Settings, *, as_json: bool) -> int:
    """Look at the installation; 0 when all is fine, 1 with warnings, 2 when something is broken."""
    from devsys.actions.doctor import examine
    from devsys.actions.parts import Parts
    from devsys.adapters.store.store import KEY_NAME, Store

    store = Store(settings.url, settings.home / KEY_NAME)
    try:
        checks = examine(Parts(settings, store))
    finally:
        store.close()
    worst = 2 * any(c.state == "broken" for c in checks) or int(any(c.state == "warning" for c in checks))
    if as_json:
        click.echo(json.dumps({"state": ("fine", "warning", "broken")[worst], "checks": [asdict(c) for c in checks]}))
    else:
        for check in checks:
            click.echo(f"{_SIGNS[check.state]} {check.name}: {check.says} {check.todo}".rstrip())
    return worst


@click.command()
@with_settings
def routes(settings: Settings) -> None:
    """List every address of the web face with what it asks for."""
    from devsys.app import create_app
    from devsys.app import routes as listed

    logging.disable()
    try:
        with open_parts(settings, migrated=False) as parts:
            for method, rule, endpoint, permission in listed(create_app(parts)):
                if permission is None:
                    raise InvalidError(f"{method} {rule} declares no permission.")
                click.echo(f"{method} {rule} {endpoint} {permission}")
    finally:
        logging.disable(logging.NOTSET)
