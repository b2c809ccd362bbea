"""The command line: reads the settings once, hands them on, and turns errors into words."""

import logging
import os
import sys
import traceback
import zoneinfo
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import click
from pydantic import ValidationError

from devsys.base.config import Settings
from devsys.base.errors import DevsysError, InvalidError
from devsys.commands import (
    asking,
    bringing,
    busy,
    charting,
    comparing,
    effects,
    keeping,
    people,
    planning,
    repairing,
    running,
    tokens,
)


def _version() -> str:
    try:
        return version("devsys")
    except PackageNotFoundError:
        return "(not installed as a package)"


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
@click.version_option(_version(), prog_name="devsys", message="%(prog)s %(version)s")
@click.pass_context
def devsys(context: click.Context) -> None:
    """Plan development time for customer-support teams, without robbing the queue.

    Settings come from DEVSYS_... variables; docs/operate.md lists them.
    """
    context.obj = settings = _settings()
    logging.getLogger().setLevel(settings.log_level)


def _settings() -> Settings:
    try:
        return Settings.model_validate({})  # each key from its DEVSYS_ variable, or its default
    except ValidationError as error:
        words = "; ".join(f"DEVSYS_{str(e['loc'][0]).upper()}: {e['msg']}" for e in error.errors())
        raise InvalidError(f"A setting cannot be taken. {words}") from None


for command in (
    running.run,
    running.web,
    running.worker,
    running.migrate,
    running.doctor,
    running.routes,
    bringing.import_file,
    bringing.export,
    bringing.kinds,
    bringing.adopt,
    bringing.check_schedules,
    planning.plan,
    planning.drafts,
    planning.publish,
    asking.why,
    busy.busy,
    comparing.what_if,
    effects.att,
    planning.plan_file,
    planning.export_instance,
    repairing.replan_file,
    charting.spc,
    charting.readings,
    people.demo,
    people.accounts,
    people.feed,
    tokens.token,
    keeping.backup,
    keeping.restore,
    keeping.restored,
    keeping.change_key,
    keeping.digest,
    keeping.erase,
    keeping.my_data,
    keeping.move,
):
    devsys.add_command(command)


def main(words: list[str] | None = None) -> None:
    """Run one command and exit: 0 fine, 1 refused or failed with the reason said, 2 a call that cannot be."""
    zoneinfo.reset_tzpath(to=[])  # the same zone rules on every machine: from the tzdata package
    os.umask(0o077)  # databases, secrets and plans are the owner's alone
    try:
        code = devsys.main(words, prog_name="devsys", standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("Stopped.", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except DevsysError as error:
        for line in (error.message, *(f"  {fault}" for fault in error.faults)):
            click.echo(line, err=True)
        sys.exit(1)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # whoever read us has gone; say nothing more
        sys.exit(1)
    except Exception as error:
        if logging.getLogger().isEnabledFor(logging.DEBUG):
            raise
        last = traceback.extract_tb(error.__traceback__)[-1]
        click.echo(
            f"Something in devsys broke ({type(error).__name__}, {Path(last.filename).name}:{last.lineno}).", err=True
        )
        click.echo("Please report it with what DEVSYS_LOG_LEVEL=DEBUG shows. Nothing half done was kept.", err=True)
        sys.exit(1)
    sys.exit(code if isinstance(code, int) else 0)
