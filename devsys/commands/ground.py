"""What commands share: settings, an open store at the right step, how far something is, files in and out."""

import contextlib
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

import click

from devsys.base.config import Settings
from devsys.base.errors import ConflictError, InvalidError
from devsys.base.limits import INSTANCE_BYTES, within

if TYPE_CHECKING:
    from devsys.actions.parts import Parts
    from devsys.core.planning.problem import Progress

with_settings = click.make_pass_decorator(Settings)
BAR: Final = 28


@contextlib.contextmanager
def open_parts(settings: Settings, *, migrated: bool = True, using: bool = True) -> Iterator["Parts"]:
    """Give the parts over the settings' database.

    An empty database is brought up to date first. Raises ConflictError for one of another step, unless `migrated` is
    false: then it is left as it is. While it is open others find it in use, unless `using` is false: that is for
    commands which need it alone, or only look; they may open one whose data was moved elsewhere.
    """
    from devsys.actions.parts import Parts
    from devsys.adapters.store.presence import present
    from devsys.adapters.store.store import KEY_NAME, Store

    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    store = Store(settings.url, settings.home / KEY_NAME, language=settings.language)
    try:
        with present(store) if using else contextlib.nullcontext():
            if migrated:
                _at_this_step(Parts(settings, store))
            yield Parts(settings, store)
    finally:
        store.close()


def _at_this_step(parts: "Parts") -> None:
    from devsys.actions.bring_up import bring_up
    from devsys.adapters.store import inspection

    with parts.store.read() as db:
        step = inspection.step(db)
    newest = inspection.newest_step()
    if not step:
        bring_up(parts)
    elif step < newest:
        raise ConflictError(f"The database is at step {step}, this devsys needs {newest}. Run: devsys migrate")
    elif step > newest:
        raise ConflictError(f"The database is at step {step}, newer than this devsys. Install the newer devsys.")


def as_reached(settings: Settings) -> Settings:
    """Give the settings with the address that `devsys run` had last, where no variable says another."""
    default = Settings.model_fields
    untouched = not settings.base_url and (settings.host, settings.port) == (
        default["host"].default,
        default["port"].default,
    )
    file = settings.home / "address"
    if untouched and file.is_file():
        return Settings.model_validate({**settings.model_dump(), "base_url": file.read_text("utf-8").strip()})
    return settings


def a_file(path: Path, what: str, limit: int = INSTANCE_BYTES) -> bytes:
    """Give the bytes of a file a person names. Raises InvalidError when it cannot be read or is too large."""
    try:
        with path.open("rb") as file:
            return within(file.read(limit + 1), limit, what)
    except OSError as error:
        raise InvalidError(f"{path} cannot be read: {error.strerror}.") from None


def counted(number: float) -> str:
    """Give a whole number with commas."""
    return f"{number:,.0f}"


class Bar:
    """How far a plan is: one line that is written over at a terminal, one line per stage elsewhere."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._stage = ""
        self._width = 0

    def show(self, found: "Progress") -> None:
        """Show the best so far."""
        if not self._terminal and found.stage == self._stage:
            return
        self._stage = found.stage
        needs = found.placed + found.owed
        full = round(BAR * found.placed / needs) if needs else 0
        words = (
            f"[{'#' * full}{'.' * (BAR - full)}] {counted(found.placed)} of {counted(needs)} placed, "
            f"{counted(found.on_time)} on time, at most {counted(found.bound)} can be; {found.stage}"
        )
        if self._terminal:
            click.echo("\r" + words.ljust(self._width), nl=False, err=True)
            self._width = len(words)
        else:
            click.echo(words, err=True)

    def close(self) -> None:
        """End the line."""
        if self._terminal and self._width:
            click.echo(err=True)


@contextlib.contextmanager
def until_stopped(seconds: float | None) -> Iterator[Callable[[], bool]]:
    """Give a function that says when to stop: after `seconds`, or once Ctrl-C was pressed; twice ends everything."""
    pressed: list[int] = []
    deadline = None if seconds is None else monotonic() + seconds

    def press(number: int, _frame: Any) -> None:
        if pressed:
            raise KeyboardInterrupt
        pressed.append(number)
        click.echo("\nStopping with the best plan so far; Ctrl-C again ends without one.", err=True)

    before = signal.signal(signal.SIGINT, press)
    try:
        yield lambda: bool(pressed) or (deadline is not None and monotonic() > deadline)
    finally:
        signal.signal(signal.SIGINT, before)
